//! Alerts: a match of a rule, written as a JSON object in the shape of rules.md section 10.
//!
//! In: what a rule says of itself and the text of the events that matched. Out: one line of JSON. Nothing in it is
//! random and no clock is read, so scanning the same events again gives the same bytes: ids are derived from the rule
//! and the event, and the time of an alert is that of its event unless the caller sets one.

mod document;
mod finding;
mod group;
mod object;
mod overrides;
mod reason;
mod source;

use std::fmt::Write as _;
use std::sync::OnceLock;

use kiln::info::{Info, RuleInfo, Severity};
use uuid::Uuid;

pub(crate) use self::finding::Draft;
pub(crate) use self::group::{Member, suppression};
use self::object::json_text;
pub(crate) use self::source::Source;
use self::source::{Members, NAMESPACE};
use super::rule_json;

/// One finished alert.
#[derive(Debug)]
pub(crate) struct Alert {
    /// The JSON object, without a line break.
    pub(crate) text: String,
    /// Its severity, after overrides.
    pub(crate) severity: Severity,
    /// Its reason and time, for people.
    pub(crate) reason: String,
    pub(crate) time: String,
}

/// Writes alerts of one set of rules.
#[derive(Debug)]
pub(crate) struct Writer<'r> {
    rules: Vec<RulePart<'r>>,
    /// The time of all alerts as JSON text, where the caller sets it.
    now: Option<String>,
}

/// What all alerts of a rule share.
#[derive(Debug)]
struct RulePart<'r> {
    info: Info<'r>,
    /// The members `kibana.alert.rule.*` but for the name, written with the first alert.
    members: OnceLock<String>,
}

impl<'r> Writer<'r> {
    /// `now` is the time to give to alerts; without it, an alert has the time of its event.
    pub(crate) fn new(rules: impl Iterator<Item = Info<'r>>, now: Option<&str>) -> Self {
        Self {
            rules: rules.map(|info| RulePart { info, members: OnceLock::new() }).collect(),
            now: now.map(json_text),
        }
    }

    /// The alert of single-event rule number `rule` on `event`.
    pub(crate) fn single(&self, rule: u32, event: &Source<'_>) -> Alert {
        let part = &self.rules[rule as usize];
        let uuid = derive(&[part.info.rule_id.as_bytes(), event.identity(), b""]);
        let (ancestors, depth) = event.ancestry();
        let block = part.info.building_block.then_some("default");
        self.write(part, event, &Place { uuid, ancestors, depth, block, ..Place::default() })
    }

    fn write(&self, part: &RulePart<'_>, event: &Source<'_>, place: &Place<'_>) -> Alert {
        let severity = overrides::severity(&part.info, event);
        let name = overrides::name(part.info.get(), event);
        let reason = reason::reason(event, severity, &name);
        let time = self.now.as_deref().or(event.time());
        let mut out = Members::default();
        if let Some(time) = time {
            out.put("@timestamp", time);
        }
        out.put("kibana.alert.uuid", &json_text(&place.uuid.to_string()));
        out.put("kibana.alert.severity", &json_text(severity.as_str()));
        out.put("kibana.alert.risk_score", &overrides::risk_score(&part.info, event));
        out.put("kibana.alert.reason", &json_text(&reason));
        out.put("kibana.alert.depth", &place.depth.to_string());
        out.put("kibana.alert.ancestors", &format!("[{}]", place.ancestors.join(",")));
        if let Some(original) = event.time() {
            out.put("kibana.alert.original_time", original);
        }
        if let Some(kind) = place.block {
            out.put("kibana.alert.building_block_type", &json_text(kind));
        }
        if let Some((id, index)) = &place.group {
            out.put("kibana.alert.group.id", &json_text(&id.to_string()));
            if let Some(index) = index {
                out.put("kibana.alert.group.index", &index.to_string());
            }
        }
        out.put("kibana.alert.rule.name", &json_text(&name));
        let mut text = String::with_capacity(out.0.len() + part.members().len() + event.fields().len() + 64);
        text.push('{');
        text.push_str(&out.0);
        for members in [place.extra, part.members(), event.original(), event.fields(), place.fields] {
            if !members.is_empty() {
                text.push(',');
                text.push_str(members);
            }
        }
        text.push('}');
        let time = time.map(|time| time.trim_matches('"').to_owned()).unwrap_or_default();
        Alert { text, severity, reason, time }
    }
}

/// Where an alert stands among others.
#[derive(Default)]
struct Place<'p> {
    uuid: Uuid,
    ancestors: Vec<String>,
    depth: u64,
    block: Option<&'static str>,
    /// The group and, for its members, the place in it.
    group: Option<(Uuid, Option<usize>)>,
    /// Further members `kibana.alert.*`.
    extra: &'p str,
    /// Further members beside the fields of the event.
    fields: &'p str,
}

impl RulePart<'_> {
    fn members(&self) -> &str {
        self.members.get_or_init(|| members(&self.info))
    }
}

fn members(info: &RuleInfo<'_>) -> String {
    let mut out = Members::default();
    out.put("kibana.alert.rule.rule_id", &json_text(info.rule_id));
    out.put("kibana.alert.rule.type", &json_text(info.rule_type.as_str()));
    // A rule without a version is its first: the default of the rule API.
    out.put("kibana.alert.rule.version", &info.version.unwrap_or(1).to_string());
    out.put("kibana.alert.rule.tags", &serde_json::json!(info.tags).to_string());
    out.put("kibana.alert.rule.threat", &rule_json::threats(info.threat).to_string());
    out.0
}

/// An id that follows from `parts`.
fn derive(parts: &[&[u8]]) -> Uuid {
    let mut name = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        name.extend_from_slice(&(part.len() as u64).to_le_bytes());
        name.extend_from_slice(part);
    }
    Uuid::new_v5(&NAMESPACE, &name)
}

/// `text` is what `--now` takes: a date as ISO 8601 writes it, or milliseconds since 1970.
pub(crate) fn check_time(text: &str) -> Result<String, String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let date = text.get(..10).is_some_and(|date| {
        let parts: Vec<_> = date.split('-').collect();
        parts.len() == 3 && parts.iter().zip([4, 2, 2]).all(|(part, len)| part.len() == len && digits(part))
    });
    if date || digits(text) {
        return Ok(text.to_owned());
    }
    let mut message = String::new();
    // Writing to a string cannot fail.
    let _ = write!(message, "`{text}` is no time; write 2026-01-31T12:00:00Z or milliseconds since 1970");
    Err(message)
}

#[cfg(test)]
mod tests;
