//! The values of constant expressions: three-valued comparison, arithmetic, functions (eql.md sections 5, 9 and 10).

use std::cmp::Ordering;
use std::net::IpAddr;

use crate::condition::{Constant, Function};
use crate::eql::ast::{ArithmeticOp, Case, CompareOp, Number};

/// `-constant`
pub(super) fn negate(constant: &Constant) -> Result<Constant, String> {
    Ok(match constant {
        Constant::Number(Number::Int(value)) => {
            Constant::Number(value.checked_neg().map(Number::Int).ok_or("integer overflow")?)
        }
        Constant::Number(Number::Long(value)) => {
            Constant::Number(value.checked_neg().map(Number::Long).ok_or("long overflow")?)
        }
        Constant::Number(Number::ULong(value)) => {
            // The one unsigned value whose opposite is a long.
            let least = *value == i64::MIN.unsigned_abs();
            Constant::Number(least.then_some(Number::Long(i64::MIN)).ok_or("long overflow")?)
        }
        Constant::Number(Number::Double(value)) => Constant::Number(Number::Double(-value)),
        _ => Constant::Null,
    })
}

/// `left op right`; null on either side gives null.
pub(super) fn arithmetic(op: ArithmeticOp, left: &Constant, right: &Constant) -> Result<Constant, String> {
    let (Constant::Number(left), Constant::Number(right)) = (left, right) else {
        return Ok(Constant::Null);
    };
    let number = match (*left, *right) {
        (Number::Double(_), _) | (_, Number::Double(_)) => {
            Number::Double(double_arithmetic(op, double(*left), double(*right)))
        }
        (Number::Int(left), Number::Int(right)) => {
            let result = integer_arithmetic(op, left.into(), right.into())?;
            Number::Int(i32::try_from(result).map_err(|_| "integer overflow")?)
        }
        (Number::ULong(_), _) | (_, Number::ULong(_)) => {
            let result = integer_arithmetic(op, integer(*left), integer(*right))?;
            let result = u64::try_from(result).map_err(|_| "unsigned_long overflow")?;
            i64::try_from(result).map_or(Number::ULong(result), Number::Long)
        }
        (left, right) => {
            let result = integer_arithmetic(op, integer(left), integer(right))?;
            Number::Long(i64::try_from(result).map_err(|_| "long overflow")?)
        }
    };
    Ok(Constant::Number(number))
}

/// On 64-bit integers; 128 bits hold every result.
fn integer_arithmetic(op: ArithmeticOp, left: i128, right: i128) -> Result<i128, String> {
    match op {
        ArithmeticOp::Divide | ArithmeticOp::Modulo if right == 0 => Err("integer division by zero".into()),
        ArithmeticOp::Add => Ok(left + right),
        ArithmeticOp::Subtract => Ok(left - right),
        ArithmeticOp::Multiply => Ok(left * right),
        ArithmeticOp::Divide => Ok(left / right),
        ArithmeticOp::Modulo => Ok(left % right),
    }
}

fn double_arithmetic(op: ArithmeticOp, left: f64, right: f64) -> f64 {
    match op {
        ArithmeticOp::Add => left + right,
        ArithmeticOp::Subtract => left - right,
        ArithmeticOp::Multiply => left * right,
        ArithmeticOp::Divide => left / right,
        ArithmeticOp::Modulo => left % right,
    }
}

/// The value of an integer; a double is cut off.
pub(super) fn integer(number: Number) -> i128 {
    match number {
        Number::Int(value) => value.into(),
        Number::Long(value) => value.into(),
        Number::ULong(value) => value.into(),
        Number::Double(value) => value as i128,
    }
}

#[expect(clippy::cast_precision_loss, reason = "mixed arithmetic and comparison is done in double")]
fn double(number: Number) -> f64 {
    match number {
        Number::Int(value) => value.into(),
        Number::Long(value) => value as f64,
        Number::ULong(value) => value as f64,
        Number::Double(value) => value,
    }
}

/// `left op right`, three-valued: `==` and `!=` with null are null tests, any other comparison with null is null.
pub(crate) fn compare(op: CompareOp, left: &Constant, right: &Constant) -> Option<bool> {
    let null = |constant: &Constant| *constant == Constant::Null;
    match op {
        CompareOp::Eq if null(left) || null(right) => return Some(null(left) && null(right)),
        CompareOp::Ne if null(left) || null(right) => return Some(null(left) != null(right)),
        _ => {}
    }
    let order = match (left, right) {
        (Constant::Number(left), Constant::Number(right)) => compare_numbers(*left, *right),
        (Constant::Text(left), Constant::Text(right)) => left.cmp(right),
        (Constant::Bool(left), Constant::Bool(right)) => left.cmp(right),
        (Constant::Null, _) | (_, Constant::Null) => return None,
        _ => return matches!(op, CompareOp::Eq | CompareOp::Ne).then_some(op == CompareOp::Ne),
    };
    Some(match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    })
}

/// By value; NaN is equal to itself and above everything.
fn compare_numbers(left: Number, right: Number) -> Ordering {
    if matches!(left, Number::Double(_)) || matches!(right, Number::Double(_)) {
        return double(left).total_cmp(&double(right));
    }
    integer(left).cmp(&integer(right))
}

/// Whether two texts are equal, or equal but for the case of letters.
pub(crate) fn same_text(left: &str, right: &str, case: Case) -> bool {
    match case {
        Case::Sensitive => left == right,
        Case::Insensitive => left.eq_ignore_ascii_case(right),
    }
}

/// Whether `text` as a whole matches `pattern`, where `*` is any run of characters and `?` one.
pub(crate) fn like(text: &str, pattern: &str, case: Case) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let same = |a: char, b: char| a == b || (case == Case::Insensitive && a.eq_ignore_ascii_case(&b));
    let (mut t, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || same(pattern[p], text[t])) {
            t += 1;
            p += 1;
        } else if let Some((star_at, matched)) = star {
            star = Some((star_at, matched + 1));
            p = star_at + 1;
            t = matched + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&letter| letter == '*')
}

/// The value of a function on constants, or `None` if that is left to the matcher (an argument of a wrong type, which
/// the check has reported).
pub(super) fn call(function: Function, case: Case, arguments: &[&Constant]) -> Option<Constant> {
    let text = |at: usize| match arguments.get(at) {
        Some(Constant::Text(text)) => Some(&**text),
        _ => None,
    };
    let number = |at: usize| match arguments.get(at) {
        Some(Constant::Number(number)) => i64::try_from(integer(*number)).ok(),
        _ => None,
    };
    let null = |at: usize| arguments.get(at).is_none_or(|constant| **constant == Constant::Null);
    let folded = |text: &str| match case {
        Case::Sensitive => text.to_owned(),
        Case::Insensitive => text.to_ascii_lowercase(),
    };
    if function == Function::Concat {
        let parts: Option<String> = arguments.iter().map(|part| canonical(part)).collect();
        return Some(parts.map_or(Constant::Null, |text| Constant::Text(text.into())));
    }
    if null(0) {
        return Some(Constant::Null);
    }
    Some(match function {
        Function::String => {
            canonical(arguments[0]).map_or(Constant::Null, |text| Constant::Text(text.into()))
        }
        Function::Length => whole(text(0)?.chars().count()),
        Function::Number => number_of(text(0)?, arguments.get(1).copied())?,
        Function::StartsWith | Function::EndsWith | Function::StringContains | Function::IndexOf
            if null(1) =>
        {
            Constant::Null
        }
        Function::StartsWith => Constant::Bool(folded(text(0)?).starts_with(&folded(text(1)?))),
        Function::EndsWith => Constant::Bool(folded(text(0)?).ends_with(&folded(text(1)?))),
        Function::StringContains => {
            let (text, part) = (folded(text(0)?), folded(text(1)?));
            Constant::Bool(!part.is_empty() && text.contains(&part))
        }
        Function::IndexOf => index_of(&folded(text(0)?), &folded(text(1)?), number(2).unwrap_or(0)),
        Function::Substring if null(1) => arguments[0].clone(),
        Function::Substring => {
            let end = if null(2) { None } else { Some(number(2)?) };
            Constant::Text(substring(text(0)?, number(1)?, end).into())
        }
        Function::Between => {
            let greedy = matches!(arguments.get(3), Some(Constant::Bool(true)));
            Constant::Text(between(text(0)?, text(1)?, text(2)?, greedy, case).into())
        }
        Function::CidrMatch => cidr_match(text(0)?, &arguments[1..])?,
        Function::Concat => return None,
    })
}

/// A length as a signed number; no text is longer.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn whole(count: usize) -> Constant {
    Constant::Number(i32::try_from(count).map_or(Number::Long(signed(count)), Number::Int))
}

/// The text of a constant as `string` and `concat` write it.
fn canonical(constant: &Constant) -> Option<String> {
    Some(match constant {
        Constant::Null => return None,
        Constant::Bool(value) => value.to_string(),
        Constant::Text(text) => text.to_string(),
        Constant::Number(Number::Int(value)) => value.to_string(),
        Constant::Number(Number::Long(value)) => value.to_string(),
        Constant::Number(Number::ULong(value)) => value.to_string(),
        Constant::Number(Number::Double(value)) => java_double(*value),
    })
}

/// A double as Java writes it: `42.0`, `1.0E10`.
fn java_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}

/// `number(text, base)`; a text that is no number gives null.
fn number_of(text: &str, base: Option<&Constant>) -> Option<Constant> {
    let (base, digits) = match (base, text.strip_prefix("0x")) {
        (None | Some(Constant::Null), Some(digits)) => (16, digits),
        (None | Some(Constant::Null), None) => (10, text),
        (Some(Constant::Number(base)), digits) => match u32::try_from(integer(*base)).ok()? {
            16 => (16, digits.unwrap_or(text)),
            base @ 2..=36 => (base, text),
            _ => return None,
        },
        (Some(_), _) => return None,
    };
    if let Ok(long) = i64::from_str_radix(digits, base) {
        return Some(Constant::Number(Number::Long(long)));
    }
    if base != 10 {
        return Some(Constant::Null);
    }
    if let Ok(unsigned) = digits.parse() {
        return Some(Constant::Number(Number::ULong(unsigned)));
    }
    // Blanks are allowed around a double only.
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
    let plain = trimmed.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let is_integer = trimmed.parse::<i128>().is_ok();
    let double = trimmed.parse().ok().filter(|_| plain && (!is_integer || trimmed == text));
    Some(double.map_or(Constant::Null, |double| Constant::Number(Number::Double(double))))
}

/// Zero-based index of the first `part` at or behind `start`, counted in characters; null if there is none.
fn index_of(text: &str, part: &str, start: i64) -> Constant {
    let start = usize::try_from(start.max(0)).unwrap_or(usize::MAX);
    let Some(from) = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(start) else {
        return Constant::Null;
    };
    match text[from..].find(part) {
        Some(found) => whole(start + text[from..from + found].chars().count()),
        None => Constant::Null,
    }
}

/// A slice as Python takes it, in characters.
fn substring(text: &str, start: i64, end: Option<i64>) -> String {
    let length = signed(text.chars().count());
    let clamp = |at: i64| if at < 0 { (at + length).max(0) } else { at.min(length) };
    let start = clamp(start);
    let end = end.map_or(length, clamp);
    let count = usize::try_from(end - start).unwrap_or(0);
    text.chars().skip(usize::try_from(start).unwrap_or(0)).take(count).collect()
}

/// The text behind the first `left` up to the next `right`, or up to the last one.
fn between(text: &str, left: &str, right: &str, greedy: bool, case: Case) -> String {
    if text.is_empty() || left.is_empty() || right.is_empty() {
        return text.to_owned();
    }
    // ASCII folding keeps every byte offset.
    let folded = |text: &str| match case {
        Case::Sensitive => text.to_owned(),
        Case::Insensitive => text.to_ascii_lowercase(),
    };
    let (searched, left, right) = (folded(text), folded(left), folded(right));
    let Some(found) = searched.find(&left) else { return String::new() };
    let start = found + left.len();
    let rest = &searched[start..];
    let end = if greedy { rest.rfind(&right) } else { rest.find(&right) };
    end.map_or_else(String::new, |end| text[start..start + end].to_owned())
}

fn cidr_match(address: &str, blocks: &[&Constant]) -> Option<Constant> {
    let Ok(address) = address.parse::<IpAddr>() else { return Some(Constant::Bool(false)) };
    let bits = mapped_bits(address);
    let mut found = false;
    for block in blocks {
        let Constant::Text(block) = block else { return None };
        let (network, prefix) =
            block.split_once('/').map_or((&**block, None), |(net, length)| (net, Some(length)));
        let network = network.parse::<IpAddr>().ok()?;
        let skipped = if network.is_ipv4() { 96 } else { 0 };
        let prefix = prefix.map_or(Some(128 - skipped), |prefix| prefix.parse::<u32>().ok())? + skipped;
        let shift = 128u32.saturating_sub(prefix);
        found |= shift == 128 || (bits ^ mapped_bits(network)) >> shift == 0;
    }
    Some(Constant::Bool(found))
}

/// An address as IPv6; an IPv4 one is mapped.
fn mapped_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}
