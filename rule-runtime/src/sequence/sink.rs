//! Where results go.
//!
//! In: completed groups, and handles that are no longer needed. Knows nothing of what a caller makes of them.

use super::key::Key;
use super::time::{EventRef, Timestamp};

/// An event of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupEvent {
    /// The caller's handle.
    pub handle: EventRef,
    /// When it happened.
    pub time: Timestamp,
    /// Its place in the order of events (time, tiebreaker, arrival) among all that have been looked at. For samples, its
    /// place in order of arrival.
    pub order: u64,
}

/// A completed sequence or sample.
#[derive(Clone, Copy, Debug)]
pub struct Group<'g> {
    /// Position of the sequence in its set; zero for samples.
    pub sequence: u32,
    /// The join key.
    pub key: Key<'g>,
    /// One place for each stage in order; a missing stage has none.
    pub events: &'g [Option<GroupEvent>],
    /// The notes of the events that are there, each with its length in front, in no particular order; nothing if there
    /// can be none.
    pub(crate) notes: &'g [u8],
}

impl Group<'_> {
    /// The place of the last event: Elasticsearch returns sequences in this order. Where groups are equal in it (one event
    /// with several keys), the order in which they came is right, so sort stably.
    pub fn order(&self) -> u64 {
        self.events.iter().flatten().map(|event| event.order).next_back().unwrap_or(0)
    }
}

/// Receives what the engine finds. Any `FnMut(&Group)` is one that ignores released handles.
pub trait Sink {
    /// A sequence or sample is complete. Sequences come in the order in which they complete; held back ones (trailing
    /// missing events) when their span has passed.
    fn group(&mut self, group: &Group<'_>);

    /// No state refers to the event any more. Called once for each event for which `push` returned `true`, after the
    /// groups it is part of.
    fn released(&mut self, handle: EventRef) {
        let _ = handle;
    }
}

impl<F: FnMut(&Group<'_>)> Sink for F {
    fn group(&mut self, group: &Group<'_>) {
        self(group);
    }
}
