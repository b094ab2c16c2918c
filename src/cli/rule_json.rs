//! A rule as JSON: every field, named as in the rule API (rules.md sections 1 to 3), in a fixed order.

use kiln::info::{RuleInfo, Technique, Threat, ThreatEntry};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

/// Serializes as the whole rule. A field the author left out is `null` or an empty list.
#[derive(Debug)]
pub(crate) struct RuleJson<'r>(pub(crate) &'r RuleInfo<'r>);

impl Serialize for RuleJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = entries(self.0);
        let mut map = serializer.serialize_map(Some(entries.len()))?;
        for (key, value) in &entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

fn entries(rule: &RuleInfo<'_>) -> Vec<(String, Value)> {
    let mut entries = Vec::new();
    let mut put = |key: &str, value: Value| entries.push((key.to_owned(), value));
    put("rule_id", json!(rule.rule_id));
    put("name", json!(rule.name));
    put("type", json!(rule.rule_type.as_str()));
    put("language", json!(rule.language));
    put("query", json!(rule.query));
    put("description", json!(rule.description));
    put("severity", json!(rule.severity.as_str()));
    put("risk_score", json!(rule.risk_score));
    put("enabled", json!(rule.enabled));
    put("version", json!(rule.version));
    put("revision", json!(rule.revision));
    put("author", json!(rule.author));
    put("license", json!(rule.license));
    put("tags", json!(rule.tags));
    put("threat", threats(rule.threat));
    put("references", json!(rule.references));
    put("false_positives", json!(rule.false_positives));
    put("note", json!(rule.note));
    put("setup", json!(rule.setup));
    put("index", json!(rule.index));
    put("data_view_id", json!(rule.data_view_id));
    put("interval", json!(rule.interval));
    put("from", json!(rule.from));
    put("to", json!(rule.to));
    put("max_signals", json!(rule.max_signals));
    put("timestamp_override", json!(rule.timestamp_override));
    put("timestamp_override_fallback_disabled", json!(rule.timestamp_override_fallback_disabled));
    put("event_category_override", json!(rule.event_category_override));
    put("timestamp_field", json!(rule.timestamp_field));
    put("tiebreaker_field", json!(rule.tiebreaker_field));
    put("building_block_type", json!(rule.building_block.then_some("default")));
    put("rule_name_override", json!(rule.rule_name_override));
    put("severity_mapping", severity_mapping(rule));
    put("risk_score_mapping", risk_score_mapping(rule));
    put("alert_suppression", suppression(rule));
    put("exceptions_list", exceptions(rule));
    put("related_integrations", integrations(rule));
    put("required_fields", required_fields(rule));
    put("investigation_fields", json!({ "field_names": rule.investigation_fields }));
    put("timeline_id", json!(rule.timeline_id));
    put("timeline_title", json!(rule.timeline_title));
    entries.extend(object(rule.extra));
    entries.push(("metadata".to_owned(), Value::Object(object(rule.metadata))));
    entries.push(("file".to_owned(), json!(rule.file)));
    entries
}

/// The entries of an object in JSON text; none if it is anything else.
pub(crate) fn object(text: &str) -> serde_json::Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The MITRE mapping as in rule files and alerts.
pub(crate) fn threats(threats: &[Threat<'_>]) -> Value {
    threats.iter().map(threat).collect()
}

fn threat(threat: &Threat<'_>) -> Value {
    json!({
        "framework": threat.framework,
        "tactic": entry(&threat.tactic),
        "technique": threat.techniques.iter().map(technique).collect::<Value>(),
    })
}

fn technique(technique: &Technique<'_>) -> Value {
    let mut value = entry(&technique.entry);
    if !technique.subtechniques.is_empty() {
        value["subtechnique"] = technique.subtechniques.iter().map(entry).collect();
    }
    value
}

fn entry(entry: &ThreatEntry<'_>) -> Value {
    json!({ "id": entry.id, "name": entry.name, "reference": entry.reference })
}

fn severity_mapping(rule: &RuleInfo<'_>) -> Value {
    let mapping = |m: &kiln::info::SeverityMapping<'_>| json!({ "field": m.field, "operator": m.operator, "value": m.value, "severity": m.severity.as_str() });
    rule.severity_mapping.iter().map(mapping).collect()
}

fn risk_score_mapping(rule: &RuleInfo<'_>) -> Value {
    let mapping = |m: &kiln::info::RiskScoreMapping<'_>| json!({ "field": m.field, "operator": m.operator, "value": m.value });
    rule.risk_score_mapping.iter().map(mapping).collect()
}

fn suppression(rule: &RuleInfo<'_>) -> Value {
    rule.suppression.as_ref().map_or(Value::Null, |suppression| {
        json!({
            "group_by": suppression.group_by,
            "duration": suppression.duration,
            "missing_fields_strategy": suppression.missing_fields_strategy,
        })
    })
}

fn exceptions(rule: &RuleInfo<'_>) -> Value {
    let list = |list: &kiln::info::ExceptionRef<'_>| {
        json!({
            "id": list.id,
            "list_id": list.list_id,
            "type": list.list_type,
            "namespace_type": list.namespace_type,
        })
    };
    rule.exceptions.iter().map(list).collect()
}

fn integrations(rule: &RuleInfo<'_>) -> Value {
    let integration = |i: &kiln::info::RelatedIntegration<'_>| json!({ "package": i.package, "version": i.version, "integration": i.integration });
    rule.related_integrations.iter().map(integration).collect()
}

fn required_fields(rule: &RuleInfo<'_>) -> Value {
    let field =
        |f: &kiln::info::RequiredField<'_>| json!({ "name": f.name, "type": f.field_type, "ecs": f.ecs });
    rule.required_fields.iter().map(field).collect()
}
