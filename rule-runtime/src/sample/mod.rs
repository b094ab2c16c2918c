//! Events that share a key, in any order: EQL samples (eql.md section 13).
//!
//! In: for each event which filters it passed, its key values, and a handle. Out, at the end of the input: for each key that
//! all filters have, groups of different events, one for each filter. Memory is reserved at construction; when there are too
//! many keys the oldest give way and are counted. Knows nothing of time, of EQL text or of event content beyond the keys.
//!
//! Which events are picked is up to the implementation; here the first in order of arrival that fit.

mod assign;
mod save;
#[cfg(test)]
mod tests;

use crate::sequence::engine::{
    ByteStore, EventTable, Index, KeyLimits, NIL, Ops, Plan, Slab, Steps, Stored, compare_keys, hash,
    sort_hits,
};
use crate::sequence::{
    EventRef, Group, GroupEvent, Hit, Key, KeySource, SampleDef, SequenceDef, Sink, Timestamp,
};

/// Capacities, and how many samples are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleLimits {
    /// Keys in all samples together.
    pub keys: usize,
    /// Candidate events of all keys, counted for each.
    pub candidates: usize,
    /// Bytes of join keys.
    pub key_bytes: usize,
    /// The longest join key in bytes; longer ones do not count.
    pub max_key_bytes: usize,
    /// Join keys of one event in one sample; the first in order count.
    pub keys_per_event: usize,
    /// Bytes of what is remembered of events for [suppression](crate::suppression). Where there is no more room, an alert is
    /// not suppressed.
    pub note_bytes: usize,
    /// Samples for each key at most (`max_samples_per_key`).
    pub samples_per_key: usize,
    /// Varies the hash function. Results do not depend on it.
    pub hash_seed: u64,
}

impl SampleLimits {
    /// Limits for this many keys: four events and 56 bytes for each, as many bytes of notes for each
    /// event, one sample for each key.
    pub const fn with_keys(keys: usize) -> Self {
        Self {
            keys,
            candidates: keys.saturating_mul(4),
            key_bytes: keys.saturating_mul(56),
            max_key_bytes: 4096,
            keys_per_event: 64,
            note_bytes: keys.saturating_mul(224),
            samples_per_key: 1,
            hash_seed: 0,
        }
    }
}

impl Default for SampleLimits {
    fn default() -> Self {
        Self::with_keys(16_384)
    }
}

/// What happened to one sample since construction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleStats {
    /// Groups found.
    pub completed: u64,
    /// Keys dropped for lack of room.
    pub evicted: u64,
    /// Join keys of events left out for their number or length.
    pub keys_dropped: u64,
}

/// The candidates of one key of one sample.
#[derive(Clone, Copy, Debug)]
struct Entry {
    sample: u32,
    hash: u32,
    key: Stored,
    /// Candidates of all filters in order of arrival.
    first: u32,
    last: u32,
    /// Neighbours by age.
    older: u32,
    newer: u32,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    event: u32,
    stage: u16,
    next: u32,
}

/// The state of all samples of a rule set.
///
/// ```
/// use rule_runtime::event::{Scalar, Slot};
/// use rule_runtime::sample::{SampleLimits, SampleSet};
/// use rule_runtime::sequence::{EventRef, Group, Hit, KeyDef, KeyKind, KeySource, SampleDef, StageDef};
///
/// // sample by host [file where ..] [process where ..]
/// static HOST: [KeyDef; 1] = [KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text }];
/// static STAGES: [StageDef; 2] = [
///     StageDef { filter: 0, missing: false, keys: &HOST },
///     StageDef { filter: 1, missing: false, keys: &HOST },
/// ];
/// static SAMPLES: [SampleDef; 1] = [SampleDef { stages: &STAGES }];
///
/// struct Host(&'static str);
/// impl KeySource for Host {
///     fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
///         visit(Scalar::Text(self.0.as_bytes()));
///     }
/// }
///
/// let mut found = Vec::new();
/// let mut set = SampleSet::new(&SAMPLES, SampleLimits::with_keys(100));
/// let mut sink = |group: &Group| found.push(group.events.iter().flatten().map(|e| e.handle.0).collect::<Vec<_>>());
/// for (number, host, filter) in [(1, "a", 1), (2, "b", 1), (3, "a", 0)] {
///     set.push(EventRef(number), &[Hit { sequence: 0, filter }], &Host(host), &mut sink);
/// }
/// set.finish(&mut sink);
/// assert_eq!(found, [[3, 1]]);
/// ```
#[derive(Clone, Debug)]
pub struct SampleSet<'a> {
    state: State<'a>,
    steps: Steps,
    hits: Vec<Hit>,
    arrivals: u64,
    /// Fingerprint of the definitions.
    shape: u64,
}

#[derive(Clone, Debug)]
struct State<'a> {
    plans: Vec<Plan<'a>>,
    stats: Vec<SampleStats>,
    entries: Slab<Entry>,
    candidates: Slab<Candidate>,
    events: EventTable,
    keys: ByteStore,
    index: Index,
    oldest: u32,
    newest: u32,
    limits: SampleLimits,
}

impl<'a> SampleSet<'a> {
    /// A set without state.
    pub fn new(samples: &[SampleDef<'a>], limits: SampleLimits) -> Self {
        let plans: Vec<Plan<'a>> = samples.iter().map(|def| Plan::new(&as_sequence(def))).collect();
        let longest = plans.iter().map(|plan| plan.stages).max().unwrap_or(0);
        // One event may be a candidate of every filter; with less room nothing could ever be stored.
        let candidates = limits.candidates.max(longest);
        let (keys, candidates, bytes) = if plans.is_empty() {
            (0, 0, 0)
        } else {
            (limits.keys.max(1), candidates, limits.key_bytes.max(limits.max_key_bytes))
        };
        Self {
            steps: Steps::new(KeyLimits { keys: limits.keys_per_event.max(1), bytes: limits.max_key_bytes }),
            hits: Vec::with_capacity(64),
            arrivals: 0,
            shape: save::shape(samples),
            state: State {
                stats: vec![SampleStats::default(); plans.len()],
                entries: Slab::new(keys),
                candidates: Slab::new(candidates),
                events: if candidates == 0 {
                    EventTable::new(0)
                } else {
                    EventTable::with_notes(candidates + 1, limits.note_bytes)
                },
                keys: ByteStore::new(bytes),
                index: Index::new(keys),
                oldest: NIL,
                newest: NIL,
                limits,
                plans,
            },
        }
    }

    /// Takes in an event. `hits` are the filters it passed, in any order; their `sequence` is the position of the sample.
    /// Returns whether the set refers to the event now: if so, [`Sink::released`] tells when it no longer does.
    pub fn push(
        &mut self,
        handle: EventRef,
        hits: &[Hit],
        source: &impl KeySource,
        sink: &mut impl Sink,
    ) -> bool {
        self.push_noted(handle, hits, b"", source, sink)
    }

    /// The same with something to remember of the event; groups have it.
    pub(crate) fn push_noted(
        &mut self,
        handle: EventRef,
        hits: &[Hit],
        note: &[u8],
        source: &impl KeySource,
        sink: &mut impl Sink,
    ) -> bool {
        let Self { state, steps, hits: sorted, .. } = self;
        sort_hits(hits, state.plans.len(), sorted);
        if sorted.is_empty() {
            return false;
        }
        let Some(event) = state.events.add(handle, Timestamp::default(), self.arrivals) else { return false };
        self.arrivals += 1;
        state.events.note(event, note);
        for run in sorted.chunk_by(|a, b| a.sequence == b.sequence) {
            let sample = run[0].sequence;
            let dropped = steps.collect(&state.plans[sample as usize], run, source);
            state.stats[sample as usize].keys_dropped += dropped;
            for (key, ops) in steps.iter() {
                state.apply(sample, key, ops, event);
            }
        }
        let kept = !state.events.forget(event);
        state.report_released(sink);
        kept
    }

    /// The input has ended: hands out the samples, those of one definition in order of their keys, and forgets all
    /// candidates. The events of a group have no time.
    pub fn finish(&mut self, sink: &mut impl Sink) {
        for sample in 0..self.state.plans.len() {
            for (key, id) in self.state.sorted_keys(sample as u32) {
                self.state.hand_out(sample as u32, id, &key, sink);
            }
        }
        while self.state.oldest != NIL {
            self.state.remove(self.state.oldest);
        }
        self.state.report_released(sink);
    }

    /// What happened to a sample, all zero for one that the set does not have.
    pub fn stats(&self, sample: u32) -> SampleStats {
        self.state.stats.get(sample as usize).copied().unwrap_or_default()
    }

    /// Bytes of memory reserved for state.
    pub fn reserved_bytes(&self) -> usize {
        let State { entries, candidates, events, keys, index, .. } = &self.state;
        entries.bytes() + candidates.bytes() + events.bytes() + keys.bytes() + index.bytes()
    }
}

impl State<'_> {
    /// Adds the event to the candidates of a key, for each filter that wants more.
    fn apply(&mut self, sample: u32, key: &[u8], ops: Ops, event: u32) {
        let found = self.find(sample, key);
        let needs = Needs {
            entries: usize::from(found.is_none()),
            blocks: if found.is_none() { ByteStore::blocks(key.len()) } else { 0 },
            candidates: ops.len(),
        };
        self.make_room(found.unwrap_or(NIL), needs);
        let Some(id) = found.or_else(|| self.add(sample, key)) else { return };
        let most = self.plans[sample as usize].stages + self.limits.samples_per_key.max(1) - 1;
        for stage in ops.descending() {
            if self.stage(id, stage).count() < most {
                self.append(id, stage, event);
            }
        }
    }

    fn hash(&self, sample: u32, key: &[u8]) -> u32 {
        hash(self.limits.hash_seed ^ u64::from(sample), key) as u32
    }

    fn find(&self, sample: u32, key: &[u8]) -> Option<u32> {
        self.index.find(self.hash(sample, key), |id| {
            let entry = &self.entries[id];
            entry.sample == sample && self.keys.equals(entry.key, key)
        })
    }

    /// Adds a key that is not there. `None` if there is no room.
    fn add(&mut self, sample: u32, key: &[u8]) -> Option<u32> {
        if self.entries.room() == 0 {
            return None;
        }
        let hash = self.hash(sample, key);
        let key = self.keys.store(key)?;
        let older = self.newest;
        let id =
            self.entries.insert(Entry { sample, hash, key, first: NIL, last: NIL, older, newer: NIL })?;
        self.newest = id;
        if older == NIL {
            self.oldest = id;
        } else {
            self.entries[older].newer = id;
        }
        self.index.insert(hash, id);
        Some(id)
    }

    fn append(&mut self, id: u32, stage: u16, event: u32) {
        let Some(candidate) = self.candidates.insert(Candidate { event, stage, next: NIL }) else { return };
        self.events.refer(event);
        let entry = &mut self.entries[id];
        let last = std::mem::replace(&mut entry.last, candidate);
        if last == NIL {
            entry.first = candidate;
        } else {
            self.candidates[last].next = candidate;
        }
    }

    /// All candidates of a key in order of arrival.
    fn candidates_of(&self, id: u32) -> impl Iterator<Item = Candidate> + '_ {
        let mut at = self.entries[id].first;
        std::iter::from_fn(move || {
            let candidate = (at != NIL).then(|| self.candidates[at])?;
            at = candidate.next;
            Some(candidate)
        })
    }

    /// The events that are candidates of a filter, in order of arrival.
    fn stage(&self, id: u32, stage: u16) -> impl Iterator<Item = u32> + '_ {
        self.candidates_of(id)
            .filter(move |candidate| candidate.stage == stage)
            .map(|candidate| candidate.event)
    }

    /// Drops a key and its candidates.
    fn remove(&mut self, id: u32) {
        let entry = self.entries.remove(id);
        let mut at = entry.first;
        while at != NIL {
            let candidate = self.candidates.remove(at);
            self.events.unrefer(candidate.event);
            at = candidate.next;
        }
        self.index.remove(entry.hash, id);
        self.keys.release(entry.key);
        match entry.older {
            NIL => self.oldest = entry.newer,
            older => self.entries[older].newer = entry.newer,
        }
        match entry.newer {
            NIL => self.newest = entry.older,
            newer => self.entries[newer].older = entry.older,
        }
    }

    /// Drops the oldest keys, but not `own`, until there is room.
    fn make_room(&mut self, own: u32, needs: Needs) {
        while self.entries.room() < needs.entries
            || self.keys.room() < needs.blocks
            || self.candidates.room() < needs.candidates
        {
            let mut id = self.oldest;
            if id == own && id != NIL {
                id = self.entries[id].newer;
            }
            if id == NIL {
                return;
            }
            self.stats[self.entries[id].sample as usize].evicted += 1;
            self.remove(id);
        }
    }

    /// The keys of a sample in order.
    fn sorted_keys(&self, sample: u32) -> Vec<(Vec<u8>, u32)> {
        let mut keys = Vec::new();
        let mut id = self.oldest;
        while id != NIL {
            let entry = &self.entries[id];
            if entry.sample == sample {
                let mut key = Vec::new();
                self.keys.load(entry.key, &mut key);
                keys.push((key, id));
            }
            id = entry.newer;
        }
        keys.sort_unstable_by(|a, b| compare_keys(&a.0, &b.0));
        keys
    }

    /// Hands out the samples of a key.
    fn hand_out(&mut self, sample: u32, id: u32, key: &[u8], sink: &mut impl Sink) {
        let stages = self.plans[sample as usize].stages as u16;
        let candidates: Vec<Vec<u32>> = (0..stages).map(|stage| self.stage(id, stage).collect()).collect();
        let mut notes = Vec::new();
        for chosen in assign::all_different(&candidates, self.limits.samples_per_key) {
            notes.clear();
            if self.events.has_notes() {
                for &event in chosen.iter() {
                    self.events.load_note(event, &mut notes);
                }
            }
            let events: Vec<Option<GroupEvent>> =
                chosen.into_iter().map(|event| Some(self.events.group_event(event))).collect();
            self.stats[sample as usize].completed += 1;
            sink.group(&Group { sequence: sample, key: Key::new(key), events: &events, notes: &notes });
        }
    }

    fn report_released(&mut self, sink: &mut impl Sink) {
        for handle in self.events.drain_released() {
            sink.released(handle);
        }
    }
}

/// A sample as far as keys and filters go.
fn as_sequence<'a>(def: &SampleDef<'a>) -> SequenceDef<'a> {
    SequenceDef { stages: def.stages, maxspan_millis: None, until: None }
}

/// What has to be free before an event is applied.
#[derive(Clone, Copy, Debug)]
struct Needs {
    entries: usize,
    blocks: usize,
    candidates: usize,
}
