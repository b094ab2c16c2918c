//! Documents made to match the rules of the corpus do match them.

#![allow(clippy::print_stdout, reason = "says what it ran")]

use std::collections::BTreeMap;

use kiln_test_support::corpus;
use rule_lang::check::{CheckOptions, check};
use rule_lang::condition::Query;
use rule_lang::meaning::{Event, RunOptions, run};
use rule_lang::schema::Schema;
use rule_lang::source::FileId;

fn checked(query: &str, schema: &Schema) -> Result<Query, String> {
    let options = CheckOptions::new(schema);
    let ast = rule_lang::eql::parse(query, FileId(0)).map_err(|diagnostics| format!("{diagnostics:?}"))?;
    let checked = check(&ast, &options, FileId(0));
    checked.query.ok_or_else(|| format!("{:?}", checked.diagnostics))
}

#[test]
fn every_rule_matches_its_documents() {
    let (Some(rules), Some(cases), Some(schema)) =
        (corpus::eql_rules(), corpus::generated_matches(), corpus::schema())
    else {
        println!("skipped: the corpus is not there");
        return;
    };
    let mut failures = Vec::new();
    let mut queries = BTreeMap::new();
    for rule in &rules {
        match checked(&rule.query, &schema) {
            Ok(query) => drop(queries.insert(rule.path.as_str(), query)),
            Err(problem) => failures.push(format!("{}: {problem}", rule.path)),
        }
    }
    for case in &cases {
        let Some(query) = queries.get(case.rule.as_str()) else { continue };
        let events: Vec<_> = case.documents.iter().map(|text| Event::from_json(text).unwrap()).collect();
        if run(query, &events, &RunOptions::default()).is_empty() {
            failures.push(format!("{}: no match in {:?}", case.rule, case.documents));
        }
    }
    println!("{} rules, {} cases", rules.len(), cases.len());
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}
