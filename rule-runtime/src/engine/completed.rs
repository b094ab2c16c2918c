//! What one event completes, in buffers that are used again.
//!
//! In: groups and findings from the state machines. Out: the same, until they are read.

use super::finding::Findings;
use super::joint::Joint;
use super::states::States;
use crate::keyed::GroupKey;
use crate::sequence::{self, EventRef, GroupEvent, Key, Sink};
use crate::suppression::Suppressed;

/// What one event completed, in buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Completed {
    pub(super) records: Vec<Record>,
    pub(super) events: Vec<Option<GroupEvent>>,
    pub(super) keys: Vec<u8>,
    pub(super) findings: Findings,
    pub(super) released: Vec<EventRef>,
    /// Earlier events to which one more state machine refers.
    pub(super) held: Vec<EventRef>,
    /// The event, unless the input has ended, and how many state machines refer to it.
    pub(super) current: Option<EventRef>,
    pub(super) kept: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) rule: u32,
    pub(super) events: (usize, usize),
    pub(super) key: (usize, usize),
    /// The alerts that it stands for, with the place of their key.
    suppressed: Option<((usize, usize), Suppressed<'static>)>,
}

impl Completed {
    /// Ready for what `current` brings about.
    pub(super) fn clear(&mut self, current: Option<EventRef>) {
        self.records.clear();
        self.events.clear();
        self.keys.clear();
        self.findings.clear();
        self.released.clear();
        self.held.clear();
        self.kept = 0;
        self.current = current;
    }

    /// One more state machine refers to an event.
    pub(super) fn hold(&mut self, event: EventRef) {
        if Some(event) == self.current {
            self.kept += 1;
        } else {
            self.held.push(event);
        }
    }

    pub(super) fn add(
        &mut self,
        rule: u32,
        events: impl Iterator<Item = Option<GroupEvent>>,
        key: Key<'_>,
        suppressed: Option<Suppressed<'_>>,
    ) {
        let first = self.events.len();
        self.events.extend(events);
        let key = self.store(key.as_bytes());
        let suppressed = suppressed.map(|group| {
            let place = self.store(group.key.as_bytes());
            (place, Suppressed { key: GroupKey::new(&[]), ..group })
        });
        self.records.push(Record { rule, events: (first, self.events.len()), key, suppressed });
    }

    fn store(&mut self, bytes: &[u8]) -> (usize, usize) {
        let start = self.keys.len();
        self.keys.extend_from_slice(bytes);
        (start, self.keys.len())
    }

    /// The alerts that a group stands for.
    pub(super) fn suppressed(&self, record: &Record) -> Option<Suppressed<'_>> {
        let ((start, end), group) = record.suppressed?;
        Some(Suppressed { key: GroupKey::new(&self.keys[start..end]), ..group })
    }
}

/// A sink for groups: those of rules with suppression go on to it, others are complete.
pub(super) struct Collect<'c, 'a> {
    pub(super) completed: &'c mut Completed,
    /// By number of the sequence.
    pub(super) rules: &'c [u32],
    pub(super) joint: &'c mut Joint,
    pub(super) states: &'c mut States<'a>,
}

impl Sink for Collect<'_, '_> {
    fn group(&mut self, group: &sequence::Group<'_>) {
        if let Some(common) = self.joint.common(group.sequence, group.notes) {
            self.states.suppress_group(&common, group, self.completed);
        } else {
            let rule = self.rules[group.sequence as usize];
            self.completed.add(rule, group.events.iter().copied(), group.key, None);
        }
    }

    fn released(&mut self, handle: EventRef) {
        self.completed.released.push(handle);
    }
}
