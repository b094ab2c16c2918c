//! Which of very many patterns of a field a value may match, found by one walk over the value.
//!
//! In: a table of *windows*, four bytes each, and the values of a field in lower case. Out: which windows stand in them. A
//! pattern whose literal text has a window, its anchor, cannot match a value without it, so most patterns of a list are
//! ruled out by a bit each and their text is not fetched; a list all of whose patterns have one, by one bit. A window may
//! count as seen that stands in another value of the field than the pattern wants; never is one left out.
//!
//! The walk costs something for each byte, the patterns something each. It is put off until as much has gone into
//! patterns as it would cost, so it never more than doubles the work. Which window is whose anchor is the planner's
//! choice. Knows nothing of rules, and nothing of patterns but that an anchor is part of every match.

use super::{Predicate, Scratch};
use crate::event::{EventView, Slot};

/// Bytes of a window.
pub const WINDOW: usize = 4;

/// Bytes walked over in the time of one pattern, whose text is more often fetched from memory than not.
const BYTES_A_PATTERN: usize = 16;

/// The windows of one field; a set has one of these for each field with enough patterns.
///
/// Windows are numbered from one in the order of `windows`. Number 0 stands for no anchor: it counts as there, always.
#[derive(Clone, Copy, Debug)]
pub struct Anchors<'a> {
    /// The field.
    pub slot: Slot,
    /// A set of places, a power of two of words: that of each window ([`place`]) is in it, so that most of a value is
    /// passed by without a look at anything else.
    pub bitmap: &'a [u64],
    /// Numbers of windows, 0 for an empty bucket; a power of two of them. The windows of a bucket that is taken stand behind.
    pub buckets: &'a [u16],
    /// The windows as numbers, their first byte lowest.
    pub windows: &'a [u32],
    /// By number where its tests begin in `tests`, and where the last ones end.
    pub starts: &'a [u32],
    /// The tests that have a pattern with the window, by their index in the set.
    pub tests: &'a [u32],
}

/// Patterns without regard to case, with their anchors.
#[derive(Clone, Copy, Debug)]
pub struct AnchoredList<'a> {
    /// The patterns; [`Predicate::Like`].
    pub like: Predicate<'a>,
    /// For each pattern the number of its anchor in the table of the field, or 0.
    pub anchors: &'a [u16],
}

/// Where a window belongs; its low bits choose a bit of the bitmap, and all but the lowest eight a bucket.
#[inline]
pub const fn place(window: u32) -> u32 {
    ((window as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// The bucket where the search for a window begins, of so many less one.
#[inline]
pub const fn bucket(place: u32, last: usize) -> usize {
    (place >> 8) as usize & last
}

/// Which windows of a field the current event has. Reused from event to event.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    event: u32,
    walked: bool,
    /// Patterns asked for before the walk.
    asked: usize,
    /// By number of a window; that of 0 is set for good.
    bits: Vec<u64>,
    /// The numbers set.
    numbers: Vec<u16>,
    /// By number of a test, whether a window of it was seen.
    tests: Vec<u64>,
}

impl Seen {
    /// For a table of a set with so many tests.
    pub(crate) fn new(anchors: &Anchors<'_>, tests: usize) -> Self {
        let mut bits = vec![0; anchors.windows.len() / 64 + 1];
        bits[0] = 1;
        let tests = vec![0; tests.div_ceil(64)];
        Self { event: 0, walked: false, asked: 0, bits, numbers: Vec::with_capacity(64), tests }
    }

    /// Event numbers start again.
    pub(crate) fn restart(&mut self) {
        self.event = 0;
    }

    /// Whether the values of the event have been walked over and none has a window of the test.
    #[inline]
    pub(crate) fn rules_out(&self, test: u32, event: u32) -> bool {
        self.walked && self.event == event && self.tests[test as usize / 64] >> (test % 64) & 1 == 0
    }

    /// Forgets other events than the one with this number.
    fn turn_to(&mut self, event: u32, anchors: &Anchors<'_>) {
        if self.event != event {
            for number in self.numbers.drain(..) {
                self.bits[usize::from(number) / 64] &= !(1 << (number % 64));
                for &test in anchors.tests_of(number) {
                    self.tests[test as usize / 64] &= !(1 << (test % 64));
                }
            }
            (self.event, self.walked, self.asked) = (event, false, 0);
        }
    }

    #[inline]
    fn has(&self, number: u16) -> bool {
        self.bits.get(usize::from(number) / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn add(&mut self, number: u16, anchors: &Anchors<'_>) {
        if !self.has(number) {
            self.bits[usize::from(number) / 64] |= 1 << (number % 64);
            for &test in anchors.tests_of(number) {
                self.tests[test as usize / 64] |= 1 << (test % 64);
            }
            self.numbers.push(number);
        }
    }
}

impl Anchors<'_> {
    /// Whether a value of the field matches one of the patterns of a list. `number` is that of the event.
    pub(crate) fn any_match(
        &self,
        list: &AnchoredList<'_>,
        event: EventView<'_>,
        number: u32,
        seen: &mut Seen,
        scratch: &mut Scratch,
    ) -> bool {
        let AnchoredList { like: Predicate::Like { patterns, .. }, anchors } = *list else { return false };
        if !event.has(self.slot) {
            return false;
        }
        seen.turn_to(number, self);
        if !seen.walked {
            seen.asked += patterns.len();
            let length: usize = scratch.folded(event, self.slot).map(|(text, _)| text.len()).sum();
            if seen.asked * BYTES_A_PATTERN < length {
                return scratch.folded(event, self.slot).any(|(text, outline)| {
                    patterns.iter().any(|pattern| pattern.is_match_with(outline, text))
                });
            }
            scratch.folded(event, self.slot).for_each(|(text, _)| self.walk(text, seen));
            seen.walked = true;
        }
        let Some(first) = anchors.iter().position(|&anchor| seen.has(anchor)) else { return false };
        let (patterns, anchors) = (&patterns[first..], &anchors[first..]);
        scratch.folded(event, self.slot).any(|(text, outline)| {
            let mut both = patterns.iter().zip(anchors);
            both.any(|(pattern, &anchor)| seen.has(anchor) && pattern.is_match_with(outline, text))
        })
    }

    /// Notes the windows of a text.
    fn walk(&self, text: &[u8], seen: &mut Seen) {
        let Some(last) = self.bitmap.len().checked_sub(1) else { return };
        for bytes in text.windows(WINDOW) {
            let window = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let place = place(window);
            if self.bitmap[(place / 64) as usize & last] >> (place % 64) & 1 == 1
                && let Some(number) = self.find(window, place)
            {
                seen.add(number, self);
            }
        }
    }

    /// The tests of a window.
    fn tests_of(&self, number: u16) -> &[u32] {
        let starts = &self.starts[usize::from(number)..usize::from(number) + 2];
        &self.tests[starts[0] as usize..starts[1] as usize]
    }

    /// The number of a window.
    fn find(&self, window: u32, place: u32) -> Option<u16> {
        let last = self.buckets.len().checked_sub(1)?;
        let mut at = bucket(place, last);
        loop {
            let number = self.buckets[at];
            if self.windows[usize::from(number).checked_sub(1)?] == window {
                return Some(number);
            }
            at = (at + 1) & last;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Event;
    use crate::matcher::Case;
    use crate::matcher::glob::{Needle, Pattern, Shape};

    const SLOT: Slot = Slot(0);

    /// The parts of a table.
    #[derive(Default)]
    struct Owned {
        bitmap: Vec<u64>,
        buckets: Vec<u16>,
        windows: Vec<u32>,
        starts: Vec<u32>,
        tests: Vec<u32>,
    }

    impl Owned {
        /// A table of one test. It is small on purpose, so that places and buckets are shared.
        fn new(windows: &[u32]) -> Self {
            let size = (windows.len() + 1).next_power_of_two();
            let mut owned = Self { bitmap: vec![0], buckets: vec![0; size], ..Self::default() };
            owned.starts.extend([0, 0]);
            for (number, &window) in (1..).zip(windows) {
                owned.bitmap[0] |= 1 << (place(window) % 64);
                let mut at = bucket(place(window), size - 1);
                while owned.buckets[at] != 0 {
                    at = (at + 1) & (size - 1);
                }
                owned.buckets[at] = number;
                owned.windows.push(window);
                owned.tests.push(0);
                owned.starts.push(u32::from(number));
            }
            owned
        }

        fn anchors(&self) -> Anchors<'_> {
            let Self { bitmap, buckets, windows, starts, tests } = self;
            Anchors { slot: SLOT, bitmap, buckets, windows, starts, tests }
        }
    }

    /// A pattern of a shape by number, and where its anchor may stand in its text.
    fn pattern((shape, text, at): &(u8, String, prop::sample::Index)) -> (Pattern<'static>, Option<u32>) {
        let text: &'static [u8] = text.clone().into_bytes().leak();
        let (front, back) = text.split_at(text.len() / 2);
        let shape = match shape % 6 {
            0 => Shape::Prefix(text),
            1 => Shape::Suffix(text),
            2 => Shape::Contains(Needle::new(text)),
            3 => Shape::Around { prefix: front, suffix: back },
            4 => Shape::Parts {
                prefix: b"",
                middle: vec![Needle::new(front), Needle::new(back)].leak(),
                suffix: b"",
            },
            _ => Shape::Wild([b"*", front, b"?", back, b"*"].concat().leak()),
        };
        let whole = matches!(shape, Shape::Prefix(_) | Shape::Suffix(_) | Shape::Contains(_));
        let windows: Vec<_> = if whole {
            text.windows(WINDOW).collect()
        } else {
            front.windows(WINDOW).chain(back.windows(WINDOW)).collect()
        };
        let window = (!windows.is_empty()).then(|| windows[at.index(windows.len())]);
        (Pattern::new(shape), window.map(|window| u32::from_le_bytes(window.try_into().expect("four bytes"))))
    }

    /// What the patterns say of each event, with anchors; it must be what they say without.
    fn check(patterns: &[(Pattern<'_>, Option<u32>)], events: &[Vec<String>]) -> usize {
        let mut windows: Vec<_> = patterns.iter().filter_map(|(_, window)| *window).collect();
        windows.sort_unstable();
        windows.dedup();
        let number = |window: u32| windows.binary_search(&window).map_or(0, |at| at as u16 + 1);
        let anchors: Vec<_> = patterns.iter().map(|(_, window)| window.map_or(0, number)).collect();
        let patterns: Vec<_> = patterns.iter().map(|(pattern, _)| *pattern).collect();
        let like = Predicate::Like { slot: SLOT, patterns: &patterns, case: Case::Insensitive };
        let list = AnchoredList { like, anchors: &anchors };
        let owned = Owned::new(&windows);
        let (table, mut seen) = (owned.anchors(), Seen::new(&owned.anchors(), 1));
        let (mut event, mut scratch, mut ruled_out) = (Event::with_slots(1), Scratch::new(), 0);
        for (number, values) in (1..).zip(events) {
            event.clear();
            for value in values {
                event.push_text(SLOT, value);
            }
            scratch.next_event();
            let expected = like.eval(event.view(b""), &mut scratch);
            // The second time nothing is put off.
            for _ in 0..2 {
                let found = table.any_match(&list, event.view(b""), number, &mut seen, &mut scratch);
                assert_eq!(found, expected, "{patterns:?} {values:?}");
            }
            if seen.rules_out(0, number) && !anchors.contains(&0) {
                assert!(!expected, "{patterns:?} {values:?}");
                ruled_out += 1;
            }
        }
        ruled_out
    }

    #[test]
    fn a_window_is_seen_at_every_place_of_values_of_every_length() {
        let window = u32::from_le_bytes(*b"wxyz");
        let patterns = [(Pattern::new(Shape::Contains(Needle::new(b"wxyz"))), Some(window))];
        let mut events = Vec::new();
        for before in 0..40 {
            for behind in 0..40 {
                events.push(vec![["a".repeat(before), "WXyz".to_owned(), "b".repeat(behind)].concat()]);
            }
        }
        assert_eq!(check(&patterns, &events), 0);
        let others: Vec<_> = (0..16).map(|length| vec!["wxy".repeat(length)]).collect();
        // An event whose only value is empty has been walked over as well.
        assert!(check(&patterns, &others) >= 5);
    }

    proptest! {
        #[test]
        fn no_match_is_ruled_out(
            patterns in prop::collection::vec((any::<u8>(), "[ab\u{e9}]{0,12}", any::<prop::sample::Index>()), 1..8),
            events in prop::collection::vec(prop::collection::vec("[abAB\u{e9}]{0,24}", 0..4), 1..6),
        ) {
            let patterns: Vec<_> = patterns.iter().map(pattern).collect();
            check(&patterns, &events);
        }
    }
}
