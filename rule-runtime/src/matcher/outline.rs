//! What can be known of a text at a glance, to reject most patterns without searching.
//!
//! In: a value, and what a pattern needs. Out: whether the value may match; never "no" for one that does.

use super::glob::is_wildcard;

/// Searches after which it pays to collect the pairs of a value.
const SEARCHES: u32 = 6;
/// In longer values most pairs occur, so the set says nothing.
const LONGEST: usize = 400;

/// Up to eight bytes at one end of a text: `bits` where `mask` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Window {
    mask: u64,
    bits: u64,
}

impl Window {
    /// What a value that begins with `text` begins with.
    pub(super) const fn head(text: &[u8]) -> Self {
        Self { mask: mask(text.len()), bits: head_bits(text) }
    }

    /// What a value that ends with `text` ends with.
    pub(super) const fn tail(text: &[u8]) -> Self {
        Self { mask: mask(text.len()), bits: tail_bits(text) }
    }

    #[inline]
    pub(super) const fn fits(self, end: u64) -> bool {
        end & self.mask == self.bits
    }
}

/// A set of pairs of neighbouring bytes; several pairs share one of 256 places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Pairs([u64; 4]);

impl Pairs {
    pub(super) const EMPTY: Self = Self([0; 4]);

    /// Adds the pairs of a text; of a pattern, only those without a wildcard.
    pub(super) const fn with(mut self, text: &[u8], pattern: bool) -> Self {
        let mut at = 1;
        while at < text.len() {
            let (left, right) = (text[at - 1], text[at]);
            if !(pattern && (is_wildcard(left) || is_wildcard(right))) {
                let place = (left as usize).wrapping_mul(37).wrapping_add(right as usize) & 255;
                self.0[place / 64] |= 1 << (place % 64);
            }
            at += 1;
        }
        self
    }

    /// Whether all of `needed` are in the set.
    const fn hold(&self, needed: &Self) -> bool {
        let missing = (needed.0[0] & !self.0[0])
            | (needed.0[1] & !self.0[1])
            | (needed.0[2] & !self.0[2])
            | (needed.0[3] & !self.0[3]);
        missing == 0
    }
}

/// What filters ask of a value. It is made once for many patterns and learns more when many of them have to search.
#[derive(Clone, Debug)]
pub struct Outline {
    pub(super) length: usize,
    /// The first eight bytes, the first one lowest.
    pub(super) head: u64,
    /// The last eight bytes, the last one lowest.
    pub(super) tail: u64,
    searches: u32,
    pairs: Pairs,
}

impl Outline {
    /// The outline of `value`.
    pub fn new(value: &[u8]) -> Self {
        let (head, tail) = match (value.first_chunk(), value.last_chunk()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_be_bytes(*tail)),
            _ => (head_bits(value), tail_bits(value)),
        };
        Self { length: value.len(), head, tail, searches: 0, pairs: Pairs::EMPTY }
    }

    /// Whether the value may have all these pairs.
    pub(super) fn may_hold(&mut self, needed: &Pairs, value: &[u8]) -> bool {
        if self.searches < SEARCHES {
            self.searches += 1;
            if self.searches < SEARCHES || self.length > LONGEST {
                // Long values stay one search short of having their pairs collected.
                self.searches = self.searches.min(SEARCHES - 1);
                return true;
            }
            self.pairs = Pairs::EMPTY.with(value, false);
        }
        self.pairs.hold(needed)
    }
}

const fn mask(length: usize) -> u64 {
    if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 }
}

const fn head_bits(text: &[u8]) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < text.len() && at < 8 {
        bits |= (text[at] as u64) << (8 * at);
        at += 1;
    }
    bits
}

const fn tail_bits(text: &[u8]) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < text.len() && at < 8 {
        bits |= (text[text.len() - 1 - at] as u64) << (8 * at);
        at += 1;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_fit_their_texts_only() {
        let outline = Outline::new(b"c:\\windows\\a.exe");
        assert!(Window::head(b"c:\\").fits(outline.head) && Window::head(b"c:\\windows").fits(outline.head));
        assert!(Window::tail(b".exe").fits(outline.tail) && Window::tail(b"").fits(outline.tail));
        assert!(!Window::head(b"d:").fits(outline.head) && !Window::tail(b".dll").fits(outline.tail));
        let short = Outline::new(b"abc");
        assert!(Window::head(b"abc").fits(short.head) && Window::tail(b"abc").fits(short.tail));
    }

    #[test]
    fn pairs_are_collected_after_some_searches_of_short_values() {
        let needed = Pairs::EMPTY.with(b"zz", false);
        let answers = |value: &[u8]| {
            let mut outline = Outline::new(value);
            (0..SEARCHES).map(|_| outline.may_hold(&needed, value)).collect::<Vec<_>>()
        };
        assert_eq!(answers(b"abc"), [true, true, true, true, true, false]);
        assert_eq!(answers(b"azz"), [true; 6]);
        assert_eq!(answers(&[b'a'; LONGEST + 1]), [true; 6]);
    }
}
