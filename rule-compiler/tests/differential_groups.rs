//! Random sequences and samples with suppression over random streams: the compiled set finds what the reference evaluator
//! finds, also when its state is saved and restored on the way, when the work is split as `kiln scan` does, and when alerts
//! come out at once. What it says of events that it refers to adds up.

#![allow(clippy::format_collect, reason = "short texts of a test")]

use std::collections::BTreeMap;

use bumpalo::Bump;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::{
    Condition, Constant, Field, Filter, Item, Key, Leaf, Query, QueryKind, Sample, Sequence, Suppression,
    Test, TimeSource, Value,
};
use rule_lang::eql::ast::CompareOp;
use rule_lang::meaning::{self, Event, RunOptions};
use rule_lang::schema::FieldType;
use rule_lang::span::Span;
use rule_runtime::engine::{Group, Matcher, Options, Outcome, Parts, StateLimits};
use rule_runtime::info::RuleInfo;
use rule_runtime::sequence::{EventRef, Limits, Reorder};
use rule_runtime::set::RuleSet;

const FIELDS: [(&str, FieldType); 3] =
    [("k", FieldType::Keyword), ("o.l", FieldType::Unknown), ("ip", FieldType::Ip)];

fn key(number: usize, optional: bool) -> Key {
    let (path, ty) = FIELDS[number];
    Key { path: path.into(), field: Some(Field { path: path.into(), ty }), optional }
}

fn item(tag: char, missing: bool, keys: &[Key]) -> Item {
    let test = Test::Compare {
        op: CompareOp::Eq,
        left: Value::Field(Field { path: "t".into(), ty: FieldType::Keyword }),
        right: Value::Constant(Constant::Text(tag.to_string().into())),
    };
    let condition = Condition::Leaf(Leaf { test, span: Span::default() });
    Item { missing, filter: Filter { category: None, condition, span: Span::default() }, keys: keys.to_vec() }
}

fn tag() -> impl Strategy<Value = char> {
    select(vec!['A', 'B', 'C'])
}

fn join() -> impl Strategy<Value = Vec<Key>> {
    prop::option::of((0..FIELDS.len(), any::<bool>()))
        .prop_map(|key| key.map(|(number, optional)| self::key(number, optional)).into_iter().collect())
}

/// Where events have to be missing: nowhere, before, behind, or between the first and the second.
fn sequence() -> impl Strategy<Value = QueryKind> {
    let tags = prop::collection::vec(tag(), 1..4);
    (tags, tag(), 0..6_u32, join(), prop::option::of(tag()), prop::option::of(1_u64..12)).prop_map(
        |(tags, absent, place, keys, until, maxspan)| {
            let mut items: Vec<_> = tags.iter().map(|&tag| item(tag, false, &keys)).collect();
            let absent = item(absent, true, &keys);
            match place {
                0 => items.insert(0, absent),
                1 => items.push(absent),
                2 if items.len() > 1 => items.insert(1, absent),
                _ => {}
            }
            let maxspan = maxspan.or((place < 3).then_some(5));
            QueryKind::Sequence(Sequence { maxspan, items, until: until.map(|tag| item(tag, false, &keys)) })
        },
    )
}

fn sample() -> impl Strategy<Value = QueryKind> {
    (prop::collection::vec(tag(), 2..4), 0..FIELDS.len()).prop_map(|(tags, number)| {
        let keys = [key(number, false)];
        QueryKind::Sample(Sample { items: tags.iter().map(|&tag| item(tag, false, &keys)).collect() })
    })
}

fn query() -> impl Strategy<Value = Query> {
    let times = [("@timestamp", None), ("event.ingested", Some("@timestamp")), ("event.ingested", None)];
    let time = select(times.to_vec()).prop_map(|(field, fallback): (&str, Option<&str>)| TimeSource {
        field: field.into(),
        fallback: fallback.map(Into::into),
    });
    let fields = prop::collection::vec((0..FIELDS.len(), any::<bool>()), 1..3);
    let suppression = (time, fields, 1_u64..12).prop_map(|(time, fields, span)| {
        let optional = fields[0].1;
        let keys = fields.into_iter().map(|(number, _)| key(number, optional)).collect();
        Suppression { time, keys, span }
    });
    let kind = prop_oneof![3 => sequence(), 1 => sample()];
    (kind, prop::option::weighted(0.8, suppression))
        .prop_map(|(kind, suppression)| Query { suppression, ..Query::new(kind) })
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
        values(&[r#""a""#, r#""b""#]),
        values(&[r#""a""#, "1", "1.0", "true"]),
        values(&[r#""10.0.0.1""#, r#""::ffff:10.0.0.1""#, r#""10.0.0.2""#, r#""x""#]),
    );
    let time = |range: std::ops::Range<u32>| prop::option::weighted(0.9, range);
    (tag(), fields, time(0..40), time(0..40)).prop_map(|(tag, (k, l, ip), timestamp, ingested)| {
        let time = |name: &str, time: Option<u32>| {
            time.map(|time| format!(r#""{name}":{time},"#)).unwrap_or_default()
        };
        format!(
            r#"{{{}{}"t":"{tag}","k":{k},"o":{{"l":{l}}},"ip":{ip}}}"#,
            time("@timestamp", timestamp),
            time("event.ingested", ingested)
        )
    })
}

fn options(groups: bool, early: bool) -> Options {
    let states = StateLimits { early, ..StateLimits::complete() };
    let sequences = Limits::with_pending(2000).reordering(Reorder::until_the_end(2000));
    Options { states, sequences, groups, live: false, ..Options::default() }
}

/// What there is to know of a group; of alerts that come out at once nothing but the values.
fn line(
    events: &[Option<usize>],
    key: &[String],
    suppressed: Option<(Vec<Vec<String>>, i128, i128, u64)>,
    early: bool,
) -> String {
    let rest = suppressed.map(|(values, start, end, count)| {
        let counted = if early { String::new() } else { format!(" {start}..{end} +{count}") };
        format!("{values:?}{counted}")
    });
    format!("{events:?} {key:?} {rest:?}")
}

fn show(group: &Group<'_, '_>, early: bool) -> String {
    let events: Vec<_> =
        group.events.iter().map(|event| event.map(|event| event.handle.0 as usize)).collect();
    let key: Vec<_> = group.key.values().map(|value| value.to_string()).collect();
    let suppressed = group.suppressed.map(|group| {
        let values =
            group.key.fields().map(|values| values.map(|value| value.to_string()).collect()).collect();
        (values, group.start.nanos().into(), group.end.nanos().into(), group.count)
    });
    line(&events, &key, suppressed, early)
}

fn meant(query: &Query, events: &[String], early: bool) -> Vec<String> {
    let events: Vec<_> = events.iter().map(|text| Event::from_json(text).unwrap()).collect();
    let found = meaning::groups(query, &events, &RunOptions::default());
    let mut found: Vec<_> = found
        .into_iter()
        .map(|(hit, suppressed)| {
            let key: Vec<_> = hit.keys.iter().map(ToString::to_string).collect();
            let suppressed = suppressed.map(|group| {
                let values =
                    group.key.iter().map(|values| values.iter().map(ToString::to_string).collect()).collect();
                (values, group.start, group.end, group.count)
            });
            line(&hit.events, &key, suppressed, early)
        })
        .collect();
    found.sort();
    found
}

/// Groups by rule, and how many state machines refer to each event.
struct Found {
    groups: Vec<Vec<String>>,
    references: BTreeMap<u64, u32>,
    early: bool,
}

impl Found {
    fn new(set: &RuleSet<'_>, early: bool) -> Self {
        Self { groups: vec![Vec::new(); set.rules.len()], references: BTreeMap::new(), early }
    }

    fn add(&mut self, outcome: Outcome<'_, '_>, current: Option<u64>) {
        if let Some(current) = current {
            *self.references.entry(current).or_default() += outcome.kept();
        }
        for group in outcome.groups() {
            for event in group.events.iter().flatten().map(|event| event.handle.0) {
                assert!(Some(event) == current || self.references[&event] > 0, "{event} was let go");
            }
            self.groups[group.rule_index as usize].push(show(&group, self.early));
        }
        for event in outcome.held() {
            let references = self.references.get_mut(&event.0).expect("an earlier event");
            assert!(*references > 0, "{event:?} was let go");
            *references += 1;
        }
        for event in outcome.released() {
            let references = self.references.get_mut(&event.0).expect("a known event");
            *references = references.checked_sub(1).expect("one that refers to it");
        }
    }

    fn finish(mut self, outcome: Outcome<'_, '_>) -> Vec<Vec<String>> {
        self.add(outcome, None);
        assert!(self.references.values().all(|&references| references == 0), "{:?}", self.references);
        self.groups.iter_mut().for_each(|groups| groups.sort());
        self.groups
    }
}

/// One matcher for everything, replaced by a restored one before event number `cut`.
fn compiled(set: &RuleSet<'_>, events: &[String], cut: usize, early: bool) -> Vec<Vec<String>> {
    let options = options(true, early);
    let mut matcher = Matcher::with_options(set, options);
    let mut found = Found::new(set, early);
    for (number, text) in events.iter().enumerate() {
        if number == cut {
            let mut state = Vec::new();
            matcher.save(&mut state);
            matcher = Matcher::restore(set, options, &state).unwrap();
        }
        let handle = number as u64;
        found.add(matcher.json(text.as_bytes(), EventRef(handle)).unwrap(), Some(handle));
    }
    found.finish(matcher.finish())
}

/// One matcher reads and another follows what concerns state.
fn split(set: &RuleSet<'_>, events: &[String]) -> Vec<Vec<String>> {
    let mut reader = Matcher::with_options(set, options(false, false));
    let mut follower = Matcher::with_options(set, options(true, false));
    let (mut parts, mut handles) = (Parts::default(), Vec::new());
    let text = events.iter().map(|event| format!("{event}\n")).collect::<String>();
    reader.block(
        text.as_bytes(),
        |line| EventRef(line.number as u64),
        |line, outcome| {
            let outcome = outcome.unwrap();
            if outcome.takes_part() {
                parts.add(outcome, line.text);
                handles.push(line.number as u64);
            }
        },
    );
    let mut found = Found::new(set, false);
    for (number, handle) in handles.into_iter().enumerate() {
        found.add(follower.part(&parts, number, EventRef(handle)), Some(handle));
    }
    found.finish(follower.finish())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn compiled_groups_are_suppressed_as_is_meant(
        queries in prop::collection::vec(query(), 1..4),
        events in prop::collection::vec(event(), 0..40),
        cut in 0_usize..40,
    ) {
        let arena = Bump::new();
        let rules: Vec<_> = queries.iter().map(|query| RuleInput { query, info: RuleInfo::EMPTY }).collect();
        let plan = plan(&rules, &PlanOptions::default(), &arena);
        prop_assert!(plan.refused.is_empty());
        let expected = |early| queries.iter().map(|query| meant(query, &events, early)).collect::<Vec<_>>();
        prop_assert_eq!(&compiled(&plan.set, &events, cut, false), &expected(false));
        prop_assert_eq!(&compiled(&plan.set, &events, cut, true), &expected(true));
        prop_assert_eq!(&split(&plan.set, &events), &expected(false));
    }
}
