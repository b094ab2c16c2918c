//! Diagnostics as the text of a `compile_error!`.
//!
//! The compiler puts `error: ` in front and shows the macro call below, so the text starts with the place in the rule
//! file, in the form that editors make a link of.

use std::fmt::Write as _;

use super::excerpt::{Row, largest_number, rows};
use super::line::plain;
use super::terminal::{files, marks};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// The most columns of a line that are shown; the compiler indents what is behind its first line.
const WIDTH: usize = 100;

/// The text for `diagnostic`, without a line break at its end.
///
/// ```
/// use rule_lang::diagnostic::{Code, Diagnostic, render::compile_error};
/// use rule_lang::source::{SourceFile, Sources};
/// use rule_lang::span::Span;
///
/// let mut sources = Sources::new();
/// let file = sources.add(SourceFile::new("rules/a.toml", "[rule]\nseverity = \"hgih\"\n"));
/// let diagnostic = Diagnostic::error(Code("E0205"), file, Span::new(18, 24), "unknown severity `hgih`")
///     .help("did you mean `high`?");
/// assert_eq!(
///     compile_error::render(&diagnostic, &sources),
///     r#"rules/a.toml:2:12: unknown severity `hgih` [E0205]
///   |
/// 2 | severity = "hgih"
///   |            ^^^^^^
///   = help: did you mean `high`?"#
/// );
/// ```
pub fn render(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let file = sources.get(diagnostic.primary.file);
    let place = file.location(diagnostic.primary.span.start);
    let message = plain(&diagnostic.message);
    let mut out = format!("{}:{}:{}: ", plain(file.path()), place.line, place.column);
    // Writing to a string cannot fail.
    let _ = write!(out, "{message} [{}]", diagnostic.code);
    let files = files(diagnostic);
    let number = files.iter().map(|&id| largest_number(sources.get(id), &marks(diagnostic, id))).max();
    let gutter = number.unwrap_or(1).to_string().len();
    for (at, &id) in files.iter().enumerate() {
        let file = sources.get(id);
        let marks = marks(diagnostic, id);
        if at > 0 {
            let place = file.location(marks.first().map_or(0, |mark| mark.span.start));
            let _ = write!(out, "\n{:gutter$}::: {}:{}:{}", "", plain(file.path()), place.line, place.column);
        }
        let _ = write!(out, "\n{:gutter$} |", "");
        for row in rows(file, &marks, WIDTH) {
            out.push('\n');
            out.push_str(render_row(row, gutter).trim_end_matches(' '));
        }
    }
    for help in &diagnostic.help {
        let _ = write!(out, "\n{:gutter$} = help: {}", "", plain(help));
    }
    out
}

fn render_row(row: Row, gutter: usize) -> String {
    match row {
        Row::Source { number, text } => format!("{number:>gutter$} | {text}"),
        Row::Marks(pieces) => {
            let marks: String = pieces.into_iter().map(|piece| piece.text).collect();
            format!("{:gutter$} | {marks}", "")
        }
        Row::Gap => "...".to_owned(),
    }
}
