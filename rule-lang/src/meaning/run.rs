//! Running a query over all events at once: order, kinds of query, pipes.

use crate::condition::{Pipe, Query, QueryKind, Sequence};

use super::date::{self, Nanos};
use super::event::{Event, Scalar};
use super::findings::{Suppressed, findings};
use super::key::KeyValue;
use super::leaf::holds;
use super::{number, sample, sequence, suppression};

/// What a run needs to know beside query and events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// The field that says when an event happened.
    pub timestamp_field: String,
    /// The field that orders events of the same time, before their order in the input.
    pub tiebreaker_field: Option<String>,
    /// How many samples to find for a join key.
    pub max_samples_per_key: usize,
}

impl Default for RunOptions {
    /// `@timestamp`, no tiebreaker, one sample per key.
    fn default() -> Self {
        Self { timestamp_field: "@timestamp".to_owned(), tiebreaker_field: None, max_samples_per_key: 1 }
    }
}

/// One result of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The events in the order of the items, as places in the input; `None` for a missing event.
    pub events: Vec<Option<usize>>,
    /// The join key; empty for single events.
    pub keys: Vec<KeyValue>,
}

/// Finds all results of a query, in Elasticsearch's order, and applies its pipes.
///
/// Events are ordered by time, tiebreaker and place in the input. Events without a readable time come last where
/// single events are searched and are left out of sequences; samples do not look at time and take events as they come
/// in the input. Sequences are ordered by their last event, then by key; samples by key. What other types of rules find
/// is told in full by [`findings`]; here it is the events that it is about, and the values that they share. Suppression is
/// not applied to single events, sequences and samples; see [`findings`] and [`groups`].
pub fn run(query: &Query, events: &[Event], options: &RunOptions) -> Vec<Hit> {
    let mut hits = match &query.kind {
        QueryKind::Event(filter) => in_order(events, options)
            .into_iter()
            .filter(|placed| holds(&filter.condition, &events[placed.index]))
            .map(|placed| Hit { events: vec![Some(placed.index)], keys: Vec::new() })
            .collect(),
        QueryKind::Sequence(sequence) => {
            let stream: Vec<_> = in_order(events, options)
                .into_iter()
                .filter_map(|placed| {
                    Some(sequence::Moment {
                        index: placed.index,
                        time: placed.time?,
                        event: &events[placed.index],
                    })
                })
                .collect();
            sequence::run(sequence, &stream)
        }
        QueryKind::Sample(sample) => sample::run(sample, events, options.max_samples_per_key),
        QueryKind::Threshold(_) | QueryKind::NewTerms(_) | QueryKind::ThreatMatch(_) => {
            let order: Vec<usize> =
                in_order(events, options).into_iter().map(|placed| placed.index).collect();
            let ordered: Vec<Event> = order.iter().map(|&index| events[index].clone()).collect();
            findings(query, &ordered, &[]).into_iter().map(|finding| finding.hit(&order)).collect()
        }
    };
    for pipe in &query.pipes {
        let count = |n: &u64| usize::try_from(*n).unwrap_or(usize::MAX);
        match pipe {
            Pipe::Head(n) => hits.truncate(count(n)),
            Pipe::Tail(n) => drop(hits.drain(..hits.len().saturating_sub(count(n)))),
        }
    }
    hits
}

/// The sequences or samples that a query finds, each with those that it stands for if the query has suppression; none for
/// other queries. They come as [`run`] gives them, but with suppression a sequence that ends with a missing event comes by its
/// first event: it is found when its span is over.
pub fn groups(query: &Query, events: &[Event], options: &RunOptions) -> Vec<(Hit, Option<Suppressed>)> {
    if !matches!(query.kind, QueryKind::Sequence(_) | QueryKind::Sample(_)) {
        return Vec::new();
    }
    let mut hits = run(query, events, options);
    let Some(rule) = &query.suppression else {
        return hits.into_iter().map(|hit| (hit, None)).collect();
    };
    let waits = |sequence: &Sequence| sequence.items.last().is_some_and(|item| item.missing);
    if matches!(&query.kind, QueryKind::Sequence(sequence) if waits(sequence)) {
        let order = in_order(events, options);
        let place = |event: &usize| order.iter().position(|placed| placed.index == *event);
        hits.sort_by_key(|hit| (hit.events.iter().flatten().next().and_then(place), hit.keys.clone()));
    }
    suppression::groups(rule, hits, events)
}

/// An event in its place among others.
#[derive(Debug)]
struct Placed {
    time: Option<Nanos>,
    tiebreaker: Option<KeyValue>,
    index: usize,
}

fn in_order(events: &[Event], options: &RunOptions) -> Vec<Placed> {
    let place = |(index, event): (usize, &Event)| Placed {
        time: event.values(&options.timestamp_field).into_iter().filter_map(date::of_scalar).min(),
        tiebreaker: options.tiebreaker_field.as_ref().and_then(|field| tiebreaker(event, field)),
        index,
    };
    let mut placed: Vec<_> = events.iter().enumerate().map(place).collect();
    // What is missing stands last, and `None` is less than `Some`.
    placed.sort_by(|a, b| {
        let time = a.time.is_none().cmp(&b.time.is_none()).then(a.time.cmp(&b.time));
        let tiebreaker =
            a.tiebreaker.is_none().cmp(&b.tiebreaker.is_none()).then(a.tiebreaker.cmp(&b.tiebreaker));
        time.then(tiebreaker).then(a.index.cmp(&b.index))
    });
    placed
}

fn tiebreaker(event: &Event, field: &str) -> Option<KeyValue> {
    let value = |scalar: Scalar<'_>| match scalar {
        Scalar::Number(text) => number::parse_decimal(text).map(|n| KeyValue::Number(super::KeyNumber(n))),
        Scalar::Text(text) => Some(KeyValue::Text(text.to_owned())),
        Scalar::Bool(value) => Some(KeyValue::Bool(value)),
    };
    event.values(field).into_iter().filter_map(value).min()
}
