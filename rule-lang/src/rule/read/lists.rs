//! The lists and small tables that every type of rule may have.

use super::table::{Findings, Table};
use crate::diagnostic::codes;
use crate::rule::{
    Duration, ExceptionRef, MissingFields, Namespace, RelatedIntegration, RequiredField, RiskScoreMapping,
    RuleType, Severity, SeverityMapping, Spanned, Suppression, TimeUnit,
};

/// The kinds of exception lists, for the list in a help.
const LIST_TYPES: &[&str] = &[
    "detection",
    "rule_default",
    "endpoint",
    "endpoint_trusted_apps",
    "endpoint_events",
    "endpoint_host_isolation_exceptions",
    "endpoint_blocklists",
];

/// `alert_suppression` (rules.md section 7). A threshold rule groups by its own fields and may only set a duration.
pub(super) fn suppression(
    rule: &mut Table<'_>,
    rule_type: Option<&Spanned<RuleType>>,
    findings: &mut Findings,
) -> Option<Suppression> {
    let mut table = rule.table("alert_suppression", "`alert_suppression`", findings)?;
    let group_by = table.spanned_texts("group_by", findings);
    let strategy = table.word::<MissingFields>("missing_fields_strategy", findings);
    let duration = table.table("duration", "`duration`", findings);
    let duration = duration.and_then(|duration| read_duration(duration, findings));
    if rule_type.is_some_and(|it| it.value == RuleType::Threshold) {
        for key in ["group_by", "missing_fields_strategy"] {
            let Some(span) = table.key_span(key) else { continue };
            let message =
                format!("a threshold rule cannot have `{key}`: its groups are its threshold fields");
            findings.push(findings.error(codes::file::CONFLICT, span, message));
        }
        if duration.is_none() && table.key_span("duration").is_none() {
            table.missing("duration", findings);
        }
    } else if let Some(group_by) = &group_by {
        if !(1..=3).contains(&group_by.len()) {
            let message = format!("`group_by` must name one to three fields, not {}", group_by.len());
            findings.push(findings.error(codes::file::OUT_OF_RANGE, group_by.span, message));
        }
    } else if table.key_span("group_by").is_none() {
        table.missing("group_by", findings);
    }
    table.finish(findings);
    let missing_fields = strategy.map(|strategy| strategy.value).unwrap_or_default();
    Some(Suppression { group_by: group_by.unwrap_or_default().value, duration, missing_fields })
}

fn read_duration(mut table: Table<'_>, findings: &mut Findings) -> Option<Duration> {
    const UNITS: &[(&str, TimeUnit)] =
        &[("s", TimeUnit::Second), ("m", TimeUnit::Minute), ("h", TimeUnit::Hour)];
    let value = table.required_integer("value", 1..=u32::MAX, findings);
    let unit = table.word_of::<TimeUnit>("unit", UNITS, findings);
    if unit.is_none() && table.key_span("unit").is_none() {
        table.missing("unit", findings);
    }
    table.finish(findings);
    Some(Duration { value, unit: unit?.value })
}

/// `exceptions_list`: `list_id` names the list; `id` is the server's own and may be left out.
pub(super) fn exceptions(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<ExceptionRef> {
    let tables = rule.tables("exceptions_list", "an exception list", findings);
    let read = |mut table: Table<'_>| {
        let known = |text: &str| LIST_TYPES.contains(&text).then(|| text.to_owned());
        let form = format!("known are `{}`", LIST_TYPES.join("`, `"));
        let exception = ExceptionRef {
            list_id: table.required_text("list_id", findings),
            id: table.plain_text("id", findings),
            list_type: table.parsed("type", known, &form, findings).unwrap_or_else(|| "detection".to_owned()),
            namespace: table.word::<Namespace>("namespace_type", findings).unwrap_or_default().value,
        };
        table.finish(findings);
        exception
    };
    tables.into_iter().map(read).collect()
}

/// `risk_score_mapping`: what it compares with is ignored, as Kibana does.
pub(super) fn risk_score_mapping(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<RiskScoreMapping> {
    let tables = rule.tables("risk_score_mapping", "a risk score mapping", findings);
    let read = |mut table: Table<'_>| {
        let mapping = RiskScoreMapping { field: table.required_field("field", findings) };
        table.ignore(&["operator", "value", "risk_score"]);
        table.finish(findings);
        mapping
    };
    tables.into_iter().map(read).collect()
}

/// `severity_mapping`: `equals` is the only operator.
pub(super) fn severity_mapping(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<SeverityMapping> {
    let tables = rule.tables("severity_mapping", "a severity mapping", findings);
    let read = |mut table: Table<'_>| {
        let equals = |text: &str| (text == "equals").then_some(());
        table.parsed("operator", equals, "the only operator is `equals`", findings);
        let mapping = SeverityMapping {
            field: table.required_field("field", findings),
            value: table.required_text_even_empty("value", findings),
            severity: table.required_word::<Severity>("severity", findings).unwrap_or_default().value,
        };
        table.finish(findings);
        mapping
    };
    tables.into_iter().map(read).collect()
}

pub(super) fn investigation_fields(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<String> {
    let Some(mut table) = rule.table("investigation_fields", "`investigation_fields`", findings) else {
        return Vec::new();
    };
    let names = table.required_texts("field_names", findings);
    table.finish(findings);
    names
}

pub(super) fn related_integrations(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<RelatedIntegration> {
    let tables = rule.tables("related_integrations", "a related integration", findings);
    let read = |mut table: Table<'_>| {
        let integration = RelatedIntegration {
            package: table.required_text("package", findings).value,
            version: table.required_text("version", findings).value,
            integration: table.plain_text("integration", findings),
        };
        table.finish(findings);
        integration
    };
    tables.into_iter().map(read).collect()
}

pub(super) fn required_fields(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<RequiredField> {
    let tables = rule.tables("required_fields", "a required field", findings);
    let read = |mut table: Table<'_>| {
        let field = RequiredField {
            name: table.required_field("name", findings),
            field_type: table.required_text("type", findings).value,
            ecs: table.bool("ecs", findings).unwrap_or(false),
        };
        table.finish(findings);
        field
    };
    tables.into_iter().map(read).collect()
}
