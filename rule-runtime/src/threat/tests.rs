use proptest::prelude::*;

use super::*;
use crate::event::{Scalar, Slot};
use crate::sequence::KeySource;

/// The values of the fields in turn.
#[derive(Clone, Debug, Default)]
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

const fn entry(event: u16, indicator: u16, negate: bool) -> ThreatEntry<'static> {
    ThreatEntry { event: Slot(event), indicator: Slot(indicator), kind: KeyKind::Text, negate, field: "f" }
}

static GROUPS: [ThreatGroup<'static>; 3] = [
    ThreatGroup { entries: &[entry(0, 0, false)] },
    ThreatGroup { entries: &[entry(1, 0, false), entry(2, 1, false)] },
    ThreatGroup { entries: &[entry(1, 1, false), entry(2, 2, true)] },
];
const DEFS: [ThreatDef<'static>; 1] = [ThreatDef {
    rule: 0,
    time: TimeFields { field: Slot(9), fallback: None },
    indicator_path: "threat.indicator",
    groups: &GROUPS,
    suppression: None,
}];

fn found(indicators: &[Values], event: &Values) -> Vec<(u64, u16)> {
    let mut builder = IndicatorsBuilder::new(&DEFS, 0);
    for (number, indicator) in (0..).zip(indicators) {
        builder.add(&[0], EventRef(number), indicator);
    }
    let mut out = Vec::new();
    let count = Lookup::default().find(&builder.finish(), &DEFS, 0, event, &mut out);
    let hits: Vec<_> = ThreatHits::new(&out).map(|hit| (hit.indicator.0, hit.group)).collect();
    assert_eq!(hits.len() as u64, count);
    hits
}

#[test]
fn groups_are_or_ed_and_entries_and_ed() {
    let indicators = [values("a"), values("b,x"), values("a,y")];
    assert_eq!(found(&indicators, &values("a")), [(0, 0), (2, 0)]);
    assert_eq!(found(&indicators, &values(",b,x")), [(1, 1)]);
    assert_eq!(found(&indicators, &values(",b,y")), []);
    assert_eq!(found(&indicators, &values("b a,a b,y x")), [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1)]);
}

#[test]
fn a_negated_entry_wants_no_value_shared_but_a_field_of_the_indicator() {
    let indicators = [values("q,a,b c"), values("q,a,")];
    assert_eq!(found(&indicators, &values(",a,z")), [(0, 2)], "the other indicator lacks the field");
    assert_eq!(found(&indicators, &values(",a,z c")), []);
    assert_eq!(found(&indicators, &values(",a,")), [(0, 2)], "the event may lack the field");
}

#[test]
fn a_hit_tells_the_value() {
    let mut builder = IndicatorsBuilder::new(&DEFS, 7);
    builder.add(&[0], EventRef(3), &values("evil.example"));
    builder.add(&[0], EventRef(4), &values(",,other"));
    let indicators = builder.finish();
    assert_eq!((indicators.count(), indicators.fingerprint()), (1, 7));
    let mut out = Vec::new();
    Lookup::default().find(&indicators, &DEFS, 0, &values("evil.example good.example"), &mut out);
    let hits: Vec<_> = ThreatHits::new(&out).collect();
    let value = Some(crate::sequence::KeyValue::Text(b"evil.example"));
    assert_eq!(hits, [ThreatHit { indicator: EventRef(3), group: 0, value }]);
}

#[test]
fn two_hundred_indicators_are_told_and_all_are_counted() {
    let mut builder = IndicatorsBuilder::new(&DEFS, 0);
    for number in 0..3000 {
        builder.add(&[0], EventRef(number), &Values(vec![vec!["a".to_owned(), format!("v{number}")]]));
    }
    let indicators = builder.finish();
    let mut out = Vec::new();
    let event = Values(vec![vec!["a".to_owned(), "v2999".to_owned()]]);
    assert_eq!(Lookup::default().find(&indicators, &DEFS, 0, &event, &mut out), 3000);
    assert_eq!(ThreatHits::new(&out).count(), 200);
    assert!(indicators.bytes() < 3000 * 100, "{} bytes", indicators.bytes());
}

/// The plain reading of the module's words.
fn model(indicators: &[Values], event: &Values) -> Vec<(u64, u16)> {
    let field = |values: &Values, slot: Slot| values.0.get(usize::from(slot.0)).cloned().unwrap_or_default();
    let mut hits = Vec::new();
    for (group_number, group) in (0..).zip(&GROUPS) {
        for (number, indicator) in (0..).zip(indicators) {
            let applies = group.entries.iter().all(|entry| !field(indicator, entry.indicator).is_empty());
            let holds = group.entries.iter().all(|entry| {
                let theirs = field(indicator, entry.indicator);
                field(event, entry.event).iter().any(|value| theirs.contains(value)) != entry.negate
            });
            if applies && holds {
                hits.push((number, group_number));
            }
        }
    }
    hits
}

fn any_values() -> impl Strategy<Value = Values> {
    prop::collection::vec(prop::collection::vec("[a-d]", 0..3), 3).prop_map(Values)
}

proptest! {
    #[test]
    fn as_the_model(indicators in prop::collection::vec(any_values(), 0..12), event in any_values()) {
        prop_assert_eq!(found(&indicators, &event), model(&indicators, &event));
    }
}
