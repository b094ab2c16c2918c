//! Exceptions: the events that rules leave alone (rules.md section 8).
//!
//! In: files with exception lists (TOML, YAML, or Kibana's export) and files with value lists, one value a line. Out:
//! [`Lists`], which [`lower`](Lists::lower) to conditions; the query of a rule that names lists is and-ed with the
//! opposite of those, filter by filter, so nothing behind it knows that there are exceptions.
//!
//! ```toml
//! list_id = "trusted-tools"
//!
//! [[items]]
//! name = "The backup agent"
//! os_types = ["linux"]
//! entries = [
//!   { field = "process.name", type = "match", value = "backupd" },
//!   { field = "user.name", type = "match_any", value = ["root", "backup"], operator = "excluded" },
//! ]
//! ```

mod lower;
mod pattern;
mod read;
mod values;

use crate::meaning::date::Nanos;
use crate::rule::{ExceptionRef, Namespace, Spanned, Word};
use crate::source::FileId;
use crate::span::Span;

pub use lower::{Clock, Lowered};
pub use read::read;
pub(crate) use read::{Export, classify, other_line, read_document, read_item};
pub use values::{ValueList, ValueLists};

/// All exception lists and value lists of a set of rules.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// The exception lists, in the order of their files.
    pub lists: Vec<List>,
    /// The value lists that entries may ask for.
    pub values: ValueLists,
}

impl Lists {
    /// The list that a rule means: the one of that id and namespace, or else the one of that id.
    pub fn find(&self, reference: &ExceptionRef) -> Option<usize> {
        let same = |list: &List| list.list_id.value == reference.list_id.value;
        let exact = self.lists.iter().position(|list| same(list) && list.namespace == reference.namespace);
        exact.or_else(|| self.lists.iter().position(same))
    }
}

/// An exception list: events that match one of its items are left alone.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The file it stands in, or its first item.
    pub file: FileId,
    /// The name that rules and items use.
    pub list_id: Spanned<String>,
    /// Whether it belongs to one space.
    pub namespace: Namespace,
    /// The items.
    pub items: Vec<Item>,
    /// Whether only items speak of it, and no file describes it.
    pub(crate) implied: bool,
}

/// An item: it matches an event if all its entries hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The file it stands in.
    pub file: FileId,
    /// Its header, or its first key.
    pub span: Span,
    /// The name people know it by; may be empty.
    pub name: String,
    /// The operating systems it is for; none means all.
    pub os_types: Vec<Spanned<Os>>,
    /// The instant from which on it is ignored.
    pub expire_time: Option<Spanned<Nanos>>,
    /// The entries, one or more.
    pub entries: Vec<Entry>,
}

/// One test of an item. It is false for an event without the field, and so true if it is negated.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The whole entry.
    pub span: Span,
    /// The field; inside of a nested entry, relative to its field.
    pub field: Spanned<String>,
    /// Whether the test must not hold.
    pub excluded: bool,
    /// What is asked of the field.
    pub test: EntryTest,
}

/// What an entry asks of its field.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryTest {
    /// Some value equals this one.
    Match(Spanned<String>),
    /// Some value equals one of these.
    MatchAny(Spanned<Vec<Spanned<String>>>),
    /// Some value matches the pattern as a whole.
    Wildcard(Spanned<String>),
    /// There is a value.
    Exists,
    /// Some value is in a value list.
    List {
        /// The id of the list: the name of its file.
        id: Spanned<String>,
        /// What its lines are.
        ty: ValueType,
    },
    /// Some object at the field meets all of these together.
    Nested(Vec<Entry>),
}

/// The kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Match,
    MatchAny,
    Wildcard,
    Exists,
    List,
    Nested,
}

impl Word for EntryKind {
    const WHAT: &'static str = "type of entry";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("match", Self::Match),
        ("match_any", Self::MatchAny),
        ("wildcard", Self::Wildcard),
        ("exists", Self::Exists),
        ("list", Self::List),
        ("nested", Self::Nested),
    ];
}

/// What the lines of a value list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueType {
    /// Text, compared as a `match` entry does.
    Keyword,
    /// Addresses.
    Ip,
    /// Ranges of addresses: `10.0.0.1-10.0.0.9`, `10.0.0.0/24`, or one address.
    IpRange,
}

impl Word for ValueType {
    const WHAT: &'static str = "type of value list";
    const WORDS: &'static [(&'static str, Self)] =
        &[("keyword", Self::Keyword), ("text", Self::Keyword), ("ip", Self::Ip), ("ip_range", Self::IpRange)];
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Os {
    /// `linux`
    Linux,
    /// `macos`
    Macos,
    /// `windows`
    Windows,
}

impl Word for Os {
    const WHAT: &'static str = "operating system";
    const WORDS: &'static [(&'static str, Self)] =
        &[("linux", Self::Linux), ("macos", Self::Macos), ("windows", Self::Windows)];
}

/// Whether an entry must hold or must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Included,
    Excluded,
}

impl Word for Operator {
    const WHAT: &'static str = "operator";
    const WORDS: &'static [(&'static str, Self)] =
        &[("included", Self::Included), ("excluded", Self::Excluded)];
}

#[cfg(test)]
mod tests;
