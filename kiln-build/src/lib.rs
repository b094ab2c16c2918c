//! Rebuilds a crate when a rule file is added or deleted.
//!
//! `ruleset!` makes Cargo rebuild when a rule file is edited. A *new* file is something no compiler was told of, so a
//! build script has to watch the folders. This is all of it:
//!
//! ```no_run
//! // build.rs
//! kiln_build::watch(["rules/**/*.toml", "rules/**/*.yml"]);
//! ```

use std::path::{Path, PathBuf};

/// Tells Cargo to rebuild when anything changes in the folders of `patterns`, the same patterns as in `ruleset!`.
///
/// The patterns of exceptions and overlays are patterns like the others. A folder that does not exist yet is watched too. Call it from a build script only: it speaks to Cargo on stdout.
#[expect(clippy::print_stdout, reason = "a build script speaks to Cargo on stdout")]
pub fn watch<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>) {
    println!("cargo::rerun-if-changed=build.rs");
    for folder in folders(patterns) {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
}

/// The folders that `patterns` look into: the part of each in front of its first wildcard. Patterns that take files
/// away (`!`) name no folder.
///
/// ```
/// let folders = kiln_build::folders(["rules/**/*.toml", "rules/**/*.yml", "!rules/draft/*", "one/rule.toml"]);
/// assert_eq!(folders, [std::path::Path::new("one"), std::path::Path::new("rules")]);
/// ```
pub fn folders<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>) -> Vec<PathBuf> {
    let mut folders: Vec<_> = patterns
        .into_iter()
        .filter(|pattern| !pattern.as_ref().starts_with('!'))
        .map(|pattern| folder(Path::new(pattern.as_ref())))
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

fn folder(pattern: &Path) -> PathBuf {
    let plain = |part: &Path| !part.to_string_lossy().contains(['*', '?', '[']);
    let parent = pattern.parent().unwrap_or(Path::new(""));
    let fixed: PathBuf = parent.iter().take_while(|part| plain(Path::new(part))).collect();
    if fixed.as_os_str().is_empty() { PathBuf::from(".") } else { fixed }
}
