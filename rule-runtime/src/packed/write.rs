//! Where packed values go.

use std::collections::HashMap;

use crate::set::Step;

/// What is written so far.
pub(super) struct Writer<'w> {
    texts: Pool,
    strings: Pool,
    tables: Vec<u8>,
    pub(super) is_code: &'w mut dyn FnMut(&[Step]) -> bool,
}

/// Byte strings, each once.
#[derive(Default)]
struct Pool {
    bytes: Vec<u8>,
    places: HashMap<Vec<u8>, usize>,
}

impl<'w> Writer<'w> {
    pub(super) fn new(is_code: &'w mut dyn FnMut(&[Step]) -> bool) -> Self {
        Self { texts: Pool::default(), strings: Pool::default(), tables: Vec::new(), is_code }
    }

    /// Texts, and all the rest.
    pub(super) fn finish(self) -> (String, Vec<u8>) {
        let mut content = Vec::with_capacity(self.strings.bytes.len() + self.tables.len() + 10);
        put_number(self.strings.bytes.len() as u64, &mut content);
        content.extend(self.strings.bytes);
        content.extend(self.tables);
        // Only whole texts were put in.
        (String::from_utf8_lossy(&self.texts.bytes).into_owned(), content)
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.tables.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.tables.extend_from_slice(bytes);
    }

    pub(super) fn number(&mut self, number: u64) {
        put_number(number, &mut self.tables);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.texts.put(text.as_bytes(), &mut self.tables);
    }

    /// What `write` writes, behind how many bytes it takes and how long its new texts are.
    pub(super) fn apart(&mut self, write: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.tables);
        let texts = self.texts.bytes.len();
        write(self);
        let own = std::mem::replace(&mut self.tables, before);
        self.number(own.len() as u64);
        self.number((self.texts.bytes.len() - texts) as u64);
        self.bytes(&own);
    }

    pub(super) fn string(&mut self, string: &[u8]) {
        self.strings.put(string, &mut self.tables);
    }
}

impl Pool {
    /// Writes the length, and 0 for what stands behind the last new string or the place plus one.
    fn put(&mut self, string: &[u8], out: &mut Vec<u8>) {
        put_number(string.len() as u64, out);
        if string.is_empty() {
            return;
        }
        if let Some(&place) = self.places.get(string) {
            put_number(place as u64 + 1, out);
        } else {
            self.places.insert(string.to_vec(), self.bytes.len());
            self.bytes.extend_from_slice(string);
            put_number(0, out);
        }
    }
}

/// Seven bits a byte, the lowest first; the last byte has its highest bit clear.
fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
