//! What rules with state look at of an event, apart from the event.
//!
//! In: outcomes of matchers that follow no groups. Out: what the one matcher that follows them needs: which filters held,
//! and the values of join keys and times. So many threads read and match, and a single one sees, in order, a few bytes
//! for each event that takes part.

use super::matcher::{Hits, Outcome};
use crate::event::{Event, EventView, Scalar, Slot};
use crate::sequence::{Hit, StageDef};
use crate::set::{RuleSet, Target};

/// What is needed of events that concern rules with state, one after the other.
///
/// ```
/// use rule_runtime::engine::{Matcher, Options, Parts};
/// use rule_runtime::sequence::EventRef;
/// use rule_runtime::set::RuleSet;
/// let mut worker = Matcher::with_options(&RuleSet::EMPTY, Options { groups: false, ..Options::default() });
/// let mut follower = Matcher::new(&RuleSet::EMPTY);
/// let mut parts = Parts::default();
/// let line = br#"{"event":{"category":"process"}}"#;
/// let outcome = worker.json(line, EventRef(0))?;
/// if outcome.takes_part() {
///     parts.add(outcome, line);
/// }
/// for number in 0..parts.len() {
///     let outcome = follower.part(&parts, number, EventRef(number as u64));
///     assert_eq!(outcome.groups().count(), 0);
/// }
/// # Ok::<(), rule_runtime::reader::ReadError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Parts {
    sequences: Vec<(u16, Hit)>,
    samples: Vec<Hit>,
    states: Vec<Target>,
    values: Vec<Value>,
    text: Vec<u8>,
    ends: Vec<End>,
}

/// A value, its text taken from the front of what is left.
#[derive(Clone, Copy, Debug)]
struct Value {
    slot: Slot,
    kind: Kind,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Number,
    True,
    False,
}

/// Where a part ends in each list.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    sequences: usize,
    samples: usize,
    states: usize,
    values: usize,
    text: usize,
}

impl Parts {
    /// Adds what is needed of an event. `line` is the text that was matched; empty if the event came from elsewhere.
    pub fn add(&mut self, outcome: Outcome<'_, '_>, line: &[u8]) {
        self.sequences.extend_from_slice(&outcome.hits.sequences);
        self.samples.extend_from_slice(&outcome.hits.samples);
        let states = outcome.hits.states.iter().filter(|target| has_state(**target, outcome.set));
        self.states.extend(states);
        if let Some(event) = outcome.event {
            outcome.followed.iter().for_each(|&slot| self.add_values(event.view(line), slot));
        }
        self.ends.push(End {
            sequences: self.sequences.len(),
            samples: self.samples.len(),
            states: self.states.len(),
            values: self.values.len(),
            text: self.text.len(),
        });
    }

    fn add_values(&mut self, event: EventView<'_>, slot: Slot) {
        for value in event.values(slot) {
            let (kind, text) = match value {
                Scalar::Text(text) => (Kind::Text, text),
                Scalar::Number(text) => (Kind::Number, text),
                Scalar::Bool(true) => (Kind::True, &b""[..]),
                Scalar::Bool(false) => (Kind::False, &b""[..]),
            };
            self.text.extend_from_slice(text);
            // A value of an event is shorter than 4 GiB.
            self.values.push(Value { slot, kind, len: text.len() as u32 });
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of memory they take.
    pub fn size(&self) -> usize {
        size_of_val(&*self.sequences)
            + size_of_val(&*self.samples)
            + size_of_val(&*self.states)
            + size_of_val(&*self.values)
            + size_of_val(&*self.ends)
            + self.text.len()
    }

    /// Forgets all. Memory stays.
    pub fn clear(&mut self) {
        self.sequences.clear();
        self.samples.clear();
        self.states.clear();
        self.values.clear();
        self.text.clear();
        self.ends.clear();
    }

    /// Makes `event` and `hits` what they were, as far as groups look at them. A number that is none gives nothing.
    pub(super) fn restore(&self, number: usize, slots: usize, event: &mut Event, hits: &mut Hits) {
        event.begin(slots);
        hits.clear();
        let Some(&end) = self.ends.get(number) else { return };
        let start = number.checked_sub(1).map_or(End::default(), |before| self.ends[before]);
        hits.sequences.extend_from_slice(&self.sequences[start.sequences..end.sequences]);
        hits.samples.extend_from_slice(&self.samples[start.samples..end.samples]);
        hits.states.extend_from_slice(&self.states[start.states..end.states]);
        let mut text = &self.text[start.text..end.text];
        for value in &self.values[start.values..end.values] {
            let (own, rest) = text.split_at(value.len as usize);
            text = rest;
            let scalar = match value.kind {
                Kind::Text => Scalar::Text(own),
                Kind::Number => Scalar::Number(own),
                Kind::True => Scalar::Bool(true),
                Kind::False => Scalar::Bool(false),
            };
            event.push_scalar(value.slot, scalar);
        }
    }
}

/// Whether what a filter is for depends on other events.
fn has_state(target: Target, set: &RuleSet<'_>) -> bool {
    match target {
        Target::Threat(def) => set.states.threats[def as usize].suppression.is_some(),
        _ => true,
    }
}

/// The slots that rules with state look at besides their conditions, ascending.
pub(super) fn followed(set: &RuleSet<'_>) -> Vec<Slot> {
    fn keys<'d>(stages: impl Iterator<Item = &'d StageDef<'d>>) -> impl Iterator<Item = Slot> {
        stages.flat_map(|stage| stage.keys).filter_map(|key| key.slot)
    }
    let mut slots = Vec::new();
    for order in set.sequences {
        slots.extend([order.timestamp].into_iter().chain(order.tiebreaker));
        slots.extend(order.defs.iter().flat_map(|def| keys(def.stages.iter().chain(&def.until))));
    }
    slots.extend(set.samples.defs.iter().flat_map(|def| keys(def.stages.iter())));
    slots.extend(set.states.slots());
    slots.sort_unstable();
    slots.dedup();
    slots
}
