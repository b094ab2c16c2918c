//! Random thresholds, new terms, indicators and suppressions over random streams: the compiled set finds what the reference
//! evaluator finds, also when its state is saved and restored on the way, and when the work is split as `kiln scan` does.

#![allow(clippy::format_collect, reason = "short texts of a test")]

use std::sync::Arc;

use bumpalo::Bump;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::{
    Cardinality, Condition, Constant, Field, Filter, Key, Leaf, NewTerms, Query, QueryKind, Suppression,
    Test, ThreatEntry, ThreatMatch, Threshold, TimeSource, Value,
};
use rule_lang::eql::ast::CompareOp;
use rule_lang::meaning::{self, Event};
use rule_lang::schema::FieldType;
use rule_runtime::engine::{Detail, Finding, Matcher, Options, Outcome, Parts, StateLimits};
use rule_runtime::info::RuleInfo;
use rule_runtime::keyed::KeyedLimits;
use rule_runtime::sequence::EventRef;
use rule_runtime::set::RuleSet;
use rule_runtime::threat::Indicators;

const FIELDS: [(&str, FieldType); 4] =
    [("k", FieldType::Keyword), ("o.l", FieldType::Unknown), ("ip", FieldType::Ip), ("n", FieldType::Long)];

fn field(number: usize) -> Field {
    let (path, ty) = FIELDS[number];
    Field { path: path.into(), ty }
}

fn key(number: usize, optional: bool) -> Key {
    let field = field(number);
    Key { path: field.path.clone(), field: Some(field), optional }
}

fn filter(tag: char) -> Filter {
    let test = Test::Compare {
        op: CompareOp::Eq,
        left: Value::Field(Field { path: "t".into(), ty: FieldType::Keyword }),
        right: Value::Constant(Constant::Text(tag.to_string().into())),
    };
    let condition = match tag {
        'A'..='B' => Condition::Leaf(Leaf { test, span: rule_lang::span::Span::default() }),
        _ => Condition::Const(true),
    };
    Filter { category: None, condition, span: rule_lang::span::Span::default() }
}

fn time() -> impl Strategy<Value = TimeSource> {
    select(vec![("@timestamp", None), ("event.ingested", Some("@timestamp")), ("event.ingested", None)])
        .prop_map(|(field, fallback): (&str, Option<&str>)| TimeSource {
            field: field.into(),
            fallback: fallback.map(Into::into),
        })
}

fn keys(most: usize) -> impl Strategy<Value = Vec<Key>> {
    prop::collection::vec((0..FIELDS.len()).prop_map(|number| key(number, false)), 0..=most)
}

fn tag() -> impl Strategy<Value = char> {
    select(vec!['A', 'B', 'C'])
}

fn kind() -> impl Strategy<Value = QueryKind> {
    let cardinality = (0..FIELDS.len(), 1_u64..4)
        .prop_map(|(number, value)| Cardinality { key: key(number, false), value });
    let threshold = (tag(), time(), keys(2), 1_u64..4, prop::option::of(cardinality), 1_u64..12).prop_map(
        |(tag, time, keys, value, cardinality, window)| {
            QueryKind::Threshold(Threshold { filter: filter(tag), time, keys, value, cardinality, window })
        },
    );
    let terms = (tag(), time(), keys(2), 1_u64..12)
        .prop_filter("a field", |(.., keys, _)| !keys.is_empty())
        .prop_map(|(tag, time, keys, window)| {
            QueryKind::NewTerms(NewTerms { filter: filter(tag), time, keys, window })
        });
    let entry = (0..FIELDS.len(), 0..FIELDS.len(), any::<bool>()).prop_map(|(event, indicator, negate)| {
        ThreatEntry { event: field(event), indicator: field(indicator), negate }
    });
    let group = prop::collection::vec(entry, 1..3).prop_map(|mut group| {
        let last = group.len() - 1;
        group[last].negate = false;
        group
    });
    let threat = (tag(), time(), tag(), prop::collection::vec(group, 1..3)).prop_map(
        |(tag, time, indicators, groups)| {
            QueryKind::ThreatMatch(Box::new(ThreatMatch {
                filter: filter(tag),
                time,
                indicators: filter(indicators),
                indicator_path: "threat.indicator".into(),
                groups,
            }))
        },
    );
    prop_oneof![
        1 => tag().prop_map(|tag| QueryKind::Event(filter(tag))),
        3 => threshold,
        3 => terms,
        2 => threat,
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let fields = prop::collection::vec((0..FIELDS.len(), any::<bool>()), 1..3);
    let suppression = (time(), fields, 1_u64..12).prop_map(|(time, fields, span)| {
        let optional = fields[0].1;
        let keys = fields.into_iter().map(|(number, _)| key(number, optional)).collect();
        Suppression { time, keys, span }
    });
    (kind(), prop::option::of(suppression)).prop_map(|(kind, suppression)| {
        // A rule has one time.
        let suppression = suppression.map(|suppression| match &kind {
            QueryKind::Threshold(rule) => {
                Suppression { keys: Vec::new(), time: rule.time.clone(), ..suppression }
            }
            QueryKind::NewTerms(rule) => Suppression { time: rule.time.clone(), ..suppression },
            QueryKind::ThreatMatch(rule) => Suppression { time: rule.time.clone(), ..suppression },
            _ => suppression,
        });
        Query { suppression, ..Query::new(kind) }
    })
}

/// One or several values, or none.
fn values(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(select(of), 0..3).prop_map(|values| match values.as_slice() {
        [one] => (*one).to_owned(),
        all => format!("[{}]", all.join(",")),
    })
}

fn event() -> impl Strategy<Value = String> {
    let fields = (
        values(&[r#""a""#, r#""b""#, "1", "true"]),
        values(&[r#""a""#, "1", "1.0", r#""1""#, "true"]),
        values(&[r#""10.0.0.1""#, r#""::ffff:10.0.0.1""#, r#""10.0.0.2""#, r#""x""#]),
        values(&["1", r#""1""#, "1e0", "2", r#""b""#]),
    );
    let time = |range: std::ops::Range<u32>| prop::option::weighted(0.8, range);
    (tag(), fields, time(0..40), time(0..40)).prop_map(|(tag, (k, l, ip, n), timestamp, ingested)| {
        let time = |name: &str, time: Option<u32>| {
            time.map(|time| format!(r#""{name}":{time},"#)).unwrap_or_default()
        };
        format!(
            r#"{{{}{}"t":"{tag}","k":{k},"o":{{"l":{l}}},"ip":{ip},"n":{n}}}"#,
            time("@timestamp", timestamp),
            time("event.ingested", ingested)
        )
    })
}

fn options(groups: bool) -> Options {
    let records = KeyedLimits::with_records(2000);
    let states = StateLimits { records, values: 2000, alert_bytes: 100_000, ..StateLimits::complete() };
    Options { states, groups, ..Options::default() }
}

fn show(finding: &Finding<'_, '_>) -> String {
    let detail = match finding.detail {
        Detail::Event => String::new(),
        Detail::NewTerms(key) => key.values().map(|value| format!(" {value}")).collect(),
        Detail::Threshold(group) => {
            let key: String = group.key.values().map(|value| format!(" {value}")).collect();
            let from = i128::from(group.from.nanos());
            format!("{key} x{} {:?} {from} {}", group.count, group.cardinality, group.first.handle.0)
        }
        Detail::Indicators(hits) => hits.map(|hit| format!(" {}/{}", hit.indicator.0, hit.group)).collect(),
    };
    let suppressed = finding.suppressed.map(|group| {
        let key: Vec<Vec<String>> =
            group.key.fields().map(|values| values.map(|value| value.to_string()).collect()).collect();
        (key, i128::from(group.start.nanos()), i128::from(group.end.nanos()), group.count)
    });
    format!("{}{detail} {suppressed:?}", finding.event.handle.0)
}

fn show_meant(finding: &meaning::Finding) -> String {
    let detail = match &finding.detail {
        meaning::Detail::Event => String::new(),
        meaning::Detail::NewTerms(key) => key.iter().map(|value| format!(" {value}")).collect(),
        meaning::Detail::Threshold(group) => {
            let key: String = group.key.iter().map(|value| format!(" {value}")).collect();
            format!("{key} x{} {:?} {} {}", group.count, group.cardinality, group.from, group.first)
        }
        meaning::Detail::Indicators(hits) => {
            hits.iter().map(|(indicator, group)| format!(" {indicator}/{group}")).collect()
        }
    };
    let suppressed = finding.suppressed.as_ref().map(|group| {
        let key: Vec<Vec<String>> = group
            .key
            .iter()
            .map(|values| {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                values
            })
            .collect();
        (key, group.start, group.end, group.count)
    });
    format!("{}{detail} {suppressed:?}", finding.event)
}

fn meant(query: &Query, events: &[String], indicators: &[String]) -> Vec<String> {
    let read =
        |texts: &[String]| texts.iter().map(|text| Event::from_json(text).unwrap()).collect::<Vec<_>>();
    let plain = matches!(query.kind, QueryKind::Event(_)) && query.suppression.is_none();
    let mut found: Vec<_> = if plain {
        Vec::new()
    } else {
        meaning::findings(query, &read(events), &read(indicators)).iter().map(show_meant).collect()
    };
    found.sort();
    found
}

fn indicators(set: &RuleSet<'_>, texts: &[String]) -> Arc<Indicators> {
    let mut matcher = Matcher::new(set);
    let mut builder = matcher.indicators();
    for (number, text) in (0..).zip(texts) {
        matcher.indicator(text.as_bytes(), EventRef(number), false, &mut builder).unwrap();
    }
    Arc::new(builder.finish())
}

fn add(outcome: Outcome<'_, '_>, found: &mut [Vec<String>]) {
    for finding in outcome.findings() {
        found[finding.rule_index as usize].push(show(&finding));
    }
}

fn sorted(mut found: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for found in &mut found {
        found.sort();
    }
    found
}

/// One matcher for everything, replaced by a restored one before event number `cut`.
fn compiled(set: &RuleSet<'_>, events: &[String], known: &Arc<Indicators>, cut: usize) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); set.rules.len()];
    let mut matcher = Matcher::with_options(set, options(true));
    matcher.use_indicators(known.clone());
    for (number, text) in events.iter().enumerate() {
        if number == cut {
            let mut state = Vec::new();
            matcher.save(&mut state);
            matcher = Matcher::restore(set, options(true), &state).unwrap();
            matcher.use_indicators(known.clone());
        }
        add(matcher.json(text.as_bytes(), EventRef(number as u64)).unwrap(), &mut found);
    }
    add(matcher.finish(), &mut found);
    sorted(found)
}

/// One matcher reads blocks and finds what needs no state; another follows what concerns state.
fn split(set: &RuleSet<'_>, events: &[String], known: &Arc<Indicators>) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); set.rules.len()];
    let mut block = Matcher::with_options(set, options(false));
    let mut follower = Matcher::with_options(set, options(true));
    block.use_indicators(known.clone());
    follower.use_indicators(known.clone());
    let text = events.iter().map(|event| format!("{event}\n")).collect::<String>();
    let (mut parts, mut lines) = (Parts::default(), Vec::new());
    block.block(
        text.as_bytes(),
        |line| EventRef(line.number as u64),
        |line, outcome| {
            let outcome = outcome.unwrap();
            add(outcome, &mut found);
            if outcome.takes_part() {
                parts.add(outcome, line.text);
                lines.push(line.number as u64);
            }
        },
    );
    for (number, line) in lines.into_iter().enumerate() {
        add(follower.part(&parts, number, EventRef(line)), &mut found);
    }
    add(follower.finish(), &mut found);
    sorted(found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn compiled_rules_find_what_is_meant(
        queries in prop::collection::vec(query(), 1..4),
        events in prop::collection::vec(event(), 0..40),
        known in prop::collection::vec(event(), 0..6),
        cut in 0_usize..40,
    ) {
        let arena = Bump::new();
        let rules: Vec<_> = queries.iter().map(|query| RuleInput { query, info: RuleInfo::EMPTY }).collect();
        let plan = plan(&rules, &PlanOptions::default(), &arena);
        prop_assert!(plan.refused.is_empty());
        let expected: Vec<_> = queries.iter().map(|query| meant(query, &events, &known)).collect();
        let indicators = indicators(&plan.set, &known);
        prop_assert_eq!(&compiled(&plan.set, &events, &indicators, cut), &expected);
        prop_assert_eq!(&split(&plan.set, &events, &indicators), &expected);
    }
}
