//! New terms, thresholds, suppression and look-ups of indicators allocate nothing once they are made and have seen their
//! largest event, however much comes and goes; and their memory stays what it was.

use kiln_test_support::allocations::{self, Counting};
use rule_runtime::event::{Scalar, Slot};
use rule_runtime::keyed::{KeyedLimits, TimeFields};
use rule_runtime::new_terms::{NewTermsDef, NewTermsSet};
use rule_runtime::sequence::{EventRef, KeyDef, KeyKind, KeySource, Timestamp};
use rule_runtime::suppression::{GroupAlert, NewAlert, SuppressionDef, SuppressionLimits, SuppressionSet};
use rule_runtime::threat::{IndicatorsBuilder, Lookup, ThreatDef, ThreatEntry, ThreatGroup};
use rule_runtime::threshold::{Cardinality, ThresholdDef, ThresholdGroup, ThresholdLimits, ThresholdSet};

#[global_allocator]
static COUNTING: Counting = Counting;

const fn key(slot: u16, optional: bool) -> KeyDef {
    KeyDef { slot: Some(Slot(slot)), optional, kind: KeyKind::Any }
}

static KEYS: [KeyDef; 2] = [key(0, false), key(1, false)];
static GROUP: [KeyDef; 2] = [key(0, true), key(1, true)];
const TIME: TimeFields = TimeFields { field: Slot(9), fallback: None };

/// Values that an event of a number has.
struct Values {
    host: [u8; 36],
    number: u64,
}

impl Values {
    fn new(number: u64) -> Self {
        let mut host = [b'-'; 36];
        for (digit, place) in host.iter_mut().zip(0..8) {
            *digit = b'a' + (number >> (place * 2) & 3) as u8;
        }
        Self { host, number }
    }
}

impl KeySource for Values {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        match slot.0 {
            0 => visit(Scalar::Text(&self.host)),
            1 if self.number.is_multiple_of(3) => {
                visit(Scalar::Text(b"one"));
                visit(Scalar::Number(b"2.0"));
            }
            1 => visit(Scalar::Bool(self.number.is_multiple_of(2))),
            2 => visit(Scalar::Text(&self.host[4..8])),
            _ => {}
        }
    }
}

/// The state of a generator, step by step; the same on every run.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Calls `each` for many events, and gives how often memory was allocated meanwhile.
fn allocations(from: u64, to: u64, mut each: impl FnMut(u64, Timestamp, &Values)) -> usize {
    let before = allocations::count();
    let mut state = from;
    for number in from..to {
        let values = Values::new(random(&mut state) % 500);
        let nanos = number * 1_000_000 - random(&mut state) % 3_000_000;
        each(number, Timestamp::from_nanos(nanos.cast_signed()), &values);
    }
    allocations::count() - before
}

fn limits() -> KeyedLimits {
    KeyedLimits::with_records(100)
}

fn new_terms() {
    let defs = [10, 1000].map(|window_millis| NewTermsDef {
        rule: 0,
        time: TIME,
        keys: &KEYS,
        window_millis,
        suppression: None,
    });
    let mut set = NewTermsSet::new(&defs, limits());
    let mut found = 0;
    let mut push = |number: u64, time: Timestamp, values: &Values| {
        set.push((number % 2) as u32, Some(time), values, |_| found += 1);
    };
    allocations(10, 2_000, &mut push);
    assert_eq!(allocations(2_000, 50_000, &mut push), 0, "new terms");
    assert!(found > 1000 && set.stats(1).evicted > 0, "{found} {:?}", set.stats(1));
}

fn thresholds(early: bool) {
    let defs = [1, 20].map(|value| ThresholdDef {
        rule: 0,
        time: TIME,
        keys: &KEYS,
        value,
        cardinality: Some(Cardinality { key: key(2, false), value: 1 }),
        window_millis: 50,
        suppression: None,
    });
    let wait_nanos = 2_000_000;
    let limits = ThresholdLimits { groups: limits(), values: 50, wait_nanos, early };
    let mut set = ThresholdSet::new(&defs, limits);
    let bytes = set.reserved_bytes();
    let mut found = 0;
    let mut push = |number: u64, time: Timestamp, values: &Values| {
        let mut sink = |_: &ThresholdGroup<'_>| found += 1;
        set.push((number % 2) as u32, Some(time), EventRef(number), values, &mut sink);
    };
    allocations(10, 2_000, &mut push);
    assert_eq!(allocations(2_000, 50_000, &mut push), 0, "thresholds");
    assert_eq!(set.reserved_bytes(), bytes);
    assert!(found > 1000 && set.stats(1).evicted > 0, "{found} {:?}", set.stats(1));
}

fn suppression(early: bool) {
    let defs = [SuppressionDef { rule: 0, time: TIME, keys: &GROUP, span_millis: 150 }];
    let mut set =
        SuppressionSet::new(&defs, SuppressionLimits { groups: limits(), alert_bytes: 1000, early });
    let bytes = set.reserved_bytes();
    let mut found = 0;
    let mut push = |number: u64, time: Timestamp, values: &Values| {
        let payload = &values.host[..(number % 36) as usize];
        let alert = NewAlert { time: Some(time), event: Some(EventRef(number)), payload };
        set.push(0, alert, values, &mut |_: &GroupAlert<'_>| found += 1);
    };
    allocations(10, 2_000, &mut push);
    assert_eq!(allocations(2_000, 50_000, &mut push), 0, "suppression");
    assert_eq!(set.reserved_bytes(), bytes);
    assert!(found > 1000 && set.stats(0).evicted > 0, "{found} {:?}", set.stats(0));
}

fn indicators() {
    const fn entry(event: u16, negate: bool) -> ThreatEntry<'static> {
        ThreatEntry { event: Slot(event), indicator: Slot(event), kind: KeyKind::Text, negate, field: "f" }
    }
    static GROUPS: [ThreatGroup<'static>; 2] = [
        ThreatGroup { entries: &[entry(0, false)] },
        ThreatGroup { entries: &[entry(1, false), entry(2, true)] },
    ];
    let defs = [ThreatDef { rule: 0, time: TIME, indicator_path: "i", groups: &GROUPS, suppression: None }];
    let mut builder = IndicatorsBuilder::new(&defs, 0);
    for number in 0..100 {
        builder.add(&[0], EventRef(number), &Values::new(number * 3));
    }
    let known = builder.finish();
    let (mut lookup, mut out, mut found) = (Lookup::default(), Vec::new(), 0);
    let mut find = |_, _, values: &Values| {
        out.clear();
        found += lookup.find(&known, &defs, 0, values, &mut out);
    };
    allocations(10, 2_000, &mut find);
    assert_eq!(allocations(2_000, 20_000, &mut find), 0, "indicators");
    assert!(found > 1000, "{found}");
}

#[test]
fn nothing_is_allocated_for_an_event() {
    new_terms();
    thresholds(false);
    thresholds(true);
    suppression(false);
    suppression(true);
    indicators();
}
