//! Software versions: two texts in, their order out, as Elasticsearch's `version` fields have it.
//!
//! `major.minor.patch` compare as numbers, a pre-release stands before its release, and what is no version stands
//! after all versions in the order of its text. Only equal texts are equal.

use std::cmp::Ordering;

/// Orders two versions.
///
/// ```
/// use std::cmp::Ordering::Less;
/// use rule_lang::meaning::version::compare;
/// assert_eq!(compare("1.2.4", "1.11.3"), Less);
/// assert_eq!(compare("1.2.4-SNAPSHOT", "1.2.4"), Less);
/// assert_eq!(compare("99.0.0", "bad"), Less);
/// ```
pub fn compare(left: &str, right: &str) -> Ordering {
    match (Version::parse(left), Version::parse(right)) {
        (Some(a), Some(b)) => a.compare(&b).then_with(|| left.cmp(right)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

struct Version<'t> {
    numbers: Vec<&'t str>,
    pre_release: Option<&'t str>,
}

impl<'t> Version<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let (rest, build) = split_off(text, '+');
        let (numbers, pre_release) = split_off(rest, '-');
        let numbers: Vec<_> = numbers.split('.').collect();
        let identifiers = |text: Option<&str>| {
            text.is_none_or(|text| {
                text.split('.').all(|part| {
                    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                })
            })
        };
        let well_formed =
            numbers.iter().all(|n| is_number(n)) && identifiers(pre_release) && identifiers(build);
        well_formed.then_some(Self { numbers, pre_release })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.iter().zip(&other.numbers).map(|(a, b)| compare_numbers(a, b));
        let numbers = numbers.fold(Ordering::Equal, Ordering::then);
        numbers.then(self.numbers.len().cmp(&other.numbers.len())).then_with(|| {
            match (self.pre_release, other.pre_release) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) => compare_pre_releases(a, b),
            }
        })
    }
}

fn split_off(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Numbers of any length, so by length and then by digits.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then(a.cmp(b))
}

fn compare_pre_releases(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<_>, Vec<_>) = (a.split('.').collect(), b.split('.').collect());
    let parts = a.iter().zip(&b).map(|(a, b)| match (is_number(a), is_number(b)) {
        (true, true) => compare_numbers(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    });
    parts.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_order() {
        let ordered = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0",
            "1.0.0+x",
            "1.2",
            "1.2.4-SNAPSHOT",
            "1.2.4",
            "1.2.10",
            "1.10.0",
            "20.1.0",
            "20.10.0",
            "",
            "1.x",
            "bad",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }
}
