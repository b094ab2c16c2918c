//! The indicators that an event matches.
//!
//! In: the index and the values of an event. Out: the indicators, as bytes that can be kept and read again. Nothing is
//! allocated once buffers have grown to the largest event. Knows nothing of how the index came about.

use super::{GroupIndex, Indicators, Row, ThreatDef, ThreatEntry};
use crate::sequence::engine::{KeyBuilder, KeyLimits, hash, push_length, split_length};
use crate::sequence::{EventRef, Key, KeyDef, KeySource, KeyValue};

/// Values of one field of an event that count, and the longest in bytes.
const LIMITS: KeyLimits = KeyLimits { keys: 1024, bytes: 4096 };

/// Indicators of one event that are told; the first in order of rows are.
const MOST_HITS: usize = 200;

/// An indicator that an event matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreatHit<'h> {
    /// The indicator.
    pub indicator: EventRef,
    /// The group of entries that holds.
    pub group: u16,
    /// The value that the event and the indicator share, by the first entry of the group.
    pub value: Option<KeyValue<'h>>,
}

/// The indicators that an event matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreatHits<'h> {
    rest: &'h [u8],
}

impl<'h> ThreatHits<'h> {
    pub(crate) fn new(bytes: &'h [u8]) -> Self {
        Self { rest: bytes }
    }
}

#[expect(clippy::copy_iterator, reason = "a slice; a finding that has it is copied")]
impl<'h> Iterator for ThreatHits<'h> {
    type Item = ThreatHit<'h>;

    fn next(&mut self) -> Option<ThreatHit<'h>> {
        let (handle, rest) = self.rest.split_first_chunk()?;
        let (group, rest) = rest.split_first_chunk()?;
        let (len, rest) = split_length(rest)?;
        let (value, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some(ThreatHit {
            indicator: EventRef(u64::from_le_bytes(*handle)),
            group: u16::from_le_bytes(*group),
            value: Key::new(value).values().next(),
        })
    }
}

/// Asks an index about events. Its buffers are used again.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    builder: KeyBuilder,
    /// Known values of the event, entry by entry, in order.
    own: Vec<Vec<u32>>,
    /// Rows that the first entry leads to, with the value that does.
    rows: Vec<(u32, u32)>,
}

impl Lookup {
    /// Appends the indicators of definition number `def` that an event matches to `out`, as [`ThreatHits`] reads them.
    /// Returns how many there are.
    pub fn find(
        &mut self,
        indicators: &Indicators,
        defs: &[ThreatDef<'_>],
        def: u32,
        source: &impl KeySource,
        out: &mut Vec<u8>,
    ) -> u64 {
        let Some((threat, indexes)) = defs.get(def as usize).zip(indicators.groups.get(def as usize)) else {
            return 0;
        };
        let mut found = 0;
        for (number, (group, index)) in (0_u16..).zip(threat.groups.iter().zip(indexes)) {
            let Some((first, others)) = group.entries.split_first() else { continue };
            if index.rows.is_empty() || !self.candidates(indicators, index, first, source) {
                continue;
            }
            for (at, entry) in (1..).zip(others) {
                self.read(indicators, at, entry, source);
            }
            for &(row, value) in &self.rows {
                let Row { handle, others: start } = index.rows[row as usize];
                if !self.holds(others, &index.others[start as usize..]) {
                    continue;
                }
                found += 1;
                if found <= MOST_HITS as u64 {
                    let value = indicators.value(value);
                    out.extend(handle.0.to_le_bytes());
                    out.extend(number.to_le_bytes());
                    push_length(value.len(), out);
                    out.extend_from_slice(value);
                }
            }
        }
        found
    }

    /// Finds the rows that the first entry leads to; whether there are any.
    fn candidates(
        &mut self,
        indicators: &Indicators,
        index: &GroupIndex,
        first: &ThreatEntry<'_>,
        source: &impl KeySource,
    ) -> bool {
        self.read(indicators, 0, first, source);
        let Self { own, rows, .. } = self;
        rows.clear();
        for &value in &own[0] {
            let start = index.postings.partition_point(|&(known, _)| known < value);
            let of_value = index.postings[start..].iter().take_while(|&&(known, _)| known == value);
            rows.extend(of_value.map(|&(value, row)| (row, value)));
        }
        rows.sort_unstable();
        rows.dedup_by_key(|&mut (row, _)| row);
        !rows.is_empty()
    }

    /// The known values of the event in the field of an entry.
    fn read(&mut self, indicators: &Indicators, at: usize, entry: &ThreatEntry<'_>, source: &impl KeySource) {
        let Self { builder, own, .. } = self;
        own.resize_with(own.len().max(at + 1), Vec::new);
        own[at].clear();
        let key = KeyDef { slot: Some(entry.event), optional: false, kind: entry.kind };
        builder.keys(&[key], source, LIMITS, |value| {
            own[at].extend(indicators.number(hash(0, value) as u32, value));
        });
        own[at].sort_unstable();
    }

    /// Whether the entries behind the first hold for an indicator whose values stand at the start of `values`.
    fn holds(&self, entries: &[ThreatEntry<'_>], mut values: &[u32]) -> bool {
        (1..).zip(entries).all(|(at, entry): (usize, _)| {
            let Some((&count, rest)) = values.split_first() else { return false };
            let (theirs, tail) = rest.split_at(count as usize);
            values = tail;
            let shared = theirs.iter().any(|value| self.own[at].binary_search(value).is_ok());
            shared != entry.negate
        })
    }
}
