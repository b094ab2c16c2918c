//! The rules that are compiled into this command.

kiln::ruleset! {
    /// Every rule file of this repository.
    pub(crate) struct Shipped = "rules/**/*.toml", "rules/**/*.yml";
}

/// The same files as text, by path: exceptions and overlays that are given at start need the rules themselves.
pub(crate) const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));
