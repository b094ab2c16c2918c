//! All sequences of a rule set, driven by events.
//!
//! In: for each event when it happened, a handle, which filters it passed and where to read its key values. Out: groups,
//! through a [`Sink`]. Knows nothing of event content beyond the keys.

use super::def::{Hit, SequenceDef, fingerprint};
use super::events::UNORDERED;
use super::key::{KeyLimits, KeySource};
use super::limits::{Limits, Reorder, SequenceStats, SetStats};
use super::machine::Machine;
use super::plan::Plan;
use super::sink::Sink;
use super::steps::{Steps, sort_hits};
use super::store::Store;
use super::time::{Arrival, Timestamp};
use super::window::{self, Place, Window};

/// The state of all sequences of a rule set.
///
/// Memory is reserved by [`SequenceSet::new`]; after that nothing is allocated, except that scratch buffers grow when an
/// event has more or longer key values than any before it.
///
/// ```
/// use rule_runtime::event::{Scalar, Slot};
/// use rule_runtime::sequence::{
///     Arrival, EventRef, Group, Hit, KeyDef, KeyKind, KeySource, Limits, SequenceDef, SequenceSet, StageDef,
///     Tiebreaker, Timestamp,
/// };
///
/// // sequence by user with maxspan=1m [logon where ..] [process where ..]
/// static USER: [KeyDef; 1] = [KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text }];
/// static STAGES: [StageDef; 2] = [
///     StageDef { filter: 0, missing: false, keys: &USER },
///     StageDef { filter: 1, missing: false, keys: &USER },
/// ];
/// static SEQUENCES: [SequenceDef; 1] = [SequenceDef { stages: &STAGES, maxspan_millis: Some(60_000), until: None }];
///
/// struct User(&'static str);
/// impl KeySource for User {
///     fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
///         visit(Scalar::Text(self.0.as_bytes()));
///     }
/// }
///
/// let mut found = Vec::new();
/// let mut set = SequenceSet::new(&SEQUENCES, 0, Limits::with_pending(1000));
/// for (seconds, user, filter) in [(0, "ann", 0), (10, "bob", 1), (60, "ann", 1), (61, "ann", 1)] {
///     let handle = EventRef(seconds);
///     let time = Timestamp::from_millis(seconds as i64 * 1000);
///     let arrival = Arrival { time, tiebreaker: Tiebreaker::NONE, handle };
///     let hits = [Hit { sequence: 0, filter }];
///     set.push(arrival, &hits, &User(user), &mut |group: &Group| {
///         found.push((group.key.values().next().unwrap().to_string(), group.events[1].unwrap().handle));
///     });
/// }
/// assert_eq!(found, [("ann".to_owned(), EventRef(60))]);
/// ```
#[derive(Clone, Debug)]
pub struct SequenceSet<'a> {
    pub(super) machine: Machine<'a>,
    pub(super) window: Window,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    pub(super) fingerprint: u64,
    steps: Steps,
    scratch: Scratch,
}

/// How far the set has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// The latest time seen.
    pub(super) latest: i64,
    /// Everything before this has been looked at; what comes earlier is late.
    pub(super) floor: i64,
    /// Events that have arrived.
    pub(super) arrivals: u64,
    /// Events that have been looked at.
    pub(super) order: u64,
    pub(super) forced: u64,
}

#[derive(Clone, Debug, Default)]
struct Scratch {
    hits: Vec<Hit>,
    payload: Vec<u8>,
    /// The payload of a record on its way out of the window.
    popped: Vec<u8>,
}

impl<'a> SequenceSet<'a> {
    /// A set without state. `rules` is a fingerprint of the rules behind the definitions (their filters are not part of
    /// them): saved state is only accepted by a set with the same one.
    pub fn new(sequences: &[SequenceDef<'a>], rules: u64, limits: Limits) -> Self {
        let plans: Vec<Plan<'a>> = sequences.iter().map(Plan::new).collect();
        let longest = plans.iter().map(|plan| plan.stages).max().unwrap_or(0);
        let store = Store::new(plans.iter().map(|plan| plan.span), longest, &limits);
        let largest = limits.max_key_bytes + longest;
        Self {
            window: Window::new(limits.reorder.records, largest),
            machine: Machine::new(plans, store, limits.max_key_bytes),
            clock: Clock { latest: i64::MIN, floor: i64::MIN, arrivals: 0, order: 0, forced: 0 },
            fingerprint: fingerprint(sequences, rules),
            limits,
            steps: Steps::new(KeyLimits { keys: limits.keys_per_event.max(1), bytes: limits.max_key_bytes }),
            scratch: Scratch {
                hits: Vec::with_capacity(64),
                payload: Vec::with_capacity(1024),
                popped: Vec::with_capacity(1024),
            },
        }
    }

    /// Takes in an event. `hits` are the filters it passed, in any order; `source` is asked for key values only if there are
    /// any. Returns whether the set still refers to the event: if so, [`Sink::released`] tells when it no longer does.
    pub fn push(
        &mut self,
        arrival: Arrival,
        hits: &[Hit],
        source: &impl KeySource,
        sink: &mut impl Sink,
    ) -> bool {
        self.push_noted(arrival, hits, b"", source, sink)
    }

    /// The same with something to remember of the event; groups have it.
    pub(crate) fn push_noted(
        &mut self,
        arrival: Arrival,
        hits: &[Hit],
        note: &[u8],
        source: &impl KeySource,
        sink: &mut impl Sink,
    ) -> bool {
        if hits.is_empty() {
            self.advance(arrival.time, sink);
            return false;
        }
        sort_hits(hits, self.machine.plans.len(), &mut self.scratch.hits);
        if arrival.time.nanos() < self.clock.floor {
            self.count_late();
            return false;
        }
        self.clock.arrivals += 1;
        let waits = self.limits.reorder.records > 0;
        if !waits {
            self.move_to(arrival.time, sink);
        }
        let order = if waits { UNORDERED } else { self.next_order() };
        let Some(event) = self.machine.store.events.add(arrival.handle, arrival.time, order) else {
            return false;
        };
        self.machine.store.events.note(event, note);
        let hits = std::mem::take(&mut self.scratch.hits);
        for run in hits.chunk_by(|a, b| a.sequence == b.sequence) {
            let sequence = run[0].sequence;
            let plan = &self.machine.plans[sequence as usize];
            let dropped = self.steps.collect(plan, run, source);
            self.machine.counters[sequence as usize].keys_dropped += dropped;
            if waits {
                self.wait(arrival, sequence, event, sink);
            } else {
                self.apply_steps(sequence, event, sink);
            }
        }
        self.scratch.hits = hits;
        if waits {
            self.pass(arrival.time, sink);
        }
        // The reference that `add` made held the event until here.
        let kept = !self.machine.store.events.forget(event);
        self.report_released(sink);
        kept
    }

    /// Moves time up without an event: no event earlier than `now` less the reorder window is to come. Hands out what was
    /// held back for missing events and drops what has expired.
    pub fn advance(&mut self, now: Timestamp, sink: &mut impl Sink) {
        self.pass(now, sink);
        self.report_released(sink);
    }

    /// No event comes any more: looks at all that wait, hands out what was held back, and forgets what is pending. To go on
    /// later, save the state instead.
    pub fn finish(&mut self, sink: &mut impl Sink) {
        while self.window.first().is_some() {
            self.apply_first(sink);
        }
        self.machine.finish(sink);
        self.report_released(sink);
    }

    /// What happened to a sequence, all zero for one that the set does not have.
    pub fn stats(&self, sequence: u32) -> SequenceStats {
        let Some(counters) = self.machine.counters.get(sequence as usize) else {
            return SequenceStats::default();
        };
        SequenceStats {
            completed: counters.completed,
            evicted: counters.evicted,
            late: counters.late,
            keys_dropped: counters.keys_dropped,
            pending: self.machine.store.ages[sequence as usize].len,
        }
    }

    /// What happened to the set.
    pub fn set_stats(&self) -> SetStats {
        SetStats {
            forced: self.clock.forced,
            pending: self.machine.store.items.len(),
            events: self.machine.store.events.len(),
            waiting: self.window.len(),
        }
    }

    /// Bytes of memory reserved for state.
    pub fn reserved_bytes(&self) -> usize {
        self.machine.store.bytes() + self.window.bytes()
    }

    fn count_late(&mut self) {
        for run in self.scratch.hits.chunk_by(|a, b| a.sequence == b.sequence) {
            self.machine.counters[run[0].sequence as usize].late += 1;
        }
    }

    fn next_order(&mut self) -> u64 {
        self.clock.order += 1;
        self.clock.order - 1
    }

    fn move_to(&mut self, time: Timestamp, sink: &mut impl Sink) {
        self.clock.latest = self.clock.latest.max(time.nanos());
        self.clock.floor = self.clock.floor.max(time.nanos());
        self.machine.expire(Timestamp::from_nanos(self.clock.floor), sink);
    }

    fn apply_steps(&mut self, sequence: u32, event: u32, sink: &mut impl Sink) {
        for (key, ops) in self.steps.iter() {
            self.machine.apply(sequence, key, ops, event, sink);
        }
    }

    /// Puts the collected keys into the window. If it is full, the first in order is looked at early.
    fn wait(&mut self, arrival: Arrival, sequence: u32, event: u32, sink: &mut impl Sink) {
        self.write_payload(sequence);
        if self.scratch.payload.is_empty() {
            return;
        }
        let place = Place {
            time: arrival.time,
            tiebreaker: arrival.tiebreaker,
            arrival: self.clock.arrivals,
            sequence,
        };
        while !self.window.has_room(self.scratch.payload.len()) {
            self.clock.forced += 1;
            if self.window.first().is_none_or(|first| place < first) {
                let payload = std::mem::take(&mut self.scratch.payload);
                self.apply_payload(sequence, event, &payload, sink);
                self.scratch.payload = payload;
                return;
            }
            self.apply_first(sink);
        }
        if self.window.push(place, event, &self.scratch.payload) {
            self.machine.store.events.refer(event);
        }
    }

    /// The collected keys as a payload; those that would not fit into an empty window are left out.
    fn write_payload(&mut self, sequence: u32) {
        let payload = &mut self.scratch.payload;
        payload.clear();
        let width = self.machine.plans[sequence as usize].width();
        for (done, (key, ops)) in self.steps.iter().enumerate() {
            let fits = payload.len();
            window::push_key(key, ops, width, payload);
            if !self.window.can_hold(payload.len()) {
                payload.truncate(fits);
                self.machine.counters[sequence as usize].keys_dropped += (self.steps.len() - done) as u64;
                return;
            }
        }
    }

    /// Looks at the first record that waits.
    fn apply_first(&mut self, sink: &mut impl Sink) {
        let mut payload = std::mem::take(&mut self.scratch.popped);
        if let Some((place, event)) = self.window.pop(&mut payload) {
            self.apply_payload(place.sequence, event, &payload, sink);
            self.machine.store.events.unrefer(event);
        }
        self.scratch.popped = payload;
    }

    fn apply_payload(&mut self, sequence: u32, event: u32, payload: &[u8], sink: &mut impl Sink) {
        if self.machine.store.events[event].order == UNORDERED {
            let order = self.next_order();
            self.machine.store.events.set_order(event, order);
        }
        self.move_to(self.machine.store.events[event].time, sink);
        let width = self.machine.plans[sequence as usize].width();
        let mut rest = payload;
        while let Some((key, ops, tail)) = window::split_key(rest, width) {
            self.machine.apply(sequence, key, ops, event, sink);
            rest = tail;
        }
    }

    /// Moves time up and looks at what has waited long enough.
    fn pass(&mut self, now: Timestamp, sink: &mut impl Sink) {
        self.clock.latest = self.clock.latest.max(now.nanos());
        let bound = match self.limits.reorder {
            Reorder { records: 0, .. } => now.nanos(),
            Reorder { nanos, .. } => self.clock.latest.saturating_sub_unsigned(nanos),
        };
        while self.window.first().is_some_and(|first| first.time.nanos() < bound) {
            self.apply_first(sink);
        }
        self.move_to(Timestamp::from_nanos(bound), sink);
    }

    fn report_released(&mut self, sink: &mut impl Sink) {
        for handle in self.machine.store.events.drain_released() {
            sink.released(handle);
        }
    }
}

#[cfg(test)]
mod tests;
