//! Elasticsearch's EQL test suite through compiled code and through the reference evaluator: events, their order and
//! join keys. What both pass is listed in `docs/conformance.md`; `UPDATE_DOCS=1` writes that page anew.

#![allow(clippy::print_stdout, reason = "the table is what the test is run for")]

use std::fmt::Write as _;
use std::fs;

use kiln::RuleKind;
use kiln_compiled_tests::batch::{self, Hit};
use kiln_test_support::conformance::{self, Case, Suite};
use kiln_test_support::shared::workspace;
use rule_lang::meaning::Event;

/// How the cases of a suite went.
struct Tally<'s> {
    suite: &'s Suite,
    meaning: usize,
    compiled: usize,
    /// Cases that one of both does not pass.
    failed: usize,
}

#[test]
fn all_runnable_cases_pass_and_the_page_says_so() {
    let Some(suites) = conformance::load() else {
        println!("skipped: the conformance data is not there");
        return;
    };
    let sets = kiln_compiled_tests::conformance::sets();
    assert_eq!(sets.len(), suites.len(), "every suite is compiled");
    let mut failures = Vec::new();
    let tallies: Vec<_> =
        suites.iter().zip(sets).map(|(suite, set)| run_suite(suite, set, &mut failures)).collect();
    let page = page(&tallies);
    println!("{page}");
    assert!(failures.is_empty(), "{} failed\n\n{}", failures.len(), failures.join("\n\n"));
    let path = workspace().join("docs/conformance.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let current = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert!(current == page, "docs/conformance.md is not current; UPDATE_DOCS=1 writes it anew");
}

fn run_suite<'s>(suite: &'s Suite, set: &kiln::RuleSet<'_>, failures: &mut Vec<String>) -> Tally<'s> {
    let events = suite.parsed_events();
    let mut tally = Tally { suite, meaning: 0, compiled: 0, failed: 0 };
    for case in suite.cases.iter().filter(|case| case.skip.is_none()) {
        let results = [suite.by_meaning(case, &events), by_compiled(suite, case, set, &events)];
        tally.meaning += usize::from(results[0].is_ok());
        tally.compiled += usize::from(results[1].is_ok());
        tally.failed += usize::from(results.iter().any(Result::is_err));
        for (engine, result) in ["meaning", "compiled"].iter().zip(results) {
            if let Err(problem) = result {
                failures.push(format!("{} {} by {engine}: {problem}\n{}", suite.name, case.name, case.query));
            }
        }
    }
    tally
}

fn by_compiled(suite: &Suite, case: &Case, set: &kiln::RuleSet<'_>, events: &[Event]) -> Result<(), String> {
    let name = format!("Case {}: {}", suite.name, case.name);
    let rule = set.rules.iter().position(|rule| rule.info.name == name).ok_or("it is not compiled")?;
    let mut hits =
        batch::run(set, &suite.events, suite.tiebreaker_field, case.max_samples_per_key).swap_remove(rule);
    hits.truncate(case.size);
    let id = |event: &Option<usize>| event.map_or(-1, |index| suite.id_of(&events[index]));
    let ids: Vec<_> = hits.iter().flat_map(|hit| hit.events.iter().map(id)).collect();
    let is_sample = set.rules[rule].kind == RuleKind::Sample;
    let keys: Vec<_> = hits.iter().flat_map(|hit| keys(hit, is_sample)).collect();
    case.judge(&ids, &keys)
}

/// Dates are ISO 8601 in sequences and epoch milliseconds in samples.
fn keys(hit: &Hit, is_sample: bool) -> Vec<String> {
    let text = |(text, millis): (&String, &Option<i64>)| match millis {
        Some(millis) if is_sample => millis.to_string(),
        _ => text.clone(),
    };
    hit.keys.iter().zip(&hit.key_millis).map(text).collect()
}

const HEAD: &str = "\
# Conformance

Kiln gives EQL the meaning it has in Elasticsearch. Elasticsearch's own test suite for EQL says what that is: queries over
given documents, with the documents that each must find, in order, and the join keys of sequences and samples. Every case
runs through both engines of Kiln, the reference evaluator and the code that `ruleset!` writes, and both have to give
exactly what the suite expects.

The suite is not part of this repository. With it beside the workspace, `cargo test -p kiln-compiled-tests` runs it and
fails if this page is not current; `UPDATE_DOCS=1` writes the page anew.

| file | cases | passed by the reference | passed by compiled code | skipped | failed |
| --- | --: | --: | --: | --: | --: |
";

const SKIPPED: &str = "
## Skipped cases

These need something that only an index has.

| file | case | why |
| --- | --- | --- |
";

fn page(tallies: &[Tally<'_>]) -> String {
    let mut page = HEAD.to_owned();
    let mut skipped = SKIPPED.to_owned();
    let mut totals = [0; 5];
    let row = |page: &mut String, name: &str, counts: [usize; 5]| {
        let cells = counts.map(|count| count.to_string()).join(" | ");
        writeln!(page, "| {name} | {cells} |").expect("writing to a String does not fail");
    };
    for Tally { suite, meaning, compiled, failed } in tallies {
        let cases = suite.cases.len();
        let left_out = suite.cases.iter().filter_map(|case| Some((case, case.skip?)));
        let counts = [cases, *meaning, *compiled, left_out.clone().count(), *failed];
        row(&mut page, &file_name(&suite.name), counts);
        totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        for (case, why) in left_out {
            writeln!(skipped, "| {} | `{}` | {why} |", file_name(&suite.name), case.name)
                .expect("writing to a String does not fail");
        }
    }
    row(&mut page, "all", totals);
    page + &skipped
}

/// A suite is named by its file, and by its index where there is more than one.
fn file_name(suite: &str) -> String {
    match suite.split_once(' ') {
        Some((file, index)) => format!("`{file}` {index}"),
        None => format!("`{suite}`"),
    }
}
