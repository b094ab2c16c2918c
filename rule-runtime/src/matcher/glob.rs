//! Wildcard patterns: `*` any run of characters, `?` exactly one, nothing escapes (eql.md section 7).
//!
//! In: a pattern in the [`Shape`] its wildcards give it, and a value; for matching without regard to case both in lower
//! case. Out: whether the whole value matches. A [`Pattern`] puts the first and last eight literal bytes, the least length
//! and the pairs of bytes it needs in front, so that most patterns are rejected without a look at their text.

pub use super::needle::{Needle, rarity};
pub use super::outline::Outline;
use super::outline::{Pairs, Window};

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
    Contains(Needle<'a>),
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
        middle: &'a [Needle<'a>],
        /// Behind the last star.
        suffix: &'a [u8],
    },
    /// Everything with a `?`: the pattern as written.
    Wild(&'a [u8]),
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
    /// Pairs of bytes that stand in every match.
    pairs: Pairs,
    shape: Shape<'a>,
}

impl<'a> Pattern<'a> {
    /// Puts the filters in front of a shape.
    pub const fn new(shape: Shape<'a>) -> Self {
        let (head, tail, least): (&[u8], &[u8], usize) = match shape {
            Shape::Any => (b"", b"", 0),
            Shape::Exact(text) => (text, text, text.len()),
            Shape::Prefix(text) => (text, b"", text.len()),
            Shape::Suffix(text) => (b"", text, text.len()),
            Shape::Contains(needle) => (b"", b"", needle.text().len()),
            Shape::Around { prefix, suffix } => (prefix, suffix, prefix.len() + suffix.len()),
            Shape::Parts { prefix, middle, suffix } => {
                (prefix, suffix, prefix.len() + total(middle) + suffix.len())
            }
            Shape::Wild(text) => (wild_head(text), wild_tail(text), wild_least(text)),
        };
        Self { head: Window::head(head), tail: Window::tail(tail), least, pairs: needed_pairs(shape), shape }
    }

    /// The shape.
    pub const fn shape(&self) -> Shape<'a> {
        self.shape
    }

    /// Whether the whole value matches.
    pub fn is_match(&self, value: &[u8]) -> bool {
        self.is_match_with(&mut Outline::new(value), value)
    }

    /// Whether the whole value, whose outline is given, matches.
    #[inline]
    pub fn is_match_with(&self, outline: &mut Outline, value: &[u8]) -> bool {
        outline.length >= self.least
            && self.head.fits(outline.head)
            && self.tail.fits(outline.tail)
            && (!self.shape.searches() || outline.may_hold(&self.pairs, value))
            && self.shape.is_match(value)
    }
}

/// The pairs of the texts that have to be searched for. Other shapes are not asked for theirs.
const fn needed_pairs(shape: Shape<'_>) -> Pairs {
    match shape {
        Shape::Contains(needle) => Pairs::EMPTY.with(needle.text(), false),
        Shape::Wild(text) => Pairs::EMPTY.with(text, true),
        Shape::Parts { prefix, middle, suffix } => {
            let mut pairs = Pairs::EMPTY.with(prefix, false).with(suffix, false);
            let mut at = 0;
            while at < middle.len() {
                pairs = pairs.with(middle[at].text(), false);
                at += 1;
            }
            pairs
        }
        Shape::Any | Shape::Exact(_) | Shape::Prefix(_) | Shape::Suffix(_) | Shape::Around { .. } => {
            Pairs::EMPTY
        }
    }
}

impl Shape<'_> {
    /// Whether matching walks over the value, rather than looking at its ends.
    const fn searches(&self) -> bool {
        matches!(self, Self::Contains(_) | Self::Parts { .. } | Self::Wild(_))
    }

    /// Whether the whole value, long enough for the shape, matches.
    fn is_match(self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(text) => value == text,
            Self::Prefix(text) => value.starts_with(text),
            Self::Suffix(text) => value.ends_with(text),
            Self::Contains(needle) => needle.find(value).is_some(),
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
fn in_order(mut rest: &[u8], parts: &[Needle<'_>]) -> bool {
    parts.iter().all(|part| match part.find(rest) {
        Some(at) => {
            rest = &rest[at + part.text().len()..];
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

const fn total(parts: &[Needle<'_>]) -> usize {
    let mut sum = 0;
    let mut at = 0;
    while at < parts.len() {
        sum += parts[at].text().len();
        at += 1;
    }
    sum
}

/// Whether a byte of a pattern is no literal.
pub(super) const fn is_wildcard(byte: u8) -> bool {
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
        check(Shape::Contains(Needle::new(b"ab")), &["ab", "xabx"], &["", "ba"]);
        check(Shape::Around { prefix: b"aba", suffix: b"bab" }, &["ababab", "abaxbab"], &["abab", "ababa"]);
        let parts =
            Shape::Parts { prefix: b"a", middle: &[Needle::new(b"b"), Needle::new(b"bc")], suffix: b"" };
        check(parts, &["abbc", "axbxbcx"], &["abc", "abcb", "xabbc"]);
        check(Shape::Exact(b"123456789012345678"), &["123456789012345678"], &["123456780012345678"]);
    }

    #[test]
    fn filters_never_reject_a_match() {
        let needle = Needle::new;
        let patterns = [
            Shape::Contains(needle(b"power")),
            Shape::Wild(b"*p?wer*"),
            Shape::Parts { prefix: b"c:", middle: &[needle(b"power"), needle(b"shell")], suffix: b".exe" },
        ];
        let value = b"c:\\windows\\powershell\\v1.0\\powershell.exe";
        let mut outline = Outline::new(value);
        // More rounds than it takes to build the set of pairs.
        for _ in 0..20 {
            for shape in patterns {
                assert!(Pattern::new(shape).is_match_with(&mut outline, value), "{shape:?}");
            }
            assert!(!Pattern::new(Shape::Contains(needle(b"pwsh"))).is_match_with(&mut outline, value));
        }
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
