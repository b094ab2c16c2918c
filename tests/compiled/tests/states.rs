//! The cases of `tests/states` through the reference evaluator and through compiled rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use bumpalo::Bump;
use kiln::sequence::{Limits, Reorder};
use kiln::{EventRef, Matcher, Options, Outcome, StateLimits};
use kiln_test_support::info;
use kiln_test_support::lines::Lines;
use kiln_test_support::states::{self, Case, START};
use rule_lang::condition::QueryKind;
use rule_lang::meaning::{self, Event, RunOptions};
use rule_lang::ruleset::{self, RuleSet};
use rule_lang::schema;

kiln::ruleset! { struct States = "../states/rules/*.toml"; }

fn rules() -> RuleSet {
    let rules =
        ruleset::load(states::rule_files(), &ruleset::Options { schema: schema::builtin(), strict: true });
    assert_eq!(rules.diagnostics, []);
    rules
}

/// Minutes since [`START`].
const MINUTES: Lines = Lines { zero: START as i128 * 1_000_000, unit: 60_000_000_000, counts: true };

fn options() -> Options {
    let sequences = Limits::default().reordering(Reorder::until_the_end(1000));
    Options { sequences, states: StateLimits::complete(), ..Options::default() }
}

/// What the case's rule finds; other rules of the set may find something too.
fn compiled(case: &Case, options: Options) -> Vec<String> {
    let set = States::set();
    let file = format!("{}.toml", case.rule);
    let rule =
        set.rules.iter().position(|rule| rule.info.file.ends_with(&file)).expect("the rule is compiled");
    let mut matcher = Matcher::with_options(set, options);
    let mut indicators = matcher.indicators();
    for (number, text) in (0..).zip(&case.indicators) {
        matcher.indicator(text.as_bytes(), EventRef(number), false, &mut indicators).expect("JSON");
    }
    matcher.use_indicators(Arc::new(indicators.finish()));
    let mut found = Vec::new();
    let mut add = |outcome: Outcome<'_, '_>| {
        let own = outcome.findings().filter(|finding| finding.rule_index as usize == rule);
        found.extend(own.map(|finding| MINUTES.finding(&finding)));
        let own = outcome.groups().filter(|group| group.rule_index as usize == rule);
        found.extend(own.map(|group| MINUTES.group(&group)));
    };
    for (number, text) in (0..).zip(&case.events) {
        add(matcher.json(text.as_bytes(), EventRef(number)).expect("JSON"));
    }
    add(matcher.finish());
    found.sort();
    found
}

#[test]
fn rules_say_of_themselves_what_their_files_say() {
    let (rules, arena) = (rules(), Bump::new());
    let inputs = rule_compiler::ruleset::inputs(&rules, &arena);
    info::assert_same(States::set(), &inputs.iter().map(|input| input.info).collect::<Vec<_>>());
}

#[test]
fn the_reference_evaluator_finds_what_is_meant() {
    let rules = rules();
    let queries: BTreeMap<_, _> =
        rules.rules.iter().map(|rule| (rules.sources.get(rule.rule.file).path(), &rule.query)).collect();
    let read =
        |texts: &[String]| texts.iter().map(|text| Event::from_json(text).expect("JSON")).collect::<Vec<_>>();
    for case in states::load() {
        let query = queries[&*format!("{}.toml", case.rule)];
        let events = read(&case.events);
        let mut found: Vec<_> = match query.kind {
            QueryKind::Sequence(_) | QueryKind::Sample(_) => {
                let found = meaning::groups(query, &events, &RunOptions::default());
                found.iter().map(|found| MINUTES.meant_group(found)).collect()
            }
            _ => {
                let found = meaning::findings(query, &events, &read(&case.indicators));
                found.iter().map(|found| MINUTES.meant_finding(found)).collect()
            }
        };
        found.sort();
        assert_eq!(found, case.found, "{}", case.name);
    }
}

#[test]
fn compiled_rules_find_what_is_meant() {
    let cases = states::load();
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    for case in &cases {
        assert_eq!(compiled(case, options()), case.found, "{}", case.name);
    }
}

/// For input without an end: thresholds with the counts so far, suppressed alerts without a number, both at once.
#[test]
fn early_findings_come_with_their_event() {
    let cases = states::load();
    let early = |name: &str| {
        let case = cases.iter().find(|case| case.name == name).expect("there is such a case");
        compiled(case, Options::default())
    };
    assert_eq!(early("a group has as many events as it needs"), ["0-4: a h x3 @0"]);
    let alerts =
        ["0: [a h] 0..0 +0", "1: [a null] 1..1 +0", "5: [a h] 10..10 +0", "6: [null null] 11..11 +0"];
    assert_eq!(early("alerts of a group become one, a missing field is a value"), alerts);
}
