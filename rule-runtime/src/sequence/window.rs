//! The reorder window: events that wait for earlier ones, in memory of fixed size.
//!
//! In: for one event and one sequence a small record: time, tiebreaker, and the operations for each key. Out: records in
//! the order (time, tiebreaker, arrival). Knows nothing of what the operations do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::key::{push_length, split_length};
use super::plan::Ops;
use super::slab::{ByteStore, Stored};
use super::time::{Tiebreaker, Timestamp};

/// Where an event stands in order, for one sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) time: Timestamp,
    pub(super) tiebreaker: Tiebreaker,
    /// Number of the event in order of arrival.
    pub(super) arrival: u64,
    pub(super) sequence: u32,
}

/// What waits, in the order of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    place: Place,
    event: u32,
    payload: Stored,
}

#[derive(Clone, Debug)]
pub(super) struct Window {
    heap: BinaryHeap<Reverse<Record>>,
    payloads: ByteStore,
    capacity: usize,
}

impl Window {
    /// Room for this many records of 84 bytes of payload on average, and for one of `largest` bytes at least.
    pub(super) fn new(records: usize, largest: usize) -> Self {
        let bytes = if records == 0 { 0 } else { ByteStore::content(records * 3).max(largest) };
        Self { heap: BinaryHeap::with_capacity(records), payloads: ByteStore::new(bytes), capacity: records }
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.heap.capacity() * size_of::<Record>() + self.payloads.bytes()
    }

    /// Whether a record with a payload of this length fits now.
    pub(super) fn has_room(&self, payload: usize) -> bool {
        self.heap.len() < self.capacity && self.payloads.room() >= ByteStore::blocks(payload)
    }

    /// Whether a payload of this length can ever fit.
    pub(super) fn can_hold(&self, payload: usize) -> bool {
        self.payloads.capacity() >= ByteStore::blocks(payload)
    }

    /// Adds a record; `false` if there is no room.
    pub(super) fn push(&mut self, place: Place, event: u32, payload: &[u8]) -> bool {
        if !self.has_room(payload.len()) {
            return false;
        }
        let Some(payload) = self.payloads.store(payload) else { return false };
        self.heap.push(Reverse(Record { place, event, payload }));
        true
    }

    /// The place of the first record.
    pub(super) fn first(&self) -> Option<Place> {
        self.heap.peek().map(|Reverse(record)| record.place)
    }

    /// Takes the first record; its payload replaces the content of `payload`.
    pub(super) fn pop(&mut self, payload: &mut Vec<u8>) -> Option<(Place, u32)> {
        let Reverse(record) = self.heap.pop()?;
        payload.clear();
        self.payloads.load(record.payload, payload);
        self.payloads.release(record.payload);
        Some((record.place, record.event))
    }

    /// All records in order, each with its payload.
    pub(super) fn each(&self, mut visit: impl FnMut(Place, u32, &[u8])) {
        let mut records: Vec<&Record> = self.heap.iter().map(|Reverse(record)| record).collect();
        records.sort_unstable();
        let mut payload = Vec::new();
        for record in records {
            payload.clear();
            self.payloads.load(record.payload, &mut payload);
            visit(record.place, record.event, &payload);
        }
    }
}

/// Appends a key with its operations to a payload.
pub(super) fn push_key(key: &[u8], ops: Ops, width: usize, payload: &mut Vec<u8>) {
    push_length(key.len(), payload);
    payload.extend_from_slice(key);
    ops.write(width, payload);
}

/// The first key of a payload with its operations, and the rest of the payload.
pub(super) fn split_key(payload: &[u8], width: usize) -> Option<(&[u8], Ops, &[u8])> {
    let (len, rest) = split_length(payload)?;
    let (key, rest) = rest.split_at_checked(len)?;
    let (ops, rest) = rest.split_at_checked(width)?;
    Some((key, Ops::read(ops), rest))
}
