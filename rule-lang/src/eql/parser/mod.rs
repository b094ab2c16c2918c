//! Tokens to the syntax tree: a recursive-descent parser with precedence climbing (eql.md section 2).
//!
//! A function that meets an error reports it and gives [`Stop`]; whoever knows a safe place to go on (the items of a
//! sequence) goes on there. An error whose meaning is clear is reported and repaired in place.

mod expr;
mod item;
mod statement;

use super::ast::Query;
use super::lexer::{clip, tokenize};
use super::token::{Keyword, Kind, Token, is_plain_name};
use crate::diagnostic::{Code, Diagnostic, codes::eql as codes};
use crate::source::FileId;
use crate::span::Span;

/// An error was reported; the part of the query at hand has no tree.
struct Stop;

type Parse<T> = Result<T, Stop>;

pub(super) fn parse(text: &str, file: FileId) -> Result<Query, Vec<Diagnostic>> {
    if u32::try_from(text.len()).is_err() {
        let message = "a query of 4 GiB or more cannot be read";
        return Err(vec![Diagnostic::error(codes::TOO_DEEP, file, Span::default(), message)]);
    }
    let (tokens, diagnostics) = tokenize(text, file);
    let mut parser = Parser { text, file, tokens, at: 0, nesting: 0, diagnostics };
    match parser.query() {
        Ok(query) if parser.diagnostics.is_empty() => Ok(query),
        _ => {
            parser.diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
            Err(parser.diagnostics)
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    file: FileId,
    /// The last one is always [`Kind::End`].
    tokens: Vec<Token>,
    /// Index of the token to read next.
    at: usize,
    /// How many parentheses, calls, signs and `not`s are open.
    nesting: u32,
    diagnostics: Vec<Diagnostic>,
}

/// Reading tokens.
impl Parser<'_> {
    fn token(&self, ahead: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + ahead).min(last)]
    }

    fn kind(&self) -> &Kind {
        &self.token(0).kind
    }

    fn span(&self) -> Span {
        self.token(0).span
    }

    /// From the token at index `first` to the last one read.
    fn span_from(&self, first: usize) -> Span {
        let start = self.tokens[first.min(self.tokens.len() - 1)].span;
        if self.at <= first { start } else { start.to(self.tokens[self.at - 1].span) }
    }

    fn advance(&mut self) -> Span {
        let span = self.span();
        if self.at < self.tokens.len() - 1 {
            self.at += 1;
        }
        span
    }

    fn is(&self, kind: &Kind) -> bool {
        self.kind() == kind
    }

    fn is_keyword(&self, keyword: Keyword) -> bool {
        self.is(&Kind::Keyword(keyword))
    }

    fn eat(&mut self, kind: &Kind) -> bool {
        let found = self.is(kind);
        if found {
            self.advance();
        }
        found
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> bool {
        self.eat(&Kind::Keyword(keyword))
    }

    /// The text of the token `ahead`.
    fn written(&self, ahead: usize) -> &str {
        &self.text[self.token(ahead).span.range()]
    }

    /// A token as it is named in a message.
    fn found(&self) -> String {
        match self.kind() {
            Kind::End => "the end of the query".to_owned(),
            _ => format!("`{}`", clip(self.written(0))),
        }
    }
}

/// Reporting.
impl Parser<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.file, span, message)
    }

    /// Reports the token at hand as unexpected.
    fn unexpected(&mut self, expected: &str) -> Stop {
        let message = format!("expected {expected}, found {}", self.found());
        let mut diagnostic = self.error(codes::UNEXPECTED_TOKEN, self.span(), message);
        if let Some(help) = self.stray_help() {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
        Stop
    }

    /// What a token that stands where it should not may have been meant for.
    fn stray_help(&self) -> Option<String> {
        let written = self.written(0);
        let lower = written.to_ascii_lowercase();
        match self.kind() {
            Kind::Ident if Keyword::from_word(&lower).is_some() => {
                Some(format!("keywords are lower case: [{lower}]"))
            }
            Kind::Ident if lower == "as" => {
                Some("names of items (`as`) are not part of Elasticsearch EQL".into())
            }
            Kind::Ident if is_plain_name(written) && self.at > 0 && self.touches_number() => {
                Some("a name that begins with a digit stands in backticks".into())
            }
            Kind::RightParen => {
                Some("a closing parenthesis too many, or an operand is missing before it".into())
            }
            Kind::RightBracket => {
                Some("a closing bracket too many, or an operand is missing before it".into())
            }
            Kind::Text(_) if self.at > 0 && matches!(self.tokens[self.at - 1].kind, Kind::Text(_)) => {
                Some("strings are separated by commas; a quote inside a string is written `\\\"`".into())
            }
            _ => None,
        }
    }

    fn touches_number(&self) -> bool {
        let before = &self.tokens[self.at - 1];
        matches!(before.kind, Kind::Number(_)) && before.span.end == self.span().start
    }

    fn expect(&mut self, kind: &Kind, expected: &str) -> Parse<Span> {
        if self.is(kind) { Ok(self.advance()) } else { Err(self.unexpected(expected)) }
    }

    /// Reports a comma with nothing behind it, and steps over it.
    fn trailing_comma(&mut self, what: &str) {
        let span = self.advance();
        let message = format!("a comma at the end of {what} needs another element behind it");
        let diagnostic =
            self.error(codes::TRAILING_COMMA, span, message).help("remove the comma").suggest(span, "");
        self.report(diagnostic);
    }
}
