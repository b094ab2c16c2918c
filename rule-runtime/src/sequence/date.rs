//! Dates as Elasticsearch reads them by default (`strict_date_optional_time||epoch_millis`).
//!
//! In: a value of a date field. Out: nanoseconds since 1970, saturating. Knows nothing of time zones by name.

use crate::event::Scalar;

/// Nanoseconds since 1970 of a date value.
pub(super) fn nanos(value: Scalar<'_>) -> Option<i64> {
    match value {
        Scalar::Bool(_) => None,
        Scalar::Number(text) => epoch_millis(text),
        Scalar::Text(text) => iso(text).or_else(|| epoch_millis(text)),
    }
}

/// A decimal number of milliseconds; up to six digits behind the point are nanoseconds.
fn epoch_millis(text: &[u8]) -> Option<i64> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if rest.iter().any(|b| matches!(b, b'e' | b'E')) {
        let millis = super::number::Decimal::parse(text)?.to_i64();
        return Some(millis.saturating_mul(1_000_000));
    }
    let point = rest.iter().position(|&b| b == b'.').unwrap_or(rest.len());
    let mut value: i128 = 0;
    if point == 0 || point > 30 {
        return None;
    }
    for &digit in &rest[..point] {
        value = value * 10 + i128::from(digit_of(digit)?);
    }
    let fraction = rest.get(point + 1..).unwrap_or(&[]);
    value = value * 1_000_000 + i128::from(scaled(fraction, 6)?);
    Some(saturate(if negative { -value } else { value }))
}

/// `2022-05-04`, `2022-05-04T12:00`, `2022-05-04T12:00:00.123456789+02:00`, and years or months alone.
fn iso(text: &[u8]) -> Option<i64> {
    let mut at = Cursor { text };
    let year = at.number(4)?;
    let mut month = 1;
    let mut day = 1;
    if at.eat(b'-') {
        month = at.number(2)?;
        if at.eat(b'-') {
            day = at.number(2)?;
        }
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > days {
        return None;
    }
    let (seconds, fraction) = if at.eat(b'T') { time(&mut at)? } else { (0, 0) };
    if !at.text.is_empty() {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + seconds;
    Some(saturate(i128::from(seconds) * 1_000_000_000 + i128::from(fraction)))
}

/// Seconds of the day less the zone's offset, and nanoseconds.
fn time(at: &mut Cursor<'_>) -> Option<(i64, i64)> {
    let mut seconds = 0;
    let mut fraction = 0;
    if !at.text.is_empty() {
        seconds = limited(at.number(2)?, 23)? * 3600;
        if at.eat(b':') {
            seconds += limited(at.number(2)?, 59)? * 60;
            if at.eat(b':') {
                seconds += limited(at.number(2)?, 59)?;
                if at.eat(b'.') || at.eat(b',') {
                    fraction = at.fraction()?;
                }
            }
        }
    }
    if at.eat(b'Z') {
        return Some((seconds, fraction));
    }
    let sign = if at.eat(b'+') {
        1
    } else if at.eat(b'-') {
        -1
    } else {
        return Some((seconds, fraction));
    };
    let hours = limited(at.number(2)?, 18)?;
    at.eat(b':');
    let minutes = if at.text.is_empty() { 0 } else { limited(at.number(2)?, 59)? };
    Some((seconds - sign * (hours * 3600 + minutes * 60), fraction))
}

struct Cursor<'t> {
    text: &'t [u8],
}

impl Cursor<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.text.first() == Some(&byte);
        if found {
            self.text = &self.text[1..];
        }
        found
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, rest) = self.text.split_at_checked(digits)?;
        self.text = rest;
        head.iter().try_fold(0, |value, &digit| Some(value * 10 + digit_of(digit)?))
    }

    fn fraction(&mut self) -> Option<i64> {
        let len = self.text.iter().take_while(|b| b.is_ascii_digit()).count();
        let (head, rest) = self.text.split_at(len);
        self.text = rest;
        if head.is_empty() { None } else { scaled(head, 9) }
    }
}

fn limited(value: i64, most: i64) -> Option<i64> {
    (value <= most).then_some(value)
}

fn digit_of(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// Digits behind a point as an integer of `places` digits; what is beyond is cut off.
fn scaled(digits: &[u8], places: usize) -> Option<i64> {
    let mut value = 0;
    for i in 0..places.max(digits.len()) {
        let digit = digits.get(i).map_or(Some(0), |&byte| digit_of(byte))?;
        if i < places {
            value = value * 10 + digit;
        }
    }
    Some(value)
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// Days in the proleptic Gregorian calendar, with years that begin in March so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Appends `1970-01-01T00:00:00.000Z`, with six or nine digits behind the point where there are any.
pub(super) fn write(nanos: i64, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
    let (days, rest) = (nanos.div_euclid(86_400_000_000_000), nanos.rem_euclid(86_400_000_000_000));
    let (year, month, day) = civil(days);
    let (seconds, fraction) = (rest / 1_000_000_000, rest % 1_000_000_000);
    write!(out, "{year:04}-{month:02}-{day:02}T")?;
    write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
    match fraction {
        _ if fraction % 1_000_000 == 0 => write!(out, ".{:03}Z", fraction / 1_000_000),
        _ if fraction % 1_000 == 0 => write!(out, ".{:06}Z", fraction / 1_000),
        _ => write!(out, ".{fraction:09}Z"),
    }
}

/// The date of a day: the inverse of [`days_since_1970`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<i64> {
        nanos(Scalar::Text(text.as_bytes()))
    }

    #[test]
    fn forms_of_one_moment() {
        let expected = Some(1_651_665_600_000_000_000);
        for form in [
            "2022-05-04T12:00:00.000Z",
            "2022-05-04T12:00:00Z",
            "2022-05-04T12:00Z",
            "2022-05-04T12",
            "2022-05-04T14:00:00+02:00",
            "2022-05-04T07:30:00.0-0430",
            "1651665600000",
            "1651665600000.0",
            "1.6516656e12",
        ] {
            assert_eq!(text(form), expected, "{form}");
        }
        assert_eq!(nanos(Scalar::Number(b"1651665600000")), expected);
        assert_eq!(text("1970-01-01T00:00:00.123456789Z"), Some(123_456_789));
        assert_eq!(text("-1.5"), Some(-1_500_000));
        assert_eq!(text("2022"), text("2022-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for form in [
            "",
            "x",
            "2022-13-01",
            "2022-02-29",
            "2022-05-04T24:00Z",
            "2022-05-04T12:00:00.Z",
            "2022-05-04Tx",
        ] {
            assert_eq!(text(form), None, "{form}");
        }
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-150_000..150_000).step_by(37) {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
        let mut out = String::new();
        write(1_651_665_600_001_000_000, &mut out).unwrap();
        assert_eq!(out, "2022-05-04T12:00:00.001Z");
    }
}
