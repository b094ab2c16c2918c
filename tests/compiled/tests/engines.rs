//! Random sets of rules over random events: the planner's compiled form gives what the reference evaluator gives, with
//! all passes, with none, and with each switched off.

use bumpalo::Bump;
use kiln::info::RuleInfo;
use kiln_compiled_tests::batch;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::Query;
use rule_lang::meaning::{Event, RunOptions, run};
use rule_lang::ruleset::{Options, parse_and_check};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::FileId;

fn schema() -> Schema {
    let mut schema = Schema::open();
    for (path, ty) in [
        ("event.category", FieldType::Keyword),
        ("s", FieldType::Keyword),
        ("p.t", FieldType::Keyword),
        ("n", FieldType::Long),
        ("host.x", FieldType::Double),
        ("b", FieldType::Boolean),
        ("ip", FieldType::Ip),
        ("d", FieldType::Date),
    ] {
        schema.add(path, ty);
    }
    schema
}

/// `None` for a query that the check refuses.
fn checked(text: &str, schema: &Schema) -> Option<Query> {
    let options = Options { schema, strict: false };
    parse_and_check(text, FileId(0), None, &options).0.map(|(_, query)| query)
}

/// A result as places in the input and the text of its keys.
type Hit = (Vec<Option<usize>>, Vec<String>);

/// The results of all rules by both engines, under every set of passes.
fn agree(texts: &[String], events: &[String]) -> Result<(), TestCaseError> {
    let schema = schema();
    let queries: Vec<(&String, Query)> =
        texts.iter().filter_map(|text| Some((text, checked(text, &schema)?))).collect();
    let parsed: Vec<_> = events.iter().map(|text| Event::from_json(text).expect("events are JSON")).collect();
    let meaning = |query: &Query| -> Vec<Hit> {
        let hits = run(query, &parsed, &RunOptions::default()).into_iter();
        hits.map(|hit| (hit.events, hit.keys.iter().map(ToString::to_string).collect())).collect()
    };
    let meant: Vec<_> = queries.iter().map(|(_, query)| meaning(query)).collect();
    let inputs: Vec<_> =
        queries.iter().map(|(_, query)| RuleInput { query, info: RuleInfo::EMPTY }).collect();
    let mut all_options = PlanOptions::each_off();
    all_options.extend([("nothing", PlanOptions::all()), ("everything", PlanOptions::none())]);
    for (off, options) in all_options {
        let arena = Bump::new();
        let plan = plan(&inputs, &options, &arena);
        prop_assert!(plan.refused.is_empty(), "{:?}", plan.refused);
        let found = batch::run(&plan.set, events, None, 1);
        for (((text, _), meant), found) in queries.iter().zip(&meant).zip(found) {
            let found: Vec<Hit> = found.into_iter().map(|hit| (hit.events, hit.keys)).collect();
            prop_assert_eq!(&sorted(text, found), &sorted(text, meant.clone()), "{} without {}", text, off);
        }
    }
    Ok(())
}

/// Single events without a time have no order that both engines share. Neither have sequences of different keys with the
/// same last event, if they waited for a missing event to stay away: they are found when their own time is up.
fn sorted(text: &str, mut hits: Vec<Hit>) -> Vec<Hit> {
    if text.starts_with("sequence") {
        if text.contains('!') {
            let last = |hit: &Hit| hit.0.iter().flatten().next_back().copied();
            hits.chunk_by_mut(|a, b| last(a) == last(b)).for_each(<[_]>::sort);
        }
    } else if !text.starts_with("sample") {
        hits.sort();
    }
    hits
}

fn text() -> impl Strategy<Value = &'static str> {
    select(vec!["", "a", "A", "ab", "aB", "b", "abc", "é", "10", "true", "10.1.2.3", "2026-01-01"])
}

fn pattern() -> impl Strategy<Value = &'static str> {
    select(vec!["a*", "*b", "*", "?", "A?", "*é*", "a*c", "ab", ""])
}

/// Of a rule.
fn number() -> impl Strategy<Value = &'static str> {
    select(vec![
        "4",
        "22",
        "22",
        "10",
        "0",
        "-3",
        "4.0",
        "2.2e1",
        "4.5",
        "-0.0",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "18446744073709551615",
    ])
}

/// Of an event: the numbers of rules in every spelling.
fn spelled() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "22",
        "22.0",
        "2.2e1",
        "220E-1",
        r#""22""#,
        r#""22.0""#,
        r#""022""#,
        r#""+22""#,
        r#"" 22""#,
        "4.0",
        "0.4e1",
        "4.5",
        r#""4""#,
        "-0",
        "-0.0",
        "0",
        r#""-0""#,
        "0e5",
        "-3.0",
        r#""-03""#,
        "9007199254740991",
        "9007199254740991.0",
        "9007199254740992",
        "9007199254740992.0",
        "9007199254740993",
        "9007199254740993.0",
        "18446744073709551615",
        "18446744073709551616",
        "1e400",
        "-1e400",
        r#""22a""#,
        r#""""#,
        "4.0000000000000000000000000001",
        "22222222222222222222222222222222",
        "true",
        r#""0x16""#,
    ]);
    prop_oneof![2 => (-2_i32..12).prop_map(|n| n.to_string()), 1 => odd.prop_map(str::to_owned)]
}

fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}

fn leaf() -> impl Strategy<Value = String> {
    let field = || select(vec!["s", "s", "s", "p.t", "u", "event.category"]);
    let compare = || select(vec!["==", "!=", "<", ">="]);
    prop_oneof![
        4 => (field(), select(vec!["==", "!=", ":"]), text()).prop_map(|(f, op, t)| format!("{f} {op} {t:?}")),
        3 => (field(), select(vec!["in", "in~", "not in"]), vec(text(), 1..4))
            .prop_map(|(f, op, list)| format!("{f} {op} ({})", quoted(&list))),
        2 => (field(), select(vec!["like", "like~", ":"]), vec(pattern(), 1..3))
            .prop_map(|(f, op, list)| format!("{f} {op} ({})", quoted(&list))),
        1 => (field(), select(vec!["regex", "regex~"]), select(vec!["a.*", "(a|b)+c?", "[a-b]{1,2}", ".*[0-9].*"]))
            .prop_map(|(f, op, pattern)| format!("{f} {op} {pattern:?}")),
        2 => (select(vec!["s", "n", "b", "u", "ip", "?gone"]), select(vec!["==", "!="]))
            .prop_map(|(f, op)| format!("{f} {op} null")),
        2 => (compare(), -2_i32..12).prop_map(|(op, n)| format!("n {op} {n}")),
        2 => range(),
        3 => (select(vec!["n", "u", "s", "host.x"]), vec(number(), 1..4))
            .prop_map(|(f, list)| format!("{f} in ({})", list.join(", "))),
        2 => (select(vec!["n", "u", "s", "host.x"]), number()).prop_map(|(f, n)| format!("{f} == {n}")),
        1 => (vec(number(), 1..3), text()).prop_map(|(n, t)| format!("u in ({t:?}, {})", n.join(", "))),
        1 => vec(-1_i32..12, 1..4).prop_map(|n| format!("n in ({})", format!("{n:?}").trim_matches(['[', ']']))),
        1 => select(vec!["b", "not b", "b == true", "b != false", "u == true"]).prop_map(str::to_owned),
        1 => select(vec![
            "cidrMatch(ip, \"10.0.0.0/8\")", "ip == \"10.1.2.3\"", "d > \"2026-01-01\"", "d == \"2026-01-01\"",
            "length(s) == 2", "length(s) > n", "startsWith~(s, \"A\")", "s == p.t", "endsWith(s, p.t)", "n + 1 == 3",
            "concat(s, n) == \"a1\"", "string(n) == \"10\"", "number(s) == 10", "indexOf(s, \"b\") != 0", "true",
            "substring(s, 0, 1) in (\"a\", \"b\")", "(s == \"a\") == b", "1 == 2", "u > 3", "n % 2 == 1",
        ]).prop_map(str::to_owned),
    ]
}

/// Bounds that whole numbers keep, and sometimes none do; over fields that have several values or odd ones, too.
fn range() -> impl Strategy<Value = String> {
    let field = || select(vec!["n", "n", "u", "host.x"]);
    let lower = select(vec![">=", ">"]);
    let upper = select(vec!["<=", "<"]);
    let least = prop_oneof![3 => -2_i32..12, 1 => 20_i32..24];
    (field(), lower, least, upper, -1_i32..8).prop_map(|(field, lower, least, upper, wide)| {
        format!("({field} {lower} {least} and {field} {upper} {})", least + wide)
    })
}

fn condition() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            3 => vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            1 => inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

fn category() -> impl Strategy<Value = &'static str> {
    select(vec!["process", "file", "any", "any"])
}

fn event_query() -> impl Strategy<Value = String> {
    (category(), condition()).prop_map(|(category, condition)| format!("{category} where {condition}"))
}

/// A scalar, several, or none.
fn values(scalar: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        3 => Just(None),
        6 => scalar.clone().prop_map(Some),
        2 => vec(scalar, 0..4).prop_map(|list| Some(format!("[{}]", list.join(",")))),
        1 => Just(Some("null".to_owned())),
    ]
}

fn event() -> impl Strategy<Value = String> {
    let texts = || text().prop_map(|text| format!("{text:?}")).boxed();
    let numbers = || spelled().boxed();
    let booleans = || any::<bool>().prop_map(|b| b.to_string()).boxed();
    let mixed = || prop_oneof![texts(), numbers(), booleans(), Just("1.5".to_owned())].boxed();
    let category = select(vec![r#""process""#, r#""file""#, r#""a""#]).prop_map(str::to_owned).boxed();
    let fields = (values(texts()), values(texts()), values(mixed()), values(numbers()), values(booleans()));
    let others = (values(texts()), values(texts()), values(numbers()));
    (values(category), fields, others, any::<bool>()).prop_map(
        |(category, (s, t, u, n, b), (ip, d, x), nested)| {
            let (category_key, t_key) =
                if nested { ("event\":{\"category", "p\":{\"t") } else { ("event.category", "p.t") };
            let close = if nested { "}" } else { "" };
            let mut members = Vec::new();
            for (key, value, close) in [
                (category_key, category, close),
                ("s", s, ""),
                (t_key, t, close),
                ("u", u, ""),
                ("n", n, ""),
                ("b", b, ""),
                ("ip", ip, ""),
                ("d", d, ""),
                ("host.x", x, ""),
            ] {
                members.extend(value.map(|value| format!("\"{key}\":{value}{close}")));
            }
            format!("{{{}}}", members.join(","))
        },
    )
}

fn by() -> impl Strategy<Value = &'static str> {
    select(vec!["", "by k", "by k", "by ?k", "by k, s"])
}

fn filter() -> impl Strategy<Value = String> {
    let conditions = select(vec![
        "t == \"A\"",
        "t == \"B\"",
        "t == \"C\"",
        "t in (\"A\", \"B\")",
        "true",
        "t == \"A\" and n > 0",
    ]);
    (category(), conditions).prop_map(|(category, condition)| format!("[{category} where {condition}]"))
}

fn sequence_query() -> impl Strategy<Value = String> {
    let item = (prop::bool::weighted(0.2), filter(), prop_oneof![4 => Just(""), 1 => Just(" with runs=2")]);
    let maxspan = prop_oneof![2 => Just(None), 3 => (1_u32..9).prop_map(Some)];
    (
        by(),
        maxspan,
        vec(item, 2..4),
        prop::option::weighted(0.3, filter()),
        select(vec!["", "", "| head 1", "| tail 2"]),
    )
        .prop_map(|(by, maxspan, items, until, pipe)| {
            let maxspan = maxspan.map_or_else(String::new, |span| format!("with maxspan={span}ms"));
            let item = |(missing, filter, runs): (bool, String, &str)| {
                format!("{}{filter}{}", if missing { "!" } else { "" }, if missing { "" } else { runs })
            };
            let items: Vec<_> = items.into_iter().map(item).collect();
            let until = until.map_or_else(String::new, |filter| format!("until {filter}"));
            // See `sorted`: the first of equals is one of them.
            let pipe = if items.iter().any(|item| item.starts_with('!')) { "" } else { pipe };
            format!("sequence {by} {maxspan} {} {until} {pipe}", items.join(" "))
        })
}

fn sample_query() -> impl Strategy<Value = String> {
    (select(vec!["by k", "by k, s", "by ?k, s"]), vec(filter(), 2..4))
        .prop_map(|(by, items)| format!("sample {by} {}", items.join(" ")))
}

/// Events in order of time, some at the same one, some with two keys or none.
fn stream() -> impl Strategy<Value = Vec<String>> {
    let key = prop_oneof![
        4 => select(vec![r#""x""#, r#""y""#]).prop_map(|key| Some(key.to_owned())),
        1 => Just(Some(r#"["y","x"]"#.to_owned())),
        1 => Just(None),
    ];
    let event = (0_i64..4, select(vec!["A", "B", "C"]), key, select(vec!["1", "2", "[1,2]"]), 0_i32..2);
    vec(event, 0..24).prop_map(|events| {
        let mut now = 1_000;
        let event = |(step, tag, key, s, n): (i64, &str, Option<String>, &str, i32)| {
            now += step;
            let key = key.map_or_else(String::new, |key| format!(r#","k":{key}"#));
            let category = if n == 0 { "process" } else { "file" };
            format!(
                r#"{{"@timestamp":{now},"event":{{"category":"{category}"}},"t":"{tag}","s":{s},"n":{n}{key}}}"#
            )
        };
        events.into_iter().map(event).collect()
    })
}

/// `PROPTEST_CASES` overrides the number of cases.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    // An integration test has no place to keep seeds of failures.
    ProptestConfig { cases, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn conditions(rules in vec(event_query(), 1..12), events in vec(event(), 1..12)) {
        agree(&rules, &events)?;
    }

    #[test]
    fn sequences(rules in vec(sequence_query(), 1..4), events in stream()) {
        agree(&rules, &events)?;
    }

    #[test]
    fn samples(rules in vec(sample_query(), 1..4), events in stream()) {
        agree(&rules, &events)?;
    }

    #[test]
    fn everything_in_one_set(
        singles in vec(event_query(), 0..4),
        sequences in vec(sequence_query(), 0..3),
        samples in vec(sample_query(), 0..2),
        events in stream(),
    ) {
        agree(&[singles, sequences, samples].concat(), &events)?;
    }
}

#[test]
fn the_generators_make_queries_that_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut accepted = |strategy: BoxedStrategy<String>| {
        let texts: Vec<_> =
            (0..200).map(|_| strategy.new_tree(&mut runner).expect("a query").current()).collect();
        texts.iter().filter(|text| checked(text, &schema()).is_some()).count()
    };
    let counts = [event_query().boxed(), sequence_query().boxed(), sample_query().boxed()].map(&mut accepted);
    assert!(counts.iter().all(|&count| count > 100), "{counts:?}");
}
