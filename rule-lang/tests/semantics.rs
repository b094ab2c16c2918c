//! The tables of `tests/semantics` through the reference evaluator.

use kiln_test_support::semantics;
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{Event, RunOptions, holds, run};
use rule_lang::rule::Language;
use rule_lang::ruleset::{Options, read_query};
use rule_lang::schema::Schema;
use rule_lang::source::FileId;

fn checked(query: &str, schema: &Schema) -> Result<Query, String> {
    let (checked, diagnostics) =
        read_query(query, Language::Eql, FileId(0), None, &Options { schema, strict: false });
    checked.map(|(_, query)| query).ok_or_else(|| format!("{diagnostics:?}"))
}

fn events(texts: &[String]) -> Vec<Event> {
    texts
        .iter()
        .map(|text| Event::from_json(text).unwrap_or_else(|error| panic!("{text}: {error}")))
        .collect()
}

fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn conditions_hold_as_expected() {
    let mut failures = Vec::new();
    for group in semantics::load().0 {
        let events = events(&group.events);
        for row in &group.rows {
            let place = format!("{}: {}", group.name, row.condition);
            match group.checked(row) {
                Ok(Query { kind: QueryKind::Event(filter), .. }) => {
                    let got: Vec<_> = events.iter().map(|event| holds(&filter.condition, event)).collect();
                    if got != row.expected {
                        failures.push(format!("{place}: expected {:?}, got {got:?}", row.expected));
                    }
                }
                Ok(other) => failures.push(format!("{place}: {other:?}")),
                Err(problem) => failures.push(format!("{place}: {problem}")),
            }
        }
    }
    report(&failures);
}

#[test]
fn queries_find_what_is_expected() {
    let mut failures = Vec::new();
    for case in semantics::load().1 {
        let query = match checked(&case.query, &case.schema) {
            Ok(query) => query,
            Err(problem) => {
                failures.push(format!("{}: {problem}", case.name));
                continue;
            }
        };
        let options = RunOptions { max_samples_per_key: case.max_samples_per_key, ..RunOptions::default() };
        let hits = run(&query, &events(&case.events), &options);
        let found: Vec<_> = hits.iter().map(|hit| hit.events.clone()).collect();
        if found != case.hits {
            failures.push(format!("{}: expected {:?}, got {found:?}", case.name, case.hits));
        }
        if let Some(expected) = &case.keys {
            let keys: Vec<Vec<_>> =
                hits.iter().map(|hit| hit.keys.iter().map(ToString::to_string).collect()).collect();
            if *expected != keys {
                failures.push(format!("{}: expected keys {expected:?}, got {keys:?}", case.name));
            }
        }
    }
    report(&failures);
}
