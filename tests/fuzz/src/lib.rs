//! The bodies of the fuzz targets: bytes in, a panic if some promise about them is broken.
//!
//! `fuzz/` runs them under libFuzzer; the tests of this crate run them over fixed pseudo-random input, so that they are
//! exercised wherever `cargo test` is. What is promised stands with each function.

mod diagnostics;
mod exceptions;
mod matcher;
mod pattern;
mod query;
mod reader;
mod restore;
mod rule_file;
mod state;

pub use exceptions::exceptions;
pub use matcher::matcher;
pub use pattern::{pattern, regex};
pub use query::query;
pub use reader::reader;
pub use restore::restore;
pub use rule_file::rule_file;
pub use state::state;
