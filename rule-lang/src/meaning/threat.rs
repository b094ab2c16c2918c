//! Events that share values with indicators (rules.md section 3, `threat_match`).
//!
//! In: a rule, events, indicators. Out: for each event that matches some, the indicators and the groups of entries that
//! hold, by group.

use std::collections::BTreeSet;

use crate::condition::{Field, Key, ThreatEntry, ThreatMatch};
use crate::schema::FieldType;

use super::event::Event;
use super::findings::Detail;
use super::key::{self, KeyValue};
use super::leaf::holds;

pub(super) fn run(rule: &ThreatMatch, events: &[Event], indicators: &[Event]) -> Vec<(usize, Detail)> {
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if !holds(&rule.filter.condition, event) {
            continue;
        }
        let mut matched = Vec::new();
        for (number, group) in rule.groups.iter().enumerate() {
            for (indicator_number, indicator) in indicators.iter().enumerate() {
                let applies =
                    group.iter().all(|entry| !values(&entry.indicator, entry, indicator).is_empty());
                if applies
                    && holds(&rule.indicators.condition, indicator)
                    && group.iter().all(|entry| entry_holds(entry, event, indicator))
                {
                    matched.push((indicator_number, number));
                }
            }
        }
        if !matched.is_empty() {
            found.push((index, Detail::Indicators(matched)));
        }
    }
    found
}

fn entry_holds(entry: &ThreatEntry, event: &Event, indicator: &Event) -> bool {
    let ours = values(&entry.event, entry, event);
    let theirs = values(&entry.indicator, entry, indicator);
    let shared = ours.iter().any(|value| theirs.contains(value));
    shared != entry.negate
}

/// The values of a field, as the type that both fields of the entry have. Where they differ, or nothing is known of them,
/// values compare as text.
fn values(field: &Field, entry: &ThreatEntry, event: &Event) -> BTreeSet<Vec<KeyValue>> {
    let ty = match (entry.event.ty, entry.indicator.ty) {
        (FieldType::Unknown, ty) | (ty, FieldType::Unknown) => ty,
        (FieldType::Long, FieldType::Double) | (FieldType::Double, FieldType::Long) => FieldType::Double,
        (one, other) if one == other => one,
        _ => FieldType::Keyword,
    };
    let ty = if ty == FieldType::Unknown { FieldType::Keyword } else { ty };
    let field = Field { path: field.path.clone(), ty };
    let path = field.path.clone();
    key::of_event(&[Key { field: Some(field), optional: false, path }], event)
}
