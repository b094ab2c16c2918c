//! Events that do not come as JSON text, as JSON text: for rules that look at an event as a whole.
//!
//! In: paths with their values, or with the `serde` feature a deserializer. Out: the text of one JSON object in a buffer
//! that is used again. Dotted paths become objects, those that share a parent one object.

use super::FieldValue;
use crate::event::{Event, Scalar, Slot};
use std::ops::Range;

/// The text of one event, and what it is made in.
#[derive(Debug, Default)]
pub(crate) struct WholeText {
    /// The values of one path.
    values: Event,
    /// Paths and the JSON of their values.
    pieces: Vec<u8>,
    fields: Vec<Field>,
    pub(super) text: Vec<u8>,
}

#[derive(Debug)]
struct Field {
    path: Range<usize>,
    values: Range<usize>,
}

impl WholeText {
    /// Forgets the event before.
    pub(super) fn begin(&mut self) {
        self.pieces.clear();
        self.fields.clear();
        self.text.clear();
    }

    /// Puts the values of a path; none at all are no field.
    pub(super) fn put(&mut self, path: &str, value: &impl FieldValue) {
        self.values.begin(1);
        value.push(Slot(0), &mut self.values);
        let start = self.pieces.len();
        self.pieces.extend_from_slice(path.as_bytes());
        let end = self.pieces.len();
        let mut before = b'[';
        for scalar in self.values.view(b"").values(Slot(0)) {
            self.pieces.extend_from_slice(&[before]);
            before = b',';
            match scalar {
                Scalar::Text(text) => write_string(text, &mut self.pieces),
                Scalar::Number(text) => self.pieces.extend_from_slice(text),
                Scalar::Bool(value) => self.pieces.extend_from_slice(if value { b"true" } else { b"false" }),
            }
        }
        if before == b'[' {
            self.pieces.truncate(start);
            return;
        }
        self.pieces.extend_from_slice(b"]");
        self.fields.push(Field { path: start..end, values: end..self.pieces.len() });
    }

    /// Writes what was put as one object.
    pub(super) fn write(&mut self) {
        let Self { pieces, fields, text, .. } = self;
        // Fields of one object have to stand together. An unstable sort allocates nothing.
        fields.sort_unstable_by(|a, b| {
            let (left, right) = (names(&pieces[a.path.clone()]), names(&pieces[b.path.clone()]));
            left.cmp(right).then_with(|| a.path.start.cmp(&b.path.start))
        });
        text.push(b'{');
        let mut open: &[u8] = b"";
        let mut depth = 0;
        for field in fields {
            let path = &pieces[field.path.clone()];
            let (parent, name) = match memchr::memrchr(b'.', path) {
                Some(dot) => (&path[..dot], &path[dot + 1..]),
                None => (&path[..0], path),
            };
            let shared = if depth == 0 || parent.is_empty() {
                0
            } else {
                names(open).zip(names(parent)).take_while(|(a, b)| a == b).count()
            };
            text.extend(std::iter::repeat_n(b'}', depth - shared));
            depth = shared;
            if !parent.is_empty() {
                for name in names(parent).skip(shared) {
                    write_key(name, text);
                    text.push(b'{');
                    depth += 1;
                }
            }
            write_key(name, text);
            text.extend_from_slice(&pieces[field.values.clone()]);
            open = parent;
        }
        text.extend(std::iter::repeat_n(b'}', depth + 1));
    }

    /// The event.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }
}

fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'.')
}

fn write_key(name: &[u8], out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    write_string(name, out);
    out.push(b':');
}

/// Writes a text as JSON.
pub(super) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_objects() {
        let mut whole = WholeText::default();
        for _ in 0..2 {
            whole.begin();
            whole.put("dll.name", &"a\"\\\n.dll");
            whole.put("process.pid", &7_u32);
            whole.put("b", &true);
            whole.put("dll.code.sign", &["x", "y"]);
            whole.put("dll.path", &None::<&str>);
            whole.put("dll.hash", &1.5_f64);
            whole.put("dllx", &"z");
            whole.put("dll.name", &"again");
            whole.put("dll", &0_i64);
            whole.write();
            let text = std::str::from_utf8(whole.text()).expect("it is text");
            assert_eq!(
                text,
                r#"{"b":[true],"dll":[0],"dll":{"code":{"sign":["x","y"]},"hash":[1.5],"name":["a\"\\\u000a.dll"],"name":["again"]},"dllx":["z"],"process":{"pid":[7]}}"#
            );
        }
        whole.begin();
        whole.write();
        assert_eq!(whole.text(), b"{}");
    }
}
