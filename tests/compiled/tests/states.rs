//! The cases of `tests/states` through the reference evaluator and through compiled rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use kiln::sequence::{Limits, Reorder};
use kiln::suppression::Suppressed;
use kiln::{Detail, EventRef, Finding, Group, Matcher, Options, Outcome, StateLimits};
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

fn minute(nanos: i128) -> i128 {
    (nanos / 1_000_000 - i128::from(START)) / 60_000
}

/// Writes what cases write.
fn line(head: &str, values: &[String], tail: &str) -> String {
    let space = if values.is_empty() { "" } else { " " };
    format!("{head}:{space}{}{tail}", values.join(" "))
}

fn group(fields: &[Vec<String>], start: i128, end: i128, count: u64) -> String {
    let fields: Vec<_> = fields.iter().map(|values| values.join("+")).collect();
    format!(" [{}] {}..{} +{count}", fields.join(" "), minute(start), minute(end))
}

fn counted(count: u64, cardinality: Option<u64>, from: i128) -> String {
    let different = cardinality.map(|different| format!("/{different}")).unwrap_or_default();
    format!(" x{count}{different} @{}", minute(from))
}

fn compiled_tail(suppressed: Option<Suppressed<'_>>) -> String {
    let Some(Suppressed { key, start, end, count }) = suppressed else { return String::new() };
    let fields: Vec<Vec<String>> =
        key.fields().map(|values| values.map(|value| value.to_string()).collect()).collect();
    group(&fields, start.nanos().into(), end.nanos().into(), count)
}

fn compiled_group(group: &Group<'_, '_>) -> String {
    let events: Vec<_> = group.events.iter().flatten().map(|event| event.handle.0.to_string()).collect();
    let values: Vec<_> = group.key.values().map(|value| value.to_string()).collect();
    line(&events.join("-"), &values, &compiled_tail(group.suppressed))
}

fn compiled_line(finding: &Finding<'_, '_>) -> String {
    let event = finding.event.handle.0;
    let tail = compiled_tail(finding.suppressed);
    match finding.detail {
        Detail::Event => line(&event.to_string(), &[], &tail),
        Detail::NewTerms(key) => {
            let values: Vec<_> = key.values().map(|value| value.to_string()).collect();
            line(&event.to_string(), &values, &tail)
        }
        Detail::Threshold(found) => {
            let values: Vec<_> = found.key.values().map(|value| value.to_string()).collect();
            let counted = counted(found.count, found.cardinality, found.from.nanos().into());
            line(&format!("{}-{event}", found.first.handle.0), &values, &format!("{counted}{tail}"))
        }
        Detail::Indicators(hits) => {
            let hits: Vec<_> = hits.map(|hit| format!("{}/{}", hit.indicator.0, hit.group)).collect();
            line(&event.to_string(), &hits, &tail)
        }
    }
}

fn texts(values: &[meaning::KeyValue]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn meant_tail(suppressed: Option<&meaning::Suppressed>) -> String {
    let Some(suppressed) = suppressed else { return String::new() };
    let fields: Vec<_> = suppressed.key.iter().map(|values| texts(values)).collect();
    group(&fields, suppressed.start, suppressed.end, suppressed.count)
}

fn meant_group((hit, suppressed): &(meaning::Hit, Option<meaning::Suppressed>)) -> String {
    let events: Vec<_> = hit.events.iter().flatten().map(ToString::to_string).collect();
    line(&events.join("-"), &texts(&hit.keys), &meant_tail(suppressed.as_ref()))
}

fn meant_line(finding: &meaning::Finding) -> String {
    let tail = meant_tail(finding.suppressed.as_ref());
    match &finding.detail {
        meaning::Detail::Event => line(&finding.event.to_string(), &[], &tail),
        meaning::Detail::NewTerms(key) => line(&finding.event.to_string(), &texts(key), &tail),
        meaning::Detail::Threshold(found) => {
            let counted = counted(found.count, found.cardinality, found.from);
            line(
                &format!("{}-{}", found.first, finding.event),
                &texts(&found.key),
                &format!("{counted}{tail}"),
            )
        }
        meaning::Detail::Indicators(hits) => {
            let hits: Vec<_> = hits.iter().map(|(indicator, group)| format!("{indicator}/{group}")).collect();
            line(&finding.event.to_string(), &hits, &tail)
        }
    }
}

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
        found.extend(own.map(|finding| compiled_line(&finding)));
        let own = outcome.groups().filter(|group| group.rule_index as usize == rule);
        found.extend(own.map(|group| compiled_group(&group)));
    };
    for (number, text) in (0..).zip(&case.events) {
        add(matcher.json(text.as_bytes(), EventRef(number)).expect("JSON"));
    }
    add(matcher.finish());
    found.sort();
    found
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
                meaning::groups(query, &events, &RunOptions::default()).iter().map(meant_group).collect()
            }
            _ => meaning::findings(query, &events, &read(&case.indicators)).iter().map(meant_line).collect(),
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
