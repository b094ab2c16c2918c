use super::*;

/// Values by slot.
struct Fields(Vec<Vec<Scalar<'static>>>);

impl KeySource for Fields {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        self.0[usize::from(slot.0)].iter().for_each(|&value| visit(value));
    }
}

const LIMITS: KeyLimits = KeyLimits { keys: 16, bytes: 64 };

fn part(slot: u16, optional: bool, kind: KeyKind) -> KeyDef {
    KeyDef { slot: Some(Slot(slot)), optional, kind }
}

/// The keys, each as its values joined by `/`, and how many were dropped.
fn keys(defs: &[KeyDef], fields: Vec<Vec<Scalar<'static>>>) -> (Vec<String>, u64) {
    let mut out = Vec::new();
    let dropped = KeyBuilder::new().keys(defs, &Fields(fields), LIMITS, |key| {
        assert!(is_key(key, defs.len()));
        assert!(!is_key(key, defs.len() + 1));
        out.push(Key::new(key).values().map(|value| value.to_string()).collect::<Vec<_>>().join("/"));
    });
    (out, dropped)
}

fn one(kind: KeyKind, value: Scalar<'static>) -> Vec<u8> {
    let mut out = Vec::new();
    KeyBuilder::new()
        .keys(&[part(0, false, kind)], &Fields(vec![vec![value]]), LIMITS, |key| out = key.to_vec());
    out
}

fn text(text: &'static str) -> Scalar<'static> {
    Scalar::Text(text.as_bytes())
}

fn number(text: &'static str) -> Scalar<'static> {
    Scalar::Number(text.as_bytes())
}

#[test]
fn equality_is_that_of_the_kind() {
    let equal = [
        (KeyKind::Text, text("1"), number("1")),
        (KeyKind::Text, text("true"), Scalar::Bool(true)),
        (KeyKind::Number, text("1"), number("1.0")),
        (KeyKind::Number, number("100"), number("1e2")),
        (KeyKind::Boolean, text("false"), Scalar::Bool(false)),
        (KeyKind::Ip, text("10.0.0.1"), text("::ffff:10.0.0.1")),
        (KeyKind::Ip, text("fe80::1"), text("FE80:0:0:0:0:0:0:1")),
        (KeyKind::Date, text("1970-01-02T00:00:00Z"), number("86400000")),
        (KeyKind::Any, number("1"), number("1.0")),
    ];
    for (kind, a, b) in equal {
        assert_eq!(one(kind, a), one(kind, b), "{kind:?} {a:?} {b:?}");
        assert!(!one(kind, a).is_empty());
    }
    let different = [
        (KeyKind::Text, text("x"), text("X")),
        (KeyKind::Text, number("1"), number("1.0")),
        (KeyKind::Number, number("9007199254740993"), number("9007199254740992")),
        (KeyKind::Ip, text("10.0.0.1"), text("10.0.0.2")),
        (KeyKind::Any, text("1"), number("1")),
        (KeyKind::Any, text("true"), Scalar::Bool(true)),
    ];
    for (kind, a, b) in different {
        assert_ne!(one(kind, a), one(kind, b), "{kind:?} {a:?} {b:?}");
    }
}

#[test]
fn a_value_that_is_none_of_the_kind_is_no_value() {
    let all = [
        (KeyKind::Number, text("one")),
        (KeyKind::Number, Scalar::Bool(true)),
        (KeyKind::Boolean, number("1")),
        (KeyKind::Ip, text("10.0.0.300")),
        (KeyKind::Date, text("soon")),
    ];
    for (kind, value) in all {
        assert_eq!(one(kind, value), b"", "{kind:?} {value:?}");
        assert_eq!(keys(&[part(0, true, kind)], vec![vec![value]]).0, ["null"]);
    }
}

#[test]
fn a_plain_key_skips_and_an_optional_one_is_null() {
    assert_eq!(keys(&[part(0, false, KeyKind::Text)], vec![vec![]]), (vec![], 0));
    assert_eq!(keys(&[part(0, true, KeyKind::Text)], vec![vec![]]), (vec!["null".into()], 0));
    let absent = KeyDef { slot: None, optional: true, kind: KeyKind::Any };
    assert_eq!(keys(&[absent], vec![]), (vec!["null".into()], 0));
    assert_eq!(keys(&[], vec![]), (vec![String::new()], 0));
}

#[test]
fn several_values_give_distinct_keys_in_order() {
    let tags = vec![text("tag5"), text("b"), text("tag1"), text("tag5")];
    assert_eq!(keys(&[part(0, false, KeyKind::Text)], vec![tags]).0, ["b", "tag1", "tag5"]);
    let pids = vec![number("10"), number("9"), number("-1"), number("9.0")];
    assert_eq!(keys(&[part(0, false, KeyKind::Number)], vec![pids]).0, ["-1", "9", "10"]);
}

#[test]
fn several_fields_give_their_product() {
    let defs =
        [part(0, false, KeyKind::Text), part(1, true, KeyKind::Number), part(2, false, KeyKind::Boolean)];
    let fields = vec![vec![text("b"), text("a")], vec![number("2"), number("1")], vec![Scalar::Bool(true)]];
    assert_eq!(keys(&defs, fields).0, ["a/1/true", "a/2/true", "b/1/true", "b/2/true"]);
}

#[test]
fn too_many_and_too_long_keys_are_counted() {
    let many: Vec<Scalar<'static>> = ["a", "b", "c", "d", "e"].into_iter().map(text).collect();
    let defs = [part(0, false, KeyKind::Text), part(1, false, KeyKind::Text)];
    let (found, dropped) = keys(&defs, vec![many.clone(), many]);
    assert_eq!((found.len(), dropped), (16, 9));
    let long = "x".repeat(80).leak();
    assert_eq!(
        keys(&[part(0, false, KeyKind::Text)], vec![vec![text(long), text("y")]]),
        (vec!["y".into()], 1)
    );
}

#[test]
fn keys_compare_by_value() {
    let kinds = [part(0, true, KeyKind::Text), part(1, false, KeyKind::Number)];
    let key = |a: Option<&'static str>, b: &'static str| {
        let mut out = Vec::new();
        let fields = Fields(vec![a.map(text).into_iter().collect(), vec![number(b)]]);
        KeyBuilder::new().keys(&kinds, &fields, LIMITS, |key| out = key.to_vec());
        out
    };
    let sorted = [key(None, "5"), key(Some("aa"), "-7"), key(Some("aa"), "10"), key(Some("b"), "2")];
    for pair in sorted.windows(2) {
        assert_eq!(compare(&pair[0], &pair[1]), Ordering::Less);
        assert_eq!(compare(&pair[1], &pair[0]), Ordering::Greater);
        assert_eq!(compare(&pair[0], &pair[0]), Ordering::Equal);
    }
}

#[test]
fn values_read_as_elasticsearch_prints_them() {
    let shown = |kind, value| Key::new(&one(kind, value)).values().next().unwrap().to_string();
    assert_eq!(shown(KeyKind::Date, number("0")), "1970-01-01T00:00:00.000Z");
    assert_eq!(shown(KeyKind::Ip, text("::ffff:10.0.0.1")), "10.0.0.1");
    assert_eq!(shown(KeyKind::Number, number("1234.0")), "1234");
    assert_eq!(shown(KeyKind::Boolean, Scalar::Bool(true)), "true");
}
