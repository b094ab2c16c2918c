//! The state of thresholds as bytes, and back, in the same frame as that of sequences.
//!
//! In: a set, or bytes that one wrote. Out: bytes; or a set that goes on where the other stopped. Knows nothing of files.

use super::store::{Group, Store};
use super::{ThresholdDef, ThresholdLimits, ThresholdSet};
use crate::keyed::{Clock, KeyedStats};
use crate::sequence::engine::{NIL, is_key};
use crate::sequence::wire::{self, Input, put_bytes};
use crate::sequence::{EventRef, RestoreError, Timestamp};

const MAGIC: [u8; 8] = *b"KILNTHR\n";

impl<'a> ThresholdSet<'a> {
    /// Appends the state to `out`. `rules` is a fingerprint of the rules behind the definitions.
    pub fn save(&self, rules: u64, out: &mut Vec<u8>) {
        let start = out.len();
        wire::begin(MAGIC, rules, out);
        let store = &self.store;
        out.extend(store.arrivals.to_le_bytes());
        let numbers = save_events(store, out);
        for (def, (clock, stats)) in (0..).zip(store.clocks.iter().zip(&store.stats)) {
            out.extend(clock.0.to_le_bytes());
            stats.saved().iter().for_each(|number| out.extend(number.to_le_bytes()));
            out.extend((store.groups.len_of(def) as u32).to_le_bytes());
            for id in store.groups.by_age(def) {
                save_group(store, id, &numbers, out);
            }
        }
        wire::end(start, out);
    }

    /// A set in the state that `bytes` hold. The definitions and `rules` must be those of the set that saved it; limits may
    /// differ. All handles of [`ThresholdSet::handles`] are referred to from then on.
    ///
    /// # Errors
    /// The bytes are no state, are damaged, belong to other rules or do not fit into the limits.
    pub fn restore(
        defs: &'a [ThresholdDef<'a>],
        rules: u64,
        limits: ThresholdLimits,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut set = Self::new(defs, limits);
        let mut input = wire::open(MAGIC, rules, bytes)?;
        let store = &mut set.store;
        store.arrivals = input.count()?;
        let mut events = Vec::new();
        for _ in 0..input.u32()? {
            let (handle, time, order) = (EventRef(input.u64()?), input.i64()?, input.u64()?);
            let event = store.events.add(handle, Timestamp::from_nanos(time), order);
            events.push(event.ok_or(RestoreError::TooLarge)?);
        }
        for def in 0..defs.len() as u32 {
            store.clocks[def as usize] = Clock(input.i64()?);
            store.stats[def as usize] = KeyedStats::restored(input.counts()?);
            for _ in 0..input.u32()? {
                restore_group(store, def, &events, &mut input)?;
            }
        }
        input.finish()?;
        // The references that stood in for the groups while these were read.
        for event in events {
            store.events.forget(event);
        }
        Ok(set)
    }

    /// The handles that the state refers to, in no particular order.
    pub fn handles(&self) -> impl Iterator<Item = EventRef> + '_ {
        self.store.events.live().map(|(_, event)| event.handle)
    }
}

/// Writes all events and returns their numbers by id.
fn save_events(store: &Store<'_>, out: &mut Vec<u8>) -> Vec<u32> {
    out.extend((store.events.len() as u32).to_le_bytes());
    let mut numbers = Vec::new();
    for (number, (id, event)) in (0..).zip(store.events.live()) {
        numbers.resize(id as usize + 1, NIL);
        numbers[id as usize] = number;
        out.extend(event.handle.0.to_le_bytes());
        out.extend(event.time.nanos().to_le_bytes());
        out.extend(event.order.to_le_bytes());
    }
    numbers
}

fn save_group(store: &Store<'_>, id: u32, numbers: &[u32], out: &mut Vec<u8>) {
    let Group { count, first, last, values, different, reported } = store.groups[id];
    put_bytes(&store.key(id), out);
    out.extend(count.to_le_bytes());
    out.extend(numbers[first as usize].to_le_bytes());
    out.extend(numbers[last as usize].to_le_bytes());
    out.push(reported.into());
    out.extend((different as u32).to_le_bytes());
    let mut at = values;
    while at != NIL {
        let value = store.values[at];
        out.extend(value.hash.to_le_bytes());
        at = value.next;
    }
}

fn restore_group(
    store: &mut Store<'_>,
    def: u32,
    events: &[u32],
    input: &mut Input<'_>,
) -> Result<(), RestoreError> {
    let key = input.bytes()?;
    let parts = store.defs[def as usize].keys.len();
    let is_group = key.get(8..).is_some_and(|key| is_key(key, parts));
    if !is_group || store.groups.find(def, key).is_some() {
        return Err(RestoreError::Malformed);
    }
    let count = input.count()?;
    let mut event = || events.get(input.u32()? as usize).copied().ok_or(RestoreError::Malformed);
    let (first, last) = (event()?, event()?);
    let reported = input.u8()? != 0;
    let group = Group { count, first, last, values: NIL, different: 0, reported };
    let id = store.groups.insert(def, key, group).ok_or(RestoreError::TooLarge)?;
    store.events.refer(first);
    store.events.refer(last);
    let values = (0..input.u32()?).map(|_| input.u128()).collect::<Result<Vec<_>, _>>()?;
    // Each is put before those that are there.
    for value in values.into_iter().rev() {
        if store.has_value(id, value) {
            return Err(RestoreError::Malformed);
        }
        if !store.add_value(id, value) {
            return Err(RestoreError::TooLarge);
        }
    }
    Ok(())
}
