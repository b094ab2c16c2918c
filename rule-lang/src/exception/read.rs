//! Files to exception lists and items.
//!
//! Every problem of a file is told; an item or entry with an error is left out, and nothing else with it.

use super::{Entry, EntryKind, EntryTest, Item, List, Lists, Operator, Os, ValueLists, ValueType};
use crate::diagnostic::{Diagnostic, codes};
use crate::file::{self, Node, NodeKind};
use crate::meaning::date::{self, Nanos};
use crate::rule::read::table::{Findings, Table};
use crate::rule::{Namespace, Spanned, Word};
use crate::source::{FileId, Sources};
use crate::span::Span;

/// What a server or an editor keeps about a list or an item; it says nothing about events.
const OTHER_FIELDS: &[&str] = &[
    "_version",
    "comments",
    "created_at",
    "created_by",
    "description",
    "id",
    "immutable",
    "item_id",
    "meta",
    "name",
    "namespace_type",
    "tags",
    "tie_breaker_id",
    "type",
    "updated_at",
    "updated_by",
    "version",
];

/// What a line of an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    /// A rule, or at least meant to be one.
    Rule,
    /// An exception list.
    List,
    /// An item of one.
    Item,
    /// The counts at the end.
    Summary,
    /// Something else, such as a connector.
    Other,
}

/// A line of an export that is not what is wanted.
pub(crate) fn other_line(file: FileId, document: &Node, wanted: &str) -> Diagnostic {
    let message = format!("this line is no {wanted}; it is left out");
    Diagnostic::warning(codes::exception::OTHER_LINE, file, Span::at(document.span.start), message)
}

/// What a line of an export is, by the keys it has.
pub(crate) fn classify(node: &Node) -> Export {
    let has = |key: &str| node.get(key).is_some();
    if is_summary(node) {
        Export::Summary
    } else if has("entries") && has("list_id") {
        Export::Item
    } else if has("rule_id") || has("query") || has("risk_score") || has("rule") {
        Export::Rule
    } else if has("list_id") {
        Export::List
    } else if has("attributes") || !matches!(node.kind, NodeKind::Table(_)) {
        Export::Other
    } else {
        Export::Rule
    }
}

/// Whether a line is the counts at the end of an export.
fn is_summary(node: &Node) -> bool {
    let NodeKind::Table(entries) = &node.kind else { return false };
    let is_count = |key: &str| key.starts_with("exported_") && key.ends_with("count");
    entries.iter().any(|entry| is_count(&entry.key))
}

/// Reads files (path and bytes) in the order of their paths: exception lists, and value lists (`.txt`, `.csv`, `.list`).
///
/// ```
/// use rule_lang::exception::{self, Lists};
/// use rule_lang::source::Sources;
/// let text = "list_id: known\nitems:\n  - name: Root\n    entries: [{field: user.name, type: match, value: root}]\n";
/// let (mut sources, mut lists) = (Sources::new(), Lists::default());
/// let findings = exception::read(&mut sources, [("a.yml".to_owned(), text.into())], &mut lists);
/// assert!(findings.is_empty());
/// assert_eq!(lists.lists[0].items[0].name, "Root");
/// ```
pub fn read(
    sources: &mut Sources,
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
    lists: &mut Lists,
) -> Vec<Diagnostic> {
    let mut files: Vec<(String, Vec<u8>)> = files.into_iter().collect();
    files.sort();
    let mut all = Vec::new();
    for (path, bytes) in files {
        let is_values = ValueLists::is_one(&path);
        let (id, finding) = file::open(sources, path, bytes);
        if let Some(finding) = finding {
            all.push(finding);
        } else if is_values {
            all.extend(lists.values.add(id, sources));
        } else {
            let (documents, findings) = file::parse_all(sources.get(id), id);
            all.extend(findings);
            let export = file::holds_many(sources.get(id));
            for document in &documents {
                if export && matches!(classify(document), Export::Rule | Export::Other) {
                    all.push(other_line(id, document, "exception list or item"));
                } else {
                    all.extend(read_document(document, id, lists));
                }
            }
        }
    }
    all
}

/// Reads one document: a list, several, or an item.
pub(crate) fn read_document(node: &Node, file: FileId, lists: &mut Lists) -> Vec<Diagnostic> {
    let mut findings = Findings::new(file);
    if is_summary(node) {
        return Vec::new();
    }
    let NodeKind::Table(entries) = &node.kind else {
        findings.push(no_list(&findings, node.span));
        return findings.all;
    };
    let mut table = Table::new(entries, node.span, "the file");
    if node.get("lists").is_some() {
        for list in table.tables("lists", "a list", &mut findings) {
            read_list(list, lists, &mut findings);
        }
        table.finish(&mut findings);
    } else if node.get("entries").is_some() {
        table.span = entries.first().map_or(node.span, |entry| entry.key_span);
        read_lone_item(table, lists, &mut findings);
    } else if node.get("list_id").is_some() {
        read_list(Table::new(entries, node.span, "the list"), lists, &mut findings);
    } else {
        findings.push(no_list(&findings, node.span));
    }
    findings.all
}

fn no_list(findings: &Findings, span: Span) -> Diagnostic {
    findings
        .error(codes::exception::NO_LIST, Span::at(span.start), "the file holds no exception list")
        .help("give the list a `list_id` and `[[items]]` (TOML) or `items:` (YAML)")
}

fn read_list(mut table: Table<'_>, lists: &mut Lists, findings: &mut Findings) {
    let list_id = table.required_text("list_id", findings);
    let namespace = table.word::<Namespace>("namespace_type", findings).unwrap_or_default().value;
    table.ignore(&["os_types"]);
    let items = table.tables("items", "an item", findings);
    let items: Vec<Item> = items.into_iter().filter_map(|item| read_item(item, findings)).collect();
    table.ignore(OTHER_FIELDS);
    table.finish(findings);
    if list_id.is_empty() {
        return;
    }
    let place = place_of(&list_id, namespace, lists, findings.file);
    let list = &mut lists.lists[place];
    if !list.implied {
        let message = format!("there is another list `{}`", list_id.value);
        let finding = findings.error(codes::exception::DUPLICATE_LIST, list_id.span, message);
        findings.push(finding.also(list.file, list.list_id.span, "the first one"));
        return;
    }
    (list.file, list.list_id, list.implied) = (findings.file, list_id, false);
    list.items.extend(items);
}

/// An item that names its list, as Kibana's exports have them.
fn read_lone_item(mut table: Table<'_>, lists: &mut Lists, findings: &mut Findings) {
    let list_id = table.required_text("list_id", findings);
    let namespace = table.word::<Namespace>("namespace_type", findings).unwrap_or_default().value;
    let Some(item) = read_item(table, findings) else { return };
    if !list_id.is_empty() {
        let place = place_of(&list_id, namespace, lists, findings.file);
        lists.lists[place].items.push(item);
    }
}

/// Where the list of that id is, or is now.
fn place_of(id: &Spanned<String>, namespace: Namespace, lists: &mut Lists, file: FileId) -> usize {
    let known = |list: &List| list.list_id.value == id.value && list.namespace == namespace;
    lists.lists.iter().position(known).unwrap_or_else(|| {
        lists.lists.push(List { file, list_id: id.clone(), namespace, items: Vec::new(), implied: true });
        lists.lists.len() - 1
    })
}

/// Reads an item; none if it has errors.
pub(crate) fn read_item(mut table: Table<'_>, findings: &mut Findings) -> Option<Item> {
    let before = findings.errors();
    let span = table.span;
    let name = table.plain_text("name", findings).unwrap_or_default();
    let expire_time = read_expire_time(&mut table, findings);
    let os_types = read_os_types(&mut table, findings);
    let entries = read_entries(&mut table, false, findings);
    table.ignore(&["list_id"]);
    table.ignore(OTHER_FIELDS);
    table.finish(findings);
    let item = Item { file: findings.file, span, name, os_types, expire_time, entries };
    (findings.errors() == before).then_some(item)
}

fn read_expire_time(table: &mut Table<'_>, findings: &mut Findings) -> Option<Spanned<Nanos>> {
    let node = &table.entry("expire_time")?.value;
    let text = match &node.kind {
        NodeKind::Text { value, .. } | NodeKind::Date(value) => value.as_str(),
        _ => "",
    };
    let time = date::parse(&text.replacen(' ', "T", 1)).filter(|_| text.contains('-'));
    if time.is_none() {
        let message = "`expire_time` must be a date and time";
        let finding = findings.error(codes::file::MALFORMED, node.span, message);
        findings.push(finding.help("write it like `2027-01-31T00:00:00Z`"));
    }
    time.map(|value| Spanned { value, span: node.span })
}

fn read_os_types(table: &mut Table<'_>, findings: &mut Findings) -> Vec<Spanned<Os>> {
    let Some(texts) = table.spanned_texts("os_types", findings) else { return Vec::new() };
    let mut types = Vec::new();
    for text in texts.value {
        if let Some(value) = Os::from_word(&text) {
            types.push(Spanned { value, span: text.span });
        } else {
            let message = format!("unknown {} `{}`", Os::WHAT, text.value);
            let finding = findings.error(codes::file::UNKNOWN_VALUE, text.span, message);
            findings.push(finding.help("known are `linux`, `macos`, `windows`"));
        }
    }
    types
}

fn read_entries(table: &mut Table<'_>, nested: bool, findings: &mut Findings) -> Vec<Entry> {
    let span = table.key_span("entries");
    let before = findings.errors();
    let tables = table.tables("entries", "an entry", findings);
    match span {
        None => table.missing("entries", findings),
        Some(span) if tables.is_empty() && findings.errors() == before => {
            let message = "an item without entries would except every event";
            findings.push(findings.error(codes::file::OUT_OF_RANGE, span, message));
        }
        Some(_) => {}
    }
    tables.into_iter().filter_map(|entry| read_entry(entry, nested, findings)).collect()
}

fn read_entry(mut table: Table<'_>, nested: bool, findings: &mut Findings) -> Option<Entry> {
    let span = table.span;
    let field = table.required_field("field", findings);
    let kind = table.required_word::<EntryKind>("type", findings);
    let operator = table.word::<Operator>("operator", findings);
    let excluded = operator.as_ref().is_some_and(|operator| operator.value == Operator::Excluded);
    let test = kind.and_then(|kind| {
        if nested && matches!(kind.value, EntryKind::Nested | EntryKind::List) {
            let message = format!("a `{}` entry cannot stand inside of a `nested` one", kind.word());
            findings.push(findings.error(codes::exception::ENTRY_PLACE, kind.span, message));
            return None;
        }
        if excluded && kind.value == EntryKind::Nested {
            let span = operator.as_ref().map_or(span, |operator| operator.span);
            let message = "a `nested` entry has no operator; its entries have";
            findings.push(findings.error(codes::file::CONFLICT, span, message));
        }
        read_test(kind.value, &mut table, findings)
    });
    table.ignore(&["value", "list", "entries"]);
    table.finish(findings);
    test.map(|test| Entry { span, field, excluded, test })
}

fn read_test(kind: EntryKind, table: &mut Table<'_>, findings: &mut Findings) -> Option<EntryTest> {
    let needed = match kind {
        EntryKind::Match | EntryKind::MatchAny | EntryKind::Wildcard => "value",
        EntryKind::List => "list",
        EntryKind::Exists | EntryKind::Nested => "",
    };
    if !needed.is_empty() && table.key_span(needed).is_none() {
        table.missing(needed, findings);
        return None;
    }
    Some(match kind {
        EntryKind::Match => EntryTest::Match(table.text("value", findings)?),
        EntryKind::Wildcard => EntryTest::Wildcard(table.text("value", findings)?),
        EntryKind::MatchAny => {
            let values = table.spanned_texts("value", findings)?;
            if values.is_empty() {
                let message = "`value` of a `match_any` entry needs one text or more";
                findings.push(findings.error(codes::file::OUT_OF_RANGE, values.span, message));
                return None;
            }
            EntryTest::MatchAny(values)
        }
        EntryKind::Exists => EntryTest::Exists,
        EntryKind::List => {
            let mut list = table.table("list", "`list`", findings)?;
            let id = list.required_text("id", findings);
            let ty = list.required_word::<ValueType>("type", findings);
            list.finish(findings);
            EntryTest::List { id, ty: ty?.value }
        }
        EntryKind::Nested => EntryTest::Nested(read_entries(table, true, findings)),
    })
}
