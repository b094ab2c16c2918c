//! The compiled form of sequences and samples: plain tables that generated code writes as statics.
//!
//! In: what the compiler knows of a query. Out: nothing but data. Knows nothing of fields by name, of conditions or of
//! query text: a filter is a number, and whether an event passes it is decided elsewhere.

use super::index;
use crate::event::Slot;

/// How values of a key field compare. Values of different kinds are never equal, so all stages of a query want the same kind
/// at the same position (see [`KeyKind::common`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Keywords, versions: exact text. A number is its text as it stands in the event, booleans are `true` and `false`.
    Text,
    /// Integers and floats: exact numeric value. A text counts if it is a number.
    Number,
    /// `true` and `false`, also as text.
    Boolean,
    /// IPv4 and IPv6 addresses; an IPv4 address equals its form mapped to IPv6.
    Ip,
    /// Points in time; different spellings and zones of one moment are equal.
    Date,
    /// No type known: values compare as they come. `1` and `1.0` are equal, `1` and `"1"` are not.
    Any,
}

impl KeyKind {
    /// The kind to compare two fields with, `None` if they are incompatible. An untyped field takes the other's kind.
    pub const fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, kind) | (kind, Self::Any) => Some(kind),
            (a, b) if a as u8 == b as u8 => Some(a),
            _ => None,
        }
    }
}

/// One part of a join key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDef {
    /// The field; `None` is a field that no event has.
    pub slot: Option<Slot>,
    /// Written `?field`: an event without a value has the key value null. Otherwise it is skipped.
    pub optional: bool,
    /// How values compare.
    pub kind: KeyKind,
}

/// One item of a sequence or a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageDef<'a> {
    /// What an event must pass, as a [`Hit`] says. Stages of one sequence with the same condition may share a number
    /// (`with runs=3` is three stages with one filter).
    pub filter: u16,
    /// `![..]`: there must be no such event (eql.md section 12).
    pub missing: bool,
    /// The join key, as many parts in every stage.
    pub keys: &'a [KeyDef],
}

/// A sequence: stages in order, `runs` expanded (eql.md section 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceDef<'a> {
    /// At most 256 stages. At least one is not missing.
    pub stages: &'a [StageDef<'a>],
    /// The longest time from first to last event, inclusive. Required where stages are missing.
    pub maxspan_millis: Option<u64>,
    /// The event that ends what is pending for its key; never missing.
    pub until: Option<StageDef<'a>>,
}

/// A sample: events that share keys, in any order (eql.md section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleDef<'a> {
    /// The filters; none is missing.
    pub stages: &'a [StageDef<'a>],
}

/// An event passed a filter of a sequence or sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Position of the sequence in its set.
    pub sequence: u32,
    /// [`StageDef::filter`].
    pub filter: u16,
}

/// A number that differs for sets of different shape: stages, keys, spans, in order. Conditions are not part of it; a
/// caller mixes in a fingerprint of the rules.
pub(crate) fn fingerprint(sequences: &[SequenceDef<'_>], rules: u64) -> u64 {
    let mut bytes = Vec::new();
    let stage = |bytes: &mut Vec<u8>, stage: &StageDef<'_>| {
        bytes.extend(stage.filter.to_le_bytes());
        bytes.push(stage.missing.into());
        bytes.push(stage.keys.len() as u8);
        for key in stage.keys {
            bytes.extend(key.slot.map_or(u32::MAX, |slot| slot.0.into()).to_le_bytes());
            bytes.extend([key.optional.into(), key.kind as u8]);
        }
    };
    for sequence in sequences {
        bytes.extend((sequence.stages.len() as u16).to_le_bytes());
        for item in sequence.stages.iter().chain(&sequence.until) {
            stage(&mut bytes, item);
        }
        bytes.push(sequence.until.is_some().into());
        bytes.extend(sequence.maxspan_millis.unwrap_or(u64::MAX).to_le_bytes());
    }
    index::hash(rules, &bytes)
}
