//! The Event Query Language as Elasticsearch reads it: text to tokens to [`ast`], and back to text.
//!
//! In: the text of a query. Out: its syntax tree, with spans that count bytes of that text, or diagnostics. Types,
//! fields and meaning are not known here; see [`crate::check`].

pub mod ast;
mod escape;
mod lexer;
mod parser;
mod print;
mod token;

#[cfg(test)]
mod tests;

pub(crate) use print::{arithmetic_text, compare_text, match_text};
pub use print::{print, print_expr};

use crate::diagnostic::Diagnostic;
use crate::source::FileId;

/// Parses a query (eql.md sections 1 and 2).
///
/// The spans of the tree and of the diagnostics count bytes of `text`; [`Diagnostic::mapped`] moves them to the file
/// the query was decoded from. A query that has any error gives no tree; as many of its errors are reported as can be
/// told apart.
///
/// ```
/// use rule_lang::{eql, source::FileId};
/// let query = eql::parse(r#"process where process.name : "cmd.exe""#, FileId(0)).unwrap();
/// assert_eq!(eql::print(&query), r#"process where process.name : "cmd.exe""#);
///
/// let errors = eql::parse("process where process.name = 'cmd.exe'", FileId(0)).unwrap_err();
/// assert_eq!(errors.len(), 2);
/// assert_eq!(errors[1].message, "use double quotes [\"] to define string literals, not single quotes [']");
/// ```
pub fn parse(text: &str, file: FileId) -> Result<ast::Query, Vec<Diagnostic>> {
    parser::parse(text, file)
}
