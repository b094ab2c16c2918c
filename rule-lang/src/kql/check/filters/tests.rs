use serde_json::{Value, json};

use super::*;
use crate::file;
use crate::meaning::{Event, holds};
use crate::schema::{FieldType, Schema};
use crate::source::SourceFile;

/// What is found, and where: the text of the file at the place.
fn check(filters: &[Value]) -> (Option<Condition>, Vec<(String, String)>) {
    let mut schema = Schema::open();
    for (path, ty) in [("k", FieldType::Keyword), ("n", FieldType::Long), ("t", FieldType::Date)] {
        schema.add(path, ty);
    }
    let source = SourceFile::new("filters.json", json!({ "filters": filters }).to_string());
    let tree = file::parse(&source, FileId(0)).expect("it is JSON");
    let filters = tree.get("filters").and_then(list).expect("they are there");
    let (condition, findings) = check_filters(filters, &CheckOptions::new(&schema), FileId(0), 1000);
    let found = |finding: &Diagnostic| {
        (finding.message.clone(), source.text()[finding.primary.span.range()].to_owned())
    };
    (condition, findings.iter().map(found).collect())
}

fn query(query: &Value) -> Value {
    json!({ "query": query })
}

#[test]
fn leaves_know_their_place_in_the_file() {
    let filter = query(&json!({"bool": {"filter": [{"term": {"k": "first"}}, {"prefix": {"k": "second"}}]}}));
    let text = json!({ "filters": [filter] }).to_string();
    let Some(Condition::And(parts)) = check(&[filter]).0 else { panic!("two tests") };
    let place = |condition: &Condition| match condition {
        Condition::Leaf(leaf) => {
            text[leaf.span.start as usize - 1000..leaf.span.end as usize - 1000].to_owned()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(parts.iter().map(place).collect::<Vec<_>>(), ["\"first\"", "\"second\""]);
}

#[test]
fn what_is_no_filter_is_an_error_at_its_place() {
    for (filter, message, place) in [
        (json!("k: a"), "a filter must be an object", "\"k: a\""),
        (json!({"meta": {}}), "a filter holds one clause, such as `match_phrase`", "{\"meta\":{}}"),
        (query(&json!({"exists": {}})), "`exists` names no `field`", "\"exists\""),
        (query(&json!({"terms": {"k": "a"}})), "`terms` has one field with a list of values", "\"a\""),
        (
            query(&json!({"term": {"k": null}})),
            "a filter compares with a text, a number or a boolean",
            "null",
        ),
        (query(&json!({"range": {"t": {}}})), "`range` has no bound", "\"t\""),
        (query(&json!({"bool": {"any": []}})), "`any` in `bool` is not known", "\"any\""),
        (query(&json!({"nested": {"path": "u"}})), "`nested` has a `path` and a `query`", "\"nested\""),
        (
            query(&json!({"nested": {"path": "u", "query": {"exists": {"field": "v.a"}}}})),
            "[v.a] is not below [u], so no nested object has it",
            "\"v.a\"",
        ),
        (
            query(&json!({"regexp": {"k": "a("}})),
            "[a(] is not a regular expression of Lucene: it ends where more is expected",
            "\"a(\"",
        ),
    ] {
        let (condition, findings) = check(std::slice::from_ref(&filter));
        assert_eq!(condition, None, "{filter}");
        assert_eq!(findings, [(message.to_owned(), place.to_owned())], "{filter}");
    }
}

#[test]
fn what_is_not_run_is_told_at_its_place() {
    let string = |text: &str| query(&json!({"query_string": {"query": text}}));
    let is = |text: &str| json!({"term": {"k": text}});
    for (filter, message, place) in [
        (query(&json!({"script": {}})), "filters with `script` are not run", "\"script\""),
        (
            query(&json!({"match": {"k": {"query": "a", "fuzziness": 1}}})),
            "`fuzziness` of `match` is not applied",
            "\"fuzziness\":1",
        ),
        (
            query(&json!({"match_phrase": {"message": {"query": "a b", "slop": 2}}})),
            "`slop` of `match_phrase` is not applied",
            "\"slop\":2",
        ),
        (
            query(&json!({"match_phrase_prefix": {"k": "a"}})),
            "`match_phrase_prefix` is for fields of text, and this is none",
            "\"a\"",
        ),
        (
            query(&json!({"range": {"t": {"gte": "2024", "time_zone": "Europe/Berlin"}}})),
            "the time zone `Europe/Berlin` is not known: an offset such as `+01:00` is",
            "\"Europe/Berlin\"",
        ),
        (
            query(&json!({"range": {"t": {"gte": "now/d", "time_zone": "+01:00"}}})),
            "date math is not rounded in a time zone",
            "\"now/d\"",
        ),
        (
            query(&json!({"range": {"n": {"gte": 5, "time_zone": "+01:00"}}})),
            "`time_zone` is for dates, and [n] is not known to be one",
            "\"time_zone\":\"+01:00\"",
        ),
        (
            query(&json!({"range": {"t": {"gte": "2024", "format": "dd.MM.yyyy"}}})),
            "`format` of `range` is not applied",
            "\"format\":\"dd.MM.yyyy\"",
        ),
        (
            query(&json!({"wildcard": {"message": "r??t"}})),
            "`?` is not applied to the words of [message]",
            "\"r??t\"",
        ),
        (
            query(&json!({"regexp": {"message": "r.*"}})),
            "`regexp` is not applied to the words of [message]",
            "\"r.*\"",
        ),
        (
            query(&json!({"regexp": {"k": {"value": "<1-5>", "flags": "NONE"}}})),
            "`flags` of `regexp` is not applied",
            "\"flags\":\"NONE\"",
        ),
        (
            query(&json!({"bool": {"should": [is("a")], "minimum_should_match": 2}})),
            "`minimum_should_match` asks for 2 of 1 clauses",
            "2",
        ),
        (
            query(&json!({"bool": {"should": vec![is("a"); 12], "minimum_should_match": 6}})),
            "there are too many ways to choose 6 of 12 clauses",
            "\"bool\"",
        ),
        (
            query(&json!({"bool": {"must_not": is("a"), "adjust_pure_negative": false}})),
            "`adjust_pure_negative` of `bool` is not applied",
            "\"adjust_pure_negative\":false",
        ),
        (
            query(&json!({"terms": {"k": {"index": "i", "id": "1", "path": "p"}}})),
            "`terms` of another document are not looked up",
            "\"k\"",
        ),
        (
            string("k:a AND k:b OR k:c"),
            "in a query string `AND` and `OR` need parentheses between them",
            "OR",
        ),
        (
            string("k:a OR NOT k:b"),
            "in a query string `NOT` is read in front of a part of an `AND` only",
            "k:a OR NOT k:b",
        ),
        (string("k:roam~"), "in a query string distances are not read", "~"),
        (string("k:a^2"), "in a query string weights are not read", "^"),
        (string("k:/a.b/"), "in a query string this sign at the start of a part is not read", "/"),
        (string("k:(a"), "in a query string a `(` is not closed", ""),
        (string("k:a)"), "in a query string there is a `)` too many", ")"),
        (string("k:"), "in a query string a value is missing", ""),
        (string("k:[1 5]"), "in a query string a range is `[a TO b]`", "5"),
    ] {
        let (condition, findings) = check(std::slice::from_ref(&filter));
        assert_eq!(condition, None, "{filter}");
        let message = format!("{message}; this rule is left out");
        assert_eq!(findings, [(message, place.to_owned())], "{filter}");
    }
}

#[test]
fn filters_are_anded_and_those_that_are_off_are_not_read() {
    let events = [r#"{"k":"a","u":"x"}"#, r#"{"k":"b","u":"x"}"#, r#"{"k":"c"}"#];
    let pass = |filters: &[Value]| {
        let (condition, findings) = check(filters);
        assert_eq!(findings, []);
        let condition = condition.expect("there is no finding");
        events.map(|event| holds(&condition, &Event::from_json(event).expect("it is JSON")))
    };
    assert_eq!(pass(&[]), [true; 3]);
    let has_u = json!({"exists": {"field": "u"}});
    let not_a = json!({"meta": {"negate": true}, "query": {"match_phrase": {"k": "a"}}});
    assert_eq!(pass(&[query(&has_u), not_a]), [false, true, false]);
    let off = json!({"meta": {"negate": true, "disabled": true}, "query": {"script": {}}});
    assert_eq!(pass(&[off]), [true; 3]);
}
