//! The state of samples as bytes, and back, in the same frame as that of sequences.
//!
//! In: a set, or bytes that one wrote. Out: bytes; or a set that goes on where the other stopped. Knows nothing of files.

use super::{NIL, SampleLimits, SampleSet, SampleStats};
use crate::sequence::engine::{fingerprint, is_key};
use crate::sequence::wire::{self, Input, put_bytes};
use crate::sequence::{EventRef, RestoreError, SampleDef, SequenceDef, Timestamp};

const MAGIC: [u8; 8] = *b"KILNSMP\n";

impl<'a> SampleSet<'a> {
    /// Appends the state to `out`. `rules` is a fingerprint of the rules behind the definitions.
    pub fn save(&self, rules: u64, out: &mut Vec<u8>) {
        let start = out.len();
        wire::begin(MAGIC, self.shape ^ rules, out);
        out.extend(self.arrivals.to_le_bytes());
        for stats in &self.state.stats {
            for number in [stats.completed, stats.evicted, stats.keys_dropped] {
                out.extend(number.to_le_bytes());
            }
        }
        let numbers = self.save_events(out);
        out.extend((self.state.entries.len() as u32).to_le_bytes());
        let mut id = self.state.oldest;
        while id != NIL {
            self.save_entry(id, &numbers, out);
            id = self.state.entries[id].newer;
        }
        wire::end(start, out);
    }

    /// Writes all events and returns their numbers by id.
    fn save_events(&self, out: &mut Vec<u8>) -> Vec<u32> {
        out.extend((self.state.events.len() as u32).to_le_bytes());
        let mut numbers = Vec::new();
        for (number, (id, event)) in (0..).zip(self.state.events.live()) {
            numbers.resize(id as usize + 1, NIL);
            numbers[id as usize] = number;
            out.extend(event.handle.0.to_le_bytes());
            out.extend(event.order.to_le_bytes());
            self.state.events.load_note(id, out);
        }
        numbers
    }

    fn save_entry(&self, id: u32, numbers: &[u32], out: &mut Vec<u8>) {
        let entry = &self.state.entries[id];
        out.extend(entry.sample.to_le_bytes());
        let mut key = Vec::new();
        self.state.keys.load(entry.key, &mut key);
        put_bytes(&key, out);
        let candidates = || self.state.candidates_of(id);
        out.extend((candidates().count() as u32).to_le_bytes());
        for candidate in candidates() {
            out.extend(candidate.stage.to_le_bytes());
            out.extend(numbers[candidate.event as usize].to_le_bytes());
        }
    }

    /// A set in the state that `bytes` hold. The definitions and `rules` must be those of the set that saved it; limits may
    /// differ. All handles of [`SampleSet::handles`] are referred to from then on.
    pub fn restore(
        samples: &[SampleDef<'a>],
        rules: u64,
        limits: SampleLimits,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut set = Self::new(samples, limits);
        let mut input = wire::open(MAGIC, set.shape ^ rules, bytes)?;
        set.arrivals = input.count()?;
        for stats in &mut set.state.stats {
            let [completed, evicted, keys_dropped] = input.counts()?;
            *stats = SampleStats { completed, evicted, keys_dropped };
        }
        let mut events = Vec::new();
        for _ in 0..input.u32()? {
            let (handle, order) = (EventRef(input.u64()?), input.u64()?);
            let event = set.state.events.add(handle, Timestamp::default(), order);
            let event = event.ok_or(RestoreError::TooLarge)?;
            if !set.state.events.note(event, input.note()?) {
                return Err(RestoreError::TooLarge);
            }
            events.push(event);
        }
        for _ in 0..input.u32()? {
            set.restore_entry(&events, &mut input)?;
        }
        input.finish()?;
        // The references that stood in for the candidates while these were read.
        for event in events {
            set.state.events.forget(event);
        }
        Ok(set)
    }

    fn restore_entry(&mut self, events: &[u32], input: &mut Input<'_>) -> Result<(), RestoreError> {
        let sample = input.u32()?;
        let key = input.bytes()?;
        let inner = &mut self.state;
        let plan = inner.plans.get(sample as usize).ok_or(RestoreError::Malformed)?;
        let (parts, width) = (plan.parts, plan.stages);
        if !is_key(key, parts) || inner.find(sample, key).is_some() {
            return Err(RestoreError::Malformed);
        }
        let id = inner.add(sample, key).ok_or(RestoreError::TooLarge)?;
        for _ in 0..input.u32()? {
            let stage = input.u16()?;
            let event = *events.get(input.u32()? as usize).ok_or(RestoreError::Malformed)?;
            if usize::from(stage) >= width {
                return Err(RestoreError::Malformed);
            }
            if inner.candidates.room() == 0 {
                return Err(RestoreError::TooLarge);
            }
            inner.append(id, stage, event);
        }
        Ok(())
    }

    /// The handles that the state refers to, in no particular order.
    pub fn handles(&self) -> impl Iterator<Item = EventRef> + '_ {
        self.state.events.live().map(|(_, event)| event.handle)
    }
}

/// A number that differs for sets of different shape.
pub(super) fn shape(samples: &[SampleDef<'_>]) -> u64 {
    let defs: Vec<SequenceDef<'_>> = samples.iter().map(super::as_sequence).collect();
    fingerprint(&defs, 0)
}
