//! So many events of one group (rules.md section 3, `threshold`).
//!
//! In: a rule and all events. Out: the groups of each window that reach the threshold, by window and group. Windows follow
//! each other from 1970 on, without gap or overlap.

use std::collections::{BTreeMap, BTreeSet};

use crate::condition::Threshold;

use super::date::{MILLI, Nanos};
use super::event::Event;
use super::findings::{Counted, Detail, time};
use super::key::{self, KeyValue};
use super::leaf::holds;

/// Combinations of values of one event that count.
const MOST: usize = 100;

#[derive(Default)]
struct Group {
    /// Time and place of each event.
    events: Vec<(Nanos, usize)>,
    values: BTreeSet<Vec<KeyValue>>,
}

pub(super) fn run(rule: &Threshold, events: &[Event]) -> Vec<(usize, Detail)> {
    let width = Nanos::from(rule.window) * MILLI;
    let mut groups: BTreeMap<(Nanos, Vec<KeyValue>), Group> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if !holds(&rule.filter.condition, event) {
            continue;
        }
        let Some(time) = time(&rule.time, event) else { continue };
        let window = time.div_euclid(width) * width;
        for key in key::of_event(&rule.keys, event).into_iter().take(MOST) {
            let group = groups.entry((window, key)).or_default();
            group.events.push((time, index));
            if let Some(cardinality) = &rule.cardinality {
                let values = key::of_event(std::slice::from_ref(&cardinality.key), event);
                group.values.extend(values.into_iter().take(MOST));
            }
        }
    }
    let mut found = Vec::new();
    for ((from, key), group) in groups {
        let count = group.events.len() as u64;
        let different = group.values.len() as u64;
        let enough = rule.cardinality.as_ref().is_none_or(|cardinality| different >= cardinality.value);
        if count < rule.value || !enough {
            continue;
        }
        // Of events of one time the first to come is the earliest, the last to come the latest.
        let first = group.events.iter().min_by_key(|(time, _)| *time);
        let last = group.events.iter().max_by_key(|(time, _)| *time);
        let (Some(&(_, first)), Some(&(_, last))) = (first, last) else { continue };
        let cardinality = rule.cardinality.as_ref().map(|_| different);
        found.push((last, Detail::Threshold(Counted { key, count, cardinality, from, first })));
    }
    found
}
