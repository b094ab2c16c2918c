//! The parts of JSON that both readers share: blanks, escapes, numbers, words.
//!
//! Offsets in errors count from the start of the given bytes.

use super::error::{ReadError, ReadErrorKind};

/// U+FEFF at the start of a file or line, as some Windows tools write it.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// White space of JSON.
#[inline(always)]
#[allow(clippy::inline_always)] // Part of the walk, which is compiled once for each instruction set.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The first position from `at` on that holds no blank.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
pub(super) fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|&byte| is_blank(byte)) {
        at += 1;
    }
    at
}

/// Whether a number or word may end before this byte.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
pub(super) const fn ends_scalar(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']') || is_blank(byte)
}

/// The end of the number that starts at `at`: RFC 8259, `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
#[inline]
pub(super) fn number_end(text: &[u8], at: usize) -> Result<usize, ReadError> {
    let digits = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let byte = |at: usize| text.get(at).copied().unwrap_or_default();
    let whole = at + usize::from(byte(at) == b'-');
    let mut end = digits(whole);
    if end == whole || (byte(whole) == b'0' && end > whole + 1) {
        return Err(ReadErrorKind::BadNumber.at(at));
    }
    if byte(end) == b'.' {
        let fraction = end + 1;
        end = digits(fraction);
        if end == fraction {
            return Err(ReadErrorKind::BadNumber.at(at));
        }
    }
    if matches!(byte(end), b'e' | b'E') {
        let exponent = end + 1 + usize::from(matches!(byte(end + 1), b'+' | b'-'));
        end = digits(exponent);
        if end == exponent {
            return Err(ReadErrorKind::BadNumber.at(at));
        }
    }
    Ok(end)
}

/// Appends the meaning of the inside of a string to `out`. Raw bytes are copied as they are.
pub(super) fn unescape(raw: &[u8], out: &mut Vec<u8>) -> Result<(), ReadError> {
    let mut at = 0;
    while let Some(plain) = memchr::memchr(b'\\', &raw[at..]) {
        out.extend_from_slice(&raw[at..at + plain]);
        at = unescape_one(raw, at + plain, out)?;
    }
    out.extend_from_slice(&raw[at..]);
    Ok(())
}

/// Appends the meaning of the escape whose backslash stands at `at`; the result is the position after it.
fn unescape_one(raw: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, ReadError> {
    let bad = ReadErrorKind::BadEscape.at(at);
    let plain = match raw.get(at + 1).ok_or(bad)? {
        b'"' => b'"',
        b'\\' => b'\\',
        b'/' => b'/',
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return unescape_unicode(raw, at, out),
        _ => return Err(bad),
    };
    out.push(plain);
    Ok(at + 2)
}

fn unescape_unicode(raw: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, ReadError> {
    let unit = hex4(raw, at + 2).ok_or(ReadErrorKind::BadEscape.at(at))?;
    let (code, end) = match unit {
        0xD800..=0xDBFF if raw.get(at + 6..at + 8) == Some(b"\\u") => {
            let low = hex4(raw, at + 8).ok_or(ReadErrorKind::BadEscape.at(at + 6))?;
            if !(0xDC00..=0xDFFF).contains(&low) {
                return Err(ReadErrorKind::LoneSurrogate.at(at));
            }
            (0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), at + 12)
        }
        unit => (unit, at + 6),
    };
    let character = char::from_u32(code).ok_or(ReadErrorKind::LoneSurrogate.at(at))?;
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(end)
}

fn hex4(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at..at + 4)?;
    digits.iter().try_fold(0, |code, &digit| Some(code << 4 | char::from(digit).to_digit(16)?))
}

/// Whether this is the text of one JSON number.
#[cfg(feature = "serde")]
pub(crate) fn is_number(text: &[u8]) -> bool {
    number_end(text, 0) == Ok(text.len())
}
