//! A second look at an event that has been read: all scalars with their names, or the objects at a path.
//!
//! In: the text of one JSON object, names and paths. Out: calls with what is found, in the order of the text. Paths are
//! split at any of their dots (eql.md section 3). Where the text turns out not to be JSON the walk ends.

use super::DEFAULT_DEPTH_LIMIT;
use super::text::{BOM, number_end, skip_blanks, unescape};
use crate::event::{Event, Slot};

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raw<'t> {
    /// The inside of a string, escapes and all.
    Text(&'t [u8]),
    /// The text of a number.
    Number(&'t [u8]),
    /// `true` or `false`.
    Bool(bool),
}

impl Raw<'_> {
    /// Adds the value to a slot.
    pub(crate) fn push(self, slot: Slot, event: &mut Event) {
        match self {
            Self::Bool(value) => event.push_bool(slot, value),
            Self::Number(text) => {
                if let Ok(text) = std::str::from_utf8(text) {
                    event.push_number(slot, format_args!("{text}"));
                }
            }
            Self::Text(raw) => {
                let start = event.scratch_mut().len();
                if unescape(raw, event.scratch_mut()).is_ok() {
                    event.push_scratch_text(slot, start);
                }
            }
        }
    }
}

/// Calls `each` with the full dotted name and the value of every scalar. `name` is a buffer.
pub(crate) fn each_scalar(text: &[u8], name: &mut Vec<u8>, each: &mut dyn FnMut(&[u8], Raw<'_>)) {
    name.clear();
    scalars(Cursor::new(text), name, each, 0);
}

/// Calls `each` with every scalar at a path below an object. `key` is a buffer.
pub(crate) fn each_value(text: &[u8], path: &[u8], key: &mut Vec<u8>, each: &mut dyn FnMut(Raw<'_>)) {
    let mut found = |cursor: Cursor<'_>| {
        if let Some((Some(value), _)) = cursor.scalar() {
            each(value);
        }
    };
    at_path(Cursor::new(text), path, key, &mut found, 0);
}

/// Calls `each` with the text of every object at a path. `key` is a buffer.
pub(crate) fn each_object(text: &[u8], path: &[u8], key: &mut Vec<u8>, each: &mut dyn FnMut(&[u8])) {
    let mut found = |cursor: Cursor<'_>| {
        if cursor.peek() == Some(b'{')
            && let Some(end) = cursor.skip()
        {
            each(&cursor.text[cursor.at..end]);
        }
    };
    at_path(Cursor::new(text), path, key, &mut found, 0);
}

/// Every scalar of the value at the cursor; gives the end of the value.
fn scalars(
    cursor: Cursor<'_>,
    name: &mut Vec<u8>,
    each: &mut dyn FnMut(&[u8], Raw<'_>),
    depth: usize,
) -> Option<usize> {
    if depth > DEFAULT_DEPTH_LIMIT {
        return None;
    }
    match cursor.peek()? {
        b'{' => cursor.members(|key, value| {
            let length = name.len();
            if length > 0 {
                name.push(b'.');
            }
            unescape(key, name).ok()?;
            let end = scalars(value, name, each, depth + 1);
            name.truncate(length);
            end
        }),
        b'[' => cursor.elements(|element| scalars(element, name, each, depth + 1)),
        _ => {
            let (value, end) = cursor.scalar()?;
            if let Some(value) = value {
                each(name, value);
            }
            Some(end)
        }
    }
}

/// Everything at a path below the object or array at the cursor, arrays at the end of the path looked into; gives the
/// end of the value.
fn at_path(
    cursor: Cursor<'_>,
    path: &[u8],
    buffer: &mut Vec<u8>,
    found: &mut dyn FnMut(Cursor<'_>),
    depth: usize,
) -> Option<usize> {
    if depth > DEFAULT_DEPTH_LIMIT {
        return None;
    }
    match cursor.peek()? {
        b'{' => cursor.members(|key, value| match rest_of_path(key, path, buffer) {
            Some([]) => flat(value, found, depth + 1),
            Some(rest) => at_path(value, rest, buffer, found, depth + 1),
            None => value.skip(),
        }),
        b'[' => cursor.elements(|element| at_path(element, path, buffer, found, depth + 1)),
        _ => cursor.skip(),
    }
}

/// The value at the cursor, or the elements of the array it is, and of arrays in that.
fn flat(cursor: Cursor<'_>, found: &mut dyn FnMut(Cursor<'_>), depth: usize) -> Option<usize> {
    if depth > DEFAULT_DEPTH_LIMIT {
        return None;
    }
    if cursor.peek()? == b'[' {
        return cursor.elements(|element| flat(element, found, depth + 1));
    }
    found(cursor);
    cursor.skip()
}

/// What is left of a path behind a key, escapes and all: empty at its end, `None` if the key is not on the way.
fn rest_of_path<'p>(key: &[u8], path: &'p [u8], buffer: &mut Vec<u8>) -> Option<&'p [u8]> {
    let rest = if key.contains(&b'\\') {
        buffer.clear();
        unescape(key, buffer).ok()?;
        path.strip_prefix(&**buffer)?
    } else {
        path.strip_prefix(key)?
    };
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b".") }
}

/// The start of a value.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t [u8]) -> Self {
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        Self { text, at: skip_blanks(text, start) }
    }

    fn at(self, at: usize) -> Self {
        Self { text: self.text, at: skip_blanks(self.text, at) }
    }

    fn peek(self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Calls `each` with every member of the object at the cursor: the inside of its key and the start of its value, of
    /// which it gives the end. The result is the end of the object.
    fn members(self, mut each: impl FnMut(&'t [u8], Self) -> Option<usize>) -> Option<usize> {
        self.entries(b'}', |entry| {
            let end = entry.string()?;
            let key = &entry.text[entry.at + 1..end - 1];
            let colon = entry.at(end);
            if colon.peek()? != b':' {
                return None;
            }
            each(key, colon.at(colon.at + 1))
        })
    }

    /// Calls `each` with every element of the array at the cursor.
    fn elements(self, each: impl FnMut(Self) -> Option<usize>) -> Option<usize> {
        self.entries(b']', each)
    }

    fn entries(self, close: u8, mut each: impl FnMut(Self) -> Option<usize>) -> Option<usize> {
        let mut entry = self.at(self.at + 1);
        if entry.peek()? == close {
            return Some(entry.at + 1);
        }
        loop {
            let behind = entry.at(each(entry)?);
            match behind.peek()? {
                b',' => entry = behind.at(behind.at + 1),
                byte if byte == close => return Some(behind.at + 1),
                _ => return None,
            }
        }
    }

    /// The end of the string at the cursor, behind its closing quote.
    fn string(self) -> Option<usize> {
        if self.peek()? != b'"' {
            return None;
        }
        let mut at = self.at + 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.text.get(at..)?)?;
            if self.text[at] == b'"' {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    /// The scalar at the cursor, if it is a value, and its end.
    fn scalar(self) -> Option<(Option<Raw<'t>>, usize)> {
        let word = |word: &[u8]| self.text[self.at..].starts_with(word).then_some(self.at + word.len());
        Some(match self.peek()? {
            b'"' => {
                let end = self.string()?;
                (Some(Raw::Text(&self.text[self.at + 1..end - 1])), end)
            }
            b't' => (Some(Raw::Bool(true)), word(b"true")?),
            b'f' => (Some(Raw::Bool(false)), word(b"false")?),
            b'n' => (None, word(b"null")?),
            b'-' | b'0'..=b'9' => {
                let end = number_end(self.text, self.at).ok()?;
                (Some(Raw::Number(&self.text[self.at..end])), end)
            }
            _ => return None,
        })
    }

    /// The end of the value at the cursor, whatever it is.
    fn skip(self) -> Option<usize> {
        let mut open = 0_usize;
        let mut cursor = self;
        loop {
            let end = match cursor.peek()? {
                b'{' | b'[' => {
                    open += 1;
                    cursor.at + 1
                }
                b'}' | b']' => {
                    open = open.checked_sub(1)?;
                    cursor.at + 1
                }
                b',' | b':' => cursor.at + 1,
                _ => cursor.scalar()?.1,
            };
            if open == 0 {
                return Some(end);
            }
            cursor = cursor.at(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: Raw<'_>) -> String {
        match value {
            Raw::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
            Raw::Number(text) => String::from_utf8_lossy(text).into_owned(),
            Raw::Bool(value) => value.to_string(),
        }
    }

    fn scalars_of(text: &str) -> String {
        let mut found = Vec::new();
        each_scalar(text.as_bytes(), &mut Vec::new(), &mut |name, value| {
            found.push(format!("{}={}", String::from_utf8_lossy(name), show(value)));
        });
        found.join(" ")
    }

    fn values_of(text: &str, path: &str) -> String {
        let mut found = Vec::new();
        each_value(text.as_bytes(), path.as_bytes(), &mut Vec::new(), &mut |value| found.push(show(value)));
        found.join(" ")
    }

    fn objects_of(text: &str, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_object(text.as_bytes(), path.as_bytes(), &mut Vec::new(), &mut |object| {
            found.push(String::from_utf8_lossy(object).into_owned());
        });
        found
    }

    #[test]
    fn scalars_have_full_names() {
        let text =
            r#" {"a":{"b":[1,{"c":"x\"y"},[true,null]]},"d.e":{"f":-2e3},"g":{},"h":[],"\u0069":false}"#;
        assert_eq!(scalars_of(text), r#"a.b=1 a.b.c='x\"y' a.b=true d.e.f=-2e3 i=false"#);
    }

    #[test]
    fn a_path_is_split_at_any_dot() {
        let text = r#"{"a":{"b.c":1,"b":{"c":[2,[3],{"d":9}]}},"a.b":[{"c":4}],"a.b.c":5,"a.bc":6,"a\u002eb":{"c":7}}"#;
        assert_eq!(values_of(text, "a.b.c"), "1 2 3 4 5 7");
        assert_eq!(values_of(text, "a"), "");
        assert_eq!(objects_of(text, "a.b"), [r#"{"c":[2,[3],{"d":9}]}"#, r#"{"c":4}"#, r#"{"c":7}"#]);
        assert_eq!(objects_of(text, "a.b.c"), [r#"{"d":9}"#]);
    }

    #[test]
    fn what_is_no_json_ends_the_walk() {
        for text in
            ["", "{", r#"{"a""#, r#"{"a":"#, r#"{"a":["#, r#"{"a":1 "b":2}"#, r#"{"a":tru"#, r#"{"a":"\"#]
        {
            assert!(scalars_of(text).len() < 5, "{text}");
            values_of(text, "a");
            objects_of(text, "a");
        }
        let deep = r#"{"a":"#.repeat(100_000);
        assert_eq!(scalars_of(&deep), "");
        assert_eq!(values_of(&deep, &"a.".repeat(100_000)), "");
    }
}
