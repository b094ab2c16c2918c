//! Wildcard patterns of `:`, `like` and `like~` (eql.md section 7).
//!
//! `*` is any run of characters, `?` exactly one, nothing escapes, the whole value must match.

use crate::eql::ast::Case;

/// Whether two characters are the same; only ASCII letters have a case.
pub(crate) fn same(a: char, b: char, case: Case) -> bool {
    match case {
        Case::Sensitive => a == b,
        Case::Insensitive => a.eq_ignore_ascii_case(&b),
    }
}

/// Whether the whole of `text` matches `pattern`.
///
/// ```
/// use rule_lang::eql::ast::Case;
/// use rule_lang::meaning::like;
/// assert!(like("D?c*", "Doc\n", Case::Sensitive));
/// assert!(!like("D?c*", "doc", Case::Sensitive));
/// ```
pub fn like(pattern: &str, text: &str, case: Case) -> bool {
    let text: Vec<char> = text.chars().collect();
    // `reached[i]`: the pattern so far matches the first `i` characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for p in pattern.chars() {
        if p == '*' {
            for i in 1..reached.len() {
                reached[i] = reached[i] || reached[i - 1];
            }
        } else {
            for i in (1..reached.len()).rev() {
                reached[i] = reached[i - 1] && (p == '?' || same(p, text[i - 1], case));
            }
            reached[0] = false;
        }
    }
    reached[text.len()]
}
