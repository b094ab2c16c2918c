//! Rules with exception lists through the reference evaluator and through compiled code.

use std::fs;

use bumpalo::Bump;
use kiln::RuleSet;
use kiln_compiled_tests::{batch, exceptions};
use kiln_test_support::exceptions as cases;
use rule_compiler::plan::{PlanOptions, plan};
use rule_compiler::ruleset::{inputs, load_again};
use rule_lang::exception::Clock;
use rule_lang::meaning::{Event, RunOptions, run};
use rule_lang::ruleset::{self, Extras, Options};
use rule_lang::schema;

/// The lists of the folder.
fn lists() -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(cases::folder().join("lists")).expect("the folder is there");
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("a readable entry").path();
        let bytes = fs::read(&path).expect("a readable file");
        (path.to_string_lossy().into_owned(), bytes)
    };
    entries.map(read).collect()
}

/// The rules of all cases, as they are loaded at start.
fn load(cases: &[cases::Case]) -> ruleset::RuleSet {
    let rules = [("cases.ndjson".to_owned(), cases::export(cases).into_bytes())];
    let extras = Extras { exceptions: lists(), clock: Clock::system(false), ..Extras::default() };
    ruleset::load_with(rules, extras, &Options { schema: schema::builtin(), strict: false })
}

#[test]
fn both_find_what_is_left() {
    let cases = cases::load();
    let loaded = load(&cases);
    let findings: Vec<_> = loaded.diagnostics.iter().map(|finding| finding.code.0).collect();
    assert_eq!(findings, ["W0505", "W0905"], "a list that is not given, and an item that has ended");
    assert_eq!(loaded.rules.len(), cases.len());
    let mut failures = Vec::new();
    for (number, (case, checked)) in cases.iter().zip(&loaded.rules).enumerate() {
        let events: Vec<_> =
            case.query.events.iter().map(|text| Event::from_json(text).expect("an event")).collect();
        let reference = run(&checked.query, &events, &RunOptions::default());
        let reference: Vec<_> = reference.into_iter().map(|hit| hit.events).collect();
        let compiled = &batch::run(exceptions::set(), &case.query.events, None, 1)[number];
        let compiled: Vec<_> = compiled.iter().map(|hit| hit.events.clone()).collect();
        for (engine, found) in [("meaning", reference), ("compiled", compiled)] {
            if found != case.query.hits {
                let expected = &case.query.hits;
                failures
                    .push(format!("{} by {engine}: expected {expected:?}, got {found:?}", case.query.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases.len() >= 20);
}

/// A set that was compiled without lists, planned again with them when the program starts.
#[test]
fn a_compiled_set_takes_exceptions_at_start() {
    let cases = cases::load();
    let extras = Extras { exceptions: lists(), clock: Clock::system(false), ..Extras::default() };
    let rules = load_again(exceptions::files(), extras);
    assert_eq!(rules.rules.len(), cases.len());
    let arena = Bump::new();
    let plan = plan(&inputs(&rules, &arena), &PlanOptions::default(), &arena);
    assert!(plan.refused.is_empty());
    let mut excepted = 0;
    for (number, case) in cases.iter().enumerate() {
        let found = |set: &RuleSet<'_>| {
            let found = batch::run(set, &case.query.events, None, 1);
            found[number].iter().map(|hit| hit.events.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found(&plan.set), case.query.hits, "{}", case.query.name);
        excepted += usize::from(found(exceptions::bare()) != case.query.hits);
    }
    assert!(excepted >= 20, "{excepted} cases except something");
}
