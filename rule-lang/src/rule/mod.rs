//! Rules as typed data, field for field as rules.md sections 1 to 3 list them.
//!
//! In: the value tree of a file ([`crate::file`]). Out: a [`Rule`], or everything that is wrong with the file, each
//! finding with its place. The query is kept as text with its way back into the file; what it says is for
//! [`crate::eql`]. Nothing here knows how rules are matched.

mod kind;
mod load;
pub(crate) mod read;
mod threat;
mod value;

use std::ops::Deref;

use serde_json::Value;

pub use self::kind::{
    Cardinality, Details, EqlFields, MachineLearning, NewTerms, ThreatEntry, ThreatMatch, Threshold,
};
pub use self::load::{Loaded, load};
pub use self::read::read;
pub use self::threat::{Framework, Subtechnique, Tactic, Technique, Threat};
pub use self::value::{
    Date, DateMath, Duration, Interval, Language, Maturity, MissingFields, Namespace, RiskScore, RuleType,
    Severity, TimeUnit, Word,
};
use crate::file::Node;
use crate::source::{FileId, TextMap};
use crate::span::Span;

/// A value and where the file gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the rule's file.
    pub span: Span,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A query as text, with the way back into the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryText {
    /// The query, decoded: TOML or YAML quoting is gone, line breaks are `\n`.
    pub text: String,
    /// The file it stands in.
    pub file: FileId,
    /// From offsets of `text` to offsets of the file.
    pub map: TextMap,
    /// The value in the file, quotes included.
    pub span: Span,
}

/// One rule: what it looks for and everything a person wants to know about it (rules.md section 2).
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The file the rule stands in; all spans of the rule count its bytes.
    pub file: FileId,
    /// The header of the rule, for findings about the rule as a whole.
    pub span: Span,
    /// `[metadata]`, empty if the file has none.
    pub metadata: Metadata,
    /// `[transform]` as it stands: it fills placeholders of `note` and has no effect on matching.
    pub transform: Option<Value>,

    /// The name people know it by.
    pub name: Spanned<String>,
    /// Its stable identity, unique in a set of rules.
    pub rule_id: Spanned<String>,
    /// What kind of rule it is.
    pub rule_type: Spanned<RuleType>,
    /// What it detects.
    pub description: String,
    /// Who wrote it.
    pub author: Vec<String>,
    /// The base risk.
    pub risk_score: RiskScore,
    /// The base severity.
    pub severity: Severity,
    /// Whether it is to be run.
    pub enabled: bool,
    /// Where `enabled` stands, if it does.
    pub enabled_at: Option<Span>,
    /// The time between runs of a search engine; no effect on a streaming matcher.
    pub interval: Interval,
    /// The start of the search window of a run.
    pub from: DateMath,
    /// The end of the search window of a run.
    pub to: DateMath,
    /// The most alerts of one run.
    pub max_signals: u32,
    /// The index patterns it reads.
    pub index: Vec<String>,
    /// The data view it reads, instead of index patterns.
    pub data_view_id: Option<String>,
    /// The language of its query; none for `machine_learning`.
    pub language: Option<Language>,
    /// Its query.
    pub query: Option<QueryText>,
    /// Kibana filters, and-ed with the query.
    pub filters: Vec<Node>,
    /// The field whose time counts instead of `@timestamp`.
    pub timestamp_override: Option<Spanned<String>>,
    /// Whether `@timestamp` must not stand in for a missing override field.
    pub timestamp_override_fallback_disabled: bool,
    /// What only its type of rule has.
    pub details: Details,
    /// Whether all its alerts are building blocks for other rules (rules.md section 6).
    pub building_block: bool,
    /// How alerts of one group become one (rules.md section 7).
    pub alert_suppression: Option<Suppression>,
    /// The exception lists that apply to it (rules.md section 8).
    pub exceptions_list: Vec<ExceptionRef>,
    /// Where the event may set the risk score (rules.md section 9).
    pub risk_score_mapping: Vec<RiskScoreMapping>,
    /// Where the event may set the severity (rules.md section 9).
    pub severity_mapping: Vec<SeverityMapping>,
    /// The field that may set the alert's rule name (rules.md section 9).
    pub rule_name_override: Option<Spanned<String>>,
    /// The techniques it detects.
    pub threat: Vec<Threat>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Links to read on.
    pub references: Vec<String>,
    /// What else may trigger it.
    pub false_positives: Vec<String>,
    /// The licence it is under.
    pub license: Option<String>,
    /// The investigation guide, Markdown.
    pub note: Option<String>,
    /// What must be set up before it works, Markdown.
    pub setup: Option<String>,
    /// Free data.
    pub meta: Option<Value>,
    /// The fields shown first to whoever investigates.
    pub investigation_fields: Vec<String>,
    /// The integrations it needs data of.
    pub related_integrations: Vec<RelatedIntegration>,
    /// The fields it needs, with their types.
    pub required_fields: Vec<RequiredField>,
    /// Its version as published.
    pub version: Option<u32>,
    /// How often it was edited since.
    pub revision: Option<u32>,
    /// The timeline template offered for its alerts.
    pub timeline_id: Option<String>,
    /// The title of that template.
    pub timeline_title: Option<String>,
    /// What a server does on an alert, as it stands; no effect here.
    pub actions: Option<Value>,
    /// What an endpoint does on an alert, as it stands; no effect here.
    pub response_actions: Option<Value>,
    /// How often actions run; no effect here.
    pub throttle: Option<String>,
}

/// What a repository of rules keeps about a rule (rules.md section 1); not part of the rule that is run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// The day it was written.
    pub creation_date: Option<Date>,
    /// The day it was last changed.
    pub updated_date: Option<Date>,
    /// The day it was given up.
    pub deprecation_date: Option<Date>,
    /// Why it was given up.
    pub deprecated_reason: Option<String>,
    /// How ready it is.
    pub maturity: Option<Maturity>,
    /// The integrations it belongs to.
    pub integration: Vec<String>,
    /// The first version of the Elastic stack that can run it.
    pub min_stack_version: Option<String>,
    /// Why that version.
    pub min_stack_comments: Option<String>,
    /// Remarks of its authors.
    pub comments: Option<String>,
    /// Whether a building-block rule may run more often than is the custom.
    pub bypass_bbr_timing: bool,
    /// Whether it promotes alerts of another product.
    pub promotion: bool,
    /// Whether its fields are checked against a schema; true unless said otherwise.
    pub query_schema_validation: Option<bool>,
    /// The operating systems it is for.
    pub os_type_list: Vec<String>,
    /// Endpoint rules like it, as they stand.
    pub related_endpoint_rules: Option<Value>,
    /// Free data.
    pub extended: Option<Value>,
}

/// How alerts of one group become one (rules.md section 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The fields that make a group, one to three; none for `threshold`, whose groups are its own.
    pub group_by: Vec<Spanned<String>>,
    /// How long after its first alert a group stays quiet; without it, for one run.
    pub duration: Option<Duration>,
    /// What becomes of events without a group field.
    pub missing_fields: MissingFields,
}

/// A rule's reference to an exception list (rules.md section 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRef {
    /// The list, as its items name it.
    pub list_id: Spanned<String>,
    /// The server's own id of the list.
    pub id: Option<String>,
    /// The kind of list: `detection`, `rule_default`, `endpoint` ..
    pub list_type: String,
    /// Whether the list belongs to one space.
    pub namespace: Namespace,
}

/// If `field` holds `value`, an alert gets `severity` (rules.md section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityMapping {
    /// The field of the event.
    pub field: Spanned<String>,
    /// The value, as text.
    pub value: String,
    /// The severity it gives.
    pub severity: Severity,
}

/// An alert's risk score is the value of `field`; only the first mapping of a rule counts (rules.md section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskScoreMapping {
    /// The field of the event.
    pub field: Spanned<String>,
}

/// An integration a rule needs data of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedIntegration {
    /// The package.
    pub package: String,
    /// Its versions, as a range.
    pub version: String,
    /// One integration of the package.
    pub integration: Option<String>,
}

/// A field a rule needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredField {
    /// Its path.
    pub name: Spanned<String>,
    /// Its type, as Elasticsearch names it.
    pub field_type: String,
    /// Whether it is of the Elastic Common Schema.
    pub ecs: bool,
}

#[cfg(test)]
mod tests;
