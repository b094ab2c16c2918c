//! What rules with state of their own find: new terms, thresholds, indicators, and whatever was suppressed.
//!
//! In: what the state machines give. Out: the same, kept in buffers that are used again until it is read.

use crate::keyed::GroupKey;
use crate::sequence::{EventRef, GroupEvent, Key, Timestamp};
use crate::set::{Rule, RuleKind, RuleSet};
use crate::suppression::{GroupAlert, Suppressed};
use crate::threat::ThreatHits;
use crate::threshold::ThresholdGroup;

/// A result of a rule whose results are not just the events that match it.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'m, 'a> {
    /// The rule.
    pub rule: &'a Rule<'a>,
    /// Its index in [`RuleSet::rules`].
    pub rule_index: u32,
    /// The event that it is about; of a threshold the latest. An event without a time has the time zero.
    pub event: GroupEvent,
    /// What was found.
    pub detail: Detail<'m>,
    /// The alerts that it stands for, if the rule asks for suppression. `None` for an event that is in no group.
    pub suppressed: Option<Suppressed<'m>>,
}

/// What a rule of each type finds.
#[derive(Clone, Copy, Debug)]
pub enum Detail<'m> {
    /// The event itself.
    Event,
    /// Values that were not seen before, one for each field of the rule.
    NewTerms(Key<'m>),
    /// A group of events.
    Threshold(Counted<'m>),
    /// Indicators that the event matches.
    Indicators(ThreatHits<'m>),
}

/// A group of events that has reached a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<'m> {
    /// The values of the fields of the group.
    pub key: Key<'m>,
    /// How many events there are.
    pub count: u64,
    /// How many different values they have, where the rule asks for them.
    pub cardinality: Option<u64>,
    /// The start of the window in which they were counted.
    pub from: Timestamp,
    /// The earliest event. Where the rule has suppression its handle may have been released before.
    pub first: GroupEvent,
}

/// Findings until they are read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    records: Vec<Record>,
    bytes: Vec<u8>,
}

type Range = (usize, usize);

#[derive(Clone, Copy, Debug)]
struct Record {
    rule: u32,
    event: GroupEvent,
    payload: Range,
    /// Group key, first and last time, number.
    group: Option<(Range, Timestamp, Timestamp, u64)>,
}

impl Findings {
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.bytes.clear();
    }

    fn store(&mut self, bytes: &[u8]) -> Range {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (start, self.bytes.len())
    }

    /// A finding that nothing suppresses.
    pub(super) fn add(&mut self, rule: u32, event: GroupEvent, payload: &[u8]) {
        let payload = self.store(payload);
        self.records.push(Record { rule, event, payload, group: None });
    }

    /// A finding that came through suppression. `latest` stands in for an event that was not referred to.
    pub(super) fn add_alert(&mut self, rule: u32, alert: &GroupAlert<'_>) {
        let payload = self.store(alert.payload);
        let group = alert.group.map(|group| {
            let key = self.store(group.key.as_bytes());
            (key, group.start, group.end, group.count)
        });
        let event = alert.event.or_else(|| threshold(alert.payload).map(|(_, last)| last));
        let event = event.unwrap_or(NOWHERE);
        self.records.push(Record { rule, event, payload, group });
    }

    pub(super) fn iter<'m, 'a>(
        &'m self,
        set: &'a RuleSet<'a>,
    ) -> impl ExactSizeIterator<Item = Finding<'m, 'a>> {
        self.records.iter().map(move |record| {
            let rule = &set.rules[record.rule as usize];
            let bytes = |(start, end): Range| &self.bytes[start..end];
            Finding {
                rule,
                rule_index: record.rule,
                event: record.event,
                detail: detail(rule.kind, bytes(record.payload)),
                suppressed: record.group.map(|(key, start, end, count)| Suppressed {
                    key: GroupKey::new(bytes(key)),
                    start,
                    end,
                    count,
                }),
            }
        })
    }
}

/// Stands for an event that is not known.
const NOWHERE: GroupEvent =
    GroupEvent { handle: EventRef(u64::MAX), time: Timestamp::from_nanos(0), order: 0 };

fn detail(kind: RuleKind, payload: &[u8]) -> Detail<'_> {
    match kind {
        RuleKind::NewTerms => Detail::NewTerms(Key::new(payload)),
        RuleKind::Threshold => {
            threshold(payload).map_or(Detail::Event, |(counted, _)| Detail::Threshold(counted))
        }
        RuleKind::ThreatMatch => Detail::Indicators(ThreatHits::new(payload)),
        RuleKind::Event | RuleKind::Sequence | RuleKind::Sample | RuleKind::Off => Detail::Event,
    }
}

/// Appends a group of a threshold as bytes.
pub(super) fn put_threshold(group: &ThresholdGroup<'_>, out: &mut Vec<u8>) {
    let ThresholdGroup { count, cardinality, from, first, last, key, .. } = group;
    let event = |event: &GroupEvent| [event.handle.0, event.time.nanos().cast_unsigned(), event.order];
    let head = [*count, cardinality.unwrap_or(u64::MAX), from.nanos().cast_unsigned()];
    for number in head.into_iter().chain(event(first)).chain(event(last)) {
        out.extend(number.to_le_bytes());
    }
    out.extend_from_slice(key.as_bytes());
}

/// The inverse: the group and its last event.
fn threshold(bytes: &[u8]) -> Option<(Counted<'_>, GroupEvent)> {
    let (head, key) = bytes.split_first_chunk::<72>()?;
    let (numbers, _) = head.as_chunks::<8>();
    let number = |at: usize| u64::from_le_bytes(numbers[at]);
    let time = |at: usize| Timestamp::from_nanos(number(at).cast_signed());
    let event =
        |at: usize| GroupEvent { handle: EventRef(number(at)), time: time(at + 1), order: number(at + 2) };
    let counted = Counted {
        key: Key::new(key),
        count: number(0),
        cardinality: (number(1) != u64::MAX).then_some(number(1)),
        from: time(2),
        first: event(3),
    };
    Some((counted, event(6)))
}
