//! Bakes detection rules into a Rust binary.
