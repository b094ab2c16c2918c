//! Byte ranges in a source text.
//!
//! A [`Span`] is a pair of byte offsets and nothing else: which text it points into is known from where it is
//! stored. Spans of an AST and of a [`crate::condition::Condition`] count bytes of the *query text*; spans of a
//! [`crate::diagnostic::Diagnostic`] count bytes of the *file* (see [`crate::source::TextMap`]).

use std::ops::Range;

/// A half-open range of byte offsets.
///
/// ```
/// use rule_lang::span::Span;
/// let span = Span::new(3, 7);
/// assert_eq!(&"no good here"[span.range()], "good");
/// assert_eq!(span.to(Span::new(9, 12)), Span::new(3, 12));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty range at `offset`.
    pub const fn at(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// The smallest span that covers `self` and `other`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as an index range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}
