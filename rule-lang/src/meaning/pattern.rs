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
    let symbols = pattern.chars().map(|letter| match letter {
        '*' => Symbol::Run,
        '?' => Symbol::One,
        letter => Symbol::Is(letter),
    });
    matches(symbols, text, case)
}

/// Whether the whole of `text` is these parts with anything between them.
pub(crate) fn like_parts(parts: &[String], text: &str) -> bool {
    let part = |(at, part): (usize, &String)| {
        let run = (at > 0).then_some(Symbol::Run);
        run.into_iter().chain(part.chars().map(Symbol::Is)).collect::<Vec<_>>()
    };
    matches(parts.iter().enumerate().flat_map(part), text, Case::Sensitive)
}

enum Symbol {
    /// Any run of characters.
    Run,
    /// Any character.
    One,
    /// This character.
    Is(char),
}

fn matches(pattern: impl Iterator<Item = Symbol>, text: &str, case: Case) -> bool {
    let text: Vec<char> = text.chars().collect();
    // `reached[i]`: the pattern so far matches the first `i` characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for symbol in pattern {
        if let Symbol::Run = symbol {
            for i in 1..reached.len() {
                reached[i] = reached[i] || reached[i - 1];
            }
            continue;
        }
        for i in (1..reached.len()).rev() {
            let fits = match symbol {
                Symbol::Is(letter) => same(letter, text[i - 1], case),
                _ => true,
            };
            reached[i] = reached[i - 1] && fits;
        }
        reached[0] = false;
    }
    reached[text.len()]
}
