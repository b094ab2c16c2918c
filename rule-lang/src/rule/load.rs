//! A set of rule files: each read on its own, then ids compared across files.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Rule;
use super::read::read_anyway;
use crate::diagnostic::{Diagnostic, Level, codes};
use crate::exception::{self, Export};
use crate::file::{self, Node};
use crate::source::{FileId, Sources};
use crate::span::Span;

/// The rules of a set of files and all that was found about them.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The rules without errors, in the order of their files' paths.
    pub rules: Vec<Rule>,
    /// The rules with errors, as far as they could be read: stand-ins take the place of what is wrong. They are not for
    /// use; their queries can still be checked, so that all mistakes of a file are told at once.
    pub broken: Vec<Rule>,
    /// The exception lists and items that exports hold beside rules.
    pub exceptions: Vec<(FileId, Node)>,
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
        load_file(sources, path, bytes, &mut loaded);
    }
    reject_duplicate_ids(&mut loaded);
    loaded
}

/// Reads one file: the rules it holds with their findings, and the exception lists and items of an export.
fn load_file(sources: &mut Sources, path: String, bytes: Vec<u8>, loaded: &mut Loaded) {
    let (id, finding) = file::open(sources, path, bytes);
    let mut diagnostics = Vec::from_iter(finding);
    if diagnostics.is_empty() {
        let (documents, findings) = file::parse_all(sources.get(id), id);
        diagnostics.extend(findings);
        let export = file::holds_many(sources.get(id));
        for document in documents {
            let kind = if export { exception::classify(&document) } else { Export::Rule };
            match kind {
                Export::Rule => {
                    let (rule, findings) = read_anyway(&document, id);
                    let sound = findings.iter().all(|finding| finding.level != Level::Error);
                    if sound { &mut loaded.rules } else { &mut loaded.broken }.extend(rule);
                    diagnostics.extend(findings);
                }
                Export::List | Export::Item => loaded.exceptions.push((id, document)),
                Export::Summary => {}
                Export::Other => {
                    diagnostics.push(exception::other_line(id, &document, "rule, exception list or item"));
                }
            }
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
    loaded.diagnostics.append(&mut diagnostics);
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
