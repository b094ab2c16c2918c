//! Events from deserializers and structs are the events that the reader makes of the same JSON.

#![cfg(feature = "serde")]

mod support;

use rule_runtime::event::{Event, OwnedSlotTree, SlotTree};
use rule_runtime::reader::read_line;
use rule_runtime::source::{FieldSink, Fields, read_fields, read_value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use support::{collect, events, rule_fields};

const PATHS: [&str; 6] = ["a", "a.b", "event.category", "n", "process.args", "process.pid"];

fn tree() -> OwnedSlotTree {
    SlotTree::build(&PATHS).expect("distinct paths")
}

fn from_line(line: &str) -> Vec<Vec<String>> {
    let owned = tree();
    let mut event = Event::with_slots(PATHS.len());
    read_line(&owned.as_ref(), line.as_bytes(), &mut event).expect("a sound line");
    collect(&owned.as_ref(), event.view(line.as_bytes()))
}

/// A value in the data model that CBOR and Message Pack share.
enum Value {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'static str),
    Bytes(&'static [u8]),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::Array(values) => serializer.collect_seq(values),
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

fn document() -> Value {
    use Value::{Array, Bool, Bytes, Float, Map, Null, Signed, Text, Unsigned};
    Map(vec![
        (Text("a"), Array(vec![Map(vec![(Text("b"), Bool(true))]), Null, Unsigned(7)])),
        (Text("a.b"), Array(vec![Array(vec![Signed(-3)]), Float(1.0)])),
        (Text("event"), Map(vec![(Text("category"), Text("process")), (Unsigned(3), Text("no name"))])),
        (Text("n"), Array(vec![Bytes(b"bytes"), Bytes(b"\xFF")])),
        (Text("process"), Map(vec![(Text("pid"), Unsigned(u64::MAX)), (Text("x"), Text("unwanted"))])),
    ])
}

const DOCUMENT: &str = r#"{"a":[{"b":true},null,7],"a.b":[[-3],1.0],"event":{"category":"process"},"n":["bytes"],
    "process":{"pid":18446744073709551615,"x":"unwanted"}}"#;

#[test]
fn cbor_and_message_pack_read_like_json() {
    let expected = from_line(DOCUMENT);
    let owned = tree();
    let mut event = Event::with_slots(PATHS.len());

    let cbor = minicbor_serde::to_vec(document()).expect("CBOR");
    let mut source = minicbor_serde::Deserializer::new(&cbor);
    read_value(&owned.as_ref(), &mut source, &mut event).expect("an event");
    assert_eq!(collect(&owned.as_ref(), event.view(b"")), expected);

    let packed = rmp_serde::to_vec(&document()).expect("Message Pack");
    let mut source = rmp_serde::Deserializer::new(packed.as_slice());
    read_value(&owned.as_ref(), &mut source, &mut event).expect("an event");
    assert_eq!(collect(&owned.as_ref(), event.view(b"")), expected);
}

#[test]
fn values_of_serde_json_keep_every_form_of_number() {
    let line = r#"{"n":[1,-3,1.5,9007199254740993,1e999,123456789012345678901234567890],"a":{"b":["x",null,false]}}"#;
    let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let owned = tree();
    let mut event = Event::with_slots(PATHS.len());
    read_value(&owned.as_ref(), &value, &mut event).expect("an event");
    assert_eq!(collect(&owned.as_ref(), event.view(b"")), from_line(line));
}

#[test]
fn what_is_no_map_or_too_deep_is_an_error() {
    let owned = tree();
    let mut event = Event::with_slots(PATHS.len());
    let error = read_value(&owned.as_ref(), &serde_json::json!([1]), &mut event).unwrap_err();
    assert!(error.to_string().contains("a map of fields"), "{error}");
    let mut deep = serde_json::json!(1);
    for _ in 0..600 {
        deep = serde_json::json!([deep]);
    }
    let error = read_value(&owned.as_ref(), &serde_json::json!({"n": deep}), &mut event).unwrap_err();
    assert!(error.to_string().contains("nested too deeply"), "{error}");
}

#[test]
fn corpus_events_read_alike_from_text_and_from_serde() {
    let (Some(paths), Some(text)) = (rule_fields(), events("corpus/events/endpoint")) else { return };
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let owned = SlotTree::build(&paths).expect("distinct paths");
    let tree = owned.as_ref();
    let (mut ours, mut theirs) = (Event::with_slots(paths.len()), Event::with_slots(paths.len()));
    for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        read_line(&tree, line, &mut ours).expect("a sound line");
        let mut source = serde_json::Deserializer::from_slice(line);
        read_value(&tree, &mut source, &mut theirs).expect("a sound line");
        assert_eq!(collect(&tree, ours.view(line)), collect(&tree, theirs.view(b"")));
    }
}

struct Sample {
    pid: Option<i64>,
    args: Vec<&'static str>,
}

impl Fields for Sample {
    fn fields(&self, out: &mut FieldSink<'_>) {
        assert!(out.wants("process.pid") && !out.wants("process.uptime"));
        out.put("process.pid", self.pid);
        out.put("process.uptime", 12);
        out.put("process.args", &self.args);
        out.put("a.b", [1.0, f64::NAN, 1e21, 0.1]);
        out.put("a.b", true);
        out.put("n", 0.1_f32);
    }
}

#[test]
fn a_struct_reads_like_json() {
    let owned = tree();
    let mut event = Event::with_slots(PATHS.len());
    let sample = Sample { pid: Some(-7), args: vec!["x", ""] };
    read_fields(&owned.as_ref(), &sample, &mut event).expect("an event");
    let line = r#"{"process":{"pid":-7,"args":["x",""]},"a.b":[1.0,1e21,0.1,true],"n":0.1}"#;
    assert_eq!(collect(&owned.as_ref(), event.view(b"")), from_line(line));

    let sample = Sample { pid: None, args: Vec::new() };
    read_fields(&owned.as_ref(), &sample, &mut event).expect("an event");
    let line = r#"{"a.b":[1.0,1e21,0.1,true],"n":0.1}"#;
    assert_eq!(collect(&owned.as_ref(), event.view(b"")), from_line(line));
}
