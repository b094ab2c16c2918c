//! Every KQL query of the rule corpus parses, prints back to the same tree, and is understood; the documents made to match
//! them do.

#![allow(clippy::print_stdout, reason = "the counts are what the test is run for")]

use std::collections::BTreeMap;

use kiln_test_support::corpus;
use rule_lang::check::CheckOptions;
use rule_lang::condition::QueryKind;
use rule_lang::kql::{self, ast};
use rule_lang::meaning::{Event, holds};
use rule_lang::schema;
use rule_lang::source::FileId;

const FILE: FileId = FileId(0);

fn condition(text: &str) -> Result<rule_lang::condition::Condition, String> {
    let parsed = kql::parse(text, FILE);
    let query = parsed.query.ok_or_else(|| format!("{:?}", parsed.diagnostics))?;
    let checked = kql::check(&query, &CheckOptions::new(schema::builtin()), FILE);
    match checked.query.ok_or_else(|| format!("{:?}", checked.diagnostics))?.kind {
        QueryKind::Event(filter) => Ok(filter.condition),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn queries_parse_check_and_print_back() {
    let Some(rules) = corpus::kql_rules() else {
        println!("skipped: the corpus is not there");
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for rule in &rules {
        *counts.entry(&rule.rule_type).or_default() += 1;
        if let Err(problem) = condition(&rule.query) {
            failures.push(format!("{}: {problem}", rule.path));
            continue;
        }
        let query = kql::parse(&rule.query, FILE).query.expect("it parsed before");
        let printed = kql::print(&query);
        let again = kql::parse(&printed, FILE).query.map(ast::without_spans);
        if again != Some(ast::without_spans(query)) {
            failures.push(format!("{}: printed as {printed}", rule.path));
        }
    }
    println!("{} queries in KQL: {counts:?}", rules.len());
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), rules.len(), failures.join("\n"));
}

/// Rules whose documents do not match them, and why Elasticsearch would find no match either.
const EXPLAINED: &[(&str, &str)] = &[];

#[test]
fn generated_documents_match_their_queries() {
    let (Some(rules), Some(cases)) = (corpus::kql_rules(), corpus::generated_matches_in("kuery")) else {
        println!("skipped: the corpus is not there");
        return;
    };
    let conditions: BTreeMap<_, _> =
        rules.iter().filter_map(|rule| Some((&*rule.path, condition(&rule.query).ok()?))).collect();
    let mut silent: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for case in &cases {
        let Some(condition) = conditions.get(&*case.rule) else { continue };
        let matches = |document: &String| holds(condition, &Event::from_json(document).expect("JSON"));
        if !case.documents.iter().all(matches) {
            silent.entry(&case.rule).or_insert((0, &case.documents[0])).0 += 1;
        }
    }
    println!("{} cases of {} rules", cases.len(), conditions.len());
    let mut unexplained = Vec::new();
    for (rule, (count, document)) in &silent {
        let reason = EXPLAINED.iter().find(|(known, _)| rule.ends_with(known));
        println!("{rule}: {count}: {}", reason.map_or("not explained", |(_, reason)| reason));
        if reason.is_none() {
            unexplained.push(format!("{rule}: {count} cases, such as {document}"));
        }
    }
    for (rule, _) in EXPLAINED {
        assert!(silent.keys().any(|silent| silent.ends_with(rule)), "{rule} matches");
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(cases.len() > 1000, "only {} cases", cases.len());
}
