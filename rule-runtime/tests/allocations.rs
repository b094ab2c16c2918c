//! Nothing is allocated for an event once the buffers have grown.

mod support;

use kiln_test_support::allocations::{self, Counting};
use rule_runtime::event::{Event, SlotTree};
use rule_runtime::reader::{BlockReader, read_line};
use support::{events, rule_fields};

#[global_allocator]
static COUNTING: Counting = Counting;

/// Lines with everything that needs memory of its own: escapes in values and keys, arrays, nesting, mistakes.
const LINES: &str = r#"{"process":{"name":"a\nb","args":["1","2",3,[[{"x":1}]],"\u0041"]}}
{"pro\u0063ess":{"n\u0061me":"\\","args":[]},"process.name":"x","event":{"category":["a","b","c"]}}
{"process":{"name":"open}
{"a":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]],"event":{"category":7}}
"#;

#[test]
fn reading_allocates_nothing_after_the_first_pass() {
    let mut paths = rule_fields().unwrap_or_default();
    paths.extend(["a", "event.category", "process.args", "process.name"].map(str::to_owned));
    paths.sort();
    paths.dedup();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let owned = SlotTree::build(&paths).expect("distinct paths");
    let tree = owned.as_ref();
    let mut text = events("corpus/events").unwrap_or_default();
    text.extend_from_slice(LINES.as_bytes());
    let mut event = Event::with_slots(tree.slots());

    let mut strict = || {
        text.split(|&byte| byte == b'\n').filter(|line| read_line(&tree, line, &mut event).is_ok()).count()
    };
    assert_no_allocations("strict", &mut strict);
    for (name, mut reader) in BlockReader::all() {
        assert_no_allocations(&name, &mut || {
            let mut good = 0;
            let mut lines = reader.lines(&text);
            while lines.next_line().is_some() {
                good += usize::from(lines.read(&tree, &mut event).is_ok());
                let early = lines.read_dispatch(&tree, &mut event);
                good += usize::from(early.is_ok() && lines.read_rest(&tree, &mut event, &[]).is_ok());
            }
            good
        });
    }
}

fn assert_no_allocations(name: &str, pass: &mut dyn FnMut() -> usize) {
    let good = pass();
    let before = allocations::count();
    assert_eq!(pass(), good);
    assert_eq!(allocations::count() - before, 0, "{name}");
    assert!(good >= 2, "{name}");
}
