//! What a rule says of itself: everything its author wrote, as plain borrowed data.
//!
//! In a compiled set all of it is `&'static`; nothing here takes part in matching. Field meanings: rules.md sections
//! 1 to 3. A text that the author left out is `None`, a list `&[]`.

use std::fmt;
use std::ops::Deref;

use crate::packed::LazyInfo;

/// How bad an alert of the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// `critical`
    Critical,
}

impl Severity {
    /// The word rule files and alerts use.
    ///
    /// ```
    /// assert_eq!(rule_runtime::info::Severity::Low.as_str(), "low");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The types of rule that Kiln compiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleType {
    /// `eql`
    Eql,
    /// `query`
    Query,
    /// `saved_query`
    SavedQuery,
    /// `threshold`
    Threshold,
    /// `new_terms`
    NewTerms,
    /// `threat_match`
    ThreatMatch,
}

impl RuleType {
    /// The word rule files and alerts use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eql => "eql",
            Self::Query => "query",
            Self::SavedQuery => "saved_query",
            Self::Threshold => "threshold",
            Self::NewTerms => "new_terms",
            Self::ThreatMatch => "threat_match",
        }
    }
}

/// What a rule says of itself. In generated code it is unpacked, and memory is taken for it, when it is first asked for.
///
/// ```
/// use rule_runtime::info::{Info, RuleInfo};
/// let own = RuleInfo { name: "Curl Proxy", ..RuleInfo::EMPTY };
/// assert_eq!(Info::from(&own).name, "Curl Proxy");
/// ```
#[derive(Clone, Copy)]
pub struct Info<'a>(Stored<'a>);

#[derive(Clone, Copy)]
enum Stored<'a> {
    Known(&'a RuleInfo<'a>),
    Packed(&'static LazyInfo),
}

impl<'a> Info<'a> {
    pub(crate) fn lazy(info: &'static LazyInfo) -> Self {
        Self(Stored::Packed(info))
    }

    /// All of it.
    pub fn get(self) -> &'a RuleInfo<'a> {
        match self.0 {
            Stored::Known(info) => info,
            Stored::Packed(info) => info.get(),
        }
    }
}

impl<'a> From<&'a RuleInfo<'a>> for Info<'a> {
    fn from(info: &'a RuleInfo<'a>) -> Self {
        Self(Stored::Known(info))
    }
}

impl<'a> Deref for Info<'a> {
    type Target = RuleInfo<'a>;

    fn deref(&self) -> &RuleInfo<'a> {
        self.get()
    }
}

impl fmt::Debug for Info<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// One rule, all of it.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo<'a> {
    /// The stable identity, a UUID.
    pub rule_id: &'a str,
    /// The name.
    pub name: &'a str,
    /// The type.
    pub rule_type: RuleType,
    /// The query language, such as `eql`.
    pub language: &'a str,
    /// The query as written.
    pub query: &'a str,
    /// The file the rule came from, as the build saw it.
    pub file: &'a str,
    /// What it finds.
    pub description: &'a str,
    /// Who wrote it.
    pub author: &'a [&'a str],
    /// Base severity.
    pub severity: Severity,
    /// Base risk, 0 to 100.
    pub risk_score: u8,
    /// Whether the rule is switched on.
    pub enabled: bool,
    /// The version number.
    pub version: Option<u64>,
    /// The revision number of an exported rule.
    pub revision: Option<u64>,
    /// Licence of the rule text.
    pub license: Option<&'a str>,
    /// Tags such as `OS: Linux`.
    pub tags: &'a [&'a str],
    /// Links.
    pub references: &'a [&'a str],
    /// Known harmless causes.
    pub false_positives: &'a [&'a str],
    /// MITRE ATT&CK and ATLAS mapping.
    pub threat: &'a [Threat<'a>],
    /// The investigation guide, Markdown.
    pub note: Option<&'a str>,
    /// What must be set up for the rule to see anything, Markdown.
    pub setup: Option<&'a str>,
    /// Index patterns of the source.
    pub index: &'a [&'a str],
    /// The data view that takes the place of index patterns.
    pub data_view_id: Option<&'a str>,
    /// Period of runs, such as `5m`.
    pub interval: &'a str,
    /// Start of the search window, date math.
    pub from: &'a str,
    /// End of the search window, date math.
    pub to: &'a str,
    /// Cap of alerts per run.
    pub max_signals: u64,
    /// The field that takes the place of `@timestamp`.
    pub timestamp_override: Option<&'a str>,
    /// Whether `@timestamp` is not used where the override is missing.
    pub timestamp_override_fallback_disabled: bool,
    /// EQL: the field that takes the place of `event.category`.
    pub event_category_override: Option<&'a str>,
    /// EQL: the field that orders events.
    pub timestamp_field: Option<&'a str>,
    /// EQL: the field that orders events of equal time.
    pub tiebreaker_field: Option<&'a str>,
    /// Alerts of the rule are building blocks.
    pub building_block: bool,
    /// The event field whose text becomes the alert's rule name.
    pub rule_name_override: Option<&'a str>,
    /// Event values that change the severity.
    pub severity_mapping: &'a [SeverityMapping<'a>],
    /// Event values that become the risk score.
    pub risk_score_mapping: &'a [RiskScoreMapping<'a>],
    /// How alerts are folded together.
    pub suppression: Option<Suppression<'a>>,
    /// Exception lists the rule names.
    pub exceptions: &'a [ExceptionRef<'a>],
    /// Integrations that deliver the events.
    pub related_integrations: &'a [RelatedIntegration<'a>],
    /// Fields the rule needs.
    pub required_fields: &'a [RequiredField<'a>],
    /// Fields to show first in an investigation.
    pub investigation_fields: &'a [&'a str],
    /// Timeline template.
    pub timeline_id: Option<&'a str>,
    /// Title of the timeline template.
    pub timeline_title: Option<&'a str>,
    /// Everything that the file says and that has no field above, as JSON text of an object (`{}` if nothing).
    pub extra: &'a str,
    /// `[metadata]`: dates, maturity, integrations, as JSON text of an object (`{}` if the file has none).
    pub metadata: &'a str,
}

/// One tactic of a threat framework with its techniques.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threat<'a> {
    /// `MITRE ATT&CK` or `MITRE ATLAS`.
    pub framework: &'a str,
    /// The tactic.
    pub tactic: ThreatEntry<'a>,
    /// Its techniques.
    pub techniques: &'a [Technique<'a>],
}

/// A technique with its sub-techniques.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Technique<'a> {
    /// The technique.
    pub entry: ThreatEntry<'a>,
    /// Its sub-techniques.
    pub subtechniques: &'a [ThreatEntry<'a>],
}

/// Id, name and page of a tactic or technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreatEntry<'a> {
    /// Such as `T1090` or `TA0011`.
    pub id: &'a str,
    /// Such as `Proxy`.
    pub name: &'a str,
    /// Its page.
    pub reference: &'a str,
}

/// An event value that raises or lowers the severity (rules.md section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeverityMapping<'a> {
    /// The event field.
    pub field: &'a str,
    /// `equals`
    pub operator: &'a str,
    /// The value it must have.
    pub value: &'a str,
    /// The severity then.
    pub severity: Severity,
}

/// An event field that holds the risk score (rules.md section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskScoreMapping<'a> {
    /// The event field.
    pub field: &'a str,
    /// `equals`; has no effect.
    pub operator: &'a str,
    /// Has no effect.
    pub value: &'a str,
}

/// How alerts with equal values are folded together (rules.md section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppression<'a> {
    /// The fields whose values are compared.
    pub group_by: &'a [&'a str],
    /// How long a group lasts, such as `5m`; `None` for one run.
    pub duration: Option<&'a str>,
    /// `suppress` or `doNotSuppress`.
    pub missing_fields_strategy: Option<&'a str>,
}

/// A reference to an exception list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExceptionRef<'a> {
    /// Server-side id.
    pub id: &'a str,
    /// The id that items refer to.
    pub list_id: &'a str,
    /// `detection`, `rule_default`, ..
    pub list_type: &'a str,
    /// `single` or `agnostic`.
    pub namespace_type: &'a str,
}

/// An integration that delivers the events of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelatedIntegration<'a> {
    /// The package.
    pub package: &'a str,
    /// Version range.
    pub version: &'a str,
    /// The part of the package.
    pub integration: Option<&'a str>,
}

/// A field that a rule needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequiredField<'a> {
    /// The path.
    pub name: &'a str,
    /// The mapped type.
    pub field_type: &'a str,
    /// Whether ECS defines it.
    pub ecs: bool,
}

impl RuleInfo<'_> {
    /// A rule that says nothing of itself; every limit is the default of rules.md section 2.
    pub const EMPTY: Self = Self {
        rule_id: "",
        name: "",
        rule_type: RuleType::Eql,
        language: "eql",
        query: "",
        file: "",
        description: "",
        author: &[],
        severity: Severity::Low,
        risk_score: 0,
        enabled: true,
        version: None,
        revision: None,
        license: None,
        tags: &[],
        references: &[],
        false_positives: &[],
        threat: &[],
        note: None,
        setup: None,
        index: &[],
        data_view_id: None,
        interval: "5m",
        from: "now-6m",
        to: "now",
        max_signals: 100,
        timestamp_override: None,
        timestamp_override_fallback_disabled: false,
        event_category_override: None,
        timestamp_field: None,
        tiebreaker_field: None,
        building_block: false,
        rule_name_override: None,
        severity_mapping: &[],
        risk_score_mapping: &[],
        suppression: None,
        exceptions: &[],
        related_integrations: &[],
        required_fields: &[],
        investigation_fields: &[],
        timeline_id: None,
        timeline_title: None,
        extra: "{}",
        metadata: "{}",
    };
}
