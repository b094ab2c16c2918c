//! Finds and reads the rule files that `ruleset!` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use rule_lang::exception::Clock;
use rule_lang::ruleset::Extras;
use syn::LitStr;

use super::args::Args;

/// One file of a set.
#[derive(Debug)]
pub(super) struct RuleFile {
    /// The path from the crate's folder, with forward slashes; shown to people.
    pub shown: String,
    /// The absolute path.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// The argument that named it.
    pub named_at: Span,
}

/// The files of a set.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Rules, then exceptions, then overlays.
    pub all: Vec<RuleFile>,
    /// How many of them are rules.
    rules: usize,
    /// How many are rules or exceptions.
    exceptions: usize,
}

impl Files {
    /// Reads all files that the arguments name; overlays in the order of their patterns.
    pub(super) fn find(root: &Path, args: &Args) -> Result<Self, Vec<syn::Error>> {
        let mut errors = Vec::new();
        let mut files = Self::default();
        let mut add = |files: &mut Self, found: Result<Vec<RuleFile>, Vec<syn::Error>>| match found {
            Ok(found) => files.all.extend(found),
            Err(found) => errors.extend(found),
        };
        add(&mut files, find(root, &args.patterns.iter().collect::<Vec<_>>()));
        files.rules = files.all.len();
        add(&mut files, find(root, &args.options.exceptions.iter().collect::<Vec<_>>()));
        files.exceptions = files.all.len();
        let (minus, plus): (Vec<_>, Vec<_>) =
            args.options.overlays.iter().partition(|pattern| pattern.value().starts_with('!'));
        for pattern in plus {
            let patterns: Vec<_> = minus.iter().copied().chain([pattern]).collect();
            let mut found = find(root, &patterns);
            if let Ok(found) = &mut found {
                found
                    .retain(|file| files.all[files.exceptions..].iter().all(|known| known.path != file.path));
            }
            add(&mut files, found);
        }
        if errors.is_empty() { Ok(files) } else { Err(errors) }
    }

    /// Rules, exceptions and overlays.
    pub(super) fn kinds(&self) -> (&[RuleFile], &[RuleFile], &[RuleFile]) {
        (&self.all[..self.rules], &self.all[self.rules..self.exceptions], &self.all[self.exceptions..])
    }

    /// Paths and contents of the rules, and what belongs to them.
    pub(super) fn contents(&self, clock: Clock) -> (Vec<(String, Vec<u8>)>, Extras) {
        let contents = |files: &[RuleFile]| {
            files.iter().map(|file| (file.shown.clone(), file.bytes.clone())).collect::<Vec<_>>()
        };
        let (rules, exceptions, overlays) = self.kinds();
        let extras = Extras { exceptions: contents(exceptions), overlays: contents(overlays), clock };
        (contents(rules), extras)
    }
}

/// Reads every file that a pattern names, each once, in order of their paths.
///
/// # Errors
/// One for each pattern that is malformed or names no file, and each file that cannot be read.
fn find(root: &Path, patterns: &[&LitStr]) -> Result<Vec<RuleFile>, Vec<syn::Error>> {
    let mut errors = Vec::new();
    let (minus, plus): (Vec<_>, Vec<_>) = patterns.iter().copied().partition(|p| p.value().starts_with('!'));
    let excluded = compile_all(&minus, &mut errors);
    let mut found = BTreeMap::new();
    for pattern in plus {
        match expand(root, pattern) {
            Ok(paths) => {
                for path in paths {
                    let shown = shown(root, &path);
                    if !excluded.iter().any(|pattern| pattern.matches_with(&shown, MATCH)) {
                        found.entry(shown).or_insert((path, pattern.span()));
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    let files = read_all(found, &mut errors);
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

/// A star stays within its folder, as everyone expects of `rules/*.toml`.
const MATCH: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

fn compile_all(patterns: &[&LitStr], errors: &mut Vec<syn::Error>) -> Vec<glob::Pattern> {
    let mut compiled = Vec::new();
    for pattern in patterns {
        match glob::Pattern::new(&pattern.value()[1..]) {
            Ok(pattern) => compiled.push(pattern),
            Err(error) => errors.push(malformed(pattern, &error)),
        }
    }
    compiled
}

fn expand(root: &Path, pattern: &LitStr) -> Result<Vec<PathBuf>, syn::Error> {
    let root_text = glob::Pattern::escape(&root.to_string_lossy());
    // An absolute pattern takes the place of the root.
    let full = Path::new(&root_text).join(pattern.value()).to_string_lossy().into_owned();
    let paths = glob::glob_with(&full, MATCH).map_err(|error| malformed(pattern, &error))?;
    let paths: Vec<_> = paths.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    if paths.is_empty() {
        let message =
            format!("no file matches `{}`; patterns start from the folder of `Cargo.toml`", pattern.value());
        return Err(syn::Error::new(pattern.span(), message));
    }
    Ok(paths)
}

fn malformed(pattern: &LitStr, error: &glob::PatternError) -> syn::Error {
    syn::Error::new(pattern.span(), format!("`{}` is no file pattern: {}", pattern.value(), error.msg))
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn read_all(found: BTreeMap<String, (PathBuf, Span)>, errors: &mut Vec<syn::Error>) -> Vec<RuleFile> {
    let mut files = Vec::new();
    for (shown, (path, named_at)) in found {
        match fs::read(&path) {
            Ok(bytes) => files.push(RuleFile { shown, path, bytes, named_at }),
            Err(error) => errors.push(syn::Error::new(named_at, format!("cannot read {shown}: {error}"))),
        }
    }
    files
}
