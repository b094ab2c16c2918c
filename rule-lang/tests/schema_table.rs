//! The table of built-in fields says what published schemas say.
//!
//! Needs the shared test data; says so and passes where that is not there. To write the table anew:
//! `UPDATE_FIELDS=1 cargo test -p rule-lang --test schema_table`.
#![allow(clippy::print_stderr, reason = "a skipped test must say so")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

const HEADER: &str = "\
# Names and types of event fields: Elastic Common Schema, Elastic Endpoint, alerts, and integrations that rules use.
# `prefix type names`; `-` no prefix, `[]` holds several values, `^` has the values of the field it stands below.
# Made by tests/schema_table.rs.
";

/// Integrations for hosts and their networks, taken whole; of the others, the fields that published rules name.
const INTEGRATIONS: [&str; 6] =
    ["auditd_manager", "fim", "network_traffic", "sysmon_linux", "system", "windows"];

/// The data streams of Endpoint that hold events; the others are its accounts of itself.
const STREAMS: [&str; 9] =
    ["alerts", "api", "device", "file", "library", "network", "process", "registry", "security"];

/// Fields of alerts (rules.md section 10), which rules over alerts ask for; none of the schemas lists them.
const ALERT_FIELDS: [(&str, &[&str]); 6] = [
    (
        "keyword",
        &[
            "building_block_type",
            "group.id",
            "new_terms",
            "reason",
            "rule.author",
            "rule.category",
            "rule.consumer",
            "rule.created_by",
            "rule.description",
            "rule.from",
            "rule.interval",
            "rule.license",
            "rule.name",
            "rule.note",
            "rule.producer",
            "rule.references",
            "rule.rule_id",
            "rule.rule_type_id",
            "rule.tags",
            "rule.to",
            "rule.type",
            "rule.uuid",
            "severity",
            "status",
            "suppression.terms.field",
            "suppression.terms.value",
            "url",
            "uuid",
            "workflow_status",
            "workflow_tags",
        ],
    ),
    ("long", &["depth", "rule.max_signals", "rule.version", "suppression.docs_count"]),
    ("integer", &["group.index"]),
    ("float", &["risk_score"]),
    (
        "date",
        &["original_time", "rule.created_at", "rule.updated_at", "suppression.end", "suppression.start"],
    ),
    ("object", &["ancestors"]),
];

/// A type as the table writes it.
type Fields = BTreeMap<String, String>;

/// The folder of shared test data: `KILN_SHARED`, or `shared` beside the workspace or one level above.
fn shared() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let given = std::env::var_os("KILN_SHARED").map(PathBuf::from);
    let beside = ["../shared", "../../shared"].map(|folder| workspace.join(folder));
    given.into_iter().chain(beside).find(|folder| folder.is_dir())
}

fn json(path: &Path) -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(path).expect("a readable schema");
    serde_json::from_str(&text).expect("a JSON object")
}

/// ECS and Endpoint: `{"type": .., "array": true?, "multi_field_of": ..?}` for each field.
fn add_schema(path: &Path, fields: &mut Fields) {
    for (name, info) in json(path) {
        let ty = info["type"].as_str().expect("a type");
        // What an alias stands for is not said.
        if ty == "alias" {
            continue;
        }
        let streams = info["streams"].as_array();
        if streams.is_some_and(|streams| streams.iter().all(|it| !STREAMS.iter().any(|stream| it == stream)))
        {
            continue;
        }
        let multi = if info["multi_field_of"].is_string() { "^" } else { "" };
        let array = if info["array"] == true { "[]" } else { "" };
        fields.entry(name).or_insert_with(|| format!("{multi}{ty}{array}"));
    }
}

/// Integrations: a type for each field, package by package. Fields with several types are left out.
fn add_integrations(path: &Path, used: &BTreeSet<String>, fields: &mut Fields) {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wanted = used.clone();
    for (package, of_package) in json(path) {
        for (name, ty) in of_package.as_object().expect("fields") {
            if INTEGRATIONS.contains(&package.as_str()) {
                wanted.insert(name.clone());
            }
            types.entry(name.clone()).or_default().insert(ty.as_str().expect("a type").to_owned());
        }
    }
    for (name, types) in types {
        let ty = types.first().filter(|_| types.len() == 1).filter(|&ty| ty != "alias");
        if let Some(ty) = ty.filter(|_| wanted.contains(&name) && !name.contains(['*', ' '])) {
            fields.entry(name).or_insert_with(|| ty.clone());
        }
    }
}

/// Every dotted word of the queries of published rules.
fn words_of_rules(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            words_of_rules(&path, words);
        } else {
            let text = std::fs::read_to_string(&path).expect("a readable rule");
            let is_part = |c: char| c.is_alphanumeric() || "_.@".contains(c);
            let dotted = text.split(|c| !is_part(c)).filter(|word| word.contains('.'));
            words.extend(dotted.map(|word| word.trim_matches('.').to_owned()));
        }
    }
}

/// Lines of fields that share a prefix and a type, the longest lines broken so that changes can be read.
fn table(fields: &Fields) -> String {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (path, ty) in fields {
        let parent = path.rsplit_once('.').map_or("-", |(parent, _)| parent);
        // A multi-field stands in its parent's group.
        let is_multi_field = ty.starts_with('^');
        let prefix = if is_multi_field { parent.rsplit_once('.').map_or("-", |(up, _)| up) } else { parent };
        let name = if prefix == "-" { path } else { &path[prefix.len() + 1..] };
        groups.entry((prefix, ty)).or_default().push(name);
    }
    let mut out = HEADER.to_owned();
    for ((prefix, ty), names) in groups {
        for names in names.chunks(12) {
            out += prefix;
            for word in std::iter::once(&ty).chain(names) {
                out.push(' ');
                out += word;
            }
            out.push('\n');
        }
    }
    out
}

#[test]
fn the_table_is_current() {
    let Some(corpus) = shared().map(|folder| folder.join("corpus")).filter(|folder| folder.is_dir()) else {
        eprintln!("skipped: no shared test data");
        return;
    };
    let mut fields = Fields::new();
    add_schema(&corpus.join("schema/ecs.json"), &mut fields);
    add_schema(&corpus.join("schema/endpoint.json"), &mut fields);
    let mut used = BTreeSet::new();
    words_of_rules(&corpus.join("detection-rules/rules"), &mut used);
    add_integrations(&corpus.join("schema/integrations.json"), &used, &mut fields);
    for (ty, names) in ALERT_FIELDS {
        fields.extend(names.iter().map(|name| (format!("kibana.alert.{name}"), ty.to_owned())));
    }
    let expected = table(&fields);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema/fields.txt");
    if std::env::var_os("UPDATE_FIELDS").is_some() {
        std::fs::write(&path, &expected).expect("a writable table");
    }
    let current = std::fs::read_to_string(&path).expect("the table");
    let differs = current.lines().zip(expected.lines()).find(|(is, ought)| is != ought);
    assert_eq!(differs, None, "run with UPDATE_FIELDS=1");
    assert_eq!(current.len(), expected.len(), "run with UPDATE_FIELDS=1");
}
