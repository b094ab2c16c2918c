//! What a rule says of itself, in the form of the runtime.

use bumpalo::Bump;
use rule_lang::file::Node;
use rule_lang::rule::{self, Details, Rule, Word};
use rule_runtime::info::{
    ExceptionRef, RelatedIntegration, RequiredField, RiskScoreMapping, RuleInfo, RuleType, Severity,
    SeverityMapping, Suppression, Technique, Threat, ThreatEntry,
};
use serde_json::{Map, Value, json};

/// The metadata of `rule`; `file` is where people find it.
pub fn info<'a>(rule: &Rule, file: &str, arena: &'a Bump) -> RuleInfo<'a> {
    let a = Writer { arena };
    let eql = match &rule.details {
        Details::Eql(fields) => fields.clone(),
        _ => rule::EqlFields::default(),
    };
    RuleInfo {
        rule_id: a.text(&rule.rule_id),
        name: a.text(&rule.name),
        rule_type: rule_type(rule.rule_type.value),
        language: a.text(rule.language.map_or("eql", |language| language.word())),
        query: a.text(rule.query.as_ref().map_or("", |query| query.text.as_str())),
        file: a.text(file),
        description: a.text(&rule.description),
        author: a.texts(&rule.author),
        severity: severity(rule.severity),
        risk_score: rule.risk_score.get(),
        enabled: rule.enabled,
        version: rule.version.map(u64::from),
        revision: rule.revision.map(u64::from),
        license: a.maybe(rule.license.as_deref()),
        tags: a.texts(&rule.tags),
        references: a.texts(&rule.references),
        false_positives: a.texts(&rule.false_positives),
        threat: a.list(rule.threat.iter().map(|threat| a.threat(threat))),
        note: a.maybe(rule.note.as_deref()),
        setup: a.maybe(rule.setup.as_deref()),
        index: a.texts(&rule.index),
        data_view_id: a.maybe(rule.data_view_id.as_deref()),
        interval: a.text(&rule.interval.to_string()),
        from: a.text(rule.from.as_str()),
        to: a.text(rule.to.as_str()),
        max_signals: rule.max_signals.into(),
        timestamp_override: a.field(rule.timestamp_override.as_ref()),
        timestamp_override_fallback_disabled: rule.timestamp_override_fallback_disabled,
        event_category_override: a.field(eql.event_category_override.as_ref()),
        timestamp_field: a.field(eql.timestamp_field.as_ref()),
        tiebreaker_field: a.field(eql.tiebreaker_field.as_ref()),
        building_block: rule.building_block,
        rule_name_override: a.field(rule.rule_name_override.as_ref()),
        severity_mapping: a.list(rule.severity_mapping.iter().map(|mapping| SeverityMapping {
            field: a.text(&mapping.field),
            operator: "equals",
            value: a.text(&mapping.value),
            severity: severity(mapping.severity),
        })),
        risk_score_mapping: a.list(rule.risk_score_mapping.iter().map(|mapping| RiskScoreMapping {
            field: a.text(&mapping.field),
            operator: "equals",
            value: "",
        })),
        suppression: rule.alert_suppression.as_ref().map(|suppression| a.suppression(suppression)),
        exceptions: a.list(rule.exceptions_list.iter().map(|exception| ExceptionRef {
            id: a.text(exception.id.as_deref().unwrap_or("")),
            list_id: a.text(&exception.list_id),
            list_type: a.text(&exception.list_type),
            namespace_type: a.text(exception.namespace.word()),
        })),
        related_integrations: a.list(rule.related_integrations.iter().map(|related| RelatedIntegration {
            package: a.text(&related.package),
            version: a.text(&related.version),
            integration: a.maybe(related.integration.as_deref()),
        })),
        required_fields: a.list(rule.required_fields.iter().map(|field| RequiredField {
            name: a.text(&field.name),
            field_type: a.text(&field.field_type),
            ecs: field.ecs,
        })),
        investigation_fields: a.texts(&rule.investigation_fields),
        timeline_id: a.maybe(rule.timeline_id.as_deref()),
        timeline_title: a.maybe(rule.timeline_title.as_deref()),
        extra: a.text(&extra(rule)),
        metadata: a.text(&metadata(&rule.metadata)),
    }
}

/// The metadata of a query without a rule file, such as one typed at a prompt.
pub fn bare<'a>(name: &str, query: &str, arena: &'a Bump) -> RuleInfo<'a> {
    let a = Writer { arena };
    RuleInfo { rule_id: a.text(name), name: a.text(name), query: a.text(query), ..RuleInfo::EMPTY }
}

/// Rules of other types are not compiled.
fn rule_type(rule_type: rule::RuleType) -> RuleType {
    match rule_type {
        rule::RuleType::Query => RuleType::Query,
        rule::RuleType::SavedQuery => RuleType::SavedQuery,
        rule::RuleType::Threshold => RuleType::Threshold,
        rule::RuleType::NewTerms => RuleType::NewTerms,
        rule::RuleType::ThreatMatch => RuleType::ThreatMatch,
        _ => RuleType::Eql,
    }
}

fn severity(severity: rule::Severity) -> Severity {
    match severity {
        rule::Severity::Low => Severity::Low,
        rule::Severity::Medium => Severity::Medium,
        rule::Severity::High => Severity::High,
        rule::Severity::Critical => Severity::Critical,
    }
}

/// Fields of the file without a place of their own in [`RuleInfo`], as JSON.
fn extra(rule: &Rule) -> String {
    let mut extra = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            extra.insert(key.to_owned(), value);
        }
    };
    let filters: Vec<_> = rule.filters.iter().map(Node::to_json).collect();
    put("filters", (!filters.is_empty()).then(|| json!(filters)));
    put("meta", rule.meta.clone());
    put("transform", rule.transform.clone());
    put("actions", rule.actions.clone());
    put("response_actions", rule.response_actions.clone());
    put("throttle", rule.throttle.clone().map(Value::from));
    extra.extend(typed(&rule.details));
    Value::Object(extra).to_string()
}

/// What only rules of a type have, as the API spells it.
fn typed(details: &Details) -> Map<String, Value> {
    let texts =
        |fields: &[rule::Spanned<String>]| fields.iter().map(|field| field.value.clone()).collect::<Vec<_>>();
    let value = match details {
        Details::Threshold(threshold) => {
            let cardinality = threshold.cardinality.iter();
            let cardinality: Vec<_> =
                cardinality.map(|it| json!({"field": it.field.value, "value": it.value})).collect();
            json!({"threshold": {
                "field": texts(&threshold.field), "value": threshold.value, "cardinality": cardinality,
            }})
        }
        Details::NewTerms(terms) => json!({
            "new_terms_fields": texts(&terms.fields),
            "history_window_start": terms.history_window_start.as_str(),
        }),
        Details::ThreatMatch(threat) => {
            let entry = |entry: &rule::ThreatEntry| {
                let (field, value) = (&entry.field.value, &entry.indicator.value);
                json!({"field": field, "type": "mapping", "value": value, "negate": entry.negate})
            };
            let group = |group: &Vec<rule::ThreatEntry>| json!({"entries": group.iter().map(entry).collect::<Vec<_>>()});
            json!({
                "threat_index": threat.index,
                "threat_query": threat.query.as_ref().map(|query| &query.text),
                "threat_language": threat.language.word(),
                "threat_indicator_path": threat.indicator_path,
                "threat_mapping": threat.mapping.iter().map(group).collect::<Vec<_>>(),
            })
        }
        _ => json!({}),
    };
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn metadata(metadata: &rule::Metadata) -> String {
    let mut out = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let list = |list: &[String]| (!list.is_empty()).then(|| json!(list));
    let date = |date: &Option<rule::Date>| date.as_ref().map(|date| Value::from(date.to_string()));
    put("creation_date", date(&metadata.creation_date));
    put("updated_date", date(&metadata.updated_date));
    put("deprecation_date", date(&metadata.deprecation_date));
    put("deprecated_reason", text(&metadata.deprecated_reason));
    put("maturity", metadata.maturity.map(|maturity| Value::from(maturity.word())));
    put("integration", list(&metadata.integration));
    put("min_stack_version", text(&metadata.min_stack_version));
    put("min_stack_comments", text(&metadata.min_stack_comments));
    put("comments", text(&metadata.comments));
    put("bypass_bbr_timing", metadata.bypass_bbr_timing.then_some(Value::Bool(true)));
    put("promotion", metadata.promotion.then_some(Value::Bool(true)));
    put("query_schema_validation", metadata.query_schema_validation.map(Value::from));
    put("os_type_list", list(&metadata.os_type_list));
    put("related_endpoint_rules", metadata.related_endpoint_rules.clone());
    put("extended", metadata.extended.clone());
    Value::Object(out).to_string()
}

/// Copies what a rule owns into the arena.
#[derive(Clone, Copy)]
struct Writer<'a> {
    arena: &'a Bump,
}

impl<'a> Writer<'a> {
    fn text(self, text: &str) -> &'a str {
        self.arena.alloc_str(text)
    }

    fn maybe(self, text: Option<&str>) -> Option<&'a str> {
        text.map(|text| self.text(text))
    }

    fn field(self, field: Option<&rule::Spanned<String>>) -> Option<&'a str> {
        field.map(|field| self.text(field))
    }

    fn list<T: Copy>(self, items: impl Iterator<Item = T>) -> &'a [T] {
        self.arena.alloc_slice_copy(&items.collect::<Vec<_>>())
    }

    fn texts<T: AsRef<str>>(self, texts: &[T]) -> &'a [&'a str] {
        self.list(texts.iter().map(|text| self.text(text.as_ref())))
    }

    fn entry(self, id: &str, name: &str, reference: Option<&str>) -> ThreatEntry<'a> {
        ThreatEntry {
            id: self.text(id),
            name: self.text(name),
            reference: self.text(reference.unwrap_or("")),
        }
    }

    fn suppression(self, suppression: &rule::Suppression) -> Suppression<'a> {
        Suppression {
            group_by: self.list(suppression.group_by.iter().map(|field| self.text(field))),
            duration: suppression.duration.map(|duration| self.text(&duration.to_string())),
            missing_fields_strategy: Some(self.text(suppression.missing_fields.word())),
        }
    }

    fn threat(self, threat: &rule::Threat) -> Threat<'a> {
        let techniques = threat.techniques.iter().map(|technique| Technique {
            entry: self.entry(&technique.id, &technique.name, technique.reference.as_deref()),
            subtechniques: self.list(
                technique
                    .subtechniques
                    .iter()
                    .map(|sub| self.entry(&sub.id, &sub.name, sub.reference.as_deref())),
            ),
        });
        Threat {
            framework: self.text(threat.framework.word()),
            tactic: self.entry(&threat.tactic.id, &threat.tactic.name, threat.tactic.reference.as_deref()),
            techniques: self.list(techniques.collect::<Vec<_>>().into_iter()),
        }
    }
}
