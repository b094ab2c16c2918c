//! State as bytes, and back.
//!
//! In: a set, or bytes that one wrote. Out: bytes with magic, version, fingerprint of the rules and checksum; or a set that
//! goes on where the other stopped. The form is logical (keys, items, events by number), so that a set with other limits can
//! read it. All numbers are little-endian. Knows nothing of files.

use std::fmt;

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

/// The version of the form that this library writes and reads.
pub const STATE_VERSION: u16 = 1;

const MAGIC: [u8; 8] = *b"KILNSEQ\n";

/// Why bytes are not the state of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// The bytes do not begin as saved state does.
    NotState,
    /// Written by another version of the library.
    Version {
        /// The version of the bytes.
        found: u16,
    },
    /// The bytes are cut short or damaged.
    Damaged,
    /// Saved by a set of other rules.
    OtherRules,
    /// The state does not fit into the limits.
    TooLarge,
    /// The checksum is right but the content is not.
    Malformed,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotState => f.write_str("this is not saved sequence state"),
            Self::Version { found } => {
                write!(f, "the state has version {found}, this program reads version {STATE_VERSION}")
            }
            Self::Damaged => f.write_str("the state is cut short or damaged"),
            Self::OtherRules => f.write_str("the state was saved by other rules"),
            Self::TooLarge => f.write_str("the state does not fit into the limits"),
            Self::Malformed => f.write_str("the state contradicts itself"),
        }
    }
}

impl std::error::Error for RestoreError {}

impl<'a> SequenceSet<'a> {
    /// Appends the state to `out`. A set restored from it goes on as this one would.
    pub fn save(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend(MAGIC);
        out.extend(STATE_VERSION.to_le_bytes());
        out.extend(self.fingerprint.to_le_bytes());
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
            save_bytes(payload, out);
        });
        let sum = crc32(&out[start..]);
        out.extend(sum.to_le_bytes());
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
        let mut input = Input { rest: open(bytes, set.fingerprint)? };
        set.clock = Clock {
            latest: input.i64()?,
            floor: input.i64()?,
            arrivals: input.u64()?,
            order: input.u64()?,
            forced: input.u64()?,
        };
        for counters in &mut set.machine.counters {
            *counters = Counters {
                completed: input.u64()?,
                evicted: input.u64()?,
                late: input.u64()?,
                keys_dropped: input.u64()?,
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
        if !input.rest.is_empty() {
            return Err(RestoreError::Malformed);
        }
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

/// The content between header and checksum.
fn open(bytes: &[u8], fingerprint: u64) -> Result<&[u8], RestoreError> {
    let Some((&MAGIC, rest)) = bytes.split_first_chunk() else { return Err(RestoreError::NotState) };
    let Some((version, rest)) = rest.split_first_chunk() else { return Err(RestoreError::Damaged) };
    let found = u16::from_le_bytes(*version);
    if found != STATE_VERSION {
        return Err(RestoreError::Version { found });
    }
    let Some((content, sum)) = rest.split_last_chunk() else { return Err(RestoreError::Damaged) };
    if crc32(&bytes[..bytes.len() - 4]) != u32::from_le_bytes(*sum) {
        return Err(RestoreError::Damaged);
    }
    match content.split_first_chunk() {
        Some((found, content)) if u64::from_le_bytes(*found) == fingerprint => Ok(content),
        Some(_) => Err(RestoreError::OtherRules),
        None => Err(RestoreError::Damaged),
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
    }
    numbers
}

fn restore_events(store: &mut Store, input: &mut Input<'_>) -> Result<Vec<u32>, RestoreError> {
    let mut events = Vec::new();
    for _ in 0..input.u32()? {
        let (handle, time, order) = (input.u64()?, input.i64()?, input.u64()?);
        let event = store.events.add(EventRef(handle), Timestamp::from_nanos(time), order);
        events.push(event.ok_or(RestoreError::TooLarge)?);
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
    save_bytes(&key, out);
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

fn save_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// What is left to read.
struct Input<'b> {
    rest: &'b [u8],
}

impl<'b> Input<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8], RestoreError> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(RestoreError::Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RestoreError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(RestoreError::Malformed)?;
        self.rest = rest;
        Ok(*head)
    }

    fn bytes(&mut self) -> Result<&'b [u8], RestoreError> {
        let len = self.u32()? as usize;
        self.take(len)
    }

    fn u8(&mut self) -> Result<u8, RestoreError> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, RestoreError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, RestoreError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, RestoreError> {
        self.array().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Result<i64, RestoreError> {
        self.array().map(i64::from_le_bytes)
    }

    fn u128(&mut self) -> Result<u128, RestoreError> {
        self.array().map(u128::from_le_bytes)
    }
}

/// CRC-32 as of IEEE 802.3.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut value = i as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[i] = value;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |sum, &byte| TABLE[((sum ^ u32::from(byte)) & 0xff) as usize] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
