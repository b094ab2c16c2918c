//! Random queries in KQL over random events: the planned set, packed and unpacked,
//! and the reference evaluator say the same.

#[path = "support/kql.rs"]
mod support;

use bumpalo::Bump;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::rule::Language;
use rule_lang::ruleset::{Options, read_query};
use rule_lang::source::FileId;
use rule_runtime::engine::Matcher;
use rule_runtime::info::RuleInfo;
use rule_runtime::sequence::EventRef;
use rule_runtime::source::{FieldSink, Fields};
use support::{compare, event, schema};

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

/// An event of a program's own.
struct Loaded<'a> {
    name: &'a str,
    signers: &'a [&'a str],
}

impl Fields for Loaded<'_> {
    fn fields(&self, out: &mut FieldSink<'_>) {
        out.put("dll.name", self.name);
        out.put("host.id", 7_u32);
        out.put("dll.code_signature.subject", self.signers);
    }
}

#[test]
fn a_struct_is_looked_at_as_a_whole() {
    let schema = schema();
    let options = Options { schema: &schema, strict: false };
    let queries = [
        "*.id: 7",
        "zebra",
        "dll: { name: a.dll and not code_signature.subject: \"Zebra Ltd\" }",
        "dll: { code_signature: { subject: Zebra* } }",
        "dll*: b.dll",
        "host: { dll: * }",
    ];
    let queries =
        queries.map(|text| read_query(text, Language::Kuery, FileId(0), None, &options).0.expect(text).1);
    let arena = Bump::new();
    let inputs = queries.each_ref().map(|query| RuleInput { query, info: RuleInfo::EMPTY });
    let plan = plan(&inputs, &PlanOptions::default(), &arena);
    let mut matcher = Matcher::new(&plan.set);
    let mut found = |name, signers: &[&str]| {
        let event = Loaded { name, signers };
        matcher.fields(&event, EventRef(0)).expect("it is small").rules().to_vec()
    };
    assert_eq!(found("a.dll", &["Zebra Ltd", "Other"]), [0, 1, 3]);
    assert_eq!(found("a.dll", &[]), [0, 2]);
    assert_eq!(found("b.dll", &["Zebra Ltd"]), [0, 1, 3, 4]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn queries_hold_alike(queries in vec(query(), 1..5), events in vec(event(), 1..5)) {
        let schema = schema();
        let options = Options { schema: &schema, strict: false };
        let checked: Vec<_> = queries
            .into_iter()
            // Some have no meaning: `now` inside a group.
            .filter_map(|text| {
                let (_, query) = read_query(&text, Language::Kuery, FileId(0), None, &options).0?;
                Some((text, query))
            })
            .collect();
        compare(&checked, &events)?;
    }
}
