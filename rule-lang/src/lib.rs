//! What did the author of a detection rule write, and what does it mean?
//!
//! ```text
//! file bytes -> source -> file (TOML, YAML; every value with its span) -> rule (typed metadata)
//! query text -> eql (tokens, syntax tree) -> check (types, fields) -> condition
//! query text -> kql (tokens, syntax tree, types, fields)           -> condition
//! exception, overlay -> into rules and conditions, by rule id
//! condition + events -> meaning (the reference evaluator)
//! ```
//!
//! Findings are [`diagnostic::Diagnostic`]s; nothing here prints or knows how rules are matched fast.

pub mod check;
pub mod condition;
pub mod diagnostic;
pub mod eql;
pub mod exception;
pub mod file;
pub mod kql;
pub mod lint;
pub mod meaning;
pub mod overlay;
pub mod report;
pub mod rule;
pub mod ruleset;
pub mod schema;
pub mod source;
pub mod span;
pub mod strict;
pub mod suggest;
