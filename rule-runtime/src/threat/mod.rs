//! Events that share values with indicators (rules.md section 3, `threat_match`).
//!
//! In: indicators, once; then for each event that passes the condition of a rule the values of the rule's fields. Out: the
//! indicators that match. Knows nothing of conditions, of rule files, or of what an indicator holds beyond its fields.
//!
//! Groups are or-ed, the entries of one are and-ed. An entry holds if some value of the event equals some value of the
//! indicator, or, negated, if none does. A group does not apply to an indicator that lacks one of its fields.
//!
//! Each different value is kept once and has a number. For each group, the first entry leads from a number to the
//! indicators that have it; the other entries compare numbers. So an event costs a look-up for each value, and more only
//! if it is the value of an indicator.

mod build;
mod lookup;
#[cfg(test)]
mod tests;

pub use build::IndicatorsBuilder;
pub use lookup::{Lookup, ThreatHit, ThreatHits};

use crate::event::Slot;
use crate::keyed::TimeFields;
use crate::sequence::engine::Index;
use crate::sequence::{EventRef, KeyKind};

/// A rule of type `threat_match` in compiled form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreatDef<'a> {
    /// Its index among the rules.
    pub rule: u32,
    /// When an event happened, for suppression.
    pub time: TimeFields,
    /// Where an indicator's own fields stand.
    pub indicator_path: &'a str,
    /// The groups of entries.
    pub groups: &'a [ThreatGroup<'a>],
    /// Which suppression its alerts pass through.
    pub suppression: Option<u32>,
}

/// Entries that have to hold together. The first is not negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreatGroup<'a> {
    /// The entries.
    pub entries: &'a [ThreatEntry<'a>],
}

/// A field of the event that has a value of a field of the indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreatEntry<'a> {
    /// The field of the event.
    pub event: Slot,
    /// The field of the indicator.
    pub indicator: Slot,
    /// How values compare.
    pub kind: KeyKind,
    /// Whether they must share no value.
    pub negate: bool,
    /// The name of the event's field.
    pub field: &'a str,
}

/// Indicators, ready to be asked; read only, to be shared between threads.
#[derive(Clone, Debug)]
pub struct Indicators {
    /// The set of rules that they were read for.
    fingerprint: u64,
    /// The bytes of all values, one after the other, and where each ends.
    values: Vec<u8>,
    ends: Vec<u32>,
    index: Index,
    /// By definition and group.
    groups: Vec<Vec<GroupIndex>>,
    count: u64,
}

/// The indicators that a group applies to.
#[derive(Clone, Debug, Default)]
struct GroupIndex {
    /// Number of a value of the first entry, and the row of an indicator that has it; in order.
    postings: Vec<(u32, u32)>,
    rows: Vec<Row>,
    /// The values of the other entries, for each its number of values and these, in order.
    others: Vec<u32>,
}

/// An indicator that a group applies to.
#[derive(Clone, Copy, Debug)]
struct Row {
    handle: EventRef,
    /// Where its values begin among `others`.
    others: u32,
}

impl Indicators {
    /// How many indicators were read that some rule asks for.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The set of rules that they were read for.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        let group = |group: &GroupIndex| {
            group.postings.capacity() * size_of::<(u32, u32)>()
                + group.rows.capacity() * size_of::<Row>()
                + group.others.capacity() * size_of::<u32>()
        };
        self.values.capacity()
            + self.ends.capacity() * size_of::<u32>()
            + self.index.bytes()
            + self.groups.iter().flatten().map(group).sum::<usize>()
    }

    /// The bytes of a value.
    fn value(&self, number: u32) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number as usize - 1] };
        &self.values[start as usize..self.ends[number as usize] as usize]
    }

    fn number(&self, hash: u32, value: &[u8]) -> Option<u32> {
        self.index.find(hash, |number| self.value(number) == value)
    }
}
