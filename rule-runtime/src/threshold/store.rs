//! Groups and what they have counted, in memory of fixed size.
//!
//! In: keys that begin with the start of their window, events, hashes of values. Out: groups that have reached their
//! thresholds. The oldest group of the rule that has most gives way; one that has reached its threshold is reported
//! then, so that only others are lost. Knows nothing of events beyond handle and time.

use super::{ThresholdDef, ThresholdGroup, ThresholdLimits, ThresholdSink};
use crate::keyed::{Clock, KeyedStats, Table};
use crate::sequence::engine::{EventTable, Index, NIL, Slab, compare_keys};
use crate::sequence::{Key, Timestamp};

/// What a group has counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) count: u64,
    /// The earliest and the latest event.
    pub(super) first: u32,
    pub(super) last: u32,
    /// The different values, last found first.
    pub(super) values: u32,
    pub(super) different: u64,
    pub(super) reported: bool,
}

/// A value of a group, by its hash. Two values with one hash of 128 bits do not happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) hash: u128,
    group: u32,
    pub(super) next: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Store<'a> {
    pub(super) defs: &'a [ThresholdDef<'a>],
    pub(super) groups: Table<Group>,
    pub(super) values: Slab<Value>,
    index: Index,
    pub(super) events: EventTable,
    pub(super) arrivals: u64,
    pub(super) clocks: Vec<Clock>,
    pub(super) stats: Vec<KeyedStats>,
    /// The key of a group that is being closed.
    closing: Vec<u8>,
}

/// Bytes of the start of the window in front of a key.
const WINDOW: usize = 8;

/// The length of a window in nanoseconds.
pub(super) fn width(def: &ThresholdDef<'_>) -> i64 {
    i64::try_from(def.window_millis).unwrap_or(i64::MAX).saturating_mul(1_000_000).max(1)
}

/// The start of the window that a time is in.
pub(super) fn window_of(def: &ThresholdDef<'_>, time: Timestamp) -> i64 {
    let width = width(def);
    time.nanos().saturating_sub(time.nanos().rem_euclid(width))
}

impl<'a> Store<'a> {
    pub(super) fn new(defs: &'a [ThresholdDef<'a>], limits: &ThresholdLimits) -> Self {
        let groups = &limits.groups;
        let bytes =
            groups.key_bytes.saturating_add(groups.records * WINDOW).max(groups.max_key_bytes + WINDOW);
        let table = Table::new(defs.len(), groups.records, bytes, groups.hash_seed);
        let counted = defs.iter().any(|def| def.cardinality.is_some());
        let values = if counted { limits.values.max(1) } else { 0 };
        Self {
            defs,
            // Two events of each group, and the one at hand.
            events: EventTable::new(if defs.is_empty() { 0 } else { table.capacity() * 2 + 1 }),
            groups: table,
            values: Slab::new(values),
            index: Index::new(values),
            arrivals: 0,
            clocks: vec![Clock::START; defs.len()],
            stats: vec![KeyedStats::default(); defs.len()],
            closing: Vec::with_capacity(256),
        }
    }

    /// Counts an event in the group of `key`, which begins with the window.
    pub(super) fn count(
        &mut self,
        def: u32,
        key: &[u8],
        event: u32,
        values: &[u128],
        sink: &mut impl ThresholdSink,
    ) {
        let Some(id) = self.groups.find(def, key).or_else(|| self.add(def, key, event, sink)) else {
            self.stats[def as usize].keys_dropped += 1;
            return;
        };
        let time = self.events[event].time;
        let Group { first, last, .. } = self.groups[id];
        if time < self.events[first].time {
            self.groups[id].first = event;
            self.swap(first, event);
        }
        if time >= self.events[last].time {
            self.groups[id].last = event;
            self.swap(last, event);
        }
        self.groups[id].count += 1;
        for &value in values {
            self.count_value(def, id, value, sink);
        }
    }

    /// A group without events.
    fn add(&mut self, def: u32, key: &[u8], event: u32, sink: &mut impl ThresholdSink) -> Option<u32> {
        while !self.groups.has_room(key.len()) {
            let victim = self.groups.victim(None)?;
            self.give_up(victim, sink);
        }
        let group = Group { count: 0, first: event, last: event, values: NIL, different: 0, reported: false };
        self.events.refer(event);
        self.events.refer(event);
        self.groups.insert(def, key, group)
    }

    /// A group refers to another event now.
    fn swap(&mut self, old: u32, new: u32) {
        self.events.refer(new);
        self.events.unrefer(old);
    }

    fn count_value(&mut self, def: u32, group: u32, hash: u128, sink: &mut impl ThresholdSink) {
        if self.has_value(group, hash) {
            return;
        }
        while self.values.room() == 0 {
            // Only a group with values makes room for one.
            let Some(victim) = self.groups.victim(Some(group)) else { break };
            self.give_up(victim, sink);
        }
        if !self.add_value(group, hash) {
            self.stats[def as usize].keys_dropped += 1;
        }
    }

    pub(super) fn has_value(&self, group: u32, hash: u128) -> bool {
        let known = |id: u32| self.values[id].group == group && self.values[id].hash == hash;
        self.index.find(place(group, hash), known).is_some()
    }

    /// Adds a value that the group does not have; `false` if there is no room.
    pub(super) fn add_value(&mut self, group: u32, hash: u128) -> bool {
        let value = Value { hash, group, next: self.groups[group].values };
        let Some(id) = self.values.insert(value) else { return false };
        self.index.insert(place(group, hash), id);
        self.groups[group].values = id;
        self.groups[group].different += 1;
        true
    }

    /// Reports a group that has just reached its threshold.
    pub(super) fn report_early(&mut self, def: u32, key: &[u8], sink: &mut impl ThresholdSink) {
        let Some(id) = self.groups.find(def, key) else { return };
        if self.reaches(id) && !self.groups[id].reported {
            self.groups[id].reported = true;
            self.report(id, key, sink);
        }
    }

    fn reaches(&self, id: u32) -> bool {
        let def = &self.defs[self.groups.rule_of(id) as usize];
        let Group { count, different, .. } = self.groups[id];
        count >= def.value && def.cardinality.is_none_or(|cardinality| different >= cardinality.value)
    }

    fn report(&mut self, id: u32, key: &[u8], sink: &mut impl ThresholdSink) {
        let def = self.groups.rule_of(id);
        let Group { count, first, last, different, .. } = self.groups[id];
        let (window, key) = key.split_at(WINDOW);
        let from = window.try_into().map_or(0, i64::from_be_bytes);
        self.stats[def as usize].found += 1;
        sink.group(&ThresholdGroup {
            def,
            key: Key::new(key),
            count,
            cardinality: self.defs[def as usize].cardinality.map(|_| different),
            from: Timestamp::from_nanos(from),
            first: self.events.group_event(first),
            last: self.events.group_event(last),
        });
    }

    /// Closes the windows of a rule that are past, as far as they are its oldest.
    pub(super) fn close_old(&mut self, def: u32, wait: u64, sink: &mut impl ThresholdSink) {
        let mut key = std::mem::take(&mut self.closing);
        while let Some(id) = self.groups.oldest(def) {
            key.clear();
            self.groups.load_key(id, &mut key);
            if !self.is_closed(def, window_in(&key), wait) {
                break;
            }
            self.close(id, &key, sink);
        }
        self.closing = key;
    }

    /// Reports a group if there is something to report, and forgets it; whether there was.
    fn close(&mut self, id: u32, key: &[u8], sink: &mut impl ThresholdSink) -> bool {
        let report = self.reaches(id) && !self.groups[id].reported;
        if report {
            self.report(id, key, sink);
        }
        let Group { first, last, values, .. } = self.groups.remove(id);
        self.events.unrefer(first);
        self.events.unrefer(last);
        let mut at = values;
        while at != NIL {
            let value = self.values.remove(at);
            self.index.remove(place(id, value.hash), at);
            at = value.next;
        }
        report
    }

    /// A group makes room for another.
    fn give_up(&mut self, id: u32, sink: &mut impl ThresholdSink) {
        let def = self.groups.rule_of(id);
        let mut key = std::mem::take(&mut self.closing);
        key.clear();
        self.groups.load_key(id, &mut key);
        if !self.close(id, &key, sink) {
            self.stats[def as usize].evicted += 1;
        }
        self.closing = key;
    }

    /// Closes everything: by rule, window and group.
    pub(super) fn finish(&mut self, sink: &mut impl ThresholdSink) {
        for def in 0..self.defs.len() as u32 {
            let mut groups: Vec<_> = self.groups.by_age(def).map(|id| (self.key(id), id)).collect();
            groups.sort_unstable_by(|(a, _), (b, _)| {
                let windows = window_in(a).cmp(&window_in(b));
                windows.then_with(|| compare_keys(&a[WINDOW..], &b[WINDOW..]))
            });
            for (key, id) in groups {
                self.close(id, &key, sink);
            }
        }
        self.report_released(sink);
    }

    /// The key of a group, behind its window.
    pub(super) fn key(&self, id: u32) -> Vec<u8> {
        let mut key = Vec::new();
        self.groups.load_key(id, &mut key);
        key
    }

    pub(super) fn report_released(&mut self, sink: &mut impl ThresholdSink) {
        for handle in self.events.drain_released() {
            sink.released(handle);
        }
    }

    pub(super) fn stats(&self, def: u32) -> KeyedStats {
        let stats = self.stats.get(def as usize);
        stats.map_or_else(KeyedStats::default, |stats| KeyedStats {
            records: self.groups.len_of(def),
            ..*stats
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.groups.bytes() + self.values.bytes() + self.index.bytes() + self.events.bytes()
    }
}

/// Where a value of a group stands in the index.
fn place(group: u32, hash: u128) -> u32 {
    hash as u32 ^ group.wrapping_mul(0x9e37_79b1)
}

/// The start of the window in front of a key.
fn window_in(key: &[u8]) -> i64 {
    key.first_chunk().map_or(0, |window| i64::from_be_bytes(*window))
}
