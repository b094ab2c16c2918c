//! The Kibana Query Language (`kuery`): text to tokens to [`ast`], back to text, and to what it means.
//!
//! In: the text of a query. Out: its syntax tree, with spans that count bytes of that text; from the tree and the
//! [`crate::schema::Schema`] of the events the same [`crate::condition::Query`] that EQL comes to; and diagnostics.

pub mod ast;
mod check;
mod lexer;
mod parser;
mod print;
mod token;

#[cfg(test)]
mod tests;

pub(crate) use check::Parts;
pub use check::{check, check_filters};
pub use print::{print, print_expr};

use crate::diagnostic::Diagnostic;
use crate::source::FileId;

/// What a parse gives.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree, unless there was an error.
    pub query: Option<ast::Query>,
    /// Errors and warnings in order of their place; spans count bytes of the query text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a query (kql.md sections 1 and 2).
///
/// ```
/// use rule_lang::{kql, source::FileId};
/// let parsed = kql::parse(r#"process.name: ("cmd.exe" or power*) and not user.id: S-1-5-18"#, FileId(0));
/// assert!(parsed.diagnostics.is_empty() && parsed.query.is_some());
///
/// let parsed = kql::parse("event.category: process process.name: cmd.exe", FileId(0));
/// assert_eq!(parsed.diagnostics[0].message, "expected `and` or `or` in front of the field `process.name`");
/// ```
pub fn parse(text: &str, file: FileId) -> Parsed {
    let (query, diagnostics) = parser::parse(text, file);
    Parsed { query, diagnostics }
}
