//! What is in JSON objects whose values stay as written.
//!
//! In: an object. Out: the values under a dotted path, in any split of nested and dotted keys (eql.md section 3); and what
//! several objects agree on.

use serde_json::Value;
use serde_json::value::RawValue;

use super::document::{Document, Entry, Object};

impl<'t> Object<'_, 't> {
    /// Calls `found` with the text of every scalar under a dotted path; arrays count as their elements.
    pub(super) fn scalars(self, path: &str, found: &mut dyn FnMut(&'t str)) {
        for entry in self.entries() {
            match path.strip_prefix(entry.key) {
                Some("") => scalars(entry.text, found),
                Some(rest) if rest.starts_with('.') => {
                    objects(entry, &mut |object| object.scalars(&rest[1..], found));
                }
                _ => {}
            }
        }
    }

    /// Calls `found` with the text of every value under a dotted path as it stands, arrays and objects as well.
    pub(super) fn plain(self, path: &str, found: &mut dyn FnMut(&'t str)) {
        for entry in self.entries() {
            match path.strip_prefix(entry.key) {
                Some("") => found(entry.text),
                Some(rest) if rest.starts_with('.') => {
                    objects(entry, &mut |object| object.plain(&rest[1..], found));
                }
                _ => {}
            }
        }
    }

    /// The elements of the arrays under a path.
    pub(super) fn elements(self, path: &str) -> Vec<&'t str> {
        let mut all = Vec::new();
        self.plain(path, &mut |text| match text.as_bytes().first() {
            Some(b'[') => all.extend(elements(text)),
            _ => all.push(text),
        });
        all
    }

    /// The scalars under a path as values; nulls left out.
    pub(super) fn values(self, path: &str) -> Vec<Value> {
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
fn objects<'t>(entry: Entry<'_, 't>, found: &mut dyn FnMut(Object<'_, 't>)) {
    match entry.text.as_bytes().first() {
        Some(b'[') => elements_of_array(entry.text, found),
        _ => entry.object().into_iter().for_each(found),
    }
}

/// The same for the elements of an array.
fn elements_of_array<'t>(text: &'t str, found: &mut dyn FnMut(Object<'_, 't>)) {
    for element in elements(text) {
        match element.as_bytes().first() {
            Some(b'[') => elements_of_array(element, found),
            Some(b'{') => Document::parse(element).iter().for_each(|document| found(document.object())),
            _ => {}
        }
    }
}

fn elements(text: &str) -> Vec<&str> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    elements.into_iter().map(RawValue::get).collect()
}

/// What objects agree on: a key stays if all have it with an equal value; where all values are objects, what they
/// agree on stays; where one is an array, the elements that all have (rules.md section 6). Order and spelling are those
/// of the first. `None` if there is nothing.
pub(super) fn intersect(texts: &[&str]) -> Option<String> {
    if let [text] = texts {
        return Some(text.trim().to_owned()).filter(|text| text.starts_with('{') && text != "{}");
    }
    let documents = texts.iter().map(|text| Document::parse(text)).collect::<Option<Vec<_>>>()?;
    agreement(&documents.iter().map(Document::object).collect::<Vec<_>>())
}

fn agreement(objects: &[Object<'_, '_>]) -> Option<String> {
    let (first, others) = objects.split_first()?;
    let mut out = String::new();
    for entry in first.entries() {
        let Some(mut entries) = others.iter().map(|object| object.get(entry.key)).collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        entries.insert(0, entry);
        let objects: Option<Vec<_>> = entries.iter().map(|entry| entry.object()).collect();
        let common = match objects.and_then(|objects| agreement(&objects)) {
            Some(common) => common,
            None if equal(&entries) => entry.text.to_owned(),
            None => match shared_elements(&entries.iter().map(|entry| entry.text).collect::<Vec<_>>()) {
                Some(common) => common,
                None => continue,
            },
        };
        out.push(if out.is_empty() { '{' } else { ',' });
        push_json(entry.key, &mut out);
        out.push(':');
        out.push_str(&common);
    }
    (!out.is_empty()).then(|| out + "}")
}

/// The elements that all arrays have, in the order of the first; a value that is no array is one of its own. `None` if there
/// are none, or no arrays.
fn shared_elements(texts: &[&str]) -> Option<String> {
    if !texts.iter().any(|text| text.starts_with('[')) {
        return None;
    }
    let lists: Vec<Vec<&str>> =
        texts.iter().map(|text| if text.starts_with('[') { elements(text) } else { vec![*text] }).collect();
    let (first, others) = lists.split_first()?;
    let mut common: Vec<&str> = Vec::new();
    let has = |list: &[&str], value: &str| list.iter().any(|own| same(own, value));
    for value in first {
        if others.iter().all(|list| has(list, value)) && !has(&common, value) {
            common.push(value);
        }
    }
    (!common.is_empty()).then(|| format!("[{}]", common.join(",")))
}

/// Whether two texts stand for the same value.
fn same(one: &str, other: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || value(one).is_some_and(|v| value(other) == Some(v))
}

/// Whether all values are the same.
fn equal(entries: &[Entry<'_, '_>]) -> bool {
    let (first, others) = (entries[0].text, &entries[1..]);
    others.iter().all(|other| same(first, other.text))
}

/// `text` as a JSON string.
pub(super) fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_json(text, &mut out);
    out
}

/// Adds `text` as a JSON string to `out`.
pub(super) fn push_json(text: &str, out: &mut String) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        return out.push_str(&Value::from(text).to_string());
    }
    out.push('"');
    out.push_str(text);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_any_split() {
        let text = r#"{"a":{"b.c":[1,"x",null]},"a.b":{"c":{"d":2}},"a.b.c":3,"a":[{"b":{"c":4}},5]}"#;
        let document = Document::parse(text).unwrap();
        let object = document.object();
        let texts: Vec<_> = object.values("a.b.c").iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["1", r#""x""#, "3", "4"]);
        assert!(object.values("a.b").is_empty());
    }

    #[test]
    fn keys_with_escapes_are_read() {
        let document = Document::parse(r#"{"\u0061":1, "b" : {"c": 1.50} }"#).unwrap();
        let text = |key| document.object().get(key).map(|entry| entry.text);
        assert_eq!(text("a"), Some("1"));
        assert_eq!(text("b"), Some(r#"{"c": 1.50}"#));
    }

    #[test]
    fn objects_agree_key_by_key() {
        let left = r#"{"h":{"n":"a","o":1},"u":[1, 2],"x":1.0,"e":{"k":1},"y":{}}"#;
        let right = r#"{"u":[1,2],"h":{"o":1,"n":"b"},"x":1,"e":{"k":2},"y":{}}"#;
        assert_eq!(intersect(&[left, right]).unwrap(), r#"{"h":{"o":1},"u":[1, 2],"y":{}}"#);
        assert_eq!(intersect(&[left, r#"{"z":1}"#]), None);
    }

    #[test]
    fn of_arrays_the_elements_stay_that_all_have() {
        let texts =
            [r#"{"u":["a","b","b","c"],"v":[1],"w":"x"}"#, r#"{"u":["c","b"],"v":[2],"w":["y","x"]}"#];
        assert_eq!(intersect(&texts).unwrap(), r#"{"u":["b","c"],"w":["x"]}"#);
        assert_eq!(intersect(&[r#"{"u":["a"]}"#, r#"{"u":{"a":1}}"#]), None);
    }
}
