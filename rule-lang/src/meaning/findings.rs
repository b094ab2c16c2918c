//! What rules find that look at more than one event, beyond EQL's own (rules.md sections 3 and 7).
//!
//! In: a query, events in the order in which they come, indicators. Out: all findings, as at the end of the input: windows
//! are closed, and of suppressed alerts one is left. Each type has its file; here they come together.

use crate::condition::{Query, QueryKind, TimeSource};

use super::date::{self, Nanos};
use super::event::Event;
use super::key::KeyValue;
use super::leaf::holds;
use super::run::Hit;
use super::{new_terms, suppression, threat, threshold};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The event it is about, as a place in the input; of a threshold the latest.
    pub event: usize,
    /// What was found.
    pub detail: Detail,
    /// The alerts that it stands for; `None` without suppression, and for an event that is in no group.
    pub suppressed: Option<Suppressed>,
}

/// What a rule of each type finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The event itself.
    Event,
    /// Values that were not seen before.
    NewTerms(Vec<KeyValue>),
    /// A group of events.
    Threshold(Counted),
    /// Indicators and the groups of entries that hold, as places in their lists.
    Indicators(Vec<(usize, usize)>),
}

/// A group of events that has reached a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The values of its fields.
    pub key: Vec<KeyValue>,
    /// Its events.
    pub count: u64,
    /// Different values, where the rule asks for them.
    pub cardinality: Option<u64>,
    /// The start of the window.
    pub from: Nanos,
    /// The earliest event.
    pub first: usize,
}

/// The alerts that one stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// For each field the values that they share.
    pub key: Vec<Vec<KeyValue>>,
    /// The time of the earliest event.
    pub start: Nanos,
    /// The time of the latest event.
    pub end: Nanos,
    /// How many there are but for the first.
    pub count: u64,
}

/// What a query finds in `events`, taken in this order. Those of one suppression come in the order in which they begin.
pub fn findings(query: &Query, events: &[Event], indicators: &[Event]) -> Vec<Finding> {
    let found: Vec<(usize, Detail)> = match &query.kind {
        QueryKind::Event(filter) => {
            let matching = (0..events.len()).filter(|&index| holds(&filter.condition, &events[index]));
            matching.map(|index| (index, Detail::Event)).collect()
        }
        QueryKind::NewTerms(terms) => new_terms::run(terms, events),
        QueryKind::Threshold(threshold) => threshold::run(threshold, events),
        QueryKind::ThreatMatch(threat) => threat::run(threat, events, indicators),
        QueryKind::Sequence(_) | QueryKind::Sample(_) => Vec::new(),
    };
    match &query.suppression {
        Some(rule) => suppression::run(rule, found, events),
        None => {
            found.into_iter().map(|(event, detail)| Finding { event, detail, suppressed: None }).collect()
        }
    }
}

/// When an event happened.
pub(super) fn time(source: &TimeSource, event: &Event) -> Option<Nanos> {
    let earliest = |path: &str| event.values(path).into_iter().filter_map(date::of_scalar).min();
    earliest(&source.field).or_else(|| earliest(source.fallback.as_ref()?))
}

impl Finding {
    /// As a plain result; `order` gives the place of each event in the input.
    pub(super) fn hit(self, order: &[usize]) -> Hit {
        let last = Some(order[self.event]);
        match self.detail {
            Detail::Event | Detail::Indicators(_) => Hit { events: vec![last], keys: Vec::new() },
            Detail::NewTerms(keys) => Hit { events: vec![last], keys },
            Detail::Threshold(counted) => {
                Hit { events: vec![Some(order[counted.first]), last], keys: counted.key }
            }
        }
    }
}
