use super::*;

#[test]
fn every_spelling_is_a_key_of_its_node() {
    let owned = SlotTree::build(&["a.b.c", "a.b", "x"]).unwrap();
    let tree = owned.as_ref();
    let key = |node, text: &str| tree.find(node, text.as_bytes()).copied();
    let whole = key(ROOT, "a.b.c").unwrap();
    assert_eq!((whole.slot(), whole.node), (Some(Slot(0)), NONE));
    let both = key(ROOT, "a.b").unwrap();
    assert_eq!(both.slot(), Some(Slot(1)));
    let a = key(ROOT, "a").unwrap().node;
    assert_eq!(key(a, "b").unwrap().node, both.node);
    assert_eq!(key(a, "b.c").unwrap().slot(), Some(Slot(0)));
    assert_eq!(key(both.node, "c").unwrap().slot(), Some(Slot(0)));
    assert_eq!(key(ROOT, "b"), None);
    assert_eq!(key(a, "a"), None);
    assert_eq!(tree.reach_of(a), [0b011]);
    assert_eq!(tree.reach_of(ROOT), [0b111]);
}

#[test]
fn long_names_are_told_apart_in_the_middle() {
    let owned = SlotTree::build(&["aaaaaaaa-one-zzzzzzzz", "aaaaaaaa-two-zzzzzzzz"]).unwrap();
    let tree = owned.as_ref();
    assert_eq!(tree.slot_of("aaaaaaaa-one-zzzzzzzz"), Some(Slot(0)));
    assert_eq!(tree.slot_of("aaaaaaaa-two-zzzzzzzz"), Some(Slot(1)));
    assert_eq!(tree.slot_of("aaaaaaaa-six-zzzzzzzz"), None);
}

#[test]
fn a_path_named_twice_is_an_error() {
    assert_eq!(SlotTree::build(&["a.b", "a.b"]).unwrap_err(), SlotTreeError::Duplicate("a.b".into()));
}

#[test]
fn no_paths_make_an_empty_tree() {
    let owned = SlotTree::build(&[]).unwrap();
    assert_eq!(owned.as_ref().slot_of("a"), None);
    assert_eq!(owned.as_ref().slots(), 0);
}

#[test]
fn dispatch_marks_the_nodes_above() {
    let owned = SlotTreeBuilder::new(&["a.b", "c.d"]).dispatch(&[Slot(1)]).build().unwrap();
    let tree = owned.as_ref();
    let node = |name: &str| tree.nodes[usize::from(tree.find(ROOT, name.as_bytes()).unwrap().node)];
    assert!(!node("a").dispatch);
    assert!(node("c").dispatch);
}

#[test]
fn a_slot_holds_none_one_or_many_and_forgets_them() {
    let mut event = Event::with_slots(70);
    event.push_text(Slot(69), "one");
    event.push_number(Slot(69), format_args!("{}", 2));
    event.push_bool(Slot(3), true);
    let view = event.view(b"");
    let values: Vec<_> = view.values(Slot(69)).collect();
    assert_eq!(values, [Scalar::Text(b"one"), Scalar::Number(b"2")]);
    assert_eq!(view.first(Slot(3)), Some(Scalar::Bool(true)));
    assert_eq!(view.present(), [0b1000, 1 << 5]);
    assert!(!view.has(Slot(4)));
    assert!(!view.has(Slot(700)));
    event.clear();
    assert_eq!(event.view(b"").values(Slot(69)).count(), 0);
    event.push_bool(Slot(69), false);
    assert_eq!(event.view(b"").values(Slot(69)).count(), 1);
}

#[test]
fn tails_of_keys_are_cut_out_of_the_text_before_their_quote() {
    for key in ["", "a", "ab", "abcde", "abcdef", "abcdefg", "abcdefgh", "abc.abcdefgh"] {
        for before in ["{      ", ",,,,,,,,", "\"\"\"\"\"\"\"", "\\\\\\\\\\\\\\"] {
            let text = format!("{before}\"{key}\"");
            let bytes = u64::from_le_bytes(*text.as_bytes().last_chunk().unwrap());
            assert_eq!(tail_before_quote(bytes), super::tree::last_seven(key.as_bytes()), "{text}");
        }
    }
}

#[test]
fn unknown_keys_mostly_meet_a_free_bucket() {
    let paths: Vec<String> = (0..200).map(|number| format!("some.field{number}.x")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let owned = SlotTree::build(&paths).unwrap();
    let tree = owned.as_ref();
    let taken = |number: u32| {
        let tail = super::tree::last_seven(format!("other{number}").as_bytes());
        let table = tree.table(ROOT);
        table.key(table.start(tail)).is_some()
    };
    let taken = (0..1000).filter(|&number| taken(number)).count();
    assert!(taken < 250, "{taken}");
}
