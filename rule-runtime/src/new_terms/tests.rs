use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::event::{Scalar, Slot};
use crate::sequence::{Key, KeyKind, RestoreError};

static KEYS: [KeyDef; 2] = [
    KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text },
    KeyDef { slot: Some(Slot(1)), optional: false, kind: KeyKind::Text },
];
const TIME: TimeFields = TimeFields { field: Slot(2), fallback: Some(Slot(3)) };
static DEFS: [NewTermsDef<'static>; 2] = [
    NewTermsDef { rule: 0, time: TIME, keys: KEYS.split_at(1).0, window_millis: 10, suppression: None },
    NewTermsDef { rule: 1, time: TIME, keys: &KEYS, window_millis: 20, suppression: None },
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

fn values(fields: &[&[&str]]) -> Values {
    Values(fields.iter().map(|field| field.iter().map(|value| (*value).to_owned()).collect()).collect())
}

fn text(key: &[u8]) -> String {
    Key::new(key).values().map(|value| value.to_string()).collect::<Vec<_>>().join("/")
}

fn push(set: &mut NewTermsSet<'_>, def: u32, millis: i64, source: &Values) -> Vec<String> {
    let mut new = Vec::new();
    set.push(def, Some(Timestamp::from_millis(millis)), source, |key| new.push(text(key)));
    new
}

#[test]
fn arrays_give_every_combination_and_missing_fields_none() {
    let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(10));
    assert_eq!(push(&mut set, 1, 0, &values(&[&["a", "b"], &["x"]])), ["a/x", "b/x"]);
    assert_eq!(push(&mut set, 1, 1, &values(&[&["a", "c"], &["x"]])), ["c/x"]);
    assert!(push(&mut set, 1, 2, &values(&[&["z"], &[]])).is_empty());
    assert_eq!(push(&mut set, 0, 3, &values(&[&["a"]])), ["a"], "rules do not share what they have seen");
}

#[test]
fn a_hundred_combinations_count() {
    let names: Vec<String> = (0..11).map(|number| format!("{number:02}")).collect();
    let source = Values(vec![names.clone(), names]);
    let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(1000));
    assert_eq!(push(&mut set, 1, 0, &source).len(), 100);
    assert_eq!(
        set.stats(1),
        KeyedStats { found: 100, keys_dropped: 21, records: 100, ..KeyedStats::default() }
    );
}

#[test]
fn the_window_includes_its_end_and_every_sighting_renews_it() {
    let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(10));
    let a = values(&[&["a"]]);
    let found: Vec<bool> =
        [0, 10, 20, 31, 5, 41].iter().map(|&millis| !push(&mut set, 0, millis, &a).is_empty()).collect();
    assert_eq!(found, [true, false, false, true, false, false], "a late event counts as at the latest time");
    assert_eq!(set.stats(0).late, 1);
}

#[test]
fn the_rule_with_most_gives_way() {
    let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(3));
    for (def, name) in [(0, "a"), (1, "a"), (0, "b"), (0, "c")] {
        assert_eq!(push(&mut set, def, 0, &values(&[&[name], &["x"]])).len(), 1);
    }
    assert_eq!(set.stats(0).evicted, 1);
    assert!(push(&mut set, 1, 0, &values(&[&["a"], &["x"]])).is_empty());
    assert_eq!(push(&mut set, 0, 0, &values(&[&["a"]])).len(), 1, "it was given up");
}

#[test]
fn times_come_from_the_first_field_that_has_one() {
    let time = |fields: &[&[&str]]| TIME.of(&values(fields)).map(Timestamp::millis);
    assert_eq!(time(&[&[], &[], &["1970-01-01T00:00:01Z", "1970-01-01"], &["1970-01-02"]]), Some(0));
    assert_eq!(time(&[&[], &[], &["never"], &["1970-01-02"]]), Some(86_400_000));
    assert_eq!(time(&[]), None);
    let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(3));
    set.push(0, None, &values(&[&["a"]]), |_| panic!("it has no time"));
    assert_eq!(set.stats(0).timeless, 1);
}

#[test]
fn damaged_state_is_refused() {
    let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(10));
    push(&mut set, 0, 0, &values(&[&["a"]]));
    push(&mut set, 0, 0, &values(&[&["b"]]));
    let mut bytes = Vec::new();
    set.save(7, &mut bytes);
    let restore = |rules, records, bytes: &[u8]| {
        NewTermsSet::restore(&DEFS, rules, KeyedLimits::with_records(records), bytes).map(|_| ())
    };
    assert_eq!(restore(7, 10, &bytes), Ok(()));
    assert_eq!(restore(8, 10, &bytes), Err(RestoreError::OtherRules));
    assert_eq!(restore(7, 1, &bytes), Err(RestoreError::TooLarge));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(restore(7, 10, &damaged).is_err(), "{at}");
        assert!(restore(7, 10, &bytes[..at]).is_err(), "{at}");
    }
}

/// When each key of each rule was last seen; the plain reading of the module's words.
#[derive(Default)]
struct Model {
    seen: BTreeMap<(u32, String), i64>,
    now: [i64; 2],
}

impl Model {
    fn push(&mut self, def: u32, millis: i64, keys: &[String]) -> Vec<String> {
        let now = &mut self.now[def as usize];
        if keys.is_empty() {
            return Vec::new();
        }
        *now = millis.max(*now);
        let window = [10, 20][def as usize];
        let mut is_new = |key: &String| {
            let last = self.seen.insert((def, key.clone()), *now);
            last.is_none_or(|last| *now - last > window)
        };
        keys.iter().filter(|key| is_new(key)).cloned().collect()
    }
}

type Step = (u32, i64, Vec<String>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let names = prop::collection::vec("[a-c]", 0..3);
    let step = (0_u32..2, -3_i64..12, names);
    prop::collection::vec(step, 0..60).prop_map(|steps| {
        let mut now = 0;
        let step = |(def, by, names)| {
            now = i64::max(0, now + by);
            (def, now, names)
        };
        steps.into_iter().map(step).collect()
    })
}

proptest! {
    #[test]
    fn as_the_model_and_through_save_and_restore(steps in steps(), cut in 0_usize..60) {
        let mut model = Model::default();
        let mut set = NewTermsSet::new(&DEFS, KeyedLimits::with_records(100));
        for (at, (def, millis, names)) in steps.into_iter().enumerate() {
            if at == cut {
                let mut bytes = Vec::new();
                set.save(1, &mut bytes);
                set = NewTermsSet::restore(&DEFS, 1, KeyedLimits::with_records(100), &bytes).unwrap();
                let mut again = Vec::new();
                set.save(1, &mut again);
                prop_assert_eq!(again, bytes);
            }
            let key = |name: &String| if def == 0 { name.clone() } else { format!("{name}/x") };
            let mut keys: Vec<String> = names.iter().map(key).collect();
            keys.sort();
            keys.dedup();
            let source = Values(vec![names, vec!["x".to_owned()]]);
            prop_assert_eq!(push(&mut set, def, millis, &source), model.push(def, millis, &keys));
        }
    }
}
