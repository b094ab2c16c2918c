//! Alerts of one group become one (rules.md section 7).
//!
//! In: the findings of a rule in the order in which they come. Out: one for each group and span of time, in the order in
//! which they begin. The time of the rule does not go back: an alert from before it counts as one at this time.

use std::collections::BTreeSet;

use crate::condition::{Key, Suppression};

use super::date::{MILLI, Nanos};
use super::event::Event;
use super::findings::{Counted, Detail, Finding, Suppressed, time};
use super::key::{self, KeyValue};
use super::run::Hit;

/// For each field its values.
type Group = Vec<BTreeSet<KeyValue>>;

pub(super) fn run(rule: &Suppression, found: Vec<(usize, Detail)>, events: &[Event]) -> Vec<Finding> {
    let alerts = found.into_iter().map(|(event, detail)| {
        let key = match &detail {
            Detail::Threshold(Counted { key, .. }) => {
                Some(key.iter().map(|value| BTreeSet::from([value.clone()])).collect())
            }
            _ => complete(&rule.keys, values(&rule.keys, &events[event])),
        };
        let time = time(&rule.time, &events[event]);
        ((event, detail), key, time)
    });
    let one = |((event, detail), suppressed)| Finding { event, detail, suppressed };
    collapse(rule.span, alerts).into_iter().map(one).collect()
}

/// The same for sequences and samples: their values are those that all of their events have, their time is that of the latest
/// event.
pub(super) fn groups(rule: &Suppression, hits: Vec<Hit>, events: &[Event]) -> Vec<(Hit, Option<Suppressed>)> {
    let alerts = hits.into_iter().map(|hit| {
        let members = || hit.events.iter().flatten().map(|&event| &events[event]);
        let shared = members()
            .map(|event| values(&rule.keys, event))
            .reduce(|a, b| a.iter().zip(&b).map(|(a, b)| a & b).collect())
            .unwrap_or_default();
        let time = members().filter_map(|event| time(&rule.time, event)).max();
        (hit, complete(&rule.keys, shared), time)
    });
    collapse(rule.span, alerts)
}

/// Leaves the first alert of each group and span, with what it stands for. An alert without a key or a time is in no group.
fn collapse<T>(
    span: u64,
    alerts: impl Iterator<Item = (T, Option<Group>, Option<Nanos>)>,
) -> Vec<(T, Option<Suppressed>)> {
    let mut out: Vec<(Nanos, T, Option<Suppressed>)> = Vec::new();
    let mut now = Nanos::MIN;
    for (alert, key, time) in alerts {
        let (Some(key), Some(time)) = (key, time) else {
            out.push((now, alert, None));
            continue;
        };
        let key: Vec<Vec<KeyValue>> = key.into_iter().map(|values| values.into_iter().collect()).collect();
        now = now.max(time);
        let open = out.iter_mut().find_map(|(began, _, suppressed)| {
            let suppressed = suppressed.as_mut()?;
            (suppressed.key == key && now - *began < Nanos::from(span) * MILLI).then_some(suppressed)
        });
        if let Some(open) = open {
            open.count += 1;
            open.start = open.start.min(time);
            open.end = open.end.max(time);
        } else {
            out.push((now, alert, Some(Suppressed { key, start: time, end: time, count: 0 })));
        }
    }
    out.into_iter().map(|(_, alert, suppressed)| (alert, suppressed)).collect()
}

/// For each field all of its values, none if it is missing.
fn values(keys: &[Key], event: &Event) -> Group {
    let field = |key: &Key| {
        let key = Key { optional: false, ..key.clone() };
        key::of_event(&[key], event).into_iter().flatten().collect()
    };
    keys.iter().map(field).collect()
}

/// With null for a field that has no value, or `None` if it must have one.
fn complete(keys: &[Key], group: Group) -> Option<Group> {
    let field = |(key, values): (&Key, BTreeSet<KeyValue>)| {
        if values.is_empty() { key.optional.then(|| BTreeSet::from([KeyValue::Null])) } else { Some(values) }
    };
    keys.iter().zip(group).map(field).collect()
}
