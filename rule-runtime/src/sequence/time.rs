//! When an event happened, where it stands in order, and how the caller finds it again.
//!
//! In: nanoseconds, a value of a tiebreaker field, a handle of the caller's. Out: small values that compare. Knows nothing
//! of clocks.

use crate::event::Scalar;
use crate::matcher::date;

/// A point in time in nanoseconds since 1970-01-01T00:00:00Z. Times outside 1677-09-21..2262-04-11 become the nearest end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since 1970.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since 1970, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads a date as Elasticsearch does by default: ISO 8601 text or a number of milliseconds.
    ///
    /// ```
    /// use rule_runtime::event::Scalar;
    /// use rule_runtime::sequence::Timestamp;
    /// let time = Timestamp::from_scalar(Scalar::Text(b"2022-05-04T12:00:00.001Z")).unwrap();
    /// assert_eq!(time.millis(), 1_651_665_600_001);
    /// assert_eq!(Timestamp::from_scalar(Scalar::Text(b"yesterday")), None);
    /// ```
    pub fn from_scalar(value: Scalar<'_>) -> Option<Self> {
        let nanos = date::parse_scalar(value)?;
        Some(Self(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })))
    }
}

/// What orders events of equal time (eql.md section 11): a number or a text; none sorts after all others.
///
/// Integers keep 64 bits, fractions are cut off. Of a text the first 15 bytes count. Events that are still equal stand in
/// the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tiebreaker(u128);

impl Tiebreaker {
    /// No tiebreaker, or an event without one.
    pub const NONE: Self = Self(u128::MAX);

    /// An integer.
    pub const fn number(value: i64) -> Self {
        Self((value.cast_unsigned() ^ (1 << 63)) as u128)
    }

    /// A text.
    pub fn text(text: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes[0] = 1;
        let len = text.len().min(15);
        bytes[1..=len].copy_from_slice(&text[..len]);
        Self(u128::from_be_bytes(bytes))
    }

    /// The first value of the tiebreaker field.
    pub fn from_scalar(value: Option<Scalar<'_>>) -> Self {
        match value {
            None => Self::NONE,
            Some(Scalar::Text(text)) => Self::text(text),
            Some(Scalar::Bool(value)) => Self::number(value.into()),
            Some(Scalar::Number(text)) => {
                super::number::Decimal::parse(text).map_or(Self::NONE, |number| Self::number(number.to_i64()))
            }
        }
    }

    pub(super) const fn bits(self) -> u128 {
        self.0
    }

    pub(super) const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}

/// The caller's handle of an event: a file and offset, an index, whatever finds it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRef(pub u64);

/// An event as it arrives, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it happened.
    pub time: Timestamp,
    /// Its place among events of the same time.
    pub tiebreaker: Tiebreaker,
    /// How the caller finds it again.
    pub handle: EventRef,
}
