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

pub(super) fn run(rule: &Suppression, found: Vec<(usize, Detail)>, events: &[Event]) -> Vec<Finding> {
    let mut out: Vec<(Nanos, Finding)> = Vec::new();
    let mut now = Nanos::MIN;
    for (event, detail) in found {
        let key = match &detail {
            Detail::Threshold(Counted { key, .. }) => {
                Some(key.iter().map(|value| vec![value.clone()]).collect())
            }
            _ => group(&rule.keys, &events[event]),
        };
        let time = time(&rule.time, &events[event]);
        let (Some(key), Some(time)) = (key, time) else {
            out.push((now, Finding { event, detail, suppressed: None }));
            continue;
        };
        now = now.max(time);
        let open = out.iter_mut().find_map(|(began, finding)| {
            let suppressed = finding.suppressed.as_mut()?;
            (suppressed.key == key && now - *began < Nanos::from(rule.span) * MILLI).then_some(suppressed)
        });
        if let Some(open) = open {
            open.count += 1;
            open.start = open.start.min(time);
            open.end = open.end.max(time);
        } else {
            let suppressed = Some(Suppressed { key, start: time, end: time, count: 0 });
            out.push((now, Finding { event, detail, suppressed }));
        }
    }
    out.into_iter().map(|(_, finding)| finding).collect()
}

/// For each field all of its values; `None` if one that must be there is not.
fn group(keys: &[Key], event: &Event) -> Option<Vec<Vec<KeyValue>>> {
    let field = |key: &Key| {
        let values: BTreeSet<Vec<KeyValue>> = key::of_event(std::slice::from_ref(key), event);
        (!values.is_empty()).then(|| values.into_iter().flatten().collect())
    };
    keys.iter().map(field).collect()
}
