//! `docs/diagnostics.md` has a line for every code, and its examples are true.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rule_lang::check::CheckOptions;
use rule_lang::lint::{lint, lint_kql};
use rule_lang::ruleset::{self, Ast, Options};
use rule_lang::schema::{self, Schema};

/// A line of a table of the page.
#[derive(Debug)]
struct Line {
    code: String,
    meaning: String,
    example: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The codes that the source declares.
fn declared() -> BTreeSet<String> {
    let folder = root().join("rule-lang/src/diagnostic/codes");
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let text = fs::read_to_string(entry.expect("a readable entry").path()).expect("a readable file");
        for declaration in text.split("Code(\"").skip(1) {
            let code = declaration.split('"').next().expect("split gives one part at least");
            assert!(codes.insert(code.to_owned()), "{code} is declared twice");
        }
    }
    codes
}

/// The lines of the page.
fn lines() -> Vec<Line> {
    let text = fs::read_to_string(root().join("docs/diagnostics.md")).expect("the page is there");
    let line = |line: &str| {
        let line = line.replace("\\|", "\u{0}");
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect();
        match &cells[..] {
            [_, code, meaning, example, _] if code.len() == 5 && code.starts_with(['E', 'W']) => {
                Some(Line { code: code.clone(), meaning: meaning.clone(), example: example.clone() })
            }
            _ => None,
        }
    };
    text.lines().filter_map(line).collect()
}

#[test]
fn every_code_has_one_line() {
    let lines = lines();
    let mut explained = BTreeSet::new();
    for line in &lines {
        assert!(!line.meaning.is_empty() && !line.example.is_empty(), "{line:?}");
        assert!(explained.insert(line.code.clone()), "{} has two lines", line.code);
    }
    assert_eq!(explained, declared(), "docs/diagnostics.md and rule-lang/src/diagnostic/codes");
}

/// A rule file with `more` in place of the fields of the same name.
fn rule(more: &str) -> String {
    let fields = [
        ("name", "\"A rule\""),
        ("rule_id", "\"0a1b2c3d-1111-2222-3333-444455556666\""),
        ("type", "\"eql\""),
        ("description", "\"A test\""),
        ("author", "[\"Kiln\"]"),
        ("severity", "\"low\""),
        ("risk_score", "21"),
        ("index", "[\"logs-*\"]"),
        ("query", "'any where true'"),
    ];
    let key = more.split(" =").next().unwrap_or_default();
    let kept = fields.iter().filter(|(name, _)| *name != key);
    let kept: Vec<_> = kept.map(|(name, value)| format!("{name} = {value}")).collect();
    format!("[rule]\n{}\n{more}\n", kept.join("\n"))
}

/// The file that an example stands for, unless it is in words: a query, or a field of a rule.
fn file(line: &Line) -> Option<String> {
    let example = line.example.strip_prefix('`')?;
    let (example, rest) = example.split_once('`')?;
    if let Some(more) = rest.trim().strip_prefix("with `") {
        return Some(
            rule(&format!("query = '''{example}'''\n"))
                .replace("index = [\"logs-*\"]", more.trim_end_matches('`')),
        );
    }
    if matches!(&line.code[1..3], "03" | "04" | "06") {
        return Some(rule(&format!("query = '''\n{example}\n'''\n")));
    }
    if matches!(&line.code[1..3], "07" | "08") {
        let file = rule(&format!("query = '''\n{example}\n'''\n"));
        return Some(file.replace("type = \"eql\"", "type = \"query\""));
    }
    let is_field = example.contains(" = ") && (rest.is_empty() || rest.starts_with(" beside "));
    is_field.then(|| rule(example))
}

/// The codes of what is found in a file, under the schemas and options that a set can have.
fn found(file: &str) -> BTreeSet<String> {
    let open = schema::builtin();
    let mut closed: Schema = open.clone();
    closed.close();
    let mut codes = BTreeSet::new();
    for (schema, strict) in [(open, false), (open, true), (&closed, false)] {
        let set = ruleset::load(
            [("example.toml".to_owned(), file.as_bytes().to_vec())],
            &Options { schema, strict },
        );
        codes.extend(set.diagnostics.iter().map(|finding| finding.code.to_string()));
        for rule in &set.rules {
            let index: Vec<_> = rule.rule.index.iter().map(String::as_str).collect();
            let options = CheckOptions { strict, ..CheckOptions::new(schema) };
            let found = match &rule.ast {
                Ast::Eql(ast) => lint(ast, &options, &index, rule.rule.file),
                Ast::Kql(ast) => lint_kql(ast, &options, rule.rule.file),
            };
            codes.extend(found.iter().map(|found| found.code.to_string()));
        }
    }
    codes
}

#[test]
fn examples_give_their_codes() {
    assert!(found(&rule("")).is_empty(), "the rule around the examples is sound");
    let mut wrong = Vec::new();
    let mut run = 0;
    for line in lines() {
        let Some(file) = file(&line) else { continue };
        run += 1;
        let codes = found(&file);
        if !codes.contains(&line.code) {
            wrong.push(format!("{}: {} gives {codes:?}", line.code, line.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run >= 58, "only {run} examples ran");
}
