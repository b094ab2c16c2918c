//! Random queries in KQL over random events: the planned set, packed and unpacked,
//! and the reference evaluator say the same.

use bumpalo::Bump;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::QueryKind;
use rule_lang::meaning::{Event, holds};
use rule_lang::rule::Language;
use rule_lang::ruleset::{Options, read_query};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::FileId;
use rule_runtime::engine::Matcher;
use rule_runtime::info::RuleInfo;
use rule_runtime::packed::{pack, unpack};
use rule_runtime::sequence::EventRef;

fn schema() -> Schema {
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

fn value() -> impl Strategy<Value = String> {
    select(vec![
        "a",
        "A",
        "ab",
        "\"a b\"",
        "a b",
        "\"b a\"",
        "a*",
        "*b*",
        "*",
        "a?*",
        "b\\*",
        "\"\"",
        "5",
        "\"5\"",
        "5.0",
        "05",
        "22",
        "-3",
        "0",
        "9007199254740993",
        "true",
        "\"false\"",
        "10.0.0.1",
        "10.0.0.0/8",
        "\"::1\"",
        "2024-05",
        "\"2024-05-01T10:00:00Z\"",
        "2024-05-01",
        "é*",
        "\"é ab\"",
    ])
    .prop_map(str::to_owned)
}

fn field() -> impl Strategy<Value = String> {
    let names = [
        "k",
        "n",
        "b",
        "i",
        "t",
        "u",
        "o",
        "o.k",
        "o.w",
        "message",
        "k.text",
        "k.caseless",
        "o.*",
        "*k",
        "*",
        "@timestamp",
        // Read in the first phase.
        "event.k",
        "event.k",
        "event.k",
        "host.n",
        "event.*",
    ];
    select(names.to_vec()).prop_map(str::to_owned)
}

fn values() -> impl Strategy<Value = String> {
    value().prop_recursive(2, 6, 3, |inner| {
        let joined = |word: &'static str| {
            vec(inner.clone(), 2..4).prop_map(move |parts| format!("({})", parts.join(&format!(" {word} "))))
        };
        prop_oneof![joined("or"), joined("and"), inner.clone().prop_map(|inner| format!("(not {inner})"))]
    })
}

fn query() -> impl Strategy<Value = String> {
    let bound =
        select(vec!["a", "5", "10.0.0.1", "2024-05-01", "2024-05", "now-1d", "now/d", "2024-05-01||+1M/w"]);
    let op = select(vec!["<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        6 => (field(), values()).prop_map(|(field, values)| format!("{field}: {values}")),
        2 => (field(), op, bound).prop_map(|(field, op, bound)| format!("{field} {op} \"{bound}\"")),
        1 => value(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let joined = |word: &'static str| {
            vec(inner.clone(), 2..4).prop_map(move |parts| format!("({})", parts.join(&format!(" {word} "))))
        };
        prop_oneof![
            joined("or"),
            joined("and"),
            inner.clone().prop_map(|inner| format!("(not ({inner}))")),
            inner.clone().prop_map(|inner| format!("o: {{ {inner} }}")),
            inner.prop_map(|inner| format!("o.p: {{ {inner} }}")),
        ]
    })
}

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
        "-0",
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

fn event() -> impl Strategy<Value = String> {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn queries_hold_alike(queries in vec(query(), 1..5), events in vec(event(), 1..5)) {
        let schema = schema();
        let options = Options { schema: &schema, strict: false };
        let checked: Vec<_> = queries
            .iter()
            // Some have no meaning: `now` inside a group.
            .filter_map(|text| read_query(text, Language::Kuery, FileId(0), None, &options).0.map(|(_, query)| (text, query)))
            .collect();
        let arena = Bump::new();
        let inputs: Vec<_> =
            checked.iter().map(|(_, query)| RuleInput { query, info: RuleInfo::EMPTY }).collect();
        let plan = plan(&inputs, &PlanOptions::default(), &arena);
        prop_assert!(plan.refused.is_empty(), "{:?}", plan.refused);
        let packed = pack(&plan.set, |_| false);
        let set = unpack(&packed.texts, &packed.data, &[], &arena).expect("it was packed here");
        let mut matcher = Matcher::new(&set);
        let mut by_block = Vec::new();
        matcher.block(events.join("\n").as_bytes(), |_| EventRef(0), |_, outcome| {
            by_block.push(outcome.expect("it is JSON").rules().to_vec());
        });
        for (text, by_block) in events.iter().zip(&by_block) {
            let event = Event::from_json(text).expect("it is made as JSON");
            let found = matcher.json(text.as_bytes(), EventRef(0)).expect("it is JSON").rules().to_vec();
            prop_assert_eq!(&found, by_block, "{:?} over {}", queries, text);
            for (rule, (query, meaning)) in (0..).zip(&checked) {
                let QueryKind::Event(filter) = &meaning.kind else { continue };
                let meant = holds(&filter.condition, &event);
                prop_assert_eq!(found.contains(&rule), meant, "{} over {}", query, text);
            }
        }
    }
}
