//! What one event completes, in buffers that are used again.
//!
//! In: groups and findings from the state machines. Out: the same, until they are read.

use super::finding::Findings;
use crate::sequence::{self, EventRef, GroupEvent, Sink};

/// What one event completed, in buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Completed {
    pub(super) records: Vec<Record>,
    pub(super) events: Vec<Option<GroupEvent>>,
    pub(super) keys: Vec<u8>,
    pub(super) findings: Findings,
    pub(super) released: Vec<EventRef>,
    /// How many state machines refer to the event.
    pub(super) kept: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) rule: u32,
    pub(super) events: (usize, usize),
    pub(super) key: (usize, usize),
}

impl Completed {
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.events.clear();
        self.keys.clear();
        self.findings.clear();
        self.released.clear();
        self.kept = 0;
    }

    /// A sink for groups of definitions that belong to these rules.
    pub(super) fn by<'c>(&'c mut self, rules: &'c [u32]) -> Collect<'c> {
        Collect { completed: self, rules }
    }
}

pub(super) struct Collect<'c> {
    completed: &'c mut Completed,
    rules: &'c [u32],
}

impl Sink for Collect<'_> {
    fn group(&mut self, group: &sequence::Group<'_>) {
        let Completed { records, events, keys, .. } = &mut *self.completed;
        let (first_event, first_key) = (events.len(), keys.len());
        events.extend_from_slice(group.events);
        keys.extend_from_slice(group.key.as_bytes());
        records.push(Record {
            rule: self.rules[group.sequence as usize],
            events: (first_event, events.len()),
            key: (first_key, keys.len()),
        });
    }

    fn released(&mut self, handle: EventRef) {
        self.completed.released.push(handle);
    }
}
