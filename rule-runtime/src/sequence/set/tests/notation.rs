//! A short notation for queries, events and results.
//!
//! Query: `by ?k maxspan=5 [A][!M][B] until X`. Events: `A1` matches `[A]` at 1 ms, `rAB2.5` matches `[A]` and `[B]` at
//! 2.5 ms and has the key `r`, `foo,bar:A3#7` has two key values and the tiebreaker 7. Results in order of last event:
//! `r: A1 - B3; u: A2 - B4`.

use super::super::super::{
    Arrival, EventRef, Group, Hit, KeyDef, KeyKind, KeySource, Limits, SequenceDef, SequenceSet, Sink,
    StageDef, Tiebreaker, Timestamp,
};
use crate::event::{Scalar, Slot};

/// A sequence in notation; filters are the letters `A` to `Z`.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) optional: bool,
    pub(super) keyed: bool,
    pub(super) maxspan: Option<u64>,
    /// Letter and whether it is missing.
    pub(super) stages: Vec<(char, bool)>,
    pub(super) until: Option<char>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut query =
            Self { optional: false, keyed: false, maxspan: None, stages: Vec::new(), until: None };
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "by" => {
                    query.keyed = true;
                    query.optional = words.next().unwrap().starts_with('?');
                }
                "until" => query.until = words.next().unwrap().chars().next(),
                _ if word.starts_with('[') => {
                    let stages = word.trim_matches(['[', ']']).split("][");
                    query.stages =
                        stages.map(|stage| (stage.chars().last().unwrap(), stage.starts_with('!'))).collect();
                }
                _ => query.maxspan = Some(word.strip_prefix("maxspan=").unwrap().parse().unwrap()),
            }
        }
        query
    }

    /// The definition; test queries live as long as the process.
    pub(super) fn def(&self) -> SequenceDef<'static> {
        let key = KeyDef { slot: Some(Slot(0)), optional: self.optional, kind: KeyKind::Text };
        let keys: &[KeyDef] = if self.keyed { vec![key].leak() } else { &[] };
        let stage = |letter: char, missing| StageDef { filter: letter as u16, missing, keys };
        let stages: Vec<StageDef<'static>> =
            self.stages.iter().map(|&(letter, missing)| stage(letter, missing)).collect();
        SequenceDef {
            stages: stages.leak(),
            maxspan_millis: self.maxspan,
            until: self.until.map(|letter| stage(letter, false)),
        }
    }

    pub(super) fn bench(&self, limits: Limits) -> Bench {
        Bench::new(&[self], limits)
    }
}

/// An event in notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TestEvent {
    pub(super) letters: String,
    pub(super) keys: Vec<String>,
    pub(super) nanos: i64,
    pub(super) tiebreaker: Option<i64>,
}

impl TestEvent {
    pub(super) fn parse(text: &str) -> Self {
        let (text, tiebreaker) = match text.split_once('#') {
            Some((text, number)) => (text, Some(number.parse().unwrap())),
            None => (text, None),
        };
        let (keys, text) = if let Some((keys, text)) = text.split_once(':') {
            (keys.split(',').map(str::to_owned).collect(), text)
        } else {
            let end = text.find(|c: char| !c.is_lowercase()).unwrap();
            let key = text[..end].to_owned();
            (if end == 0 { vec![] } else { vec![key] }, &text[end..])
        };
        let end = text.find(|c: char| !c.is_uppercase()).unwrap();
        let (whole, fraction) = text[end..].split_once('.').unwrap_or((&text[end..], ""));
        let nanos =
            whole.parse::<i64>().unwrap() * 1_000_000 + format!("{fraction:0<6}").parse::<i64>().unwrap();
        Self { letters: text[..end].to_owned(), keys, nanos, tiebreaker }
    }

    pub(super) fn arrival(&self, handle: u64) -> Arrival {
        Arrival {
            time: Timestamp::from_nanos(self.nanos),
            tiebreaker: self.tiebreaker.map_or(Tiebreaker::NONE, Tiebreaker::number),
            handle: EventRef(handle),
        }
    }
}

impl KeySource for TestEvent {
    fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        self.keys.iter().for_each(|key| visit(Scalar::Text(key.as_bytes())));
    }
}

/// Milliseconds with as many places as needed.
fn millis(nanos: i64) -> String {
    let text = format!("{}.{:06}", nanos / 1_000_000, nanos % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A set with its events and results.
pub(super) struct Bench {
    pub(super) set: SequenceSet<'static>,
    letters: Vec<Vec<char>>,
    events: u64,
    /// Order and text of each group.
    groups: Vec<(u64, String)>,
    pub(super) released: Vec<u64>,
    pub(super) kept: Vec<bool>,
    /// Groups and releases as they came; events by number from 1.
    pub(super) log: Vec<String>,
}

struct Recorder<'b> {
    letters: &'b [Vec<char>],
    groups: &'b mut Vec<(u64, String)>,
    released: &'b mut Vec<u64>,
    log: &'b mut Vec<String>,
}

impl Sink for Recorder<'_> {
    fn group(&mut self, group: &Group<'_>) {
        let letters = &self.letters[group.sequence as usize];
        let events: Vec<String> = letters
            .iter()
            .zip(group.events)
            .map(|(letter, event)| {
                event.map_or("-".into(), |event| format!("{letter}{}", millis(event.time.nanos())))
            })
            .collect();
        let mut text: Vec<String> = group.key.values().map(|value| format!("{value}:")).collect();
        text.extend(events);
        let text = text.join(" ");
        self.log.push(format!("group {text}"));
        self.groups.push((group.order(), text));
    }

    fn released(&mut self, handle: EventRef) {
        self.log.push(format!("released {}", handle.0));
        assert!(!self.released.contains(&handle.0), "released twice");
        self.released.push(handle.0);
    }
}

impl Bench {
    pub(super) fn new(queries: &[&Query], limits: Limits) -> Self {
        let defs: Vec<SequenceDef<'static>> = queries.iter().map(|query| query.def()).collect();
        let letters =
            queries.iter().map(|query| query.stages.iter().map(|&(letter, _)| letter).collect()).collect();
        Self {
            set: SequenceSet::new(&defs, 7, limits),
            letters,
            events: 0,
            groups: Vec::new(),
            released: Vec::new(),
            kept: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Goes on with a set restored from the state of this one.
    pub(super) fn reload(&mut self, queries: &[&Query], limits: Limits) {
        let defs: Vec<SequenceDef<'static>> = queries.iter().map(|query| query.def()).collect();
        let mut bytes = Vec::new();
        self.set.save(&mut bytes);
        self.set = SequenceSet::restore(&defs, 7, limits, &bytes).unwrap();
        let mut again = Vec::new();
        self.set.save(&mut again);
        assert_eq!(again.len(), bytes.len());
    }

    pub(super) fn feed(&mut self, events: &str) {
        for event in events.split_whitespace() {
            self.push(&TestEvent::parse(event));
        }
    }

    pub(super) fn push_all(&mut self, events: &[TestEvent]) {
        for event in events {
            self.push(event);
        }
    }

    pub(super) fn push(&mut self, event: &TestEvent) {
        let mut hits = Vec::new();
        for (sequence, letters) in (0..).zip(&self.letters) {
            // The letter X stands for `until` in queries of tests.
            let known = event.letters.chars().filter(|letter| letters.contains(letter) || *letter == 'X');
            hits.extend(known.map(|letter| Hit { sequence, filter: letter as u16 }));
        }
        self.events += 1;
        let mut sink = Recorder {
            letters: &self.letters,
            groups: &mut self.groups,
            released: &mut self.released,
            log: &mut self.log,
        };
        self.kept.push(self.set.push(event.arrival(self.events), &hits, event, &mut sink));
    }

    pub(super) fn advance(&mut self, millis: i64) {
        let mut sink = Recorder {
            letters: &self.letters,
            groups: &mut self.groups,
            released: &mut self.released,
            log: &mut self.log,
        };
        self.set.advance(Timestamp::from_millis(millis), &mut sink);
    }

    /// Groups so far in order of last event.
    pub(super) fn results(&self) -> String {
        let mut groups = self.groups.clone();
        groups.sort_by_key(|&(order, _)| order);
        groups.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("; ")
    }

    /// Ends the input. Whatever was kept must be released by then, and nothing may be left.
    pub(super) fn finish(&mut self) -> String {
        let mut sink = Recorder {
            letters: &self.letters,
            groups: &mut self.groups,
            released: &mut self.released,
            log: &mut self.log,
        };
        self.set.finish(&mut sink);
        assert_eq!(self.released.len(), self.kept.iter().filter(|&&kept| kept).count());
        let stats = self.set.set_stats();
        assert_eq!((stats.pending, stats.events, stats.waiting), (0, 0, 0));
        self.results()
    }
}

pub(super) fn run(query: &Query, events: &str) -> String {
    run_with(query, events, Limits::with_pending(1000))
}

pub(super) fn run_with(query: &Query, events: &str, limits: Limits) -> String {
    let mut bench = query.bench(limits);
    bench.feed(events);
    bench.finish()
}
