//! Which of very many patterns of a field a value may match, found by one walk over the value.
//!
//! In: a table of *windows*, four bytes each, and the values of a field in lower case. Out: which windows stand in them. A
//! pattern whose literal text has a window, its anchor, cannot match a value without it, so most patterns of a list are
//! ruled out by a bit each and their text is not fetched. A window may be reported that is not there, or only in another
//! value of the field; never is one left out.
//!
//! The walk costs something for each byte, the patterns something each. It is put off until as much has gone into
//! patterns as it would cost, so it never more than doubles the work. Which window is whose anchor is the planner's
//! choice. Knows nothing of rules, and nothing of patterns but that an anchor is part of every match.

use super::Scratch;
use super::glob::Pattern;
use crate::event::{EventView, Slot};

/// Bytes of a window.
pub const WINDOW: usize = 4;

/// Bytes walked over in the time of one pattern.
const BYTES_A_PATTERN: usize = 4;

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
}

impl Seen {
    pub(crate) fn new(anchors: &Anchors<'_>) -> Self {
        let mut bits = vec![0; anchors.windows.len() / 64 + 1];
        bits[0] = 1;
        Self { event: 0, walked: false, asked: 0, bits, numbers: Vec::with_capacity(64) }
    }

    /// Event numbers start again.
    pub(crate) fn restart(&mut self) {
        self.event = 0;
    }

    /// Forgets other events than the one with this number.
    fn turn_to(&mut self, event: u32) {
        if self.event != event {
            for number in self.numbers.drain(..) {
                self.bits[usize::from(number) / 64] &= !(1 << (number % 64));
            }
            (self.event, self.walked, self.asked) = (event, false, 0);
        }
    }

    #[inline]
    fn has(&self, number: u16) -> bool {
        self.bits.get(usize::from(number) / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn add(&mut self, number: u16) {
        if !self.has(number) {
            self.bits[usize::from(number) / 64] |= 1 << (number % 64);
            self.numbers.push(number);
        }
    }
}

impl Anchors<'_> {
    /// Whether a value of the field matches one of `patterns`, which are in lower case and have these anchors. `number` is
    /// that of the event.
    pub(crate) fn any_match(
        &self,
        patterns: &[Pattern<'_>],
        anchors: &[u16],
        event: EventView<'_>,
        number: u32,
        seen: &mut Seen,
        scratch: &mut Scratch,
    ) -> bool {
        if !event.has(self.slot) {
            return false;
        }
        seen.turn_to(number);
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
                seen.add(number);
            }
        }
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
