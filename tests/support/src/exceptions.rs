//! The cases of `tests/exceptions`: rules that name exception lists, and what they find.
//!
//! In: `cases.toml`, which has the form of the queries of `tests/semantics` with the names of lists. Out: the cases, and
//! their rules as an export with one rule a line.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::json;
use toml::Value;

use crate::semantics::{QueryCase, query_case};
use crate::{shared, table};

/// The events of the table of rules.md section 8, of cases that have none of their own.
const EVENTS: [&str; 4] = [
    r#"{"u":"root","p":{"n":"a.exe"}}"#,
    r#"{"u":"bob"}"#,
    r#"{"u":["root","bob"],"p":{"n":"b.exe"}}"#,
    r#"{"f":[{"s":"x","t":true},{"s":"y","t":false}]}"#,
];

/// A rule with exceptions.
#[derive(Debug)]
pub struct Case {
    /// The lists it names.
    pub lists: Vec<String>,
    /// Its query, the events, and what it finds.
    pub query: QueryCase,
}

/// `tests/exceptions`.
pub fn folder() -> PathBuf {
    shared::workspace().join("tests/exceptions")
}

/// All cases.
///
/// # Panics
/// If the file is not as described there.
pub fn load() -> Vec<Case> {
    let text = fs::read_to_string(folder().join("cases.toml")).expect("a readable file");
    let parsed = table::parse(&text, "cases.toml");
    let case = |table: &toml::Table| {
        let mut table = table.clone();
        if !table.contains_key("query") {
            table.insert("query".to_owned(), Value::String("any where true".to_owned()));
        }
        if !table.contains_key("events") && !table.contains_key("series") {
            let events = EVENTS.iter().map(|text| Value::String((*text).to_owned()));
            table.insert("events".to_owned(), Value::Array(events.collect()));
        }
        Case { lists: table::strings(table::array(&table, "lists")), query: query_case("exceptions", &table) }
    };
    table::tables(&parsed, "cases").into_iter().map(case).collect()
}

/// The rules of the cases, in order, one a line.
///
/// # Panics
/// Never: a string can be written to.
pub fn export(cases: &[Case]) -> String {
    let mut text = String::new();
    for (number, case) in cases.iter().enumerate() {
        let lists: Vec<_> = case.lists.iter().map(|list| json!({ "list_id": list })).collect();
        let rule = json!({
            "name": format!("Case {}", case.query.name),
            "rule_id": format!("00000000-0000-4000-8000-{number:012x}"),
            "type": "eql",
            "language": "eql",
            "description": "A case",
            "author": ["Kiln"],
            "severity": "low",
            "risk_score": 1,
            "query": case.query.query,
            "exceptions_list": lists,
        });
        writeln!(text, "{rule}").expect("a string can be written to");
    }
    text
}
