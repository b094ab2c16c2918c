//! Dates as text.
//!
//! In: nanoseconds since 1970. Out: ISO 8601 in UTC, as Elasticsearch prints join keys. The other direction is
//! [`crate::matcher::date`]'s.

use std::fmt;

/// Nanoseconds of one day.
const DAY: i128 = 86_400_000_000_000;

/// Appends `1970-01-01T00:00:00.000Z`, with six or nine digits behind the point where there are any.
pub(super) fn write(nanos: i128, out: &mut dyn fmt::Write) -> fmt::Result {
    let (days, rest) = (nanos.div_euclid(DAY), nanos.rem_euclid(DAY));
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

/// The date of a day since 1970, in the proleptic Gregorian calendar with years that begin in March so that leap days
/// come last.
fn civil(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i128::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::date;

    fn text(nanos: i128) -> String {
        let mut out = String::new();
        write(nanos, &mut out).unwrap();
        out
    }

    #[test]
    fn as_many_places_as_needed() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(1_651_665_600_001_000_000), "2022-05-04T12:00:00.001Z");
        assert_eq!(text(1_500), "1970-01-01T00:00:00.000001500Z");
        assert_eq!(text(-1_000), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn text_reads_back() {
        for days in (-200_000_i128..300_000).step_by(997) {
            let nanos = days * DAY + days.rem_euclid(DAY / 1000) * 1_000_000;
            assert_eq!(date::parse(text(nanos).as_bytes()), Some(nanos), "{}", text(nanos));
        }
    }
}
