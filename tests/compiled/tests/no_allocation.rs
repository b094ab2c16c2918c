//! Nothing is allocated for an event once the buffers have grown: the whole rule corpus over every event of it, and
//! over the documents made to match its rules.

#![allow(clippy::print_stdout, reason = "says what it ran")]

use kiln::sequence::Limits;
use kiln::{EventRef, Matcher, Options};
use kiln_test_support::allocations::{self, Counting};
use kiln_test_support::corpus;

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn no_event_makes_the_corpus_allocate() {
    let (Some(set), Some(files), Some(generated)) =
        (kiln_compiled_tests::corpus::set(), corpus::event_files(), corpus::generated_matches())
    else {
        println!("skipped: the corpus is not there");
        return;
    };
    let real = files.iter().flat_map(|file| corpus::events(file));
    let lines: Vec<_> = real.chain(generated.into_iter().flat_map(|case| case.documents)).collect();
    let later: Vec<_> = lines.iter().map(|line| allocations::later(line)).collect();
    let options = Options { sequences: Limits::with_pending(100_000), ..Options::default() };
    let mut matcher = Matcher::with_options(set, options);
    let mut results = |line: &String| {
        let outcome = matcher.json(line.as_bytes(), EventRef(0)).expect("events are JSON");
        (outcome.rules().len(), outcome.groups().len())
    };
    let warm: Vec<_> = lines.iter().map(&mut results).collect();
    let mut fired = 0;
    for (number, line) in later.iter().enumerate() {
        let before = allocations::count();
        let (rules, groups) = results(line);
        let count = allocations::count() - before;
        assert_eq!(count, 0, "{count} allocations for event {number}");
        assert_eq!(rules, warm[number].0, "event {number}");
        fired += rules + groups;
    }
    println!("{} events, {} rules, {fired} results", lines.len(), set.rules.len());
    assert!(lines.len() > 30_000 && fired > 5_000, "{} events, {fired} results", lines.len());
}
