//! Published rules load without an error. Needs the shared test data; says so and passes where that is not there.
#![allow(clippy::print_stderr, reason = "a skipped test must say so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rule_lang::diagnostic::{Level, codes};
use rule_lang::rule::{self, Loaded, Word};
use rule_lang::source::Sources;

/// The folder of shared test data: `KILN_SHARED`, or `shared` beside the workspace or one level above.
fn shared() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let given = std::env::var_os("KILN_SHARED").map(PathBuf::from);
    let beside = ["../shared", "../../shared"].map(|folder| workspace.join(folder));
    given.into_iter().chain(beside).find(|folder| folder.is_dir())
}

fn toml_files(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            toml_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let bytes = std::fs::read(&path).expect("a readable file");
            files.push((path.display().to_string(), bytes));
        }
    }
}

fn corpus() -> Option<(Sources, Loaded, usize)> {
    let folder = shared()?.join("corpus/detection-rules/rules");
    if !folder.is_dir() {
        return None;
    }
    let mut files = Vec::new();
    toml_files(&folder, &mut files);
    let count = files.len();
    let mut sources = Sources::new();
    let loaded = rule::load(&mut sources, files);
    Some((sources, loaded, count))
}

#[test]
fn every_published_rule_loads() {
    let Some((sources, loaded, count)) = corpus() else {
        eprintln!("skipped: no shared test data");
        return;
    };
    let shown: Vec<String> = loaded
        .diagnostics
        .iter()
        .map(|found| {
            let file = sources.get(found.primary.file);
            let place = file.location(found.primary.span.start);
            format!("{}:{}:{} {:?} {}", file.path(), place.line, place.column, found.level, found.message)
        })
        .collect();
    let errors = loaded.diagnostics.iter().filter(|found| found.level == Level::Error).count();
    assert_eq!(errors, 0, "{}", shown.join("\n"));
    assert_eq!(loaded.rules.len(), count);
    // One published id has a digit too many; every other key and value is known.
    let warnings = loaded.diagnostics.iter().filter(|found| found.code != codes::file::RULE_ID_FORM).count();
    assert_eq!(warnings, 0, "{}", shown.join("\n"));
    let mut types = BTreeMap::new();
    for rule in &loaded.rules {
        *types.entry(rule.rule_type.word()).or_insert(0) += 1;
    }
    eprintln!("loaded {count} rules: {types:?}");
}

#[test]
fn queries_map_to_their_own_bytes() {
    let Some((sources, loaded, _)) = corpus() else {
        eprintln!("skipped: no shared test data");
        return;
    };
    for query in loaded.rules.iter().filter_map(|rule| rule.query.as_ref()) {
        let file = sources.get(query.file);
        for (at, c) in query.text.char_indices() {
            let behind = &file.text()[query.map.offset(at as u32) as usize..];
            assert!(behind.starts_with(c) || behind.starts_with('\\'), "{}: {c:?} at {at}", file.path());
        }
    }
}
