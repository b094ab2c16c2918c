//! Values that were not seen before (rules.md section 3, `new_terms`).
//!
//! In: a rule and all events in the order in which they come. Out: the combinations of values that are new, with their
//! events. The time of the rule does not go back: an event from before it counts as one at this time.

use std::collections::BTreeMap;

use crate::condition::NewTerms;

use super::date::{MILLI, Nanos};
use super::event::Event;
use super::findings::{Detail, time};
use super::key::{self, KeyValue};
use super::leaf::holds;

/// Combinations of one event that count.
const MOST: usize = 100;

pub(super) fn run(rule: &NewTerms, events: &[Event]) -> Vec<(usize, Detail)> {
    let mut last_seen: BTreeMap<Vec<KeyValue>, Nanos> = BTreeMap::new();
    let mut now = Nanos::MIN;
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if !holds(&rule.filter.condition, event) {
            continue;
        }
        let Some(time) = time(&rule.time, event) else { continue };
        for key in key::of_event(&rule.keys, event).into_iter().take(MOST) {
            now = now.max(time);
            let last = last_seen.insert(key.clone(), now);
            if last.is_none_or(|last| now - last > Nanos::from(rule.window) * MILLI) {
                found.push((index, Detail::NewTerms(key)));
            }
        }
    }
    found
}
