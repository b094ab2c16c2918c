//! What compiled detection rules call: events, reader, matchers, sequence state.
//!
//! Knows nothing of EQL, of rule files or of Rust tokens.

pub mod event;
pub mod matcher;
pub mod reader;
pub mod sequence;
pub mod source;
