//! Memory that predicates reuse from event to event, so that evaluating them allocates nothing once it has grown.
//!
//! Holds the values of a slot in lower case, made when the first predicate asks and kept until the next event, and the
//! buffer in which expressions build text.

use std::ops::Range;

use super::outline::Outline;
use super::whole::Inner;
use crate::event::{EventView, Slot};

/// Working memory of one thread. Call [`Scratch::next_event`] between events.
#[derive(Clone, Debug)]
pub struct Scratch {
    event: u64,
    folded: Vec<Folded>,
    values: Vec<FoldedValue>,
    bytes: Vec<u8>,
    /// Text that expressions build.
    pub(super) text: Vec<u8>,
    cut_short: u64,
    /// For tests that look at an event made of a part of this one.
    pub(super) inner: Option<Box<Inner>>,
}

/// Where the lower-case values of a slot lie in `values`, if they were made for `event`.
#[derive(Clone, Debug, Default)]
struct Folded {
    event: u64,
    values: Range<usize>,
}

/// Where a lower-case value lies in `bytes`, and what is known of it.
#[derive(Clone, Debug)]
struct FoldedValue {
    bytes: Range<usize>,
    outline: Outline,
}

impl Default for Scratch {
    fn default() -> Self {
        // Slots start with event 0, which never comes.
        let event = 1;
        Self {
            event,
            folded: Vec::new(),
            values: Vec::new(),
            bytes: Vec::new(),
            text: Vec::new(),
            cut_short: 0,
            inner: None,
        }
    }
}

impl Scratch {
    /// Empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what was kept of the last event. Without this call predicates see the old event's values.
    pub fn next_event(&mut self) {
        self.event += 1;
        self.values.clear();
        self.bytes.clear();
    }

    /// How many leaves gave up because an event had too many combinations of values
    /// (see [`MAX_COMBINATIONS`](super::expr::MAX_COMBINATIONS)).
    pub fn cut_short(&self) -> u64 {
        self.cut_short
    }

    pub(super) fn count_cut_short(&mut self) {
        self.cut_short += 1;
    }

    /// The text of each value of a slot, ASCII letters in lower case, with its outline.
    pub fn folded<'s>(
        &'s mut self,
        event: EventView<'_>,
        slot: Slot,
    ) -> impl Iterator<Item = (&'s [u8], &'s mut Outline)> {
        let index = usize::from(slot.0);
        if self.folded.len() <= index {
            self.folded.resize(index + 1, Folded::default());
        }
        if self.folded[index].event != self.event {
            self.fold(event, slot);
        }
        let values = self.folded[index].values.clone();
        let bytes = &self.bytes;
        self.values[values].iter_mut().map(move |value| (&bytes[value.bytes.clone()], &mut value.outline))
    }

    fn fold(&mut self, event: EventView<'_>, slot: Slot) {
        let first = self.values.len();
        for value in event.values(slot) {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(value.text());
            self.bytes[start..].make_ascii_lowercase();
            let outline = Outline::new(&self.bytes[start..]);
            self.values.push(FoldedValue { bytes: start..self.bytes.len(), outline });
        }
        self.folded[usize::from(slot.0)] = Folded { event: self.event, values: first..self.values.len() };
    }
}
