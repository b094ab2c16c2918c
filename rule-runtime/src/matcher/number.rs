//! Numbers: read from text without loss where 64 bits hold them, compared and combined as eql.md section 9 says.
//!
//! In: the text of a JSON number, or of a string that should be one. Out: [`Number`]s. Knows nothing of events.

use std::cmp::Ordering;
use std::fmt::{self, Write};

/// A double that can be a key: equal and ordered by its bits, not by its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Double(u64);

impl Double {
    /// Wraps a value.
    pub const fn new(value: f64) -> Self {
        Self(value.to_bits())
    }

    /// The value with these IEEE 754 bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The IEEE 754 bits.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The value.
    pub const fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// A number. `==` and `<` are those of a key; values are compared with [`Number::compare`].
///
/// ```
/// use rule_runtime::matcher::Number;
/// use std::cmp::Ordering;
/// assert_eq!(Number::parse(b"9007199254740993"), Number::Long(9_007_199_254_740_993));
/// assert_eq!(Number::parse(b"5.0").compare(Number::Long(5)), Ordering::Equal);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Number {
    /// 32 bits, signed: constants of a query, lengths and positions. Two of them do not grow into 64 bits.
    Int(i32),
    /// 64 bits, signed: the integers of events.
    Long(i64),
    /// 64 bits, unsigned: integers above `i64::MAX` and what is computed from them.
    ULong(u64),
    /// Everything with a point or an exponent, and integers beyond 64 bits.
    Double(Double),
}

/// The arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, toward zero for integers
    Divide,
    /// `%`, with the sign of the dividend
    Modulo,
}

impl Number {
    /// A double.
    pub const fn double(value: f64) -> Self {
        Self::Double(Double::new(value))
    }

    /// The value of the text of a JSON number.
    pub fn parse(text: &[u8]) -> Self {
        Self::parse_text(text).unwrap_or(Self::double(f64::NAN))
    }

    /// The value of a string that reads as a decimal number: sign, digits, point, exponent. No blanks, no names such
    /// as `inf`, no other base.
    pub fn parse_text(text: &[u8]) -> Option<Self> {
        if let Some(integer) = parse_integer(text) {
            return Some(integer);
        }
        let plain = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        if !text.iter().all(plain) {
            return None;
        }
        let value = std::str::from_utf8(text).ok()?.parse().ok()?;
        Some(Self::double(value))
    }

    /// The number as a double, rounded if it must be.
    #[expect(clippy::cast_precision_loss, reason = "mixed comparisons are done in double")]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Int(value) => value.into(),
            Self::Long(value) => value as f64,
            Self::ULong(value) => value as f64,
            Self::Double(value) => value.get(),
        }
    }

    /// The exact integer, if the number is one of the integer kinds.
    pub fn to_integer(self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(value.into()),
            Self::Long(value) => Some(value.into()),
            Self::ULong(value) => Some(value.into()),
            Self::Double(_) => None,
        }
    }

    /// Order by value: integers exactly, everything else as doubles. NaN equals itself and is above everything;
    /// -0.0 is below 0.0.
    pub fn compare(self, other: Self) -> Ordering {
        match (self.to_integer(), other.to_integer()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => compare_doubles(self.to_f64(), other.to_f64()),
        }
    }

    /// The number with -0.0 made 0.0: field values do not tell the two apart.
    #[must_use]
    pub fn unsigned_zero(self) -> Self {
        match self {
            Self::Double(value) if value.get() == 0.0 => Self::double(0.0),
            other => other,
        }
    }

    /// A double without a fraction as the integer it is, if 64 bits hold it: the values of integer fields.
    #[must_use]
    #[expect(clippy::cast_sign_loss, reason = "negative numbers are in the first range")]
    pub fn whole(self) -> Self {
        const LONGS: std::ops::Range<f64> = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
        match self {
            Self::Double(value) if value.get().fract() == 0.0 => match value.get() {
                value if LONGS.contains(&value) => Self::Long(value as i64),
                value if (0.0..18_446_744_073_709_551_616.0).contains(&value) => Self::ULong(value as u64),
                _ => self,
            },
            _ => self,
        }
    }

    /// The integer that the number is, if it is whole and so small that comparing with it is exact in every way numbers
    /// are compared: two numbers of which one has such an integer are equal if the other has the same.
    ///
    /// ```
    /// use rule_runtime::matcher::Number;
    /// assert_eq!(Number::parse(b"2.2e1").exact_integer(), Some(22));
    /// assert_eq!(Number::parse(b"-0.0").exact_integer(), Some(0));
    /// assert_eq!(Number::parse(b"22.5").exact_integer(), None);
    /// assert_eq!(Number::parse(b"9007199254740992").exact_integer(), None);
    /// ```
    pub fn exact_integer(self) -> Option<i64> {
        /// From here on doubles leave integers out.
        const TOO_LARGE: u64 = 1 << 53;
        let integer = i64::try_from(self.whole().to_integer()?).ok()?;
        (integer.unsigned_abs() < TOO_LARGE).then_some(integer)
    }

    /// `self op other`; `None` on integer overflow and on integer division by zero.
    pub fn arithmetic(self, op: Arithmetic, other: Self) -> Option<Self> {
        match (self.to_integer(), other.to_integer()) {
            (Some(left), Some(right)) => {
                let result = integer_arithmetic(op, left, right)?;
                match (self, other) {
                    (Self::ULong(_), _) | (_, Self::ULong(_)) => u64::try_from(result).ok().map(Self::ULong),
                    (Self::Int(_), Self::Int(_)) => i32::try_from(result).ok().map(Self::Int),
                    _ => i64::try_from(result).ok().map(Self::Long),
                }
            }
            _ => Some(Self::double(double_arithmetic(op, self.to_f64(), other.to_f64()))),
        }
    }

    /// `-self`; `None` on overflow.
    pub fn negate(self) -> Option<Self> {
        match self {
            Self::Int(value) => value.checked_neg().map(Self::Int),
            Self::Long(value) => value.checked_neg().map(Self::Long),
            Self::ULong(_) => None,
            Self::Double(value) => Some(Self::double(-value.get())),
        }
    }

    /// Appends the canonical text: integers as digits, doubles as Java writes them (`42.0`, `1.0E10`).
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Int(value) => append(out, format_args!("{value}")),
            Self::Long(value) => append(out, format_args!("{value}")),
            Self::ULong(value) => append(out, format_args!("{value}")),
            Self::Double(value) => write_double(value.get(), out),
        }
    }
}

/// An integer of at most 64 bits. Longer ones are doubles, as they are in a query.
fn parse_integer(text: &[u8]) -> Option<Number> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(digit.into())?;
    }
    if negative {
        0i64.checked_sub_unsigned(value).map(Number::Long)
    } else {
        Some(i64::try_from(value).map_or(Number::ULong(value), Number::Long))
    }
}

fn integer_arithmetic(op: Arithmetic, left: i128, right: i128) -> Option<i128> {
    match op {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Modulo => left.checked_rem(right),
    }
}

fn double_arithmetic(op: Arithmetic, left: f64, right: f64) -> f64 {
    match op {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Modulo => left % right,
    }
}

fn compare_doubles(left: f64, right: f64) -> Ordering {
    let order = left.partial_cmp(&right).filter(|order| order.is_ne());
    order.unwrap_or_else(|| key(left).cmp(&key(right)))
}

/// Orders what `<` does not: -0.0, 0.0, any NaN.
fn key(value: f64) -> u8 {
    match value {
        _ if value.is_nan() => 2,
        _ if value.is_sign_negative() => 0,
        _ => 1,
    }
}

fn write_double(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let value = value.abs();
    if value.is_infinite() {
        return out.extend_from_slice(b"Infinity");
    }
    // Both forms have the shortest digits that read back as the same double.
    if value == 0.0 || (1e-3..1e7).contains(&value) {
        return append(out, format_args!("{value:?}"));
    }
    let start = out.len();
    append(out, format_args!("{value:e}"));
    let e = start + out[start..].iter().position(|byte| *byte == b'e').unwrap_or(0);
    out[e] = b'E';
    if !out[start..e].contains(&b'.') {
        out.splice(e..e, *b".0");
    }
}

fn append(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    struct Bytes<'o>(&'o mut Vec<u8>);
    impl Write for Bytes<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    // Writing into a vector cannot fail.
    let _ = Bytes(out).write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: Number) -> String {
        let mut out = Vec::new();
        number.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_becomes_the_narrowest_kind() {
        assert_eq!(Number::parse(b"-9223372036854775808"), Number::Long(i64::MIN));
        assert_eq!(Number::parse(b"9223372036854775808"), Number::ULong(1 << 63));
        assert_eq!(Number::parse(b"18446744073709551616"), Number::double(18_446_744_073_709_551_616.0));
        assert_eq!(Number::parse(b"1e3"), Number::double(1000.0));
        for text in ["", "-", "inf", "nan", "0x10", " 1", "1 ", "1_0", "e", ".", "1e"] {
            assert_eq!(Number::parse_text(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn integers_compare_exactly_and_doubles_as_java_does() {
        let less = [
            (Number::Long(9_007_199_254_740_992), Number::Long(9_007_199_254_740_993)),
            (Number::Long(-1), Number::ULong(u64::MAX)),
            (Number::double(-0.0), Number::double(0.0)),
            (Number::double(f64::INFINITY), Number::double(f64::NAN)),
            (Number::Long(4), Number::double(4.5)),
        ];
        for (left, right) in less {
            assert_eq!(left.compare(right), Ordering::Less, "{left:?} {right:?}");
            assert_eq!(right.compare(left), Ordering::Greater, "{left:?} {right:?}");
        }
        assert_eq!(Number::double(f64::NAN).compare(Number::double(-f64::NAN)), Ordering::Equal);
        assert_eq!(Number::double(-0.0).unsigned_zero().compare(Number::Long(0)), Ordering::Equal);
    }

    #[test]
    fn arithmetic_is_exact_or_nothing() {
        use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
        let long = |op, left, right| Number::Long(left).arithmetic(op, Number::Long(right));
        assert_eq!(long(Divide, -7, 2), Some(Number::Long(-3)));
        assert_eq!(long(Modulo, -10, 6), Some(Number::Long(-4)));
        assert_eq!(long(Modulo, 10, -6), Some(Number::Long(4)));
        assert_eq!(long(Add, i64::MAX, 1), None);
        assert_eq!(long(Multiply, i64::MAX, i64::MAX), None);
        assert_eq!(long(Divide, 1, 0), None);
        assert_eq!(long(Modulo, 1, 0), None);
        let top = Number::ULong(u64::MAX);
        assert_eq!(top.arithmetic(Subtract, Number::Long(1)), Some(Number::ULong(u64::MAX - 1)));
        assert_eq!(top.arithmetic(Multiply, top), None);
        assert_eq!(Number::double(5.5).arithmetic(Modulo, Number::Long(2)), Some(Number::double(1.5)));
        assert_eq!(
            Number::double(4.0).arithmetic(Divide, Number::Long(0)),
            Some(Number::double(f64::INFINITY))
        );
        assert_eq!(Number::Long(i64::MIN).negate(), None);
        assert_eq!(Number::Int(i32::MAX).arithmetic(Add, Number::Int(1)), None);
        assert_eq!(Number::Int(i32::MAX).arithmetic(Add, Number::Long(1)), Some(Number::Long(1 << 31)));
    }

    #[test]
    fn whole_doubles_are_integers_of_integer_fields() {
        assert_eq!(Number::double(5.0).whole(), Number::Long(5));
        assert_eq!(Number::double(-0.0).whole(), Number::Long(0));
        assert_eq!(Number::double(9_223_372_036_854_775_808.0).whole(), Number::ULong(1 << 63));
        for same in [5.5, 1e300, f64::NAN, f64::INFINITY].map(Number::double) {
            assert_eq!(same.whole(), same);
        }
    }

    #[test]
    fn canonical_text_is_that_of_java() {
        let cases = [
            (42.5, "42.5"),
            (42.0, "42.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1e10, "1.0E10"),
            (1.25e-5, "1.25E-5"),
            (0.001, "0.001"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(written(Number::double(value)), text);
        }
        assert_eq!(written(Number::Long(-42)), "-42");
    }
}
