//! Loaders of test data that several engines run: the reference evaluator and compiled matchers.
//!
//! In: files under `tests/semantics`, `tests/exceptions`, `rules` and `examples` of the workspace, and the shared test data that is not part of it. Out: cases
//! with their events as JSON text, their schema and what is expected. Nothing here runs a query.

pub mod allocations;
pub mod conformance;
pub mod corpus;
pub mod exceptions;
pub mod info;
pub mod lines;
pub mod semantics;
pub mod shared;
pub mod shipped;
pub mod states;
mod table;
