//! The events that state refers to: a handle and a time each, counted, and a note where there is something to remember.
//!
//! In: an event with one reference to it, more references, and their end. Out: handles that nothing refers to any more.
//! Knows nothing of who refers, and of what notes say.

use std::ops::Index;

use super::key::push_length;
use super::sink::GroupEvent;
use super::slab::{ByteStore, Slab, Stored};
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
    /// Notes, and by event where its note stands. Nothing where no room was asked for.
    notes: ByteStore,
    note_of: Vec<Stored>,
}

/// No note.
const NO_NOTE: Stored = Stored::EMPTY;

impl EventTable {
    pub(crate) fn new(capacity: usize) -> Self {
        Self::with_notes(capacity, 0)
    }

    /// A table with room for so many bytes of notes.
    pub(crate) fn with_notes(capacity: usize, bytes: usize) -> Self {
        let records = Slab::new(capacity);
        let note_of = Vec::with_capacity(if bytes > 0 { records.capacity() } else { 0 });
        Self { records, released: Vec::with_capacity(capacity), notes: ByteStore::new(bytes), note_of }
    }

    /// Remembers something of an event that has no note. Whether there was room.
    pub(crate) fn note(&mut self, event: u32, note: &[u8]) -> bool {
        if note.is_empty() {
            return true;
        }
        let Some(stored) = self.notes.store(note) else { return false };
        let event = event as usize;
        if self.note_of.len() <= event {
            self.note_of.resize(event + 1, NO_NOTE);
        }
        self.note_of[event] = stored;
        true
    }

    /// Appends the note of an event with its length in front, zero if it has none.
    pub(crate) fn load_note(&self, event: u32, out: &mut Vec<u8>) {
        let stored = self.note_of.get(event as usize).copied().unwrap_or(NO_NOTE);
        push_length(stored.len(), out);
        self.notes.load(stored, out);
    }

    /// Whether there can be notes.
    pub(crate) fn has_notes(&self) -> bool {
        self.notes.capacity() > 0
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
            if let Some(note) = self.note_of.get_mut(event as usize) {
                self.notes.release(std::mem::replace(note, NO_NOTE));
            }
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
        self.records.bytes()
            + self.released.capacity() * size_of::<EventRef>()
            + self.notes.bytes()
            + self.note_of.capacity() * size_of::<Stored>()
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
