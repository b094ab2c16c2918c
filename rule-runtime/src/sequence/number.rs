//! Numbers as key values: exact decimals in a form whose bytes compare as the numbers do.
//!
//! In: the text of a JSON number. Out: bytes, and text again. `1`, `1.0` and `1e0` are one value, and so are integers
//! beyond 2^53 that differ in their last digit two. Knows nothing of events.

use std::fmt;

/// A decimal number `0.d1d2d3.. * 10^exponent`, borrowed digits without zeros at either end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'t> {
    negative: bool,
    exponent: i16,
    /// Digits with at most one point among them; `digits()` skips it.
    text: &'t [u8],
}

impl<'t> Decimal<'t> {
    /// Reads a number; `None` if it is none, or if its exponent is beyond what a double can be by far.
    pub(crate) fn parse(text: &'t [u8]) -> Option<Self> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let split = rest.iter().position(|b| matches!(b, b'e' | b'E'));
        let (mantissa, shift) = match split {
            Some(at) => (&rest[..at], exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let whole = mantissa.iter().position(|&b| b == b'.').unwrap_or(mantissa.len());
        let fraction = mantissa.get(whole + 1..).unwrap_or(&[]);
        let digits = whole + fraction.len();
        if digits == 0 || !mantissa[..whole].iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let is_digit = |b: &u8| matches!(b, b'1'..=b'9');
        let Some(first) = mantissa.iter().position(is_digit) else {
            return Some(Self { negative: false, exponent: 0, text: &[] });
        };
        let last = mantissa.iter().rposition(is_digit).unwrap_or(first);
        // Digits before the point count up, zeros behind it count down.
        let start = i64::try_from(first).ok()?;
        let point = i64::try_from(whole).ok()?;
        let places = if start < point { point - start } else { point + 1 - start };
        let exponent = i16::try_from(places.checked_add(shift)?).ok()?;
        Some(Self { negative, exponent, text: &mantissa[first..=last] })
    }

    fn digits(&self) -> impl Iterator<Item = u8> + use<'t> {
        self.text.iter().copied().filter(|&b| b != b'.')
    }

    /// Appends the bytes that compare as the numbers do.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if self.text.is_empty() {
            out.push(ZERO);
            return;
        }
        out.push(if self.negative { NEGATIVE } else { POSITIVE });
        let start = out.len();
        out.extend((self.exponent.cast_unsigned() ^ 0x8000).to_be_bytes());
        out.extend(self.digits());
        out.push(0);
        if self.negative {
            for byte in &mut out[start..] {
                *byte = !*byte;
            }
        }
    }

    /// The integer part, saturating.
    pub(crate) fn to_i64(self) -> i64 {
        let mut value: i64 = 0;
        let mut digits = self.digits();
        for _ in 0..self.exponent.max(0) {
            let digit = i64::from(digits.next().unwrap_or(b'0') - b'0');
            let signed = if self.negative { -digit } else { digit };
            value = value.saturating_mul(10).saturating_add(signed);
            if value == i64::MAX || value == i64::MIN {
                break;
            }
        }
        value
    }
}

const NEGATIVE: u8 = 0x7f;
const ZERO: u8 = 0x80;
const POSITIVE: u8 = 0x81;

/// The exponent behind `e`; too large is the same as not a number.
fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(digit - b'0')).min(1 << 40);
    }
    Some(if negative { -value } else { value })
}

/// Numbers up to this many places are written without an exponent.
const PLAIN: i16 = 40;

/// Appends the text of a number written by [`Decimal::write`]: `1234.5`, or `1.2345e99` far from the point.
pub(crate) fn text(bytes: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let (negative, rest) = match bytes {
        [NEGATIVE, rest @ ..] => (true, rest),
        [POSITIVE, rest @ ..] => (false, rest),
        _ => return out.write_char('0'),
    };
    let flip = |byte: u8| if negative { !byte } else { byte };
    let [high, low, digits @ .., _] = rest else { return out.write_char('0') };
    let exponent = (u16::from_be_bytes([flip(*high), flip(*low)]) ^ 0x8000).cast_signed();
    if negative {
        out.write_char('-')?;
    }
    let digit = |i: usize| digits.get(i).map_or('0', |&byte| char::from(flip(byte)));
    if (-PLAIN..=PLAIN).contains(&exponent) {
        let point = usize::try_from(exponent).unwrap_or(0);
        if point == 0 {
            out.write_char('0')?;
        }
        for i in 0..point {
            out.write_char(digit(i))?;
        }
        if digits.len() > point {
            out.write_char('.')?;
            for _ in exponent..0 {
                out.write_char('0')?;
            }
            for i in point..digits.len() {
                out.write_char(digit(i))?;
            }
        }
        return Ok(());
    }
    out.write_char(digit(0))?;
    if digits.len() > 1 {
        out.write_char('.')?;
        for i in 1..digits.len() {
            out.write_char(digit(i))?;
        }
    }
    write!(out, "e{}", i32::from(exponent) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        Decimal::parse(text.as_bytes()).unwrap().write(&mut out);
        out
    }

    fn canonical(input: &str) -> String {
        let mut out = String::new();
        text(&bytes(input), &mut out).unwrap();
        out
    }

    #[test]
    fn spellings_of_one_number_are_one_value() {
        for (a, b) in [
            ("1", "1.0"),
            ("1000", "1e3"),
            ("0.01", "1E-2"),
            ("0", "-0.0"),
            ("12.50", "1250e-2"),
            ("007", "7"),
            ("0.1e1", "1"),
        ] {
            assert_eq!(bytes(a), bytes(b), "{a} {b}");
        }
        assert_ne!(bytes("9007199254740993"), bytes("9007199254740992"));
    }

    #[test]
    fn bytes_compare_as_numbers_do() {
        let sorted = [
            "-1e300", "-100", "-99", "-1.5", "-1", "-0.001", "0", "0.001", "1", "1.5", "9", "10", "10.5",
            "1e300",
        ];
        for pair in sorted.windows(2) {
            assert!(bytes(pair[0]) < bytes(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn text_is_plain_where_it_is_short() {
        for (input, expected) in [
            ("1", "1"),
            ("-1500", "-1500"),
            ("1.50", "1.5"),
            ("0.05", "0.05"),
            ("-0", "0"),
            ("123e1", "1230"),
            ("1.25e99", "1.25e99"),
            ("5e-99", "5e-99"),
        ] {
            assert_eq!(canonical(input), expected);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "1.2.3", "1e", "e5", "0x10", "1 ", "1e99999", "NaN"] {
            assert!(Decimal::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn integer_parts_saturate() {
        for (text, expected) in [
            ("42", 42),
            ("-42.9", -42),
            ("1e3", 1000),
            ("0.5", 0),
            ("1e30000", i64::MAX),
            ("-1e19", i64::MIN),
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()).unwrap().to_i64(), expected, "{text}");
        }
    }
}
