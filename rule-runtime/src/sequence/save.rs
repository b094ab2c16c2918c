//! State as bytes, and back.
//!
//! In: a set, or bytes that one wrote. Out: bytes framed by `wire`; or a set that goes on where the other stopped. The form
//! is logical (keys, items, events by number), so that a set with other limits can read it. Knows nothing of files.

use super::def::SequenceDef;
use super::key::is_key;
use super::limits::Limits;
use super::machine::Counters;
use super::plan::Plan;
use super::set::{Clock, SequenceSet};
use super::slab::NIL;
use super::store::{Item, Kind, Store};
use super::time::{EventRef, Tiebreaker, Timestamp};
use super::window::{Place, split_key};
use super::wire::{self, Input, RestoreError, put_bytes};

const MAGIC: [u8; 8] = *b"KILNSEQ\n";

impl<'a> SequenceSet<'a> {
    /// Appends the state to `out`. A set restored from it goes on as this one would.
    pub fn save(&self, out: &mut Vec<u8>) {
        let start = out.len();
        wire::begin(MAGIC, self.fingerprint, out);
        let Clock { latest, floor, arrivals, order, forced } = self.clock;
        for number in [latest.cast_unsigned(), floor.cast_unsigned(), arrivals, order, forced] {
            out.extend(number.to_le_bytes());
        }
        for counters in &self.machine.counters {
            for number in [counters.completed, counters.evicted, counters.late, counters.keys_dropped] {
                out.extend(number.to_le_bytes());
            }
        }
        let store = &self.machine.store;
        let numbers = save_events(store, out);
        for list in &store.ages {
            out.extend((list.len as u32).to_le_bytes());
            let mut id = list.oldest;
            while id != NIL {
                save_item(store, id, &numbers, out);
                id = store.items[id].newer;
            }
        }
        out.extend((self.window.len() as u32).to_le_bytes());
        self.window.each(|place, event, payload| {
            out.extend(place.time.nanos().to_le_bytes());
            out.extend(place.tiebreaker.bits().to_le_bytes());
            out.extend(place.arrival.to_le_bytes());
            out.extend(place.sequence.to_le_bytes());
            out.extend(numbers[event as usize].to_le_bytes());
            put_bytes(payload, out);
        });
        wire::end(start, out);
    }

    /// A set in the state that `bytes` hold. The definitions and `rules` must be those of the set that saved it; limits may
    /// differ. All handles of [`SequenceSet::handles`] are referred to from then on.
    pub fn restore(
        sequences: &[SequenceDef<'a>],
        rules: u64,
        limits: Limits,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut set = Self::new(sequences, rules, limits);
        let mut input = wire::open(MAGIC, set.fingerprint, bytes)?;
        set.clock = Clock {
            latest: input.i64()?,
            floor: input.i64()?,
            arrivals: input.count()?,
            order: input.count()?,
            forced: input.count()?,
        };
        for counters in &mut set.machine.counters {
            *counters = Counters {
                completed: input.count()?,
                evicted: input.count()?,
                late: input.count()?,
                keys_dropped: input.count()?,
            };
        }
        let events = restore_events(&mut set.machine.store, &mut input)?;
        let mut held = Vec::new();
        for sequence in 0..set.machine.plans.len() {
            for _ in 0..input.u32()? {
                restore_item(&mut set, sequence as u32, &events, &mut held, &mut input)?;
            }
        }
        // Those held back of a key stand in the order in which they became complete, the last in front.
        held.sort_unstable();
        for (_, id) in held {
            set.machine.store.link(id, NIL);
        }
        for _ in 0..input.u32()? {
            restore_record(&mut set, &events, &mut input)?;
        }
        input.finish()?;
        // The references that stood in for the items while these were read.
        for event in events {
            set.machine.store.events.forget(event);
        }
        Ok(set)
    }

    /// The handles that the state refers to, in no particular order.
    pub fn handles(&self) -> impl Iterator<Item = EventRef> + '_ {
        self.machine.store.events.live().map(|(_, event)| event.handle)
    }
}

/// Writes all events and returns their numbers by id.
fn save_events(store: &Store, out: &mut Vec<u8>) -> Vec<u32> {
    out.extend((store.events.len() as u32).to_le_bytes());
    let mut numbers = Vec::new();
    for (number, (id, event)) in (0..).zip(store.events.live()) {
        numbers.resize(id as usize + 1, NIL);
        numbers[id as usize] = number;
        for part in [event.handle.0, event.time.nanos().cast_unsigned(), event.order] {
            out.extend(part.to_le_bytes());
        }
        store.events.load_note(id, out);
    }
    numbers
}

fn restore_events(store: &mut Store, input: &mut Input<'_>) -> Result<Vec<u32>, RestoreError> {
    let mut events = Vec::new();
    for _ in 0..input.u32()? {
        let (handle, time, order) = (input.u64()?, input.i64()?, input.u64()?);
        let event = store.events.add(EventRef(handle), Timestamp::from_nanos(time), order);
        let event = event.ok_or(RestoreError::TooLarge)?;
        if !store.events.note(event, input.note()?) {
            return Err(RestoreError::TooLarge);
        }
        events.push(event);
    }
    Ok(events)
}

fn save_item(store: &Store, id: u32, numbers: &[u32], out: &mut Vec<u8>) {
    let item = &store.items[id];
    let kind = match item.kind {
        Kind::Pending => 0,
        Kind::Held => 1,
        Kind::Leading => 2,
    };
    out.extend([kind, item.doomed.into()]);
    out.extend(item.rank.to_le_bytes());
    for time in [item.anchor, item.gap, item.leading] {
        out.extend(time.to_le_bytes());
    }
    let mut key = Vec::new();
    store.keys.load(store.entries[item.entry].key, &mut key);
    put_bytes(&key, out);
    // Newest first, as many as the rank says; none for a leading item.
    let mut node = item.node;
    while node != NIL {
        let link = store.nodes[node];
        out.extend(numbers[link.event as usize].to_le_bytes());
        node = link.before;
    }
}

fn restore_item(
    set: &mut SequenceSet<'_>,
    sequence: u32,
    events: &[u32],
    held: &mut Vec<(u64, u32)>,
    input: &mut Input<'_>,
) -> Result<(), RestoreError> {
    let plan = &set.machine.plans[sequence as usize];
    let store = &mut set.machine.store;
    let [kind, doomed] = [input.u8()?, input.u8()?];
    let rank = input.u16()?;
    let [anchor, gap, leading] = [input.i64()?, input.i64()?, input.i64()?];
    let key = input.bytes()?;
    let kind = match kind {
        0 if (1..plan.last_rank()).contains(&rank) => Kind::Pending,
        1 if rank == plan.last_rank() => Kind::Held,
        2 if rank == 1 => Kind::Leading,
        _ => return Err(RestoreError::Malformed),
    };
    if !is_key(key, plan.parts) || doomed > 1 {
        return Err(RestoreError::Malformed);
    }
    let entry = match store.find(sequence, key) {
        Some(entry) => entry,
        None => store.add_entry(sequence, key).ok_or(RestoreError::TooLarge)?,
    };
    let item = Item { rank, doomed: doomed == 1, gap, leading, ..Item::new(entry, kind, anchor) };
    let after = place_of(store, &item)?;
    let id = store.restore_item(item).ok_or(RestoreError::TooLarge)?;
    if kind != Kind::Leading {
        restore_nodes(store, id, rank, events, input)?;
    }
    if kind == Kind::Held {
        held.push((store.events[store.last_event(id)].order, id));
    } else {
        store.link(id, after);
    }
    Ok(())
}

/// Behind which item of its key a pending one stands.
fn place_of(store: &Store, item: &Item) -> Result<u32, RestoreError> {
    let entry = &store.entries[item.entry];
    let (mut after, mut at) = match item.kind {
        Kind::Pending => (NIL, entry.pending),
        Kind::Held => return Ok(NIL),
        Kind::Leading if entry.leading == NIL => return Ok(NIL),
        Kind::Leading => return Err(RestoreError::Malformed),
    };
    while at != NIL && store.items[at].rank > item.rank {
        (after, at) = (at, store.items[at].next);
    }
    if at != NIL && store.items[at].rank == item.rank {
        return Err(RestoreError::Malformed);
    }
    Ok(after)
}

fn restore_nodes(
    store: &mut Store,
    id: u32,
    rank: u16,
    events: &[u32],
    input: &mut Input<'_>,
) -> Result<(), RestoreError> {
    let newest_first = input.take(usize::from(rank) * 4)?;
    for number in newest_first.rchunks_exact(4) {
        let number = u32::from_le_bytes([number[0], number[1], number[2], number[3]]);
        let event = *events.get(number as usize).ok_or(RestoreError::Malformed)?;
        if store.nodes.room() == 0 {
            return Err(RestoreError::TooLarge);
        }
        store.push_node(id, event);
    }
    Ok(())
}

fn restore_record(
    set: &mut SequenceSet<'_>,
    events: &[u32],
    input: &mut Input<'_>,
) -> Result<(), RestoreError> {
    let place = Place {
        time: Timestamp::from_nanos(input.i64()?),
        tiebreaker: Tiebreaker::from_bits(input.u128()?),
        arrival: input.u64()?,
        sequence: input.u32()?,
    };
    let event = *events.get(input.u32()? as usize).ok_or(RestoreError::Malformed)?;
    let payload = input.bytes()?;
    let plan = set.machine.plans.get(place.sequence as usize).ok_or(RestoreError::Malformed)?;
    if !is_payload(payload, plan) {
        return Err(RestoreError::Malformed);
    }
    if !set.window.push(place, event, payload) {
        return Err(RestoreError::TooLarge);
    }
    set.machine.store.events.refer(event);
    Ok(())
}

fn is_payload(payload: &[u8], plan: &Plan<'_>) -> bool {
    let mut rest = payload;
    while let Some((key, _, tail)) = split_key(rest, plan.width()) {
        if !is_key(key, plan.parts) {
            return false;
        }
        rest = tail;
    }
    rest.is_empty()
}
