//! Points in time: text or epoch milliseconds in, nanoseconds since 1970 out, and back to text.
//!
//! ISO 8601 as Elasticsearch's `strict_date_optional_time` reads it, or `epoch_millis`. Without an offset a time is
//! UTC; parts that are left out are the first of their kind. Four digits are a year, other digits are milliseconds.

use super::event::Scalar;

/// Nanoseconds since 1970-01-01T00:00:00Z; years 0000 to 9999 and all of `epoch_millis` fit.
pub type Nanos = i128;

/// Nanoseconds in a millisecond.
pub(crate) const MILLI: Nanos = 1_000_000;

pub(super) const SECOND: Nanos = 1_000_000_000;

/// The time a scalar of an event stands for, if it is one.
pub fn of_scalar(scalar: Scalar<'_>) -> Option<Nanos> {
    match scalar {
        Scalar::Text(text) => parse(text),
        Scalar::Number(text) => epoch_millis(text),
        Scalar::Bool(_) => None,
    }
}

/// Reads a date, a date and time, or epoch milliseconds.
///
/// ```
/// use rule_lang::meaning::date::parse;
/// assert_eq!(parse("1970-01-01T01:00:00.5+01:00"), Some(500_000_000));
/// assert_eq!(parse("1970-01-02"), parse("86400000"));
/// assert_eq!(parse("1970"), Some(0));
/// assert_eq!(parse("yesterday"), None);
/// ```
pub fn parse(text: &str) -> Option<Nanos> {
    iso(text).or_else(|| epoch_millis(text))
}

/// Milliseconds since 1970, with an optional sign, fraction and exponent; finer than nanoseconds is cut off.
pub fn epoch_millis(text: &str) -> Option<Nanos> {
    if text.contains(['e', 'E']) {
        let millis = super::number::double(super::number::parse_decimal(text)?);
        // Dates lie far inside 2^53 milliseconds; what does not is no date.
        let nanos = (millis * 1e6).trunc();
        return (nanos.abs() < 1e30).then_some(nanos as Nanos);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || whole.len() > 20 {
        return None;
    }
    let fraction: Nanos = format!("{fraction:0<6}")[..6].parse().ok()?;
    let nanos = whole.parse::<Nanos>().ok()? * MILLI + fraction;
    Some(if negative { -nanos } else { nanos })
}

/// What is left to read of a text.
struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn take(&mut self, c: char) -> bool {
        match self.0.strip_prefix(c) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Exactly `count` digits, with a value in the range.
    fn digits(&mut self, count: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let digits = self.0.get(..count)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = &self.0[count..];
        let value = digits.parse().ok()?;
        range.contains(&value).then_some(value)
    }
}

fn iso(text: &str) -> Option<Nanos> {
    let mut reader = Reader(text);
    let year = reader.digits(4, 0..=9999)?;
    let (mut month, mut day) = (1, 1);
    if reader.take('-') {
        month = reader.digits(2, 1..=12)?;
        if reader.take('-') {
            day = reader.digits(2, 1..=days_in_month(year, month))?;
        }
    }
    let mut nanos = Nanos::from(days_from_epoch(year, month, day)) * 86_400 * SECOND;
    if reader.take('T') && !reader.0.is_empty() {
        nanos += time_of_day(&mut reader)? - offset(&mut reader)?;
    }
    reader.0.is_empty().then_some(nanos)
}

fn time_of_day(reader: &mut Reader<'_>) -> Option<Nanos> {
    let mut seconds = reader.digits(2, 0..=23)? * 3600;
    let mut fraction = 0;
    if reader.take(':') {
        seconds += reader.digits(2, 0..=59)? * 60;
        if reader.take(':') {
            seconds += reader.digits(2, 0..=59)?;
            if reader.take('.') || reader.take(',') {
                let end = reader.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(reader.0.len());
                let (digits, rest) = reader.0.split_at(end);
                if !(1..=9).contains(&digits.len()) {
                    return None;
                }
                reader.0 = rest;
                fraction = format!("{digits:0<9}").parse().ok()?;
            }
        }
    }
    Some(Nanos::from(seconds) * SECOND + fraction)
}

/// `Z`, `+01:00`, `-0230`, `+01` or nothing.
fn offset(reader: &mut Reader<'_>) -> Option<Nanos> {
    if reader.0.is_empty() || reader.take('Z') {
        return Some(0);
    }
    let sign = if reader.take('+') {
        1
    } else if reader.take('-') {
        -1
    } else {
        return None;
    };
    let hours = reader.digits(2, 0..=18)?;
    let minutes = if reader.take(':') || !reader.0.is_empty() { reader.digits(2, 0..=59)? } else { 0 };
    Some(Nanos::from(sign * (hours * 60 + minutes)) * 60 * SECOND)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_in_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

pub(super) fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = if year >= 1970 {
        (1970..year).map(days_in_year).sum()
    } else {
        -(year..1970).map(days_in_year).sum::<i64>()
    };
    let months: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    years + months + day - 1
}

/// Year, month and day of a day counted from 1970-01-01.
pub(super) fn calendar(mut days: Nanos) -> (i64, i64, i64) {
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += Nanos::from(days_in_year(year));
    }
    while days >= days_in_year(year).into() {
        days -= Nanos::from(days_in_year(year));
        year += 1;
    }
    let mut month = 1;
    while days >= days_in_month(year, month).into() {
        days -= Nanos::from(days_in_month(year, month));
        month += 1;
    }
    (year, month, days as i64 + 1)
}

/// ISO 8601 in UTC with three digits of a second, nine if milliseconds do not say it all: `1970-01-01T00:00:00.000Z`.
pub fn text(nanos: Nanos) -> String {
    let (year, month, day) = calendar(nanos.div_euclid(86_400 * SECOND));
    let rest = nanos.rem_euclid(86_400 * SECOND);
    let (seconds, fraction) = (rest / SECOND, rest % SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction =
        if fraction % MILLI == 0 { format!("{:03}", fraction / MILLI) } else { format!("{fraction:09}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_the_same_moment_agree() {
        let moment = parse("2017-08-30T20:47:33Z").unwrap();
        for text in [
            "2017-08-30T20:47:33",
            "2017-08-30T20:47:33.0Z",
            "2017-08-30T20:47:33,000000000Z",
            "2017-08-30T22:47:33+02:00",
            "2017-08-30T22:47:33+0200",
            "2017-08-30T19:17:33-01:30",
            "2017-08-30T22:47:33+02",
            "1504126053000",
            "1504126053000.000000",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
        assert_eq!(of_scalar(Scalar::Number("1.504126053e12")), Some(moment));
    }

    #[test]
    fn parts_left_out_are_the_first() {
        assert_eq!(parse("2020"), parse("2020-01-01T00:00:00.000Z"));
        assert_eq!(parse("2020-03"), parse("2020-03-01"));
        assert_eq!(parse("2020-03-01T05"), parse("2020-03-01T05:00:00"));
        assert_eq!(parse("2020-03-01T"), parse("2020-03-01"));
    }

    #[test]
    fn nanoseconds_are_kept() {
        assert_eq!(parse("1970-01-01T00:00:00.000000001Z"), Some(1));
        assert_eq!(parse("1.000001"), Some(1_000_001));
        assert_eq!(of_scalar(Scalar::Number("2017")), Some(2017 * MILLI));
        assert_eq!(parse("-1"), Some(-MILLI));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "x",
            "2020-13-01",
            "2020-02-30",
            "2021-02-29",
            "2020-1-1",
            "2020-01-01T24:00",
            "2020-01-01 00:00",
            "2020-01-01T00:00:00.",
            "2020-01-01T00:00:00.1234567890Z",
            "2020-01-01T00:00z",
            "2020-01-01Z",
            "1.5.2",
            "é123",
            "2020-01-01T00:00:00+1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn text_reads_back() {
        for text_form in [
            "1970-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "2000-02-29T12:34:56.789Z",
            "2024-12-31T23:59:59.123456789Z",
            "1601-01-01T00:00:00.000Z",
        ] {
            assert_eq!(text(parse(text_form).unwrap()), text_form);
        }
    }
}
