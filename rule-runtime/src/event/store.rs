//! The values of one event, in memory that is used again for the next one.
//!
//! In: values pushed by a reader or a source. Out: an [`EventView`] that rules look at. A value is a 16-byte record that
//! points into the input line or, when its text stands nowhere in the input, into the scratch buffer. The records of a slot are
//! chained, so a slot holds none, one or many. Buffers grow to the largest event and stay: nothing is allocated after that.
//!
//! Knows neither JSON nor the names of fields.

use super::scalar::Scalar;
use super::tree::Slot;
use super::view::EventView;

/// No further record.
pub(super) const END: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    LineText,
    LineNumber,
    ScratchText,
    ScratchNumber,
    True,
    False,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) next: u32,
}

/// First and last record of a slot; only meaningful while the slot's presence bit is set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    pub(super) first: u32,
    last: u32,
}

/// An object or array that a reader has entered: what its entries lead to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    /// The node that objects at this place continue at, or `NONE`.
    pub(crate) node: u16,
    /// In an array, the slot of its scalars, or `NONE`.
    pub(crate) slot: u16,
    /// An object, not an array.
    pub(crate) object: bool,
}

/// A reusable store for the values of one event.
///
/// Made once, filled by a reader (or by [`Event::push_text`] and its like) again and again:
///
/// ```
/// use rule_runtime::event::{Event, Scalar, Slot, SlotTree};
/// use rule_runtime::reader::read_line;
///
/// let owned = SlotTree::build(&["process.name", "process.args"])?;
/// let tree = owned.as_ref();
/// let mut event = Event::with_slots(tree.slots());
/// let line = br#"{"process":{"name":"curl","args":["curl","-x"]}}"#;
/// read_line(&tree, line, &mut event)?;
/// let view = event.view(line);
/// assert_eq!(view.first(Slot(0)), Some(Scalar::Text(b"curl")));
/// assert_eq!(view.values(Slot(1)).count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Event {
    pub(super) present: Vec<u64>,
    pub(super) deferred: Vec<u64>,
    pub(super) chains: Vec<Chain>,
    pub(super) records: Vec<Record>,
    pub(super) scratch: Vec<u8>,
    /// Containers that a reader has entered, kept here so that its memory is used again.
    pub(crate) open: Vec<Open>,
    overfull: bool,
}

impl Event {
    /// A store for this many slots.
    pub fn with_slots(slots: usize) -> Self {
        let words = slots.div_ceil(64);
        Self {
            present: vec![0; words],
            deferred: vec![0; words],
            chains: vec![Chain::default(); slots],
            ..Self::default()
        }
    }

    /// Forgets all values. The cost is one word for each 64 slots: a slot's chain is only read when its bit is set.
    pub fn clear(&mut self) {
        self.present.fill(0);
        self.deferred.fill(0);
        self.records.clear();
        self.scratch.clear();
        self.overfull = false;
    }

    /// Looks at the values. `line` is the text the event was read from; empty if it came from another source.
    #[inline]
    pub fn view<'e>(&'e self, line: &'e [u8]) -> EventView<'e> {
        EventView::new(self, line)
    }

    /// Adds a string to a slot by copying it.
    pub fn push_text(&mut self, slot: Slot, text: &str) {
        let start = self.scratch.len();
        self.scratch.extend_from_slice(text.as_bytes());
        self.push_scratch(slot, Kind::ScratchText, start);
    }

    /// Adds a number to a slot by writing its text, which must be the text of a JSON number (`-7`, `1.5`, `2e9`).
    pub fn push_number(&mut self, slot: Slot, number: std::fmt::Arguments<'_>) {
        let start = self.scratch.len();
        // Writing to a `Vec` cannot fail, and the formatting of numbers does not.
        let _ = std::io::Write::write_fmt(&mut self.scratch, number);
        self.push_scratch(slot, Kind::ScratchNumber, start);
    }

    /// Adds a boolean to a slot.
    pub fn push_bool(&mut self, slot: Slot, value: bool) {
        self.push(slot, if value { Kind::True } else { Kind::False }, 0, 0);
    }

    /// Whether the values came to more than 4 GiB, so that some are missing.
    pub fn is_overfull(&self) -> bool {
        self.overfull
    }

    /// Clears, and makes room for this many slots when there is less.
    pub(crate) fn begin(&mut self, slots: usize) {
        self.clear();
        if self.chains.len() < slots {
            self.chains.resize(slots, Chain::default());
            self.present.resize(slots.div_ceil(64), 0);
            self.deferred.resize(slots.div_ceil(64), 0);
        }
    }

    /// Adds the string that stands at these bytes of the line.
    #[inline]
    pub(crate) fn push_line_text(&mut self, slot: Slot, start: u32, len: u32) {
        self.push(slot, Kind::LineText, start, len);
    }

    /// Adds the number that stands at these bytes of the line.
    #[inline]
    pub(crate) fn push_line_number(&mut self, slot: Slot, start: u32, len: u32) {
        self.push(slot, Kind::LineNumber, start, len);
    }

    /// Adds the string that has been written to the scratch buffer from `start` on.
    pub(crate) fn push_scratch_text(&mut self, slot: Slot, start: usize) {
        self.push_scratch(slot, Kind::ScratchText, start);
    }

    /// Adds a value to a slot by copying it.
    pub(crate) fn push_scalar(&mut self, slot: Slot, value: Scalar<'_>) {
        let (kind, text) = match value {
            Scalar::Bool(value) => return self.push_bool(slot, value),
            Scalar::Text(text) => (Kind::ScratchText, text),
            Scalar::Number(text) => (Kind::ScratchNumber, text),
        };
        let start = self.scratch.len();
        self.scratch.extend_from_slice(text);
        self.push_scratch(slot, kind, start);
    }

    /// Where unescaped text is written.
    pub(crate) fn scratch_mut(&mut self) -> &mut Vec<u8> {
        &mut self.scratch
    }

    /// Marks slots that an unread part of the event may fill.
    pub(crate) fn defer(&mut self, slots: &[u64]) {
        self.deferred.iter_mut().zip(slots).for_each(|(word, more)| *word |= more);
    }

    /// Marks a single slot that an unread part of the event may fill.
    pub(crate) fn defer_slot(&mut self, slot: Slot) {
        if let Some(word) = self.deferred.get_mut(usize::from(slot.0) / 64) {
            *word |= 1 << (slot.0 % 64);
        }
    }

    /// Nothing is unread any more.
    pub(crate) fn end_deferral(&mut self) {
        self.deferred.fill(0);
    }

    fn push_scratch(&mut self, slot: Slot, kind: Kind, start: usize) {
        match (u32::try_from(start), u32::try_from(self.scratch.len())) {
            (Ok(start), Ok(end)) => self.push(slot, kind, start, end - start),
            _ => self.overfull = true,
        }
    }

    #[inline]
    fn push(&mut self, slot: Slot, kind: Kind, start: u32, len: u32) {
        let index = usize::from(slot.0);
        let Some(chain) = self.chains.get_mut(index) else { return };
        let number = self.records.len() as u32;
        let bit = 1 << (index % 64);
        let word = &mut self.present[index / 64];
        if *word & bit == 0 {
            *word |= bit;
            chain.first = number;
        } else {
            self.records[chain.last as usize].next = number;
        }
        chain.last = number;
        self.records.push(Record { kind, start, len, next: END });
    }
}

impl Record {
    /// The bytes from the start of the value's text on, to the end of what it stands in, and how many of them are its text.
    #[inline]
    pub(super) fn spot<'e>(self, line: &'e [u8], scratch: &'e [u8]) -> (&'e [u8], usize) {
        let bytes: &[u8] = match self.kind {
            Kind::LineText | Kind::LineNumber => line.get(self.start as usize..).unwrap_or_default(),
            Kind::ScratchText | Kind::ScratchNumber => scratch.get(self.start as usize..).unwrap_or_default(),
            Kind::True => b"true",
            Kind::False => b"false",
        };
        let len = if matches!(self.kind, Kind::True | Kind::False) { bytes.len() } else { self.len as usize };
        (bytes, len.min(bytes.len()))
    }

    #[inline]
    pub(super) fn scalar<'e>(self, line: &'e [u8], scratch: &'e [u8]) -> Scalar<'e> {
        let range = self.start as usize..self.start as usize + self.len as usize;
        match self.kind {
            Kind::LineText => Scalar::Text(line.get(range).unwrap_or_default()),
            Kind::LineNumber => Scalar::Number(line.get(range).unwrap_or_default()),
            Kind::ScratchText => Scalar::Text(scratch.get(range).unwrap_or_default()),
            Kind::ScratchNumber => Scalar::Number(scratch.get(range).unwrap_or_default()),
            Kind::True => Scalar::Bool(true),
            Kind::False => Scalar::Bool(false),
        }
    }
}
