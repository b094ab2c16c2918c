//! Text to tokens (eql.md section 1).
//!
//! A bad token is reported and replaced by what was probably meant, so that the parser can go on and find more.

use super::ast::{CompareOp, Number};
use super::escape::unescape;
use super::token::{Keyword, Kind, Token, begins_name, continues_name};
use crate::diagnostic::{Diagnostic, codes::eql as codes};
use crate::source::FileId;
use crate::span::Span;

/// All tokens of `text`, the last of them [`Kind::End`], and what was wrong with them.
pub(super) fn tokenize(text: &str, file: FileId) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, file, at: 0, tokens: Vec::new(), diagnostics: Vec::new() };
    while lexer.skip_blanks() {
        lexer.token();
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

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let span = self.span_from(start);
        self.tokens.push(Token { kind, span });
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Skips white space and comments; false at the end of the text.
    fn skip_blanks(&mut self) -> bool {
        loop {
            match self.byte(0) {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' if self.byte(1) == b'/' => self.at += line_length(self.rest()),
                b'/' if self.byte(1) == b'*' => self.skip_block_comment(),
                _ => return self.at < self.text.len(),
            }
        }
    }

    /// Block comments nest.
    fn skip_block_comment(&mut self) {
        let start = self.at;
        let mut open = 0;
        while self.at < self.text.len() {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') => {
                    open += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    open -= 1;
                    self.at += 2;
                    if open == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        let span = Span::new(start as u32, start as u32 + 2);
        let message = "a block comment is not closed";
        self.report(
            Diagnostic::error(codes::UNTERMINATED, self.file, span, message)
                .help("close it with `*/`; block comments nest, so each `/*` wants its own"),
        );
    }

    fn token(&mut self) {
        let start = self.at;
        match self.byte(0) {
            byte if begins_name(byte) => self.name(),
            byte if byte.is_ascii_digit() => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => self.number(),
            b'"' if self.rest().starts_with("\"\"\"") => self.raw_string(),
            b'"' => self.string(b'"'),
            b'\'' => self.single_quoted(),
            b'?' if matches!(self.byte(1), b'"' | b'\'') => self.endgame_raw_string(),
            b'`' => self.backticks(),
            _ => match self.punctuation() {
                Some((kind, length)) => {
                    self.at += length;
                    self.push(kind, start);
                }
                None => self.unknown(),
            },
        }
    }

    fn name(&mut self) {
        let start = self.at;
        self.at += 1;
        while continues_name(self.byte(0)) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        if self.byte(0) == b'~' {
            self.at += 1;
            let kind = Keyword::from_word(&self.text[start..self.at]).map_or(Kind::TildeIdent, Kind::Keyword);
            return self.push(kind, start);
        }
        let kind = Keyword::from_word(word).map_or(Kind::Ident, Kind::Keyword);
        self.push(kind, start);
    }

    /// `1`, `1.`, `.5`, `1.5`, `1e3`, `.5E-2`; the smallest type that holds it.
    fn number(&mut self) {
        let start = self.at;
        self.digits();
        let mut decimal = false;
        if self.byte(0) == b'.' {
            decimal = true;
            self.at += 1;
            self.digits();
        }
        let signed = matches!(self.byte(1), b'+' | b'-');
        if matches!(self.byte(0), b'e' | b'E') && self.byte(1 + usize::from(signed)).is_ascii_digit() {
            decimal = true;
            self.at += 1 + usize::from(signed);
            self.digits();
        }
        let written = &self.text[start..self.at];
        let number = number_value(written, decimal).unwrap_or_else(|| {
            let message = format!("number [{}] is too large", clip(written));
            let span = self.span_from(start);
            self.diagnostics.push(Diagnostic::error(codes::NUMBER_TOO_LARGE, self.file, span, message));
            Number::Int(0)
        });
        self.push(Kind::Number(number), start);
    }

    fn digits(&mut self) {
        while self.byte(0).is_ascii_digit() {
            self.at += 1;
        }
    }

    /// `"""..."""`: no escapes, no line breaks; up to two more quotes before the end are content.
    fn raw_string(&mut self) {
        let start = self.at;
        let line = line_length(self.rest());
        let body = &self.rest()[3..line];
        let Some(close) = body.find("\"\"\"") else {
            self.at += self.rest()[3..].find("\"\"\"").map_or(line, |close| close + 6);
            let message = "a raw string is not closed on its line";
            let diagnostic =
                Diagnostic::error(codes::UNTERMINATED, self.file, self.span_from(start), message)
                    .help("close it with `\"\"\"`; a raw string cannot contain a line break");
            self.report(diagnostic);
            return self.push(Kind::Text(String::new()), start);
        };
        let extra = body[close + 3..].bytes().take(2).take_while(|&byte| byte == b'"').count();
        let content = body[..close + extra].to_owned();
        self.at += 3 + close + extra + 3;
        self.push(Kind::Text(content), start);
    }

    /// A string between `quote`s, with escapes, on one line.
    fn string(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        let mut content = String::new();
        loop {
            match self.rest().chars().next() {
                None | Some('\n' | '\r') => {
                    let message = "a string is not closed on its line";
                    let span = self.span_from(start);
                    self.report(
                        Diagnostic::error(codes::UNTERMINATED, self.file, span, message)
                            .help("close it with a double quote; write a line break as `\\n`"),
                    );
                    break;
                }
                Some('\\') => self.escape(&mut content),
                Some(letter) => {
                    self.at += letter.len_utf8();
                    if letter == char::from(quote) {
                        break;
                    }
                    content.push(letter);
                }
            }
        }
        self.push(Kind::Text(content), start);
    }

    fn escape(&mut self, content: &mut String) {
        let rest = self.rest();
        let line = &rest[..line_length(rest)];
        match unescape(line) {
            Ok((letter, length)) => {
                content.push(letter);
                self.at += length;
            }
            Err(bad) => {
                let span = Span::new(self.at as u32, (self.at + bad.length) as u32);
                let mut diagnostic = Diagnostic::error(codes::BAD_ESCAPE, self.file, span, bad.message);
                if let Some(help) = bad.help {
                    diagnostic = diagnostic.help(help);
                }
                self.report(diagnostic);
                self.at += bad.length;
            }
        }
    }

    fn single_quoted(&mut self) {
        let start = self.at;
        let before = self.diagnostics.len();
        self.string(b'\'');
        self.diagnostics.truncate(before);
        let message = "use double quotes [\"] to define string literals, not single quotes [']";
        let span = self.span_from(start);
        let mut diagnostic = Diagnostic::error(codes::QUOTES, self.file, span, message);
        let written = &self.text[span.range()];
        if written.len() >= 2 && written.ends_with('\'') && !written.contains('"') {
            diagnostic = diagnostic.suggest(span, format!("\"{}\"", &written[1..written.len() - 1]));
        }
        self.report(diagnostic);
    }

    /// `?"..."` and `?'...'`, the raw strings of Endgame.
    fn endgame_raw_string(&mut self) {
        let start = self.at;
        let quote = char::from(self.byte(1));
        let line = line_length(self.rest());
        let body = &self.rest()[2..line];
        let close = body.find(quote).unwrap_or(body.len());
        let content = body[..close].to_owned();
        self.at += (2 + close + 1).min(line);
        let message =
            format!("use triple double quotes [\"\"\"] to define unescaped string literals, not [?{quote}]");
        let span = self.span_from(start);
        let diagnostic = Diagnostic::error(codes::QUOTES, self.file, span, message)
            .suggest(span, format!("\"\"\"{content}\"\"\""));
        self.report(diagnostic);
        self.push(Kind::Text(content), start);
    }

    /// A name in backticks; a doubled backtick is one.
    fn backticks(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut name = String::new();
        loop {
            let Some(close) = self.rest().find('`') else {
                self.at = start + line_length(&self.text[start..]);
                let message = "a name in backticks is not closed";
                let span = self.span_from(start);
                self.report(Diagnostic::error(codes::UNTERMINATED, self.file, span, message));
                name.push_str("unclosed");
                break;
            };
            name.push_str(&self.text[self.at..self.at + close]);
            self.at += close + 1;
            if self.byte(0) != b'`' {
                break;
            }
            name.push('`');
            self.at += 1;
        }
        if name.is_empty() {
            let message = "a name in backticks is empty";
            let span = self.span_from(start);
            self.report(Diagnostic::error(codes::INVALID_TOKEN, self.file, span, message));
        }
        self.push(Kind::Quoted(name), start);
    }

    fn punctuation(&self) -> Option<(Kind, usize)> {
        let two = match (self.byte(0), self.byte(1)) {
            (b'=', b'=') => Some(Kind::Compare(CompareOp::Eq)),
            (b'!', b'=') => Some(Kind::Compare(CompareOp::Ne)),
            (b'<', b'=') => Some(Kind::Compare(CompareOp::Le)),
            (b'>', b'=') => Some(Kind::Compare(CompareOp::Ge)),
            (b'!', b'[') => Some(Kind::MissingBracket),
            (b'|', b'|') | (b'<', b'>') => return None,
            _ => None,
        };
        if let Some(kind) = two {
            return Some((kind, 2));
        }
        let one = match self.byte(0) {
            b'<' => Kind::Compare(CompareOp::Lt),
            b'>' => Kind::Compare(CompareOp::Gt),
            b'=' => Kind::Assign,
            b'(' => Kind::LeftParen,
            b')' => Kind::RightParen,
            b'[' => Kind::LeftBracket,
            b']' => Kind::RightBracket,
            b',' => Kind::Comma,
            b'.' => Kind::Dot,
            b'|' => Kind::Pipe,
            b'?' => Kind::Question,
            b':' => Kind::Colon,
            b'+' => Kind::Plus,
            b'-' => Kind::Minus,
            b'*' => Kind::Star,
            b'/' => Kind::Slash,
            b'%' => Kind::Percent,
            _ => return None,
        };
        Some((one, 1))
    }

    /// Something that is no token; where it is clear what was meant, the token that was meant.
    fn unknown(&mut self) {
        let start = self.at;
        let foreign = [
            ("&&", "and", Kind::Keyword(Keyword::And)),
            ("||", "or", Kind::Keyword(Keyword::Or)),
            ("<>", "!=", Kind::Compare(CompareOp::Ne)),
            ("!", "not", Kind::Keyword(Keyword::Not)),
        ];
        for (written, meant, kind) in foreign {
            if self.rest().starts_with(written) {
                self.at += written.len();
                let message = format!("[{written}] is not an operator of EQL, use [{meant}]");
                let span = self.span_from(start);
                let diagnostic =
                    Diagnostic::error(codes::INVALID_TOKEN, self.file, span, message).suggest(span, meant);
                self.report(diagnostic);
                return self.push(kind, start);
            }
        }
        let Some(letter) = self.rest().chars().next() else { return };
        while self.rest().starts_with(letter) {
            self.at += letter.len_utf8();
        }
        let shown = if letter.is_control() || letter.is_whitespace() {
            format!("U+{:04X}", u32::from(letter))
        } else {
            letter.to_string()
        };
        let message = format!("unexpected character [{shown}]");
        let span = self.span_from(start);
        let mut diagnostic = Diagnostic::error(codes::INVALID_TOKEN, self.file, span, message);
        if let Some(help) = character_help(letter) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }
}

fn character_help(letter: char) -> Option<&'static str> {
    match letter {
        '“' | '”' | '„' | '«' | '»' => Some("use straight double quotes"),
        '‘' | '’' => Some("use straight double quotes, not single ones"),
        '$' => Some("variables are not part of Elasticsearch EQL"),
        '~' => Some("a tilde stands right behind an operator or function name, as in `like~`"),
        ';' => Some("a query has no closing semicolon"),
        letter if letter.is_whitespace() => Some("only spaces, tabs and line breaks separate words"),
        letter if letter.is_alphabetic() => Some("a name with other letters than A to Z stands in backticks"),
        _ => None,
    }
}

/// Length of the first line of `text` in bytes, without its line break.
fn line_length(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}

/// The value of a number literal, or `None` if it is beyond all of them.
fn number_value(written: &str, decimal: bool) -> Option<Number> {
    if !decimal {
        if let Ok(int) = written.parse() {
            return Some(Number::Int(int));
        }
        if let Ok(long) = written.parse() {
            return Some(Number::Long(long));
        }
        if let Ok(long) = written.parse() {
            return Some(Number::ULong(long));
        }
    }
    written.parse::<f64>().ok().filter(|double| double.is_finite()).map(Number::Double)
}

/// A long text shortened for a message.
pub(super) fn clip(text: &str) -> String {
    const LENGTH: usize = 40;
    if text.chars().count() <= LENGTH {
        return text.to_owned();
    }
    text.chars().take(LENGTH).chain(['.', '.']).collect()
}
