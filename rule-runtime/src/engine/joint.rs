//! Suppression of sequences and samples: what the events of a group have in common (rules.md section 7).
//!
//! In: for each event the sequences or samples that it may be part of, and then the groups that were completed. Out: for
//! each event a note of its time and of the values that suppression asks for; for each group the values that all of its
//! events share. Where notes are kept, and what becomes of the group, is decided elsewhere.

use crate::event::EventView;
use crate::keyed::{GroupKey, TimeFields, common, is_group};
use crate::sequence::engine::{KeyBuilder, split_length};
use crate::sequence::{Hit, KeyDef, KeyValue, Timestamp};
use crate::set::RuleSet;

/// The suppression of some sequences or samples.
#[derive(Debug)]
pub(super) struct Joint {
    /// By number of the sequence.
    defs: Vec<Option<Def>>,
    longest: usize,
    builder: KeyBuilder,
    note: Vec<u8>,
    scratch: [Vec<u8>; 3],
}

#[derive(Debug)]
struct Def {
    number: u32,
    time: TimeFields,
    /// As in the compiled form, but that no field has to be there.
    keys: Vec<KeyDef>,
    /// Whether a group must have a value for each field.
    needed: bool,
}

/// What a group is to suppression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common<'k> {
    /// Index into [`States::suppressions`](crate::set::States::suppressions).
    pub(super) def: u32,
    /// The values that all events share; `None` for a group that is suppressed by none.
    pub(super) key: Option<&'k [u8]>,
    /// The time of the latest event.
    pub(super) time: Option<Timestamp>,
    /// Something of an event was too much to be remembered.
    pub(super) dropped: bool,
}

/// Stands for no time.
const TIMELESS: i64 = i64::MIN;

impl Joint {
    /// That of the sequences or samples of these rules. Notes of one sequence are no longer than `longest`.
    pub(super) fn new(rules: &[u32], set: &RuleSet<'_>, longest: usize) -> Self {
        let def = |&rule: &u32| {
            let (number, def) = (0..).zip(set.states.suppressions).find(|(_, def)| def.rule == rule)?;
            let keys = def.keys.iter().map(|key| KeyDef { optional: true, ..*key }).collect();
            let needed = def.keys.iter().any(|key| !key.optional);
            Some(Def { number, time: def.time, keys, needed })
        };
        Self {
            defs: rules.iter().map(def).collect(),
            longest,
            builder: KeyBuilder::new(),
            note: Vec::with_capacity(256),
            scratch: Default::default(),
        }
    }

    /// Whether one of them is suppressed.
    pub(super) fn is_needed(&self) -> bool {
        self.defs.iter().any(Option::is_some)
    }

    /// As [`Joint::note`], for who asks for groups while the note is in use: it is to be given back.
    pub(super) fn take_note(&mut self, hits: &[Hit], event: &EventView<'_>) -> Vec<u8> {
        self.note(hits, event);
        std::mem::take(&mut self.note)
    }

    pub(super) fn give_back(&mut self, note: Vec<u8>) {
        self.note = note;
    }

    /// What there is to remember of an event that passed these filters; empty if nothing.
    pub(super) fn note(&mut self, hits: &[Hit], event: &EventView<'_>) -> &[u8] {
        let Self { defs, longest, builder, note, .. } = self;
        note.clear();
        for (at, hit) in hits.iter().enumerate() {
            let Some(Some(def)) = defs.get(hit.sequence as usize) else { continue };
            if hits[..at].iter().any(|before| before.sequence == hit.sequence) {
                continue;
            }
            let start = note.len();
            note.extend(hit.sequence.to_le_bytes());
            note.extend([0; 4]);
            let time = def.time.of(event).map_or(TIMELESS, Timestamp::nanos);
            note.extend(time.to_le_bytes());
            let head = note.len();
            builder.whole(&def.keys, event, note);
            let len = note.len() - head;
            if len > *longest {
                note.truncate(start);
            } else {
                note[start + 4..start + 8].copy_from_slice(&(len as u32).to_le_bytes());
            }
        }
        note
    }

    /// What suppression needs to know of a group whose events have these notes; `None` if it is not suppressed.
    pub(super) fn common(&mut self, sequence: u32, notes: &[u8]) -> Option<Common<'_>> {
        let Self { defs, scratch: [key, next, values], .. } = self;
        let def = defs.get(sequence as usize)?.as_ref()?;
        let mut found = Common { def: def.number, key: None, time: None, dropped: false };
        let (mut rest, mut first) = (notes, true);
        while let Some((note, tail)) = split_note(rest) {
            rest = tail;
            let Some((time, own)) = find(note, sequence).filter(|(_, own)| is_group(own, def.keys.len()))
            else {
                found.dropped = true;
                return Some(found);
            };
            if time != TIMELESS {
                found.time = found.time.max(Some(Timestamp::from_nanos(time)));
            }
            if first {
                key.clear();
                key.extend_from_slice(own);
            } else {
                next.clear();
                common(key, own, values, next)?;
                std::mem::swap(key, next);
            }
            first = false;
        }
        found.dropped = first;
        let complete = !(first || def.needed && lacks_one(key));
        found.key = complete.then_some(key);
        Some(found)
    }
}

/// The first note and those behind it.
fn split_note(notes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = split_length(notes)?;
    rest.split_at_checked(len)
}

/// What a note says for a sequence: the time and the values.
fn find(note: &[u8], sequence: u32) -> Option<(i64, &[u8])> {
    let mut rest = note;
    loop {
        let (head, tail) = rest.split_first_chunk::<16>()?;
        let (own, len, time) = (&head[..4], &head[4..8], &head[8..]);
        let len = u32::from_le_bytes(len.try_into().ok()?);
        let (values, tail) = tail.split_at_checked(len as usize)?;
        if own == sequence.to_le_bytes() {
            return Some((i64::from_le_bytes(time.try_into().ok()?), values));
        }
        rest = tail;
    }
}

/// Whether a field of a key has no value.
fn lacks_one(key: &[u8]) -> bool {
    let mut fields = GroupKey::new(key).fields();
    fields.any(|mut values| values.next() == Some(KeyValue::Null))
}
