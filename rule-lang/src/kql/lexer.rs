//! Text to tokens (kql.md section 2).
//!
//! A value without quotes is a run of characters with the blanks inside it; it ends at a special character, at `and` or
//! `or` between blanks, and at the word `not`. A bad token is reported and replaced by what was probably meant.

use super::ast::Text;
use super::token::{Kind, Token, Word, is_space, is_special};
use crate::diagnostic::{Diagnostic, codes::kql as codes};
use crate::eql::ast::CompareOp;
use crate::source::FileId;
use crate::span::Span;

/// All tokens of `text`, the last of them [`Kind::End`], and what was found on the way.
pub(super) fn tokenize(text: &str, file: FileId) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, file, at: 0, tokens: Vec::new(), diagnostics: Vec::new() };
    loop {
        let spaced = lexer.skip_spaces() || lexer.at == 0;
        if lexer.at == text.len() {
            break;
        }
        lexer.token(spaced);
    }
    let end = Span::at(text.len() as u32);
    lexer.tokens.push(Token { kind: Kind::End, span: end });
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    /// Offset of the next byte.
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

/// A text while it is read: what stands between wildcards, and where the last blank-free end of it is.
struct Run {
    parts: Vec<String>,
    /// Offset behind the last character that is no white space.
    end: usize,
}

impl Run {
    fn push(&mut self, letter: char) {
        if let Some(last) = self.parts.last_mut() {
            last.push(letter);
        }
    }

    /// The text without white space around it.
    fn finish(mut self) -> Text {
        if let Some(first) = self.parts.first_mut() {
            *first = first.trim_start().to_owned();
        }
        if let Some(last) = self.parts.last_mut() {
            last.truncate(last.trim_end().len());
        }
        match &mut *self.parts {
            [one] => Text::Plain(std::mem::take(one)),
            _ => Text::Pattern(self.parts),
        }
    }
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn letter(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let span = Span::new(start as u32, self.at as u32);
        self.tokens.push(Token { kind, span });
    }

    /// Skips white space; whether there was any.
    fn skip_spaces(&mut self) -> bool {
        let start = self.at;
        self.at += spaces(self.rest());
        self.at > start
    }

    /// One token; `spaced` tells whether white space or nothing stands in front of it.
    fn token(&mut self, spaced: bool) {
        let start = self.at;
        let (kind, length) = match (self.letter(), self.rest().as_bytes().get(1)) {
            (Some('('), _) => (Kind::LeftParen, 1),
            (Some(')'), _) => (Kind::RightParen, 1),
            (Some('{'), _) => (Kind::LeftBrace, 1),
            (Some('}'), _) => (Kind::RightBrace, 1),
            (Some(':'), _) => (Kind::Colon, 1),
            (Some('<'), Some(b'=')) => (Kind::Range(CompareOp::Le), 2),
            (Some('>'), Some(b'=')) => (Kind::Range(CompareOp::Ge), 2),
            (Some('<'), _) => (Kind::Range(CompareOp::Lt), 1),
            (Some('>'), _) => (Kind::Range(CompareOp::Gt), 1),
            (Some('"'), _) => return self.quoted(),
            _ => match self.word(spaced) {
                Some(word) => (word.kind(), word.text().len()),
                None => return self.unquoted(),
            },
        };
        self.at += length;
        self.push(kind, start);
    }

    /// The connecting word that stands here, if it is one here and not text. What lacks white space around it is
    /// reported.
    fn word(&mut self, spaced: bool) -> Option<Word> {
        let word = Word::at_start(self.rest())?;
        let behind = self.rest()[word.text().len()..].chars().next();
        let operand = self.tokens.last().is_some_and(|token| token.kind.ends_operand());
        match behind {
            // At the place of a value `and` and `or` are text, as in `tags: (or or and)`.
            Some(letter) if is_space(letter) && (word == Word::Not || operand) => {}
            Some('(' | '"') if word == Word::Not || operand => {
                self.space_wanted(word, self.at + word.text().len(), "behind");
            }
            _ => return None,
        }
        if !spaced && operand {
            self.space_wanted(word, self.at, "in front of");
        }
        Some(word)
    }

    fn space_wanted(&mut self, word: Word, at: usize, side: &str) {
        let length = word.text().len();
        let span = Span::new(self.at as u32, (self.at + length) as u32);
        let written = &self.text[span.range()];
        let message = format!("`{written}` needs white space {side} it");
        let repair = Span::at(at as u32);
        let diagnostic = Diagnostic::error(codes::WORD_WITHOUT_SPACE, self.file, span, message);
        self.diagnostics.push(diagnostic.suggest(repair, " "));
    }

    /// `"..."`; an escape that is none is a backslash.
    fn quoted(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut content = String::new();
        loop {
            match self.letter() {
                None => {
                    self.unclosed(start);
                    break;
                }
                Some('"') => {
                    self.at += 1;
                    break;
                }
                Some('\\') => self.quoted_escape(&mut content),
                Some(letter) => {
                    content.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
        self.push(Kind::Text(Text::Quoted(content)), start);
    }

    fn unclosed(&mut self, start: usize) {
        let span = Span::new(start as u32, start as u32 + 1);
        let diagnostic = Diagnostic::error(codes::UNTERMINATED, self.file, span, "this quote is not closed")
            .help("a quote inside quotes is written `\\\"`");
        self.diagnostics.push(diagnostic);
    }

    fn quoted_escape(&mut self, content: &mut String) {
        if let Some((letter, length)) = common_escape(self.rest()) {
            content.push(letter);
            self.at += length;
            return;
        }
        if let Some(letter @ ('\\' | '"')) = self.rest()[1..].chars().next() {
            content.push(letter);
            self.at += 2;
        } else {
            content.push('\\');
            self.at += 1;
        }
    }

    fn unquoted(&mut self) {
        let start = self.at;
        let mut run = Run { parts: vec![String::new()], end: start };
        while let Some(letter) = self.letter() {
            match letter {
                '*' => {
                    run.parts.push(String::new());
                    self.at += 1;
                    run.end = self.at;
                }
                '\\' => {
                    self.escape(&mut run);
                    run.end = self.at;
                }
                letter if is_special(letter) => break,
                letter if is_space(letter) => {
                    let blanks = spaces(self.rest());
                    if self.connects(blanks) {
                        break;
                    }
                    let from = self.at;
                    self.at += blanks;
                    self.text[from..self.at].chars().for_each(|blank| run.push(blank));
                }
                letter => {
                    self.doubt_not(&run);
                    run.push(letter);
                    self.at += letter.len_utf8();
                    run.end = self.at;
                }
            }
        }
        let after = self.at;
        self.at = run.end;
        self.push(Kind::Text(run.finish()), start);
        self.at = after;
    }

    /// Whether the blanks that stand here are followed by a word that ends the value.
    fn connects(&self, blanks: usize) -> bool {
        let rest = &self.rest()[blanks..];
        let Some(word) = Word::at_start(rest) else { return false };
        // Without white space behind it the word is reported when it is read.
        rest[word.text().len()..]
            .chars()
            .next()
            .is_some_and(|next| is_space(next) || matches!(next, '(' | '"'))
    }

    /// Warns of a word that ends in `not`: Kibana cuts the value in front of it.
    fn doubt_not(&mut self, run: &Run) {
        let inside = run.end == self.at && run.parts.last().is_some_and(|part| !part.is_empty());
        if !inside || Word::at_start(self.rest()) != Some(Word::Not) {
            return;
        }
        if !self.rest()[3..].starts_with(is_space) {
            return;
        }
        let span = Span::new(self.at as u32, self.at as u32 + 3);
        let message = "Kibana reads this `not` as the operator, even inside a word";
        let diagnostic = Diagnostic::warning(codes::NOT_INSIDE_WORD, self.file, span, message)
            .help("put the value into quotes");
        self.diagnostics.push(diagnostic);
    }

    /// An escape outside of quotes.
    fn escape(&mut self, run: &mut Run) {
        if let Some((letter, length)) = common_escape(self.rest()) {
            run.push(letter);
            self.at += length;
            return;
        }
        let behind = &self.rest()[1..];
        if let Some(letter) = behind.chars().next().filter(|letter| is_special(*letter)) {
            run.push(letter);
            self.at += 1 + letter.len_utf8();
        } else if let Some(word) = Word::at_start(behind) {
            let length = word.text().len();
            behind[..length].chars().for_each(|letter| run.push(letter));
            self.at += 1 + length;
        } else {
            self.bad_escape();
            run.push('\\');
            self.at += 1;
        }
    }

    fn bad_escape(&mut self) {
        let letter = self.rest()[1..].chars().next();
        let length = 1 + letter.map_or(0, char::len_utf8);
        let span = Span::new(self.at as u32, (self.at + length) as u32);
        let written = &self.text[span.range()];
        let message = match letter {
            Some(_) => {
                format!("`{}` is not an escape", written.escape_debug().to_string().replace("\\\\", "\\"))
            }
            None => "the query ends inside an escape".to_owned(),
        };
        let backslash = Span::new(span.start, span.start + 1);
        let diagnostic = Diagnostic::error(codes::BAD_ESCAPE, self.file, span, message)
            .help("a backslash is written twice outside of quotes")
            .suggest(backslash, "\\\\");
        self.diagnostics.push(diagnostic);
    }
}

/// How many bytes of white space `text` begins with.
fn spaces(text: &str) -> usize {
    text.find(|letter| !is_space(letter)).unwrap_or(text.len())
}

/// `\t`, `\r`, `\n` and `\uXXXX`: the character and the length of the escape.
fn common_escape(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().get(1)? {
        b't' => '\t',
        b'r' => '\r',
        b'n' if !is_escaped_not(text) => '\n',
        b'u' => {
            let digits = text.get(2..6)?;
            let code = u32::from_str_radix(digits, 16)
                .ok()
                .filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
            return Some((char::from_u32(code)?, 6));
        }
        _ => return None,
    };
    Some((letter, 2))
}

/// Whether `text` begins with `\not`, with the word at an end: then it is that word, not a line break.
fn is_escaped_not(text: &str) -> bool {
    let word = Word::at_start(&text[1..]) == Some(Word::Not);
    word && !text[4..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

/// A long text shortened for a message.
pub(super) fn clip(text: &str) -> String {
    const LENGTH: usize = 40;
    if text.chars().count() <= LENGTH {
        return text.to_owned();
    }
    text.chars().take(LENGTH).chain(['.', '.']).collect()
}
