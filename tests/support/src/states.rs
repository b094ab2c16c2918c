//! The cases of `tests/states`: rules with state, events, and what is found; for any engine to run.

use std::fs;

use crate::{shared, table};

/// One case.
#[derive(Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The name of its rule's file, without ending.
    pub rule: String,
    /// The events as JSON text, in the order in which they come.
    pub events: Vec<String>,
    /// The indicators as JSON text.
    pub indicators: Vec<String>,
    /// What is found, sorted.
    pub found: Vec<String>,
}

/// The minute zero of all cases, in milliseconds since 1970.
pub const START: i64 = 1_699_999_200_000;

/// All cases in order.
///
/// # Panics
/// If the file is not as its first lines say.
pub fn load() -> Vec<Case> {
    let text =
        fs::read_to_string(shared::workspace().join("tests/states/cases.toml")).expect("a readable file");
    let parsed = table::parse(&text, "cases");
    let case = |table: &toml::Table| {
        let text =
            |key: &str| table::text(table, key).unwrap_or_else(|| panic!("a case has a {key}")).to_owned();
        let common = text("common");
        let list =
            |key: &str| table.get(key).and_then(toml::Value::as_array).map(|list| table::strings(list));
        let events = list("events").expect("a case has events");
        let mut found = list("found").expect("a case has what is found");
        found.sort();
        Case {
            name: text("name"),
            rule: text("rule"),
            events: events.iter().map(|event| event_of(event, &common)).collect(),
            indicators: list("indicators").unwrap_or_default(),
            found,
        }
    };
    table::tables(&parsed, "cases").into_iter().map(case).collect()
}

fn event_of(text: &str, common: &str) -> String {
    let (minute, members) = text.split_once(' ').expect("a minute and members");
    let time = match minute {
        "-" => String::new(),
        minute => {
            let minute: i64 = minute.parse().expect("a minute");
            format!(r#""@timestamp":{},"#, START + minute * 60_000)
        }
    };
    format!("{{{time}{common},{members}}}")
}

/// The rule files as [`rule_lang::ruleset::load`] takes them, paths from the workspace, in order.
///
/// # Panics
/// If a file cannot be read.
pub fn rule_files() -> Vec<(String, Vec<u8>)> {
    let files = shared::files(&shared::workspace().join("tests/states/rules")).into_iter();
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    files.map(|path| (name(&path), fs::read(&path).expect("a readable file"))).collect()
}
