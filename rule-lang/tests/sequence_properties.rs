//! Sequences of random streams, held against a second machine that keeps all pending sequences of a stage.
//!
//! Elasticsearch holds several pending sequences at a stage, takes the newest and drops the older ones with it. The
//! reference evaluator keeps one. Both must find the same.

use proptest::prelude::*;
use rule_lang::condition::{
    Condition, Constant, Field, Filter, Item, Key, Leaf, Query, QueryKind, Sequence, Test, Value,
};
use rule_lang::eql::ast::CompareOp;
use rule_lang::meaning::{Event, RunOptions, run};
use rule_lang::schema::FieldType;
use rule_lang::span::Span;

/// An event has a time, a tag that says which items it matches, and a key.
#[derive(Clone, Debug)]
struct Moment {
    time: i64,
    tag: char,
    key: char,
}

#[derive(Clone, Debug)]
struct Pattern {
    tags: Vec<char>,
    until: Option<char>,
    maxspan: Option<u64>,
}

fn field(path: &str) -> Field {
    Field { path: path.into(), ty: FieldType::Unknown }
}

fn item(tag: char) -> Item {
    let test = Test::Compare {
        op: CompareOp::Eq,
        left: Value::Field(field("tag")),
        right: Value::Constant(Constant::Text(tag.to_string().into())),
    };
    let condition = Condition::Leaf(Leaf { test, span: Span::default() });
    let key = Key { field: Some(field("key")), optional: false, path: "key".into() };
    Item {
        missing: false,
        filter: Filter { category: None, condition, span: Span::default() },
        keys: vec![key],
    }
}

fn found(pattern: &Pattern, stream: &[Moment]) -> Vec<Vec<usize>> {
    let sequence = Sequence {
        maxspan: pattern.maxspan,
        items: pattern.tags.iter().copied().map(item).collect(),
        until: pattern.until.map(item),
    };
    let query = Query::new(QueryKind::Sequence(sequence));
    let json = |m: &Moment| format!(r#"{{"@timestamp":{},"tag":"{}","key":"{}"}}"#, m.time, m.tag, m.key);
    let events: Vec<_> = stream.iter().map(|m| Event::from_json(&json(m)).unwrap()).collect();
    let hits = run(&query, &events, &RunOptions::default());
    hits.into_iter().map(|hit| hit.events.into_iter().flatten().collect()).collect()
}

/// The second machine. `stream` is in order of time.
fn expected(pattern: &Pattern, stream: &[Moment]) -> Vec<Vec<usize>> {
    let mut pending: Vec<Vec<Vec<usize>>> = vec![Vec::new(); pattern.tags.len()];
    let mut completed = Vec::new();
    for (position, moment) in stream.iter().enumerate() {
        for stage in (0..pattern.tags.len()).rev() {
            if pattern.tags[stage] != moment.tag {
                continue;
            }
            let mut sequence = Vec::new();
            if stage > 0 {
                let same_key = |s: &Vec<usize>| stream[s[0]].key == moment.key;
                let Some(newest) = pending[stage - 1].iter().rfind(|s| same_key(s)).cloned() else {
                    continue;
                };
                pending[stage - 1].retain(|s| !same_key(s));
                let first = &stream[newest[0]];
                let last = newest[newest.len() - 1];
                let late =
                    pattern.maxspan.is_some_and(|span| (moment.time - first.time).unsigned_abs() > span);
                let ended = stream[last..position]
                    .iter()
                    .any(|m| Some(m.tag) == pattern.until && m.key == moment.key);
                if late || ended {
                    continue;
                }
                sequence = newest;
            }
            sequence.push(position);
            if stage + 1 == pattern.tags.len() { &mut completed } else { &mut pending[stage] }.push(sequence);
        }
    }
    completed
}

fn stream() -> impl Strategy<Value = Vec<Moment>> {
    let step = (0_i64..3, prop::char::range('A', 'C'), prop::char::range('x', 'y'));
    prop::collection::vec(step, 0..24).prop_map(|steps| {
        let mut now = 0;
        let moment = |(step, tag, key)| {
            now += step;
            Moment { time: now, tag, key }
        };
        steps.into_iter().map(moment).collect()
    })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let tags = prop::collection::vec(prop::char::range('A', 'C'), 2..5);
    (tags, prop::option::of(prop::char::range('A', 'D')), prop::option::of(1_u64..8))
        .prop_map(|(tags, until, maxspan)| Pattern { tags, until, maxspan })
}

proptest! {
    #[test]
    fn one_pending_sequence_is_enough(pattern in pattern(), stream in stream()) {
        prop_assert_eq!(found(&pattern, &stream), expected(&pattern, &stream));
    }

    #[test]
    fn order_of_input_counts_only_at_equal_times(pattern in pattern(), stream in stream()) {
        // Reversed input with its own times: hits name the same events.
        let apart: Vec<_> = stream.iter().zip(0..).map(|(m, time)| Moment { time, ..m.clone() }).collect();
        let reversed: Vec<_> = apart.iter().rev().cloned().collect();
        let mapped: Vec<Vec<_>> = found(&pattern, &reversed)
            .into_iter()
            .map(|hit| hit.into_iter().map(|index| apart.len() - 1 - index).collect())
            .collect();
        prop_assert_eq!(mapped, found(&pattern, &apart));
    }
}
