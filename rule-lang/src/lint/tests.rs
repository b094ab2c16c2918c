use super::lint;
use crate::check::CheckOptions;
use crate::eql::parse;
use crate::schema::{FieldInfo, FieldType, Schema};
use crate::source::FileId;

const FILE: FileId = FileId(0);

fn schema() -> Schema {
    let mut schema = Schema::open();
    schema.add("f", FieldType::Keyword);
    schema.add("n", FieldType::Long);
    let many = FieldInfo {
        ty: FieldType::Keyword,
        type_name: "keyword".into(),
        array: true,
        source: "args".into(),
        caseless: false,
    };
    schema.insert("args", many);
    schema
}

/// Code, marked text and replacement of each finding.
fn found(text: &str, index: &[&str]) -> Vec<(&'static str, String, Option<String>)> {
    let schema = schema();
    let query = parse(text, FILE).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
    lint(&query, &CheckOptions::new(&schema), index, FILE)
        .into_iter()
        .map(|d| (d.code.0, text[d.primary.span.range()].to_owned(), d.suggestion.map(|s| s.replacement)))
        .collect()
}

/// Asserts one finding.
#[track_caller]
fn warns(condition: &str, code: &str, place: &str, replacement: Option<&str>) {
    let found = found(&format!("any where {condition}"), &[]);
    let found: Vec<_> =
        found.iter().map(|(code, place, fix)| (*code, place.as_str(), fix.as_deref())).collect();
    assert_eq!(found, [(code, place, replacement)], "{condition}");
}

#[track_caller]
fn quiet(condition: &str) {
    assert_eq!(found(&format!("any where {condition}"), &[]), [], "{condition}");
}

#[test]
fn wildcards_in_exact_tests() {
    warns("f == \"a*\"", "W0601", "\"a*\"", Some("f like \"a*\""));
    warns("\"a*\" != f", "W0601", "\"a*\"", Some("not f like \"a*\""));
    warns("f in (\"a\", \"b*\")", "W0601", "\"b*\"", Some("f like (\"a\", \"b*\")"));
    warns(
        "f not in~ (\"?:\\\\a\", \"b*\")",
        "W0601",
        "\"?:\\\\a\"",
        Some("not f like~ (\"\"\"?:\\a\"\"\", \"b*\")"),
    );
    quiet("f == \"*\" or f == \"http://a/?b\" or f in (\"-?\", \"**\")");
    quiet("f like \"a*\" or f : \"a?\"");
}

#[test]
fn elements_that_another_one_covers() {
    warns("f in (\"a\", \"b\", \"a\")", "W0602", "\"a\"", None);
    warns("f in~ (\"a\", \"A\")", "W0602", "\"A\"", None);
    warns("f : (\"abc\", \"A*\")", "W0602", "\"abc\"", None);
    warns("f like (\"*a*\", \"x?a*\")", "W0602", "\"x?a*\"", None);
    quiet("f like (\"abc\", \"A*\")");
    quiet("f like (\"a*b\", \"?c\", \"b?b\", \"bb?b\")");
    quiet("f in (\"a\", \"A\")");
}

#[test]
fn like_without_wildcards() {
    warns("f like \"a\"", "W0605", "f like \"a\"", Some("f == \"a\""));
    warns("f like (\"a\", \"b\")", "W0605", "f like (\"a\", \"b\")", Some("f in (\"a\", \"b\")"));
    quiet("f like (\"a\", \"b*\") or f : \"a\" or f like~ \"a\"");
}

#[test]
fn conditions_that_constants_decide() {
    warns("1 == 2", "W0603", "1 == 2", None);
    warns("f == \"a\" or 1 < 2", "W0604", "f == \"a\" or 1 < 2", None);
    warns("n == 1 and not 2 > 1", "W0603", "n == 1 and not 2 > 1", None);
    warns("n == 1 or 1 > null", "W0603", "1 > null", None);
    quiet("true");
    quiet("n == 1 and true");
}

#[test]
fn tests_that_exclude_each_other() {
    warns("f == \"a\" and f == \"b\"", "W0603", "f == \"b\"", None);
    warns("f == \"a\" and f like \"b*\"", "W0603", "f like \"b*\"", None);
    warns("n == 5 and n > 7", "W0603", "n > 7", None);
    warns(
        "f in (\"a\", \"b\") and f not in (\"b\", \"a\", \"c\")",
        "W0603",
        "f not in (\"b\", \"a\", \"c\")",
        None,
    );
    warns("args == \"a\" and args != \"a\"", "W0603", "args != \"a\"", None);
    warns("args : \"a*\" and not (n == 1 or args : \"a*\")", "W0603", "args : \"a*\"", None);
    warns("f == null and f == \"a\"", "W0603", "f == \"a\"", None);
    warns("f == \"a\" and (n == 1 or f == \"b\")", "W0603", "f == \"b\"", None);
    quiet("args == \"a\" and args == \"b\"");
    quiet("args in (\"a\", \"b\") and args != \"a\"");
    quiet("f in (\"a\", \"b\") and f != \"a\"");
    quiet("f == \"a\" or f == \"b\"");
    quiet("f == \"a\" and not (f == \"a\" and n == 1)");
    quiet("n > 5 and n < 3 or n == 4");
    quiet("unknown == \"a\" and unknown == \"b\"");
}

#[test]
fn tests_that_cover_everything() {
    warns("f != \"a\" or f != \"b\"", "W0604", "f != \"a\"", None);
    warns("args == \"a\" or args != \"a\"", "W0604", "args == \"a\"", None);
    warns("f == null or f != null", "W0604", "f == null", None);
    quiet("args != \"a\" or args != \"b\"");
    quiet("f != \"a\" and f != \"b\"");
}

#[test]
fn stages_that_nothing_reaches() {
    let text = "sequence by f [any where true] [any where 1 == 2] [any where n == 1]";
    let found = found(text, &[]);
    let codes: Vec<_> = found.iter().map(|(code, place, _)| (*code, place.as_str())).collect();
    assert_eq!(codes, [("W0606", "any where 1 == 2"), ("W0603", "1 == 2")]);
}

#[test]
fn indexes_that_cannot_hold_the_category() {
    let text = "process where true";
    assert_eq!(found(text, &["logs-endpoint.events.network-*"]), [("W0607", "process".to_owned(), None)]);
    for index in [
        &["logs-endpoint.events.process-*"][..],
        &["logs-endpoint.events.*"],
        &["logs-endpoint.events.network-*", "winlogbeat-*"],
        &[],
    ] {
        assert_eq!(found(text, index), [], "{index:?}");
    }
    assert_eq!(found("any where true", &["logs-endpoint.events.network-*"]), []);
}
