//! Dates as spans of time, and date math: `2024-05`, `now-1d/d`, `2024-05-01||+1M/w`.
//!
//! In: a text and the time that `now` is. Out: the first and the last nanosecond it stands for. A date without its last
//! parts is all of the span it names; rounding (`/d`) makes a span of a moment, and offsets move both ends.

use super::date::{Nanos, SECOND, calendar, days_from_epoch, days_in_month, parse};

const DAY: Nanos = 86_400 * SECOND;

/// The first and the last nanosecond of what `text` names; `None` for what is no date, or if it asks for a `now` that is
/// not known.
pub(crate) fn span(text: &str, now: Option<Nanos>) -> Option<(Nanos, Nanos)> {
    let (base, math) = match (text.strip_prefix("now"), text.split_once("||")) {
        (Some(math), _) => ((now?, now?), math),
        (None, Some((date, math))) => (date_span(date)?, math),
        (None, None) => (date_span(text)?, ""),
    };
    let mut ends = base;
    let mut rest = math;
    while let Some(operator) = rest.chars().next() {
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = if digits == 0 { 1 } else { rest[1..=digits].parse().ok()? };
        let unit = rest[1 + digits..].chars().next()?;
        ends = match operator {
            '+' => (add(ends.0, count, unit)?, add(ends.1, count, unit)?),
            '-' => (add(ends.0, -count, unit)?, add(ends.1, -count, unit)?),
            '/' => (floor(ends.0, unit)?, add(floor(ends.1, unit)?, 1, unit)? - 1),
            _ => return None,
        };
        rest = &rest[2 + digits..];
    }
    Some(ends)
}

/// A date by what it leaves out.
fn date_span(text: &str) -> Option<(Nanos, Nanos)> {
    let first = parse(text)?;
    let unit = match text.split_once('T') {
        Some((_, "")) => 'd',
        Some((_, time)) if time.contains(['.', ',']) => return Some((first, first)),
        Some((_, time)) => {
            let clock = time.split(['Z', '+', '-']).next().unwrap_or_default();
            ['h', 'm', 's'][clock.matches(':').count().min(2)]
        }
        None => match (text.len(), text.matches('-').count()) {
            (4, 0) => 'y',
            (7, 1) if text.as_bytes()[4] == b'-' => 'M',
            (10, 2) => 'd',
            _ => return Some((first, first)),
        },
    };
    Some((first, add(first, 1, unit)? - 1))
}

/// A time moved by some units; `None` beyond the calendar.
fn add(time: Nanos, count: i64, unit: char) -> Option<Nanos> {
    let moved = match unit {
        'y' | 'M' => {
            let months = count.checked_mul(if unit == 'y' { 12 } else { 1 })?;
            let (year, month, day) = checked_calendar(time)?;
            let month = (year * 12 + month - 1).checked_add(months)?;
            let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
            if !(-9999..=9999).contains(&year) {
                return None;
            }
            let day = day.min(days_in_month(year, month));
            Nanos::from(days_from_epoch(year, month, day)) * DAY + time.rem_euclid(DAY)
        }
        'w' => time.checked_add(Nanos::from(count) * 7 * DAY)?,
        'd' => time.checked_add(Nanos::from(count) * DAY)?,
        'h' | 'H' => time.checked_add(Nanos::from(count) * 3600 * SECOND)?,
        'm' => time.checked_add(Nanos::from(count) * 60 * SECOND)?,
        's' => time.checked_add(Nanos::from(count) * SECOND)?,
        _ => return None,
    };
    Some(moved)
}

/// The start of the unit that a time lies in. Weeks begin on Monday.
fn floor(time: Nanos, unit: char) -> Option<Nanos> {
    let length = match unit {
        'y' | 'M' => {
            let (year, month, _) = checked_calendar(time)?;
            let month = if unit == 'y' { 1 } else { month };
            return Some(Nanos::from(days_from_epoch(year, month, 1)) * DAY);
        }
        // 1970-01-01 was a Thursday.
        'w' => return Some((time + 3 * DAY).div_euclid(7 * DAY) * 7 * DAY - 3 * DAY),
        'd' => DAY,
        'h' | 'H' => 3600 * SECOND,
        'm' => 60 * SECOND,
        's' => SECOND,
        _ => return None,
    };
    Some(time.div_euclid(length) * length)
}

/// The calendar day of a time of the years that are written with four digits, and of as many before.
fn checked_calendar(time: Nanos) -> Option<(i64, i64, i64)> {
    let days = time.div_euclid(DAY);
    (-4_400_000..2_933_000).contains(&days).then(|| calendar(days))
}

#[cfg(test)]
mod tests {
    use super::super::date::text;
    use super::*;

    fn ends(date: &str) -> String {
        let now = parse("2024-03-31T15:42:07.500Z");
        let (first, last) = span(date, now).unwrap_or_else(|| panic!("{date}"));
        format!("{} {}", text(first), text(last))
    }

    #[test]
    fn a_date_is_all_that_it_names() {
        for (date, first, last) in [
            ("2024", "2024-01-01T00:00:00.000Z", "2024-12-31T23:59:59.999999999Z"),
            ("2024-02", "2024-02-01T00:00:00.000Z", "2024-02-29T23:59:59.999999999Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999999999Z"),
            ("2024-02-29T", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999999999Z"),
            ("2024-02-29T10+02:00", "2024-02-29T08:00:00.000Z", "2024-02-29T08:59:59.999999999Z"),
            ("2024-02-29T10:30Z", "2024-02-29T10:30:00.000Z", "2024-02-29T10:30:59.999999999Z"),
            ("2024-02-29T10:30:05", "2024-02-29T10:30:05.000Z", "2024-02-29T10:30:05.999999999Z"),
            ("2024-02-29T10:30:05.5", "2024-02-29T10:30:05.500Z", "2024-02-29T10:30:05.500Z"),
            ("86400000", "1970-01-02T00:00:00.000Z", "1970-01-02T00:00:00.000Z"),
        ] {
            assert_eq!(ends(date), format!("{first} {last}"), "{date}");
        }
    }

    #[test]
    fn math_moves_and_rounds() {
        for (date, first, last) in [
            ("now", "2024-03-31T15:42:07.500Z", "2024-03-31T15:42:07.500Z"),
            ("now-1M", "2024-02-29T15:42:07.500Z", "2024-02-29T15:42:07.500Z"),
            ("now-1y+1d", "2023-04-01T15:42:07.500Z", "2023-04-01T15:42:07.500Z"),
            ("now/d", "2024-03-31T00:00:00.000Z", "2024-03-31T23:59:59.999999999Z"),
            ("now/w", "2024-03-25T00:00:00.000Z", "2024-03-31T23:59:59.999999999Z"),
            ("now-2w/M", "2024-03-01T00:00:00.000Z", "2024-03-31T23:59:59.999999999Z"),
            ("now-1d/d+6h", "2024-03-30T06:00:00.000Z", "2024-03-31T05:59:59.999999999Z"),
            ("now+d/y", "2024-01-01T00:00:00.000Z", "2024-12-31T23:59:59.999999999Z"),
            ("now-90m/H", "2024-03-31T14:00:00.000Z", "2024-03-31T14:59:59.999999999Z"),
            ("2024-01-31||+1M", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999999999Z"),
            ("2024-05-01T10:00||/m-1s", "2024-05-01T09:59:59.000Z", "2024-05-01T10:00:58.999999999Z"),
        ] {
            assert_eq!(ends(date), format!("{first} {last}"), "{date}");
        }
        assert_eq!(span("now-1d", None), None);
        assert_eq!(span("now-99999999999y", Some(0)), None);
        assert_eq!(span("tomorrow", Some(0)), None);
    }
}
