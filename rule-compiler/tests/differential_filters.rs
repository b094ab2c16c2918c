//! Random filters of rules over random events: the planned set, packed and unpacked,
//! and the reference evaluator say the same.

#[path = "support/kql.rs"]
mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_lang::check::CheckOptions;
use rule_lang::condition::{self, Query, QueryKind};
use rule_lang::schema::Schema;
use rule_lang::source::{FileId, SourceFile};
use rule_lang::span::Span;
use rule_lang::{file, kql};
use serde_json::{Value, json};
use support::{compare, event, schema};

fn field() -> impl Strategy<Value = &'static str> {
    select(vec![
        "k",
        "n",
        "b",
        "i",
        "t",
        "u",
        "o.k",
        "o.n",
        "o.w",
        "message",
        "k.text",
        "k.caseless",
        "event.k",
        "host.n",
        "@timestamp",
    ])
}

fn text() -> impl Strategy<Value = &'static str> {
    select(vec![
        "a",
        "A",
        "ab",
        "a b",
        "b a",
        "a*",
        "*b*",
        "a?*",
        "b\\*",
        "x\\\\",
        "",
        "5",
        "05",
        "22",
        "-3",
        "0",
        "9007199254740993",
        "10.0.0.1",
        "10.0.0.0/8",
        "2024-05",
        "2024-05-01T10:00:00Z",
        "now-1d",
        "é",
        "é a",
    ])
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => text().prop_map(|text| json!(text)),
        1 => select(vec![json!(5), json!(5.0), json!(true), json!(false), json!(1_714_557_600_000_i64)]),
    ]
}

/// A clause that asks one field.
fn leaf() -> impl Strategy<Value = Value> {
    let one = |clause: &'static str, key: &'static str| {
        (field(), scalar(), any::<bool>(), any::<bool>()).prop_map(move |(field, value, fold, long)| {
            let cased = matches!(clause, "term" | "wildcard" | "prefix");
            match (long, cased) {
                (true, true) => json!({ clause: { field: { key: value, "case_insensitive": fold } } }),
                (true, false) => json!({ clause: { field: { key: value } } }),
                _ => json!({ clause: { field: value } }),
            }
        })
    };
    let regex = select(vec!["a", "a.", "[a-b]+", "(a|b).*", "~(a)", ".*&.*b.*", "a{1,2}|<1-9>", ".?"]);
    let bound = select(vec!["a", "5", "10.0.0.1", "2024-05-01", "2024-05", "now-1d"]);
    let zone = select(vec![None, Some("+02:00"), Some("-01:30"), Some("Z")]);
    let op = select(vec!["gt", "gte", "lt", "lte"]);
    let strings = select(vec![
        "a",
        "k:a",
        "k:(a OR ab)",
        "k:a* AND NOT n:5",
        "_exists_:o.k",
        "o.w:(a b)",
        "n:[1 TO 5}",
        "\"a b\"",
        "t:>=2024-05",
        "o.k:?b OR (u:* && b:true)",
    ]);
    prop_oneof![
        one("term", "value"),
        one("wildcard", "value"),
        one("prefix", "value"),
        one("match", "query"),
        one("match_phrase", "query"),
        one("match_phrase_prefix", "query"),
        field().prop_map(|field| json!({ "exists": { "field": field } })),
        (field(), vec(scalar(), 0..3)).prop_map(|(field, values)| json!({ "terms": { field: values } })),
        (field(), text())
            .prop_map(|(field, text)| json!({ "match": { field: { "query": text, "operator": "and" } } })),
        (field(), regex, any::<bool>()).prop_map(|(field, pattern, fold)| {
            json!({ "regexp": { field: { "value": pattern, "case_insensitive": fold } } })
        }),
        (field(), op, bound, zone).prop_map(|(field, op, bound, zone)| match zone {
            Some(zone) => json!({ "range": { field: { op: bound, "time_zone": zone } } }),
            None => json!({ "range": { field: { op: bound } } }),
        }),
        (text(), vec(field(), 0..3), any::<bool>()).prop_map(|(text, fields, phrase)| {
            let kind = if phrase { "phrase" } else { "best_fields" };
            json!({ "multi_match": { "query": text, "fields": fields, "type": kind } })
        }),
        strings.prop_map(|text| json!({ "query_string": { "query": text } })),
    ]
}

fn clause() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 10, 3, |inner| {
        let some = || vec(inner.clone(), 0..4);
        let least = select(vec![json!(0), json!(1), json!(2), json!("-1"), json!("60%")]);
        prop_oneof![
            (some(), some(), some(), least).prop_map(|(must, not, should, least)| {
                json!({ "bool": { "must": must, "must_not": not, "should": should, "minimum_should_match": least } })
            }),
            some().prop_map(|clauses| json!({ "dis_max": { "queries": clauses } })),
            inner.clone().prop_map(|inner| json!({ "constant_score": { "filter": inner } })),
            nested(),
        ]
    })
}

/// A clause on the objects at a path.
fn nested() -> impl Strategy<Value = Value> {
    let name = select(vec!["k", "n", "w"]);
    (select(vec!["o", "o.p"]), name, scalar(), any::<bool>()).prop_map(|(path, name, value, negate)| {
        let test = json!({ "match": { format!("{path}.{name}"): value } });
        let inner = if negate { json!({ "bool": { "must_not": test } }) } else { test };
        json!({ "nested": { "path": path, "query": inner } })
    })
}

fn filter() -> impl Strategy<Value = Value> {
    (clause(), any::<bool>())
        .prop_map(|(clause, negate)| json!({ "meta": { "negate": negate }, "query": clause }))
}

/// The filter as the query of a rule; some are not run.
fn checked(filter: &Value, schema: &Schema) -> Option<(String, Query)> {
    let text = filter.to_string();
    let node = file::parse(&SourceFile::new("filter.json", text.clone()), FileId(0)).expect("it is JSON");
    let (condition, findings) = kql::check_filters(&[node], &CheckOptions::new(schema), FileId(0), 0);
    assert!(condition.is_some() || !findings.is_empty(), "{text} is left out, and nobody knows why");
    let filter = condition::Filter { category: None, condition: condition?, span: Span::default() };
    Some((text, Query::new(QueryKind::Event(filter))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn filters_hold_alike(filters in vec(filter(), 1..5), events in vec(event(), 1..5)) {
        let schema = schema();
        let checked: Vec<_> = filters.iter().filter_map(|filter| checked(filter, &schema)).collect();
        compare(&checked, &events)?;
    }
}
