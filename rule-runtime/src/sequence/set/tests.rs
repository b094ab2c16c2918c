//! The tables of eql.md sections 11 and 12, what happens at the limits, and a comparison with a naive model.

mod model;
mod notation;
mod saved;

use notation::{Query, run, run_with};

use super::super::{Limits, Reorder};

/// Checks rows of query, events and result.
fn table(rows: &[(&str, &str, &str)]) {
    for (query, events, expected) in rows {
        assert_eq!(run(&Query::parse(query), events), *expected, "{query} | {events}");
    }
}

#[test]
fn stages_take_the_newest_and_consume() {
    table(&[
        ("[A][B]", "A1 A2 B3 B4", "A2 B3"),
        ("[A][B]", "A1 B2 B3 A4 A5 B6", "A1 B2; A5 B6"),
        ("[A][B][C]", "A1 B2 A3 B4 C5", "A3 B4 C5"),
        ("[A][B][C]", "A1 B2 A3 C4 B5 C6", "A1 B2 C4; A3 B5 C6"),
        ("[A][B][C]", "A1 C2 B3 A4 B5 C6", "A4 B5 C6"),
        ("[A][B][C][D]", "A1 B2 C3 A4 B5 D6 C7 D8", "A1 B2 C3 D6; A4 B5 C7 D8"),
        ("[A][B]", "B1 A2", ""),
        ("[A][B]", "X1 A2 X3 B4 X5", "A2 B4"),
    ]);
}

#[test]
fn keys_are_kept_apart() {
    table(&[
        ("by k [A][B][C]", "rA1 rA2 uB3 rB4 rB5 uA6 rA7 uB8 rC9 uC10 rC11", "r: A2 B4 C9; u: A6 B8 C10"),
        ("by k [A][A]", "x:A1 x:A2", "x: A1 A2"),
        ("by k [A][A]", "x:A1 X:A2", ""),
        ("by k [A][A]", "A1 A2", ""),
        ("by ?k [A][A]", "A1 A2", "null: A1 A2"),
        ("by ?k [A][A]", "A1 x:A2", ""),
        ("by k [A][A]", "a,b:A1 b,c:A2", "b: A1 A2"),
        ("by k [A][A]", "foo,bar:A1 foo,bar:A2", "bar: A1 A2; foo: A1 A2"),
        ("by k [A][A]", "a,a:A1 a:A2", "a: A1 A2"),
    ]);
}

#[test]
fn one_event_fills_one_place() {
    table(&[
        ("[A][A]", "A1 A2 A3", "A1 A2; A2 A3"),
        ("[A][A][A]", "A1 A2 A3 A4", "A1 A2 A3; A2 A3 A4"),
        // One event is stage 2 of one sequence and stage 1 of another.
        ("[A][B][C]", "A1 AB2 B3 C4", "A2 B3 C4"),
        ("[A][B]", "AB1", ""),
        ("[A][B]", "AB1 AB2", "A1 B2"),
    ]);
}

#[test]
fn maxspan_is_inclusive_and_consumes() {
    table(&[
        ("maxspan=2 [A][B]", "A1 B4 A5 B6 B7", "A5 B6"),
        ("maxspan=2 [A][B]", "A1 B3", "A1 B3"),
        ("maxspan=2 [A][B]", "A1 B3.000001", ""),
        ("maxspan=3 [A][B][C]", "A1 B3 C5", ""),
        // B4 takes A1 although it is too late, so that nothing is left for B5.
        ("maxspan=2 [A][B]", "A1 B4 B5", ""),
        ("maxspan=2 [A][B][C]", "A1 B2 A3 B6 C6", ""),
    ]);
}

#[test]
fn until_ends_what_is_pending_for_its_key() {
    table(&[
        ("[A][B] until X", "A1 X2 B3", ""),
        ("[A][B] until X", "A1 B2 X3", "A1 B2"),
        ("[A][B] until X", "X1 A2 B3", "A2 B3"),
        // The bounds: on the pending event it ends the sequence, on the completing event it does not.
        ("[A][B] until X", "AX1 B2", ""),
        ("[A][B] until X", "A1 BX2", "A1 B2"),
        ("[A][B][C] until X", "A1 BX2 C3", ""),
        ("by k [A][B] until X", "rA1 uX2 rB3", "r: A1 B3"),
        ("by k [A][B] until X", "rA1 r,u:X2 uA3 rB4 uB5", "u: A3 B5"),
        ("by k [A][B] until X", "rA1 X2 rB3", "r: A1 B3"),
    ]);
}

#[test]
fn missing_between() {
    table(&[
        ("maxspan=1000 [N][!M][N]", "N1 N2 M3 N4", "N1 - N2"),
        ("maxspan=1000 [N][!X][N]", "N1 N2 M3 N4", "N1 - N2; N2 - N4"),
        ("maxspan=1000 [N][N][!M][N]", "N1 N2 M3 N4 N5 M6", "N2 N4 - N5"),
        // Exclusive, by the millisecond.
        ("maxspan=1000 [A][!M][B]", "A1 M1 B2", "A1 - B2"),
        ("maxspan=1000 [A][!M][B]", "A1 M1.9 B2", "A1 - B2"),
        ("maxspan=1000 [A][!M][B]", "A1 M3 B3.5", "A1 - B3.5"),
        ("maxspan=1000 [A][!M][B]", "A1 M2 B3", ""),
        // A rejected candidate is gone, and there is no second try.
        ("maxspan=1000 [A][!M][B]", "A1 M2 B3 B4", ""),
        ("maxspan=1000 [A][!M][!O][B]", "A1 O2 B3 A4 B5", "A4 - - B5"),
        ("by k maxspan=1000 [A][!M][B]", "rA1 uM2 rB3 uA4 uM5 uB6", "r: A1 - B3"),
    ]);
}

#[test]
fn missing_first() {
    let minutes = "M0 N600001 M1200001 N1260001 N1740001 N1860001";
    table(&[
        ("maxspan=180000 [!M][N]", minutes, "- N600001; - N1740001; - N1860001"),
        ("maxspan=10 [!M][A][B]", "M0 A5 B11", "- A5 B11"),
        ("maxspan=10 [!M][A][B]", "M0 A5 B10", ""),
        // The latest one in an earlier millisecond counts, also if others follow in the same.
        ("maxspan=10 [!M][A]", "M0 M20 A20", "- A20"),
        ("maxspan=10 [!M][A]", "M12 M20 A20", ""),
        ("maxspan=10 [!M][A]", "A20 M20", "- A20"),
        ("by k maxspan=10 [!M][A]", "rM1 uA2 rA3", "u: - A2"),
    ]);
}

#[test]
fn missing_last() {
    table(&[
        ("maxspan=1000 [N][!M]", "N1 N2 M3 N4", "N4 -"),
        ("maxspan=10 [A][!M]", "A1 M11", ""),
        ("maxspan=10 [A][!M]", "A1 M12", "A1 -"),
        ("maxspan=10 [A][!M]", "A1 M1 M12", "A1 -"),
        ("maxspan=4 [A][B][!M]", "A1 B2 M2 B3 A4 B5 M6", "A1 B2 -"),
        ("maxspan=10 [A][B][!M][!M]", "A1 B2", "A1 B2 - -"),
        // `until` does not touch what is complete.
        ("maxspan=10 [A][!M] until X", "A1 X2", "A1 -"),
    ]);
}

#[test]
fn missing_first_and_last() {
    let minutes = "M0 N600001 M1200001 N1260001 N1740001 N1860001";
    table(&[
        ("maxspan=1140000 [!M][N][!M]", minutes, "- N600001 -; - N1260001 -; - N1740001 -; - N1860001 -"),
        ("maxspan=1260000 [!M][N][!M]", minutes, "- N1260001 -; - N1740001 -; - N1860001 -"),
        ("maxspan=10 [!M][A][!O]", "M0 A5 O10", ""),
        ("maxspan=10 [!M][A][!O]", "M0 A5 O11", "- A5 -"),
        ("maxspan=10 [!M][A][!O]", "A5 O6", "- A5 -"),
        ("maxspan=10 [!M][A][!O]", "M4 A5", "- A5 -"),
    ]);
}

#[test]
fn missing_events_of_several_stages() {
    let events = "A1 B2 M3 B4 C5 O6 D7 M8 C9 B10 C11 D12 A13 B14 X15 C16 D17 Y18";
    table(&[
        ("maxspan=1000 [A][B][!M][C][!O][D]", events, "A13 B14 - C16 - D17"),
        ("maxspan=1000 [A][B][!M][C][D]", events, "A13 B14 - C16 D17"),
        ("maxspan=1000 [A][B][C][!O][D]", events, "A13 B14 C16 - D17"),
        ("maxspan=1000 [A][B][!M][C][!O][D][!Y]", events, ""),
        ("maxspan=1000 [A][B][!Z][C][!Z][D]", events, "A1 B2 - C5 - D7; A13 B14 - C16 - D17"),
        ("maxspan=1000 [!Z][A][B][C][!O][D]", events, "- A13 B14 C16 - D17"),
    ]);
}

#[test]
fn equal_times_are_ordered_by_tiebreaker_then_arrival() {
    let window = Limits::with_pending(100).reordering(Reorder::millis(10, 100));
    let query = Query::parse("[A][B]");
    assert_eq!(run_with(&query, "B1 A1", window), "");
    assert_eq!(run_with(&query, "A1 B1", window), "A1 B1");
    assert_eq!(run_with(&query, "B1#2 A1#1", window), "A1 B1");
    assert_eq!(run_with(&query, "A1#2 B1#1", window), "");
    // Without a tiebreaker an event stands behind those that have one.
    assert_eq!(run_with(&query, "B1 A1#9", window), "A1 B1");
    // Nanoseconds count.
    assert_eq!(run_with(&query, "B1.000002 A1.000001", window), "A1.000001 B1.000002");
}

#[test]
fn late_events_are_reordered_within_the_window_and_counted_beyond() {
    let window = Limits::with_pending(100).reordering(Reorder::millis(10, 100));
    let query = Query::parse("[A][B]");
    assert_eq!(run_with(&query, "B5 A1 X9", window), "A1 B5");
    let mut bench = query.bench(window);
    bench.feed("B5 X30 A1 A19 B20 A21 B22");
    assert_eq!(bench.set.stats(0).late, 2);
    assert_eq!(bench.finish(), "A21 B22");
    // Without a window every step back is late.
    let mut bench = query.bench(Limits::with_pending(100));
    bench.feed("A2 B1 B2");
    assert_eq!((bench.set.stats(0).late, bench.finish().as_str()), (1, "A2 B2"));
}

#[test]
fn a_window_until_the_end_takes_any_order() {
    let window = Limits::with_pending(100).reordering(Reorder::until_the_end(6));
    let mut bench = Query::parse("[A][B]").bench(window);
    bench.feed("B900000000 A5 B6 A899999999 B1 A0");
    assert_eq!(bench.results(), "");
    assert_eq!(bench.finish(), "A0 B1; A5 B6; A899999999 B900000000");
    assert_eq!((bench.set.stats(0).late, bench.set.set_stats().forced), (0, 0));
}

#[test]
fn a_full_window_lets_the_first_in_order_go() {
    let window = Limits::with_pending(100).reordering(Reorder::millis(1_000_000, 3));
    let query = Query::parse("[A][B]");
    let mut bench = query.bench(window);
    bench.feed("B9 A2 A1 B8 A7 A5 B6");
    assert!(bench.set.set_stats().forced > 0);
    assert_eq!(bench.set.set_stats().waiting, 3);
    // A1 and A2 go when B8 and A7 come, A5 when B6 does, and B6 on the heels of A5.
    assert_eq!(bench.finish(), "A5 B6; A7 B8");
}

#[test]
fn eviction_drops_the_oldest_and_is_counted() {
    let query = Query::parse("by k [A][B]");
    let mut bench = query.bench(Limits::with_pending(3));
    bench.feed("aA1 bA2 cA3 dA4 eA5 aB6 bB7 cB8 dB9 eB10");
    assert_eq!(bench.set.stats(0).evicted, 2);
    assert_eq!(bench.set.set_stats().pending, 0);
    assert_eq!(bench.finish(), "c: A3 B8; d: A4 B9; e: A5 B10");
    // What replaces or extends evicts nothing.
    let mut bench = query.bench(Limits::with_pending(2));
    bench.feed("aA1 bA2 aA3 bA4 aA5 aB6 bB7");
    assert_eq!(bench.set.stats(0).evicted, 0);
    assert_eq!(bench.finish(), "a: A5 B6; b: A4 B7");
}

#[test]
fn events_and_key_bytes_are_bounded_too() {
    let query = Query::parse("by k [A][B][C][D]");
    let mut limits = Limits::with_pending(100);
    limits.events = 6;
    let mut bench = query.bench(limits);
    bench.feed("aA1 aB2 aC3 bA4 bB5 bC6 cA7 aD8 bD9");
    assert_eq!((bench.set.stats(0).evicted, bench.finish().as_str()), (1, "b: A4 B5 C6 D9"));

    let mut limits = Limits::with_pending(100);
    (limits.key_bytes, limits.max_key_bytes) = (60, 40);
    let mut bench = Query::parse("by k [A][B]").bench(limits);
    bench.feed("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:A1 b:A2 c:A3 b:B4 c:B5");
    assert_eq!((bench.set.stats(0).evicted, bench.finish().as_str()), (1, "b: A2 B4; c: A3 B5"));
    let mut bench = Query::parse("by k [A][B]").bench(limits);
    bench.feed("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:A1");
    assert_eq!((bench.set.stats(0).keys_dropped, bench.set.stats(0).pending), (1, 0));
}

#[test]
fn what_cannot_complete_any_more_is_freed() {
    let mut bench = Query::parse("by k maxspan=10 [A][B]").bench(Limits::with_pending(1000));
    for time in 0..500 {
        bench.feed(&format!("k{time}:A{time}"));
        assert!(bench.set.set_stats().pending <= 11);
        assert!(bench.set.set_stats().events <= 11);
    }
    assert_eq!(bench.set.stats(0).evicted, 0);
    assert_eq!(bench.released.len(), 489);
    bench.finish();
    assert_eq!(bench.released.len(), 500);
}

#[test]
fn handles_are_released_once_and_after_their_groups() {
    let mut bench = Query::parse("maxspan=10 [A][B][!M]").bench(Limits::with_pending(10));
    bench.feed("A1");
    assert_eq!(bench.kept, [true]);
    // A new start lets the first one go, an event of no use is not kept.
    bench.feed("A2 X3 B4 B5");
    assert_eq!(bench.kept, [true, true, false, true, false]);
    assert_eq!(bench.released.len(), 1);
    bench.feed("M13");
    assert_eq!(bench.log, ["released 1", "group A2 B4 -", "released 4", "released 2"]);
}

#[test]
fn time_alone_hands_out_what_was_held_back() {
    let mut bench = Query::parse("maxspan=10 [A][!M]").bench(Limits::with_pending(10));
    bench.feed("A1");
    bench.advance(11);
    assert_eq!(bench.results(), "");
    bench.advance(12);
    assert_eq!(bench.results(), "A1 -");
}

#[test]
fn sequences_of_a_set_share_the_room() {
    let noisy = Query::parse("by k [A][B]");
    let quiet = Query::parse("by k [C][D]");
    let mut bench = notation::Bench::new(&[&noisy, &quiet], Limits::with_pending(4));
    bench.feed("aC1 aA2 bA3 cA4 dA5 eA6 bC7 aD8 bD9 dB10 eB11");
    // The noisy one gives up its own oldest; the quiet one takes room from the noisy one.
    assert_eq!((bench.set.stats(0).evicted, bench.set.stats(1).evicted), (3, 0));
    assert_eq!(bench.finish(), "a: C1 D8; b: C7 D9; d: A5 B10; e: A6 B11");
}
