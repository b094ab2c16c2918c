//! Alerts of rules with state of their own (rules.md sections 3, 7 and 10).
//!
//! In: a finding. Out: what it adds to an alert, as text that outlives the finding; and the alert, once the event is at
//! hand. The alert of a threshold has no event: its fields are those of the group.

use std::fmt::Write as _;

use kiln::sequence::{KeyDef, KeyValue, KeyValues};
use kiln::suppression::Suppressed;
use kiln::{Counted, Detail, Finding, RuleSet};

use super::document::{Document, Object};
use super::object::json_text;
use super::source::Members;
use super::{Alert, Place, Source, Writer, derive};
use crate::cli::indicators::Known;

/// A finding, but for its event.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// The rule.
    pub(crate) rule: u32,
    /// The handle of the event.
    pub(crate) event: u64,
    /// What tells the alert from others of the rule on the event.
    id: String,
    /// Members `kibana.alert.*`.
    extra: Members,
    /// Members beside the fields of the event.
    fields: Members,
    /// What stands in for an event.
    own: Option<String>,
}

impl Draft {
    /// Copies what an alert needs out of a finding.
    pub(crate) fn new(finding: &Finding<'_, '_>, set: &RuleSet<'_>, known: Option<&Known>) -> Self {
        let mut draft = Self {
            rule: finding.rule_index,
            event: finding.event.handle.0,
            id: String::new(),
            extra: Members::default(),
            fields: Members::default(),
            own: None,
        };
        let mut groups =
            finding.rule.info.suppression.map_or(&[][..], |suppression| suppression.group_by).to_vec();
        match finding.detail {
            Detail::Event => {}
            Detail::NewTerms(key) => {
                let values = list(key.values());
                draft.extra.put("kibana.alert.new_terms", &values);
                draft.id = values;
            }
            Detail::Threshold(group) => {
                groups = names(finding.rule_index, set);
                draft.threshold(finding, &group, &groups, set);
            }
            Detail::Indicators(_) => draft.indicators(finding, set, known),
        }
        if let Some(group) = &finding.suppressed {
            put_suppressed(group, &groups, &mut draft.extra);
        }
        draft
    }

    /// Whether the alert has no use for the fields of an event.
    pub(crate) fn has_own_fields(&self) -> bool {
        self.own.is_some()
    }

    fn threshold(
        &mut self,
        finding: &Finding<'_, '_>,
        group: &Counted<'_>,
        fields: &[&str],
        set: &RuleSet<'_>,
    ) {
        let values: Vec<String> = group.key.values().map(json).collect();
        let time = json(KeyValue::Date(finding.event.time.nanos().into()));
        let from = json(KeyValue::Date(group.from.nanos().into()));
        let mut own = Members::default();
        own.put("@timestamp", &time);
        let mut terms = Vec::new();
        for (field, value) in fields.iter().zip(&values) {
            own.put(field, value);
            terms.push(format!(r#"{{"field":{},"value":{value}}}"#, json_text(field)));
        }
        let cardinality = group.cardinality.map(|count| {
            let field = counted(finding.rule_index, set).unwrap_or_default();
            format!(r#"{{"field":{},"value":{count}}}"#, json_text(field))
        });
        let mut result = Members::default();
        result.put("terms", &format!("[{}]", terms.join(",")));
        result.put("cardinality", &format!("[{}]", cardinality.unwrap_or_default()));
        result.put("count", &group.count.to_string());
        result.put("from", &from);
        self.extra.put("kibana.alert.threshold_result", &format!("{{{}}}", result.0));
        self.id = format!("{from}{}", values.join(","));
        self.own = Some(format!("{{{}}}", own.0));
    }

    fn indicators(&mut self, finding: &Finding<'_, '_>, set: &RuleSet<'_>, known: Option<&Known>) {
        let Detail::Indicators(hits) = finding.detail else { return };
        let Some(threat) = set.states.threats.iter().find(|def| def.rule == finding.rule_index) else {
            return;
        };
        let mut enrichments = Vec::new();
        for hit in hits {
            let text = known.and_then(|known| known.text(hit.indicator)).unwrap_or(b"{}");
            let indicator = Source::new(text);
            let mut matched = Members::default();
            if let Some(value) = hit.value {
                matched.put("atomic", &json(value));
            }
            let group = threat.groups.get(usize::from(hit.group));
            if let Some(entry) = group.and_then(|group| group.entries.first()) {
                matched.put("field", &json_text(entry.field));
            }
            matched.put("id", &json_text(&indicator.text("_id").unwrap_or_else(|| indicator.own_id())));
            matched.put("index", &json_text(&indicator.index()));
            matched.put("type", r#""indicator_match_rule""#);
            let object = object_at(std::str::from_utf8(text).unwrap_or("{}"), threat.indicator_path);
            enrichments.push(format!(r#"{{"indicator":{object},"matched":{{{}}}}}"#, matched.0));
        }
        self.fields.put("threat.enrichments", &format!("[{}]", enrichments.join(",")));
    }
}

impl Writer<'_> {
    /// The alert of a finding on `event`; a threshold has no use for it.
    pub(crate) fn finding(&self, draft: &Draft, event: &Source<'_>) -> Alert {
        match &draft.own {
            Some(own) => self.drafted(draft, &Source::new(own.as_bytes())),
            None => self.drafted(draft, event),
        }
    }

    fn drafted(&self, draft: &Draft, event: &Source<'_>) -> Alert {
        let part = &self.rules[draft.rule as usize];
        let uuid = derive(&[part.info.rule_id.as_bytes(), event.identity(), draft.id.as_bytes()]);
        let (ancestors, depth) = event.ancestry();
        let block = part.info.building_block.then_some("default");
        let (extra, fields) = (draft.extra.0.as_str(), draft.fields.0.as_str());
        self.write(part, event, &Place { uuid, ancestors, depth, block, group: None, extra, fields })
    }
}

/// The members that tell which alerts one stands for; `fields` are those of its group.
pub(super) fn put_suppressed(group: &Suppressed<'_>, fields: &[&str], out: &mut Members) {
    let values: Vec<_> = group.key.fields().collect();
    let term = |(field, values): (&&str, &KeyValues<'_>)| {
        let mut own = values.clone();
        let value = match (own.next(), own.next()) {
            (Some(KeyValue::Null), None) => "null".to_owned(),
            // One value stands as it is, several as a list.
            (Some(value), None) => json(value),
            _ => list(values.clone()),
        };
        format!(r#"{{"field":{},"value":{value}}}"#, json_text(field))
    };
    let terms: Vec<String> = fields.iter().zip(&values).map(term).collect();
    out.put("kibana.alert.suppression.terms", &format!("[{}]", terms.join(",")));
    for (name, time) in [("start", group.start), ("end", group.end)] {
        let time = json(KeyValue::Date(time.nanos().into()));
        out.put(&format!("kibana.alert.suppression.{name}"), &time);
    }
    out.put("kibana.alert.suppression.docs_count", &group.count.to_string());
}

/// The fields of a threshold's groups.
fn names<'a>(rule: u32, set: &RuleSet<'a>) -> Vec<&'a str> {
    let def = set.states.thresholds.iter().find(|def| def.rule == rule);
    let keys = def.map_or(&[][..], |def| def.keys);
    keys.iter().map(|key| name(*key, set)).collect()
}

/// The field whose different values a threshold counts.
fn counted<'a>(rule: u32, set: &RuleSet<'a>) -> Option<&'a str> {
    let def = set.states.thresholds.iter().find(|def| def.rule == rule)?;
    Some(name(def.cardinality?.key, set))
}

fn name<'a>(key: KeyDef, set: &RuleSet<'a>) -> &'a str {
    key.slot.map_or("", |slot| set.tree.path(slot))
}

fn json(value: KeyValue<'_>) -> String {
    match value {
        KeyValue::Null | KeyValue::Boolean(_) | KeyValue::Number(_) => value.to_string(),
        KeyValue::Text(_) | KeyValue::Ip(_) | KeyValue::Date(_) => json_text(&value.to_string()),
    }
}

fn list(values: KeyValues<'_>) -> String {
    let values: Vec<String> = values.map(json).collect();
    format!("[{}]", values.join(","))
}

/// The object at a dotted path, in any split of nested and dotted keys; empty if there is none.
fn object_at(text: &str, path: &str) -> String {
    let mut out = String::new();
    if let Some(document) = Document::parse(text) {
        collect(document.object(), path, &mut out);
    }
    format!("{{{out}}}")
}

fn collect(object: Object<'_, '_>, path: &str, out: &mut String) {
    let mut put = |key: &str, text: &str| {
        // Writing to a string cannot fail.
        let comma = if out.is_empty() { "" } else { "," };
        let _ = write!(out, "{comma}{}:{text}", json_text(key));
    };
    let mut inner = Vec::new();
    for entry in object.entries() {
        let (key, text) = (entry.key, entry.text);
        if key == path {
            if let Some(found) = entry.object() {
                found.entries().for_each(|entry| put(entry.key, entry.text));
            }
        } else if let Some(rest) = key.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')) {
            put(rest, text);
        } else if let Some(rest) = path.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')) {
            inner.extend(entry.object().map(|object| (object, rest)));
        }
    }
    for (object, rest) in inner {
        collect(object, rest, out);
    }
}

#[cfg(test)]
mod tests;
