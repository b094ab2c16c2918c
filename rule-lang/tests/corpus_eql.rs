//! Every EQL rule of the corpus and every query of the Elasticsearch suite parses, prints back to the same tree and
//! passes the check with an open schema. Skipped where the shared test data is not there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rule_lang::check::{CheckOptions, check};
use rule_lang::diagnostic::{Diagnostic, Level};
use rule_lang::eql::{parse, print};
use rule_lang::lint::lint;
use rule_lang::schema::{FieldInfo, FieldType, Schema};
use rule_lang::source::FileId;

const FILE: FileId = FileId(0);

/// The folder of shared test data, if this machine has it.
fn shared(part: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let given = std::env::var_os("KILN_SHARED").map(PathBuf::from);
    let places = given.into_iter().chain([root.join("../shared"), root.join("../../shared")]);
    places.map(|place| place.join(part)).find(|place| place.is_dir())
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped(test: &str) {
    eprintln!("{test} skipped: the shared test data is not there");
}

fn toml_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            toml_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
}

/// The field types of the Elastic Common Schema.
fn ecs(folder: &Path) -> Schema {
    let mut schema = Schema::open();
    for file in ["endpoint.json", "ecs.json"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let entries: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        for (path, entry) in entries {
            let Some(type_name) = entry["type"].as_str() else { continue };
            let ty = match type_name {
                "keyword" | "wildcard" | "constant_keyword" | "flattened" => FieldType::Keyword,
                "text" | "match_only_text" => FieldType::Text,
                "long" | "integer" | "short" | "byte" | "unsigned_long" => FieldType::Long,
                "double" | "float" | "half_float" | "scaled_float" => FieldType::Double,
                "boolean" => FieldType::Boolean,
                "ip" => FieldType::Ip,
                "date" | "date_nanos" => FieldType::Date,
                "version" => FieldType::Version,
                "nested" => FieldType::Nested,
                _ => FieldType::Unsupported,
            };
            let source = entry["multi_field_of"].as_str().unwrap_or(&path).into();
            let info = FieldInfo {
                ty,
                type_name: type_name.into(),
                array: entry["array"].as_bool().unwrap_or(false),
                source,
                caseless: path.ends_with(".caseless"),
            };
            schema.insert(&path, info);
        }
    }
    schema
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().filter(|d| d.level == Level::Error).map(|d| d.message.as_str()).collect()
}

/// What is wrong with a query, or nothing.
fn problem(query: &str, schema: &Schema) -> Option<String> {
    let tree = match parse(query, FILE) {
        Ok(tree) => tree,
        Err(found) => return Some(errors(&found).join("; ")),
    };
    let printed = print(&tree);
    match parse(&printed, FILE) {
        Ok(again) if print(&again) == printed => {}
        other => return Some(format!("prints as {printed}\nwhich reads as {other:?}")),
    }
    let checked = check(&tree, &CheckOptions::new(schema), FILE);
    (checked.query.is_none()).then(|| errors(&checked.diagnostics).join("; "))
}

#[test]
fn rules_of_the_corpus_pass() {
    let (Some(rules), Some(schemas)) = (shared("corpus/detection-rules/rules"), shared("corpus/schema"))
    else {
        return skipped("rules_of_the_corpus_pass");
    };
    let mut files = Vec::new();
    toml_files(&rules, &mut files);
    let schema = ecs(&schemas);
    let mut count = 0;
    let mut problems = Vec::new();
    for file in files {
        let rule: toml::Table = toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let rule = &rule["rule"];
        if rule.get("language").and_then(toml::Value::as_str) != Some("eql") {
            continue;
        }
        count += 1;
        let query = rule["query"].as_str().unwrap();
        for schema in [&Schema::open(), &schema] {
            problems.extend(problem(query, schema).map(|problem| format!("{}: {problem}", file.display())));
        }
    }
    assert!(count > 800, "{count} rules");
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn lints_find_the_known_mistakes_of_the_corpus_and_little_else() {
    let (Some(rules), Some(schemas)) = (shared("corpus/detection-rules/rules"), shared("corpus/schema"))
    else {
        return skipped("lints_find_the_known_mistakes_of_the_corpus_and_little_else");
    };
    let mut files = Vec::new();
    toml_files(&rules, &mut files);
    let schema = ecs(&schemas);
    let mut findings: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files {
        let rule: toml::Table = toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let rule = &rule["rule"];
        if rule.get("language").and_then(toml::Value::as_str) != Some("eql") {
            continue;
        }
        let index = rule.get("index").and_then(toml::Value::as_array);
        let index: Vec<&str> = index.into_iter().flatten().filter_map(toml::Value::as_str).collect();
        let tree = parse(rule["query"].as_str().unwrap(), FILE).unwrap();
        for found in lint(&tree, &CheckOptions::new(&schema), &index, FILE) {
            let name = file.file_name().unwrap().to_string_lossy();
            findings.entry(found.code.0).or_default().push(format!("{name}: {}", found.message));
        }
    }
    let mistakes = &findings["W0601"];
    assert!(mistakes.len() >= 16, "{mistakes:#?}");
    let known = "persistence_rc_script_creation.toml: [in] does not expand the wildcard of [/dev/fd/*]";
    assert!(mistakes.iter().any(|mistake| mistake == known), "{mistakes:#?}");
    for code in ["W0603", "W0604", "W0606", "W0607"] {
        assert_eq!(findings.get(code), None, "{code}");
    }
}

#[test]
fn queries_of_the_elasticsearch_suite_pass() {
    let Some(suite) = shared("conformance/elasticsearch-eql") else {
        return skipped("queries_of_the_elasticsearch_suite_pass");
    };
    let mut files = Vec::new();
    toml_files(&suite, &mut files);
    let schema = Schema::open();
    let mut count = 0;
    let mut problems = Vec::new();
    for file in files {
        let lines = fs::read_to_string(&file).unwrap();
        let lines: Vec<String> = lines
            .lines()
            .map(|line| {
                if line.starts_with("join_keys") {
                    line.replace("null", "0").replace("\"0\"", "0")
                } else {
                    line.into()
                }
            })
            .collect();
        let table: toml::Table =
            toml::from_str(&lines.join("\n")).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for entry in table["queries"].as_array().unwrap() {
            let query = entry["query"].as_str().unwrap();
            // With an open schema `?x == ?y` compares two fields; with a closed one that lacks both it is a constant.
            if query.contains("?x == ?y") {
                continue;
            }
            count += 1;
            problems.extend(
                problem(query, &schema).map(|problem| format!("{}: {query}\n{problem}", file.display())),
            );
        }
    }
    assert!(count > 300, "{count} queries");
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}
