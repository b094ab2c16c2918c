//! The fields that only some types of rules have (rules.md section 3).

use super::table::{Findings, Table};
use super::{DATE_MATH_FORM, read_date_math};
use crate::diagnostic::codes;
use crate::rule::{
    Cardinality, DateMath, Details, EqlFields, Language, MachineLearning, NewTerms, RuleType, Spanned,
    ThreatEntry, ThreatMatch, Threshold, Word,
};

/// Every field that goes with some types only.
const TYPED_FIELDS: &[(&str, &[RuleType])] = &[
    ("event_category_override", &[RuleType::Eql]),
    ("timestamp_field", &[RuleType::Eql]),
    ("tiebreaker_field", &[RuleType::Eql]),
    ("saved_id", &[RuleType::Query, RuleType::SavedQuery]),
    ("threshold", &[RuleType::Threshold]),
    ("new_terms", &[RuleType::NewTerms]),
    ("new_terms_fields", &[RuleType::NewTerms]),
    ("history_window_start", &[RuleType::NewTerms]),
    ("threat_index", &[RuleType::ThreatMatch]),
    ("threat_query", &[RuleType::ThreatMatch]),
    ("threat_language", &[RuleType::ThreatMatch]),
    ("threat_filters", &[RuleType::ThreatMatch]),
    ("threat_indicator_path", &[RuleType::ThreatMatch]),
    ("threat_mapping", &[RuleType::ThreatMatch]),
    ("concurrent_searches", &[RuleType::ThreatMatch]),
    ("items_per_search", &[RuleType::ThreatMatch]),
    ("anomaly_threshold", &[RuleType::MachineLearning]),
    ("machine_learning_job_id", &[RuleType::MachineLearning]),
];

/// Where the type of a rule is not known, none of its fields can be judged.
pub(super) fn ignore_all(table: &mut Table<'_>) {
    for (key, _) in TYPED_FIELDS {
        table.ignore(&[key]);
    }
}

pub(super) fn read(table: &mut Table<'_>, rule_type: RuleType, findings: &mut Findings) -> Details {
    warn_of_foreign_fields(table, rule_type, findings);
    match rule_type {
        RuleType::Eql => Details::Eql(EqlFields {
            event_category_override: table.field("event_category_override", findings),
            timestamp_field: table.field("timestamp_field", findings),
            tiebreaker_field: table.field("tiebreaker_field", findings),
        }),
        RuleType::Query => Details::Query { saved_id: table.plain_text("saved_id", findings) },
        RuleType::SavedQuery => {
            Details::Query { saved_id: Some(table.required_text("saved_id", findings).value) }
        }
        RuleType::Threshold => Details::Threshold(threshold(table, findings)),
        RuleType::NewTerms => Details::NewTerms(new_terms(table, findings)),
        RuleType::ThreatMatch => Details::ThreatMatch(Box::new(threat_match(table, findings))),
        RuleType::Esql => Details::Esql,
        RuleType::MachineLearning => Details::MachineLearning(machine_learning(table, findings)),
    }
}

fn warn_of_foreign_fields(table: &mut Table<'_>, rule_type: RuleType, findings: &mut Findings) {
    for (key, types) in TYPED_FIELDS {
        if types.contains(&rule_type) {
            continue;
        }
        table.ignore(&[key]);
        let Some(span) = table.key_span(key) else { continue };
        let message = format!("`{key}` has no effect in a rule of type `{}`", rule_type.word());
        findings.push(findings.warning(codes::file::NO_EFFECT, span, message));
    }
}

fn threshold(rule: &mut Table<'_>, findings: &mut Findings) -> Threshold {
    let Some(mut table) = rule.table("threshold", "`threshold`", findings) else {
        if rule.key_span("threshold").is_none() {
            rule.missing("threshold", findings);
        }
        return Threshold { field: Vec::new(), value: 1, cardinality: Vec::new() };
    };
    let field = table.text_or_texts("field", findings);
    check_count(&table, "field", &field, 0, 5, findings);
    let value = table.required_integer("value", 1..=u32::MAX, findings);
    let cardinality = table.tables("cardinality", "the cardinality", findings);
    let cardinality = cardinality.into_iter().map(|mut table| {
        let field = table.required_field("field", findings);
        let value = table.required_integer("value", 1..=u32::MAX, findings);
        table.finish(findings);
        Cardinality { field, value }
    });
    let cardinality = cardinality.collect();
    table.finish(findings);
    // The API writes "no field" as one empty name.
    let field = field.into_iter().filter(|field| !field.is_empty()).collect();
    Threshold { field, value, cardinality }
}

/// TOML nests the two fields in `new_terms`, the API has them flat (rules.md section 1).
fn new_terms(rule: &mut Table<'_>, findings: &mut Findings) -> NewTerms {
    let (fields, start) = if let Some(nested) = rule.table("new_terms", "`new_terms`", findings) {
        rule.ignore(&["new_terms_fields", "history_window_start"]);
        nested_new_terms(nested, findings)
    } else {
        let fields = rule.text_or_texts("new_terms_fields", findings);
        check_count(rule, "new_terms_fields", &fields, 1, 3, findings);
        let start = read_date_math(rule, "history_window_start", findings);
        if start.is_none() && rule.key_span("history_window_start").is_none() {
            rule.missing("history_window_start", findings);
        }
        (fields, start)
    };
    NewTerms { fields, history_window_start: start.unwrap_or_else(|| DateMath::or_now("now-7d")) }
}

fn nested_new_terms(
    mut table: Table<'_>,
    findings: &mut Findings,
) -> (Vec<Spanned<String>>, Option<DateMath>) {
    table.ignore(&["field"]);
    let fields = table.text_or_texts("value", findings);
    check_count(&table, "value", &fields, 1, 3, findings);
    let windows = table.tables("history_window_start", "`history_window_start`", findings);
    if windows.is_empty() {
        table.missing("history_window_start", findings);
    }
    let mut start = None;
    for mut window in windows {
        window.ignore(&["field"]);
        start = window.parsed("value", DateMath::parse, DATE_MATH_FORM, findings).or(start);
        window.finish(findings);
    }
    table.finish(findings);
    (fields, start)
}

fn threat_match(table: &mut Table<'_>, findings: &mut Findings) -> ThreatMatch {
    let language = table.word::<Language>("threat_language", findings);
    table.integer("concurrent_searches", 1..=u32::MAX, findings);
    table.integer("items_per_search", 1..=u32::MAX, findings);
    ThreatMatch {
        index: table.required_texts("threat_index", findings),
        query: table.query("threat_query", findings),
        language: language.map_or(Language::Kuery, |language| language.value),
        filters: table.nodes("threat_filters", findings),
        indicator_path: table
            .plain_text("threat_indicator_path", findings)
            .unwrap_or_else(|| "threat.indicator".to_owned()),
        mapping: threat_mapping(table, findings),
    }
}

fn threat_mapping(rule: &mut Table<'_>, findings: &mut Findings) -> Vec<Vec<ThreatEntry>> {
    if rule.key_span("threat_mapping").is_none() {
        rule.missing("threat_mapping", findings);
    }
    let mut mapping = Vec::new();
    for mut group in rule.tables("threat_mapping", "a group of `threat_mapping`", findings) {
        let entries = group.tables("entries", "an entry of `threat_mapping`", findings);
        let entries: Vec<ThreatEntry> = entries.into_iter().map(|it| threat_entry(it, findings)).collect();
        if entries.iter().all(|entry| entry.negate) {
            let message = "a group of `threat_mapping` needs an entry that is not negated";
            findings.push(findings.error(codes::file::OUT_OF_RANGE, group.span, message));
        }
        group.finish(findings);
        mapping.push(entries);
    }
    mapping
}

fn threat_entry(mut table: Table<'_>, findings: &mut Findings) -> ThreatEntry {
    let mapping = |text: &str| (text == "mapping").then_some(());
    table.parsed("type", mapping, "the only type of an entry is `mapping`", findings);
    let entry = ThreatEntry {
        field: table.required_field("field", findings),
        indicator: table.required_field("value", findings),
        negate: table.bool("negate", findings).unwrap_or(false),
    };
    table.finish(findings);
    entry
}

fn machine_learning(table: &mut Table<'_>, findings: &mut Findings) -> MachineLearning {
    let anomaly_threshold = table.required_integer("anomaly_threshold", 0..=100, findings) as u8;
    let jobs = table.text_or_texts("machine_learning_job_id", findings);
    if table.key_span("machine_learning_job_id").is_none() {
        table.missing("machine_learning_job_id", findings);
    }
    let job_ids = jobs.into_iter().map(|job| job.value).collect();
    MachineLearning { anomaly_threshold, job_ids }
}

/// Tells that a list of fields is too short or too long; a missing one is too short.
fn check_count(
    table: &Table<'_>,
    key: &'static str,
    fields: &[Spanned<String>],
    least: usize,
    most: usize,
    findings: &mut Findings,
) {
    let Some(span) = table.key_span(key) else {
        if least > 0 {
            table.missing(key, findings);
        }
        return;
    };
    if (least..=most).contains(&fields.len()) {
        return;
    }
    let message = format!("`{key}` must name {least} to {most} fields, not {}", fields.len());
    findings.push(findings.error(codes::file::OUT_OF_RANGE, span, message));
}
