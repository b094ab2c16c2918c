//! A set of rule files: each read on its own, then ids compared across files.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Rule;
use super::read::read_anyway;
use crate::diagnostic::{Diagnostic, Level, codes};
use crate::file;
use crate::source::{FileId, SourceFile, Sources};
use crate::span::Span;

/// The largest file that is read; spans count bytes in 32 bits, and no rule is written by hand at this size.
const MAX_FILE_SIZE: usize = 16 << 20;

/// The rules of a set of files and all that was found about them.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The rules without errors, in the order of their files' paths.
    pub rules: Vec<Rule>,
    /// The rules with errors, as far as they could be read: stand-ins take the place of what is wrong. They are not for
    /// use; their queries can still be checked, so that all mistakes of a file are told at once.
    pub broken: Vec<Rule>,
    /// All findings, in the order of files and, within a file, of places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads files (path and bytes) in the order of their paths; `sources` gets one entry per file.
///
/// A file with errors gives no usable rule and does not keep the others from being read. Queries are not looked into.
///
/// ```
/// use rule_lang::{rule, source::Sources};
/// let mut sources = Sources::new();
/// let files = [("b.toml".to_owned(), b"[rule]\nname = 7\n".to_vec()), ("a.toml".to_owned(), vec![0xff])];
/// let loaded = rule::load(&mut sources, files);
/// assert!(loaded.rules.is_empty());
/// assert_eq!(loaded.diagnostics[0].code.to_string(), "E0101");
/// assert!(loaded.diagnostics.iter().any(|found| found.message == "`name` must be text, not an integer"));
/// ```
pub fn load(sources: &mut Sources, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Loaded {
    let mut files: Vec<(String, Vec<u8>)> = files.into_iter().collect();
    files.sort();
    let mut loaded = Loaded::default();
    for (path, bytes) in files {
        let (rule, mut diagnostics) = load_file(sources, path, bytes);
        diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
        let sound = diagnostics.iter().all(|diagnostic| diagnostic.level != Level::Error);
        if sound { &mut loaded.rules } else { &mut loaded.broken }.extend(rule);
        loaded.diagnostics.append(&mut diagnostics);
    }
    reject_duplicate_ids(&mut loaded);
    loaded
}

fn load_file(sources: &mut Sources, path: String, bytes: Vec<u8>) -> (Option<Rule>, Vec<Diagnostic>) {
    if bytes.len() > MAX_FILE_SIZE {
        let message = format!("the file is {} bytes long, which is too much for a rule", bytes.len());
        let id = sources.add(SourceFile::new(path, ""));
        return (None, vec![Diagnostic::error(codes::file::TOO_LARGE, id, Span::at(0), message)]);
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return (None, vec![invalid_utf8(sources, path, &error)]),
    };
    let id = sources.add(SourceFile::new(path, text));
    match file::parse(sources.get(id), id) {
        Ok(tree) => read_anyway(&tree, id),
        Err(diagnostics) => (None, diagnostics),
    }
}

fn invalid_utf8(sources: &mut Sources, path: String, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    let byte = error.as_bytes()[at];
    // The text up to the bad byte keeps its offsets; what follows is only shown.
    let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let id = sources.add(SourceFile::new(path, shown));
    let message = format!("the file is not UTF-8: byte {at} is 0x{byte:02x}");
    Diagnostic::error(codes::file::INVALID_UTF8, id, Span::new(at as u32, at as u32 + 3), message)
        .help("save the file as UTF-8")
}

/// The first file of an id keeps it; the others give an error each and are left out.
fn reject_duplicate_ids(loaded: &mut Loaded) {
    let mut first: BTreeMap<String, (FileId, Span)> = BTreeMap::new();
    for rule in std::mem::take(&mut loaded.rules) {
        match first.entry(rule.rule_id.value.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert((rule.file, rule.rule_id.span));
                loaded.rules.push(rule);
            }
            Entry::Occupied(occupied) => {
                let &(file, span) = occupied.get();
                let message = format!("rule id `{}` is already taken", rule.rule_id.value);
                let diagnostic =
                    Diagnostic::error(codes::file::DUPLICATE_RULE_ID, rule.file, rule.rule_id.span, message)
                        .also(file, span, "first given here")
                        .help("give the rule an id of its own");
                loaded.diagnostics.push(diagnostic);
                loaded.broken.push(rule);
            }
        }
    }
    loaded.diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.file, diagnostic.primary.span.start));
}
