//! Results of rules that look at more than one event, as one JSON object a line.

use std::io::{self, Write};

use rule_lang::meaning::{Counted, Detail, Event, Finding, KeyValue, Suppressed, date};
use serde_json::{Map, Value, json};

use super::{id_of, key};

/// What there is to print results with.
pub(super) struct Printer<'e> {
    pub(super) events: &'e [Event],
    pub(super) indicators: &'e [Event],
    /// Print only the values of this field.
    pub(super) id: Option<&'e str>,
}

impl Printer<'_> {
    pub(super) fn print(&self, out: &mut impl Write, finding: &Finding) -> io::Result<()> {
        let first = match &finding.detail {
            Detail::Threshold(Counted { first, .. }) => Some(*first),
            _ => None,
        };
        let events: Vec<usize> = first.into_iter().chain([finding.event]).collect();
        if let Some(field) = self.id {
            let values: Vec<_> = events.iter().map(|&event| id_of(Some(event), self.events, field)).collect();
            return writeln!(out, "{}", values.join("\t"));
        }
        let mut object = Map::new();
        self.detail(&finding.detail, &mut object);
        if let Some(suppressed) = &finding.suppressed {
            object.insert("suppressed".to_owned(), self::suppressed(suppressed));
        }
        let mut text = Value::Object(object).to_string();
        text.pop();
        let comma = if text.len() > 1 { "," } else { "" };
        // Events stand as they do in the input.
        let events: Vec<_> = events.iter().map(|&event| self.events[event].text()).collect();
        writeln!(out, r#"{text}{comma}"events":[{}]}}"#, events.join(","))
    }

    fn detail(&self, detail: &Detail, object: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        match detail {
            Detail::Event => {}
            Detail::NewTerms(values) => _ = put("new_terms", list(values)),
            Detail::Threshold(Counted { key, count, cardinality, from, .. }) => {
                put("terms", list(key));
                put("count", json!(count));
                if let Some(different) = cardinality {
                    put("cardinality", json!(different));
                }
                put("from", Value::from(date::text(*from)));
            }
            Detail::Indicators(matched) => {
                let text = |&(indicator, _): &(usize, usize)| -> Value {
                    serde_json::from_str(self.indicators[indicator].text()).unwrap_or_default()
                };
                put("indicators", matched.iter().map(text).collect());
            }
        }
    }
}

/// The alerts that one stands for.
pub(super) fn suppressed(suppressed: &Suppressed) -> Value {
    let Suppressed { key, start, end, count } = suppressed;
    json!({
        "values": key.iter().map(|values| list(values)).collect::<Vec<_>>(),
        "start": date::text(*start),
        "end": date::text(*end),
        "docs_count": count,
    })
}

fn list(values: &[KeyValue]) -> Value {
    values.iter().map(key).collect()
}
