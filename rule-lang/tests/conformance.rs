//! Elasticsearch's EQL test suite through the reference evaluator: events, their order and join keys.

#![allow(clippy::print_stdout, reason = "the table is what the test is run for")]

use kiln_test_support::conformance::{self, Case, Suite};
use rule_lang::check::{CheckOptions, check};
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{Event, Hit, KeyValue, Scalar, run};
use rule_lang::source::FileId;

#[test]
fn all_runnable_cases_pass() {
    let Some(suites) = conformance::load() else {
        println!("skipped: the conformance data is not there");
        return;
    };
    let mut failures = Vec::new();
    println!("{:<40} {:>7} {:>7} {:>7}", "file", "passed", "skipped", "failed");
    for suite in &suites {
        let events: Vec<_> = suite.events.iter().map(|text| Event::from_json(text).unwrap()).collect();
        let (mut passed, mut skipped, mut failed) = (0, 0, 0);
        for case in &suite.cases {
            if case.skip.is_some() {
                skipped += 1;
            } else if let Err(problem) = run_case(suite, case, &events) {
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

fn run_case(suite: &Suite, case: &Case, events: &[Event]) -> Result<(), String> {
    let query = checked(suite, case)?;
    let mut hits = run(&query, events, &suite.options(case));
    hits.truncate(case.size);
    let ids: Vec<_> = hits.iter().flat_map(|hit| ids(suite, hit, events)).collect();
    if !case.expected.contains(&ids) {
        return Err(format!("expected {:?}, got {ids:?}", case.expected));
    }
    let is_sample = matches!(query.kind, QueryKind::Sample(_));
    let keys: Vec<_> = hits.iter().flat_map(|hit| &hit.keys).map(|key| key_text(key, is_sample)).collect();
    if !case.join_keys.is_empty() && case.join_keys != keys {
        return Err(format!("expected keys {:?}, got {keys:?}", case.join_keys));
    }
    Ok(())
}

fn checked(suite: &Suite, case: &Case) -> Result<Query, String> {
    let options = CheckOptions { category_field: suite.category_field, ..CheckOptions::new(&suite.schema) };
    let ast =
        rule_lang::eql::parse(&case.query, FileId(0)).map_err(|diagnostics| format!("{diagnostics:?}"))?;
    let checked = check(&ast, &options, FileId(0));
    checked.query.ok_or_else(|| format!("{:?}", checked.diagnostics))
}

fn ids(suite: &Suite, hit: &Hit, events: &[Event]) -> Vec<i64> {
    let id = |index: usize| match events[index].values(suite.id_field)[..] {
        [Scalar::Number(id)] => id.parse().unwrap(),
        _ => panic!("event {index} has no {}", suite.id_field),
    };
    hit.events.iter().map(|event| event.map_or(-1, id)).collect()
}

/// Dates are ISO 8601 in sequences and epoch milliseconds in samples.
fn key_text(key: &KeyValue, is_sample: bool) -> String {
    match key {
        KeyValue::Date(nanos) if is_sample => (nanos / 1_000_000).to_string(),
        _ => key.to_string(),
    }
}
