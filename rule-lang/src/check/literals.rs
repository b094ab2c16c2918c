//! Whether a text is an address, a block of addresses, or a date.

use std::net::IpAddr;

/// Whether `text` is an IPv4 or IPv6 address.
pub(crate) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Whether `text` is an address with an optional prefix length. Host bits behind the prefix are allowed.
pub(crate) fn is_block(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return is_address(text) };
    let digits = !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let Ok(prefix) = prefix.parse::<u8>() else { return false };
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => digits && prefix <= 32,
        Ok(IpAddr::V6(_)) => digits && prefix <= 128,
        Err(_) => false,
    }
}

/// Whether `text` is a date (`2024-05-01`), a date with a time (`2024-05-01T10:00:00.5+02:00`), a year or a year with
/// a month, milliseconds since 1970, or date math (`now-1d`, `2024-05-01||/d`).
pub(crate) fn is_date(text: &str) -> bool {
    if text.strip_prefix("now").is_some_and(is_date_math) {
        return true;
    }
    if let Some((date, math)) = text.split_once("||") {
        return is_date(date) && is_date_math(math);
    }
    let millis = text.strip_prefix('-').unwrap_or(text);
    if !millis.is_empty() && millis.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    is_calendar_date(date) && time.is_none_or(|time| time.is_empty() || (date.len() == 10 && is_time(time)))
}

/// `+1d`, `-3h/d`, and so on; may be empty.
fn is_date_math(mut text: &str) -> bool {
    while let Some(operator) = text.chars().next() {
        if !matches!(operator, '+' | '-' | '/') {
            return false;
        }
        text = &text[1..];
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if operator == '/' && digits > 0 {
            return false;
        }
        text = &text[digits..];
        if !text.starts_with(['y', 'M', 'w', 'd', 'h', 'H', 'm', 's']) {
            return false;
        }
        text = &text[1..];
    }
    true
}

fn number(text: &str, length: usize) -> Option<u32> {
    let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`.
fn is_calendar_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let Some(year) = parts.next().and_then(|year| number(year, 4)) else { return false };
    let month = parts.next();
    let day = parts.next();
    if parts.next().is_some() {
        return false;
    }
    let Some(month) = month else { return true };
    let Some(month) = number(month, 2).filter(|month| (1..=12).contains(month)) else { return false };
    let Some(day) = day else { return true };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    number(day, 2).is_some_and(|day| (1..=days).contains(&day))
}

/// `hh`, `hh:mm`, `hh:mm:ss`, with a fraction and an offset.
fn is_time(text: &str) -> bool {
    let zone = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone);
    let (clock, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let in_range =
        parts.iter().zip([23, 59, 59]).all(|(part, most)| number(part, 2).is_some_and(|n| n <= most));
    let fraction_fits = fraction.is_none_or(|digits| {
        parts.len() == 3
            && (1..=9).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    parts.len() <= 3 && in_range && fraction_fits && is_offset(zone)
}

/// Nothing, `Z`, `+hh`, `+hhmm`, `+hh:mm`.
fn is_offset(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text.is_empty() || text == "Z" };
    let (hours, minutes) = match offset.len() {
        2 => (offset, "00"),
        4 if offset.is_ascii() => offset.split_at(2),
        5 => match offset.split_once(':') {
            Some(parts) => parts,
            None => return false,
        },
        _ => return false,
    };
    number(hours, 2).is_some_and(|hours| hours <= 18)
        && number(minutes, 2).is_some_and(|minutes| minutes <= 59)
}

#[cfg(test)]
mod tests {
    use super::{is_block, is_date};

    #[test]
    fn dates() {
        for date in [
            "2024-02-29",
            "2017-08-30T20:47:33Z",
            "1974-03-03T02:22:54.294365140Z",
            "2024-05-01T10:00+02:00",
            "2024",
            "2024-05",
            "1516116808349",
            "now-1d/d",
            "2024-05-01||+1M",
        ] {
            assert!(is_date(date), "{date}");
        }
        for date in
            ["2023-02-29", "2024-13-01", "", "yesterday", "2024-05-01T25:00Z", "2024-05-01 10:00", "now-"]
        {
            assert!(!is_date(date), "{date}");
        }
    }

    #[test]
    fn blocks() {
        for block in ["10.6.48.157/8", "::1", "fe80::/10", "127.0.0.1", "0.0.0.0/0", "::/128"] {
            assert!(is_block(block), "{block}");
        }
        for block in ["10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/+8", "host"] {
            assert!(!is_block(block), "{block}");
        }
    }
}
