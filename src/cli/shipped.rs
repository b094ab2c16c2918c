//! The rules that are compiled into this command.

kiln::ruleset! {
    /// Every rule file of this repository.
    pub(crate) struct Shipped = "rules/**/*.toml", "rules/**/*.yml";
    // Exceptions and overlays that are given at start need the rules themselves.
    files = true;
}
