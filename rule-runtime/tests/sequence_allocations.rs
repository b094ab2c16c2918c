//! Sequences allocate nothing once they are made, however much comes and goes.

use kiln_test_support::allocations::{self, Counting};
use rule_runtime::event::{Scalar, Slot};
use rule_runtime::sequence::{
    Arrival, EventRef, Group, Hit, KeyDef, KeyKind, KeySource, Limits, Reorder, SequenceDef, SequenceSet,
    StageDef, Tiebreaker, Timestamp,
};

#[global_allocator]
static COUNTING: Counting = Counting;

static KEYS: [KeyDef; 3] = [
    KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text },
    KeyDef { slot: Some(Slot(1)), optional: true, kind: KeyKind::Number },
    KeyDef { slot: Some(Slot(2)), optional: true, kind: KeyKind::Ip },
];

const fn stage(filter: u16, missing: bool) -> StageDef<'static> {
    StageDef { filter, missing, keys: &KEYS }
}

static PLAIN: [StageDef; 3] = [stage(0, false), stage(1, false), stage(2, false)];
static MISSING: [StageDef; 4] = [stage(3, true), stage(0, false), stage(2, true), stage(3, true)];
static SEQUENCES: [SequenceDef; 3] = [
    SequenceDef { stages: &PLAIN, maxspan_millis: Some(400), until: Some(stage(3, false)) },
    SequenceDef { stages: &PLAIN, maxspan_millis: None, until: None },
    SequenceDef { stages: &MISSING, maxspan_millis: Some(100), until: None },
];

/// Values that an event of a number has.
struct Values {
    host: [u8; 36],
    pid: [u8; 5],
    number: u64,
}

impl Values {
    fn new(number: u64) -> Self {
        let mut values = Self { host: [b'-'; 36], pid: [b'0'; 5], number };
        for (digit, place) in values.host.iter_mut().zip(0..8) {
            *digit = b'a' + (number >> (place * 2) & 3) as u8;
        }
        values.pid[4] = b'0' + (number % 10) as u8;
        values
    }
}

impl KeySource for Values {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        match slot.0 {
            0 => visit(Scalar::Text(&self.host)),
            1 => visit(Scalar::Number(&self.pid)),
            _ if self.number.is_multiple_of(3) => {
                visit(Scalar::Text(b"10.0.0.1"));
                visit(Scalar::Text(b"fe80::1"));
            }
            _ => {}
        }
    }
}

/// The state of a generator, step by step; the same on every run.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn run(set: &mut SequenceSet<'_>, from: u64, to: u64) -> u64 {
    let (mut state, mut groups) = (from, 0);
    for number in from..to {
        let values = Values::new(random(&mut state) % 60);
        let time = number * 1_000_000 - random(&mut state) % 3_000_000;
        let arrival = Arrival {
            time: Timestamp::from_nanos(time.cast_signed()),
            tiebreaker: Tiebreaker::number(number.cast_signed()),
            handle: EventRef(number),
        };
        let filter = (random(&mut state) % 4) as u16;
        let hits = [0, 1, 2].map(|sequence| Hit { sequence, filter });
        set.push(arrival, &hits, &values, &mut |_: &Group<'_>| groups += 1);
    }
    groups
}

#[test]
fn nothing_is_allocated_for_an_event() {
    for reorder in [Reorder::NONE, Reorder::millis(3, 64), Reorder::millis(3, 4)] {
        // So little room that everything happens: eviction, expiry, a full window.
        let mut set = SequenceSet::new(&SEQUENCES, 0, Limits::with_pending(100).reordering(reorder));
        run(&mut set, 10, 2_000);
        let before = allocations::count();
        let groups = run(&mut set, 2_000, 50_000);
        assert_eq!(allocations::count() - before, 0, "{reorder:?}");
        let stats = [0, 1, 2].map(|sequence| set.stats(sequence));
        assert!(groups > 100, "{groups}");
        assert!(stats.iter().all(|stats| stats.completed > 0 && stats.evicted > 0), "{stats:?}");
    }
}
