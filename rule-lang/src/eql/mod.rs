//! The Event Query Language as Elasticsearch reads it: text to tokens to [`ast`], and back to text.
//!
//! In: the text of a query. Out: its syntax tree, with spans that count bytes of that text, or diagnostics. Types,
//! fields and meaning are not known here; see [`crate::check`].

pub mod ast;
