//! Drives a compiled set over a scenario, and collects what it finds as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use kiln_test_support::lines::Lines;
use rule_runtime::engine::{Matcher, Options, Outcome, Parts};
use rule_runtime::sequence::EventRef;
use rule_runtime::set::RuleSet;
use rule_runtime::threat::Indicators;

use super::scenario::Scenario;

/// How events get into matchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// One after the other.
    Lines,
    /// As one block.
    Block,
    /// One matcher filters, and another follows state.
    Parts,
    /// State is saved before the event of this number, and restored.
    Restored(usize),
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    lines: Lines,
    /// By rule.
    pub(crate) rules: Vec<Vec<String>>,
    /// How many state machines refer to each event.
    references: BTreeMap<u64, i64>,
}

/// All that `scenario` brings about, that of each rule in order of its text.
///
/// # Panics
/// If events are not let go of as often as they are referred to.
pub(crate) fn run(
    set: &RuleSet<'_>,
    scenario: &Scenario,
    way: Way,
    options: Options,
    lines: Lines,
) -> Vec<Vec<String>> {
    let mut found = Found::new(set, lines);
    let known = indicators(set, scenario);
    let mut matcher = Matcher::with_options(set, options);
    matcher.use_indicators(known.clone());
    match way {
        Way::Lines => found.events(&mut matcher, scenario, 0),
        Way::Block => {
            let block = scenario.events.join("\n");
            let place = |line: &rule_runtime::reader::Line<'_>| EventRef(line.number as u64);
            matcher.block(block.as_bytes(), place, |line, outcome| {
                found.add(Some(line.number as u64), outcome.expect("events are JSON"));
            });
        }
        Way::Parts => {
            let mut worker = Matcher::with_options(set, Options { groups: false, ..options });
            worker.use_indicators(known);
            let mut parts = Parts::default();
            for (handle, event) in (0..).zip(&scenario.events) {
                let outcome = worker.json(event.as_bytes(), EventRef(handle)).expect("events are JSON");
                found.add(Some(handle), outcome);
                if outcome.takes_part() {
                    parts.add(outcome, event.as_bytes());
                    found.add(Some(handle), matcher.part(&parts, parts.len() - 1, EventRef(handle)));
                }
            }
        }
        Way::Restored(place) => {
            found.events_between(&mut matcher, scenario, 0, place);
            let mut saved = Vec::new();
            matcher.save(&mut saved);
            let mut restored = Matcher::restore(set, options, &saved).expect("the state was saved just now");
            restored.use_indicators(known);
            found.events(&mut restored, scenario, place);
            return found.finish(&mut restored);
        }
    }
    found.finish(&mut matcher)
}

/// The indicators of a scenario.
pub(crate) fn indicators(set: &RuleSet<'_>, scenario: &Scenario) -> Arc<Indicators> {
    let mut matcher = Matcher::with_options(set, Options { groups: false, ..Options::default() });
    let mut builder = matcher.indicators();
    for (handle, indicator) in (0..).zip(&scenario.indicators) {
        let added = matcher.indicator(indicator.as_bytes(), EventRef(handle), false, &mut builder);
        added.expect("indicators are JSON");
    }
    Arc::new(builder.finish())
}

impl Found {
    pub(crate) fn new(set: &RuleSet<'_>, lines: Lines) -> Self {
        Self { lines, rules: vec![Vec::new(); set.rules.len()], references: BTreeMap::new() }
    }

    /// The events from number `start` on.
    pub(crate) fn events(&mut self, matcher: &mut Matcher<'_>, scenario: &Scenario, start: usize) {
        self.events_between(matcher, scenario, start, scenario.events.len());
    }

    pub(crate) fn events_between(
        &mut self,
        matcher: &mut Matcher<'_>,
        scenario: &Scenario,
        start: usize,
        end: usize,
    ) {
        for (handle, event) in (0..).zip(&scenario.events).take(end).skip(start) {
            self.add(
                Some(handle),
                matcher.json(event.as_bytes(), EventRef(handle)).expect("events are JSON"),
            );
        }
    }

    fn add(&mut self, event: Option<u64>, outcome: Outcome<'_, '_>) {
        let Self { lines, rules, references } = self;
        for &rule in outcome.rules() {
            rules[rule as usize].push(format!("{}:", event.expect("an event matches")));
        }
        for group in outcome.groups() {
            rules[group.rule_index as usize].push(lines.group(&group));
        }
        for finding in outcome.findings() {
            rules[finding.rule_index as usize].push(lines.finding(&finding));
        }
        let held = outcome.held().iter().map(|event| (event.0, 1));
        let kept = event.map(|event| (event, outcome.kept().into()));
        let released = outcome.released().iter().map(|event| (event.0, -1));
        for (event, change) in held.chain(kept).chain(released) {
            *references.entry(event).or_default() += change;
        }
    }

    /// Ends the input and checks what is referred to.
    fn finish(mut self, matcher: &mut Matcher<'_>) -> Vec<Vec<String>> {
        self.add(None, matcher.finish());
        self.references.retain(|_, count| *count != 0);
        assert_eq!(self.references, BTreeMap::new(), "events are let go of as often as they are referred to");
        self.found()
    }

    /// The same where references may be anything: the state that was restored told of its own.
    pub(crate) fn finish_any(mut self, matcher: &mut Matcher<'_>) -> Vec<Vec<String>> {
        self.add(None, matcher.finish());
        self.found()
    }

    fn found(mut self) -> Vec<Vec<String>> {
        self.rules.iter_mut().for_each(|lines| lines.sort_unstable());
        self.rules
    }
}
