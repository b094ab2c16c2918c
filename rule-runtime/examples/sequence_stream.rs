//! A million events over one sequence with 50,000 live keys: time, and that memory stays flat.
//!
//! `cargo run --release -p rule-runtime --example sequence_stream`
//!
//! `sequence by host, pid with maxspan=50s [A] [B] [C]`, an event each millisecond. Every event has one of 50,000 keys in
//! turn and matches one of the three items, so that each key is pending at any time and a third of them completes a
//! round. The second run has a reorder window and times that are up to a second early or late.

#![allow(clippy::print_stdout)] // The figures are the point.

use std::time::Instant;

use rule_runtime::event::{Scalar, Slot};
use rule_runtime::sequence::{
    Arrival, EventRef, Group, Hit, KeyDef, KeyKind, KeySource, Limits, Reorder, SequenceDef, SequenceSet,
    StageDef, Tiebreaker, Timestamp,
};

const EVENTS: u64 = 1_000_000;
const KEYS: u64 = 50_000;

static KEY: [KeyDef; 2] = [
    KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text },
    KeyDef { slot: Some(Slot(1)), optional: false, kind: KeyKind::Number },
];
static STAGES: [StageDef; 3] = [
    StageDef { filter: 0, missing: false, keys: &KEY },
    StageDef { filter: 1, missing: false, keys: &KEY },
    StageDef { filter: 2, missing: false, keys: &KEY },
];

struct Values {
    host: String,
    pid: String,
}

impl KeySource for Values {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        match slot.0 {
            0 => visit(Scalar::Text(self.host.as_bytes())),
            _ => visit(Scalar::Number(self.pid.as_bytes())),
        }
    }
}

/// Pages of memory in use, where the system tells.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}

fn main() {
    let values: Vec<Values> = (0..KEYS)
        .map(|key| Values {
            host: format!(
                "{:08x}-3c1e-4f0a-9d5b-0123456789ab",
                key.wrapping_mul(2_654_435_761) & 0xffff_ffff
            ),
            pid: (1000 + key % 5000).to_string(),
        })
        .collect();
    run("in order", &values, Reorder::NONE, 0, 100_000);
    run("reordered", &values, Reorder::millis(2_000, 8_192), 1_000, 100_000);
    run("too little room", &values, Reorder::NONE, 0, 40_000);
}

fn run(name: &str, values: &[Values], reorder: Reorder, jitter_millis: i64, pending: usize) {
    // Two rounds and a bit: a key comes again after 50 seconds.
    let sequences = [SequenceDef { stages: &STAGES, maxspan_millis: Some(110_000), until: None }];
    let before = resident_kib();
    let mut set = SequenceSet::new(&sequences, 0, Limits::with_pending(pending).reordering(reorder));
    println!("{name}: {} KiB reserved", set.reserved_bytes() / 1024);
    let mut seed = 1_u64;
    let (mut groups, mut released) = (0_u64, 0_u64);
    let start = Instant::now();
    for number in 0..EVENTS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let jitter = if jitter_millis == 0 { 0 } else { (seed >> 33).cast_signed() % jitter_millis };
        let arrival = Arrival {
            time: Timestamp::from_millis(number.cast_signed() + jitter),
            tiebreaker: Tiebreaker::NONE,
            handle: EventRef(number),
        };
        let round = number / KEYS;
        let hit = Hit { sequence: 0, filter: (round % 3) as u16 };
        let kept =
            set.push(arrival, &[hit], &values[(number % KEYS) as usize], &mut |_: &Group<'_>| groups += 1);
        released += u64::from(!kept);
        if (number + 1).is_multiple_of(EVENTS / 4) {
            let stats = set.set_stats();
            println!(
                "  {:>9} events: {:>6} pending, {:>6} events referred to, {:>5} waiting, {:>6} KiB more resident",
                number + 1,
                stats.pending,
                stats.events,
                stats.waiting,
                resident_kib().saturating_sub(before)
            );
        }
    }
    let time = start.elapsed();
    let stats = set.stats(0);
    println!(
        "  {} ms, {} ns an event; {groups} groups, {} evicted, {} late, {released} never kept",
        time.as_millis(),
        time.as_nanos() / u128::from(EVENTS),
        stats.evicted,
        stats.late
    );
}
