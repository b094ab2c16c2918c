//! The events that alerts may still need.
//!
//! In: events that some state machine refers to, with their texts if those cannot be read again. Out: the texts, as far as
//! they are still there: when they come to too much, the oldest are given up.

use std::collections::BTreeMap;
use std::fs::File;

use super::blocks::read_at;
use super::text::Text;
use crate::cli::input::Input;

/// Bytes of events that are kept for alerts.
const KEPT_BYTES: usize = 256 << 20;

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) input: u32,
    pub(super) offset: u64,
    pub(super) len: u32,
    /// Whether it can be read again.
    pub(super) again: bool,
}

/// The events that are kept, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Kept {
    events: BTreeMap<u64, Event>,
    /// Bytes of the texts that are kept, and the first event whose text may still be there.
    bytes: usize,
    oldest: u64,
}

/// An event that a state machine refers to.
#[derive(Debug)]
struct Event {
    place: Place,
    /// How many state machines refer to it.
    references: u32,
    /// Its text if it cannot be read again.
    text: Option<Box<[u8]>>,
}

impl Kept {
    /// Keeps an event; `text` is that of one that cannot be read again.
    pub(super) fn keep(&mut self, number: u64, place: Place, references: u32, text: Option<Box<[u8]>>) {
        self.bytes += text.as_ref().map_or(0, |text| text.len());
        self.events.insert(number, Event { place, references, text });
        while self.bytes > KEPT_BYTES {
            let mut older =
                self.events.range_mut(self.oldest..number).filter(|(_, event)| event.text.is_some());
            let Some((&first, event)) = older.next() else { break };
            self.oldest = first + 1;
            self.bytes -= event.text.take().map_or(0, |text| text.len());
        }
    }

    /// One more refers to an event.
    pub(super) fn hold(&mut self, number: u64) {
        if let Some(event) = self.events.get_mut(&number) {
            event.references += 1;
        }
    }

    /// One less does.
    pub(super) fn release(&mut self, number: u64) {
        let Some(event) = self.events.get_mut(&number) else { return };
        event.references = event.references.saturating_sub(1);
        if event.references == 0 {
            self.forget(number);
        }
    }

    pub(super) fn forget(&mut self, number: u64) {
        if let Some(Event { text: Some(text), .. }) = self.events.remove(&number) {
            self.bytes -= text.len();
        }
    }

    /// Forgets all; the next event is `next`.
    pub(super) fn clear(&mut self, next: u64) {
        *self = Self { oldest: next, ..Self::default() };
    }

    /// The text of an event, from memory or from its file.
    pub(super) fn text(&self, number: u64, inputs: &[Input], files: &mut Reopened) -> Option<Vec<u8>> {
        let event = self.events.get(&number)?;
        match &event.text {
            Some(text) => Some(text.to_vec()),
            None if event.place.again => files.read(inputs, event.place),
            None => None,
        }
    }
}

/// The input that was read again last, which is often the next one, too.
#[derive(Debug, Default)]
pub(super) struct Reopened(Option<(u32, File)>);

impl Reopened {
    /// The text of a line of a file; `None` if it is not there any more.
    pub(super) fn read(&mut self, inputs: &[Input], place: Place) -> Option<Vec<u8>> {
        if self.0.as_ref().is_none_or(|(input, _)| *input != place.input) {
            let Input::File(path) = &inputs[place.input as usize] else { return None };
            self.0 = Some((place.input, File::open(path).ok()?));
        }
        let (_, file) = self.0.as_ref()?;
        let mut text = Text::default();
        read_at(file, place.offset, place.len as usize, &mut text).ok()?;
        // A file that has changed since has something else there.
        (text.len() == place.len as usize && text.trim_ascii().starts_with(b"{")).then(|| text.to_vec())
    }
}
