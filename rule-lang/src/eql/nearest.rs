//! The nearest known name to a misspelt one, for "did you mean".

/// The candidate that differs least from `name`, if it differs little enough to be meant: by at most a third of the
/// longer name's letters. Case does not count. Of equally near ones the first.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(name, candidates, usize::MAX)
}

/// [`nearest`], but never by more than `most` letters.
pub(crate) fn nearest_within<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let known: Vec<char> = candidate.to_lowercase().chars().collect();
        let limit = best.map_or_else(
            || wanted.len().max(known.len()).div_euclid(3).saturating_add(1).min(most.saturating_add(1)),
            |(distance, _)| distance,
        );
        if wanted.len().abs_diff(known.len()) >= limit.max(1) {
            continue;
        }
        let distance = distance(&wanted, &known);
        if distance < limit.max(1) && candidate != name {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements, and swaps of neighbours that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before_last[j - 2] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["process.name", "process.pid", "md5", "startsWith"];
        assert_eq!(nearest("proces.nmae", known), Some("process.name"));
        assert_eq!(nearest("md4", known), Some("md5"));
        assert_eq!(nearest("startwith", known), Some("startsWith"));
        assert_eq!(nearest("user.name", known), None);
        assert_eq!(nearest("STARTSWITH", known), Some("startsWith"));
    }
}
