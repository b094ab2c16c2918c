//! The cases of `tests/semantics/*.toml`: what conditions and queries mean, for any engine to run.
//!
//! ```toml
//! [[conditions]]                # conditions, each over all events of the group
//! name = "unique name"
//! language = "kuery"            # optional; the rows are whole queries in KQL, or with "filters" filters in JSON
//! events = ['{}', '{"f":"a"}']  # JSON text
//! schema = { f = "keyword" }    # optional; types of fields
//! closed = true                 # optional; fields outside the schema are unknown
//! rows = [['f == "a"', "FT"]]   # condition, true or false for each event
//!
//! [[queries]]
//! name = "unique name"
//! query = '''sequence [any where t == "A"] [any where t == "B"]'''
//! series = "A1 xB2"             # events {"@timestamp":1,"t":"A"}, {"@timestamp":2,"t":"B","k":"x"}; or `events`
//! hits = ["A1 xB2"]             # events by their text in `series` or number in `events`; `-` is a missing event
//! keys = [["x"]]                # optional; join keys of each hit
//! ```

use std::fs;

use rule_lang::check::CheckOptions;
use rule_lang::condition::{Filter, Query, QueryKind};
use rule_lang::rule::Language;
use rule_lang::ruleset::{Options, read_query};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::{FileId, SourceFile};
use rule_lang::span::Span;
use rule_lang::{file, kql};
use toml::Table;

use crate::{shared, table};

/// Conditions over the same events.
#[derive(Debug)]
pub struct ConditionGroup {
    /// File and name.
    pub name: String,
    /// The language of the rows.
    pub language: Language,
    /// The rows are filters beside an empty query.
    pub filters: bool,
    /// Types of fields; open unless the file says otherwise.
    pub schema: Schema,
    /// The events as JSON text.
    pub events: Vec<String>,
    /// The conditions.
    pub rows: Vec<Row>,
}

/// A condition and what it is for each event.
#[derive(Debug)]
pub struct Row {
    /// The text behind `any where`, a query in KQL, or a filter.
    pub condition: String,
    /// As many as there are events.
    pub expected: Vec<bool>,
}

impl ConditionGroup {
    /// A row as it is meant.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked(&self, row: &Row) -> Result<Query, String> {
        if !self.filters {
            let options = Options { schema: &self.schema, strict: false };
            let (checked, findings) = read_query(&self.query(row), self.language, FileId(0), None, &options);
            return checked.map(|(_, query)| query).ok_or_else(|| format!("{findings:?}"));
        }
        let source = SourceFile::new("filter.json", row.condition.as_str());
        let filter = file::parse(&source, FileId(0)).map_err(|findings| format!("{findings:?}"))?;
        let (condition, findings) =
            kql::check_filters(&[filter], &CheckOptions::new(&self.schema), FileId(0), 0);
        let condition = condition.ok_or_else(|| format!("{findings:?}"))?;
        Ok(Query::new(QueryKind::Event(Filter { category: None, condition, span: Span::default() })))
    }

    /// The query that a row is.
    pub fn query(&self, row: &Row) -> String {
        match self.language {
            _ if self.filters => String::new(),
            Language::Kuery => row.condition.clone(),
            _ => format!("any where {}", row.condition),
        }
    }
}

/// A query over events.
#[derive(Debug)]
pub struct QueryCase {
    /// File and name.
    pub name: String,
    /// Types of fields; open unless the file says otherwise.
    pub schema: Schema,
    /// The whole text.
    pub query: String,
    /// The events as JSON text.
    pub events: Vec<String>,
    /// How many samples to find for a key.
    pub max_samples_per_key: usize,
    /// The expected hits in order, as places of `events`; `None` for a missing event.
    pub hits: Vec<Vec<Option<usize>>>,
    /// The expected join keys of each hit as text, if the case names them.
    pub keys: Option<Vec<Vec<String>>>,
}

/// All cases of all files, in order of the files.
///
/// # Panics
/// If a file is not as described above.
pub fn load() -> (Vec<ConditionGroup>, Vec<QueryCase>) {
    let directory = shared::workspace().join("tests/semantics");
    let entries = fs::read_dir(&directory).expect("tests/semantics is part of the workspace");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.sort();
    let (mut groups, mut cases) = (Vec::new(), Vec::new());
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
        let file = path.file_stem().expect("a file name").to_string_lossy();
        let text = fs::read_to_string(path).expect("a readable file");
        let parsed = table::parse(&text, &file);
        groups.extend(
            table::tables(&parsed, "conditions").into_iter().map(|table| condition_group(&file, table)),
        );
        cases.extend(table::tables(&parsed, "queries").into_iter().map(|table| query_case(&file, table)));
    }
    (groups, cases)
}

fn name(file: &str, table: &Table) -> String {
    format!("{file}: {}", table::text(table, "name").expect("every case has a name"))
}

fn condition_group(file: &str, table: &Table) -> ConditionGroup {
    let name = name(file, table);
    let events = table::strings(table::array(table, "events"));
    let rows = table::array(table, "rows").iter().map(|row| {
        let row = table::strings(row.as_array().expect("a row is an array"));
        let [condition, expected] = row.as_slice() else { panic!("{name}: a row has two parts") };
        let expected: Vec<_> = expected.chars().filter(|c| *c != ' ').map(|c| c == 'T').collect();
        assert_eq!(expected.len(), events.len(), "{name}: {condition}");
        Row { condition: condition.clone(), expected }
    });
    let filters = table::text(table, "language") == Some("filters");
    let language = match table::text(table, "language") {
        _ if filters => Language::Kuery,
        None => Language::Eql,
        Some("kuery") => Language::Kuery,
        Some(other) => panic!("{name}: no cases in {other}"),
    };
    ConditionGroup { rows: rows.collect(), language, filters, schema: schema(table), name, events }
}

pub(crate) fn query_case(file: &str, table: &Table) -> QueryCase {
    let name = name(file, table);
    let (names, events): (Vec<_>, Vec<_>) = match table::text(table, "series") {
        Some(series) => series.split_whitespace().map(|token| (token.to_owned(), event_of(token))).unzip(),
        None => table::strings(table::array(table, "events"))
            .into_iter()
            .enumerate()
            .map(|(number, event)| (number.to_string(), event))
            .unzip(),
    };
    let place = |token: &str| match token {
        "-" => None,
        token => {
            let place = names.iter().position(|name| name == token);
            Some(place.unwrap_or_else(|| panic!("{name}: no event {token}")))
        }
    };
    let hits = table::strings(table::array(table, "hits"));
    let keys = |_| {
        table::array(table, "keys")
            .iter()
            .map(|keys| table::strings(keys.as_array().expect("keys")))
            .collect()
    };
    QueryCase {
        schema: schema(table),
        query: table::text(table, "query").expect("a query").to_owned(),
        max_samples_per_key: table::count(table, "max_samples_per_key", 1),
        hits: hits.iter().map(|hit| hit.split_whitespace().map(place).collect()).collect(),
        keys: table.get("keys").map(keys),
        name,
        events,
    }
}

/// `xA12` is the event with key `x`, tag `A`, time 12.
fn event_of(token: &str) -> String {
    let tag = token.find(|c: char| c.is_ascii_uppercase()).expect("a series event has an upper-case tag");
    let (key, tag, time) = (&token[..tag], &token[tag..=tag], &token[tag + 1..]);
    let key = if key.is_empty() { String::new() } else { format!(r#","k":"{key}""#) };
    format!(r#"{{"@timestamp":{time},"t":"{tag}"{key}}}"#)
}

fn schema(table: &Table) -> Schema {
    let closed = table.get("closed").and_then(toml::Value::as_bool) == Some(true);
    let mut schema = if closed { Schema::closed() } else { Schema::open() };
    for (path, ty) in table.get("schema").and_then(toml::Value::as_table).into_iter().flatten() {
        schema.add(path, field_type(ty.as_str().expect("a type")));
    }
    schema
}

/// The type of an Elasticsearch mapping's name.
pub(crate) fn field_type(name: &str) -> FieldType {
    match name {
        "keyword" | "wildcard" | "constant_keyword" => FieldType::Keyword,
        "text" => FieldType::Text,
        "long" | "integer" => FieldType::Long,
        "double" | "float" => FieldType::Double,
        "boolean" => FieldType::Boolean,
        "ip" => FieldType::Ip,
        "date" | "date_nanos" => FieldType::Date,
        "version" => FieldType::Version,
        "nested" => FieldType::Nested,
        _ => FieldType::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_loads_and_names_are_unique() {
        let (groups, cases) = load();
        let names: Vec<_> =
            groups.iter().map(|group| &group.name).chain(cases.iter().map(|case| &case.name)).collect();
        assert!(names.len() > 50);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn series_spell_events() {
        assert_eq!(event_of("A12"), r#"{"@timestamp":12,"t":"A"}"#);
        assert_eq!(event_of("xyB3"), r#"{"@timestamp":3,"t":"B","k":"xy"}"#);
    }
}
