//! Events and their fields for random queries in KQL and random filters, and the comparison of all engines over them.

use bumpalo::Bump;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{Event, holds};
use rule_lang::schema::{FieldType, Schema};
use rule_runtime::engine::Matcher;
use rule_runtime::info::RuleInfo;
use rule_runtime::packed::{pack, unpack};
use rule_runtime::sequence::EventRef;

/// Types of some of the fields.
pub(crate) fn schema() -> Schema {
    let mut schema = Schema::open();
    for (path, ty) in [
        ("k", FieldType::Keyword),
        ("o.k", FieldType::Keyword),
        ("n", FieldType::Long),
        ("b", FieldType::Boolean),
        ("i", FieldType::Ip),
        ("t", FieldType::Date),
        ("o.w", FieldType::Text),
        ("message", FieldType::Text),
    ] {
        schema.add(path, ty);
    }
    schema
}

/// Numbers that `serde_json` writes in another way.
const RESPELLED: [&str; 3] = ["5e0", "2.2e1", "9007199254740993.0"];

fn scalar() -> impl Strategy<Value = String> {
    select(vec![
        "\"a\"",
        "\"A\"",
        "\"ab\"",
        "\"a b\"",
        "\"b, A é\"",
        "\"xaby\"",
        "\"b*\"",
        "\"a?c\"",
        "\"\"",
        "5",
        "5.0",
        "\"5\"",
        "\"05\"",
        "5e0",
        "22",
        "2.2e1",
        "\"022\"",
        "-3.0",
        "-0.0",
        "\"-0.0\"",
        "9007199254740992",
        "9007199254740993.0",
        "true",
        "\"false\"",
        "null",
        "\"10.0.0.1\"",
        "\"::1\"",
        "\"2024-05-01T10:00:00Z\"",
        "\"2024-05-31\"",
        "1714557600000",
        "[]",
    ])
    .prop_map(str::to_owned)
}

fn json() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 10, 3, |inner| {
        let keys = select(vec!["k", "n", "w", "p", "o", "p.k", "\\u006b", "o.p"]);
        let object = vec((keys, inner.clone()), 0..4).prop_map(|members| object(&members));
        prop_oneof![vec(inner, 0..3).prop_map(|elements| format!("[{}]", elements.join(","))), object]
    })
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

/// An event, as JSON text.
pub(crate) fn event() -> impl Strategy<Value = String> {
    let keys = select(vec![
        "k",
        "n",
        "b",
        "i",
        "t",
        "u",
        "o",
        "o.k",
        "o.p",
        "event",
        "event",
        "host.n",
        "message",
        "@timestamp",
    ]);
    vec((keys, json()), 0..8).prop_map(|members| object(&members))
}

/// Holds the planned set, by blocks and line by line, against the reference evaluator. Queries come with their text.
pub(crate) fn compare(queries: &[(String, Query)], events: &[String]) -> Result<(), TestCaseError> {
    let arena = Bump::new();
    let inputs: Vec<_> =
        queries.iter().map(|(_, query)| RuleInput { query, info: RuleInfo::EMPTY }).collect();
    let plan = plan(&inputs, &PlanOptions::default(), &arena);
    prop_assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    let packed = pack(&plan.set, |_| false);
    let set = unpack(&packed.texts, &packed.data, &[], &arena).expect("it was packed here");
    let mut matcher = Matcher::new(&set);
    let mut by_block = Vec::new();
    matcher.block(
        events.join("\n").as_bytes(),
        |_| EventRef(0),
        |_, outcome| {
            by_block.push(outcome.expect("it is JSON").rules().to_vec());
        },
    );
    for (text, by_block) in events.iter().zip(&by_block) {
        let event = Event::from_json(text).expect("it is made as JSON");
        let found = matcher.json(text.as_bytes(), EventRef(0)).expect("it is JSON").rules().to_vec();
        prop_assert_eq!(&found, by_block, "{:?} over {}", queries, text);
        // Serde hands on what a number is, not how it was written; words and patterns see the latter.
        if !RESPELLED.iter().any(|number| text.contains(number)) {
            let mut source = serde_json::Deserializer::from_str(text);
            let by_serde = matcher.value(&mut source, EventRef(0)).expect("it is JSON").rules().to_vec();
            prop_assert_eq!(&found, &by_serde, "{:?} over {}", queries, text);
        }
        for (rule, (query, meaning)) in (0..).zip(queries) {
            let QueryKind::Event(filter) = &meaning.kind else { continue };
            let meant = holds(&filter.condition, &event);
            prop_assert_eq!(found.contains(&rule), meant, "{} over {}", query, text);
        }
    }
    Ok(())
}
