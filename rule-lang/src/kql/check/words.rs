//! Values of analysed fields: the words and patterns of words in them (kql.md section 3).

use super::super::ast::Text;
use super::Checker;
use crate::diagnostic::codes::kql as codes;
use crate::meaning::words::{lower_case, words};
use crate::span::Span;

/// Phrases and patterns of words.
type Words = (Vec<Vec<String>>, Vec<Vec<String>>);

impl Checker<'_> {
    /// What a value asks of the words of a field: in quotes all its words in a row, otherwise any of them.
    pub(super) fn words(&mut self, text: &Text, span: Span) -> Words {
        let found = match text {
            Text::Quoted(text) => {
                let phrase = words(text);
                (if phrase.is_empty() { Vec::new() } else { vec![phrase] }, Vec::new())
            }
            Text::Plain(text) => (single(text), Vec::new()),
            Text::Pattern(parts) => self.pattern_words(parts, span),
        };
        if found.0.is_empty() && found.1.is_empty() {
            let message = format!("[{}] has no word, so it matches nothing", text.shown());
            let help = "fields of text are compared word by word, without punctuation";
            self.warning(codes::NO_WORDS, span, message, help);
        }
        found
    }

    /// The words of a text with wildcards, which blanks separate; each of them a pattern, or text.
    fn pattern_words(&mut self, parts: &[String], span: Span) -> Words {
        let (mut phrases, mut patterns) = (Vec::new(), Vec::new());
        for term in terms(parts) {
            if let [text] = &*term {
                phrases.extend(single(text));
                continue;
            }
            let never = |letter: char| {
                letter.is_ascii() && !letter.is_ascii_alphanumeric() && !"_.,;':".contains(letter)
            };
            if term.iter().any(|part| part.contains(never)) {
                let message = format!("no word matches [{}]", term.join("*"));
                let help = "this field is compared word by word, and words have no such characters";
                self.warning(codes::NO_WORDS, span, message, help);
            }
            patterns.push(term.iter().map(|part| lower_case(part)).collect());
        }
        (phrases, patterns)
    }
}

/// Each word a phrase by itself.
fn single(text: &str) -> Vec<Vec<String>> {
    words(text).into_iter().map(|word| vec![word]).collect()
}

/// The parts between wildcards, cut at blanks.
fn terms(parts: &[String]) -> Vec<Vec<String>> {
    let mut terms = vec![Vec::new()];
    for part in parts {
        for (at, piece) in part.split(char::is_whitespace).enumerate() {
            if at > 0 {
                terms.push(Vec::new());
            }
            if let Some(term) = terms.last_mut() {
                term.push(piece.to_owned());
            }
        }
    }
    terms.retain(|term| term.len() > 1 || term.iter().any(|piece| !piece.is_empty()));
    terms
}
