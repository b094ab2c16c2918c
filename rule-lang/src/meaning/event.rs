//! An event: JSON text in, the scalar values of a path out.
//!
//! Nothing is resolved early: duplicate keys stay, numbers keep their text, and a path may be split at any of its
//! dots. This module must not know conditions or types.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How many arrays and objects may stand inside each other.
pub const MAX_DEPTH: usize = 256;

/// One event.
///
/// ```
/// use rule_lang::meaning::{Event, Scalar};
/// let event = Event::from_json(r#"{"a": [{"b": 1}, {"b": [2.0, null]}], "a.b": "x"}"#).unwrap();
/// assert_eq!(event.values("a.b"), [Scalar::Number("1"), Scalar::Number("2.0"), Scalar::Text("x")]);
/// assert_eq!(event.values("a"), []);
/// ```
#[derive(Clone, Debug)]
pub struct Event {
    root: Json,
    text: String,
}

/// A value of a field, as it stands in the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar<'e> {
    /// A string, unescaped.
    Text(&'e str),
    /// A number, the text of the JSON number.
    Number(&'e str),
    /// `true` or `false`.
    Bool(bool),
}

impl<'e> Scalar<'e> {
    /// The canonical text: of a string the string, of a number the JSON text, else `true` or `false`.
    pub fn text(self) -> &'e str {
        match self {
            Scalar::Text(text) | Scalar::Number(text) => text,
            Scalar::Bool(true) => "true",
            Scalar::Bool(false) => "false",
        }
    }
}

/// Why a text is not an event.
#[derive(Debug)]
pub struct EventError(serde_json::Error);

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSON object: {}", self.0)
    }
}

impl std::error::Error for EventError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl Event {
    /// Reads an event from the text of a JSON object.
    ///
    /// Anything but one well-formed object with at most [`MAX_DEPTH`] levels is an error.
    pub fn from_json(text: &str) -> Result<Self, EventError> {
        let whole: &RawValue = serde_json::from_str(text).map_err(EventError)?;
        let root = read(whole.get(), 0).map_err(EventError)?;
        if !matches!(root, Json::Object(_)) {
            return Err(EventError(serde_json::Error::custom("expected an object")));
        }
        Ok(Self { root, text: text.to_owned() })
    }

    /// Reads an event from bytes, which must be UTF-8; see [`Event::from_json`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, EventError> {
        let text = std::str::from_utf8(bytes);
        Self::from_json(text.map_err(|error| EventError(serde_json::Error::custom(error)))?)
    }

    /// The text the event was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All scalars at a dotted path, in the order of the text.
    ///
    /// Arrays and arrays of objects are flattened. Absent, null, an empty array, an object at the path and a scalar
    /// met before the path ends all give nothing (eql.md section 3).
    pub fn values(&self, path: &str) -> Vec<Scalar<'_>> {
        let mut values = Vec::new();
        descend(&self.root, path, &mut values);
        values
    }
}

/// Reading an event as a whole, for tests that do not name their fields.
impl Event {
    /// All scalars whose full dotted name passes, in the order of the text.
    pub(crate) fn values_of(&self, passes: &dyn Fn(&str) -> bool) -> Vec<Scalar<'_>> {
        let mut values = Vec::new();
        every(&self.root, "", passes, &mut values);
        values
    }

    /// The objects at a dotted path, each as an event of its own; arrays are flattened.
    pub(crate) fn objects(&self, path: &str) -> Vec<Self> {
        let mut objects = Vec::new();
        objects_at(&self.root, path, &mut objects);
        objects.into_iter().map(|root| Self { root: root.clone(), text: String::new() }).collect()
    }

    /// An event whose only field has these values.
    pub(crate) fn of_field(path: &str, values: &[Scalar<'_>]) -> Self {
        let json = |scalar: &Scalar<'_>| match *scalar {
            Scalar::Text(text) => Json::Text(text.to_owned()),
            Scalar::Number(text) => Json::Number(text.to_owned()),
            Scalar::Bool(value) => Json::Bool(value),
        };
        let values = Json::Array(values.iter().map(json).collect());
        Self { root: Json::Object(vec![(path.to_owned(), values)]), text: String::new() }
    }
}

fn every<'e>(json: &'e Json, name: &str, passes: &dyn Fn(&str) -> bool, values: &mut Vec<Scalar<'e>>) {
    match json {
        Json::Array(elements) => elements.iter().for_each(|element| every(element, name, passes, values)),
        Json::Object(members) => {
            for (key, value) in members {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                every(value, &name, passes, values);
            }
        }
        scalar => {
            if passes(name) {
                collect(scalar, values);
            }
        }
    }
}

fn objects_at<'e>(json: &'e Json, path: &str, objects: &mut Vec<&'e Json>) {
    match json {
        Json::Array(elements) => elements.iter().for_each(|element| objects_at(element, path, objects)),
        Json::Object(members) => {
            for (key, value) in members {
                let Some(rest) = path.strip_prefix(key.as_str()) else { continue };
                if rest.is_empty() {
                    collect_objects(value, objects);
                } else if let Some(rest) = rest.strip_prefix('.') {
                    objects_at(value, rest, objects);
                }
            }
        }
        _ => {}
    }
}

fn collect_objects<'e>(json: &'e Json, objects: &mut Vec<&'e Json>) {
    match json {
        Json::Object(_) => objects.push(json),
        Json::Array(elements) => elements.iter().for_each(|element| collect_objects(element, objects)),
        _ => {}
    }
}

fn descend<'e>(json: &'e Json, path: &str, values: &mut Vec<Scalar<'e>>) {
    match json {
        Json::Array(elements) => elements.iter().for_each(|element| descend(element, path, values)),
        Json::Object(members) => {
            for (key, value) in members {
                let Some(rest) = path.strip_prefix(key.as_str()) else { continue };
                if rest.is_empty() {
                    collect(value, values);
                } else if let Some(rest) = rest.strip_prefix('.') {
                    descend(value, rest, values);
                }
            }
        }
        _ => {}
    }
}

fn collect<'e>(json: &'e Json, values: &mut Vec<Scalar<'e>>) {
    match json {
        Json::Null | Json::Object(_) => {}
        Json::Bool(value) => values.push(Scalar::Bool(*value)),
        Json::Number(text) => values.push(Scalar::Number(text)),
        Json::Text(text) => values.push(Scalar::Text(text)),
        Json::Array(elements) => elements.iter().for_each(|element| collect(element, values)),
    }
}

#[derive(Clone, Debug)]
enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Reads a value that stands inside `depth` arrays and objects. Each level is cut into the texts of its values by
/// `serde_json`, so that numbers keep their text and the check of the whole does not recurse.
fn read(text: &str, depth: usize) -> Result<Json, serde_json::Error> {
    match text.as_bytes().first() {
        Some(b'{' | b'[') if depth == MAX_DEPTH => {
            Err(serde_json::Error::custom(format_args!("more than {MAX_DEPTH} levels of arrays and objects")))
        }
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text)?;
            let read = |(key, value): (String, &RawValue)| Ok((key, read(value.get(), depth + 1)?));
            members.into_iter().map(read).collect::<Result<_, _>>().map(Json::Object)
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text)?;
            elements
                .into_iter()
                .map(|value| read(value.get(), depth + 1))
                .collect::<Result<_, _>>()
                .map(Json::Array)
        }
        Some(b'"') => serde_json::from_str(text).map(Json::Text),
        Some(b't' | b'f') => serde_json::from_str(text).map(Json::Bool),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text.to_owned())),
    }
}

/// The members of an object, duplicates included.
struct Members<'de>(Vec<(String, &'de RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str, path: &str) -> Vec<String> {
        let event = Event::from_json(json).unwrap();
        event.values(path).into_iter().map(|scalar| format!("{scalar:?}")).collect()
    }

    #[test]
    fn any_split_of_a_dotted_path_is_found() {
        let json = r#"{"a":{"b.c":1,"b":{"c":2}},"a.b":{"c":3},"a.b.c":4,"a.b.c.d":5}"#;
        assert_eq!(texts(json, "a.b.c").join(" "), r#"Number("1") Number("2") Number("3") Number("4")"#);
        assert_eq!(texts(r#"{"Sync Ref. Code":"x"}"#, "Sync Ref. Code"), [r#"Text("x")"#]);
    }

    #[test]
    fn duplicate_keys_all_count() {
        assert_eq!(texts(r#"{"a":1,"a":2}"#, "a").len(), 2);
        assert_eq!(texts(r#"{"a":{"b":1},"a":{"b":2}}"#, "a.b").len(), 2);
    }

    #[test]
    fn nothing_is_no_value() {
        for json in
            ["{}", r#"{"a":null}"#, r#"{"a":[]}"#, r#"{"a":[null]}"#, r#"{"a":{}}"#, r#"{"a":[[],{}]}"#]
        {
            assert!(texts(json, "a").is_empty(), "{json}");
        }
        assert!(texts(r#"{"a":1}"#, "a.b").is_empty());
        assert_eq!(texts(r#"{"a":["x",null,[["y"]]]}"#, "a"), [r#"Text("x")"#, r#"Text("y")"#]);
    }

    #[test]
    fn numbers_keep_their_text() {
        for number in ["1", "-0", "1.0", "1e3", "1.50E+2", "18446744073709551616", "0.1000"] {
            assert_eq!(texts(&format!(r#"{{"n":[{number}]}}"#), "n"), [format!("Number({number:?})")]);
        }
    }

    #[test]
    fn depth_is_limited_without_overflow() {
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        assert!(Event::from_json(&nested(128)).is_ok());
        assert!(Event::from_json(&nested(MAX_DEPTH)).is_ok());
        assert!(Event::from_json(&nested(MAX_DEPTH + 1)).is_err());
        assert!(Event::from_json(&nested(3_000)).is_err());
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in ["", "1", "[]", "null", "{}x", "{", r#"{"a":01}"#, r#"{"a":"#] {
            assert!(Event::from_json(text).is_err(), "{text}");
        }
        assert!(Event::from_slice(b"{\"a\":\"\xff\"}").is_err());
        assert!(Event::from_slice(b"{\"a\":\"\\ud800\"}").is_err());
    }
}
