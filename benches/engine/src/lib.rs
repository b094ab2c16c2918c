//! What the benchmarks share: data, rule sets, and how a set is measured over data.
//!
//! The program of this crate prints tables of it; `benches/peers` puts other engines beside it on the same bytes.

pub mod data;
pub mod generate;
pub mod measure;
pub mod sets;
