//! So many events of one group (rules.md section 3, `threshold`).
//!
//! In: for each event that passes the condition of a rule its time, a handle, and the values of the rule's fields. Out: the
//! groups that have as many events, and as many different values, as the rule asks for. Knows nothing of conditions, of
//! rule files or of what an event holds beyond those fields.
//!
//! Events are counted in windows of time that follow each other without gap or overlap, from 1970 on; so the count does
//! not depend on the order in which events come. A window is closed once an event has come that is later than its end by
//! more than the time that late ones are waited for. A group is found when its window closes, with the final count, or
//! as soon as it is large enough ([`ThresholdLimits::early`]).

mod save;
mod store;
#[cfg(test)]
mod tests;

use self::store::Store;
use crate::keyed::{Clock, KeyedLimits, KeyedStats, TimeFields};
use crate::sequence::engine::{KeyBuilder, KeyLimits, hash};
use crate::sequence::{EventRef, GroupEvent, Key, KeyDef, KeySource, Timestamp};

/// A rule of type `threshold` in compiled form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdDef<'a> {
    /// Its index among the rules.
    pub rule: u32,
    /// When an event happened.
    pub time: TimeFields,
    /// The fields of a group; an event is in the group of each combination of their values, in none if it lacks one. None
    /// for one group of all.
    pub keys: &'a [KeyDef],
    /// The least number of events.
    pub value: u64,
    /// How many different values they must have, at least.
    pub cardinality: Option<Cardinality>,
    /// The length of a window.
    pub window_millis: u64,
    /// Which suppression its alerts pass through.
    pub suppression: Option<u32>,
}

/// The least number of different values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cardinality {
    /// The field.
    pub key: KeyDef,
    /// The least number.
    pub value: u64,
}

/// Capacities, how long late events are waited for, and when groups are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdLimits {
    /// Groups of all windows, and their keys.
    pub groups: KeyedLimits,
    /// Different values that are remembered for cardinalities, over all groups.
    pub values: usize,
    /// How long a window stays open behind its end, in nanoseconds; `u64::MAX` is until the end of the input.
    pub wait_nanos: u64,
    /// A group is reported as soon as it has reached the threshold, with its count so far, and then no more in this
    /// window. Otherwise when its window closes. For input without an end.
    pub early: bool,
}

impl Default for ThresholdLimits {
    fn default() -> Self {
        Self { groups: KeyedLimits::with_records(16_384), values: 65_536, wait_nanos: 0, early: true }
    }
}

/// A group that has reached its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdGroup<'g> {
    /// The definition.
    pub def: u32,
    /// The values of its fields.
    pub key: Key<'g>,
    /// Its events.
    pub count: u64,
    /// Different values, where the rule asks for them.
    pub cardinality: Option<u64>,
    /// The start of the window.
    pub from: Timestamp,
    /// The earliest event.
    pub first: GroupEvent,
    /// The latest event.
    pub last: GroupEvent,
}

/// Where groups go, and handles that are no longer needed.
pub trait ThresholdSink {
    /// A group has reached its threshold.
    fn group(&mut self, group: &ThresholdGroup<'_>);

    /// No group refers to the event any more.
    fn released(&mut self, handle: EventRef) {
        let _ = handle;
    }
}

impl<F: FnMut(&ThresholdGroup<'_>)> ThresholdSink for F {
    fn group(&mut self, group: &ThresholdGroup<'_>) {
        self(group);
    }
}

/// The state of all rules of type `threshold` of a set.
///
/// ```
/// use rule_runtime::event::{Scalar, Slot};
/// use rule_runtime::keyed::TimeFields;
/// use rule_runtime::sequence::{EventRef, KeyDef, KeyKind, KeySource, Timestamp};
/// use rule_runtime::threshold::{ThresholdDef, ThresholdGroup, ThresholdLimits, ThresholdSet};
///
/// static HOST: [KeyDef; 1] = [KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text }];
/// let time = TimeFields { field: Slot(1), fallback: None };
/// let (cardinality, suppression) = (None, None);
/// let defs = [ThresholdDef { rule: 0, time, keys: &HOST, value: 2, cardinality, window_millis: 1000, suppression }];
///
/// struct Host(&'static str);
/// impl KeySource for Host {
///     fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
///         visit(Scalar::Text(self.0.as_bytes()));
///     }
/// }
///
/// let mut set = ThresholdSet::new(&defs, ThresholdLimits { early: false, ..ThresholdLimits::default() });
/// let mut found = Vec::new();
/// let mut sink = |group: &ThresholdGroup<'_>| found.push((group.count, group.from.millis()));
/// for (number, (host, millis)) in (0..).zip([("a", 10), ("b", 20), ("a", 900), ("a", 950), ("a", 1000)]) {
///     set.push(0, Some(Timestamp::from_millis(millis)), EventRef(number), &Host(host), &mut sink);
/// }
/// set.finish(&mut sink);
/// assert_eq!(found, [(3, 0)]);
/// ```
#[derive(Clone, Debug)]
pub struct ThresholdSet<'a> {
    store: Store<'a>,
    builder: KeyBuilder,
    limits: ThresholdLimits,
    /// Hashes of the values of the field whose cardinality counts.
    values: Vec<u128>,
    /// The present key, behind its window.
    key: Vec<u8>,
}

impl<'a> ThresholdSet<'a> {
    /// A set that has counted nothing.
    pub fn new(defs: &'a [ThresholdDef<'a>], limits: ThresholdLimits) -> Self {
        Self {
            store: Store::new(defs, &limits),
            builder: KeyBuilder::new(),
            limits,
            values: Vec::with_capacity(64),
            key: Vec::with_capacity(256),
        }
    }

    /// Takes in an event that passed the condition of definition number `def`. An event without a time does not count.
    /// Returns whether the set refers to the event now: if so, [`ThresholdSink::released`] tells when it no longer does.
    pub fn push(
        &mut self,
        def: u32,
        time: Option<Timestamp>,
        handle: EventRef,
        source: &impl KeySource,
        sink: &mut impl ThresholdSink,
    ) -> bool {
        let Self { store, builder, limits, values, key: full } = self;
        let Some(rule) = store.defs.get(def as usize) else { return false };
        let Some(time) = time else {
            store.stats[def as usize].timeless += 1;
            return false;
        };
        let window = store::window_of(rule, time);
        let key_limits =
            KeyLimits { keys: limits.groups.keys_per_event.max(1), bytes: limits.groups.max_key_bytes };
        values.clear();
        if let Some(cardinality) = rule.cardinality {
            let seed = limits.groups.hash_seed;
            let dropped = builder.keys(&[cardinality.key], source, key_limits, |value| {
                values.push(u128::from(hash(seed, value)) << 64 | u128::from(hash(!seed, value)));
            });
            store.stats[def as usize].keys_dropped += dropped;
        }
        let Some(event) = store.events.add(handle, time, store.arrivals) else { return false };
        store.arrivals += 1;
        let mut is_late = None;
        let dropped = builder.keys(rule.keys, source, key_limits, |key| {
            // An event without the fields does not move time on.
            if *is_late.get_or_insert_with(|| store.move_on(def, time, window, limits.wait_nanos, sink)) {
                return;
            }
            full.clear();
            full.extend(window.to_be_bytes());
            full.extend_from_slice(key);
            store.count(def, full, event, values, sink);
            if limits.early {
                store.report_early(def, full, sink);
            }
        });
        store.stats[def as usize].keys_dropped += dropped;
        let kept = !store.events.forget(event);
        store.report_released(sink);
        kept
    }

    /// The input has ended: reports the groups that have reached their thresholds, and forgets all.
    pub fn finish(&mut self, sink: &mut impl ThresholdSink) {
        self.store.finish(sink);
    }

    /// What happened to a definition, all zero for one that the set does not have.
    pub fn stats(&self, def: u32) -> KeyedStats {
        self.store.stats(def)
    }

    /// Bytes of memory reserved for state.
    pub fn reserved_bytes(&self) -> usize {
        self.store.bytes()
    }
}

impl Store<'_> {
    /// Moves time on and closes windows that are past; whether that of the event is among them.
    fn move_on(
        &mut self,
        def: u32,
        time: Timestamp,
        window: i64,
        wait: u64,
        sink: &mut impl ThresholdSink,
    ) -> bool {
        self.clocks[def as usize].advance(time);
        let is_late = self.is_closed(def, window, wait);
        self.stats[def as usize].late += u64::from(is_late);
        if !is_late {
            self.close_old(def, wait, sink);
        }
        is_late
    }

    /// Whether the window that starts at `window` is past.
    fn is_closed(&self, def: u32, window: i64, wait: u64) -> bool {
        let Clock(now) = self.clocks[def as usize];
        let end = window.saturating_add(store::width(&self.defs[def as usize]));
        now.checked_sub(end).is_some_and(|past| past >= 0 && past.cast_unsigned() >= wait)
    }
}
