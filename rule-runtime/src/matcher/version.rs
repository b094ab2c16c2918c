//! The order of software versions, as an Elasticsearch `version` field has it.
//!
//! A version is `1.2.3` with any number of parts, `-pre.release.1` and `+build` behind it. Parts compare as numbers,
//! a version with fewer parts is before one with more, a pre-release is before its release, number identifiers are
//! before others. Text that is no version is behind all versions, in byte order.

use std::cmp::Ordering;

/// Compares two versions.
///
/// ```
/// use rule_runtime::matcher::version;
/// use std::cmp::Ordering;
/// assert_eq!(version::compare(b"8.9.1", b"8.15.0"), Ordering::Less);
/// assert_eq!(version::compare(b"8.15.0-rc1", b"8.15.0"), Ordering::Less);
/// ```
pub fn compare(left: &[u8], right: &[u8]) -> Ordering {
    match (Version::parse(left), Version::parse(right)) {
        // Texts that differ in leading zeros or in the build are different versions.
        (Some(parsed), Some(other)) => parsed.compare(&other).then_with(|| left.cmp(right)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

struct Version<'t> {
    main: &'t [u8],
    pre_release: Option<&'t [u8]>,
}

impl<'t> Version<'t> {
    fn parse(text: &'t [u8]) -> Option<Self> {
        let text = match split(text, b'+') {
            Some((_, build)) if !identifiers(build) => return None,
            Some((text, _)) => text,
            None => text,
        };
        let (main, pre_release) = match split(text, b'-') {
            Some((_, pre_release)) if !identifiers(pre_release) => return None,
            Some((main, pre_release)) => (main, Some(pre_release)),
            None => (text, None),
        };
        let parts = main.split(|byte| *byte == b'.');
        parts.into_iter().all(number).then_some(Self { main, pre_release })
    }

    fn compare(&self, other: &Self) -> Ordering {
        compare_parts(self.main, other.main).then_with(|| match (self.pre_release, other.pre_release) {
            (Some(left), Some(right)) => compare_parts(left, right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        })
    }
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == at)?;
    Some((&text[..at], &text[at + 1..]))
}

fn number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    &digits[zeros..]
}

fn identifiers(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    text.split(|byte| *byte == b'.').all(|part| !part.is_empty() && part.iter().all(plain))
}

fn compare_parts(left: &[u8], right: &[u8]) -> Ordering {
    let dot = |byte: &u8| *byte == b'.';
    let mut left = left.split(dot);
    let mut right = right.split(dot);
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => compare_part(left, right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_part(left: &[u8], right: &[u8]) -> Ordering {
    match (number(left), number(right)) {
        (true, true) => {
            let (left, right) = (without_zeros(left), without_zeros(right));
            left.len().cmp(&right.len()).then_with(|| left.cmp(right))
        }
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let ascending = [
            "1.0-alpha",
            "1.0",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1.0.0",
            "1.0.0+build",
            "1.2.9",
            "1.2.10",
            "02",
            "2",
            "10.0",
            "",
            "latest",
        ];
        for (at, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(compare(left.as_bytes(), right.as_bytes()), at.cmp(&other), "{left} {right}");
            }
        }
    }
}
