//! TOML files.
//!
//! The `toml` crate parses and puts tables together; strings are decoded a second time here, because its tree does
//! not say which byte of the file a character of a string came from.

mod errors;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Node, NodeKind};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, SourceFile, TextMap};
use crate::span::Span;

/// Parses a TOML 1.1 document. On failure every syntax error the parser recovers from is told, one for a line.
pub fn parse(source: &SourceFile, file: FileId) -> Result<Node, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        return Err(errors::explain(&errors, table.get_ref(), source.text(), file));
    }
    let kind = NodeKind::Table(entries(table.get_ref(), source.text()));
    Ok(Node { kind, span: Span::new(0, source.text().len() as u32) })
}

fn span_of<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start as u32, range.end as u32)
}

fn entries(table: &DeTable<'_>, text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: span_of(key),
            value: node(value, text, span_of(key)),
        })
        .collect();
    // The parser keeps tables sorted by key; people read them in the order of the file.
    entries.sort_by_key(|entry| entry.key_span);
    entries
}

fn node(value: &Spanned<DeValue<'_>>, text: &str, key_span: Span) -> Node {
    let mut span = span_of(value);
    if span.is_empty() {
        // A table that is only implied by the header of another one.
        span = key_span;
    }
    let kind = match value.get_ref() {
        DeValue::String(decoded) => {
            let (value, map) = decode_string(text, span, decoded);
            NodeKind::Text { value, map }
        }
        DeValue::Integer(integer) => number(integer.as_str(), integer.radix()),
        DeValue::Float(float) => NodeKind::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => NodeKind::Bool(*value),
        DeValue::Datetime(_) => NodeKind::Date(text[span.range()].to_owned()),
        DeValue::Array(items) => {
            NodeKind::List(items.iter().map(|item| node(item, text, key_span)).collect())
        }
        DeValue::Table(table) => NodeKind::Table(entries(table, text)),
    };
    Node { kind, span }
}

/// An integer, or the nearest float where 64 bits do not hold it.
fn number(digits: &str, radix: u32) -> NodeKind {
    match i64::from_str_radix(digits, radix) {
        Ok(value) => NodeKind::Integer(value),
        Err(_) => NodeKind::Float(digits.parse().unwrap_or(f64::INFINITY)),
    }
}

/// Decodes the string that stands at `span` with its quotes. The parser has accepted it, so nothing is checked again.
fn decode_string(text: &str, span: Span, parsed: &str) -> (String, TextMap) {
    let raw = &text[span.range()];
    let quotes = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|quotes| raw.starts_with(quotes) && raw.ends_with(quotes) && raw.len() >= 2 * quotes.len());
    let Some(quotes) = quotes else {
        return (parsed.to_owned(), TextMap::starting_at(span.start));
    };
    let mut body = &raw[quotes.len()..raw.len() - quotes.len()];
    let mut at = span.start + quotes.len() as u32;
    if quotes.len() == 3 {
        let rest = body.strip_prefix('\n').or_else(|| body.strip_prefix("\r\n")).unwrap_or(body);
        at += (body.len() - rest.len()) as u32;
        body = rest;
    }
    let mut decoder = Decoder { value: String::with_capacity(body.len()), map: TextMap::new() };
    decoder.decode(body, at, quotes.starts_with('"'));
    (decoder.value, decoder.map)
}

struct Decoder {
    value: String,
    map: TextMap,
}

impl Decoder {
    fn decode(&mut self, body: &str, start: u32, escapes: bool) {
        // An empty string is somewhere too.
        self.map.run(0, start);
        let mut rest = body;
        while let Some(c) = rest.chars().next() {
            let at = start + (body.len() - rest.len()) as u32;
            let taken = match c {
                '\\' if escapes => self.escape(rest, at),
                // CRLF and LF files mean the same; the `\n` that is kept maps to the one in the file.
                '\r' if rest.starts_with("\r\n") => 1,
                _ => self.push(c, at, c.len_utf8()),
            };
            rest = &rest[taken..];
        }
        self.map.run(self.value.len() as u32, start + body.len() as u32);
    }

    /// One escape at the start of `rest`; gives the bytes it takes.
    fn escape(&mut self, rest: &str, at: u32) -> usize {
        let Some(letter) = rest[1..].chars().next() else { return 1 };
        let hex_digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            ' ' | '\t' | '\r' | '\n' => {
                return rest.len() - rest[1..].trim_start_matches([' ', '\t', '\r', '\n']).len();
            }
            _ => 0,
        };
        let taken = 1 + letter.len_utf8() + hex_digits;
        let c = match letter {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            'x' | 'u' | 'U' => {
                let code = rest.get(2..taken).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => other,
        };
        self.push(c, at, taken)
    }

    /// Puts `c`, which stands in `taken` bytes at `at`; gives `taken`.
    fn push(&mut self, c: char, at: u32, taken: usize) -> usize {
        let decoded = self.value.len() as u32;
        if taken == c.len_utf8() {
            self.map.run(decoded, at);
        } else {
            self.map.escape(decoded, at, taken as u32);
        }
        self.value.push(c);
        taken
    }
}

#[cfg(test)]
mod tests;
