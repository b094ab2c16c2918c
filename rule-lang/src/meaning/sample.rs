//! Samples: different events that share a key, in any order of time (eql.md section 13).
//!
//! In: a sample and all events. Out: its hits, ordered by key. Which events of many are picked is Elasticsearch's
//! choice too: the first that fit, in the order of the input.

use std::collections::BTreeMap;

use crate::condition::Sample;

use super::event::Event;
use super::key::{self, KeyValue};
use super::leaf::holds;
use super::run::Hit;

/// Finds at most `per_key` samples for each key.
pub(crate) fn run(sample: &Sample, events: &[Event], per_key: usize) -> Vec<Hit> {
    // For each key, the events that match each item.
    let mut by_key: BTreeMap<Vec<KeyValue>, Vec<Vec<usize>>> = BTreeMap::new();
    for (number, item) in sample.items.iter().enumerate() {
        for (index, event) in events.iter().enumerate() {
            if holds(&item.filter.condition, event) {
                for key in key::of_event(&item.keys, event) {
                    let candidates =
                        by_key.entry(key).or_insert_with(|| vec![Vec::new(); sample.items.len()]);
                    candidates[number].push(index);
                }
            }
        }
    }
    let limit = sample.items.len() + per_key.saturating_sub(1);
    let mut hits = Vec::new();
    for (key, mut candidates) in by_key {
        for candidates in &mut candidates {
            candidates.truncate(limit);
        }
        let mut found = Vec::new();
        pick(&candidates, &mut Vec::new(), per_key, &mut found);
        hits.extend(
            found
                .into_iter()
                .map(|events| Hit { events: events.into_iter().map(Some).collect(), keys: key.clone() }),
        );
    }
    hits
}

/// Collects choices of one event per item, all different, until there are enough.
fn pick(candidates: &[Vec<usize>], chosen: &mut Vec<usize>, enough: usize, found: &mut Vec<Vec<usize>>) {
    let Some((first, rest)) = candidates.split_first() else {
        found.push(chosen.clone());
        return;
    };
    for index in first {
        if found.len() < enough && !chosen.contains(index) {
            chosen.push(*index);
            pick(rest, chosen, enough, found);
            chosen.pop();
        }
    }
}
