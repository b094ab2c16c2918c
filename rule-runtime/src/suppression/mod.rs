//! Alerts of one group become one (rules.md section 7).
//!
//! In: for each alert of a rule the values of the fields that make a group, its time, its event and whatever else belongs to
//! it as bytes. Out: one alert for each group and span of time, with the number of those it stands for. Knows nothing of
//! what an alert is.
//!
//! A span begins with the first alert of its group and has the length that the rule asks for. Alerts are taken in order of
//! arrival, and the time of a rule does not go back: an alert that comes late counts as one at the latest time. The one
//! alert comes out when its span is over, or at once and without a number ([`SuppressionLimits::early`]).

mod save;
#[cfg(test)]
mod tests;

use crate::keyed::{Clock, GroupKey, KeyedLimits, KeyedStats, Table, TimeFields, of_key};
use crate::sequence::engine::{ByteStore, EventTable, KeyBuilder, NIL, Stored};
use crate::sequence::{EventRef, GroupEvent, KeyDef, KeySource, Timestamp};

/// The suppression of a rule in compiled form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuppressionDef<'a> {
    /// Its index among the rules.
    pub rule: u32,
    /// When an event happened.
    pub time: TimeFields,
    /// The fields that make a group; several values of one count as a whole. If one is not optional, an event that lacks it
    /// is in no group. None where groups are the rule's own.
    pub keys: &'a [KeyDef],
    /// The length of a span.
    pub span_millis: u64,
}

/// Capacities, and when alerts come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuppressionLimits {
    /// Groups whose span is not over.
    pub groups: KeyedLimits,
    /// Bytes of what belongs to alerts that are held back.
    pub alert_bytes: usize,
    /// The first alert of a group comes out at once, and later ones are only counted ([`KeyedStats::evicted`] does not have
    /// them). Otherwise it comes out with their number when its span is over. For input without an end.
    pub early: bool,
}

impl Default for SuppressionLimits {
    fn default() -> Self {
        Self { groups: KeyedLimits::with_records(16_384), alert_bytes: 1 << 20, early: true }
    }
}

/// An alert on its way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAlert<'b> {
    /// When its event happened.
    pub time: Option<Timestamp>,
    /// Its event, if that is to be referred to.
    pub event: Option<EventRef>,
    /// What else belongs to it.
    pub payload: &'b [u8],
}

/// An alert that stands for all of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupAlert<'b> {
    /// The definition.
    pub def: u32,
    /// The event of the first alert.
    pub event: Option<GroupEvent>,
    /// What else belongs to that.
    pub payload: &'b [u8],
    /// The group; `None` for an alert that is in none.
    pub group: Option<Suppressed<'b>>,
}

/// The alerts that one stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppressed<'b> {
    /// The values that they share.
    pub key: GroupKey<'b>,
    /// The time of the earliest event.
    pub start: Timestamp,
    /// The time of the latest event.
    pub end: Timestamp,
    /// How many there are but for the first.
    pub count: u64,
}

/// Where alerts go, and handles that are no longer needed.
pub trait AlertSink {
    /// An alert comes out.
    fn alert(&mut self, alert: &GroupAlert<'_>);

    /// No alert refers to the event any more.
    fn released(&mut self, handle: EventRef) {
        let _ = handle;
    }
}

impl<F: FnMut(&GroupAlert<'_>)> AlertSink for F {
    fn alert(&mut self, alert: &GroupAlert<'_>) {
        self(alert);
    }
}

/// The state of all suppressions of a set.
///
/// ```
/// use rule_runtime::event::{Scalar, Slot};
/// use rule_runtime::keyed::TimeFields;
/// use rule_runtime::sequence::{KeyDef, KeyKind, KeySource, Timestamp};
/// use rule_runtime::suppression::{
///     GroupAlert, NewAlert, SuppressionDef, SuppressionLimits, SuppressionSet,
/// };
///
/// static HOST: [KeyDef; 1] = [KeyDef { slot: Some(Slot(0)), optional: true, kind: KeyKind::Text }];
/// let time = TimeFields { field: Slot(1), fallback: None };
/// let defs = [SuppressionDef { rule: 0, time, keys: &HOST, span_millis: 1000 }];
///
/// struct Host(&'static str);
/// impl KeySource for Host {
///     fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
///         visit(Scalar::Text(self.0.as_bytes()));
///     }
/// }
///
/// let limits = SuppressionLimits { early: false, ..SuppressionLimits::default() };
/// let mut set = SuppressionSet::new(&defs, limits);
/// let mut numbers = Vec::new();
/// let mut sink = |alert: &GroupAlert<'_>| numbers.push(alert.group.map_or(0, |group| group.count));
/// for (host, millis) in [("a", 0), ("b", 10), ("a", 500), ("a", 999), ("a", 1000)] {
///     let alert = NewAlert { time: Some(Timestamp::from_millis(millis)), event: None, payload: b"" };
///     set.push(0, alert, &Host(host), &mut sink);
/// }
/// set.finish(&mut sink);
/// assert_eq!(numbers, [2, 0, 0], "two of `a` were left out, then its span was over");
/// ```
#[derive(Clone, Debug)]
pub struct SuppressionSet<'a> {
    store: Store<'a>,
    builder: KeyBuilder,
    limits: SuppressionLimits,
    key: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Store<'a> {
    defs: &'a [SuppressionDef<'a>],
    held: Table<Held>,
    payloads: ByteStore,
    events: EventTable,
    arrivals: u64,
    clocks: Vec<Clock>,
    stats: Vec<KeyedStats>,
    early: bool,
    /// Key and payload of an alert on its way out.
    out: (Vec<u8>, Vec<u8>),
}

/// A group whose span is not over.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// When the span began, by the time of the rule.
    began: i64,
    /// Times of the earliest and the latest event.
    start: i64,
    end: i64,
    alerts: u64,
    event: u32,
    payload: Option<Stored>,
}

impl<'a> SuppressionSet<'a> {
    /// A set without groups.
    pub fn new(defs: &'a [SuppressionDef<'a>], limits: SuppressionLimits) -> Self {
        let bytes = limits.groups.key_bytes.max(limits.groups.max_key_bytes);
        let held = Table::new(defs.len(), limits.groups.records, bytes, limits.groups.hash_seed);
        let holds = !defs.is_empty() && !limits.early;
        Self {
            store: Store {
                defs,
                payloads: ByteStore::new(if holds { limits.alert_bytes.max(1) } else { 0 }),
                events: EventTable::new(if holds { held.capacity() + 1 } else { 0 }),
                held,
                arrivals: 0,
                clocks: vec![Clock::START; defs.len()],
                stats: vec![KeyedStats::default(); defs.len()],
                early: limits.early,
                out: (Vec::with_capacity(256), Vec::with_capacity(256)),
            },
            builder: KeyBuilder::new(),
            limits,
            key: Vec::with_capacity(256),
        }
    }

    /// Takes in an alert on an event whose fields make its group. Returns whether the set refers to the event now: if so,
    /// [`AlertSink::released`] tells when it no longer does.
    pub fn push(
        &mut self,
        def: u32,
        alert: NewAlert<'_>,
        source: &impl KeySource,
        sink: &mut impl AlertSink,
    ) -> bool {
        let Some(SuppressionDef { keys, .. }) = self.store.defs.get(def as usize) else { return false };
        self.key.clear();
        if !self.builder.whole(keys, source, &mut self.key) {
            self.store.pass(def, &alert, sink);
            return false;
        }
        let held = self.store.push(def, &self.key, alert, self.limits.groups.max_key_bytes, sink);
        self.store.refers(held)
    }

    /// The same for an alert whose group is known, or that is in none. Returns whether it is held back, not to come out
    /// before a later call.
    pub(crate) fn push_group(
        &mut self,
        def: u32,
        key: Option<&[u8]>,
        alert: NewAlert<'_>,
        sink: &mut impl AlertSink,
    ) -> bool {
        if def as usize >= self.store.defs.len() {
            return false;
        }
        let Some(key) = key else {
            self.store.pass(def, &alert, sink);
            return false;
        };
        self.store.push(def, key, alert, self.limits.groups.max_key_bytes, sink).is_some()
    }

    /// What is known of an event was too much to be remembered: the alert that it is part of may be in no group.
    pub(crate) fn count_dropped(&mut self, def: u32) {
        if let Some(stats) = self.store.stats.get_mut(def as usize) {
            stats.keys_dropped += 1;
        }
    }

    /// The same for an alert whose group is known by a join key.
    pub fn push_keyed(
        &mut self,
        def: u32,
        key: &[u8],
        alert: NewAlert<'_>,
        sink: &mut impl AlertSink,
    ) -> bool {
        if def as usize >= self.store.defs.len() {
            return false;
        }
        self.key.clear();
        of_key(key, &mut self.key);
        let held = self.store.push(def, &self.key, alert, self.limits.groups.max_key_bytes, sink);
        self.store.refers(held)
    }

    /// The input has ended: gives all alerts that are held back.
    pub fn finish(&mut self, sink: &mut impl AlertSink) {
        for def in 0..self.store.defs.len() as u32 {
            while let Some(oldest) = self.store.held.oldest(def) {
                self.store.close(oldest, sink);
            }
        }
        self.store.report_released(sink);
    }

    /// What happened to a definition, all zero for one that the set does not have.
    pub fn stats(&self, def: u32) -> KeyedStats {
        let stats = self.store.stats.get(def as usize);
        let records = || self.store.held.len_of(def);
        stats.map_or_else(KeyedStats::default, |stats| KeyedStats { records: records(), ..*stats })
    }

    /// Bytes of memory reserved for state.
    pub fn reserved_bytes(&self) -> usize {
        self.store.held.bytes() + self.store.payloads.bytes() + self.store.events.bytes()
    }
}

impl Store<'_> {
    /// An alert in no group.
    fn pass(&mut self, def: u32, alert: &NewAlert<'_>, sink: &mut impl AlertSink) {
        let NewAlert { time, event, payload } = *alert;
        let order = self.arrivals;
        self.arrivals += 1;
        let time = time.unwrap_or_default();
        let event = event.map(|handle| GroupEvent { handle, time, order });
        self.stats[def as usize].found += 1;
        sink.alert(&GroupAlert { def, event, payload, group: None });
    }

    /// Whether the event of an alert is referred to.
    fn refers(&self, held: Option<u32>) -> bool {
        held.is_some_and(|id| self.held[id].event != NIL)
    }

    /// The record under which the alert is held back, if it is.
    fn push(
        &mut self,
        def: u32,
        key: &[u8],
        alert: NewAlert<'_>,
        longest: usize,
        sink: &mut impl AlertSink,
    ) -> Option<u32> {
        let Some(time) = alert.time else {
            self.stats[def as usize].timeless += 1;
            self.pass(def, &alert, sink);
            return None;
        };
        self.stats[def as usize].late += u64::from(self.clocks[def as usize].advance(time));
        self.close_old(def, sink);
        if let Some(id) = self.held.find(def, key) {
            let held = &mut self.held[id];
            held.alerts += 1;
            held.start = held.start.min(time.nanos());
            held.end = held.end.max(time.nanos());
            self.report_released(sink);
            return None;
        }
        let too_long = key.len() > longest || !self.early && alert.payload.len() > self.most_payload();
        if too_long {
            self.stats[def as usize].keys_dropped += 1;
            self.pass(def, &alert, sink);
            return None;
        }
        let kept = self.begin(def, key, time, alert, sink);
        self.report_released(sink);
        kept
    }

    fn most_payload(&self) -> usize {
        ByteStore::content(self.payloads.capacity())
    }

    /// The first alert of a group.
    fn begin(
        &mut self,
        def: u32,
        key: &[u8],
        time: Timestamp,
        alert: NewAlert<'_>,
        sink: &mut impl AlertSink,
    ) -> Option<u32> {
        let payload_blocks = if self.early { 0 } else { ByteStore::blocks(alert.payload.len()) };
        while !self.held.has_room(key.len()) || self.payloads.room() < payload_blocks {
            let Some(victim) = self.held.victim(None) else { break };
            let rule = self.held.rule_of(victim);
            self.stats[rule as usize].evicted += 1;
            self.close(victim, sink);
        }
        let (order, began) = (self.arrivals, self.clocks[def as usize].0);
        self.arrivals += 1;
        let (start, end) = (time.nanos(), time.nanos());
        if self.early {
            let held = Held { began, start, end, alerts: 1, event: NIL, payload: None };
            self.held.insert(def, key, held);
            self.stats[def as usize].found += 1;
            let event = alert.event.map(|handle| GroupEvent { handle, time, order });
            let group = Some(Suppressed { key: GroupKey::new(key), start: time, end: time, count: 0 });
            sink.alert(&GroupAlert { def, event, payload: alert.payload, group });
            return None;
        }
        let event = alert.event.and_then(|handle| self.events.add(handle, time, order)).unwrap_or(NIL);
        let payload = self.payloads.store(alert.payload);
        self.held.insert(def, key, Held { began, start, end, alerts: 1, event, payload })
    }

    /// Gives the alerts of a rule whose span is over.
    fn close_old(&mut self, def: u32, sink: &mut impl AlertSink) {
        let now = self.clocks[def as usize].0;
        let span = i64::try_from(self.defs[def as usize].span_millis).unwrap_or(i64::MAX);
        let span = span.saturating_mul(1_000_000);
        while let Some(oldest) = self.held.oldest(def)
            && now.saturating_sub(self.held[oldest].began) >= span
        {
            self.close(oldest, sink);
        }
    }

    /// Gives the alert of a group, unless it is out already, and forgets the group.
    fn close(&mut self, id: u32, sink: &mut impl AlertSink) {
        let def = self.held.rule_of(id);
        let (mut key, mut payload) = std::mem::take(&mut self.out);
        key.clear();
        payload.clear();
        self.held.load_key(id, &mut key);
        let held = self.held.remove(id);
        if let Some(stored) = held.payload {
            self.payloads.load(stored, &mut payload);
            self.payloads.release(stored);
        }
        if !self.early {
            self.stats[def as usize].found += 1;
            let group = Some(Suppressed {
                key: GroupKey::new(&key),
                start: Timestamp::from_nanos(held.start),
                end: Timestamp::from_nanos(held.end),
                count: held.alerts - 1,
            });
            let event = (held.event != NIL).then(|| self.events.group_event(held.event));
            sink.alert(&GroupAlert { def, event, payload: &payload, group });
        }
        if held.event != NIL {
            self.events.unrefer(held.event);
        }
        self.out = (key, payload);
    }

    fn report_released(&mut self, sink: &mut impl AlertSink) {
        for handle in self.events.drain_released() {
            sink.released(handle);
        }
    }
}
