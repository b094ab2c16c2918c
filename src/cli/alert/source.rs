//! The event an alert is about.
//!
//! In: a line of input. Out: what alerts copy from it, as JSON text that keeps the order and the spelling of the
//! event. Read once, however many rules match.

use std::fmt::Write as _;

use serde_json::Value;
use uuid::Uuid;

use super::document::{Document, Entry, Object};
use super::object::{json_text, push_json};

/// The namespace of all ids that are derived here: made once with `uuidgen`.
pub(super) const NAMESPACE: Uuid = Uuid::from_u128(0x6f0a_2c52_93d1_4f6e_8f3e_0c6b_5b1d_27a4);

/// An event, ready to be copied into alerts.
#[derive(Debug)]
pub(crate) struct Source<'e> {
    document: Document<'e>,
    /// What tells the event from others: its id, or one that follows from all of its text.
    identity: String,
    /// The fields of the event as they stand in an alert: `"k":v,..`, empty if there is none.
    fields: String,
    /// `"kibana.alert.original_event.k":v,..`, empty if there is none.
    original: String,
}

impl<'e> Source<'e> {
    /// Reads a line. A line that is no valid JSON object, although it could be matched, becomes an event whose
    /// `event.original` is the text of the line: an alert is never lost.
    pub(crate) fn new(line: &'e [u8]) -> Self {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let document = std::str::from_utf8(line).ok().and_then(Document::parse);
        let whole = document.is_some();
        let document = document.unwrap_or_default();
        let mut source =
            Self { identity: String::new(), fields: String::new(), original: String::new(), document };
        source.identity =
            source.text("event.id").unwrap_or_else(|| Uuid::new_v5(&NAMESPACE, line).to_string());
        if whole {
            source.copy_fields();
        } else {
            let text = json_text(&String::from_utf8_lossy(line));
            source.fields = format!(r#""event":{{"kind":"signal","original":{text}}}"#);
        }
        source
    }

    /// Stands for an event whose text is gone; `number` tells it from others.
    pub(crate) fn lost(number: u64) -> Self {
        Self { identity: number.to_string(), ..Self::new(b"{}") }
    }

    /// What tells the event from others.
    pub(super) fn identity(&self) -> &[u8] {
        self.identity.as_bytes()
    }

    pub(super) fn fields(&self) -> &str {
        &self.fields
    }

    pub(super) fn original(&self) -> &str {
        &self.original
    }

    /// The event's time as written, as JSON text.
    pub(super) fn time(&self) -> Option<&'e str> {
        time(self.document.object())
    }

    /// The same, plain.
    pub(crate) fn timestamp(&self) -> Option<String> {
        self.text("@timestamp")
    }

    /// The first value of a field, as text.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.values(path).first().map(text_of)
    }

    /// The values of a field.
    pub(super) fn values(&self, path: &str) -> Vec<Value> {
        self.document.object().values(path)
    }

    /// Whether the one value of the field is no array, and what it is.
    pub(super) fn single(&self, path: &str) -> Option<Value> {
        let mut texts = Vec::new();
        let mut array = false;
        self.document.object().plain(path, &mut |text| {
            array |= text.starts_with('[');
            texts.push(text);
        });
        match texts[..] {
            [text] if !array => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The events and alerts that an alert on this event comes from, as a JSON array, and its depth (rules.md
    /// section 10). An event that is itself an alert brings its own ancestors along.
    pub(super) fn ancestry(&self) -> (Vec<String>, u64) {
        let mut ancestors = Vec::new();
        let is_alert = !self.values("kibana.alert.uuid").is_empty();
        let depth = if is_alert { self.number("kibana.alert.depth").unwrap_or(1) } else { 0 };
        if is_alert {
            ancestors.extend(
                self.document.object().elements("kibana.alert.ancestors").into_iter().map(str::to_owned),
            );
        }
        let id = self.id(is_alert);
        let (kind, index) = (if is_alert { "signal" } else { "event" }, self.index());
        let mut own = format!(r#"{{"id":{},"type":"{kind}","index":{}"#, json_text(&id), json_text(&index));
        // Writing to a string cannot fail.
        let _ = write!(own, r#","depth":{depth}"#);
        if let Some(rule) =
            self.text("kibana.alert.rule.uuid").or_else(|| self.text("kibana.alert.rule.rule_id"))
            && is_alert
        {
            let _ = write!(own, r#","rule":{}"#, json_text(&rule));
        }
        ancestors.push(own + "}");
        (ancestors, depth + 1)
    }

    fn id(&self, is_alert: bool) -> String {
        let own = if is_alert { "kibana.alert.uuid" } else { "_id" };
        self.text(own).unwrap_or_else(|| self.identity.clone())
    }

    /// The index or data stream, where the event names it.
    pub(super) fn index(&self) -> String {
        let part = |name| self.text(name);
        part("_index").unwrap_or_else(|| {
            let stream = ["data_stream.type", "data_stream.dataset", "data_stream.namespace"].map(part);
            match stream {
                [Some(kind), Some(dataset), Some(namespace)] => format!("{kind}-{dataset}-{namespace}"),
                _ => String::new(),
            }
        })
    }

    /// An id that follows from all of its text.
    pub(super) fn own_id(&self) -> String {
        self.identity.clone()
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.values(path).iter().find_map(Value::as_u64)
    }

    /// Copies all fields but those an alert sets itself; `event.kind` becomes `signal`, the fields of the event go to
    /// `original_event` as well.
    fn copy_fields(&mut self) {
        let mut fields = Members::default();
        let mut original = Members::default();
        let mut kind = false;
        for entry in self.document.object().entries() {
            let text = entry.text;
            match entry.key {
                "@timestamp" | "kibana" => {}
                key if key.starts_with("kibana.alert.") => {}
                "event" => match entry.object() {
                    Some(event) => {
                        flatten(event, ORIGINAL_EVENT, &mut original);
                        fields.put("event", &signal(event, &mut kind));
                    }
                    None => fields.put("event", text),
                },
                "event.kind" => {
                    original.put(&format!("{ORIGINAL_EVENT}.kind"), text);
                    fields.put("event.kind", SIGNAL);
                    kind = true;
                }
                key => {
                    if let Some(name) = key.strip_prefix("event.") {
                        flatten_entry(entry, &format!("{ORIGINAL_EVENT}.{name}"), &mut original);
                    }
                    fields.put(key, text);
                }
            }
        }
        if !kind {
            fields.put("event.kind", SIGNAL);
        }
        (self.fields, self.original) = (fields.0, original.0);
    }
}

/// The time of an event as written, as JSON text.
pub(super) fn time<'e>(event: Object<'_, 'e>) -> Option<&'e str> {
    let mut time = None;
    event.scalars("@timestamp", &mut |text| time = time.or((text != "null").then_some(text)));
    time
}

const ORIGINAL_EVENT: &str = "kibana.alert.original_event";
const SIGNAL: &str = "\"signal\"";

/// The object `event` with its kind set; the kind goes in front if it had none.
fn signal(event: Object<'_, '_>, kind: &mut bool) -> String {
    let mut members = Members::default();
    if event.get("kind").is_none() {
        members.put("kind", SIGNAL);
    }
    for Entry { key, text, .. } in event.entries() {
        members.put(key, if key == "kind" { SIGNAL } else { text });
    }
    *kind = true;
    format!("{{{}}}", members.0)
}

/// Puts every member under a dotted key; objects give one key for each of their members.
fn flatten(object: Object<'_, '_>, prefix: &str, out: &mut Members) {
    for entry in object.entries() {
        flatten_entry(entry, &format!("{prefix}.{}", entry.key), out);
    }
}

fn flatten_entry(entry: Entry<'_, '_>, key: &str, out: &mut Members) {
    match entry.object() {
        Some(object) if !object.is_empty() => flatten(object, key, out),
        _ => out.put(key, entry.text),
    }
}

/// The inside of a JSON object while it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(pub(super) String);

impl Members {
    /// Adds a member; `value` is JSON text.
    pub(super) fn put(&mut self, key: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        push_json(key, &mut self.0);
        self.0.push(':');
        self.0.push_str(value);
    }
}

/// A scalar as people write it.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
