//! JSON files, and files with one JSON value a line.
//!
//! In: the text. Out: the same trees that TOML and YAML give, with the place of every value. `serde_json` reads JSON too,
//! but does not say where in the file a value stood.

use std::collections::BTreeMap;

use super::{Entry, MAX_DEPTH, Node, NodeKind};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, SourceFile, TextMap};
use crate::span::Span;

/// Parses one JSON value, which may span lines.
pub fn parse(source: &SourceFile, file: FileId) -> Result<Node, Vec<Diagnostic>> {
    let mut parser = Parser { text: source.text(), at: 0, end: source.text().len(), file, depth: 0 };
    parser.skip_mark();
    parser.document().map_err(|finding| vec![*finding])
}

/// Parses one value for each line that is not empty. A line with an error does not keep the others from being read.
///
/// ```
/// use rule_lang::file::ndjson;
/// use rule_lang::source::{FileId, SourceFile};
/// let source = SourceFile::new("export.ndjson", "{\"a\":1}\n\n{\"b\":}\n{\"c\":\"x\"}\n");
/// let (nodes, findings) = ndjson::parse_lines(&source, FileId(0));
/// assert_eq!(nodes.len(), 2);
/// assert_eq!(nodes[1].get("c").unwrap().span.range(), 21..24);
/// assert_eq!(findings[0].primary.span.start, 14);
/// ```
pub fn parse_lines(source: &SourceFile, file: FileId) -> (Vec<Node>, Vec<Diagnostic>) {
    let (mut nodes, mut findings) = (Vec::new(), Vec::new());
    let text = source.text();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if !line.trim_start_matches('\u{feff}').trim().is_empty() {
            let mut parser = Parser { text, at: start, end, file, depth: 0 };
            parser.skip_mark();
            match parser.document() {
                Ok(node) => nodes.push(node),
                Err(finding) => findings.push(*finding),
            }
        }
        start = end;
    }
    (nodes, findings)
}

/// Whether the text is one JSON value a line rather than one value: its first line is a value by itself.
pub fn has_lines(source: &SourceFile) -> bool {
    let text = source.text().trim_start_matches('\u{feff}').trim_start();
    let Some((first, rest)) = text.split_once('\n') else { return false };
    !rest.trim().is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Where the value must end.
    end: usize,
    file: FileId,
    depth: usize,
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn skip_mark(&mut self) {
        if self.at == 0 && self.rest().starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// What is wrong at the character at hand.
    fn wrong(&self, wanted: &str) -> Box<Diagnostic> {
        let (length, found) = match self.rest().chars().next() {
            None | Some('\n' | '\r') => (0, "the end".to_owned()),
            Some(c) if c.is_control() => (c.len_utf8(), "a control character".to_owned()),
            Some(c) => (c.len_utf8(), format!("`{c}`")),
        };
        let span = Span::new(self.at as u32, (self.at + length) as u32);
        self.error(span, format!("this is not JSON: {wanted} is missing, and {found} is here"))
    }

    fn error(&self, span: Span, message: String) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(codes::file::JSON_SYNTAX, self.file, span, message))
    }

    fn document(&mut self) -> Parsed<Node> {
        let node = self.value()?;
        self.skip_blanks();
        if self.at < self.end { Err(self.wrong("the end of the value")) } else { Ok(node) }
    }

    fn value(&mut self) -> Parsed<Node> {
        self.skip_blanks();
        let start = self.at as u32;
        let kind = match self.rest().bytes().next() {
            Some(b'{') => self.nested(Self::table)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => {
                let (value, map) = self.string()?;
                NodeKind::Text { value, map }
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { kind, span: Span::new(start, self.at as u32) })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Parsed<NodeKind>) -> Parsed<NodeKind> {
        if self.depth == MAX_DEPTH {
            let message = format!("the file nests deeper than {MAX_DEPTH} lists and tables");
            let span = Span::new(self.at as u32, self.at as u32 + 1);
            return Err(Box::new(Diagnostic::error(codes::file::TOO_LARGE, self.file, span, message)));
        }
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    /// Skips blanks and takes `byte`, if it is there.
    fn take(&mut self, byte: char) -> bool {
        self.skip_blanks();
        let there = self.rest().starts_with(byte);
        self.at += usize::from(there);
        there
    }

    fn table(&mut self) -> Parsed<NodeKind> {
        self.at += 1;
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        if self.take('}') {
            return Ok(NodeKind::Table(entries));
        }
        loop {
            self.skip_blanks();
            if !self.rest().starts_with('"') {
                return Err(self.wrong("a key in double quotes"));
            }
            let start = self.at as u32;
            let (key, _) = self.string()?;
            let key_span = Span::new(start, self.at as u32);
            if let Some(first) = places.insert(key.clone(), key_span) {
                let message = format!("the key `{key}` is there twice");
                let finding = Diagnostic::error(codes::file::DUPLICATE_KEY, self.file, key_span, message);
                return Err(Box::new(finding.also(self.file, first, "first here")));
            }
            if !self.take(':') {
                return Err(self.wrong("`:`"));
            }
            let value = self.value()?;
            entries.push(Entry { key, key_span, value });
            if self.take('}') {
                return Ok(NodeKind::Table(entries));
            }
            if !self.take(',') {
                return Err(self.wrong("`,` or `}`"));
            }
        }
    }

    fn list(&mut self) -> Parsed<NodeKind> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(NodeKind::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.take(']') {
                return Ok(NodeKind::List(items));
            }
            if !self.take(',') {
                return Err(self.wrong("`,` or `]`"));
            }
        }
    }

    fn word(&mut self) -> Parsed<NodeKind> {
        for (word, kind) in
            [("true", NodeKind::Bool(true)), ("false", NodeKind::Bool(false)), ("null", NodeKind::Null)]
        {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.wrong("a value"))
    }

    fn number(&mut self) -> Parsed<NodeKind> {
        let digits = self.rest().bytes();
        let length =
            digits.take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let text = &self.rest()[..length];
        if serde_json::from_str::<serde_json::Number>(text).is_err() {
            return Err(self.wrong("a number"));
        }
        let integer = text.parse::<i64>().map(NodeKind::Integer);
        let kind = integer.unwrap_or_else(|_| NodeKind::Float(text.parse().unwrap_or(f64::NAN)));
        self.at += length;
        Ok(kind)
    }

    /// A string with its quotes; line breaks are `\n`, as in other formats.
    fn string(&mut self) -> Parsed<(String, TextMap)> {
        self.at += 1;
        let (mut value, mut map) = (String::new(), TextMap::new());
        map.run(0, self.at as u32);
        loop {
            let at = self.at as u32;
            let decoded = value.len() as u32;
            match self.rest().chars().next() {
                None => return Err(self.wrong("the closing quote")),
                Some('"') => {
                    map.run(decoded, at);
                    self.at += 1;
                    return Ok((value, map));
                }
                Some('\\') => {
                    let c = self.escape()?;
                    // A carriage return in front of a line break is dropped, so that queries have one kind of break.
                    if c != '\r' || !self.rest().starts_with("\\n") {
                        map.escape(decoded, at, self.at as u32 - at);
                        value.push(c);
                    }
                }
                Some(c) if c < ' ' => return Err(self.wrong("the closing quote")),
                Some(c) => {
                    map.run(decoded, at);
                    value.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// The escape at hand.
    fn escape(&mut self) -> Parsed<char> {
        let letter = self.rest()[1..].chars().next();
        let c = match letter {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            _ => {
                let span = Span::new(self.at as u32, self.at as u32 + 1);
                return Err(self.error(span, "this is no escape of JSON".to_owned()));
            }
        };
        self.at += 2;
        Ok(c)
    }

    /// `\u` and four digits, or two of them for a character outside of the basic plane.
    fn unicode(&mut self) -> Parsed<char> {
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if all { u32::from_str_radix(digits, 16).ok() } else { None }
        };
        let Some(first) = unit(self.rest()) else {
            let span = Span::new(self.at as u32, self.at as u32 + 2);
            return Err(self.error(span, "`\\u` needs four hexadecimal digits".to_owned()));
        };
        self.at += 6;
        if let 0xd800..=0xdbff = first
            && let Some(second @ 0xdc00..=0xdfff) = unit(self.rest())
        {
            self.at += 6;
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        char::from_u32(first).ok_or_else(|| {
            let span = Span::new(self.at as u32 - 6, self.at as u32);
            self.error(span, "`\\u` stands for half of a character here".to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, String> {
        parse(&SourceFile::new("a.json", text), FileId(0)).map_err(|findings| findings[0].message.clone())
    }

    #[test]
    fn values_are_those_of_serde_json() {
        for text in [
            r#"{"a":[1,-2.5,true,false,null,"x"],"b":{}}"#,
            " [ ] ",
            r#""\u00e9\ud83e\udd80\/\"\\ \b\f\n\t""#,
            "9223372036854775807",
            "{\n  \"q\": \"a\\nb\"\n}\n",
        ] {
            assert_eq!(
                read(text).unwrap().to_json(),
                serde_json::from_str::<serde_json::Value>(text).unwrap()
            );
        }
    }

    #[test]
    fn a_text_leads_back_into_the_file() {
        let node = read(r#"{"query":"a\n\"b\" é"}"#).unwrap();
        let NodeKind::Text { value, map } = &node.get("query").unwrap().kind else { panic!("text") };
        assert_eq!(value, "a\n\"b\" é");
        assert_eq!(map.span(Span::new(2, 5)), Span::new(13, 18));
        assert_eq!(map.span(Span::new(6, 8)), Span::new(19, 21));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, message) in [
            ("{", "a key in double quotes is missing, and the end is here"),
            ("{\"a\" 1}", "`:` is missing, and `1` is here"),
            ("{\"a\":1,}", "a key in double quotes is missing, and `}` is here"),
            ("[1 2]", "`,` or `]` is missing, and `2` is here"),
            ("{\"a\":'x'}", "a value is missing, and `'` is here"),
            ("{} {}", "the end of the value is missing, and `{` is here"),
            ("\"a", "the closing quote is missing, and the end is here"),
            ("\"\\q\"", "this is no escape of JSON"),
            ("\"\\ud83e\"", "half of a character"),
            ("\"\\u12\"", "needs four hexadecimal digits"),
            ("{\"a\":1,\"a\":2}", "the key `a` is there twice"),
            ("--1", "a number is missing"),
            ("[01]", "a number is missing"),
        ] {
            let found = read(text).expect_err(text);
            assert!(found.contains(message), "{text}: {found}");
        }
        assert!(read(&"[".repeat(100)).unwrap_err().contains("nests deeper"));
    }

    #[test]
    fn lines_and_values_are_told_apart() {
        let lines = |text: &str| has_lines(&SourceFile::new("a.json", text));
        assert!(lines("{\"a\":1}\n{\"b\":2}\n"));
        assert!(!lines("{\n\"a\":1}\n"));
        assert!(!lines("{\"a\":1}\n"));
        assert!(!lines(""));
    }
}
