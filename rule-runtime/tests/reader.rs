//! Every reader against `serde_json`, over real events and over broken ones.

mod support;

use rule_runtime::event::{Event, OwnedSlotTree, SlotTree};
use rule_runtime::reader::read_line;
use support::{Random, collect, events, reference, rule_fields};

fn build(paths: &[String]) -> OwnedSlotTree {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    SlotTree::build(&paths).expect("distinct paths")
}

fn some_fields() -> Vec<String> {
    let fields =
        ["event.category", "event.type", "host.os.type", "process.args", "process.name", "a", "a.b", "b"];
    fields.map(str::to_owned).into()
}

fn quote(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(2000)]).into_owned()
}

fn same_as_reference(paths: &[String], tree: &SlotTree<'_>, event: &mut Event, line: &[u8]) -> bool {
    let expected = reference(paths, line);
    let strict = read_line(tree, line, event).is_ok().then(|| collect(tree, event.view(line)));
    assert_eq!(strict, expected, "{}", quote(line));
    expected.is_some()
}

#[test]
fn corpus_events_have_the_same_values() {
    let (Some(paths), Some(text)) = (rule_fields(), events("corpus/events")) else { return };
    assert!(paths.len() > 150, "only {} fields found in the rules", paths.len());
    let owned = build(&paths);
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let count = lines.filter(|line| same_as_reference(&paths, &tree, &mut event, line)).count();
    assert_eq!(count, 30_208);
}

#[test]
fn runs_of_backslashes_at_every_offset() {
    let paths = some_fields();
    let owned = build(&paths);
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    let mut good = 0;
    for run in 1..=130 {
        for offset in 0..64 {
            let before = "x".repeat(offset);
            let run = "\\".repeat(run);
            for tail in ["", "u0061", "\"", "n", "\",\"b\":\"2"] {
                let line = format!(r#"{{"x":"{before}","a":"{run}{tail}","b":1}}"#);
                good += usize::from(same_as_reference(&paths, &tree, &mut event, line.as_bytes()));
            }
        }
    }
    assert!(good > 15_000, "{good}");
}

/// A sound line that holds a bit of everything.
const SEED: &str = r#"{"@timestamp":"2024-01-01T00:00:00Z","event":{"category":["process","file"],"type":"start"},"host.os":{"type":"linux"},"process":{"args":["a\"b","\\","c\u0061d",7,true,null,[1.5e3]],"name":"\u00e9t\u00e9 ü","x":{"y":[{"z":"}{"}]}},"a":[{"b":1},{"b":[2,{}]}],"a.b":-0.0,"b":"C:\\Windows\\\\x\/","\u0062":3}"#;

#[test]
fn broken_lines_have_the_same_fate() {
    let paths = some_fields();
    let owned = build(&paths);
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    let mut random = Random(7);
    let mut fates = [0; 2];
    for end in 0..=SEED.len() {
        same_as_reference(&paths, &tree, &mut event, &SEED.as_bytes()[..end]);
    }
    for _ in 0..60_000 {
        let mut line = SEED.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            mutate(&mut line, &mut random);
        }
        fates[usize::from(same_as_reference(&paths, &tree, &mut event, &line))] += 1;
    }
    assert!(fates.iter().all(|&count| count > 3_000), "{fates:?}");
}

fn mutate(line: &mut Vec<u8>, random: &mut Random) {
    const BYTES: &[u8] = b"\"\\{}[],: \tu0\x01\x80\xC3-.e1n";
    let at = random.below(line.len());
    let byte = BYTES[random.below(BYTES.len())];
    match random.below(5) {
        0 => line[at] = byte,
        1 => line[at] ^= 1 << random.below(8),
        2 => line.insert(at, byte),
        3 => drop(line.remove(at)),
        _ => {
            let piece: Vec<u8> = line[at..line.len().min(at + random.below(40))].to_vec();
            let to = random.below(line.len());
            line.splice(to..to, piece);
        }
    }
}
