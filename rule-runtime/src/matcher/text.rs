//! Functions of text (eql.md section 10), on slices.
//!
//! In: valid UTF-8. Out: ranges of it, positions counted in code points, numbers. Case is ignored for ASCII letters only.

use std::ops::Range;

use memchr::memmem;

use super::Case;
use super::number::Number;

/// The functions whose first argument is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextFunction {
    /// `between(s, left, right [, greedy])`
    Between,
    /// `concat(v, ..)`
    Concat,
    /// `endsWith(s, suffix)`
    EndsWith,
    /// `indexOf(s, part [, start])`
    IndexOf,
    /// `length(s)`
    Length,
    /// `number(s [, base])`
    Number,
    /// `startsWith(s, prefix)`
    StartsWith,
    /// `string(v)`
    String,
    /// `stringContains(s, part)`
    StringContains,
    /// `substring(s, start [, end])`
    Substring,
}

/// `true` and `false`.
pub(super) fn parse_bool(text: &[u8]) -> Option<bool> {
    match text {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// Whether `text` begins with `prefix`.
pub(super) fn starts_with(text: &[u8], prefix: &[u8], case: Case) -> bool {
    text.get(..prefix.len()).is_some_and(|head| same(head, prefix, case))
}

/// Whether `text` ends with `suffix`.
pub(super) fn ends_with(text: &[u8], suffix: &[u8], case: Case) -> bool {
    let start = text.len().checked_sub(suffix.len());
    start.is_some_and(|start| same(&text[start..], suffix, case))
}

/// Whether `part` is in `text`; an empty part is in none.
pub(super) fn contains(text: &[u8], part: &[u8], case: Case) -> bool {
    !part.is_empty() && find(text, part, case).is_some()
}

/// The text behind the first `left` up to the next `right`, or, if greedy, up to the last one. Empty if either is
/// missing, everything if either is empty.
pub(super) fn between(text: &[u8], left: &[u8], right: &[u8], greedy: bool, case: Case) -> Range<usize> {
    if left.is_empty() || right.is_empty() {
        return 0..text.len();
    }
    let Some(start) = find(text, left, case).map(|at| at + left.len()) else { return 0..0 };
    let end = if greedy {
        find_last(text, right, case)
    } else {
        find(&text[start..], right, case).map(|at| start + at)
    };
    match end {
        Some(end) if end >= start => start..end,
        _ => 0..0,
    }
}

/// The position of the first `part` at or behind `start`. A negative start is 0, one behind the end finds nothing.
pub(super) fn index_of(text: &[u8], part: &[u8], start: i64, case: Case) -> Option<usize> {
    let start = usize::try_from(start.max(0)).ok()?;
    let from = byte_index(text, start)?;
    let at = find(&text[from..], part, case)?;
    Some(start + count_chars(&text[from..from + at]))
}

/// The slice from `start` to `end`, as Python counts: negative positions from the end, everything clamped.
pub(super) fn substring(text: &[u8], start: i64, end: Option<i64>) -> Range<usize> {
    let length = i64::try_from(count_chars(text)).unwrap_or(i64::MAX);
    let clamp = |at: i64| if at < 0 { at.saturating_add(length).max(0) } else { at.min(length) };
    let start = clamp(start);
    let end = end.map_or(length, clamp);
    if start >= end {
        return 0..0;
    }
    let byte = |at: i64| usize::try_from(at).ok().and_then(|at| byte_index(text, at)).unwrap_or(text.len());
    byte(start)..byte(end)
}

/// The number a text spells: in base 10 an integer of 64 bits, else a double (with blanks around it, too); in another
/// base an integer only. `0x` in front means base 16 unless another base is given.
pub(super) fn number(text: &[u8], base: Option<i64>) -> Option<Number> {
    let (base, text) = match (base, text.strip_prefix(b"0x")) {
        (None | Some(16), Some(digits)) => (16, digits),
        (base, _) => (u32::try_from(base.unwrap_or(10)).ok()?, text),
    };
    if !(2..=36).contains(&base) {
        return None;
    }
    if base == 10 {
        let blanks = || Number::parse_text(text.trim_ascii()).filter(|value| value.to_integer().is_none());
        return Number::parse_text(text).or_else(blanks);
    }
    i64::from_str_radix(std::str::from_utf8(text).ok()?, base).ok().map(Number::Long)
}

/// The number of code points.
pub(super) fn count_chars(text: &[u8]) -> usize {
    text.iter().filter(|byte| starts_char(**byte)).count()
}

fn starts_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Where code point `at` begins; the end of the text counts as one.
fn byte_index(text: &[u8], at: usize) -> Option<usize> {
    if at == 0 {
        return Some(0);
    }
    let starts = text.iter().enumerate().filter(|(_, byte)| starts_char(**byte)).map(|(index, _)| index);
    starts.chain([text.len()]).nth(at)
}

fn same(left: &[u8], right: &[u8], case: Case) -> bool {
    match case {
        Case::Sensitive => left == right,
        Case::Insensitive => left.eq_ignore_ascii_case(right),
    }
}

fn find(text: &[u8], part: &[u8], case: Case) -> Option<usize> {
    match case {
        Case::Sensitive => memmem::find(text, part),
        Case::Insensitive if part.is_empty() => Some(0),
        Case::Insensitive => text.windows(part.len()).position(|window| same(window, part, case)),
    }
}

fn find_last(text: &[u8], part: &[u8], case: Case) -> Option<usize> {
    match case {
        Case::Sensitive => memmem::rfind(text, part),
        Case::Insensitive if part.is_empty() => Some(text.len()),
        Case::Insensitive => text.windows(part.len()).rposition(|window| same(window, part, case)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_takes_the_first_left() {
        let check = |text: &'static str, left: &str, right: &str, greedy| {
            &text[between(text.as_bytes(), left.as_bytes(), right.as_bytes(), greedy, Case::Sensitive)]
        };
        assert_eq!(check("C:\\Win\\Sys\\x.exe", "\\", "\\", false), "Win");
        assert_eq!(check("C:\\Win\\Sys\\x.exe", "\\", "\\", true), "Win\\Sys");
        assert_eq!(check("welcome to the planet", "welcome", "e", false), " to th");
        assert_eq!(check("welcome to the planet", "welcome", "e", true), " to the plan");
        assert_eq!(check("abc", "x", "c", false), "");
        assert_eq!(check("abc", "c", "a", true), "");
        assert_eq!(check("abc", "", "c", false), "abc");
        assert_eq!(check("", "a", "b", false), "");
        assert_eq!(between(b"xAyBz", b"a", b"b", false, Case::Insensitive), 2..3);
    }

    #[test]
    fn substring_slices_as_python_does() {
        let check = |text: &'static str, start, end| &text[substring(text.as_bytes(), start, end)];
        assert_eq!(check("hello world", -5, Some(-1)), "worl");
        assert_eq!(check("hello world", -60, Some(5)), "hello");
        assert_eq!(check("hello world", 3, Some(9)), "lo wor");
        assert_eq!(check("hello world", 9, Some(3)), "");
        assert_eq!(check("hello world", 6, None), "world");
        assert_eq!(check("\u{e9}\u{1f980}x", 1, Some(2)), "\u{1f980}");
        assert_eq!(check("x", i64::MIN, Some(i64::MAX)), "x");
    }

    #[test]
    fn positions_are_code_points() {
        let check = |text: &str, part: &str, start| {
            index_of(text.as_bytes(), part.as_bytes(), start, Case::Sensitive)
        };
        assert_eq!(check("subdomain.example.com", ".", 10), Some(17));
        assert_eq!(check("subdomain.example.com", ".", 30), None);
        assert_eq!(check("subdomain.example.com", "", -6), Some(0));
        assert_eq!(check("\u{e9}\u{1f980}x", "x", 0), Some(2));
        assert_eq!(check("abc", "", 3), Some(3));
        assert_eq!(check("abc", "", 4), None);
        assert_eq!(index_of(b"xABC", b"bc", 0, Case::Insensitive), Some(2));
    }

    #[test]
    fn numbers_in_all_bases() {
        let check = |text: &str, base| number(text.as_bytes(), base);
        assert_eq!(check("0x32", Some(16)), Some(Number::Long(50)));
        assert_eq!(check("0x32", None), Some(Number::Long(50)));
        assert_eq!(check("0x32", Some(10)), None);
        assert_eq!(check("-32.5", None), Some(Number::double(-32.5)));
        assert_eq!(check("052403", Some(8)), Some(Number::Long(21_763)));
        assert_eq!(check("deadbeef", Some(16)), Some(Number::Long(3_735_928_559)));
        assert_eq!(check("+7", None), Some(Number::Long(7)));
        assert_eq!(check(" 7 ", None), None);
        assert_eq!(check(" 7.5 ", None), Some(Number::double(7.5)));
        assert_eq!(check("9223372036854775808", None), Some(Number::ULong(1 << 63)));
        assert_eq!(check("z", Some(37)), None);
        assert_eq!(check("", None), None);
    }

    #[test]
    fn an_empty_part_begins_and_ends_but_is_not_contained() {
        for case in [Case::Sensitive, Case::Insensitive] {
            assert!(starts_with(b"a", b"", case) && ends_with(b"a", b"", case));
            assert!(!contains(b"a", b"", case) && !contains(b"", b"", case));
        }
        assert!(contains(b"xABx", b"ab", Case::Insensitive));
        assert!(!contains(b"xABx", b"ab", Case::Sensitive));
    }
}
