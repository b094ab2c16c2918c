use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::event::{Scalar, Slot};
use crate::sequence::{KeyKind, RestoreError};

const fn key(slot: u16, optional: bool) -> KeyDef {
    KeyDef { slot: Some(Slot(slot)), optional, kind: KeyKind::Text }
}

static OPTIONAL: [KeyDef; 1] = [key(0, true)];
static WANTED: [KeyDef; 2] = [key(0, false), key(1, false)];
const TIME: TimeFields = TimeFields { field: Slot(9), fallback: None };
static DEFS: [SuppressionDef<'static>; 2] = [
    SuppressionDef { rule: 0, time: TIME, keys: &OPTIONAL, span_millis: 10 },
    SuppressionDef { rule: 1, time: TIME, keys: &WANTED, span_millis: 20 },
];

/// The values of the fields in turn.
#[derive(Clone, Debug)]
struct Values(Vec<Vec<String>>);

impl KeySource for Values {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        let values = self.0.get(usize::from(slot.0)).into_iter().flatten();
        values.for_each(|value| visit(Scalar::Text(value.as_bytes())));
    }
}

fn values(text: &str) -> Values {
    Values(text.split(',').map(|field| field.split_whitespace().map(str::to_owned).collect()).collect())
}

#[derive(Default)]
struct Recorder {
    alerts: Vec<String>,
    released: Vec<u64>,
}

impl AlertSink for Recorder {
    fn alert(&mut self, alert: &GroupAlert<'_>) {
        let event = alert.event.map(|event| event.handle.0).expect("all have an event here");
        let payload = String::from_utf8_lossy(alert.payload);
        let group = alert.group.map_or_else(
            || "alone".to_owned(),
            |group| {
                let fields: Vec<_> = group
                    .key
                    .fields()
                    .map(|values| values.map(|value| value.to_string()).collect::<Vec<_>>().join("+"))
                    .collect();
                format!(
                    "{} {}-{} x{}",
                    fields.join(","),
                    group.start.millis(),
                    group.end.millis(),
                    group.count
                )
            },
        );
        self.alerts.push(format!("{}:{event}{payload} {group}", alert.def));
    }

    fn released(&mut self, handle: EventRef) {
        self.released.push(handle.0);
    }
}

struct Bench {
    set: SuppressionSet<'static>,
    out: Recorder,
    kept: BTreeSet<u64>,
    next: u64,
}

impl Bench {
    fn new(limits: SuppressionLimits) -> Self {
        Self {
            set: SuppressionSet::new(&DEFS, limits),
            out: Recorder::default(),
            kept: BTreeSet::new(),
            next: 0,
        }
    }

    fn push(&mut self, def: u32, millis: i64, values: &Values) {
        let handle = EventRef(self.next);
        self.next += 1;
        let time = Some(Timestamp::from_millis(millis));
        let alert = NewAlert { time, event: Some(handle), payload: b"!" };
        if self.set.push(def, alert, values, &mut self.out) {
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
        std::mem::take(&mut self.out.alerts)
    }
}

fn limits(records: usize, early: bool) -> SuppressionLimits {
    SuppressionLimits { groups: KeyedLimits::with_records(records), alert_bytes: 1000, early }
}

#[test]
fn alerts_of_a_group_within_the_span_become_one() {
    let mut bench = Bench::new(limits(10, false));
    for (millis, text) in [(0, "a"), (5, "b"), (9, "a"), (10, "a"), (3, "a"), (4, "")] {
        bench.push(0, millis, &values(text));
    }
    assert_eq!(
        bench.finish(),
        ["0:0! a 0-9 x1", "0:1! b 5-5 x0", "0:3! a 3-10 x1", "0:5! null 4-4 x0"],
        "late alerts join the group that is open"
    );
}

#[test]
fn early_the_first_comes_out_at_once() {
    let mut bench = Bench::new(limits(10, true));
    for (millis, text) in [(0, "a"), (9, "a"), (10, "a")] {
        bench.push(0, millis, &values(text));
    }
    assert_eq!(bench.out.alerts, ["0:0! a 0-0 x0", "0:2! a 10-10 x0"]);
    bench.out.alerts.clear();
    assert!(bench.finish().is_empty());
}

#[test]
fn an_event_without_a_field_that_is_wanted_is_in_no_group() {
    let mut bench = Bench::new(limits(10, false));
    for text in ["a,x", "a,", "a,", "a,x y", "a,y x"] {
        bench.push(1, 0, &values(text));
    }
    let alerts = ["1:1! alone", "1:2! alone", "1:0! a,x 0-0 x0", "1:3! a,x+y 0-0 x1"];
    assert_eq!(bench.finish(), alerts, "an array counts as a whole");
}

#[test]
fn groups_that_give_way_come_out() {
    let mut bench = Bench::new(limits(1, false));
    for text in ["a", "b", "a"] {
        bench.push(0, 0, &values(text));
    }
    assert_eq!(bench.set.stats(0).evicted, 2);
    assert_eq!(bench.finish(), ["0:0! a 0-0 x0", "0:1! b 0-0 x0", "0:2! a 0-0 x0"]);
}

#[test]
fn groups_may_be_known_by_a_join_key() {
    let mut set = SuppressionSet::new(&DEFS, limits(10, false));
    let mut out = Recorder::default();
    // Two texts of one byte.
    let join = [6, 1, b'a', 6, 1, b'b'];
    let alert = NewAlert { time: Some(Timestamp::from_millis(0)), event: None, payload: b"" };
    assert!(!set.push_keyed(1, &join, alert, &mut out));
    let mut fields = Vec::new();
    set.finish(&mut |alert: &GroupAlert<'_>| {
        let lists = alert.group.unwrap().key.lists();
        fields = lists.iter().map(|list| format!("{}", list[0])).collect();
    });
    assert_eq!(fields, ["a", "b"]);
}

#[test]
fn damaged_state_is_refused() {
    let mut bench = Bench::new(limits(10, false));
    for (def, text) in [(0, "a"), (1, "a b,x"), (0, "")] {
        bench.push(def, 0, &values(text));
    }
    let mut bytes = Vec::new();
    bench.set.save(7, &mut bytes);
    let restore =
        |rules, limits, bytes: &[u8]| SuppressionSet::restore(&DEFS, rules, limits, bytes).map(|_| ());
    assert_eq!(restore(7, limits(10, false), &bytes), Ok(()));
    assert_eq!(restore(8, limits(10, false), &bytes), Err(RestoreError::OtherRules));
    assert_eq!(restore(7, limits(10, true), &bytes), Err(RestoreError::OtherRules));
    assert_eq!(restore(7, limits(1, false), &bytes), Err(RestoreError::TooLarge));
    for at in 0..bytes.len() {
        assert!(restore(7, limits(10, false), &bytes[..at]).is_err(), "{at}");
    }
}

#[derive(Clone, Debug)]
struct Step {
    def: u32,
    millis: i64,
    fields: [Vec<String>; 2],
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let names = || prop::collection::vec("[a-b]", 0..3);
    let step = (0_u32..2, -3_i64..12, names(), names());
    prop::collection::vec(step, 0..60).prop_map(|steps| {
        let mut now = 0;
        let step = |(def, by, first, second)| {
            now = i64::max(0, now + by);
            Step { def, millis: now, fields: [first, second] }
        };
        steps.into_iter().map(step).collect()
    })
}

/// Definition, group and number of an alert.
type Told = (u32, Option<Vec<Vec<String>>>, u64);

/// Groups in the order in which they begin, and how many alerts each has; the plain reading of the module's words.
fn model(steps: &[Step]) -> Vec<Told> {
    // With the time at which each begins.
    let mut groups: Vec<(Told, i64)> = Vec::new();
    let mut now = [i64::MIN; 2];
    for step in steps {
        let def = &DEFS[step.def as usize];
        let now = &mut now[step.def as usize];
        let fields = &step.fields[..def.keys.len()];
        let sorted =
            |values: &Vec<String>| values.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let key: Vec<Vec<String>> = fields.iter().map(sorted).collect();
        if def.keys.iter().zip(&key).any(|(def, values)| values.is_empty() && !def.optional) {
            groups.push(((step.def, None, 0), 0));
            continue;
        }
        *now = step.millis.max(*now);
        let open = groups.iter_mut().find(|((def, known, _), began)| {
            *def == step.def
                && known.as_ref() == Some(&key)
                && *now - *began < DEFS[*def as usize].span_millis.cast_signed()
        });
        match open {
            Some(((.., count), _)) => *count += 1,
            None => groups.push(((step.def, Some(key), 0), *now)),
        }
    }
    groups.into_iter().map(|(told, _)| told).collect()
}

#[derive(Default)]
struct Counts(Vec<Told>);

impl AlertSink for Counts {
    fn alert(&mut self, alert: &GroupAlert<'_>) {
        let key = alert.group.map(|group| {
            let lists = group.key.lists();
            let text = |list: &Vec<crate::sequence::KeyValue<'_>>| {
                let values = list.iter().map(ToString::to_string).filter(|value| value != "null");
                values.collect::<Vec<_>>()
            };
            lists.iter().map(text).collect()
        });
        self.0.push((alert.def, key, alert.group.map_or(0, |group| group.count)));
    }
}

proptest! {
    #[test]
    fn as_the_model_and_through_save_and_restore(steps in steps(), cut in 0_usize..60) {
        let mut set = SuppressionSet::new(&DEFS, limits(100, false));
        let mut counts = Counts::default();
        for (at, step) in (0..).zip(&steps) {
            if at == cut {
                let mut bytes = Vec::new();
                set.save(1, &mut bytes);
                set = SuppressionSet::restore(&DEFS, 1, limits(100, false), &bytes).unwrap();
                let mut again = Vec::new();
                set.save(1, &mut again);
                prop_assert_eq!(again, bytes);
            }
            let alert = NewAlert {
                time: Some(Timestamp::from_millis(step.millis)),
                event: Some(EventRef(at as u64)),
                payload: b"payload",
            };
            set.push(step.def, alert, &Values(step.fields.to_vec()), &mut counts);
        }
        set.finish(&mut counts);
        let (mut found, mut expected) = (counts.0, model(&steps));
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }
}
