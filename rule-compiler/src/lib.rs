//! How is a set of rules matched, and how is that written as Rust?

pub mod lower;
