//! Points in time: the text forms of an event's date fields, as nanoseconds since 1970-01-01T00:00:00Z.
//!
//! Forms: `2021`, `2021-03`, `2021-03-04`, `2021-03-04T05`, `..T05:06`, `..T05:06:07`, a fraction of one to nine digits
//! behind a point or comma, and `Z`, `+01`, `+01:00` or `+0100` behind a time; without an offset it is UTC. Missing
//! parts are the smallest. Text of digits that is not a year of four, and every JSON number, are epoch milliseconds.

use super::number::Number;
use crate::event::Scalar;

/// Nanoseconds of one millisecond.
const MILLI: i128 = 1_000_000;
/// Nanoseconds of one second.
const SECOND: i128 = 1_000 * MILLI;

/// The time that a text names, in nanoseconds since the epoch.
///
/// ```
/// use rule_runtime::matcher::date;
/// assert_eq!(date::parse(b"1970-01-01T01:00:00.5+01:00"), Some(500_000_000));
/// assert_eq!(date::parse(b"yesterday"), None);
/// ```
pub fn parse(text: &[u8]) -> Option<i128> {
    parse_iso(text).or_else(|| parse_millis(text))
}

/// The time that a count of milliseconds names; the count may have a fraction, of which what is finer than nanoseconds
/// is cut off, and an exponent.
pub fn parse_millis(text: &[u8]) -> Option<i128> {
    if text.iter().any(|byte| matches!(byte, b'e' | b'E')) {
        let nanos = (Number::parse_text(text)?.to_f64() * 1e6).trunc();
        // Far outside of all calendars, and of what 128 bits hold.
        return (nanos.abs() < 1e30).then_some(nanos as i128);
    }
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = point.map_or((text, &b"0"[..]), |at| (&text[..at], &text[at + 1..]));
    if whole.is_empty() || whole.len() > 20 || fraction.is_empty() {
        return None;
    }
    let millis = digits(whole)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nanos = millis * MILLI + self::fraction(&fraction[..fraction.len().min(6)], 6)?;
    Some(if negative { -nanos } else { nanos })
}

/// The time that a value of an event names: text in any form, a number as milliseconds.
pub fn parse_scalar(value: Scalar<'_>) -> Option<i128> {
    match value {
        Scalar::Text(text) => parse(text),
        Scalar::Number(text) => parse_millis(text),
        Scalar::Bool(_) => None,
    }
}

fn parse_iso(text: &[u8]) -> Option<i128> {
    let mut rest = Cursor(text);
    let year = rest.number(4)?;
    let mut month = 1;
    let mut day = 1;
    if rest.eat(b'-') {
        month = rest.number(2)?;
        if rest.eat(b'-') {
            day = rest.number(2)?;
        }
    }
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let mut nanos = i128::from(days_from_epoch(year, month, day)) * 86_400 * SECOND;
    if rest.eat(b'T') && !rest.0.is_empty() {
        nanos += time(&mut rest)?;
    }
    rest.0.is_empty().then_some(nanos)
}

/// A time of day with its offset, as nanoseconds to add to the day.
fn time(rest: &mut Cursor<'_>) -> Option<i128> {
    let hour = rest.number(2).filter(|hour| *hour < 24)?;
    let mut minute = 0;
    let mut second = 0;
    let mut nanos = 0;
    if rest.eat(b':') {
        minute = rest.number(2).filter(|minute| *minute < 60)?;
        if rest.eat(b':') {
            second = rest.number(2).filter(|second| *second < 60)?;
            if rest.eat(b'.') || rest.eat(b',') {
                nanos = fraction(rest.run_of_digits(), 9)?;
            }
        }
    }
    let seconds = hour * 3_600 + minute * 60 + second - offset(rest)?;
    Some(i128::from(seconds) * SECOND + nanos)
}

/// Seconds east of UTC.
fn offset(rest: &mut Cursor<'_>) -> Option<i64> {
    if rest.0.is_empty() || rest.eat(b'Z') {
        return Some(0);
    }
    let sign = match rest.0.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    rest.0 = &rest.0[1..];
    let hours = rest.number(2).filter(|hours| *hours <= 18)?;
    let colon = rest.eat(b':');
    let minutes = if colon || !rest.0.is_empty() { rest.number(2).filter(|m| *m < 60)? } else { 0 };
    Some(sign * (hours * 3_600 + minutes * 60))
}

struct Cursor<'t>(&'t [u8]);

impl<'t> Cursor<'t> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// Exactly `count` digits.
    fn number(&mut self, count: usize) -> Option<i64> {
        let (head, tail) = self.0.split_at_checked(count)?;
        let value = digits(head)?.try_into().ok()?;
        self.0 = tail;
        Some(value)
    }

    fn run_of_digits(&mut self) -> &'t [u8] {
        let end = self.0.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.0.len());
        let (head, tail) = self.0.split_at(end);
        self.0 = tail;
        head
    }
}

/// At most 30 digits.
fn digits(text: &[u8]) -> Option<i128> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i128::from(byte - b'0')))
}

/// One to `width` digits behind the point, filled up with zeros to `width`.
fn fraction(text: &[u8], width: usize) -> Option<i128> {
    if text.is_empty() || text.len() > width {
        return None;
    }
    let value = digits(text)?;
    Some((text.len()..width).fold(value, |value, _| value * 10))
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
pub(super) fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_moment_are_equal() {
        let moment = 1_614_834_367 * SECOND;
        for text in [
            "2021-03-04T05:06:07",
            "2021-03-04T05:06:07Z",
            "2021-03-04T05:06:07.0Z",
            "2021-03-04T05:06:07,000000000",
            "2021-03-04T06:06:07+01:00",
            "2021-03-04T06:06:07+0100",
            "2021-03-04T06:06:07+01",
            "2021-03-03T23:36:07-05:30",
            "1614834367000",
            "1614834367000.0000009",
            "1.614834367e12",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(moment), "{text}");
        }
        assert_eq!(parse(b"2021-03-04T05:06:07.000000001Z"), Some(moment + 1));
        assert_eq!(parse(b"2021-03-04T05:06:07.12Z"), Some(moment + 120 * MILLI));
    }

    #[test]
    fn missing_parts_are_the_smallest() {
        assert_eq!(parse(b"2021"), parse(b"2021-01-01T00:00:00Z"));
        assert_eq!(parse(b"2021-03"), parse(b"2021-03-01T00:00:00Z"));
        assert_eq!(parse(b"2021-03-04T05"), parse(b"2021-03-04T05:00:00Z"));
        assert_eq!(parse(b"2020-02-29"), Some(18_321 * 86_400 * SECOND));
        assert_eq!(parse(b"1969-12-31T23:59:59.999Z"), Some(-MILLI));
        assert_eq!(parse(b"-1"), Some(-MILLI));
        assert_eq!(parse_millis(b"2021"), Some(2021 * MILLI));
    }

    #[test]
    fn other_text_is_no_time() {
        for text in [
            "",
            "-",
            "now",
            "2021-3-4",
            "2021-13-01",
            "2021-02-29",
            "2021-03-04T24:00",
            "2021-03-04T05:60",
            "2021-03-04 05:06:07",
            "2021-03-04T05:06:07.",
            "2021-03-04T05:06:07.1234567890",
            "2021-03-04Z",
            "2021-03-04T05:06:07+1",
            "2021-03-04T05:06:07 Z",
            "999999999999999999999",
            "1.",
            ".5",
            "1.x",
            "1e99",
            "+1",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
