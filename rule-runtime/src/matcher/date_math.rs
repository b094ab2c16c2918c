//! Date math over a time that is only known when the event is: `now-1d/d`.
//!
//! In: a moment, and the steps from there, made where rules are compiled. Out: the first and the last nanosecond that is
//! meant. Rounding makes a span of a moment; offsets move both ends.

use super::date::{days_from_epoch, days_in_month};

/// Nanoseconds of one second.
const SECOND: i128 = 1_000_000_000;
/// Nanoseconds of one day.
const DAY: i128 = 86_400 * SECOND;

/// The units of date math.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// `y`
    Year,
    /// `M`
    Month,
    /// `w`, beginning on Monday
    Week,
    /// `d`
    Day,
    /// `h`, `H`
    Hour,
    /// `m`
    Minute,
    /// `s`
    Second,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateStep {
    /// Moves by some units, backwards if negative.
    Add(i64, Unit),
    /// Takes the whole unit that the moment lies in.
    Round(Unit),
}

/// The first and the last nanosecond after some steps; `None` beyond the calendar.
///
/// ```
/// use rule_runtime::matcher::date_math::{DateStep, Unit, span};
/// let day = 86_400_000_000_000;
/// let yesterday = [DateStep::Add(-1, Unit::Day), DateStep::Round(Unit::Day)];
/// assert_eq!(span((3 * day + 5, 3 * day + 5), &yesterday), Some((2 * day, 3 * day - 1)));
/// ```
pub fn span(ends: (i128, i128), steps: &[DateStep]) -> Option<(i128, i128)> {
    steps.iter().try_fold(ends, |(first, last), step| {
        Some(match *step {
            DateStep::Add(count, unit) => (add(first, count, unit)?, add(last, count, unit)?),
            DateStep::Round(unit) => (floor(first, unit)?, add(floor(last, unit)?, 1, unit)? - 1),
        })
    })
}

/// A time moved by some units.
fn add(time: i128, count: i64, unit: Unit) -> Option<i128> {
    let months = match unit {
        Unit::Year => count.checked_mul(12)?,
        Unit::Month => count,
        _ => return time.checked_add(i128::from(count) * length(unit)),
    };
    let (year, month, day) = calendar(time)?;
    let month = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    if !(-9999..=9999).contains(&year) {
        return None;
    }
    let day = day.min(days_in_month(year, month));
    Some(i128::from(days_from_epoch(year, month, day)) * DAY + time.rem_euclid(DAY))
}

/// The start of the unit that a time lies in.
fn floor(time: i128, unit: Unit) -> Option<i128> {
    let (year, month, _) = calendar(time)?;
    Some(match unit {
        Unit::Year => i128::from(days_from_epoch(year, 1, 1)) * DAY,
        Unit::Month => i128::from(days_from_epoch(year, month, 1)) * DAY,
        // 1970-01-05 was a Monday.
        Unit::Week => time - (time - 4 * DAY).rem_euclid(7 * DAY),
        unit => time - time.rem_euclid(length(unit)),
    })
}

/// Nanoseconds of the units that are always as long; of a month and a year nothing of use.
const fn length(unit: Unit) -> i128 {
    match unit {
        Unit::Week => 7 * DAY,
        Unit::Day | Unit::Month | Unit::Year => DAY,
        Unit::Hour => 3_600 * SECOND,
        Unit::Minute => 60 * SECOND,
        Unit::Second => SECOND,
    }
}

/// Year, month and day of a time in the proleptic Gregorian calendar, in eras of 400 years that begin in March; `None`
/// far outside of the years of four digits.
fn calendar(time: i128) -> Option<(i64, i64, i64)> {
    let days = i64::try_from(time.div_euclid(DAY)).ok()?;
    if !(-4_400_000..2_933_000).contains(&days) {
        return None;
    }
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::super::date::parse;
    use super::*;

    #[test]
    fn the_calendar_is_the_inverse_of_days() {
        for day in (-800_000..2_900_000).step_by(13) {
            let (year, month, of_month) = calendar(i128::from(day) * DAY + 7).unwrap();
            assert_eq!(days_from_epoch(year, month, of_month), day);
            assert!((1..=days_in_month(year, month)).contains(&of_month));
        }
    }

    #[test]
    fn steps_move_and_round() {
        let now = parse(b"2024-03-31T15:42:07.500Z").unwrap();
        let at = |text: &str| parse(text.as_bytes()).unwrap();
        let span = |steps: &[DateStep]| span((now, now), steps).unwrap();
        assert_eq!(
            span(&[DateStep::Add(-1, Unit::Month)]),
            (at("2024-02-29T15:42:07.5"), at("2024-02-29T15:42:07.5"))
        );
        assert_eq!(span(&[DateStep::Round(Unit::Week)]), (at("2024-03-25"), at("2024-04-01") - 1));
        assert_eq!(
            span(&[DateStep::Round(Unit::Day), DateStep::Add(6, Unit::Hour)]),
            (at("2024-03-31T06"), at("2024-04-01T06") - 1)
        );
        assert_eq!(span(&[DateStep::Round(Unit::Year)]), (at("2024"), at("2025") - 1));
        assert_eq!(super::span((now, now), &[DateStep::Add(i64::MAX, Unit::Year)]), None);
    }
}
