//! Saved state with mistakes in it.

use arbitrary::{Result, Unstructured};
use bumpalo::Bump;
use kiln_test_support::lines::Lines;
use rule_runtime::engine::{Matcher, Options};
use rule_runtime::set::RuleSet;

use crate::matcher::passes;
use crate::state::drive::{self, Found, Way, indicators};
use crate::state::scenario::Scenario;
use crate::state::{complete, planned, stream, tight};

/// Reads the bytes as rules with state, a stream of events, and mistakes in what is saved on the way: bytes changed, put in
/// and taken out, with checksums that are wrong or right. What is restored unchanged goes on as if it had never been saved.
/// Anything else is refused, or makes a matcher that goes on over events and can be saved and restored again; no more
/// memory is taken than the bytes and the limits account for.
///
/// # Panics
/// If one of that does not hold.
pub fn restore(bytes: &[u8]) {
    // An error means that there are not enough bytes.
    let _ = run(bytes);
}

const MILLIS: Lines = Lines { zero: 0, unit: 1_000_000, counts: true };

/// How many states with mistakes were restored, and how many refused.
fn run(bytes: &[u8]) -> Result<[usize; 2]> {
    let mut u = Unstructured::new(bytes);
    let passes = passes(&mut u)?;
    let early = u.arbitrary()?;
    let options = *u.choose(&[complete(early), complete(early), stream(), tight(early)])?;
    let mut mistakes = u.bytes(u.len() / 8)?;
    let scenario = Scenario::new(16, &mut u)?;
    let arena = Bump::new();
    let set = planned(&scenario, passes, &arena);

    let mut own = Unstructured::new(mistakes);
    let place = own.int_in_range(0..=scenario.events.len())?;
    let whole = drive::run(&set, &scenario, Way::Lines, options, MILLIS);
    let restored = drive::run(&set, &scenario, Way::Restored(place), options, MILLIS);
    assert_eq!(whole, restored, "restored before {place}: {scenario:?}, {options:?}");

    let saved = saved(&set, &scenario, place, options);
    let mut case = Case { set: &set, scenario: &scenario, place, options, counts: [0; 2] };
    case.go_on(mistakes);
    while !own.is_empty() {
        let mut state = State::of(&saved);
        for _ in 0..own.int_in_range(1..=4)? {
            let frame = own.choose_index(state.frames.len())?;
            edit(&mut state.frames[frame].1, &mut own)?;
        }
        let mut forged = state.sealed();
        if own.ratio(1, 8)? {
            edit(&mut forged, &mut own)?;
        }
        case.go_on(&forged);
    }
    // The rest as the content of each frame in turn.
    for frame in 0..State::of(&saved).frames.len() {
        let mut state = State::of(&saved);
        state.frames[frame].1 = std::mem::take(&mut mistakes).to_vec();
        case.go_on(&state.sealed());
    }
    Ok(case.counts)
}

/// What is saved before the event of this number.
fn saved(set: &RuleSet<'_>, scenario: &Scenario, place: usize, options: Options) -> Vec<u8> {
    let mut matcher = Matcher::with_options(set, options);
    matcher.use_indicators(indicators(set, scenario));
    Found::new(set, MILLIS).events_between(&mut matcher, scenario, 0, place);
    let mut saved = Vec::new();
    matcher.save(&mut saved);
    saved
}

struct Case<'c, 'a> {
    set: &'c RuleSet<'a>,
    scenario: &'c Scenario,
    place: usize,
    options: Options,
    counts: [usize; 2],
}

impl Case<'_, '_> {
    /// Goes on from a state, if it is one, and once more from what is saved then.
    fn go_on(&mut self, state: &[u8]) {
        let Self { set, scenario, place, options, counts } = self;
        let Ok(mut matcher) = Matcher::restore(set, *options, state) else {
            counts[1] += 1;
            return;
        };
        counts[0] += 1;
        matcher.use_indicators(indicators(set, scenario));
        let mut again = Vec::new();
        matcher.save(&mut again);
        let restored = Matcher::restore(set, *options, &again);
        let mut restored = restored.expect("what was taken once is taken again");
        restored.use_indicators(indicators(set, scenario));
        let found = [&mut matcher, &mut restored].map(|matcher| {
            let mut found = Found::new(set, MILLIS);
            found.events(matcher, scenario, *place);
            found.finish_any(matcher)
        });
        assert_eq!(found[0], found[1], "{scenario:?}, {options:?}");
    }
}

/// Changes a little of the bytes.
fn edit(bytes: &mut Vec<u8>, u: &mut Unstructured<'_>) -> Result<()> {
    const WORDS: [u64; 6] = [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, u64::MAX - 1];
    let len = bytes.len();
    let at = u.int_in_range(0..=len)?;
    let some = u.int_in_range(0..=24)?.min(len - at);
    let put = |bytes: &mut Vec<u8>, word: &[u8]| {
        let some = word.len().min(len - at);
        bytes[at..at + some].copy_from_slice(&word[..some]);
    };
    match u.int_in_range(0..=7)? {
        0 => put(bytes, &[u.arbitrary()?]),
        1 if at < len => bytes[at] ^= 1 << u.int_in_range(0..=7)?,
        2 => put(bytes, &u.choose(&WORDS)?.to_le_bytes()),
        3 => put(bytes, &(*u.choose(&WORDS)? as u32).to_le_bytes()),
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(at..at + some)),
        6 => drop(bytes.splice(at..at, u.bytes(some.min(u.len()))?.to_vec())),
        _ => {
            let from = u.int_in_range(0..=len - some)?;
            bytes.copy_within(from..from + some, at);
        }
    }
    Ok(())
}

/// Magic, version and fingerprint of rules.
const HEAD: usize = 18;
const SUM: usize = 4;

/// A saved state taken apart: the head of the whole, and head and content of the frames in it.
struct State {
    head: Vec<u8>,
    frames: Vec<(Vec<u8>, Vec<u8>)>,
}

impl State {
    fn of(saved: &[u8]) -> Self {
        let (head, mut rest) = parts(saved);
        let mut frames = Vec::new();
        while let Some((len, tail)) = rest.split_first_chunk() {
            let (frame, tail) = tail.split_at(u32::from_le_bytes(*len) as usize);
            let (head, content) = parts(frame);
            frames.push((head.to_vec(), content.to_vec()));
            rest = tail;
        }
        Self { head: head.to_vec(), frames }
    }

    /// As bytes, with checksums that are right.
    fn sealed(&self) -> Vec<u8> {
        let mut content = Vec::new();
        for (head, own) in &self.frames {
            let frame = sealed(head, own);
            content.extend((frame.len() as u32).to_le_bytes());
            content.extend(frame);
        }
        sealed(&self.head, &content)
    }
}

/// Head and content of a frame.
fn parts(frame: &[u8]) -> (&[u8], &[u8]) {
    let (head, rest) = frame.split_at(HEAD);
    (head, &rest[..rest.len() - SUM])
}

fn sealed(head: &[u8], content: &[u8]) -> Vec<u8> {
    let mut frame = [head, content].concat();
    // CRC-32 as of IEEE 802.3.
    let sum = !frame.iter().fold(!0_u32, |sum, &byte| {
        (0..8).fold(
            sum ^ u32::from(byte),
            |sum, _| {
                if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
            },
        )
    });
    frame.extend(sum.to_le_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_mistakes_are_taken_and_some_refused() {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let mut counts = [0; 2];
        for _ in 0..100 {
            let bytes: Vec<u8> = (0..1_200).map(|_| byte()).collect();
            let found = run(&bytes).expect("there are enough bytes");
            counts.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
        }
        assert!(counts.iter().all(|&count| count > 200), "{counts:?}");
    }
}
