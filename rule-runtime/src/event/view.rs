//! What rules see of an event.

use super::scalar::Scalar;
use super::store::{END, Event};
use super::tree::Slot;

/// A look at the values of an event and the line they stand in.
#[derive(Clone, Copy, Debug)]
pub struct EventView<'e> {
    event: &'e Event,
    line: &'e [u8],
}

impl<'e> EventView<'e> {
    pub(super) fn new(event: &'e Event, line: &'e [u8]) -> Self {
        Self { event, line }
    }

    /// The values of a slot, in the order they stand in the event. Duplicates count (eql.md section 3).
    #[inline]
    pub fn values(self, slot: Slot) -> Values<'e> {
        let next = if self.has(slot) { self.event.chains[usize::from(slot.0)].first } else { END };
        Values { view: self, next }
    }

    /// Whether the slot has a value.
    #[inline]
    pub fn has(self, slot: Slot) -> bool {
        self.event.present.get(usize::from(slot.0) / 64).is_some_and(|word| word >> (slot.0 % 64) & 1 == 1)
    }

    /// The canonical texts of the values of a slot, each as the bytes from its start on, to the end of what it stands in, and
    /// its length: who looks at the first bytes of many texts need not tell short ones from long ones.
    #[inline]
    pub(crate) fn spots(self, slot: Slot) -> impl Iterator<Item = (&'e [u8], usize)> {
        let Values { view: Self { event, line }, mut next } = self.values(slot);
        std::iter::from_fn(move || {
            // The end mark is no index of a record.
            let record = *event.records.get(next as usize)?;
            next = record.next;
            Some(record.spot(line, &event.scratch))
        })
    }

    /// The first value of a slot.
    #[inline]
    pub fn first(self, slot: Slot) -> Option<Scalar<'e>> {
        self.values(slot).next()
    }

    /// One bit for each slot, slot 0 lowest in the first word: it has a value.
    #[inline]
    pub fn present(self) -> &'e [u64] {
        &self.event.present
    }

    /// One bit for each slot, in the same order: a part of the event that has not been read yet may hold a value for it.
    /// All zero after a complete read.
    #[inline]
    pub fn deferred(self) -> &'e [u64] {
        &self.event.deferred
    }

    /// The line the event was read from, empty if it came from elsewhere.
    #[inline]
    pub fn line(self) -> &'e [u8] {
        self.line
    }
}

/// Iterator over the values of a slot.
#[derive(Clone, Debug)]
pub struct Values<'e> {
    view: EventView<'e>,
    next: u32,
}

impl<'e> Iterator for Values<'e> {
    type Item = Scalar<'e>;

    #[inline]
    fn next(&mut self) -> Option<Scalar<'e>> {
        // The end mark is no index of a record.
        let record = *self.view.event.records.get(self.next as usize)?;
        self.next = record.next;
        Some(record.scalar(self.view.line, &self.view.event.scratch))
    }
}
