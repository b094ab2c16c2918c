//! Rebuilds the command when a rule is added or deleted.

fn main() {
    #[cfg(feature = "cli")]
    kiln_build::watch(["rules/**/*.toml", "rules/**/*.yml"]);
}
