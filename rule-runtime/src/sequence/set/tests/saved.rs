//! Saved state: what is refused and why.

use super::super::super::{Limits, Reorder, RestoreError, SequenceSet};
use super::notation::{Bench, Query};

const LIMITS: Limits = Limits::with_pending(10).reordering(Reorder::millis(2, 8));

fn query() -> Query {
    Query::parse("by k maxspan=100 [!L][A][!M][B][!T]")
}

fn busy() -> Bench {
    let mut bench = query().bench(LIMITS);
    bench.feed("rL1 rA4 uA5 rB6 vA7 uM8 vB9 rA12 rA13 rL14");
    assert!(bench.set.set_stats().waiting > 0);
    assert!(bench.set.set_stats().pending > 2);
    bench
}

fn saved() -> Vec<u8> {
    let mut bytes = Vec::new();
    busy().set.save(&mut bytes);
    bytes
}

fn restore(query: &Query, rules: u64, limits: Limits, bytes: &[u8]) -> Result<(), RestoreError> {
    SequenceSet::restore(&[query.def()], rules, limits, bytes).map(drop)
}

#[test]
fn a_restored_set_refers_to_the_same_events() {
    let set = busy().set;
    let again = SequenceSet::restore(&[query().def()], 7, LIMITS, &saved()).unwrap();
    let sorted = |set: &SequenceSet<'_>| {
        let mut handles: Vec<u64> = set.handles().map(|handle| handle.0).collect();
        handles.sort_unstable();
        handles
    };
    assert!(!sorted(&set).is_empty());
    assert_eq!(sorted(&again), sorted(&set));
    assert_eq!((again.stats(0), again.set_stats()), (set.stats(0), set.set_stats()));
}

#[test]
fn each_sequence_of_a_set_goes_on() {
    let queries =
        [&Query::parse("by k [A][B]"), &Query::parse("maxspan=9 [A][!C][B]"), &Query::parse("by k [C][D]")];
    let mut bench = Bench::new(&queries, LIMITS);
    bench.feed("rA1 uC2 rC3");
    bench.reload(&queries, LIMITS);
    bench.feed("uD5 rD6 rB7");
    assert_eq!(bench.finish(), "u: C2 D5; r: C3 D6; r: A1 B7");
}

#[test]
fn limits_may_grow_but_not_shrink_below_the_state() {
    let roomy = Limits::with_pending(1000).reordering(Reorder::millis(2, 100));
    assert_eq!(restore(&query(), 7, roomy, &saved()), Ok(()));
    for tight in [
        Limits::with_pending(1).reordering(Reorder::millis(2, 8)),
        Limits::with_pending(10).reordering(Reorder::millis(2, 1)),
        Limits::with_pending(10),
        Limits { pending_per_sequence: 2, ..LIMITS },
    ] {
        assert_eq!(restore(&query(), 7, tight, &saved()), Err(RestoreError::TooLarge), "{tight:?}");
    }
}

#[test]
fn other_rules_are_refused() {
    assert_eq!(restore(&query(), 8, LIMITS, &saved()), Err(RestoreError::OtherRules));
    for other in
        ["by k maxspan=101 [!L][A][!M][B][!T]", "by ?k maxspan=100 [!L][A][!M][B][!T]", "by k [A][B]"]
    {
        assert_eq!(
            restore(&Query::parse(other), 7, LIMITS, &saved()),
            Err(RestoreError::OtherRules),
            "{other}"
        );
    }
}

#[test]
fn other_bytes_are_refused() {
    let bytes = saved();
    assert_eq!(restore(&query(), 7, LIMITS, b""), Err(RestoreError::NotState));
    assert_eq!(restore(&query(), 7, LIMITS, b"{\"state\": 1}"), Err(RestoreError::NotState));
    let mut newer = bytes.clone();
    newer[8] = 9;
    let error = restore(&query(), 7, LIMITS, &newer).unwrap_err();
    assert_eq!(error, RestoreError::Version { found: 9 });
    assert_eq!(error.to_string(), "the state has version 9, this program reads version 3");
}

#[test]
fn damage_anywhere_is_found() {
    let bytes = saved();
    for len in 8..bytes.len() {
        assert_eq!(restore(&query(), 7, LIMITS, &bytes[..len]), Err(RestoreError::Damaged), "cut at {len}");
    }
    for at in 10..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert_eq!(restore(&query(), 7, LIMITS, &damaged), Err(RestoreError::Damaged), "byte {at}");
    }
}

/// A right checksum over wrong content: never a panic, whatever the set makes of it.
#[test]
fn forged_content_does_no_harm() {
    let bytes = saved();
    let mut refused = 0;
    for at in 18..bytes.len() - 4 {
        for flip in [0x01, 0x80, 0xff] {
            let mut forged = bytes[..bytes.len() - 4].to_vec();
            forged[at] ^= flip;
            let sum = super::super::super::wire::crc32(&forged);
            forged.extend(sum.to_le_bytes());
            match SequenceSet::restore(&[query().def()], 7, LIMITS, &forged) {
                Ok(mut set) => set.finish(&mut |_: &super::super::super::Group<'_>| {}),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 100, "{refused}");
}
