//! Runs a compiled set over some events at once and gives each rule's results as a search would: in order of time,
//! pipes applied.

use kiln::event::{Event, SlotTree};
use kiln::reader::read_line;
use kiln::sequence::{KeyValue, Limits, Pipe, Tiebreaker, Timestamp};
use kiln::{EventRef, Matcher, Options, RuleKind, RuleSet};

/// One result of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its events as places in the input; `None` for a missing one.
    pub events: Vec<Option<usize>>,
    /// Its join key as text.
    pub keys: Vec<String>,
    /// Dates of the key in milliseconds, for those who print them so.
    pub key_millis: Vec<Option<i64>>,
}

/// The results of each rule of `set`, by the rule's number. Events that are no JSON object are left out.
pub fn run(
    set: &RuleSet<'_>,
    events: &[String],
    tiebreaker: Option<&str>,
    samples_per_key: usize,
) -> Vec<Vec<Hit>> {
    let mut options = Options { sequences: Limits::with_pending(100_000), ..Options::default() };
    options.samples.samples_per_key = samples_per_key;
    let mut matcher = Matcher::with_options(set, options);
    let mut hits: Vec<Vec<(u64, Hit)>> = vec![Vec::new(); set.rules.len()];
    let mut order = 0;
    for index in in_order(events, tiebreaker) {
        order += 1;
        let Ok(outcome) = matcher.json(events[index].as_bytes(), EventRef(index as u64)) else { continue };
        for &rule in outcome.rules() {
            let hit = Hit { events: vec![Some(index)], keys: Vec::new(), key_millis: Vec::new() };
            hits[rule as usize].push((order, hit));
        }
        outcome
            .groups()
            .for_each(|group| hits[group.rule_index as usize].push((group.order(), group_hit(&group))));
    }
    let outcome = matcher.finish();
    outcome
        .groups()
        .for_each(|group| hits[group.rule_index as usize].push((group.order(), group_hit(&group))));
    let finish = |(rule, mut hits): (usize, Vec<(u64, Hit)>)| {
        if set.rules[rule].kind == RuleKind::Sequence {
            hits.sort_by_key(|(order, _)| *order);
        }
        let hits: Vec<_> = hits.into_iter().map(|(_, hit)| hit).collect();
        set.rules[rule].pipes.iter().fold(hits, |hits, pipe| piped(hits, *pipe))
    };
    hits.into_iter().enumerate().map(finish).collect()
}

fn group_hit(group: &kiln::Group<'_, '_>) -> Hit {
    let millis = |value: KeyValue<'_>| match value {
        KeyValue::Date(nanos) => Some(nanos.div_euclid(1_000_000) as i64),
        _ => None,
    };
    Hit {
        events: group.events.iter().map(|event| event.map(|event| event.handle.0 as usize)).collect(),
        keys: group.key.values().map(|value| value.to_string()).collect(),
        key_millis: group.key.values().map(millis).collect(),
    }
}

fn piped(mut hits: Vec<Hit>, pipe: Pipe) -> Vec<Hit> {
    match pipe {
        Pipe::Head(count) => hits.truncate(count as usize),
        Pipe::Tail(count) => drop(hits.drain(..hits.len().saturating_sub(count as usize))),
    }
    hits
}

/// The events by time, tiebreaker and place; those without a time keep their place among the first.
fn in_order(events: &[String], tiebreaker: Option<&str>) -> Vec<usize> {
    let paths: Vec<_> = ["@timestamp"].into_iter().chain(tiebreaker).collect();
    let owned = SlotTree::build(&paths).expect("two fields");
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    let mut key = |text: &String| {
        if read_line(&tree, text.as_bytes(), &mut event).is_err() {
            return (None, Tiebreaker::NONE);
        }
        let view = event.view(text.as_bytes());
        let slot = |path: &str| tree.slot_of(path).expect("it was built in");
        let time = view.values(slot("@timestamp")).filter_map(Timestamp::from_scalar).min();
        let tiebreaker =
            tiebreaker.map_or(Tiebreaker::NONE, |path| Tiebreaker::from_scalar(view.first(slot(path))));
        (time, tiebreaker)
    };
    let keys: Vec<_> = events.iter().map(&mut key).collect();
    let mut order: Vec<_> = (0..events.len()).collect();
    order.sort_by_key(|&index| keys[index]);
    order
}
