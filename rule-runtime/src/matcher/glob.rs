//! Wildcard patterns: `*` any run of characters, `?` exactly one, nothing escapes (eql.md section 7).
//!
//! In: a pattern in the [`Shape`] its wildcards give it, and a value; for matching without regard to case both in lower
//! case. Out: whether the whole value matches. A [`Pattern`] puts the first and last eight literal bytes and the least
//! length in front, so that most patterns are rejected without a look at their text.

use memchr::memmem;

/// A pattern by where its literal text stands. The plain shapes hold no wildcard in their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape<'a> {
    /// `*`
    Any,
    /// `text`
    Exact(&'a [u8]),
    /// `text*`
    Prefix(&'a [u8]),
    /// `*text`
    Suffix(&'a [u8]),
    /// `*text*`
    Contains(&'a [u8]),
    /// `prefix*suffix`
    Around {
        /// In front of the star.
        prefix: &'a [u8],
        /// Behind it.
        suffix: &'a [u8],
    },
    /// `prefix*middle*middle*suffix`; prefix and suffix may be empty.
    Parts {
        /// In front of the first star.
        prefix: &'a [u8],
        /// Between two stars, in order.
        middle: &'a [&'a [u8]],
        /// Behind the last star.
        suffix: &'a [u8],
    },
    /// Everything with a `?`: the pattern as written.
    Wild(&'a [u8]),
}

/// Up to eight bytes at one end of a text: `bits` where `mask` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Window {
    mask: u64,
    bits: u64,
}

/// A pattern with its filters.
///
/// ```
/// use rule_runtime::matcher::glob::{Pattern, Shape};
/// static PATTERN: Pattern<'static> = Pattern::new(Shape::Around { prefix: b"c:\\win", suffix: b".exe" });
/// assert!(PATTERN.is_match(b"c:\\windows\\a.exe"));
/// assert!(!PATTERN.is_match(b"c:\\windows\\a.dll"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern<'a> {
    head: Window,
    tail: Window,
    /// The fewest bytes a match has.
    least: usize,
    shape: Shape<'a>,
}

/// What the filters ask of a value, computed once for many patterns.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    length: usize,
    head: u64,
    tail: u64,
}

impl Ends {
    /// The ends of `value`.
    pub fn new(value: &[u8]) -> Self {
        let (head, tail) = match (value.first_chunk(), value.last_chunk()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_be_bytes(*tail)),
            _ => (head_bits(value), tail_bits(value)),
        };
        Self { length: value.len(), head, tail }
    }
}

impl<'a> Pattern<'a> {
    /// Puts the filters in front of a shape.
    pub const fn new(shape: Shape<'a>) -> Self {
        let (head, tail, least): (&[u8], &[u8], usize) = match shape {
            Shape::Any => (b"", b"", 0),
            Shape::Exact(text) => (text, text, text.len()),
            Shape::Prefix(text) => (text, b"", text.len()),
            Shape::Suffix(text) => (b"", text, text.len()),
            Shape::Contains(text) => (b"", b"", text.len()),
            Shape::Around { prefix, suffix } => (prefix, suffix, prefix.len() + suffix.len()),
            Shape::Parts { prefix, middle, suffix } => {
                (prefix, suffix, prefix.len() + total(middle) + suffix.len())
            }
            Shape::Wild(text) => (wild_head(text), wild_tail(text), wild_least(text)),
        };
        let head = Window { mask: mask(head.len()), bits: head_bits(head) };
        let tail = Window { mask: mask(tail.len()), bits: tail_bits(tail) };
        Self { head, tail, least, shape }
    }

    /// The shape.
    pub const fn shape(&self) -> Shape<'a> {
        self.shape
    }

    /// Whether the whole value matches.
    pub fn is_match(&self, value: &[u8]) -> bool {
        self.is_match_with(Ends::new(value), value)
    }

    /// Whether the whole value, whose ends are given, matches.
    #[inline]
    pub fn is_match_with(&self, ends: Ends, value: &[u8]) -> bool {
        ends.length >= self.least
            && ends.head & self.head.mask == self.head.bits
            && ends.tail & self.tail.mask == self.tail.bits
            && self.shape.is_match(value)
    }
}

impl Shape<'_> {
    /// Whether the whole value, long enough for the shape, matches.
    fn is_match(self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(text) => value == text,
            Self::Prefix(text) => value.starts_with(text),
            Self::Suffix(text) => value.ends_with(text),
            Self::Contains(text) => memmem::find(value, text).is_some(),
            Self::Around { prefix, suffix } => inner(value, prefix, suffix).is_some(),
            Self::Parts { prefix, middle, suffix } => {
                inner(value, prefix, suffix).is_some_and(|rest| in_order(rest, middle))
            }
            Self::Wild(pattern) => wild(pattern, value),
        }
    }
}

/// What stands between prefix and suffix.
fn inner<'v>(value: &'v [u8], prefix: &[u8], suffix: &[u8]) -> Option<&'v [u8]> {
    value.strip_prefix(prefix)?.strip_suffix(suffix)
}

/// Whether all parts occur one behind the other. The first place of each leaves the most room for the next.
fn in_order(mut rest: &[u8], parts: &[&[u8]]) -> bool {
    parts.iter().all(|part| match memmem::find(rest, part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Matches a pattern with `?`. Only the last star seen can need more characters, so there is one place to go back to.
fn wild(pattern: &[u8], value: &[u8]) -> bool {
    let (mut p, mut v) = (0, 0);
    let mut star = None;
    loop {
        let step = match (pattern.get(p), value.get(v)) {
            (Some(b'*'), _) => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                star = Some((p, v));
                continue;
            }
            (None, None) => return true,
            (Some(b'?'), Some(lead)) => width(*lead),
            (Some(wanted), Some(byte)) if wanted == byte => 1,
            _ => 0,
        };
        if step > 0 {
            p += 1;
            v += step;
            continue;
        }
        let Some((behind, from)) = &mut star else { return false };
        let Some(lead) = value.get(*from) else { return false };
        *from += width(*lead);
        (p, v) = (*behind, *from);
    }
}

/// How many bytes the code point has that begins with `lead`.
fn width(lead: u8) -> usize {
    match lead {
        0..=0xBF => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    }
}

const fn mask(length: usize) -> u64 {
    if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 }
}

/// The first eight bytes, the first one lowest.
const fn head_bits(text: &[u8]) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < text.len() && at < 8 {
        bits |= (text[at] as u64) << (8 * at);
        at += 1;
    }
    bits
}

/// The last eight bytes, the last one lowest.
const fn tail_bits(text: &[u8]) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < text.len() && at < 8 {
        bits |= (text[text.len() - 1 - at] as u64) << (8 * at);
        at += 1;
    }
    bits
}

const fn total(parts: &[&[u8]]) -> usize {
    let mut sum = 0;
    let mut at = 0;
    while at < parts.len() {
        sum += parts[at].len();
        at += 1;
    }
    sum
}

const fn is_wildcard(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

const fn wild_head(text: &[u8]) -> &[u8] {
    let mut at = 0;
    while at < text.len() && !is_wildcard(text[at]) {
        at += 1;
    }
    text.split_at(at).0
}

const fn wild_tail(text: &[u8]) -> &[u8] {
    let mut at = text.len();
    while at > 0 && !is_wildcard(text[at - 1]) {
        at -= 1;
    }
    text.split_at(at).1
}

const fn wild_least(text: &[u8]) -> usize {
    let mut least = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'*' {
            least += 1;
        }
        at += 1;
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shape: Shape<'_>, matching: &[&str], other: &[&str]) {
        let pattern = Pattern::new(shape);
        for value in matching {
            assert!(pattern.is_match(value.as_bytes()), "{shape:?} {value:?}");
        }
        for value in other {
            assert!(!pattern.is_match(value.as_bytes()), "{shape:?} {value:?}");
        }
    }

    #[test]
    fn every_shape_wants_the_whole_value() {
        check(Shape::Any, &["", "x"], &[]);
        check(Shape::Exact(b"ab"), &["ab"], &["", "a", "abc", "xab"]);
        check(Shape::Prefix(b"ab"), &["ab", "abc"], &["", "a", "xab"]);
        check(Shape::Suffix(b"ab"), &["ab", "xab"], &["", "b", "abx"]);
        check(Shape::Contains(b"ab"), &["ab", "xabx"], &["", "ba"]);
        check(Shape::Around { prefix: b"aba", suffix: b"bab" }, &["ababab", "abaxbab"], &["abab", "ababa"]);
        let parts = Shape::Parts { prefix: b"a", middle: &[b"b", b"bc"], suffix: b"" };
        check(parts, &["abbc", "axbxbcx"], &["abc", "abcb", "xabbc"]);
        check(Shape::Exact(b"123456789012345678"), &["123456789012345678"], &["123456780012345678"]);
    }

    #[test]
    fn a_question_mark_is_one_code_point() {
        check(Shape::Wild(b"d?c"), &["doc", "d\u{e9}c", "d\u{1f980}c", "d?c"], &["dc", "disc"]);
        check(Shape::Wild(b"?"), &["a", "\u{1f980}"], &["", "ab", "\u{e9}\u{e9}"]);
        check(Shape::Wild(b"*\\temp\\?.ps1"), &["c:\\temp\\\u{e9}.ps1"], &["c:\\temp\\ab.ps1"]);
        check(Shape::Wild(b"*?a"), &["\u{e9}a", "aa", "xyaa"], &["a", "b\u{e9}"]);
        check(Shape::Wild(b"?*?"), &["ab", "\u{e9}\u{e9}"], &["a", "\u{e9}"]);
        check(Shape::Wild(b"a*b?*c"), &["abbxc", "abxbxc"], &["abc", "abb"]);
        check(Shape::Wild(b"*a?a*"), &["aaa", "xaba", "aabaa"], &["aa", "abba"]);
    }
}
