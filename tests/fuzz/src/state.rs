//! Rules with state: a compiled set against the reference evaluator, and against itself in other ways.

pub(crate) mod drive;
pub(crate) mod scenario;

use arbitrary::{Result, Unstructured};
use bumpalo::Bump;
use kiln_test_support::lines::Lines;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{self, Event, RunOptions};
use rule_runtime::engine::{Options, StateLimits};
use rule_runtime::info::RuleInfo;
use rule_runtime::keyed::KeyedLimits;
use rule_runtime::sample::SampleLimits;
use rule_runtime::sequence::{Limits, Reorder};
use rule_runtime::set::RuleSet;

use crate::matcher::passes;
use drive::Way;
use scenario::Scenario;

/// Reads the bytes as rules with state, indicators and a stream of events. With all of the input at hand the compiled set
/// finds what the reference evaluator finds; as a stream, and with hardly any room, it finds the same line by line, as a
/// block, with state followed apart from filters, and with state saved and restored on the way. Events are let go of as
/// often as they were referred to.
///
/// # Panics
/// If one of that does not hold.
pub fn state(bytes: &[u8]) {
    // An error means that there are not enough bytes.
    let _ = run(bytes);
}

/// Milliseconds, which are the times of events.
const MILLIS: Lines = Lines { zero: 0, unit: 1_000_000, counts: true };

/// The results of each kind of rule, as counted by [`kind`].
fn run(bytes: &[u8]) -> Result<[usize; KINDS]> {
    let mut u = Unstructured::new(bytes);
    let passes = passes(&mut u)?;
    let place: u8 = u.arbitrary()?;
    let scenario = Scenario::new(32, &mut u)?;
    let arena = Bump::new();
    let set = planned(&scenario, passes, &arena);
    let place = usize::from(place) % (scenario.events.len() + 1);
    let ways = [Way::Lines, Way::Block, Way::Parts, Way::Restored(place)];

    let events: Vec<_> = scenario.events.iter().map(|text| parsed(text)).collect();
    let indicators: Vec<_> = scenario.indicators.iter().map(|text| parsed(text)).collect();
    let meant = |lines| {
        let queries = scenario.rules.iter().map(|(_, query)| query);
        queries.map(|query| reference(query, &events, &indicators, lines)).collect::<Vec<_>>()
    };
    let early_lines = Lines { counts: false, ..MILLIS };
    let [all, early] = [meant(MILLIS), meant(early_lines)];
    for way in ways {
        let found = drive::run(&set, &scenario, way, complete(false), MILLIS);
        for ((rule, found), meant) in scenario.rules.iter().zip(&found).zip(&all) {
            assert_eq!(found, meant, "{rule:?}, {way:?}, {passes:?}\n{}", text(&scenario));
        }
        let found = drive::run(&set, &scenario, way, complete(true), early_lines);
        for ((rule, found), meant) in scenario.rules.iter().zip(&found).zip(&early) {
            if depends_on_end(&rule.1) {
                continue;
            }
            assert_eq!(found, meant, "early: {rule:?}, {way:?}, {passes:?}\n{}", text(&scenario));
        }
    }
    let options = [Options { live: true, ..stream() }, stream(), tight(false), tight(true)];
    for options in options {
        // Parts know of no events but those that take part, so with `live` they move time on less often.
        let others = if options.live { &ways[1..2] } else { &ways[1..] };
        let found = drive::run(&set, &scenario, Way::Lines, options, MILLIS);
        for &way in others {
            let other = drive::run(&set, &scenario, way, options, MILLIS);
            assert_eq!(other, found, "{way:?}: {:?}, {options:?}\n{}", scenario.rules, text(&scenario));
        }
    }
    let mut counts = [0; KINDS];
    for ((_, query), meant) in scenario.rules.iter().zip(&all) {
        counts[kind(query)] += meant.len();
    }
    Ok(counts)
}

/// The rules of a scenario, planned.
///
/// # Panics
/// If the planner refuses one.
pub(crate) fn planned<'a>(scenario: &Scenario, passes: PlanOptions, arena: &'a Bump) -> RuleSet<'a> {
    let rules = scenario.rules.iter();
    let inputs: Vec<_> = rules.map(|(_, query)| RuleInput { query, info: RuleInfo::EMPTY }).collect();
    let planned = plan(&inputs, &passes, arena);
    assert!(planned.refused.is_empty(), "{:?} of {:?}", planned.refused, scenario.rules);
    planned.set
}

fn parsed(text: &str) -> Event {
    Event::from_json(text).expect("events are JSON")
}

fn text(scenario: &Scenario) -> String {
    format!("{}\n-\n{}", scenario.events.join("\n"), scenario.indicators.join("\n"))
}

fn reference(query: &Query, events: &[Event], indicators: &[Event], lines: Lines) -> Vec<String> {
    let mut found: Vec<_> = match query.kind {
        QueryKind::Sequence(_) | QueryKind::Sample(_) => {
            let found = meaning::groups(query, events, &RunOptions::default());
            found.iter().map(|found| lines.meant_group(found)).collect()
        }
        _ => {
            let found = meaning::findings(query, events, indicators);
            found.iter().map(|found| lines.meant_finding(found)).collect()
        }
    };
    found.sort_unstable();
    found
}

/// Whether what comes out early says something else than what comes out at the end: alerts of a threshold are suppressed in
/// the order in which its groups are found.
fn depends_on_end(query: &Query) -> bool {
    matches!(query.kind, QueryKind::Threshold(_)) && query.suppression.is_some()
}

/// All input is there; with room for whatever it says.
pub(crate) fn complete(early: bool) -> Options {
    let records = KeyedLimits::with_records(512);
    let states =
        StateLimits { records, values: 1024, alert_bytes: 1 << 16, early, ..StateLimits::complete() };
    let sequences = Limits::with_pending(512).reordering(Reorder::until_the_end(512));
    Options { sequences, samples: SampleLimits::with_keys(512), states, ..Options::default() }
}

/// Input without an end. Only what takes part moves time on, as where state is followed apart.
pub(crate) fn stream() -> Options {
    let Options { sequences, samples, states, .. } = complete(true);
    Options {
        sequences: sequences.reordering(Reorder::millis(2, 6)),
        samples,
        states: StateLimits { wait_nanos: 3_000_000, ..states },
        live: false,
        ..Options::default()
    }
}

/// Hardly any room.
pub(crate) fn tight(early: bool) -> Options {
    let Options { sequences, samples, states, .. } = stream();
    let records = KeyedLimits { key_bytes: 100, max_key_bytes: 60, ..KeyedLimits::with_records(3) };
    Options {
        sequences: Limits {
            pending: 3,
            pending_per_sequence: 2,
            events: 4,
            key_bytes: 60,
            max_key_bytes: 40,
            note_bytes: 100,
            ..sequences
        },
        samples: SampleLimits {
            keys: 3,
            candidates: 5,
            key_bytes: 80,
            max_key_bytes: 40,
            note_bytes: 100,
            ..samples
        },
        states: StateLimits { records, values: 3, alert_bytes: 150, early, ..states },
        live: false,
        ..Options::default()
    }
}

/// Kinds of rules, each without and with suppression.
const KINDS: usize = 12;

fn kind(query: &Query) -> usize {
    let kind = match query.kind {
        QueryKind::Event(_) => 0,
        QueryKind::Sequence(_) => 1,
        QueryKind::Sample(_) => 2,
        QueryKind::Threshold(_) => 3,
        QueryKind::NewTerms(_) => 4,
        QueryKind::ThreatMatch(_) => 5,
    };
    2 * kind + usize::from(query.suppression.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_make_rules_of_every_kind_that_find_something() {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let mut counts = [0; KINDS];
        for _ in 0..500 {
            let bytes: Vec<u8> = (0..1_800).map(|_| byte()).collect();
            let found = run(&bytes).expect("there are enough bytes");
            counts.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
        }
        assert!(counts.iter().all(|&count| count > 10), "{counts:?}");
    }
}
