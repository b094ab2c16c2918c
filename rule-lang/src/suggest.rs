//! "Did you mean": the nearest known word for a misspelt one.
//!
//! In: a word and the words that would have been right. Out: the nearest of them, if one is near enough that a person
//! who meant it could have typed the word. Knows nothing of fields, keys or functions.

/// The candidate nearest to `word`, or `None` if none is near. Equal distances go to the first candidate.
///
/// Near means: at most one edit in words of up to four characters, two in words of up to eight, three above. An edit
/// is one character put in, left out, changed or swapped with its neighbour. ASCII case is not an edit.
///
/// ```
/// use rule_lang::suggest::nearest;
/// let functions = ["startsWith", "endsWith", "stringContains"];
/// assert_eq!(nearest("startswith", functions), Some("startsWith"));
/// assert_eq!(nearest("endWith", functions), Some("endsWith"));
/// assert_eq!(nearest("wildcard", functions), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, candidates, usize::MAX)
}

/// [`nearest`], but never by more than `most` edits.
pub(crate) fn nearest_within<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Option<&'a str> {
    let typed: Vec<char> = word.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut best = None;
    let mut limit = match typed.len() {
        0 => return None,
        1..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    // A word in which every letter would change is another word.
    limit = limit.min(typed.len() - 1).min(most);
    for candidate in candidates {
        let Some(edits) = edits_within(&typed, candidate, limit) else { continue };
        best = Some(candidate);
        match edits.checked_sub(1) {
            Some(nearer) => limit = nearer,
            None => break,
        }
    }
    best
}

/// How many edits turn `typed` into `candidate` (optimal string alignment), if that is at most `limit`.
fn edits_within(typed: &[char], candidate: &str, limit: usize) -> Option<usize> {
    // Thousands of field names pass through here; most leave before they are decoded.
    if typed.len() > candidate.len() + limit {
        return None;
    }
    let candidate: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
    if candidate.len() > typed.len() + limit || typed.len() > candidate.len() + limit {
        return None;
    }
    let mut second_above = Vec::new();
    let mut above: Vec<usize> = (0..=candidate.len()).collect();
    for (row, &left) in typed.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, &right) in candidate.iter().enumerate() {
            let changed = above[column] + usize::from(left != right);
            let mut edits = changed.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && left == candidate[column - 1] && typed[row - 1] == right {
                edits = edits.min(second_above[column - 1] + 1);
            }
            line.push(edits);
        }
        if line.iter().chain(&above).all(|&edits| edits > limit) {
            return None;
        }
        second_above = std::mem::replace(&mut above, line);
    }
    above.last().copied().filter(|&edits| edits <= limit)
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_within};

    #[test]
    fn one_edit_of_each_kind() {
        let words = ["severity", "interval"];
        for typed in ["severty", "severrity", "severitx", "sevreity", "SEVERITY"] {
            assert_eq!(nearest(typed, words), Some("severity"), "{typed}");
        }
    }

    #[test]
    fn the_nearest_wins_over_the_first() {
        assert_eq!(nearest("process.nam", ["process.args", "process.name"]), Some("process.name"));
        assert_eq!(nearest("tags", ["tag", "tagg"]), Some("tag"));
    }

    #[test]
    fn far_words_give_nothing() {
        assert_eq!(nearest("in", ["or", "like"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", ["a"]), None);
        assert_eq!(nearest("wildcard", ["like", "regex"]), None);
        assert_eq!(nearest("user.name", ["process.name"]), None);
    }

    #[test]
    fn a_smaller_limit_can_be_set() {
        assert_eq!(nearest("proces.nmae", ["process.name"]), Some("process.name"));
        assert_eq!(nearest_within("proces.nmae", ["process.name"], 1), None);
        assert_eq!(nearest_within("process.nmae", ["process.name"], 1), Some("process.name"));
    }

    #[test]
    fn distance_counts_characters_not_bytes() {
        assert_eq!(nearest("größe", ["grösse", "größer"]), Some("größer"));
    }
}
