//! Rule files as trees of values, each with its place in the file.
//!
//! In: the text of a TOML, YAML or JSON file. Out: one [`Node`] tree, or everything that is wrong with the syntax. All
//! formats give the same tree, so that nothing behind this module knows which one the author chose. What the keys mean
//! is not known here; see [`crate::rule`].

pub mod ndjson;
pub mod toml;
pub mod yaml;

mod json;
mod open;

pub use self::open::open;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, SourceFile, TextMap};
use crate::span::Span;

/// A value of a file and the bytes it stands at.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub kind: NodeKind,
    /// Where it stands, quotes and brackets included. The span of a table that has a header is the header.
    pub span: Span,
}

/// The kinds of values that TOML and YAML have between them.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// YAML `null`, `~` or nothing at all.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer that fits 64 bits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text {
        /// The text, decoded. Line breaks are `\n`, whatever the file has.
        value: String,
        /// The way from offsets of `value` to offsets of the file.
        map: TextMap,
    },
    /// A TOML date or time, as written. In YAML dates are text.
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file.
    Table(Vec<Entry>),
}

/// One key of a table with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, decoded.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl NodeKind {
    /// What the value is, with its article, as messages put it.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number with a fraction",
            Self::Text { .. } => "text",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Node {
    /// The value under `key`, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let NodeKind::Table(entries) = &self.kind else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

/// The deepest nesting of lists and tables in a file; no rule comes near it.
pub const MAX_DEPTH: usize = 80;

/// The ending of a file's name in lower case, without its dot.
pub fn extension(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase()
}

/// Parses `source` whatever its format: a tree for each document, which is one unless the file has a JSON value a line
/// (`.ndjson`, `.jsonl`, or a `.json` file that does). Documents that can be read come with findings about the others.
pub fn parse_all(source: &SourceFile, file: FileId) -> (Vec<Node>, Vec<Diagnostic>) {
    if holds_many(source) {
        return ndjson::parse_lines(source, file);
    }
    match parse(source, file) {
        Ok(node) => (vec![node], Vec::new()),
        Err(findings) => (Vec::new(), findings),
    }
}

/// Whether a file has a document a line.
pub(crate) fn holds_many(source: &SourceFile) -> bool {
    match extension(source.path()).as_str() {
        "ndjson" | "jsonl" => true,
        "json" => ndjson::has_lines(source),
        _ => false,
    }
}

/// Parses `file` in the format that its name ends with: `.toml`, `.yaml`, `.yml` or `.json`.
///
/// ```
/// use rule_lang::file;
/// use rule_lang::source::{FileId, SourceFile};
/// let toml = SourceFile::new("a.toml", "[rule]\nname = 'x'\n");
/// let yaml = SourceFile::new("a.yml", "rule:\n  name: x\n");
/// let names = [toml, yaml].map(|source| {
///     let tree = file::parse(&source, FileId(0)).unwrap();
///     tree.get("rule").unwrap().get("name").unwrap().span.range()
/// });
/// assert_eq!(names, [14..17, 14..15]);
/// ```
pub fn parse(source: &SourceFile, file: FileId) -> Result<Node, Vec<Diagnostic>> {
    match extension(source.path()).as_str() {
        "toml" => toml::parse(source, file),
        "yaml" | "yml" => yaml::parse(source, file),
        "json" => ndjson::parse(source, file),
        _ => {
            let message = "the name of the file does not say what format it has";
            let diagnostic = Diagnostic::error(codes::file::UNKNOWN_FORMAT, file, Span::at(0), message)
                .help("name rule files `.toml`, `.yaml` or `.yml`, and exports `.ndjson` or `.json`");
            Err(vec![diagnostic])
        }
    }
}
