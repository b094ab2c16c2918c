//! Evaluating predicates allocates nothing once the scratch memory has grown.

mod support;

use bumpalo::Bump;
use kiln_test_support::allocations::{self, Counting};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rule_compiler::lower::lower;
use rule_lang::condition::Test;
use rule_runtime::event::{Event, Slot, SlotTree};
use rule_runtime::matcher::{Predicate, Scratch};
use rule_runtime::reader::read_line;
use support::PATHS;

#[global_allocator]
static COUNTING: Counting = Counting;

fn samples<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>, count: usize) -> Vec<T> {
    (0..count).map(|_| strategy.new_tree(runner).expect("a value").current()).collect()
}

#[test]
fn nothing_is_allocated_after_the_first_pass() {
    let mut runner = TestRunner::deterministic();
    let events = samples(&mut runner, &support::event(), 100);
    let mut tests: Vec<Test> = samples(&mut runner, &support::field_compare(), 200);
    tests.extend(samples(&mut runner, &support::field_in(), 100));
    tests.extend(samples(&mut runner, &support::like(), 200));
    tests.extend(samples(&mut runner, &support::expression(), 1_000));
    tests.extend(samples(&mut runner, &support::regexes(), 20));

    let arena = Bump::new();
    let slot = |path: &str| Slot(PATHS.iter().position(|known| *known == path).expect("a known path") as u16);
    let lower = |test| lower(test, &mut |path| slot(path), &arena).ok();
    let predicates: Vec<Predicate<'_>> = tests.iter().filter_map(lower).collect();
    assert!(predicates.len() > 1_400);

    let tree = SlotTree::build(&PATHS).expect("distinct paths");
    let mut event = Event::with_slots(PATHS.len());
    let mut scratch = Scratch::new();
    let mut pass = || {
        let mut holds = 0;
        for text in &events {
            read_line(&tree.as_ref(), text.as_bytes(), &mut event).expect("a JSON object");
            scratch.next_event();
            let view = event.view(text.as_bytes());
            holds += predicates.iter().filter(|predicate| predicate.eval(view, &mut scratch)).count();
        }
        holds
    };
    let first = pass();
    let before = allocations::count();
    let second = pass();
    assert_eq!(allocations::count(), before);
    assert_eq!(first, second);
    assert!(first > 1_000, "only {first} hold");
}
