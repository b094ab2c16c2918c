//! The fields that only some types of rules have (rules.md section 3).

use super::{DateMath, Language, QueryText, Spanned};
use crate::file::Node;

/// What only its type of rule has.
#[derive(Clone, Debug, PartialEq)]
pub enum Details {
    /// `eql`
    Eql(EqlFields),
    /// `query`, and `saved_query` with the id of what was saved.
    Query {
        /// The saved query.
        saved_id: Option<String>,
    },
    /// `threshold`
    Threshold(Threshold),
    /// `new_terms`
    NewTerms(NewTerms),
    /// `threat_match`
    ThreatMatch(Box<ThreatMatch>),
    /// `esql`, which has no field of its own.
    Esql,
    /// `machine_learning`
    MachineLearning(MachineLearning),
}

/// The fields that EQL reads instead of its usual ones (eql.md sections 4 and 11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EqlFields {
    /// Instead of `event.category`.
    pub event_category_override: Option<Spanned<String>>,
    /// Instead of `@timestamp`.
    pub timestamp_field: Option<Spanned<String>>,
    /// Orders events of the same time.
    pub tiebreaker_field: Option<Spanned<String>>,
}

/// So many events of one group make an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The fields that make a group, up to five; none for one group of all.
    pub field: Vec<Spanned<String>>,
    /// The least number of events.
    pub value: u32,
    /// How many different values they must have, at least.
    pub cardinality: Vec<Cardinality>,
}

/// At least `value` different values of `field`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cardinality {
    /// The field.
    pub field: Spanned<String>,
    /// The least number of different values.
    pub value: u32,
}

/// Values that were not seen before make an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTerms {
    /// One to three fields, whose values count together.
    pub fields: Vec<Spanned<String>>,
    /// How far back "before" goes.
    pub history_window_start: DateMath,
}

/// Events that share values with indicators make alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreatMatch {
    /// The index patterns of the indicators.
    pub index: Vec<String>,
    /// The query for indicators.
    pub query: Option<QueryText>,
    /// Its language.
    pub language: Language,
    /// Kibana filters, and-ed with that query.
    pub filters: Vec<Node>,
    /// Where an indicator's own fields stand.
    pub indicator_path: String,
    /// Groups of entries: or between groups, and within one.
    pub mapping: Vec<Vec<ThreatEntry>>,
}

/// A field of the event that has a value of a field of the indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreatEntry {
    /// The field of the event.
    pub field: Spanned<String>,
    /// The field of the indicator.
    pub indicator: Spanned<String>,
    /// Whether they must share no value.
    pub negate: bool,
}

/// Anomalies found by jobs of a machine learning engine make alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineLearning {
    /// The least score, 0 to 100.
    pub anomaly_threshold: u8,
    /// The jobs.
    pub job_ids: Vec<String>,
}
