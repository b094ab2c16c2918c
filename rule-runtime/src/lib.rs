//! What compiled detection rules call: events, reader, matchers, sequence state.
//!
//! ```text
//! bytes -> reader (slot tree; skips the rest) -> event (slots) -> engine (dispatch, residuals over matcher predicates)
//!       -> rules that match, and hits for sequence and sample state -> groups
//! ```
//! Knows nothing of EQL, of rule files or of Rust tokens.

pub mod engine;
pub mod event;
pub mod files;
pub mod info;
pub mod keyed;
pub mod literal;
pub mod matcher;
pub mod new_terms;
pub mod packed;
pub mod reader;
pub mod sample;
pub mod sequence;
pub mod set;
pub mod source;
pub mod suppression;
pub mod threat;
pub mod threshold;
