//! The parser's errors in the words of someone who looks for the mistake.

use toml::de::{DeTable, DeValue, Error};

use super::span_of;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::FileId;
use crate::span::Span;

/// A finding for each error, in the order of the file. What goes wrong behind a first error on the same line mostly
/// follows from it and is left out.
pub(super) fn explain(errors: &[Error], table: &DeTable<'_>, text: &str, file: FileId) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> =
        errors.iter().map(|error| explain_one(error, table, text, file)).collect();
    found.sort_by_key(|diagnostic| diagnostic.primary.span);
    found.dedup_by_key(|diagnostic| line_start(text, diagnostic.primary.span.start as usize));
    found
}

fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

fn explain_one(error: &Error, table: &DeTable<'_>, text: &str, file: FileId) -> Diagnostic {
    let range = error.span().unwrap_or(0..0);
    let span = Span::new(range.start.min(text.len()) as u32, range.end.min(text.len()) as u32);
    let marked = text.get(span.range()).unwrap_or_default();
    let message = error.message();
    let syntax = |span: Span, message: &str| Diagnostic::error(codes::file::TOML_SYNTAX, file, span, message);
    if message.starts_with("duplicate key") {
        let message = format!("`{marked}` is given twice");
        let finding = Diagnostic::error(codes::file::DUPLICATE_KEY, file, span, message);
        let finding = match first_use(table, text, span) {
            Some(first) => finding.also(file, first, "first given here"),
            None => finding,
        };
        finding.help("keep one of the two")
    } else if message.starts_with("string values must be quoted") {
        syntax(span, "a text must stand in quotes").suggest(span, format!("\"{marked}\""))
    } else if message.starts_with("missing escaped value") {
        let escape = escape_before(text, span.start as usize);
        syntax(escape, &format!("TOML knows no escape `{}`", &text[escape.range()]))
            .help("write `\\\\` for a backslash, or put the text between `'` or `'''`, where nothing escapes")
    } else if let Some((quotes, start)) = unclosed(message, &text[..span.start as usize]) {
        let opening = Span::new(start as u32, (start + quotes.len()) as u32);
        syntax(opening, &format!("the text that starts here is not closed by `{quotes}`"))
    } else {
        syntax(span, message)
    }
}

/// The quotes that a text lacks at its end, and where it starts: at the last such quotes of what comes `before`.
fn unclosed(message: &str, before: &str) -> Option<(&'static str, usize)> {
    let kinds = [
        ("invalid multi-line literal string, expected `'`", "'''"),
        ("invalid multi-line basic string, expected `\"`", "\"\"\""),
        ("invalid literal string, expected `'`", "'"),
        ("invalid basic string, expected `\"`", "\""),
    ];
    let (_, quotes) = kinds.into_iter().find(|(start, _)| message.starts_with(start))?;
    Some((quotes, before.rfind(quotes)?))
}

/// The backslash in front of `at` with the character behind it.
fn escape_before(text: &str, at: usize) -> Span {
    let start = text[..at].rfind('\\').unwrap_or(at);
    let behind = text[at..].chars().next().filter(|&c| c != '\n' && c != '\r');
    Span::new(start as u32, (at + behind.map_or(0, char::len_utf8)) as u32)
}

/// Where the key at `second` was given before: under the same header, or as the same header.
fn first_use(table: &DeTable<'_>, text: &str, second: Span) -> Option<Span> {
    let line = line_start(text, second.start as usize);
    let header = text[line..].lines().next().unwrap_or_default();
    if header.starts_with('[') {
        return first_header(&text[..line], header, second.start as usize - line, second);
    }
    let mut uses = Vec::new();
    collect_keys(table, text.get(second.range())?, &mut uses);
    uses.sort();
    uses.into_iter().rfind(|&first| {
        let between = text.get(first.end as usize..second.start as usize);
        between.is_some_and(|between| !between.lines().skip(1).any(|line| line.starts_with('[')))
    })
}

/// The key `column` bytes into the first line that is `header`; the parser has forgotten it.
fn first_header(before: &str, header: &str, column: usize, second: Span) -> Option<Span> {
    let found = before.match_indices(header).find(|&(at, _)| line_start(before, at) == at)?;
    let start = (found.0 + column) as u32;
    Some(Span::new(start, start + second.end - second.start))
}

fn collect_keys(table: &DeTable<'_>, name: &str, spans: &mut Vec<Span>) {
    for (key, value) in table {
        if key.get_ref() == name {
            spans.push(span_of(key));
        }
        match value.get_ref() {
            DeValue::Table(table) => collect_keys(table, name, spans),
            DeValue::Array(items) => {
                for item in items {
                    if let DeValue::Table(table) = item.get_ref() {
                        collect_keys(table, name, spans);
                    }
                }
            }
            _ => {}
        }
    }
}
