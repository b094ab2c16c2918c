//! Expressions, by precedence climbing.
//!
//! Binding, tightest first: primary, predicate, sign, `* / %`, `+ -`, comparison, `not`, `and`, `or`. The height of a
//! tree is bounded, so that whatever walks it by recursion (dropping it included) has a bounded stack.

use super::super::ast::{
    ArithmeticOp, Case, CompareOp, Expr, ExprKind, FieldRef, Literal, MatchOp, Number, Sign,
};
use super::super::token::{Keyword, Kind};
use super::{Parse, Parser, Stop};
use crate::diagnostic::codes::eql as codes;
use crate::span::Span;

/// How deep parentheses, calls, signs and `not` may nest.
pub(super) const MAX_NESTING: u32 = 128;
/// How high a tree may grow; a chain of `and` grows it by one with each link.
pub(super) const MAX_HEIGHT: u32 = 1000;

/// A parsed expression with what the tree does not keep.
struct Parsed {
    expr: Expr,
    height: u32,
    /// With the parentheses around it.
    outer: Span,
}

/// What stands between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Or,
    And,
    Compare(CompareOp),
    Arithmetic(ArithmeticOp),
}

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const ADD: u8 = 5;
const MULTIPLY: u8 = 6;

impl Infix {
    fn binding(self) -> u8 {
        match self {
            Self::Or => OR,
            Self::And => AND,
            Self::Compare(_) => COMPARE,
            Self::Arithmetic(ArithmeticOp::Add | ArithmeticOp::Subtract) => ADD,
            Self::Arithmetic(_) => MULTIPLY,
        }
    }

    fn build(self, left: Box<Expr>, right: Box<Expr>) -> ExprKind {
        match self {
            Self::Or => ExprKind::Or(left, right),
            Self::And => ExprKind::And(left, right),
            Self::Compare(op) => ExprKind::Compare(op, left, right),
            Self::Arithmetic(op) => ExprKind::Arithmetic(op, left, right),
        }
    }
}

impl Parser<'_> {
    /// A whole expression.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.binary(OR).map(|parsed| parsed.expr)
    }

    /// An expression of operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Parse<Parsed> {
        let mut left =
            if least <= NOT && self.is_keyword(Keyword::Not) { self.not()? } else { self.operand()? };
        let mut compared = false;
        loop {
            let Some(infix) = self.infix() else { return Ok(left) };
            let binding = infix.binding();
            if binding < least {
                return Ok(left);
            }
            if binding == COMPARE {
                if compared {
                    return Err(self.chained_comparison());
                }
                compared = true;
            }
            if let Infix::Compare(CompareOp::Eq | CompareOp::Ne) = infix
                && self.list_follows()
            {
                left = self.compared_with_list(left)?;
                continue;
            }
            if self.is(&Kind::Assign) {
                self.single_equals();
            }
            let at = self.advance();
            let right = self.binary(binding + 1)?;
            let height = left.height.max(right.height) + 1;
            self.check_height(height, at)?;
            let span = left.outer.to(right.outer);
            let kind = infix.build(Box::new(left.expr), Box::new(right.expr));
            left = Parsed { expr: Expr { kind, span }, height, outer: span };
        }
    }

    /// The operator at hand; `=` is taken for `==`.
    fn infix(&self) -> Option<Infix> {
        Some(match self.kind() {
            Kind::Keyword(Keyword::Or) => Infix::Or,
            Kind::Keyword(Keyword::And) => Infix::And,
            &Kind::Compare(op) => Infix::Compare(op),
            Kind::Assign => Infix::Compare(CompareOp::Eq),
            Kind::Plus => Infix::Arithmetic(ArithmeticOp::Add),
            Kind::Minus => Infix::Arithmetic(ArithmeticOp::Subtract),
            Kind::Star => Infix::Arithmetic(ArithmeticOp::Multiply),
            Kind::Slash => Infix::Arithmetic(ArithmeticOp::Divide),
            Kind::Percent => Infix::Arithmetic(ArithmeticOp::Modulo),
            _ => return None,
        })
    }

    fn single_equals(&mut self) {
        let span = self.span();
        let diagnostic = self
            .error(codes::SINGLE_EQUALS, span, "[=] is not an operator of EQL, use [==] to compare")
            .suggest(span, "==");
        self.report(diagnostic);
    }

    /// Whether two values or more stand in parentheses behind the token at hand.
    fn list_follows(&self) -> bool {
        let constant = |ahead: usize| {
            let constants =
                [Kind::Keyword(Keyword::Null), Kind::Keyword(Keyword::True), Kind::Keyword(Keyword::False)];
            let kind = &self.token(ahead).kind;
            matches!(kind, Kind::Number(_) | Kind::Text(_)) || constants.contains(kind)
        };
        self.token(1).kind == Kind::LeftParen && constant(2) && self.token(3).kind == Kind::Comma
    }

    /// `x = ("a", "b")`, where `in` is meant.
    fn compared_with_list(&mut self, value: Parsed) -> Parse<Parsed> {
        let (span, operator) = (self.span(), self.written(0).to_owned());
        let code = if self.is(&Kind::Assign) { codes::SINGLE_EQUALS } else { codes::UNEXPECTED_TOKEN };
        let negated = *self.kind() == Kind::Compare(CompareOp::Ne);
        let meant = if negated { "not in" } else { "in" };
        let message = format!("[{operator}] does not look into a list, use [{meant}]");
        let diagnostic = self.error(code, span, message).suggest(span, meant);
        self.report(diagnostic);
        self.members(value, negated, Case::Sensitive)
    }

    fn chained_comparison(&mut self) -> Stop {
        let message = "comparisons cannot be chained";
        let diagnostic = self
            .error(codes::CHAINED_COMPARISON, self.span(), message)
            .help("write `a < b and b < c` for `a < b < c`");
        self.report(diagnostic);
        Stop
    }

    fn check_height(&mut self, height: u32, at: Span) -> Parse<()> {
        if height <= MAX_HEIGHT {
            return Ok(());
        }
        let message = format!("an expression cannot chain more than {MAX_HEIGHT} operators");
        let diagnostic = self
            .error(codes::TOO_DEEP, at, message)
            .help("a list says the same in one test: `x in (..)`, `x like (..)`");
        self.report(diagnostic);
        Err(Stop)
    }

    /// Runs `inside` one level deeper.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.nesting >= MAX_NESTING {
            let message = format!("expressions cannot nest more than {MAX_NESTING} levels deep");
            let diagnostic = self.error(codes::TOO_DEEP, self.span(), message);
            self.report(diagnostic);
            return Err(Stop);
        }
        self.nesting += 1;
        let result = inside(self);
        self.nesting -= 1;
        result
    }

    fn not(&mut self) -> Parse<Parsed> {
        let start = self.advance();
        let operand = self.nested(|parser| parser.binary(NOT))?;
        let span = start.to(operand.outer);
        let height = operand.height + 1;
        self.check_height(height, start)?;
        Ok(Parsed { expr: Expr { kind: ExprKind::Not(Box::new(operand.expr)), span }, height, outer: span })
    }

    /// A primary with its predicate, or a sign and an operand.
    fn operand(&mut self) -> Parse<Parsed> {
        let sign = match self.kind() {
            Kind::Plus => Sign::Plus,
            Kind::Minus => Sign::Minus,
            _ => {
                let primary = self.primary()?;
                return self.predicate(primary);
            }
        };
        let start = self.advance();
        let operand = self.nested(Self::operand)?;
        let span = start.to(operand.outer);
        let height = operand.height + 1;
        let kind = ExprKind::Sign(sign, Box::new(operand.expr));
        Ok(Parsed { expr: Expr { kind, span }, height, outer: span })
    }

    /// `in (..)`, `: ".."`, `like ..`, `regex ..` behind a primary.
    fn predicate(&mut self, value: Parsed) -> Parse<Parsed> {
        let negated = self.is_keyword(Keyword::Not) && self.begins_predicate(1);
        if !negated && !self.begins_predicate(0) {
            return Ok(value);
        }
        let not = negated.then(|| self.advance());
        let case = match self.kind() {
            Kind::Keyword(Keyword::In) => Case::Sensitive,
            Kind::Keyword(Keyword::InInsensitive) => Case::Insensitive,
            _ => {
                if let Some(not) = not {
                    self.misplaced_not(not);
                }
                return self.pattern(value);
            }
        };
        self.members(value, negated, case)
    }

    /// The list behind the operator at hand.
    fn members(&mut self, value: Parsed, negated: bool, case: Case) -> Parse<Parsed> {
        self.advance();
        if !self.is(&Kind::LeftParen) {
            return Err(self.unexpected("a list in parentheses behind `in`"));
        }
        let list = self.nested(|parser| parser.list("a list", Self::binary_or))?;
        let height = list.iter().map(|item| item.height).max().unwrap_or(0).max(value.height) + 1;
        self.check_height(height, value.outer)?;
        let list = list.into_iter().map(|item| item.expr).collect();
        let span = value.outer.to(self.tokens[self.at - 1].span);
        let kind = ExprKind::In { value: Box::new(value.expr), negated, case, list };
        Ok(Parsed { expr: Expr { kind, span }, height, outer: span })
    }

    fn binary_or(&mut self) -> Parse<Parsed> {
        self.binary(OR)
    }

    fn begins_predicate(&self, ahead: usize) -> bool {
        matches!(
            self.token(ahead).kind,
            Kind::Colon
                | Kind::Keyword(
                    Keyword::In
                        | Keyword::InInsensitive
                        | Keyword::Like
                        | Keyword::LikeInsensitive
                        | Keyword::Regex
                        | Keyword::RegexInsensitive
                )
        )
    }

    fn misplaced_not(&mut self, not: Span) {
        let operator = self.written(0);
        let message = format!("[not] cannot stand before [{operator}], only before [in] and [in~]");
        let help = format!("write `not x {operator} ..` for `x not {operator} ..`");
        let diagnostic = self.error(codes::MISPLACED_NOT, not, message).help(help);
        self.report(diagnostic);
    }

    fn pattern(&mut self, value: Parsed) -> Parse<Parsed> {
        let op = match self.kind() {
            Kind::Keyword(Keyword::Like) => MatchOp::Like,
            Kind::Keyword(Keyword::LikeInsensitive) => MatchOp::LikeInsensitive,
            Kind::Keyword(Keyword::Regex) => MatchOp::Regex,
            Kind::Keyword(Keyword::RegexInsensitive) => MatchOp::RegexInsensitive,
            _ => MatchOp::Colon,
        };
        let operator = self.written(0).to_owned();
        self.advance();
        let listed = self.is(&Kind::LeftParen);
        let patterns = if listed {
            self.list("a list of patterns", |parser| parser.pattern_constant(&operator))?
        } else {
            vec![self.pattern_constant(&operator)?]
        };
        let height = value.height + 1;
        self.check_height(height, value.outer)?;
        let span = value.outer.to(self.tokens[self.at - 1].span);
        let kind = ExprKind::Match { value: Box::new(value.expr), op, patterns, listed };
        Ok(Parsed { expr: Expr { kind, span }, height, outer: span })
    }

    fn pattern_constant(&mut self, operator: &str) -> Parse<Expr> {
        if let Some(literal) = self.literal() {
            let span = self.advance();
            return Ok(Expr { kind: ExprKind::Literal(literal), span });
        }
        if matches!(self.kind(), Kind::Ident | Kind::Quoted(_) | Kind::TildeIdent | Kind::Question) {
            let message = format!("the right side of [{operator}] is a constant or a list of constants");
            let diagnostic = self
                .error(codes::PATTERN_NOT_CONSTANT, self.span(), message)
                .help("fields and functions cannot be patterns; a string stands in double quotes");
            self.report(diagnostic);
            return Err(Stop);
        }
        Err(self.unexpected(&format!("a constant or a list of constants behind `{operator}`")))
    }

    /// `( element, .. )` with at least one element.
    fn list<T>(&mut self, what: &str, mut element: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.expect(&Kind::LeftParen, "`(`")?;
        if self.is(&Kind::RightParen) {
            return Err(self.unexpected("an element of the list"));
        }
        let mut elements = Vec::new();
        loop {
            elements.push(element(self)?);
            if self.is(&Kind::Comma) && self.token(1).kind == Kind::RightParen {
                self.trailing_comma(what);
            }
            if !self.eat(&Kind::Comma) {
                break;
            }
        }
        self.close("`,` or `)`")?;
        Ok(elements)
    }

    fn close(&mut self, expected: &str) -> Parse<Span> {
        if self.is(&Kind::RightParen) { Ok(self.advance()) } else { Err(self.stray(expected)) }
    }

    /// Reports what stands behind a whole expression and does not belong there.
    pub(super) fn stray(&mut self, expected: &str) -> Stop {
        if self.begins_predicate(0) || (self.is_keyword(Keyword::Not) && self.begins_predicate(1)) {
            let message = format!("{} needs a field or a value right before it", self.found());
            let diagnostic = self
                .error(codes::UNEXPECTED_TOKEN, self.span(), message)
                .help("a test cannot be tested again; join two tests with `and` or `or`");
            self.report(diagnostic);
            return Stop;
        }
        self.unexpected(expected)
    }

    /// The constant at hand, if it is one.
    fn literal(&self) -> Option<Literal> {
        Some(match self.kind() {
            Kind::Keyword(Keyword::Null) => Literal::Null,
            Kind::Keyword(Keyword::True) => Literal::Bool(true),
            Kind::Keyword(Keyword::False) => Literal::Bool(false),
            &Kind::Number(number) => Literal::Number(number),
            Kind::Text(text) => Literal::Text(text.clone()),
            _ => return None,
        })
    }

    fn primary(&mut self) -> Parse<Parsed> {
        if let Some(literal) = self.literal() {
            let span = self.advance();
            return Ok(leaf(ExprKind::Literal(literal), span));
        }
        match self.kind() {
            Kind::LeftParen => self.parenthesised(),
            Kind::TildeIdent => self.call(),
            Kind::Ident if self.token(1).kind == Kind::LeftParen => self.call(),
            Kind::Ident if self.token(1).kind == Kind::Keyword(Keyword::Of) => self.relationship(),
            Kind::Ident | Kind::Quoted(_) | Kind::Question => {
                let field = self.field()?;
                let span = field.span;
                Ok(leaf(ExprKind::Field(field), span))
            }
            &Kind::Keyword(keyword) => Err(self.keyword_operand(keyword)),
            _ => Err(self.unexpected("a field, a value or a function")),
        }
    }

    fn parenthesised(&mut self) -> Parse<Parsed> {
        let open = self.advance();
        let mut inner = self.nested(Self::binary_or)?;
        if self.is(&Kind::Comma) {
            let diagnostic = self
                .error(
                    codes::UNEXPECTED_TOKEN,
                    self.span(),
                    "a list of values can only stand behind an operator",
                )
                .help("write `x in (..)`, `x : (..)`, `x like (..)` or `x regex (..)`");
            self.report(diagnostic);
            return Err(Stop);
        }
        let close = self.close("`)`")?;
        inner.outer = open.to(close);
        Ok(inner)
    }

    fn call(&mut self) -> Parse<Parsed> {
        let tilde = self.is(&Kind::TildeIdent);
        let name = self.written(0).trim_end_matches('~').to_owned();
        let name_span = self.advance();
        if !self.is(&Kind::LeftParen) {
            return Err(self.unexpected("the arguments of a function behind a name with a tilde"));
        }
        let arguments = if self.token(1).kind == Kind::RightParen {
            self.advance();
            self.advance();
            Vec::new()
        } else {
            self.nested(|parser| parser.list("the arguments", Self::binary_or))?
        };
        let height = arguments.iter().map(|argument| argument.height).max().unwrap_or(0) + 1;
        self.check_height(height, name_span)?;
        let arguments = arguments.into_iter().map(|argument| argument.expr).collect();
        let case = if tilde { Case::Insensitive } else { Case::Sensitive };
        let span = name_span.to(self.tokens[self.at - 1].span);
        Ok(Parsed {
            expr: Expr { kind: ExprKind::Call { name, name_span, case, arguments }, span },
            height,
            outer: span,
        })
    }

    /// `child of [..]`; it is read over, so that the rest of the query can be looked at.
    fn relationship(&mut self) -> Parse<Parsed> {
        let first = self.at;
        self.advance();
        self.advance();
        let message = "process relationships are not supported";
        let diagnostic = self
            .error(codes::RELATIONSHIP, self.span_from(first), message)
            .help("a `sequence` by a process id can say what this says");
        self.report(diagnostic);
        if !matches!(self.kind(), Kind::LeftBracket) {
            return Err(Stop);
        }
        self.skip_brackets();
        Ok(leaf(ExprKind::Literal(Literal::Bool(true)), self.span_from(first)))
    }

    /// Steps over a bracket and everything up to the one that closes it.
    fn skip_brackets(&mut self) {
        let mut open = 0;
        loop {
            match self.kind() {
                Kind::LeftBracket | Kind::MissingBracket => open += 1,
                Kind::RightBracket => open -= 1,
                Kind::End => return,
                _ => {}
            }
            self.advance();
            if open <= 0 {
                return;
            }
        }
    }

    fn keyword_operand(&mut self, keyword: Keyword) -> Stop {
        let word = keyword.word();
        let named = !matches!(keyword, Keyword::And | Keyword::Or | Keyword::Not)
            && !self.begins_predicate(0)
            && (matches!(self.token(1).kind, Kind::Compare(_) | Kind::Dot | Kind::Assign)
                || self.begins_predicate(1));
        if !named {
            return self.unexpected("a field, a value or a function");
        }
        self.report_keyword_name(word);
        Stop
    }

    /// Reports the keyword at hand, which stands where a name belongs.
    fn report_keyword_name(&mut self, word: &str) {
        let span = self.span();
        let quoted = format!("`{word}`");
        let diagnostic = self
            .error(codes::KEYWORD_AS_NAME, span, format!("[{word}] is a keyword"))
            .help(format!("put it in backticks to name a field: {quoted}"))
            .suggest(span, quoted);
        self.report(diagnostic);
    }

    /// `[?] path`
    pub(super) fn field(&mut self) -> Parse<FieldRef> {
        let first = self.at;
        let optional = self.eat(&Kind::Question);
        let mut path = String::new();
        loop {
            match self.kind() {
                Kind::Ident => path.push_str(self.written(0)),
                Kind::Quoted(name) => {
                    let name = name.clone();
                    path.push_str(&name);
                }
                &Kind::Keyword(keyword) => {
                    self.report_keyword_name(keyword.word());
                    path.push_str(keyword.word());
                }
                Kind::Number(_) => {
                    return Err(
                        self.unexpected("a name; a part that begins with a digit stands in backticks")
                    );
                }
                _ => return Err(self.unexpected("the name of a field")),
            }
            self.advance();
            self.index()?;
            if !self.eat(&Kind::Dot) {
                break;
            }
            path.push('.');
        }
        Ok(FieldRef { path, optional, span: self.span_from(first) })
    }

    /// `[0]` behind a part of a path.
    fn index(&mut self) -> Parse<()> {
        while self.is(&Kind::LeftBracket)
            && matches!(self.token(1).kind, Kind::Number(Number::Int(_) | Number::Long(_)))
        {
            let first = self.at;
            self.advance();
            self.advance();
            self.expect(&Kind::RightBracket, "`]` behind an array index")?;
            let message = "array indexes are not supported";
            let diagnostic = self
                .error(codes::ARRAY_INDEX, self.span_from(first), message)
                .help("a test of a field holds if any of its values meets it");
            self.report(diagnostic);
        }
        Ok(())
    }
}

fn leaf(kind: ExprKind, span: Span) -> Parsed {
    Parsed { expr: Expr { kind, span }, height: 1, outer: span }
}
