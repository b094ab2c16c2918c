//! Patterns of `wildcard` entries: `*` is any run, `?` one character, and a backslash escapes.
//!
//! In: the pattern as written. Out: the pattern that says the same in EQL's `like`, where nothing escapes, or as a regular
//! expression of Lucene where an escaped wildcard has to stay one.

/// A pattern in a form that conditions have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// For `like`.
    Like(String),
    /// For `regex`.
    Regex(String),
}

/// What a pattern means, and the first character that a backslash stands in front of without need.
///
/// Elasticsearch takes the backslash away there, too; whoever wrote `C:\Windows\*` meant something else.
pub(super) fn read(text: &str) -> (Pattern, Option<char>) {
    let (mut plain, mut regex) = (String::new(), String::new());
    let (mut escaped_wildcard, mut doubtful) = (false, None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => {
                plain.push('*');
                regex.push_str(".*");
            }
            '?' => {
                plain.push('?');
                regex.push('.');
            }
            '\\' => {
                let literal = letters.next().unwrap_or('\\');
                escaped_wildcard |= matches!(literal, '*' | '?');
                if !matches!(literal, '*' | '?' | '\\') {
                    doubtful = doubtful.or(Some(literal));
                }
                plain.push(literal);
                push_literal(&mut regex, literal);
            }
            other => {
                plain.push(other);
                push_literal(&mut regex, other);
            }
        }
    }
    (if escaped_wildcard { Pattern::Regex(regex) } else { Pattern::Like(plain) }, doubtful)
}

fn push_literal(regex: &mut String, letter: char) {
    if ".?+*|{}[]()\"\\#@&<>~^$-".contains(letter) {
        regex.push('\\');
    }
    regex.push(letter);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_away() {
        let like = |text: &str| Pattern::Like(text.to_owned());
        assert_eq!(read("a*b?"), (like("a*b?"), None));
        assert_eq!(read(r"C:\\Windows\\*"), (like(r"C:\Windows\*"), None));
        assert_eq!(read(r"C:\Windows"), (like("C:Windows"), Some('W')));
        assert_eq!(read("a\\"), (like("a\\"), None));
        assert_eq!(read(""), (like(""), None));
    }

    #[test]
    fn an_escaped_wildcard_is_itself() {
        assert_eq!(read(r"a\*.*"), (Pattern::Regex(r"a\*\..*".to_owned()), None));
        assert_eq!(read(r"\?"), (Pattern::Regex(r"\?".to_owned()), None));
    }
}
