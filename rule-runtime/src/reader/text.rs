//! The parts of JSON that both readers share: blanks, escapes, numbers, words.
//!
//! Offsets in errors count from the start of the given bytes.

use super::classes::equal;
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

/// What a backslash and this byte stand for, if that is one byte; else zero.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table[b'/' as usize] = b'/';
    table[b'b' as usize] = 0x08;
    table[b'f' as usize] = 0x0C;
    table[b'n' as usize] = b'\n';
    table[b'r' as usize] = b'\r';
    table[b't' as usize] = b'\t';
    table
};

/// Appends the meaning of the inside of a string to `out`. Raw bytes are copied as they are. On an error `out` is as it
/// was.
pub(super) fn unescape(raw: &[u8], out: &mut Vec<u8>) -> Result<(), ReadError> {
    let mark = out.len();
    // The meaning is never longer than the spelling.
    out.resize(mark + raw.len(), 0);
    let written = unescape_into(raw, &mut out[mark..]);
    out.truncate(mark + written.unwrap_or(0));
    written.map(drop)
}

/// Writes the meaning into `out`, which is as long as `raw`; the result is the number of bytes written.
fn unescape_into(raw: &[u8], out: &mut [u8]) -> Result<usize, ReadError> {
    let (mut at, mut to) = (0, 0);
    while at < raw.len() {
        if let (Some(chunk), Some(room)) = (raw[at..].first_chunk::<8>(), out[to..].first_chunk_mut::<8>()) {
            // Copied whether or not a backslash is among them; what is behind it will be overwritten.
            *room = *chunk;
            let plain = equal(u64::from_le_bytes(*chunk), b'\\').trailing_zeros() as usize / 8;
            at += plain;
            to += plain;
            if plain == 8 {
                continue;
            }
        } else if raw[at] != b'\\' {
            out[to] = raw[at];
            at += 1;
            to += 1;
            continue;
        }
        let code = raw.get(at + 1).copied().unwrap_or(0);
        let plain = ESCAPES[usize::from(code)];
        if plain != 0 {
            out[to] = plain;
            at += 2;
            to += 1;
        } else if code == b'u' {
            let (character, end) = unicode_escape(raw, at)?;
            to += character.encode_utf8(&mut out[to..]).len();
            at = end;
        } else {
            return Err(ReadErrorKind::BadEscape.at(at));
        }
    }
    Ok(to)
}

/// The character that the escape with a `u` at `at`, or the pair of them, stands for, and the position behind it.
fn unicode_escape(raw: &[u8], at: usize) -> Result<(char, usize), ReadError> {
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
    Ok((character, end))
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
