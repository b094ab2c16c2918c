//! Random exception items over random events: an evaluator written from rules.md section 8 alone, the reference
//! evaluator and the planned set say the same.

use bumpalo::Bump;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, plan};
use rule_lang::condition::QueryKind;
use rule_lang::meaning::{Event, holds};
use rule_lang::ruleset::{self, Extras, Options};
use rule_lang::schema::{FieldType, Schema};
use rule_runtime::engine::Matcher;
use rule_runtime::packed::{pack, unpack};
use rule_runtime::sequence::EventRef;
use serde_json::{Map, Value, json};

/// Fields and values are text, so that what is equal needs no table.
fn schema() -> Schema {
    let mut schema = Schema::open();
    for path in ["a", "o.k", "o.w", "host.os.type", "host.os.name"] {
        schema.add(path, FieldType::Keyword);
    }
    schema
}

fn text() -> impl Strategy<Value = String> {
    select(vec!["x", "X", "xy", "x*", "x?y", "\\", "", "é", "linux", "Linux", "windows"])
        .prop_map(str::to_owned)
}

fn pattern() -> impl Strategy<Value = String> {
    select(vec!["x*", "*y", "?", "x?", "x\\*", "\\\\", "*", "", "x\\?y", "*?*", "é"]).prop_map(str::to_owned)
}

fn operator() -> impl Strategy<Value = &'static str> {
    select(vec!["included", "included", "excluded"])
}

/// An entry that tests a field.
fn plain(fields: Vec<&'static str>) -> impl Strategy<Value = Value> {
    let fields = select(fields);
    let test = prop_oneof![
        3 => text().prop_map(|value| json!({ "type": "match", "value": value })),
        2 => vec(text(), 1..4).prop_map(|value| json!({ "type": "match_any", "value": value })),
        3 => pattern().prop_map(|value| json!({ "type": "wildcard", "value": value })),
        1 => Just(json!({ "type": "exists" })),
    ];
    (fields, test, operator()).prop_map(|(field, mut test, operator)| {
        test["field"] = field.into();
        test["operator"] = operator.into();
        test
    })
}

fn entry() -> impl Strategy<Value = Value> {
    let inner = vec(plain(vec!["k", "w"]), 1..4);
    prop_oneof![
        5 => plain(vec!["a", "a", "o.k", "o.w", "a.caseless"]),
        1 => (select(vec!["a", "o.k"]), operator()).prop_map(|(field, operator)| json!({
            "field": field, "type": "list", "operator": operator, "list": { "id": "values.txt", "type": "keyword" }
        })),
        2 => inner.prop_map(|entries| json!({ "field": "o", "type": "nested", "entries": entries })),
    ]
}

fn item() -> impl Strategy<Value = Value> {
    let systems = vec(select(vec!["linux", "windows"]), 0..2);
    let expires = select(vec!["", "", "", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]);
    (vec(entry(), 1..4), systems, expires).prop_map(|(entries, systems, expires)| {
        let mut item = json!({ "list_id": "l", "namespace_type": "single", "entries": entries });
        if !systems.is_empty() {
            item["os_types"] = systems.into();
        }
        if !expires.is_empty() {
            item["expire_time"] = expires.into();
        }
        item
    })
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => text().prop_map(Value::from),
        1 => vec(text(), 0..3).prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    let table = move |members: Vec<(&'static str, Value)>| {
        Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
    };
    let object = move || vec((select(vec!["k", "w"]), values()), 0..3).prop_map(table);
    let objects = prop_oneof![object(), vec(object(), 0..3).prop_map(Value::from)];
    let system =
        (select(vec!["type", "name"]), values()).prop_map(|(key, value)| json!({ "os": { key: value } }));
    (values(), objects, system).prop_map(|(a, o, host)| json!({ "a": a, "o": o, "host": host }))
}

/// What the section says, over the event as it is.
mod naive {
    use serde_json::Value;

    /// All texts at a path; objects in arrays are looked into.
    fn texts(value: &Value, path: &str) -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().flat_map(|item| texts(item, path)).collect(),
            Value::String(text) if path.is_empty() => vec![text.clone()],
            Value::Object(object) => {
                let (first, rest) = path.split_once('.').unwrap_or((path, ""));
                object.get(first).map_or(Vec::new(), |inner| texts(inner, rest))
            }
            _ => Vec::new(),
        }
    }

    fn objects<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
        match value.get(path) {
            Some(Value::Array(items)) => items.iter().filter(|item| item.is_object()).collect(),
            Some(object @ Value::Object(_)) => vec![object],
            _ => Vec::new(),
        }
    }

    fn wildcard(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|skip| wildcard(rest, &text[skip..])),
            ['?', rest @ ..] => !text.is_empty() && wildcard(rest, &text[1..]),
            ['\\', literal, rest @ ..] | [literal, rest @ ..] => {
                text.first() == Some(literal) && wildcard(rest, &text[1..])
            }
        }
    }

    fn entry(entry: &Value, event: &Value, list: &[&str]) -> bool {
        let field = entry["field"].as_str().unwrap();
        let (field, fold) = match field.strip_suffix(".caseless") {
            Some(parent) => (parent, true),
            None => (field, false),
        };
        let same = |a: &str, b: &str| if fold { a.eq_ignore_ascii_case(b) } else { a == b };
        let values = texts(event, field);
        let value = &entry["value"];
        let any = |wanted: &str| values.iter().any(|value| same(value, wanted));
        let included = match entry["type"].as_str().unwrap() {
            "match" => any(value.as_str().unwrap()),
            "match_any" => value.as_array().unwrap().iter().any(|one| any(one.as_str().unwrap())),
            "exists" => !values.is_empty(),
            "list" => list.iter().any(|one| any(one)),
            "wildcard" => {
                let letters = |text: &str| {
                    if fold { text.to_ascii_lowercase() } else { text.to_owned() }.chars().collect::<Vec<_>>()
                };
                let pattern = letters(value.as_str().unwrap());
                values.iter().any(|value| wildcard(&pattern, &letters(value)))
            }
            _ => {
                let inner = entry["entries"].as_array().unwrap();
                objects(event, field)
                    .iter()
                    .any(|object| inner.iter().all(|one| self::entry(one, object, list)))
            }
        };
        included != (entry["operator"] == "excluded")
    }

    /// Whether an item matches.
    pub(super) fn item(item: &Value, event: &Value, list: &[&str]) -> bool {
        let ended = item.get("expire_time").is_some_and(|end| end.as_str().unwrap() < "2026");
        let systems = item.get("os_types").and_then(Value::as_array);
        let system = systems.is_none_or(|systems| {
            systems.iter().any(|os| {
                let os = os.as_str().unwrap();
                texts(event, "host.os.type").iter().any(|value| value == os)
                    || texts(event, "host.os.name").iter().any(|value| value.eq_ignore_ascii_case(os))
            })
        });
        !ended && system && item["entries"].as_array().unwrap().iter().all(|one| entry(one, event, list))
    }
}

/// Rules that match everything but what the list excepts, and everything with an `x`.
fn rules() -> String {
    let rule = |number: usize, query: &str| {
        json!({
            "name": "Rule", "rule_id": format!("00000000-0000-4000-8000-{number:012}"), "type": "eql", "query": query,
            "description": "A rule", "author": ["Kiln"], "severity": "low", "risk_score": 1,
            "exceptions_list": [{ "list_id": "l", "namespace_type": "single" }]
        })
    };
    format!("{}\n{}\n", rule(0, "any where true"), rule(1, "any where a == \"x\""))
}

const LIST: [&str; 2] = ["x", "xy"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn items_mean_what_the_section_says(items in vec(item(), 1..5), events in vec(event(), 1..6)) {
        let schema = schema();
        let export = items.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        let extras = Extras {
            exceptions: vec![
                ("list.ndjson".to_owned(), export.into_bytes()),
                ("values.txt".to_owned(), LIST.join("\n").into_bytes()),
            ],
            clock: rule_lang::exception::Clock { now: 1_767_225_600_000_000_000, compiled_in: false },
            ..Extras::default()
        };
        let rules = [("rules.ndjson".to_owned(), rules().into_bytes())];
        let set = ruleset::load_with(rules, extras, &Options { schema: &schema, strict: false });
        prop_assert!(!set.has_errors(), "{:?}", set.diagnostics);
        let arena = Bump::new();
        let inputs = rule_compiler::ruleset::inputs(&set, &arena);
        let plan = plan(&inputs, &PlanOptions::default(), &arena);
        prop_assert!(plan.refused.is_empty(), "{:?}", plan.refused);
        let packed = pack(&plan.set, |_| false);
        let compiled = unpack(&packed.texts, &packed.data, &[], &arena).expect("it was packed here");
        let mut matcher = Matcher::new(&compiled);
        for event in &events {
            let excepted = items.iter().any(|item| naive::item(item, event, &LIST));
            let text = event.to_string();
            let fired = matcher.json(text.as_bytes(), EventRef(0)).expect("JSON").rules().to_vec();
            let parsed = Event::from_json(&text).expect("JSON");
            for (rule, checked) in (0..).zip(&set.rules) {
                let QueryKind::Event(filter) = &checked.query.kind else { panic!("a query for events") };
                let meaning = holds(&filter.condition, &parsed);
                if rule == 0 {
                    prop_assert_eq!(meaning, !excepted, "{} by the reference evaluator", text);
                }
                prop_assert_eq!(fired.contains(&rule), meaning, "{} by the planned set", text);
            }
        }
    }
}
