//! How is a set of rules matched, and how is that written as Rust?
//!
//! ```text
//! rule-lang (checked rules) -> lower (leaves to predicates) -> plan (a compiled set) -> codegen (tokens)
//! ```
//! [`ruleset`] puts it together: it is what the macro of `kiln` calls.

pub mod codegen;
pub mod lower;
pub mod plan;
pub mod ruleset;
