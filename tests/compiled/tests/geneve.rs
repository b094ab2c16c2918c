//! Documents made to match the rules of the corpus fire these rules in compiled code.

#![allow(clippy::print_stdout, reason = "says what it ran")]

use std::collections::BTreeMap;

use bumpalo::Bump;
use kiln::{EventRef, Matcher, RuleKind};
use kiln_compiled_tests::batch;
use kiln_test_support::corpus::{self, GeneratedMatch};
use rule_compiler::plan::{PlanOptions, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::condition::{Query, QueryKind};
use rule_lang::ruleset::RuleSet;

/// Rules whose documents do not match them, and why Elasticsearch would find no match either.
const EXPLAINED: &[(&str, &str)] = &[];

#[test]
fn every_rule_fires_on_its_documents() {
    let (Some(eql), Some(kql)) = (corpus::generated_matches(), corpus::generated_matches_in("kuery")) else {
        println!("skipped: the corpus is not there");
        return;
    };
    let rejected = corpus::rejected();
    let compiled = |case: &GeneratedMatch| !rejected.iter().any(|path| path.ends_with(&case.rule));
    let cases: Vec<_> = eql.into_iter().chain(kql.into_iter().filter(compiled)).collect();
    let set = kiln_compiled_tests::corpus::set().expect("the build had the corpus");
    let mut matcher = Matcher::new(set);
    let arena = Bump::new();
    let queries = queries_alone();
    let plan = plan(&inputs(&queries, &arena), &PlanOptions::default(), &arena);
    let mut alone = Matcher::new(&plan.set);
    // Per rule: cases, and documents of those that do not fire it.
    let mut rules: BTreeMap<&str, (usize, Vec<&GeneratedMatch>)> = BTreeMap::new();
    for case in &cases {
        let (count, silent) = rules.entry(&case.rule).or_default();
        *count += 1;
        if !fires(case, set, &mut matcher) && !fires(case, &plan.set, &mut alone) {
            silent.push(case);
        }
    }
    println!(
        "{} cases of {} rules; {} rules by their queries",
        cases.len(),
        rules.len(),
        plan.set.rules.len()
    );
    let mut unexplained = Vec::new();
    for (rule, (count, silent)) in rules.iter().filter(|(_, (_, silent))| !silent.is_empty()) {
        let reason = EXPLAINED.iter().find(|(known, _)| known == rule);
        println!(
            "{rule}: {} of {count}: {}",
            silent.len(),
            reason.map_or("not explained", |(_, reason)| reason)
        );
        if reason.is_none() {
            unexplained.push(format!("{rule}: {:?}", silent[0].documents));
        }
    }
    for (rule, _) in EXPLAINED {
        assert!(rules.get(rule).is_some_and(|(_, silent)| !silent.is_empty()), "{rule} fires");
    }
    assert!(unexplained.is_empty(), "{} rules:\n{}", unexplained.len(), unexplained.join("\n"));
    assert!(cases.len() > 1000, "only {} cases", cases.len());
}

/// The rules whose findings depend on other events, as if they were of type `query`: documents are made for the query,
/// and need not have the fields that make groups. One is switched off in its file.
fn queries_alone() -> RuleSet {
    let mut rules = corpus::rules().expect("the corpus is there");
    rules.rules.retain_mut(|rule| {
        let filter = match &rule.query.kind {
            QueryKind::NewTerms(terms) => terms.filter.clone(),
            QueryKind::Threshold(threshold) => threshold.filter.clone(),
            QueryKind::ThreatMatch(threat) => threat.filter.clone(),
            _ => return false,
        };
        rule.query = Query::new(QueryKind::Event(filter));
        rule.rule.enabled = true;
        true
    });
    rules
}

fn fires<'s>(case: &GeneratedMatch, set: &'s kiln::RuleSet<'s>, matcher: &mut Matcher<'s>) -> bool {
    let own = |rule: &kiln::Rule<'_>| rule.info.file.ends_with(&case.rule);
    let Some(rule) = set.rules.iter().position(own) else { return false };
    if let RuleKind::Sequence | RuleKind::Sample = set.rules[rule].kind {
        // Groups must not meet events of another case.
        return !batch::run(set, &case.documents, None, 1)[rule].is_empty();
    }
    case.documents.iter().any(|document| {
        let outcome = matcher.json(document.as_bytes(), EventRef(0)).expect("documents are JSON");
        outcome.rules().contains(&(rule as u32))
    })
}
