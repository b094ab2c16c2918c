use super::*;
use crate::event::{Scalar, Slot};
use crate::sequence::{KeyDef, KeyKind, RestoreError, StageDef};

/// Filters by letter, key values in field 0: `A` or `AB` for `k=..`.
struct Keys<'k>(&'k [&'k str]);

impl KeySource for Keys<'_> {
    fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        self.0.iter().for_each(|key| visit(Scalar::Text(key.as_bytes())));
    }
}

struct Bench {
    set: SampleSet<'static>,
    def: SampleDef<'static>,
    results: Vec<String>,
    released: Vec<u64>,
    kept: usize,
    events: u64,
}

#[derive(Default)]
struct Recorder {
    results: Vec<String>,
    released: Vec<u64>,
}

impl Sink for Recorder {
    fn group(&mut self, group: &Group<'_>) {
        let key: Vec<String> = group.key.values().map(|value| value.to_string()).collect();
        let events: Vec<String> =
            group.events.iter().flatten().map(|event| event.handle.0.to_string()).collect();
        self.results.push(format!("{}: {}", key.join("/"), events.join(" ")));
    }

    fn released(&mut self, handle: EventRef) {
        self.released.push(handle.0);
    }
}

impl Bench {
    fn new(filters: u16, optional: bool, limits: SampleLimits) -> Self {
        let keys: &'static [KeyDef] =
            vec![KeyDef { slot: Some(Slot(0)), optional, kind: KeyKind::Text }].leak();
        let stages: Vec<StageDef<'static>> =
            (0..filters).map(|filter| StageDef { filter, missing: false, keys }).collect();
        let def = SampleDef { stages: stages.leak() };
        let set = SampleSet::new(&[def], limits);
        Self { set, def, results: Vec::new(), released: Vec::new(), kept: 0, events: 0 }
    }

    /// `k:A` passes the first filter and has the key `k`; `k,l:AB` passes two and has two keys.
    fn feed(&mut self, events: &str) {
        for event in events.split_whitespace() {
            let (keys, letters) = event.split_once(':').unwrap();
            let keys: Vec<&str> = keys.split(',').filter(|key| !key.is_empty()).collect();
            let hits: Vec<Hit> =
                letters.bytes().map(|letter| Hit { sequence: 0, filter: u16::from(letter - b'A') }).collect();
            self.events += 1;
            let mut sink = Recorder::default();
            let kept = self.set.push(EventRef(self.events), &hits, &Keys(&keys), &mut sink);
            self.kept += usize::from(kept);
            assert!(sink.results.is_empty());
            self.released.extend(sink.released);
        }
    }

    fn finish(&mut self) -> String {
        let mut sink = Recorder::default();
        self.set.finish(&mut sink);
        self.released.extend(sink.released);
        self.results.extend(sink.results);
        let count = self.released.len();
        self.released.sort_unstable();
        self.released.dedup();
        assert_eq!((self.released.len(), count), (self.kept, self.kept), "each handle is released once");
        self.results.join("; ")
    }
}

fn run(filters: u16, optional: bool, per_key: usize, events: &str) -> String {
    let limits = SampleLimits { samples_per_key: per_key, ..SampleLimits::with_keys(100) };
    let mut bench = Bench::new(filters, optional, limits);
    bench.feed(events);
    bench.finish()
}

#[test]
fn one_event_for_each_filter_in_any_order() {
    assert_eq!(run(2, false, 1, "x:A y:B x:B z:A y:A"), "x: 1 3; y: 5 2");
    assert_eq!(run(2, false, 1, "x:B x:A"), "x: 2 1");
    assert_eq!(run(3, false, 1, "x:A x:B"), "");
}

#[test]
fn events_of_a_sample_are_different() {
    assert_eq!(run(2, false, 1, "x:AB"), "");
    assert_eq!(run(2, false, 1, "x:AB x:A"), "x: 2 1");
    assert_eq!(run(3, false, 1, "x:A x:A x:AC x:BC x:BC"), "x: 1 4 3");
}

#[test]
fn null_and_several_values_are_keys() {
    assert_eq!(run(2, false, 1, ":A :B"), "");
    assert_eq!(run(2, true, 1, ":A :B x:A x:B"), "null: 1 2; x: 3 4");
    assert_eq!(run(2, false, 1, "x,y:A y,z:B"), "y: 1 2");
}

#[test]
fn as_many_samples_for_a_key_as_wanted() {
    let events = "win:A win:A win:B win:A red:B red:A";
    assert_eq!(run(2, false, 1, events), "red: 6 5; win: 1 3");
    assert_eq!(run(2, false, 2, events), "red: 6 5; win: 1 3; win: 2 3");
    assert_eq!(run(2, false, 10, events), "red: 6 5; win: 1 3; win: 2 3; win: 4 3");
}

#[test]
fn candidates_of_a_filter_are_bounded() {
    let mut bench = Bench::new(2, false, SampleLimits::with_keys(10));
    bench.feed("x:A x:A x:A x:A x:B");
    // Two filters and one sample need two candidates at most.
    assert_eq!(bench.kept, 3);
    assert_eq!(bench.finish(), "x: 1 5");
}

#[test]
fn the_oldest_keys_give_way() {
    let mut bench = Bench::new(2, false, SampleLimits::with_keys(2));
    bench.feed("a:A b:A c:A b:B c:B");
    assert_eq!((bench.set.stats(0).evicted, bench.finish().as_str()), (1, "b: 2 4; c: 3 5"));
    let limits = SampleLimits { candidates: 3, ..SampleLimits::with_keys(10) };
    let mut bench = Bench::new(2, false, limits);
    bench.feed("a:A b:A c:A d:A c:B");
    // Room is made by other keys than the event's own.
    assert_eq!((bench.set.stats(0).evicted, bench.finish().as_str()), (2, "c: 3 5"));
}

#[test]
fn tight_limits_do_no_harm() {
    let limits =
        SampleLimits { keys: 0, candidates: 0, key_bytes: 0, max_key_bytes: 4, ..SampleLimits::with_keys(0) };
    let mut bench = Bench::new(2, false, limits);
    bench.feed("a:A b:AB a:B long-key:A b:A");
    assert_eq!(bench.set.stats(0).keys_dropped, 1);
    bench.finish();
}

#[test]
fn a_set_without_samples_holds_nothing() {
    let mut set = SampleSet::new(&[], SampleLimits::default());
    assert!(!set.push(EventRef(1), &[Hit { sequence: 0, filter: 0 }], &Keys(&[]), &mut |_: &Group<'_>| {}));
    assert!(set.reserved_bytes() < 100);
}

#[test]
fn a_restored_set_goes_on_as_the_other_would() {
    let events = ["x:A y:B x:AB :A", "z:A x,y:A y:A z:B x:B", "x:B z:AB"];
    let limits = SampleLimits { samples_per_key: 3, ..SampleLimits::with_keys(3) };
    let mut whole = Bench::new(2, true, limits);
    for part in events {
        whole.feed(part);
    }
    let expected = whole.finish();
    let mut parts = Bench::new(2, true, limits);
    for part in events {
        let mut bytes = Vec::new();
        parts.set.save(5, &mut bytes);
        parts.set = SampleSet::restore(&[parts.def], 5, limits, &bytes).unwrap();
        parts.feed(part);
    }
    assert_eq!(parts.set.stats(0), {
        let stats = whole.set.stats(0);
        SampleStats { completed: 0, ..stats }
    });
    assert_eq!(parts.finish(), expected);
}

#[test]
fn saved_state_of_others_is_refused() {
    let limits = SampleLimits::with_keys(10);
    let mut bench = Bench::new(2, false, limits);
    bench.feed("x:A y:B y:A");
    let mut bytes = Vec::new();
    bench.set.save(5, &mut bytes);
    let restore = |defs: &[SampleDef<'static>], rules, limits, bytes: &[u8]| {
        SampleSet::restore(defs, rules, limits, bytes).map(|set| set.handles().count())
    };
    assert_eq!(restore(&[bench.def], 5, limits, &bytes), Ok(3));
    assert_eq!(restore(&[bench.def], 6, limits, &bytes), Err(RestoreError::OtherRules));
    assert_eq!(restore(&[bench.def, bench.def], 5, limits, &bytes), Err(RestoreError::OtherRules));
    assert_eq!(restore(&[bench.def], 5, SampleLimits::with_keys(1), &bytes), Err(RestoreError::TooLarge));
    for at in 18..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert_eq!(restore(&[bench.def], 5, limits, &damaged), Err(RestoreError::Damaged));
        assert!(restore(&[bench.def], 5, limits, &bytes[..at]).is_err());
    }
    // A right checksum over wrong content does no harm.
    for at in 18..bytes.len() - 4 {
        let mut forged = bytes[..bytes.len() - 4].to_vec();
        forged[at] ^= 0xff;
        crate::sequence::wire::end(0, &mut forged);
        if let Ok(mut set) = SampleSet::restore(&[bench.def], 5, limits, &forged) {
            set.finish(&mut |_: &Group<'_>| {});
        }
    }
}
