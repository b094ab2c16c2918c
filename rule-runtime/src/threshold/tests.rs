use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::event::{Scalar, Slot};
use crate::sequence::{KeyKind, RestoreError};

const fn key(slot: u16) -> KeyDef {
    KeyDef { slot: Some(Slot(slot)), optional: false, kind: KeyKind::Text }
}

static KEYS: [KeyDef; 2] = [key(0), key(1)];
const TIME: TimeFields = TimeFields { field: Slot(9), fallback: None };
const fn def(
    rule: u32,
    keys: &'static [KeyDef],
    value: u64,
    different: Option<u64>,
) -> ThresholdDef<'static> {
    let cardinality = match different {
        Some(value) => Some(Cardinality { key: key(2), value }),
        None => None,
    };
    ThresholdDef { rule, time: TIME, keys, value, cardinality, window_millis: 10, suppression: None }
}

static DEFS: [ThresholdDef<'static>; 3] =
    [def(0, KEYS.split_at(1).0, 2, None), def(1, &[], 3, None), def(2, KEYS.split_at(1).0, 1, Some(2))];

/// The values of the fields in turn.
#[derive(Clone, Debug)]
struct Values(Vec<Vec<String>>);

impl KeySource for Values {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        let values = self.0.get(usize::from(slot.0)).into_iter().flatten();
        values.for_each(|value| visit(Scalar::Text(value.as_bytes())));
    }
}

/// `a b,,x` is two values in the first field, none in the second, one in the third.
fn values(text: &str) -> Values {
    Values(text.split(',').map(|field| field.split_whitespace().map(str::to_owned).collect()).collect())
}

#[derive(Default)]
struct Recorder {
    groups: Vec<String>,
    released: Vec<u64>,
}

impl ThresholdSink for Recorder {
    fn group(&mut self, group: &ThresholdGroup<'_>) {
        let key: Vec<_> = group.key.values().map(|value| value.to_string()).collect();
        let cardinality = group.cardinality.map(|count| format!("/{count}")).unwrap_or_default();
        let ThresholdGroup { def, count, from, first, last, .. } = group;
        self.groups.push(format!(
            "{def}:{}@{} {count}{cardinality} {}-{}",
            key.join("+"),
            from.millis(),
            first.handle.0,
            last.handle.0
        ));
    }

    fn released(&mut self, handle: EventRef) {
        self.released.push(handle.0);
    }
}

struct Bench {
    set: ThresholdSet<'static>,
    out: Recorder,
    kept: BTreeSet<u64>,
    next: u64,
}

impl Bench {
    fn new(limits: ThresholdLimits) -> Self {
        Self {
            set: ThresholdSet::new(&DEFS, limits),
            out: Recorder::default(),
            kept: BTreeSet::new(),
            next: 0,
        }
    }

    fn push(&mut self, def: u32, millis: i64, values: &Values) {
        let handle = EventRef(self.next);
        self.next += 1;
        let time = Some(Timestamp::from_millis(millis));
        if self.set.push(def, time, handle, values, &mut self.out) {
            assert!(self.kept.insert(handle.0));
        }
        self.drop_released();
    }

    fn drop_released(&mut self) {
        for handle in self.out.released.drain(..) {
            assert!(self.kept.remove(&handle), "{handle} was not kept");
        }
    }

    fn finish(&mut self) -> Vec<String> {
        self.set.finish(&mut self.out);
        self.drop_released();
        assert!(self.kept.is_empty(), "{:?} are still kept", self.kept);
        std::mem::take(&mut self.out.groups)
    }
}

fn limits(early: bool) -> ThresholdLimits {
    ThresholdLimits {
        groups: KeyedLimits::with_records(1000),
        values: 1000,
        wait_nanos: if early { 0 } else { u64::MAX },
        early,
    }
}

#[test]
fn events_of_one_group_and_window_count_together() {
    let mut bench = Bench::new(limits(false));
    for (millis, text) in [(1, "a"), (12, "a"), (3, "b a"), (4, ""), (9, "a"), (10, "b")] {
        bench.push(0, millis, &values(text));
    }
    assert_eq!(bench.finish(), ["0:a@0 3 0-4"], "b has one event in each window");
    assert_eq!(bench.set.stats(0).found, 1);
}

#[test]
fn without_fields_there_is_one_group() {
    let mut bench = Bench::new(limits(false));
    for millis in [5, 6, 1] {
        bench.push(1, millis, &values(""));
    }
    assert_eq!(bench.finish(), ["1:@0 3 2-1"]);
}

#[test]
fn different_values_count_once() {
    let mut bench = Bench::new(limits(false));
    for text in ["a,,x", "a,,x", "b,,x", "b,,x y", "c,,"] {
        bench.push(2, 0, &values(text));
    }
    assert_eq!(bench.finish(), ["2:b@0 2/2 2-3"]);
}

#[test]
fn early_groups_are_told_once_a_window() {
    let mut bench = Bench::new(limits(true));
    let mut told = Vec::new();
    for (millis, text) in [(0, "a"), (1, "a"), (2, "a"), (11, "a"), (15, "a"), (9, "a")] {
        bench.push(0, millis, &values(text));
        told.push(std::mem::take(&mut bench.out.groups).join(" "));
    }
    assert_eq!(told, ["", "0:a@0 2 0-1", "", "", "0:a@10 2 3-4", ""]);
    assert_eq!(bench.set.stats(0).late, 1, "the last is of a window that is past");
    assert!(bench.finish().is_empty());
}

#[test]
fn a_window_closes_when_late_events_are_not_waited_for_any_more() {
    let mut bench = Bench::new(ThresholdLimits { wait_nanos: 5_000_000, ..limits(false) });
    let mut told = Vec::new();
    for (millis, text) in [(1, "a"), (14, "b"), (2, "a"), (15, "b"), (3, "a")] {
        bench.push(0, millis, &values(text));
        told.push(std::mem::take(&mut bench.out.groups).join(" "));
    }
    assert_eq!(told, ["", "", "", "0:a@0 2 0-2", ""]);
    assert_eq!(bench.finish(), ["0:b@10 2 1-3"]);
}

#[test]
fn groups_that_give_way_are_told_if_they_can_be() {
    let groups = KeyedLimits::with_records(2);
    let mut bench = Bench::new(ThresholdLimits { groups, ..limits(false) });
    for text in ["a", "a", "b", "c", "d"] {
        bench.push(0, 0, &values(text));
    }
    assert_eq!(bench.set.stats(0), KeyedStats { found: 1, evicted: 1, records: 2, ..KeyedStats::default() });
    assert_eq!(bench.finish(), ["0:a@0 2 0-1"]);
}

#[test]
fn values_that_find_no_room_are_counted() {
    let mut bench = Bench::new(ThresholdLimits { values: 2, ..limits(false) });
    bench.push(2, 0, &values("b,,x"));
    bench.push(2, 0, &values("a,,x y z"));
    let stats = bench.set.stats(2);
    assert_eq!((stats.keys_dropped, stats.evicted), (1, 1));
    assert_eq!(bench.finish(), ["2:a@0 1/2 1-1"]);
}

#[test]
fn damaged_state_is_refused() {
    let mut bench = Bench::new(limits(false));
    for (def, text) in [(0, "a b"), (2, "a,,x y"), (1, "")] {
        bench.push(def, 0, &values(text));
    }
    let mut bytes = Vec::new();
    bench.set.save(7, &mut bytes);
    let restore = |rules, records, bytes: &[u8]| {
        let limits = ThresholdLimits { groups: KeyedLimits::with_records(records), ..limits(false) };
        ThresholdSet::restore(&DEFS, rules, limits, bytes).map(|_| ())
    };
    assert_eq!(restore(7, 10, &bytes), Ok(()));
    assert_eq!(restore(8, 10, &bytes), Err(RestoreError::OtherRules));
    assert_eq!(restore(7, 1, &bytes), Err(RestoreError::TooLarge));
    for at in 0..bytes.len() {
        assert!(restore(7, 10, &bytes[..at]).is_err(), "{at}");
    }
}

#[test]
fn memory_is_reserved_once() {
    let mut bench = Bench::new(limits(true));
    let before = bench.set.reserved_bytes();
    for number in 0..20_000 {
        bench.push(2, number / 1000, &values(&format!("k{number},,x{number} y{number}")));
        bench.out.groups.clear();
    }
    assert_eq!(bench.set.reserved_bytes(), before);
    let stats = bench.set.stats(2);
    assert!(stats.records <= 1000 && stats.found == 20_000, "{stats:?}");
}

#[derive(Clone, Debug)]
struct Step {
    def: u32,
    millis: i64,
    fields: [Vec<String>; 2],
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let names = || prop::collection::vec("[a-b]", 0..3);
    let step = (0_u32..3, 0_i64..30, names(), names());
    prop::collection::vec(
        step.prop_map(|(def, millis, key, different)| Step { def, millis, fields: [key, different] }),
        0..60,
    )
}

fn source(step: &Step) -> Values {
    Values(vec![step.fields[0].clone(), Vec::new(), step.fields[1].clone()])
}

/// All groups of all windows: the plain reading of the module's words.
fn model(steps: &[Step]) -> Vec<String> {
    let mut groups: BTreeMap<(u32, i64, String), Vec<usize>> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        let keys: BTreeSet<String> = if step.def == 1 {
            BTreeSet::from([String::new()])
        } else {
            step.fields[0].iter().cloned().collect()
        };
        for key in keys {
            groups.entry((step.def, step.millis / 10 * 10, key)).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for ((def, window, key), events) in groups {
        let rule = &DEFS[def as usize];
        let different: BTreeSet<_> = events.iter().flat_map(|&at| &steps[at].fields[1]).collect();
        let first = events.iter().min_by_key(|&&at| steps[at].millis).unwrap();
        let last = events.iter().max_by_key(|&&at| steps[at].millis).unwrap();
        let enough = rule.cardinality.is_none_or(|cardinality| different.len() as u64 >= cardinality.value);
        if events.len() as u64 >= rule.value && enough {
            let cardinality = rule.cardinality.map(|_| format!("/{}", different.len())).unwrap_or_default();
            found.push(format!("{def}:{key}@{window} {}{cardinality} {first}-{last}", events.len()));
        }
    }
    found
}

proptest! {
    #[test]
    fn as_the_model_and_through_save_and_restore(steps in steps(), cut in 0_usize..60) {
        let mut bench = Bench::new(limits(false));
        for (at, step) in steps.iter().enumerate() {
            if at == cut {
                let mut bytes = Vec::new();
                bench.set.save(1, &mut bytes);
                bench.set = ThresholdSet::restore(&DEFS, 1, limits(false), &bytes).unwrap();
                let mut again = Vec::new();
                bench.set.save(1, &mut again);
                prop_assert_eq!(again, bytes);
                let handles: BTreeSet<_> = bench.set.handles().map(|handle| handle.0).collect();
                prop_assert_eq!(&handles, &bench.kept);
            }
            bench.push(step.def, step.millis, &source(step));
        }
        prop_assert_eq!(bench.finish(), model(&steps));
    }

    #[test]
    fn early_and_in_order_the_same_groups_are_found(mut steps in steps()) {
        steps.sort_by_key(|step| step.millis);
        let mut bench = Bench::new(limits(true));
        for step in &steps {
            bench.push(step.def, step.millis, &source(step));
        }
        bench.finish();
        let found: u64 = (0..3).map(|def| bench.set.stats(def).found).sum();
        prop_assert_eq!(found, model(&steps).len() as u64);
    }
}
