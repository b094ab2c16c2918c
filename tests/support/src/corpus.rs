//! Real rules, real events, field types and generated matching documents. Not part of the project; see
//! [`crate::shared`].

use std::fs;
use std::path::{Path, PathBuf};

use rule_lang::diagnostic::Level;
use rule_lang::ruleset::{self, RuleSet};
use rule_lang::schema::{self, FieldInfo, FieldType, Schema};
use serde_json::Value;

use crate::semantics::field_type;
use crate::shared::{self, files};
use crate::table;

/// A rule with an EQL query.
#[derive(Debug)]
pub struct EqlRule {
    /// Path below the corpus's `detection-rules`.
    pub path: String,
    /// The query.
    pub query: String,
}

/// A rule with a query in KQL.
#[derive(Debug)]
pub struct KqlRule {
    /// Path below the corpus's `detection-rules`.
    pub path: String,
    /// Its type: `query`, `new_terms`, `threshold`, `threat_match`.
    pub rule_type: String,
    /// The query.
    pub query: String,
}

/// Documents that together match a rule once.
#[derive(Debug)]
pub struct GeneratedMatch {
    /// Path of the rule, as in [`EqlRule`].
    pub rule: String,
    /// The type of the rule.
    pub rule_type: String,
    /// The documents as JSON text, in order.
    pub documents: Vec<String>,
}

fn directory(name: &str) -> Option<PathBuf> {
    Some(shared::directory()?.join("corpus").join(name)).filter(|path| path.is_dir())
}

fn lines(path: &Path) -> impl Iterator<Item = String> {
    let lines = shared::lines(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    lines.map(|line| line.expect("a readable line"))
}

/// The files of events, one event a line; none if the corpus is not there.
pub fn event_files() -> Option<Vec<PathBuf>> {
    let files = files(&directory("events")?);
    Some(files.into_iter().filter(|path| path.to_string_lossy().ends_with(".ndjson.zst")).collect())
}

/// The lines of one of the [`event_files`].
///
/// # Panics
/// If the file cannot be read.
pub fn events(path: &Path) -> impl Iterator<Item = String> {
    lines(path)
}

/// All rules with an EQL query, in order of their paths; none if the corpus is not there.
///
/// # Panics
/// If a rule file is not TOML.
pub fn eql_rules() -> Option<Vec<EqlRule>> {
    let rules = rules_in("eql")?;
    Some(rules.into_iter().map(|KqlRule { path, query, .. }| EqlRule { path, query }).collect())
}

/// All rules with a query in KQL, of any type, in order of their paths; none if the corpus is not there.
///
/// # Panics
/// If a rule file is not TOML.
pub fn kql_rules() -> Option<Vec<KqlRule>> {
    rules_in("kuery")
}

fn rules_in(language: &str) -> Option<Vec<KqlRule>> {
    let root = directory("detection-rules")?;
    let rule = |path: PathBuf| {
        let place = path.strip_prefix(&root).ok()?.to_string_lossy().into_owned();
        let parsed = table::parse(&fs::read_to_string(&path).expect("a readable file"), &place);
        let rule = parsed.get("rule")?.as_table()?;
        let query = table::text(rule, "query")?.to_owned();
        let rule_type = table::text(rule, "type")?.to_owned();
        (table::text(rule, "language") == Some(language)).then_some(KqlRule { path: place, rule_type, query })
    };
    let files = files(&root).into_iter();
    Some(files.filter(|path| path.extension().is_some_and(|e| e == "toml")).filter_map(rule).collect())
}

/// The folder of all rule files; none if the corpus is not there.
pub fn rule_folder() -> Option<PathBuf> {
    directory("detection-rules")
}

/// All rule files as [`ruleset::load`] takes them; none if the corpus is not there.
///
/// # Panics
/// If a file cannot be read.
pub fn rule_files() -> Option<Vec<(String, Vec<u8>)>> {
    let files =
        files(&rule_folder()?).into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let read =
        |path: PathBuf| (path.to_string_lossy().into_owned(), fs::read(&path).expect("a readable file"));
    Some(files.map(read).collect())
}

/// All rules of the corpus, checked against the built-in schema; none if the corpus is not there.
pub fn rules() -> Option<RuleSet> {
    let options = ruleset::Options { schema: schema::builtin(), strict: false };
    Some(ruleset::load(rule_files()?, &options))
}

/// The paths of rule files that have an error.
pub fn rejected() -> Vec<String> {
    let Some(rules) = rules() else { return Vec::new() };
    let errors = rules.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error);
    let mut paths: Vec<_> =
        errors.map(|error| rules.sources.get(error.primary.file).path().to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The generated matches of rules with an EQL query; none if the corpus is not there.
///
/// # Panics
/// If the file is not as its README says.
pub fn generated_matches() -> Option<Vec<GeneratedMatch>> {
    generated_matches_in("eql")
}

/// The generated matches of rules with a query in a language, of whatever type; none if the corpus is not there.
///
/// # Panics
/// If the file is not as its README says.
pub fn generated_matches_in(language: &str) -> Option<Vec<GeneratedMatch>> {
    let path = directory("geneve")?.join("expected_matches.ndjson.zst");
    let case = |line: String| {
        let case: Value = serde_json::from_str(&line).expect("a case is JSON");
        let documents = case["docs"].as_array().expect("documents").iter().map(Value::to_string).collect();
        let rule = case["rule"].as_str().expect("a rule").to_owned();
        let rule_type = case["type"].as_str().expect("a type").to_owned();
        (case["language"] == language).then_some(GeneratedMatch { rule, rule_type, documents })
    };
    Some(lines(&path).filter_map(case).collect())
}

/// The fields of ECS and the Elastic Endpoint, as an open schema; none if the corpus is not there.
///
/// # Panics
/// If a schema file is not as its README says.
pub fn schema() -> Option<Schema> {
    let root = directory("schema")?;
    let mut schema = Schema::open();
    for file in ["endpoint.json", "ecs.json"] {
        let text = fs::read_to_string(root.join(file)).expect("a readable file");
        let fields: serde_json::Map<String, Value> =
            serde_json::from_str(&text).expect("an object of fields");
        for (path, field) in fields {
            let type_name = field["type"].as_str().expect("a field has a type");
            let ty = match type_name {
                "short" | "byte" | "unsigned_long" => FieldType::Long,
                "half_float" | "scaled_float" => FieldType::Double,
                // A rule means the values as they are, whether or not an index could match them exactly.
                "flattened" | "text" | "match_only_text" => FieldType::Keyword,
                name => field_type(name),
            };
            let info = FieldInfo {
                ty,
                type_name: type_name.into(),
                array: field["array"] == true,
                source: field["multi_field_of"].as_str().unwrap_or(&path).into(),
                caseless: path.ends_with(".caseless"),
            };
            schema.insert(&path, info);
        }
    }
    Some(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_loads() {
        let (Some(rules), Some(matches), Some(files)) = (eql_rules(), generated_matches(), event_files())
        else {
            return;
        };
        assert!(rules.len() > 800, "{}", rules.len());
        assert!(kql_rules().is_some_and(|rules| rules.len() > 180));
        assert!(matches.iter().all(|case| rules.iter().any(|rule| rule.path == case.rule)));
        assert!(files.len() > 300, "{}", files.len());
        assert!(schema().is_some_and(|schema| schema.get("process.name").is_some()));
    }
}
