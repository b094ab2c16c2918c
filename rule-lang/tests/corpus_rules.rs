//! Published rules load without an error. Needs the shared test data; says so and passes where that is not there.
#![allow(clippy::print_stderr, reason = "a skipped test must say so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rule_lang::diagnostic::{Level, codes};
use rule_lang::file::{self, NodeKind};
use rule_lang::rule::{self, Loaded, Word};
use rule_lang::source::{FileId, SourceFile, Sources};

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

/// The query as a YAML scalar in four ways: literal and folded block, double- and single-quoted.
fn as_yaml(query: &str) -> [String; 4] {
    let lines = |header: &str, breaks: usize| {
        let body: String = query.lines().fold(String::new(), |mut body, line| {
            body.push_str(if line.is_empty() { "" } else { "      " });
            body.push_str(line);
            body.push_str(&"\n".repeat(breaks));
            body
        });
        format!("{header}\n{body}")
    };
    let escaped = query.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    let doubled = query.replace('\'', "''").replace('\n', "\n\n      ");
    [lines("|6", 1), lines(">6", 1), format!("\"{escaped}\""), format!("'{doubled}'")]
}

#[test]
fn queries_in_yaml_map_to_their_own_bytes() {
    let Some((_, loaded, _)) = corpus() else {
        eprintln!("skipped: no shared test data");
        return;
    };
    for query in loaded.rules.iter().filter_map(|rule| rule.query.as_ref()) {
        for (at, scalar) in as_yaml(&query.text).into_iter().enumerate() {
            let source = SourceFile::new("q.yml", format!("query: {scalar}\nnext: 1\n"));
            let tree = file::parse(&source, FileId(0)).unwrap_or_else(|found| panic!("{scalar}: {found:?}"));
            let NodeKind::Text { value, map } = &tree.get("query").expect("the query").kind else {
                panic!("{scalar}: not text")
            };
            if [0, 2].contains(&at) {
                assert_eq!(value.trim_end(), query.text.trim_end());
            }
            for (offset, c) in value.char_indices() {
                let behind = &source.text()[map.offset(offset as u32) as usize..];
                let folded = c == ' ' && behind.starts_with('\n');
                assert!(
                    behind.starts_with(c) || behind.starts_with('\\') || folded,
                    "{scalar}: {c:?} at {offset}"
                );
            }
        }
    }
}
