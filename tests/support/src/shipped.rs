//! The rules this repository ships, the events beside them, and the example events.

use std::fs;
use std::path::{Path, PathBuf};

use rule_lang::condition::QueryKind;
use rule_lang::meaning::RunOptions;
use rule_lang::rule::{Details, Rule};
use rule_lang::ruleset::{self, CheckedRule, RuleSet};
use rule_lang::schema;
use serde_json::Value;

use crate::shared::{self, workspace};

/// Events that must fire a rule once, or never.
#[derive(Debug)]
pub struct Case {
    /// The file, from the workspace.
    pub file: String,
    /// The line of its first event.
    pub line: usize,
    /// What the first event says the case shows.
    pub name: String,
    /// The events as JSON text.
    pub events: Vec<String>,
    /// Whether the rule must fire.
    pub fires: bool,
}

/// All rule files as [`ruleset::load`] takes them, paths from the workspace, in order.
///
/// # Panics
/// If a file cannot be read.
pub fn rule_files() -> Vec<(String, Vec<u8>)> {
    let is_rule = |path: &PathBuf| path.extension().is_some_and(|e| e == "toml" || e == "yml");
    let read = |path: PathBuf| (from_workspace(&path), fs::read(&path).expect("a readable file"));
    shared::files(&workspace().join("rules")).into_iter().filter(is_rule).map(read).collect()
}

/// All rules, checked against the built-in schema; unknown fields are errors.
pub fn rules() -> RuleSet {
    ruleset::load(rule_files(), &ruleset::Options { schema: schema::builtin(), strict: true })
}

/// The cases beside a rule, those that must fire first.
///
/// # Panics
/// If one of the two files is not there or a line is not JSON.
pub fn cases(rules: &RuleSet, rule: &CheckedRule) -> Vec<Case> {
    let path = rules.sources.get(rule.rule.file).path();
    let stem = path.rsplit_once('.').expect("rule files have an extension").0;
    let single = matches!(rule.query.kind, QueryKind::Event(_));
    let kinds = [("match", true), ("nomatch", false)];
    kinds
        .into_iter()
        .flat_map(|(kind, fires)| read_cases(&format!("{stem}.{kind}.ndjson"), single, fires))
        .collect()
}

fn read_cases(file: &str, single: bool, fires: bool) -> Vec<Case> {
    let text = fs::read_to_string(workspace().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut cases: Vec<Case> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() {
            open = false;
            continue;
        }
        if open && !single {
            cases.last_mut().expect("an open case").events.push(line.to_owned());
            continue;
        }
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}:{}: {error}", number + 1));
        // Some events have dotted names on purpose.
        let name = event["labels"]["case"].as_str().or_else(|| event["labels.case"].as_str());
        let name = name.unwrap_or_default().to_owned();
        let events = vec![line.to_owned()];
        cases.push(Case { file: file.to_owned(), line: number + 1, name, events, fires });
        open = true;
    }
    cases
}

/// The example events: name and lines of each file.
///
/// # Panics
/// If a file cannot be read.
pub fn examples() -> Vec<(String, Vec<String>)> {
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a file name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a readable file");
        (name, text.lines().map(str::to_owned).collect())
    };
    shared::files(&workspace().join("examples/events")).into_iter().map(read).collect()
}

/// Every event beside a rule and every example event.
pub fn all_events() -> Vec<String> {
    let rules = rules();
    let beside = rules.rules.iter().flat_map(|rule| cases(&rules, rule)).flat_map(|case| case.events);
    beside.chain(examples().into_iter().flat_map(|(_, lines)| lines)).collect()
}

/// How the reference evaluator runs a rule.
pub fn run_options(rule: &Rule) -> RunOptions {
    let mut options = RunOptions::default();
    if let Details::Eql(fields) = &rule.details {
        let text = |field: &Option<rule_lang::rule::Spanned<String>>| field.as_ref().map(|f| f.value.clone());
        options.tiebreaker_field = text(&fields.tiebreaker_field);
        options.timestamp_field = text(&fields.timestamp_field).unwrap_or(options.timestamp_field);
    }
    options
}

fn from_workspace(path: &Path) -> String {
    let path = path.strip_prefix(workspace()).expect("a path in the workspace");
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_cases_of_both_kinds() {
        let rules = rules();
        assert!(rules.rules.len() > 20);
        for rule in &rules.rules {
            let cases = cases(&rules, rule);
            let name = &rule.rule.name.value;
            assert!(cases.iter().filter(|case| case.fires).count() > 1, "{name}");
            assert!(cases.iter().filter(|case| !case.fires).count() > 1, "{name}");
            assert!(cases.iter().all(|case| !case.name.is_empty()), "{name}");
        }
    }
}
