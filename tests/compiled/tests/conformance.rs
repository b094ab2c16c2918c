//! Elasticsearch's EQL test suite through compiled code: events, their order and join keys.

#![allow(clippy::print_stdout, reason = "the table is what the test is run for")]

use kiln::RuleKind;
use kiln_compiled_tests::batch::{self, Hit};
use kiln_test_support::conformance::{self, Case, Suite};

#[test]
fn all_runnable_cases_pass() {
    let Some(suites) = conformance::load() else {
        println!("skipped: the conformance data is not there");
        return;
    };
    let sets = kiln_compiled_tests::conformance::sets();
    assert_eq!(sets.len(), suites.len(), "every suite is compiled");
    let mut failures = Vec::new();
    println!("{:<40} {:>7} {:>7} {:>7}", "file", "passed", "skipped", "failed");
    for (suite, set) in suites.iter().zip(sets) {
        let (mut passed, mut failed) = (0, 0);
        for case in suite.cases.iter().filter(|case| case.skip.is_none()) {
            match run_case(suite, case, set) {
                Ok(()) => passed += 1,
                Err(problem) => {
                    failed += 1;
                    failures.push(format!("{} {}: {problem}\n{}", suite.name, case.name, case.query));
                }
            }
        }
        println!("{:<40} {passed:>7} {:>7} {failed:>7}", suite.name, suite.cases.len() - passed - failed);
    }
    assert!(failures.is_empty(), "{} failed\n\n{}", failures.len(), failures.join("\n\n"));
}

fn run_case(suite: &Suite, case: &Case, set: &kiln::RuleSet<'_>) -> Result<(), String> {
    let name = format!("Case {}: {}", suite.name, case.name);
    let rule = set.rules.iter().position(|rule| rule.info.name == name).ok_or("it is not compiled")?;
    let mut hits =
        batch::run(set, &suite.events, suite.tiebreaker_field, case.max_samples_per_key).swap_remove(rule);
    hits.truncate(case.size);
    let ids: Vec<_> = hits.iter().flat_map(|hit| ids(suite, hit)).collect();
    if !case.expected.contains(&ids) {
        return Err(format!("expected {:?}, got {ids:?}", case.expected));
    }
    let is_sample = set.rules[rule].kind == RuleKind::Sample;
    let keys: Vec<_> = hits.iter().flat_map(|hit| keys(hit, is_sample)).collect();
    if !case.join_keys.is_empty() && case.join_keys != keys {
        return Err(format!("expected keys {:?}, got {keys:?}", case.join_keys));
    }
    Ok(())
}

fn ids(suite: &Suite, hit: &Hit) -> Vec<i64> {
    let id = |index: usize| id_of(suite, &suite.events[index]);
    hit.events.iter().map(|event| event.map_or(-1, id)).collect()
}

/// Dates are ISO 8601 in sequences and epoch milliseconds in samples.
fn keys(hit: &Hit, is_sample: bool) -> Vec<String> {
    let text = |(text, millis): (&String, &Option<i64>)| match millis {
        Some(millis) if is_sample => millis.to_string(),
        _ => text.clone(),
    };
    hit.keys.iter().zip(&hit.key_millis).map(text).collect()
}

fn id_of(suite: &Suite, event: &str) -> i64 {
    let event = rule_lang::meaning::Event::from_json(event).expect("events are JSON");
    let value = event.values(suite.id_field)[0].text().parse();
    value.expect("ids are numbers")
}
