//! Elasticsearch's own EQL test suite: specs, their indices and what they expect.
//!
//! The data is not part of the project; see [`crate::shared`]. What an index does to a document when it is stored is
//! done here: `@timestamp` is derived as upstream's loader does it, dates in a format of their own become ISO 8601,
//! and an explicit null becomes the mapping's `null_value`.

use std::fs;
use std::path::Path;

use rule_lang::check::{CheckOptions, check};
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{Event, Hit, KeyValue, RunOptions, Scalar, run};
use rule_lang::schema::{FieldInfo, FieldType, Schema};
use rule_lang::source::FileId;
use serde_json::{Map, Value};

use crate::semantics::field_type;
use crate::{shared, table};

/// One spec file against one index.
#[derive(Debug)]
pub struct Suite {
    /// The spec file, and the index if the file is run on several.
    pub name: String,
    /// The mapping; closed.
    pub schema: Schema,
    /// The documents as JSON text, in index order.
    pub events: Vec<String>,
    /// The field whose values name the events.
    pub id_field: &'static str,
    /// The field that holds the event category.
    pub category_field: &'static str,
    /// The tiebreaker, if any.
    pub tiebreaker_field: Option<&'static str>,
    /// The queries.
    pub cases: Vec<Case>,
}

/// One query of a spec.
#[derive(Debug)]
pub struct Case {
    /// Its name, or its number if it has none.
    pub name: String,
    /// The query.
    pub query: String,
    /// Any of these lists of event ids is right; -1 is a missing event.
    pub expected: Vec<Vec<i64>>,
    /// Join keys of all results one after the other; not checked if empty.
    pub join_keys: Vec<String>,
    /// At most so many results.
    pub size: usize,
    /// How many samples to find for a key.
    pub max_samples_per_key: usize,
    /// Why no engine without indices can run it.
    pub skip: Option<&'static str>,
}

impl Suite {
    /// How to run a case of this suite.
    pub fn options(&self, case: &Case) -> RunOptions {
        RunOptions {
            tiebreaker_field: self.tiebreaker_field.map(str::to_owned),
            max_samples_per_key: case.max_samples_per_key,
            ..RunOptions::default()
        }
    }

    /// The documents as events of the reference evaluator.
    ///
    /// # Panics
    /// If one is not JSON.
    pub fn parsed_events(&self) -> Vec<Event> {
        self.events.iter().map(|text| Event::from_json(text).expect("documents are JSON")).collect()
    }

    /// Runs a case by the reference evaluator over [`Suite::parsed_events`].
    ///
    /// # Errors
    /// What is not as expected.
    pub fn by_meaning(&self, case: &Case, events: &[Event]) -> Result<(), String> {
        let query = self.query(case)?;
        let mut hits = run(&query, events, &self.options(case));
        hits.truncate(case.size);
        let ids: Vec<_> = hits.iter().flat_map(|hit| self.ids(hit, events)).collect();
        let is_sample = matches!(query.kind, QueryKind::Sample(_));
        let keys: Vec<_> =
            hits.iter().flat_map(|hit| &hit.keys).map(|key| key_text(key, is_sample)).collect();
        case.judge(&ids, &keys)
    }

    fn query(&self, case: &Case) -> Result<Query, String> {
        let options = CheckOptions { category_field: self.category_field, ..CheckOptions::new(&self.schema) };
        let ast = rule_lang::eql::parse(&case.query, FileId(0)).map_err(|found| format!("{found:?}"))?;
        let checked = check(&ast, &options, FileId(0));
        checked.query.ok_or_else(|| format!("{:?}", checked.diagnostics))
    }

    fn ids(&self, hit: &Hit, events: &[Event]) -> Vec<i64> {
        hit.events.iter().map(|event| event.map_or(-1, |index| self.id_of(&events[index]))).collect()
    }

    /// The id of one of the events.
    ///
    /// # Panics
    /// If it has none.
    pub fn id_of(&self, event: &Event) -> i64 {
        match event.values(self.id_field)[..] {
            [Scalar::Number(id)] => id.parse().expect("ids are integers"),
            _ => panic!("an event has no {}", self.id_field),
        }
    }
}

impl Case {
    /// Whether these are the expected events and, if the case names any, join keys.
    ///
    /// # Errors
    /// What is not as expected.
    pub fn judge(&self, ids: &[i64], keys: &[String]) -> Result<(), String> {
        if !self.expected.iter().any(|expected| expected == ids) {
            return Err(format!("expected {:?}, got {ids:?}", self.expected));
        }
        if !self.join_keys.is_empty() && self.join_keys != keys {
            return Err(format!("expected keys {:?}, got {keys:?}", self.join_keys));
        }
        Ok(())
    }
}

/// Dates are ISO 8601 in sequences and epoch milliseconds in samples.
fn key_text(key: &KeyValue, is_sample: bool) -> String {
    match key {
        KeyValue::Date(nanos) if is_sample => (nanos / 1_000_000).to_string(),
        _ => key.to_string(),
    }
}

const SHARD_FAILURE: &str = "needs an index shard that fails while it is searched";

const FASTER_CLOCK: &str =
    "the index counts the ticks of 100 ns as single ns, so events that must be too far apart are not";

/// Suite, case, and why it is skipped.
const SKIPPED: &[(&str, &str, &str)] = &[
    ("test_queries.toml on date_nanos", "sequencesOnDifferentEventTypes7", FASTER_CLOCK),
    ("test_failing_shards.toml", "eventQueryShardFailures", SHARD_FAILURE),
    ("test_failing_shards.toml", "eventQueryShardFailuresTrue", SHARD_FAILURE),
    ("test_failing_shards.toml", "eventQueryShardFailuresOptionalField", SHARD_FAILURE),
    ("test_failing_shards.toml", "eventQueryShardFailuresOptionalFieldMatching", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShards", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsTrue", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsPartialResults", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsPartialResultsTrue", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsPartialResultsOptional", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsPartialResultsOptional2", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsPartialResultsOptionalMissing", SHARD_FAILURE),
    ("test_failing_shards.toml", "sequenceQueryMissingShardsPartialResultsOptionalMissing2", SHARD_FAILURE),
    ("test_failing_shards.toml", "sampleQueryMissingShardsPartialResults", SHARD_FAILURE),
    ("test_failing_shards.toml", "sampleQueryMissingShardsPartialResultsTrue", SHARD_FAILURE),
    ("test_failing_shards.toml", "sampleQueryMissingShardsPartialResultsOptional", SHARD_FAILURE),
];

/// How `@timestamp` comes into a document.
#[derive(Clone, Copy)]
enum Timestamp {
    AsStored,
    FromFileTime,
    FromNanos,
}

struct Index {
    /// Data file and mapping file.
    parts: &'static [(&'static str, &'static str)],
    timestamp: Timestamp,
    id_field: &'static str,
    tiebreaker_field: Option<&'static str>,
}

const ENDGAME: Index = Index {
    parts: &[("test_data.json", "data/endgame-140.mapping")],
    timestamp: Timestamp::FromFileTime,
    id_field: "serial_event_id",
    tiebreaker_field: Some("serial_event_id"),
};

const ENDGAME_NANOS: Index = Index {
    parts: &[("test_data.json", "data/endgame-140-nanos.mapping")],
    timestamp: Timestamp::FromNanos,
    ..ENDGAME
};

const ENDGAME_FAILING: Index = Index {
    parts: &[
        ("test_data.json", "data/endgame-140.mapping"),
        ("data/endgame-shard-failures.data", "data/endgame-shard-failures.mapping"),
    ],
    ..ENDGAME
};

const EXTRA: Index = Index {
    parts: &[("data/extra.data", "data/extra.mapping")],
    timestamp: Timestamp::AsStored,
    id_field: "sequence",
    tiebreaker_field: Some("sequence"),
};

const MISSING_EVENTS: Index =
    Index { parts: &[("data/missing-events.data", "data/missing-events.mapping")], ..EXTRA };

const SAMPLES: Index = Index {
    parts: &[
        ("data/sample1.data", "data/sample1.mapping"),
        ("data/sample2.data", "data/sample2.mapping"),
        ("data/sample3.data", "data/sample3.mapping"),
    ],
    timestamp: Timestamp::AsStored,
    id_field: "id",
    tiebreaker_field: None,
};

const SAMPLE_MULTI: Index =
    Index { parts: &[("data/sample-multi.data", "data/sample-multi.mapping")], ..SAMPLES };

/// Loads all suites, or none if the shared test data is not there.
///
/// # Panics
/// If the data is there and is not as its README says.
pub fn load() -> Option<Vec<Suite>> {
    let directory = shared::directory()?.join("conformance/elasticsearch-eql");
    if !directory.is_dir() {
        return None;
    }
    let suites = [
        ("test_queries.toml", "", ENDGAME),
        ("additional_test_queries.toml", "", ENDGAME),
        ("test_queries_date.toml", "", ENDGAME),
        ("test_between_queries.toml", "", ENDGAME),
        ("test_queries.toml", " on date_nanos", ENDGAME_NANOS),
        ("test_queries_date_nanos.toml", "", ENDGAME_NANOS),
        ("test_extra.toml", "", EXTRA),
        ("test_missing_events.toml", "", MISSING_EVENTS),
        ("test_sample.toml", "", SAMPLES),
        ("test_sample_multi.toml", "", SAMPLE_MULTI),
        ("test_failing_shards.toml", "", ENDGAME_FAILING),
    ];
    Some(suites.into_iter().map(|(spec, note, index)| suite(&directory, spec, note, &index)).collect())
}

fn suite(directory: &Path, spec: &str, note: &str, index: &Index) -> Suite {
    let mut schema = Schema::closed();
    let mut events = Vec::new();
    for (data, mapping) in index.parts {
        let mapping = Mapping::read(&directory.join(mapping));
        mapping.add_to(&mut schema);
        for mut document in documents(&directory.join(data)) {
            add_timestamp(&mut document, index.timestamp);
            mapping.store(&mut document);
            add_dynamic_fields(&mut schema, "", &Value::Object(document.clone()));
            events.push(Value::Object(document).to_string());
        }
    }
    let name = format!("{spec}{note}");
    Suite {
        cases: cases(&directory.join(spec), &name),
        name,
        schema,
        events,
        id_field: index.id_field,
        category_field: "event.category",
        tiebreaker_field: index.tiebreaker_field,
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The file without the lines that start with a comment, read as JSON.
fn json(path: &Path, comment: &str) -> Value {
    let text: Vec<_> = read(path)
        .lines()
        .filter(|line| !line.trim_start().starts_with(comment))
        .map(str::to_owned)
        .collect();
    serde_json::from_str(&text.join("\n")).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn documents(path: &Path) -> Vec<Map<String, Value>> {
    match json(path, "//") {
        Value::Array(documents) => documents
            .into_iter()
            .map(|document| match document {
                Value::Object(document) => document,
                other => panic!("{}: not a document: {other}", path.display()),
            })
            .collect(),
        _ => panic!("{}: not an array", path.display()),
    }
}

fn add_timestamp(document: &mut Map<String, Value>, timestamp: Timestamp) {
    let ticks = |document: &Map<String, Value>| {
        document.get("timestamp").and_then(Value::as_i64).expect("endgame documents have a timestamp")
    };
    match timestamp {
        Timestamp::AsStored => {}
        Timestamp::FromFileTime => {
            // 100 ns since 1601 to milliseconds since 1970.
            let millis = ticks(document) / 10_000 - 11_644_473_600_000;
            document.insert("@timestamp".to_owned(), millis.into());
        }
        Timestamp::FromNanos => {
            let nanos = ticks(document);
            let text = format!("{}.{:06}", nanos / 1_000_000, nanos % 1_000_000);
            document.insert("@timestamp".to_owned(), text.trim_end_matches(".000000").into());
            document.insert("timestamp".to_owned(), (nanos / 1_000_000).into());
        }
    }
}

/// What a mapping file says of its fields, by path.
struct Mapping {
    fields: Vec<(String, Value)>,
}

impl Mapping {
    fn read(path: &Path) -> Self {
        let mut fields = Vec::new();
        collect_fields("", &json(path, "#")["properties"], &mut fields);
        Self { fields }
    }

    fn add_to(&self, schema: &mut Schema) {
        let type_of = |field: &Value| match field["type"].as_str() {
            // A text field with an exact sub-field is used through that.
            Some("text") if field.get("fields").is_some() => FieldType::Keyword,
            Some("[runtime_random_keyword_type]") => FieldType::Keyword,
            name => field_type(name.expect("a field has a type")),
        };
        for (path, field) in &self.fields {
            let source = field["path"].as_str().unwrap_or(path);
            let target =
                self.fields.iter().find(|(path, _)| path == source).map_or(field, |(_, field)| field);
            let info = FieldInfo {
                ty: type_of(target),
                type_name: target["type"].as_str().unwrap_or_default().into(),
                array: false,
                source: source.into(),
                caseless: false,
            };
            schema.insert(path, info);
        }
    }

    /// Makes of a document what the index makes of it. Mapped fields with a format or null value are top-level.
    fn store(&self, document: &mut Map<String, Value>) {
        for (path, field) in &self.fields {
            let Some(value) = document.get_mut(path) else { continue };
            if value.is_null() && !field["null_value"].is_null() {
                *value = field["null_value"].clone();
            }
            if let (Some(text), Some(format)) = (value.as_str(), field["format"].as_str()) {
                *value = iso_date(text, format).into();
            }
        }
    }
}

fn collect_fields(parent: &str, properties: &Value, fields: &mut Vec<(String, Value)>) {
    for (name, field) in properties.as_object().into_iter().flatten() {
        let path = join(parent, name);
        match field.get("properties") {
            Some(inner) => collect_fields(&path, inner, fields),
            None => fields.push((path, field.clone())),
        }
    }
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

fn iso_date(text: &str, format: &str) -> String {
    let parts: Vec<_> = text.split('-').collect();
    match (format, parts.as_slice()) {
        ("dd-MM-yyyy", [day, month, year]) | ("yyyy-MM-dd", [year, month, day]) => {
            format!("{year}-{month}-{day}")
        }
        _ => panic!("date format {format}: {text}"),
    }
}

/// Fields that the mapping does not name get the type of their first value.
fn add_dynamic_fields(schema: &mut Schema, path: &str, value: &Value) {
    let ty = match value {
        Value::Object(members) => {
            for (name, value) in members {
                add_dynamic_fields(schema, &join(path, name), value);
            }
            return;
        }
        Value::Array(elements) => {
            for element in elements {
                add_dynamic_fields(schema, path, element);
            }
            return;
        }
        Value::Null => return,
        Value::Bool(_) => FieldType::Boolean,
        Value::Number(_) => FieldType::Long,
        Value::String(_) => FieldType::Keyword,
    };
    if schema.get(path).is_none() {
        schema.add(path, ty);
    }
}

fn cases(path: &Path, suite: &str) -> Vec<Case> {
    // Bare `null` in `join_keys` is not TOML.
    let quote_nulls = |line: &str| {
        if line.starts_with("join_keys") && !line.contains("\"null\"") {
            line.replace("null", "\"null\"")
        } else {
            line.to_owned()
        }
    };
    let text: Vec<_> = read(path).lines().map(quote_nulls).collect();
    let parsed = table::parse(&text.join("\n"), suite);
    let tables = table::tables(&parsed, "queries");
    let cases: Vec<_> = tables
        .into_iter()
        .enumerate()
        .map(|(number, table)| {
            let name = table::text(table, "name")
                .map_or_else(|| format!("#{number}"), |name| name.trim().to_owned());
            let expected = table::array(table, "expected_event_ids");
            let ids =
                |values: &[toml::Value]| values.iter().map(|id| id.as_integer().expect("an id")).collect();
            let alternatives: Vec<_> =
                expected.iter().filter_map(|value| Some(ids(value.as_array()?))).collect();
            Case {
                skip: SKIPPED.iter().find(|skip| (skip.0, skip.1) == (suite, &name)).map(|skip| skip.2),
                query: table::text(table, "query").expect("a query").trim().to_owned(),
                expected: if alternatives.is_empty() { vec![ids(expected)] } else { alternatives },
                join_keys: table::strings(table::array(table, "join_keys")),
                size: table::count(table, "size", 50),
                max_samples_per_key: table::count(table, "max_samples_per_key", 1),
                name,
            }
        })
        .collect();
    for (file, name, _) in SKIPPED.iter().filter(|skip| skip.0 == suite) {
        assert!(cases.iter().any(|case| case.name == *name), "{file} has no case {name}");
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_loads() {
        let Some(suites) = load() else { return };
        let counts: Vec<_> = suites.iter().map(|suite| (suite.events.len(), suite.cases.len())).collect();
        assert!(counts.iter().all(|(events, cases)| *events > 0 && *cases > 0), "{counts:?}");
        let skipped = suites.iter().flat_map(|suite| &suite.cases).filter(|case| case.skip.is_some()).count();
        assert_eq!(skipped, SKIPPED.len());
        assert!(suites[0].events[0].contains(r#""@timestamp":"#), "{}", suites[0].events[0]);
    }
}
