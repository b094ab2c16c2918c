//! Tokens to the syntax tree: recursive descent (kql.md section 1).
//!
//! The first error ends the parse: a query has nothing that tells where it goes on safely.

use super::ast::{Expr, ExprKind, FieldName, Literal, LiteralKind, Query, Text, Values, ValuesKind};
use super::lexer::{clip, tokenize};
use super::token::{Kind, Token, Word, is_space};
use crate::diagnostic::{Code, Diagnostic, Level, codes::kql as codes};
use crate::source::FileId;
use crate::span::Span;

/// How many parentheses, braces and `not`s may stand inside each other.
const MAX_NESTING: u32 = 128;

/// An error was reported; the query has no tree.
struct Stop;

type Parse<T> = Result<T, Stop>;

/// The tree if there was no error, and all findings.
pub(super) fn parse(text: &str, file: FileId) -> (Option<Query>, Vec<Diagnostic>) {
    if u32::try_from(text.len()).is_err() {
        let message = "a query of 4 GiB or more cannot be read";
        return (None, vec![Diagnostic::error(codes::TOO_DEEP, file, Span::default(), message)]);
    }
    let (tokens, diagnostics) = tokenize(text, file);
    let mut parser = Parser { text, file, tokens, at: 0, nesting: 0, diagnostics };
    let query = parser.query().ok();
    let mut diagnostics = parser.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    (query.filter(|_| !failed), diagnostics)
}

struct Parser<'a> {
    text: &'a str,
    file: FileId,
    /// The last one is always [`Kind::End`].
    tokens: Vec<Token>,
    /// Index of the token to read next.
    at: usize,
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

    /// The span of the token read last.
    fn last_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    fn advance(&mut self) -> Span {
        let span = self.span();
        if self.at < self.tokens.len() - 1 {
            self.at += 1;
        }
        span
    }

    fn eat(&mut self, kind: &Kind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.advance();
        }
        found
    }

    /// A token as it is named in a message.
    fn found(&self) -> String {
        match self.kind() {
            Kind::End => "the end of the query".to_owned(),
            _ => format!("`{}`", clip(&self.text[self.span().range()])),
        }
    }
}

/// Reporting.
impl Parser<'_> {
    fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.file, span, message)
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Stop {
        self.diagnostics.push(diagnostic);
        Stop
    }

    /// Reports the token at hand as unexpected.
    fn unexpected(&mut self, expected: &str) -> Stop {
        let message = format!("expected {expected}, found {}", self.found());
        let mut diagnostic = self.error(codes::UNEXPECTED_TOKEN, self.span(), message);
        let help = match self.kind() {
            Kind::And | Kind::Or => Some("something is missing in front of it; as text it stands in quotes"),
            Kind::Not => Some("only one `not` stands in front of a condition; as text it stands in quotes"),
            Kind::RightParen | Kind::RightBrace => {
                Some("a closing bracket too many, or something is missing before it")
            }
            Kind::Range(_) | Kind::Colon => {
                Some("in a value this character stands in quotes or behind a backslash")
            }
            _ => None,
        };
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic)
    }

    /// Reports a token that stands where `and`, `or` or the end is wanted.
    fn unconnected(&mut self) -> Stop {
        let before = self.at.checked_sub(1).map(|at| self.tokens[at].clone());
        if let (Kind::Colon | Kind::Range(_), Some(Token { kind: Kind::Text(Text::Plain(_)), span })) =
            (self.kind(), before)
        {
            // `a: 1 b: 2`, where `1 b` was read as one value: the last word of it is the name of a field.
            let written = &self.text[span.range()];
            if let Some(word) = leading_word(written) {
                let word = Span::new(span.start, span.start + word.text().len() as u32);
                let message = format!("expected a value, found `{}`", &self.text[word.range()]);
                let diagnostic = self.error(codes::UNEXPECTED_TOKEN, word, message);
                return self.report(diagnostic.help("as text it stands in quotes"));
            }
            if let Some(blank) = written.rfind(is_space) {
                let start = span.start + blank as u32 + 1;
                let field = Span::new(start, span.end);
                let name = &self.text[field.range()];
                let message = format!("expected `and` or `or` in front of the field `{}`", clip(name));
                let diagnostic = self
                    .error(codes::NOT_CONNECTED, field, message)
                    .help("if the colon belongs to the value, put the value into quotes")
                    .suggest(Span::at(start), "and ");
                return self.report(diagnostic);
            }
        }
        match self.kind() {
            Kind::Colon | Kind::Range(_) | Kind::RightParen | Kind::RightBrace => {
                self.unexpected("`and`, `or` or the end")
            }
            _ => {
                let message = format!("expected `and` or `or`, found {}", self.found());
                let diagnostic = self.error(codes::NOT_CONNECTED, self.span(), message);
                let help = if *self.kind() == Kind::Not {
                    "write `and not` or `or not`; as text it stands in quotes"
                } else {
                    "conditions and values are connected with `and` or `or`"
                };
                self.report(diagnostic.help(help))
            }
        }
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.nesting >= MAX_NESTING {
            let message = format!("conditions cannot nest more than {MAX_NESTING} levels deep");
            let diagnostic = self.error(codes::TOO_DEEP, self.span(), message);
            return Err(self.report(diagnostic));
        }
        self.nesting += 1;
        let result = parse(self);
        self.nesting -= 1;
        result
    }

    /// The bracket that closes the one at `open`.
    fn close(&mut self, kind: &Kind, open: Span, text: &str) -> Parse<()> {
        if self.eat(kind) {
            return Ok(());
        }
        if *self.kind() != Kind::End {
            return Err(self.unconnected());
        }
        let message = format!("`{}` is not closed", &self.text[open.range()]);
        let diagnostic =
            self.error(codes::UNTERMINATED, open, message).help(format!("close it with `{text}`"));
        Err(self.report(diagnostic))
    }
}

/// Conditions.
impl Parser<'_> {
    fn query(&mut self) -> Parse<Query> {
        let span = Span::new(0, self.text.len() as u32);
        if *self.kind() == Kind::End {
            return Ok(Query { condition: None, span });
        }
        let condition = self.or()?;
        if *self.kind() != Kind::End {
            return Err(self.unconnected());
        }
        Ok(Query { condition: Some(condition), span })
    }

    fn or(&mut self) -> Parse<Expr> {
        let mut parts = vec![self.and()?];
        while self.eat(&Kind::Or) {
            parts.push(self.and()?);
        }
        Ok(chain(parts, ExprKind::Or))
    }

    fn and(&mut self) -> Parse<Expr> {
        let mut parts = vec![self.not()?];
        while self.eat(&Kind::And) {
            parts.push(self.not()?);
        }
        Ok(chain(parts, ExprKind::And))
    }

    fn not(&mut self) -> Parse<Expr> {
        let start = self.span();
        if !self.eat(&Kind::Not) {
            return self.operand();
        }
        let inner = self.operand()?;
        let span = start.to(self.last_span());
        Ok(Expr { kind: ExprKind::Not(Box::new(inner)), span })
    }

    fn operand(&mut self) -> Parse<Expr> {
        match self.kind().clone() {
            Kind::LeftParen => {
                let open = self.advance();
                let inner = self.nested(Self::or)?;
                self.close(&Kind::RightParen, open, ")")?;
                Ok(inner)
            }
            Kind::Text(text) => {
                let span = self.advance();
                self.test(text, span)
            }
            _ => Err(self.unexpected("a condition")),
        }
    }

    /// What stands behind a text: it is the name of a field, or a value by itself.
    fn test(&mut self, text: Text, span: Span) -> Parse<Expr> {
        let kind = match *self.kind() {
            Kind::Colon => {
                let field = self.field(text, span)?;
                self.advance();
                if *self.kind() == Kind::LeftBrace {
                    self.group(field)?
                } else {
                    ExprKind::Is { field, values: self.values()? }
                }
            }
            Kind::Range(op) => {
                let field = self.field(text, span)?;
                self.advance();
                let Kind::Text(bound) = self.kind().clone() else {
                    return Err(self.unexpected("a value"));
                };
                let bound_span = self.advance();
                ExprKind::Range { field, op, bound: self.literal(bound, bound_span)? }
            }
            _ => {
                let literal = self.literal(text, span)?;
                let word = &self.text[span.range()];
                if Word::ALL.iter().any(|known| word.eq_ignore_ascii_case(known.text())) {
                    let message = format!("expected a condition behind `{word}`");
                    let diagnostic = self.error(codes::UNEXPECTED_TOKEN, span, message);
                    return Err(self.report(diagnostic.help("as text it stands in quotes")));
                }
                ExprKind::Free(literal)
            }
        };
        Ok(Expr { kind, span: span.to(self.last_span()) })
    }

    /// The condition in braces behind a path.
    fn group(&mut self, path: FieldName) -> Parse<ExprKind> {
        let open = self.advance();
        let condition = self.nested(Self::or)?;
        self.close(&Kind::RightBrace, open, "}")?;
        Ok(ExprKind::Nested { path, condition: Box::new(condition) })
    }

    /// A name. One that begins with a connecting word is a condition that lacks its first half.
    fn field(&mut self, text: Text, span: Span) -> Parse<FieldName> {
        if let Some(word) = leading_word(&self.text[span.range()]) {
            let word = Span::new(span.start, span.start + word.text().len() as u32);
            let message = format!("expected a condition, found `{}`", &self.text[word.range()]);
            let diagnostic = self.error(codes::UNEXPECTED_TOKEN, word, message);
            return Err(self.report(diagnostic.help("something is missing in front of it")));
        }
        Ok(FieldName { text, span })
    }

    fn literal(&mut self, text: Text, span: Span) -> Parse<Literal> {
        let kind = match &text {
            Text::Plain(word) if word == "true" => LiteralKind::Bool(true),
            Text::Plain(word) if word == "false" => LiteralKind::Bool(false),
            Text::Plain(word) if word == "null" => LiteralKind::Null,
            Text::Quoted(_) => LiteralKind::Text(text),
            Text::Plain(_) | Text::Pattern(_) => {
                self.loose_end(span)?;
                LiteralKind::Text(text)
            }
        };
        Ok(Literal { kind, span })
    }

    /// Reports a value that ends with a connecting word: nothing follows that it could connect.
    fn loose_end(&mut self, span: Span) -> Parse<()> {
        let text = &self.text[span.range()];
        let Some(blank) = text.rfind(is_space) else { return Ok(()) };
        let last = text[blank..].trim_start();
        if !["and", "or"].iter().any(|word| last.eq_ignore_ascii_case(word)) {
            return Ok(());
        }
        let span = Span::new(span.end - last.len() as u32, span.end);
        let message = format!("nothing follows this `{last}`");
        let diagnostic = self.error(codes::UNEXPECTED_TOKEN, span, message);
        Err(self.report(diagnostic.help("as text it stands in quotes")))
    }
}

/// Lists of values.
impl Parser<'_> {
    fn values(&mut self) -> Parse<Values> {
        match self.kind().clone() {
            Kind::LeftParen => {
                let open = self.advance();
                let inner = self.nested(Self::or_values)?;
                self.close(&Kind::RightParen, open, ")")?;
                Ok(inner)
            }
            Kind::Text(text) => {
                let span = self.advance();
                let literal = self.literal(text, span)?;
                Ok(Values { kind: ValuesKind::One(literal), span })
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    fn or_values(&mut self) -> Parse<Values> {
        let mut parts = vec![self.and_values()?];
        while self.eat(&Kind::Or) {
            parts.push(self.and_values()?);
        }
        Ok(chain_values(parts, ValuesKind::Or))
    }

    fn and_values(&mut self) -> Parse<Values> {
        let mut parts = vec![self.not_values()?];
        while self.eat(&Kind::And) {
            parts.push(self.not_values()?);
        }
        Ok(chain_values(parts, ValuesKind::And))
    }

    fn not_values(&mut self) -> Parse<Values> {
        let start = self.span();
        if !self.eat(&Kind::Not) {
            return self.values();
        }
        let inner = self.values()?;
        let span = start.to(self.last_span());
        Ok(Values { kind: ValuesKind::Not(Box::new(inner)), span })
    }
}

/// The connecting word that a text begins with, with white space behind it.
fn leading_word(text: &str) -> Option<Word> {
    Word::at_start(text).filter(|word| text[word.text().len()..].starts_with(is_space))
}

/// The only part, or all of them under `kind`.
fn chain(mut parts: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind) -> Expr {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let span = parts[0].span.to(parts[parts.len() - 1].span);
    Expr { kind: kind(parts), span }
}

fn chain_values(mut parts: Vec<Values>, kind: fn(Vec<Values>) -> ValuesKind) -> Values {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let span = parts[0].span.to(parts[parts.len() - 1].span);
    Values { kind: kind(parts), span }
}
