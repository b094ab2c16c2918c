//! A JSON object read in one go.
//!
//! In: text. Out: the keys of the object and of all objects in it, each with the text of its value, so that what is copied
//! into an alert keeps every byte. What arrays hold is checked but not kept. What is accepted is what `serde_json` accepts.

use std::borrow::Cow;

/// An object and what is in it.
#[derive(Debug, Default)]
pub(super) struct Document<'t> {
    nodes: Vec<Node<'t>>,
}

/// A key and its value; those of an object that is the value stand right behind.
#[derive(Debug)]
struct Node<'t> {
    key: Cow<'t, str>,
    text: &'t str,
    /// How many nodes behind this one are in its value.
    inside: usize,
    /// The value is an object whose keys can be read.
    is_object: bool,
}

/// The entries of an object, in order; a key may come twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'d, 't> {
    nodes: &'d [Node<'t>],
}

/// A key and the text of its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'d, 't> {
    pub(super) key: &'d str,
    pub(super) text: &'t str,
    object: Option<Object<'d, 't>>,
}

impl<'d, 't> Entry<'d, 't> {
    /// The value, if it is an object.
    pub(super) fn object(self) -> Option<Object<'d, 't>> {
        self.object
    }
}

impl<'d, 't> Object<'d, 't> {
    /// The entries.
    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'d, 't>> {
        let mut rest = self.nodes;
        std::iter::from_fn(move || {
            let (node, behind) = rest.split_first()?;
            let (inside, next) = behind.split_at_checked(node.inside)?;
            rest = next;
            let object = node.is_object.then_some(Object { nodes: inside });
            Some(Entry { key: &node.key, text: node.text, object })
        })
    }

    /// Whether there are none.
    pub(super) fn is_empty(self) -> bool {
        self.nodes.is_empty()
    }

    /// The entry of `key`, the last if there are more.
    pub(super) fn get(self, key: &str) -> Option<Entry<'d, 't>> {
        self.entries().filter(|entry| entry.key == key).last()
    }
}

impl<'t> Document<'t> {
    /// Reads the text of a value; `None` if it is not an object.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut reader = Reader { text, at: 0, nodes: Vec::new(), open: Vec::new() };
        reader.space();
        if reader.peek() != Some(b'{') || !reader.value()? {
            return None;
        }
        reader.space();
        (reader.at == text.len()).then_some(Self { nodes: reader.nodes })
    }

    /// The object.
    pub(super) fn object(&self) -> Object<'_, 't> {
        Object { nodes: &self.nodes }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    nodes: Vec<Node<'t>>,
    /// Objects and arrays whose ends have not come: nesting is as deep as it likes.
    open: Vec<Open>,
}

#[derive(Clone, Copy)]
struct Open {
    is_array: bool,
    /// Nothing is kept of objects in arrays.
    kept: bool,
    /// All keys so far could be read.
    readable: bool,
    /// The entry of the object that is being read, and where its value starts.
    node: usize,
    start: usize,
}

impl Reader<'_> {
    /// Reads a value; whether it is an object whose keys can be read. `None` if it is no JSON.
    fn value(&mut self) -> Option<bool> {
        loop {
            let mut is_object = match self.next()? {
                b'{' => {
                    self.space();
                    if self.peek() != Some(b'}') {
                        self.open(false);
                        self.key()?;
                        continue;
                    }
                    self.at += 1;
                    true
                }
                b'[' => {
                    self.space();
                    if self.peek() != Some(b']') {
                        self.open(true);
                        continue;
                    }
                    self.at += 1;
                    false
                }
                b'"' => self.string().map(|_| false)?,
                b't' => self.word("rue")?,
                b'f' => self.word("alse")?,
                b'n' => self.word("ull")?,
                first => self.number(first)?,
            };
            // The end of a value may be the end of those around it.
            loop {
                let Some(&around) = self.open.last() else { return Some(is_object) };
                if around.kept && !around.is_array {
                    let inside = self.nodes.len() - around.node - 1;
                    let node = &mut self.nodes[around.node];
                    (node.text, node.inside, node.is_object) =
                        (&self.text[around.start..self.at], inside, is_object);
                }
                self.space();
                match (self.next()?, around.is_array) {
                    (b',', true) => {
                        self.space();
                        break;
                    }
                    (b',', false) => {
                        self.space();
                        self.key()?;
                        break;
                    }
                    (b']', true) | (b'}', false) => {
                        self.open.pop();
                        is_object = !around.is_array && around.readable;
                    }
                    _ => return None,
                }
            }
        }
    }

    fn open(&mut self, is_array: bool) {
        let kept = !is_array && self.open.last().is_none_or(|around| around.kept);
        self.open.push(Open { is_array, kept, readable: true, node: 0, start: 0 });
    }

    /// Reads a key, up to where its value starts.
    fn key(&mut self) -> Option<()> {
        let start = self.at;
        if self.next()? != b'"' {
            return None;
        }
        let escaped = self.string()?;
        let quoted = &self.text[start..self.at];
        self.space();
        if self.next()? != b':' {
            return None;
        }
        self.space();
        let open = self.open.last_mut()?;
        if open.kept {
            let key = if escaped {
                let key = serde_json::from_str(quoted).ok();
                open.readable &= key.is_some();
                Cow::Owned(key.unwrap_or_default())
            } else {
                Cow::Borrowed(&quoted[1..quoted.len() - 1])
            };
            (open.node, open.start) = (self.nodes.len(), self.at);
            self.nodes.push(Node { key, text: "", inside: 0, is_object: false });
        }
        Some(())
    }

    /// Reads the rest of a string; whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        let mut escaped = false;
        loop {
            self.at += plain(&self.text.as_bytes()[self.at..]);
            match self.next()? {
                b'"' => return Some(escaped),
                b'\\' => escaped = true,
                _ => return None,
            }
            match self.next()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    for _ in 0..4 {
                        self.next().filter(u8::is_ascii_hexdigit)?;
                    }
                }
                _ => return None,
            }
        }
    }

    fn word(&mut self, rest: &str) -> Option<bool> {
        let found = self.text.as_bytes()[self.at..].starts_with(rest.as_bytes());
        self.at += rest.len();
        found.then_some(false)
    }

    /// Reads the rest of a number.
    fn number(&mut self, first: u8) -> Option<bool> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' if self.peek().is_some_and(|byte| byte.is_ascii_digit()) => return None,
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.next().filter(u8::is_ascii_digit)?;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.next().filter(u8::is_ascii_digit)?;
            self.digits();
        }
        Some(false)
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

/// How many bytes stand before the first that ends a string, begins an escape, or may not stand in one.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let equal = |word: u64, byte: u64| (word ^ (ONES * byte)).wrapping_sub(ONES) & !(word ^ (ONES * byte));
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        // What is found behind the first may be wrong, the first is right.
        let found = (equal(word, b'"'.into()) | equal(word, b'\\'.into()) | control) & (ONES * 0x80);
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    words.len() * 8 + special.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    /// What `serde_json` makes of an object: the last value of each key.
    fn expected(text: &str) -> Option<BTreeMap<String, Box<RawValue>>> {
        serde_json::from_str(text).ok()
    }

    fn agrees(text: &str) -> Result<(), TestCaseError> {
        let document = Document::parse(text);
        let object = document.as_ref().map(Document::object);
        compare(object, text)
    }

    fn compare(found: Option<Object<'_, '_>>, text: &str) -> Result<(), TestCaseError> {
        let expected = expected(text);
        prop_assert_eq!(found.is_some(), expected.is_some(), "{}", text);
        let (Some(found), Some(expected)) = (found, expected) else { return Ok(()) };
        let keys: std::collections::BTreeSet<_> = found.entries().map(|entry| entry.key).collect();
        prop_assert!(keys.into_iter().eq(expected.keys()), "{}", text);
        for (key, value) in &expected {
            let entry = found.get(key);
            prop_assert_eq!(entry.map(|entry| entry.text), Some(value.get()));
            compare(entry.and_then(Entry::object), value.get())?;
        }
        Ok(())
    }

    #[test]
    fn what_is_no_json_is_nothing() {
        let texts = [
            r#"{"a":1} "#,
            r#" {"a" : [1, {"b": 2}, []], "c":{}, "d":{"e":{"f":-1.5e+3}}}"#,
            "{}",
            "{ }",
            "[1]",
            "1",
            "",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[}"#,
            r#"{"a":01}"#,
            r#"{"a":-}"#,
            r#"{"a":1.}"#,
            r#"{"a":.5}"#,
            r#"{"a":1e}"#,
            r#"{"a":tru}"#,
            r#"{"a":truee}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u12g4"}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"\ud800":1}"#,
            r#"{"a":{"\ud800":1},"b":{"c":1}}"#,
            r#"{"\u0061":1,"a":2}"#,
            "{\"a\":\"\t\"}",
            r#"{"a":1}{"#,
            r#"{"a":1]"#,
            r"{1:2}",
            r#"{"a":"b" "c":1}"#,
        ];
        for text in texts {
            agrees(text).unwrap();
        }
        let deep = format!(r#"{{"a":{}1{},"b":{{"c":2}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let document = Document::parse(&deep).unwrap();
        assert_eq!(document.object().entries().map(|entry| entry.key).collect::<Vec<_>>(), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"\{("(a|b|\\n|\\u00[0-9]1|é)?" ?: ?(\{|\[|1|-0\.5e1|true|null|"[ab\\"\tü]{0,12}"|\}|\]|,){0,4}[\]}]?,?){0,4}\}"#) {
            agrees(&text)?;
        }

        #[test]
        fn plain_bytes_end_at_the_first_special_one(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let special = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(plain(&bytes), special.unwrap_or(bytes.len()));
        }
    }
}
