//! Sequences found the slow way: all events are known and sorted, each stage runs over all of them, every key apart, and
//! missing events are looked for by scanning. Random queries and events must give what the engine gives.

use proptest::prelude::*;

use super::super::super::{Limits, Reorder};
use super::notation::{Bench, Query, TestEvent};

/// What the definition yields: for each group its key (`None` without keys) and the indices of its events.
fn expected(query: &Query, sorted: &[TestEvent]) -> Vec<String> {
    let mut keys: Vec<Option<String>> = sorted.iter().flat_map(|event| keys_of(query, event)).collect();
    keys.sort();
    keys.dedup();
    let mut groups: Vec<(Vec<usize>, String)> = Vec::new();
    for key in keys {
        for events in candidates(query, sorted, key.as_ref()) {
            if accepted(query, sorted, key.as_ref(), &events) {
                let text = show(query, sorted, key.as_ref(), &events);
                groups.push((events, text));
            }
        }
    }
    groups.sort_by(|a, b| (a.0[0], a.0.last(), &a.1).cmp(&(b.0[0], b.0.last(), &b.1)));
    groups.into_iter().map(|(_, text)| text).collect()
}

/// The key values under which an event counts.
fn keys_of(query: &Query, event: &TestEvent) -> Vec<Option<String>> {
    match (query.keyed, event.keys.is_empty()) {
        (false, _) => vec![None],
        (true, true) if query.optional => vec![Some(String::new())],
        (true, _) => event.keys.iter().cloned().map(Some).collect(),
    }
}

fn is(query: &Query, event: &TestEvent, letter: char, key: Option<&String>) -> bool {
    event.letters.contains(letter) && keys_of(query, event).iter().any(|own| own.as_ref() == key)
}

/// Positive stages only, stage after stage over all events: an event takes the newest of the stage before that lies
/// strictly before it, which uses that one and all older ones up.
fn candidates(query: &Query, sorted: &[TestEvent], key: Option<&String>) -> Vec<Vec<usize>> {
    let positive: Vec<char> = query.stages.iter().filter(|stage| !stage.1).map(|stage| stage.0).collect();
    let matching = |letter: char| (0..sorted.len()).filter(move |&i| is(query, &sorted[i], letter, key));
    let mut before: Vec<Vec<usize>> = matching(positive[0]).map(|i| vec![i]).collect();
    for &letter in &positive[1..] {
        let mut after = Vec::new();
        for i in matching(letter) {
            let earlier = before.iter().take_while(|events| *events.last().unwrap() < i).count();
            let Some(mut taken) = before.drain(..earlier).next_back() else { continue };
            let span = sorted[i].nanos - sorted[taken[0]].nanos;
            let too_long = query.maxspan.is_some_and(|most| span > most.cast_signed() * 1_000_000);
            let ended = query.until.is_some_and(|until| {
                (*taken.last().unwrap()..i).any(|at| is(query, &sorted[at], until, key))
            });
            if !too_long && !ended {
                taken.push(i);
                after.push(taken);
            }
        }
        before = after;
    }
    before
}

/// The check of missing stages, section 12 word by word.
fn accepted(query: &Query, sorted: &[TestEvent], key: Option<&String>, events: &[usize]) -> bool {
    let millis = |i: usize| sorted[i].nanos.div_euclid(1_000_000);
    let span = query.maxspan.map(|most| most.cast_signed() * 1_000_000);
    let far = |from: usize, to: usize| span.is_some_and(|span| sorted[to].nanos - sorted[from].nanos > span);
    let (first, last) = (events[0], events[events.len() - 1]);
    let (mut leading, mut trailing) = (None, None);
    let (mut has_leading, mut has_trailing) = (false, false);
    let mut rank = 0;
    for &(letter, missing) in &query.stages {
        let matching = || (0..sorted.len()).filter(|&i| is(query, &sorted[i], letter, key));
        if !missing {
            rank += 1;
        } else if rank == 0 {
            has_leading = true;
            leading = leading.max(matching().rfind(|&i| millis(i) < millis(first)));
        } else if rank == events.len() {
            has_trailing = true;
            let found = matching().find(|&i| millis(i) > millis(last));
            trailing = [trailing, found].into_iter().flatten().min();
        } else if matching().any(|i| millis(i) > millis(events[rank - 1]) && millis(i) < millis(events[rank]))
        {
            return false;
        }
    }
    match (has_leading, has_trailing) {
        (true, false) => leading.is_none_or(|at| far(at, last)),
        (false, true) => trailing.is_none_or(|at| far(first, at)),
        (true, true) => leading.zip(trailing).is_none_or(|(from, to)| far(from, to)),
        (false, false) => true,
    }
}

fn show(query: &Query, sorted: &[TestEvent], key: Option<&String>, events: &[usize]) -> String {
    let mut left = events.iter();
    let places = query.stages.iter().map(|&(letter, missing)| {
        let event = if missing { None } else { left.next() };
        event.map_or("-".into(), |&i| {
            let text = format!("{letter}{}.{:06}", sorted[i].nanos / 1_000_000, sorted[i].nanos % 1_000_000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        })
    });
    let places = places.collect::<Vec<_>>().join(" ");
    match key {
        Some(key) if key.is_empty() => format!("null: {places}"),
        Some(key) => format!("{key}: {places}"),
        None => places,
    }
}

fn queries() -> impl Strategy<Value = Query> {
    let stage = (prop::sample::select(vec!['A', 'B', 'C']), prop::bool::weighted(0.3));
    let parts = (
        prop::collection::vec(stage, 1..5),
        any::<bool>(),
        any::<bool>(),
        prop::option::weighted(0.7, 1_u64..12),
        prop::bool::weighted(0.3),
    );
    parts.prop_filter_map("at least one positive stage", |(stages, keyed, optional, maxspan, until)| {
        let missing = stages.iter().any(|stage| stage.1);
        let positive = stages.iter().any(|stage| !stage.1);
        let maxspan = if missing { Some(maxspan.unwrap_or(5)) } else { maxspan };
        let long_enough = stages.len() > 1;
        let until = until.then_some('X');
        (positive && long_enough).then_some(Query { optional, keyed, maxspan, stages, until })
    })
}

fn events() -> impl Strategy<Value = Vec<TestEvent>> {
    let letters = prop::sample::select(vec!["A", "B", "C", "A", "B", "AB", "BC", "X", "AX", "ABC"]);
    let keys = prop::sample::select(vec!["", "u", "v", "u", "v", "u,v"]);
    let nanos = (0_i64..30, prop::sample::select(vec![0_i64, 0, 0, 300_000, 700_000]));
    let event = (letters, keys, nanos, prop::option::of(0_i64..3));
    let event = event.prop_map(|(letters, keys, (millis, rest), tiebreaker)| TestEvent {
        letters: letters.to_owned(),
        keys: keys.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
        nanos: millis * 1_000_000 + rest,
        tiebreaker,
    });
    prop::collection::vec(event, 0..60)
}

fn sorted(events: &[TestEvent]) -> Vec<TestEvent> {
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|event| (event.nanos, event.tiebreaker.is_none(), event.tiebreaker));
    sorted
}

/// Groups of equal last event have no order of their own in the model.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        text.split("; ").filter(|line| !line.is_empty()).map(str::to_owned).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_the_definition(query in queries(), events in events()) {
        let sorted = sorted(&events);
        let mut expected = expected(&query, &sorted);
        let mut bench = query.bench(Limits::with_pending(500));
        bench.push_all(&sorted);
        let found = bench.finish();
        expected.sort();
        prop_assert_eq!(lines(&found), expected);
    }

    #[test]
    fn the_window_sorts(query in queries(), events in events()) {
        let mut bench = query.bench(Limits::with_pending(500));
        bench.push_all(&sorted(&events));
        let mut waiting = query.bench(Limits::with_pending(500).reordering(Reorder::millis(30, 100)));
        waiting.push_all(&events);
        prop_assert_eq!(waiting.set.stats(0).late, 0);
        prop_assert_eq!(waiting.finish(), bench.finish());
    }

    #[test]
    fn a_restored_set_goes_on_as_the_other_would(
        query in queries(),
        events in events(),
        at in 0_usize..60,
        wait in prop::sample::select(vec![0_usize, 20]),
    ) {
        let limits = Limits::with_pending(40).reordering(Reorder::millis(7, wait));
        let events = if wait == 0 { sorted(&events) } else { events };
        let mut whole = query.bench(limits);
        whole.push_all(&events);
        whole.finish();
        let mut parts = query.bench(limits);
        for (i, event) in events.iter().enumerate() {
            if i == at {
                parts.reload(&[&query], limits);
            }
            parts.push(event);
        }
        parts.finish();
        prop_assert_eq!(parts.log, whole.log);
        prop_assert_eq!(parts.set.stats(0), whole.set.stats(0));
        prop_assert_eq!(parts.set.set_stats(), whole.set.set_stats());
    }

    /// Sequences of a set do not see each other, and the hash function is nobody's business.
    #[test]
    fn a_set_finds_what_its_sequences_find(
        queries in prop::collection::vec(queries(), 1..4),
        events in events(),
        hash_seed in any::<u64>(),
    ) {
        let limits = Limits::with_pending(500).reordering(Reorder::until_the_end(200));
        let mut expected = Vec::new();
        for query in &queries {
            let mut bench = query.bench(limits);
            bench.push_all(&events);
            expected.extend(lines(&bench.finish()));
        }
        expected.sort();
        let mut bench = Bench::new(&queries.iter().collect::<Vec<_>>(), Limits { hash_seed, ..limits });
        bench.push_all(&events);
        prop_assert_eq!(lines(&bench.finish()), expected);
    }

    /// Whatever the limits and the order of events, nothing panics, leaks or is released twice.
    #[test]
    fn tight_limits_lose_results_only(
        queries in prop::collection::vec(queries(), 1..4),
        events in events(),
        pending in 0_usize..6,
        nodes in 0_usize..8,
        records in 0_usize..5,
    ) {
        let mut limits = Limits::with_pending(pending).reordering(Reorder::millis(5, records));
        limits.events = nodes;
        let mut bench = Bench::new(&queries.iter().collect::<Vec<_>>(), limits);
        bench.push_all(&events);
        prop_assert!(bench.set.set_stats().pending <= pending.max(2));
        bench.finish();
    }
}
