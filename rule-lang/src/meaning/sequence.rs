//! Sequences with all that belongs to them: keys, maxspan, until, missing events (eql.md sections 11 and 12).
//!
//! In: a sequence and the events in order. Out: its hits. The positive items run through the state machine as if the
//! missing ones were not there; what it completes is then held against the missing items.

use std::collections::BTreeMap;

use crate::condition::{Item, Sequence};

use super::date::{MILLI, Nanos};
use super::event::Event;
use super::key::{self, KeyValue};
use super::leaf::holds;
use super::run::Hit;

/// An event in the stream. Its place in the slice is its position.
pub(crate) struct Moment<'e> {
    /// Place in the input.
    pub(crate) index: usize,
    pub(crate) time: Nanos,
    pub(crate) event: &'e Event,
}

type JoinKey = Vec<KeyValue>;

/// Positions of the events that match the positive items so far.
type Matched = Vec<usize>;

/// Finds all sequences in events that are in order, ordered by last event and key.
pub(crate) fn run(sequence: &Sequence, stream: &[Moment<'_>]) -> Vec<Hit> {
    let candidates = candidates(sequence, stream);
    candidates
        .into_iter()
        .filter(|(key, matched)| nothing_missing_occurs(sequence, stream, key, matched))
        .map(|(keys, matched)| {
            let mut matched = matched.into_iter().map(|position| stream[position].index);
            let events =
                sequence.items.iter().map(|item| if item.missing { None } else { matched.next() }).collect();
            Hit { events, keys }
        })
        .collect()
}

/// The keys under which an event matches an item; none if it does not.
fn matching_keys(item: &Item, event: &Event) -> Vec<JoinKey> {
    if holds(&item.filter.condition, event) {
        key::of_event(&item.keys, event).into_iter().collect()
    } else {
        Vec::new()
    }
}

fn candidates(sequence: &Sequence, stream: &[Moment<'_>]) -> Vec<(JoinKey, Matched)> {
    let items: Vec<_> = sequence.items.iter().filter(|item| !item.missing).collect();
    let mut pending: BTreeMap<(usize, JoinKey), Matched> = BTreeMap::new();
    let mut untils: BTreeMap<JoinKey, Vec<usize>> = BTreeMap::new();
    let mut completed = Vec::new();
    for (position, moment) in stream.iter().enumerate() {
        // From last to first, so that an event never meets what it has just been put into.
        for (stage, item) in items.iter().enumerate().rev() {
            for key in matching_keys(item, moment.event) {
                let mut matched = Matched::new();
                if stage > 0 {
                    let Some(before) = pending.remove(&(stage - 1, key.clone())) else { continue };
                    if expired(sequence, stream, &before, position, untils.get(&key)) {
                        continue;
                    }
                    matched = before;
                }
                matched.push(position);
                if stage + 1 == items.len() {
                    completed.push((key, matched));
                } else {
                    pending.insert((stage, key), matched);
                }
            }
        }
        if let Some(until) = &sequence.until {
            for key in matching_keys(until, moment.event) {
                untils.entry(key).or_default().push(position);
            }
        }
    }
    completed
}

/// Whether a pending sequence can no longer take the event at `position`: too late, or ended by an `until` event at
/// or after its last one.
fn expired(
    sequence: &Sequence,
    stream: &[Moment<'_>],
    matched: &[usize],
    position: usize,
    untils: Option<&Vec<usize>>,
) -> bool {
    let (Some(first), Some(last)) = (matched.first(), matched.last()) else { return false };
    let too_late = exceeds(sequence, stream[*first].time, stream[position].time);
    let ended = untils.is_some_and(|untils| untils.iter().any(|until| (*last..position).contains(until)));
    too_late || ended
}

/// Whether two times are further apart than `maxspan`.
fn exceeds(sequence: &Sequence, from: Nanos, to: Nanos) -> bool {
    sequence.maxspan.is_some_and(|maxspan| to - from > Nanos::from(maxspan) * MILLI)
}

/// Whether no missing item is met by an event where it must not be.
fn nothing_missing_occurs(
    sequence: &Sequence,
    stream: &[Moment<'_>],
    key: &JoinKey,
    matched: &[usize],
) -> bool {
    let millis = |position: usize| stream[position].time.div_euclid(MILLI);
    let (Some(first), Some(last)) = (matched.first(), matched.last()) else { return true };
    let mut passed = 0;
    let (mut leading, mut trailing) = (None, None);
    for item in &sequence.items {
        if !item.missing {
            passed += 1;
            continue;
        }
        let mut positions =
            (0..stream.len()).filter(|position| matching_keys(item, stream[*position].event).contains(key));
        if passed == 0 {
            leading = leading.max(positions.rfind(|p| millis(*p) < millis(*first)));
        } else if passed == matched.len() {
            let found = positions.find(|p| millis(*p) > millis(*last));
            trailing = trailing.into_iter().chain(found).min();
        } else {
            let (before, after) = (millis(matched[passed - 1]), millis(matched[passed]));
            if positions.any(|p| before < millis(p) && millis(p) < after) {
                return false;
            }
        }
    }
    let has_leading = sequence.items.first().is_some_and(|item| item.missing);
    let has_trailing = sequence.items.last().is_some_and(|item| item.missing);
    let time = |position: usize| stream[position].time;
    match (leading, trailing) {
        (Some(leading), Some(trailing)) => exceeds(sequence, time(leading), time(trailing)),
        (Some(leading), None) => has_trailing || exceeds(sequence, time(leading), time(*last)),
        (None, Some(trailing)) => has_leading || exceeds(sequence, time(*first), time(trailing)),
        (None, None) => true,
    }
}
