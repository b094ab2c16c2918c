//! Checked rules whose results depend on more than one event, beyond EQL's own (rules.md section 3).

use std::sync::Arc;

use super::{Field, Filter, Key};

/// The fields that say when an event happened (rules.md section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSource {
    /// The field asked first.
    pub field: Arc<str>,
    /// The field asked where the first has no time.
    pub fallback: Option<Arc<str>>,
}

/// So many events of one group in a window of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The events that count.
    pub filter: Filter,
    /// When they happened; one without a time does not count.
    pub time: TimeSource,
    /// The fields that make a group; none for one group of all.
    pub keys: Vec<Key>,
    /// The least number of events.
    pub value: u64,
    /// How many different values they must have.
    pub cardinality: Option<Cardinality>,
    /// The length of a window in milliseconds, at least one. Windows follow each other from 1970 on.
    pub window: u64,
}

/// At least `value` different values of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Cardinality {
    /// The field.
    pub key: Key,
    /// The least number.
    pub value: u64,
}

/// Values that were not seen for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTerms {
    /// The events that are looked at.
    pub filter: Filter,
    /// When they happened; one without a time does not count.
    pub time: TimeSource,
    /// The fields, one to three; an event without one of them does not count.
    pub keys: Vec<Key>,
    /// How long values are remembered, in milliseconds, inclusive.
    pub window: u64,
}

/// Events that share values with indicators.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreatMatch {
    /// The events that are looked at.
    pub filter: Filter,
    /// When they happened.
    pub time: TimeSource,
    /// The indicators that count.
    pub indicators: Filter,
    /// Where an indicator's own fields stand.
    pub indicator_path: Arc<str>,
    /// Groups of entries: one of the groups has to hold, with all of its entries. Each has an entry that is not negated.
    pub groups: Vec<Vec<ThreatEntry>>,
}

/// A field of the event that has a value of a field of the indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreatEntry {
    /// The field of the event.
    pub event: Field,
    /// The field of the indicator. Values compare by the type of both, as text where they differ.
    pub indicator: Field,
    /// Whether they must share no value.
    pub negate: bool,
}

/// Alerts of one group within a span of time become one (rules.md section 7). A sequence or sample has the values that all
/// of its events have, and the time of the latest.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppression {
    /// When an event happened.
    pub time: TimeSource,
    /// The fields that make a group; several values of one count as a whole. An event without a field that is not optional
    /// is in no group. None for a threshold, whose groups are its own.
    pub keys: Vec<Key>,
    /// The length of a span in milliseconds, from the first alert of a group on, its end excluded.
    pub span: u64,
}
