//! Writes the cases of the test suites as rule files and macro calls, so that the tests run what a build emits.
//!
//! The rule corpus and the conformance suites are compiled if the shared data is there; the tests say so if it is not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use kiln_test_support::{conformance, corpus, exceptions, semantics, shared};
use rule_lang::rule::{Language, Word as _};
use rule_lang::schema::{FieldInfo, FieldType, Schema};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    println!("cargo::rerun-if-env-changed=KILN_SHARED");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", shared::workspace().join("tests/semantics").display());
    println!("cargo::rerun-if-changed={}", exceptions::folder().display());
    write_semantics(&out);
    write_exceptions(&out);
    write_conformance(&out);
    write_corpus(&out);
}

/// A set of bare queries over one schema.
struct Set {
    schema: Schema,
    category_field: &'static str,
    tiebreaker_field: Option<&'static str>,
    queries: Vec<Case>,
}

/// A query that becomes a rule.
struct Case {
    name: String,
    language: Language,
    query: String,
    /// A filter in JSON beside the query.
    filter: Option<String>,
}

/// Cases with the same schema share a set.
fn write_semantics(out: &Path) {
    let (groups, cases) = semantics::load();
    let conditions = groups.iter().flat_map(|group| {
        let case = |(number, row): (usize, &semantics::Row)| Case {
            name: format!("{} #{number}", group.name),
            language: group.language,
            query: group.query(row),
            filter: group.filters.then(|| row.condition.clone()),
        };
        group.rows.iter().enumerate().map(move |row| (case(row), &group.schema))
    });
    let queries = cases.iter().map(|case| {
        let query = case.query.clone();
        (Case { name: case.name.clone(), language: Language::Eql, query, filter: None }, &case.schema)
    });
    let mut sets: Vec<Set> = Vec::new();
    for (case, schema) in conditions.chain(queries) {
        let known = sets.iter_mut().find(|set| set.schema == *schema);
        if let Some(set) = known {
            set.queries.push(case);
        } else {
            let queries = vec![case];
            let schema = schema.clone();
            sets.push(Set { schema, category_field: "event.category", tiebreaker_field: None, queries });
        }
    }
    write_sets(out, "semantics", &sets);
}

/// One set of all rules with exceptions, and one without that keeps its files.
fn write_exceptions(out: &Path) {
    let rules = out.join("exceptions.ndjson");
    write(&rules, &exceptions::export(&exceptions::load()));
    let (rules, lists) = (quoted(&rules), quoted(&exceptions::folder().join("lists/*")));
    let code = format!(
        "::kiln::ruleset! {{\n    struct Exceptions = {rules};\n    exceptions = {lists};\n    warnings = false;\n}}\n\n\
         ::kiln::ruleset! {{\n    struct Bare = {rules};\n    files = true;\n    warnings = false;\n}}\n\n\
         /// The compiled rules.\npub fn set() -> &'static ::kiln::RuleSet<'static> {{\n    Exceptions::set()\n}}\n\n\
         /// The rules compiled without their lists.\npub fn bare() -> &'static ::kiln::RuleSet<'static> {{\n    Bare::set()\n}}\n\n\
         /// The files of these.\npub fn files() -> &'static ::kiln::files::RuleFiles<'static> {{\n    Bare::files()\n}}\n"
    );
    write(&out.join("exceptions.rs"), &code);
}

fn write_conformance(out: &Path) {
    let suites = conformance::load().unwrap_or_default();
    let set = |suite: &conformance::Suite| {
        let runnable = suite.cases.iter().filter(|case| case.skip.is_none());
        let queries = runnable.map(|case| Case {
            name: format!("{}: {}", suite.name, case.name),
            language: Language::Eql,
            query: case.query.clone(),
            filter: None,
        });
        Set {
            schema: suite.schema.clone(),
            category_field: suite.category_field,
            tiebreaker_field: suite.tiebreaker_field,
            queries: queries.collect(),
        }
    };
    write_sets(out, "conformance", &suites.iter().map(set).collect::<Vec<_>>());
}

/// Writes `NAME.rs`: a macro call for each set, and a function that lists them.
fn write_sets(out: &Path, name: &str, sets: &[Set]) {
    let folder = out.join(name);
    let _ = fs::remove_dir_all(&folder);
    let mut code = String::new();
    let mut list = String::new();
    for (number, set) in sets.iter().enumerate() {
        let set_folder = folder.join(number.to_string());
        fs::create_dir_all(&set_folder).expect("OUT_DIR is writable");
        for (index, case) in set.queries.iter().enumerate() {
            let (ending, file) = match &case.filter {
                Some(filter) => ("json", filter_file(number, index, case, filter)),
                None => ("toml", rule_file(set, number, index, case)),
            };
            write(&set_folder.join(format!("{index:04}.{ending}")), &file);
        }
        let schema = set_folder.join("fields.txt");
        write(&schema, &schema_file(&set.schema));
        let (rules, closed) = (quoted(&set_folder.join("[0-9]*")), set.schema.is_closed());
        let schema = quoted(&schema);
        writeln!(
            code,
            "::kiln::ruleset! {{\n    struct Set{number} = {rules};\n    schema = {schema};\n    \
             builtin = false;\n    closed = {closed};\n    warnings = false;\n}}\n"
        )
        .expect("writing to a String does not fail");
        write!(list, "Set{number}::set(), ").expect("writing to a String does not fail");
    }
    writeln!(code, "/// The compiled sets.\npub fn sets() -> Vec<&'static ::kiln::RuleSet<'static>> {{\n    vec![{list}]\n}}")
        .expect("writing to a String does not fail");
    write(&out.join(format!("{name}.rs")), &code);
}

/// Filters are JSON, and so is their rule.
fn filter_file(number: usize, index: usize, case: &Case, filter: &str) -> String {
    let filter: serde_json::Value = serde_json::from_str(filter).expect("filters are JSON");
    serde_json::json!({
        "name": format!("Case {}", case.name),
        "rule_id": format!("00000000-0000-4000-8000-{number:04x}{index:08x}"),
        "type": "query",
        "language": "kuery",
        "description": "A case",
        "author": ["Kiln"],
        "severity": "low",
        "risk_score": 1,
        "index": ["*"],
        "query": case.query,
        "filters": [filter],
    })
    .to_string()
}

fn rule_file(set: &Set, number: usize, index: usize, case: &Case) -> String {
    // A JSON string is a TOML string.
    let text = |text: &str| serde_json::to_string(text).expect("text is always JSON");
    let of_eql = || {
        let tiebreaker =
            set.tiebreaker_field.map_or_else(String::new, |f| format!("tiebreaker_field = {}\n", text(f)));
        format!("event_category_override = {}\n{tiebreaker}", text(set.category_field))
    };
    let (kind, fields) = match case.language {
        Language::Eql => ("eql", of_eql()),
        _ => ("query", String::new()),
    };
    format!(
        "[rule]\nname = {}\nrule_id = \"00000000-0000-4000-8000-{number:04x}{index:08x}\"\ntype = \"{kind}\"\n\
         language = \"{}\"\ndescription = \"A case\"\nauthor = [\"Kiln\"]\nseverity = \"low\"\nrisk_score = 1\n\
         index = [\"*\"]\n{fields}query = {}\n",
        text(&format!("Case {}", case.name)),
        case.language.word(),
        text(&case.query),
    )
}

/// The schema as the macro reads it; aliases stand behind what they stand for.
fn schema_file(schema: &Schema) -> String {
    let mut text = String::new();
    let is_alias = |path: &str, source: &str| source != path && !path.starts_with(&format!("{source}."));
    for (path, info) in schema.iter().filter(|(path, info)| !is_alias(path, &info.source)) {
        let array = if info.array { "[]" } else { "" };
        writeln!(text, "{path} {}{array}", type_name(info)).expect("writing to a String does not fail");
    }
    for (path, info) in schema.iter().filter(|(path, info)| is_alias(path, &info.source)) {
        writeln!(text, "{path} alias {}", info.source).expect("writing to a String does not fail");
    }
    text
}

/// A name that stands for the field's type; some mappings pick the name at random.
fn type_name(info: &FieldInfo) -> &str {
    let name = |ty: FieldType| FieldType::NAMES.iter().find(|(_, known)| *known == ty).map(|(name, _)| *name);
    match FieldType::from_name(&info.type_name) {
        Some(ty) if ty == info.ty => &info.type_name,
        _ => name(info.ty).expect("every type has a name"),
    }
}

/// One set of all rules of the corpus that the checks accept, and a list of those they do not.
fn write_corpus(out: &Path) {
    let Some(folder) = corpus::rule_folder() else {
        write(
            &out.join("corpus.rs"),
            "/// Without the corpus there is nothing to run.\npub fn set() -> Option<&'static ::kiln::RuleSet<'static>> {\n    None\n}\n",
        );
        return;
    };
    let mut excluded = String::new();
    for path in corpus::rejected() {
        write!(excluded, ", {:?}", format!("!{path}")).expect("writing to a String does not fail");
    }
    let pattern = quoted(&folder.join("**/*.toml"));
    let code = format!(
        "::kiln::ruleset! {{\n    struct Corpus = {pattern}{excluded};\n    warnings = false;\n}}\n\n\
         /// The compiled corpus.\npub fn set() -> Option<&'static ::kiln::RuleSet<'static>> {{\n    Some(Corpus::set())\n}}\n"
    );
    write(&out.join("corpus.rs"), &code);
}

/// A path as a Rust string.
fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("OUT_DIR is writable");
}
