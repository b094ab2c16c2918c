//! Diagnostics for tools: one JSON object each.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Label, Level};
use crate::source::{FileId, Sources};
use crate::span::Span;

/// The object for `diagnostic`: `code`, `level`, `message`, `file`, `line`, `column`, `end_line`, `end_column`,
/// `label`, `help` (a list), `suggestion` (null or a place with a `replacement`), `related` (places with a
/// `message`). Lines and columns start at 1, columns count characters, the end is behind the last character.
///
/// ```
/// use rule_lang::diagnostic::{Code, Diagnostic, render::json};
/// use rule_lang::source::{SourceFile, Sources};
/// use rule_lang::span::Span;
///
/// let mut sources = Sources::new();
/// let file = sources.add(SourceFile::new("a.toml", "[rule]\nname = 7\n"));
/// let found = Diagnostic::error(Code("E0203"), file, Span::new(14, 15), "`name` must be text, not an integer");
/// let object = json::render(&found, &sources);
/// assert_eq!(object["code"], "E0203");
/// assert_eq!((object["line"].as_u64(), object["end_column"].as_u64()), (Some(2), Some(9)));
/// ```
pub fn render(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let Label { file, span, text } = &diagnostic.primary;
    let mut object = place(sources, *file, *span);
    object["code"] = json!(diagnostic.code.0);
    object["level"] = json!(match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
    });
    object["message"] = json!(diagnostic.message);
    object["label"] = json!(text);
    object["help"] = json!(diagnostic.help);
    object["suggestion"] = diagnostic.suggestion.as_ref().map_or(Value::Null, |suggestion| {
        let mut object = place(sources, *file, suggestion.span);
        object["replacement"] = json!(suggestion.replacement);
        object
    });
    let related = diagnostic.secondary.iter().map(|label| {
        let mut object = place(sources, label.file, label.span);
        object["message"] = json!(label.text);
        object
    });
    object["related"] = related.collect();
    object
}

fn place(sources: &Sources, file: FileId, span: Span) -> Value {
    let file = sources.get(file);
    let (start, end) = (file.location(span.start), file.location(span.end.max(span.start)));
    json!({
        "file": file.path(),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}
