//! Elasticsearch's EQL test suite through the reference evaluator: events, their order and join keys.

#![allow(clippy::print_stdout, reason = "the table is what the test is run for")]

use kiln_test_support::conformance;

#[test]
fn all_runnable_cases_pass() {
    let Some(suites) = conformance::load() else {
        println!("skipped: the conformance data is not there");
        return;
    };
    let mut failures = Vec::new();
    println!("{:<40} {:>7} {:>7} {:>7}", "file", "passed", "skipped", "failed");
    for suite in &suites {
        let events = suite.parsed_events();
        let (mut passed, mut skipped, mut failed) = (0, 0, 0);
        for case in &suite.cases {
            if case.skip.is_some() {
                skipped += 1;
            } else if let Err(problem) = suite.by_meaning(case, &events) {
                failed += 1;
                failures.push(format!("{} {}: {problem}\n{}", suite.name, case.name, case.query));
            } else {
                passed += 1;
            }
        }
        println!("{:<40} {passed:>7} {skipped:>7} {failed:>7}", suite.name);
    }
    assert!(failures.is_empty(), "{} failed\n\n{}", failures.len(), failures.join("\n\n"));
}
