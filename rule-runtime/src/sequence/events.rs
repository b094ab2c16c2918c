//! The events that state refers to: a handle and a time each, counted.
//!
//! In: an event with one reference to it, more references, and their end. Out: handles that nothing refers to any more.
//! Knows nothing of who refers.

use std::ops::Index;

use super::sink::GroupEvent;
use super::slab::Slab;
use super::time::{EventRef, Timestamp};

/// An event that something refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventRecord {
    pub(crate) handle: EventRef,
    pub(crate) time: Timestamp,
    pub(crate) order: u64,
    references: u32,
}

/// No order yet: the event waits in the reorder window.
pub(crate) const UNORDERED: u64 = u64::MAX;

#[derive(Clone, Debug)]
pub(crate) struct EventTable {
    records: Slab<EventRecord>,
    /// Handles no longer referred to, for the caller to hear of.
    released: Vec<EventRef>,
}

impl EventTable {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { records: Slab::new(capacity), released: Vec::with_capacity(capacity) }
    }

    /// Remembers an event, with one reference to it.
    pub(crate) fn add(&mut self, handle: EventRef, time: Timestamp, order: u64) -> Option<u32> {
        self.records.insert(EventRecord { handle, time, order, references: 1 })
    }

    /// Gives an event its place in order.
    pub(crate) fn set_order(&mut self, event: u32, order: u64) {
        self.records[event].order = order;
    }

    pub(crate) fn refer(&mut self, event: u32) {
        self.records[event].references += 1;
    }

    /// Drops a reference; the last one releases the handle.
    pub(crate) fn unrefer(&mut self, event: u32) {
        if self.forget(event) {
            self.released.push(self.records[event].handle);
        }
    }

    /// Drops a reference silently. Returns whether it was the last.
    pub(crate) fn forget(&mut self, event: u32) -> bool {
        let record = &mut self.records[event];
        record.references -= 1;
        let last = record.references == 0;
        if last {
            self.records.remove(event);
        }
        last
    }

    /// Handles released since the last call.
    pub(crate) fn drain_released(&mut self) -> impl Iterator<Item = EventRef> + '_ {
        self.released.drain(..)
    }

    /// Events that something refers to, by id.
    pub(crate) fn live(&self) -> impl Iterator<Item = (u32, &EventRecord)> {
        self.records.cells().filter(|(_, event)| event.references > 0)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.records.bytes() + self.released.capacity() * size_of::<EventRef>()
    }

    pub(crate) fn group_event(&self, event: u32) -> GroupEvent {
        let EventRecord { handle, time, order, .. } = self.records[event];
        GroupEvent { handle, time, order }
    }
}

impl Index<u32> for EventTable {
    type Output = EventRecord;

    fn index(&self, event: u32) -> &EventRecord {
        &self.records[event]
    }
}
