//! JSON objects whose values stay as written.
//!
//! In: the text of a JSON value. Out: its keys in order, each with the text of its value, so that what is copied into
//! an alert keeps every byte; and the scalars under a dotted path, in any split of nested and dotted keys (eql.md
//! section 3).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The entries of an object, in order; a key may come twice.
#[derive(Debug)]
pub(super) struct Object<'t>(pub(super) Vec<(Cow<'t, str>, &'t str)>);

impl<'t> Object<'t> {
    /// Reads the text of a value; `None` if it is not an object.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        // The texts of other values are not worth an error that nobody reads.
        if !text.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    /// The text of the value under `key`, the last if there are more.
    pub(super) fn get(&self, key: &str) -> Option<&'t str> {
        self.0.iter().rev().find(|(own, _)| own == key).map(|(_, text)| *text)
    }

    /// Calls `found` with the text of every scalar under a dotted path; arrays count as their elements.
    pub(super) fn scalars(&self, path: &str, found: &mut dyn FnMut(&'t str)) {
        for (key, text) in &self.0 {
            match path.strip_prefix(key.as_ref()) {
                Some("") => scalars(text, found),
                Some(rest) if rest.starts_with('.') => {
                    objects(text, &mut |object| object.scalars(&rest[1..], found));
                }
                _ => {}
            }
        }
    }

    /// Calls `found` with the text of every value under a dotted path as it stands, arrays and objects as well.
    pub(super) fn plain(&self, path: &str, found: &mut dyn FnMut(&'t str)) {
        for (key, text) in &self.0 {
            match path.strip_prefix(key.as_ref()) {
                Some("") => found(text),
                Some(rest) if rest.starts_with('.') => {
                    objects(text, &mut |object| object.plain(&rest[1..], found));
                }
                _ => {}
            }
        }
    }

    /// The elements of the arrays under a path.
    pub(super) fn elements(&self, path: &str) -> Vec<&'t str> {
        let mut all = Vec::new();
        self.plain(path, &mut |text| match text.as_bytes().first() {
            Some(b'[') => all.extend(elements(text)),
            _ => all.push(text),
        });
        all
    }

    /// The scalars under a path as values; nulls left out.
    pub(super) fn values(&self, path: &str) -> Vec<Value> {
        let mut values = Vec::new();
        self.scalars(path, &mut |text| {
            values.extend(serde_json::from_str(text).ok().filter(|v: &Value| !v.is_null()));
        });
        values
    }
}

/// Calls `found` with every scalar of a value, through arrays but not into objects.
fn scalars<'t>(text: &'t str, found: &mut dyn FnMut(&'t str)) {
    match text.as_bytes().first() {
        Some(b'[') => elements(text).into_iter().for_each(|element| scalars(element, found)),
        Some(b'{') | None => {}
        Some(_) => found(text),
    }
}

/// Calls `found` with a value if it is an object, or with the objects in it if it is an array.
fn objects<'t>(text: &'t str, found: &mut dyn FnMut(Object<'t>)) {
    match text.as_bytes().first() {
        Some(b'[') => elements(text).into_iter().for_each(|element| objects(element, found)),
        Some(b'{') => Object::parse(text).into_iter().for_each(found),
        _ => {}
    }
}

fn elements(text: &str) -> Vec<&str> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    elements.into_iter().map(RawValue::get).collect()
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            entries.push((key, value.get()));
        }
        Ok(Object(entries))
    }
}

/// A key that is copied only if it has escapes.
struct Key<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyText;

        impl<'de> Visitor<'de> for KeyText {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyText)
    }
}

/// What objects agree on: a key stays if all have it with an equal value; where all values are objects, what they
/// agree on stays (rules.md section 6). Order and spelling are those of the first. `None` if there is nothing.
pub(super) fn intersect(texts: &[&str]) -> Option<String> {
    if let [text] = texts {
        return Some(text.trim().to_owned()).filter(|text| text.starts_with('{') && text != "{}");
    }
    let objects = texts.iter().map(|text| Object::parse(text)).collect::<Option<Vec<_>>>()?;
    let (first, others) = objects.split_first()?;
    let mut out = String::new();
    for (key, text) in &first.0 {
        let Some(mut values) = others.iter().map(|object| object.get(key)).collect::<Option<Vec<_>>>() else {
            continue;
        };
        values.insert(0, text);
        let common = match intersect(&values) {
            Some(common) => common,
            None if equal(&values) => (*text).to_owned(),
            None => continue,
        };
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&json_text(key));
        out.push(':');
        out.push_str(&common);
    }
    (!out.is_empty()).then(|| out + "}")
}

/// Whether all texts stand for the same value.
fn equal(texts: &[&str]) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    let first = value(texts[0]);
    texts[1..].iter().all(|text| *text == texts[0] || (first.is_some() && value(text) == first))
}

/// `text` as a JSON string.
pub(super) fn json_text(text: &str) -> String {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        return Value::from(text).to_string();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    out.push_str(text);
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_any_split() {
        let text = r#"{"a":{"b.c":[1,"x",null]},"a.b":{"c":{"d":2}},"a.b.c":3,"a":[{"b":{"c":4}},5]}"#;
        let object = Object::parse(text).unwrap();
        let texts: Vec<_> = object.values("a.b.c").iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["1", r#""x""#, "3", "4"]);
        assert!(object.values("a.b").is_empty());
    }

    #[test]
    fn keys_with_escapes_are_read() {
        let object = Object::parse(r#"{"a":1, "b" : {"c": 1.50} }"#).unwrap();
        assert_eq!(object.get("a"), Some("1"));
        assert_eq!(object.get("b"), Some(r#"{"c": 1.50}"#));
    }

    #[test]
    fn objects_agree_key_by_key() {
        let left = r#"{"h":{"n":"a","o":1},"u":[1, 2],"x":1.0,"e":{"k":1},"y":{}}"#;
        let right = r#"{"u":[1,2],"h":{"o":1,"n":"b"},"x":1,"e":{"k":2},"y":{}}"#;
        assert_eq!(intersect(&[left, right]).unwrap(), r#"{"h":{"o":1},"u":[1, 2],"y":{}}"#);
        assert_eq!(intersect(&[left, r#"{"z":1}"#]), None);
    }
}
