//! Numbers: reading, exact integer arithmetic, comparison and text (eql.md section 9).
//!
//! In and out: [`Number`]s. `None` stands for what Elasticsearch answers with an error: overflow, division of an
//! integer by zero, text that is no number.

use std::cmp::Ordering;

use crate::eql::ast::{ArithmeticOp, Number};

/// Reads a decimal number with an optional sign: `42`, `-1.5`, `.5`, `1e3`. Integers become long, else unsigned, else
/// double. Blanks, hexadecimal digits, `NaN` and infinities are not read.
pub(crate) fn parse_decimal(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.contains(|c: char| c.is_ascii_digit())
        || !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    if let Ok(long) = text.parse::<i64>() {
        return Some(Number::Long(long));
    }
    if let Ok(unsigned) = text.parse::<u64>() {
        return Some(Number::ULong(unsigned));
    }
    text.parse::<f64>().ok().map(Number::Double)
}

/// The value of an integer, `None` for a double.
pub(crate) fn integer(number: Number) -> Option<i128> {
    match number {
        Number::Int(n) => Some(n.into()),
        Number::Long(n) => Some(n.into()),
        Number::ULong(n) => Some(n.into()),
        Number::Double(_) => None,
    }
}

/// The value as a double, rounded if it must be.
#[expect(clippy::cast_precision_loss, reason = "this is what comparing an integer with a double means")]
pub(crate) fn double(number: Number) -> f64 {
    match number {
        Number::Int(n) => n.into(),
        Number::Long(n) => n as f64,
        Number::ULong(n) => n as f64,
        Number::Double(n) => n,
    }
}

/// A whole double as the integer that it is, if 64 bits hold it; all else as it is.
#[expect(clippy::cast_sign_loss, reason = "negative numbers have been dealt with")]
pub(crate) fn whole(number: Number) -> Number {
    const LONGS: std::ops::Range<f64> = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
    match number {
        Number::Double(n) if n.fract() == 0.0 && LONGS.contains(&n) => Number::Long(n as i64),
        Number::Double(n) if n.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&n) => {
            Number::ULong(n as u64)
        }
        other => other,
    }
}

/// `left op right`, in the widest type of the two.
pub(crate) fn arithmetic(op: ArithmeticOp, left: Number, right: Number) -> Option<Number> {
    let (Some(a), Some(b)) = (integer(left), integer(right)) else {
        let (a, b) = (double(left), double(right));
        return Some(Number::Double(match op {
            ArithmeticOp::Add => a + b,
            ArithmeticOp::Subtract => a - b,
            ArithmeticOp::Multiply => a * b,
            ArithmeticOp::Divide => a / b,
            ArithmeticOp::Modulo => a % b,
        }));
    };
    // Operands have at most 64 bits, so 128 bits hold all but the largest products, which overflow anyway.
    let result = match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Subtract => a.checked_sub(b),
        ArithmeticOp::Multiply => a.checked_mul(b),
        ArithmeticOp::Divide => a.checked_div(b),
        ArithmeticOp::Modulo => a.checked_rem(b),
    }?;
    match (left, right) {
        (Number::ULong(_), _) | (_, Number::ULong(_)) => unsigned(result),
        (Number::Long(_), _) | (_, Number::Long(_)) => i64::try_from(result).ok().map(Number::Long),
        _ => i32::try_from(result).ok().map(Number::Int),
    }
}

/// A result of unsigned arithmetic. It stays unsigned even where a long would hold it.
fn unsigned(result: i128) -> Option<Number> {
    u64::try_from(result).ok().map(Number::ULong)
}

/// `-number`; an unsigned number has no opposite.
pub(crate) fn negate(number: Number) -> Option<Number> {
    match number {
        Number::Int(n) => n.checked_neg().map(Number::Int),
        Number::Long(n) => n.checked_neg().map(Number::Long),
        Number::ULong(_) => None,
        Number::Double(n) => Some(Number::Double(-n)),
    }
}

/// Order by value. Integers are compared exactly, all else as doubles; NaN equals itself and is greatest. Zeros of
/// different sign are equal for a value of an event and differ for a computed one.
pub(crate) fn compare(left: Number, right: Number, computed: bool) -> Ordering {
    if let (Some(a), Some(b)) = (integer(left), integer(right)) {
        return a.cmp(&b);
    }
    let (a, b) = (double(left), double(right));
    match a.partial_cmp(&b) {
        Some(Ordering::Equal) if computed => a.is_sign_positive().cmp(&b.is_sign_positive()),
        Some(order) => order,
        None => a.is_nan().cmp(&b.is_nan()),
    }
}

/// The text of a number; doubles as Java writes them: `42.5`, `42.0`, `1.0E10`, `1.0E-5`.
pub(crate) fn text(number: Number) -> String {
    match number {
        Number::Int(n) => n.to_string(),
        Number::Long(n) => n.to_string(),
        Number::ULong(n) => n.to_string(),
        Number::Double(n) => double_text(n),
    }
}

fn double_text(n: f64) -> String {
    if n.is_nan() {
        return "NaN".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let plain = (1e-3..1e7).contains(&n.abs()) || n == 0.0;
    if plain {
        return format!("{n:?}");
    }
    // Rust writes `1e10` and `1.5e-5`, with the shortest digits that read back the same.
    let scientific = format!("{n:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read() {
        assert_eq!(parse_decimal("42"), Some(Number::Long(42)));
        assert_eq!(parse_decimal("+7"), Some(Number::Long(7)));
        assert_eq!(parse_decimal("9223372036854775808"), Some(Number::ULong(1 << 63)));
        assert_eq!(parse_decimal("18446744073709551616"), Some(Number::Double(18_446_744_073_709_551_616.0)));
        assert_eq!(parse_decimal("-1.5e2"), Some(Number::Double(-150.0)));
        for text in ["", "-", ".", "e5", "1 ", " 1", "0x10", "NaN", "inf", "1-2", "1e", "--1", "1_000"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn integers_are_exact_or_nothing() {
        let (add, multiply) = (ArithmeticOp::Add, ArithmeticOp::Multiply);
        assert_eq!(arithmetic(add, Number::Int(i32::MAX), Number::Int(1)), None);
        assert_eq!(
            arithmetic(add, Number::Long(i32::MAX.into()), Number::Int(1)),
            Some(Number::Long(1 << 31))
        );
        assert_eq!(arithmetic(multiply, Number::Long(i64::MAX), Number::Int(2)), None);
        assert_eq!(
            arithmetic(ArithmeticOp::Divide, Number::Long(-7), Number::Int(2)),
            Some(Number::Long(-3))
        );
        assert_eq!(arithmetic(ArithmeticOp::Divide, Number::Long(7), Number::Int(0)), None);
        assert_eq!(arithmetic(ArithmeticOp::Modulo, Number::Int(10), Number::Int(-6)), Some(Number::Int(4)));
        assert_eq!(arithmetic(ArithmeticOp::Modulo, Number::Int(-10), Number::Int(6)), Some(Number::Int(-4)));
        assert_eq!(arithmetic(ArithmeticOp::Subtract, Number::ULong(1 << 63), Number::Long(i64::MAX)), {
            Some(Number::ULong(1))
        });
        assert_eq!(arithmetic(multiply, Number::ULong(u64::MAX), Number::ULong(u64::MAX)), None);
    }

    #[test]
    fn doubles_follow_ieee_and_order_is_total() {
        let zero = Number::Double(0.0);
        assert_eq!(
            arithmetic(ArithmeticOp::Divide, Number::Int(1), zero),
            Some(Number::Double(f64::INFINITY))
        );
        let nan = Number::Double(f64::NAN);
        assert_eq!(compare(nan, nan, true), Ordering::Equal);
        assert_eq!(compare(nan, Number::Double(f64::INFINITY), true), Ordering::Greater);
        assert_eq!(compare(Number::Int(1), nan, true), Ordering::Less);
        assert_eq!(compare(Number::Double(-0.0), zero, true), Ordering::Less);
        assert_eq!(compare(Number::Double(-0.0), zero, false), Ordering::Equal);
    }

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (n, text) in [
            (42.5, "42.5"),
            (42.0, "42.0"),
            (1e10, "1.0E10"),
            (1.5e-5, "1.5E-5"),
            (-0.0, "-0.0"),
            (0.001, "0.001"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(n), text);
        }
    }
}
