//! The syntax tree of a query to what it means: types, fields, constants (eql.md sections 3 to 14).
//!
//! In: an [`ast::Query`] and the [`Schema`] of the events. Out: a [`condition::Query`] whose fields are resolved and
//! whose constants are folded, and diagnostics. Rule files and how a rule is matched fast are not known here.

mod compare;
mod fields;
mod fold;
mod functions;
mod literals;
mod patterns;
mod regex_syntax;
mod sequence;
mod types;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::condition::{self, Condition, Constant, Filter, Leaf, Test};
use crate::diagnostic::{Code, Diagnostic, Level, codes::eql as codes};
use crate::eql::ast::{self, Expr, ExprKind, Literal};
use crate::eql::print_expr;
use crate::schema::Schema;
use crate::source::FileId;
use crate::span::Span;
use types::{Type, is_boolean_call};

pub(crate) use compare::{block_test, number_text};
pub(crate) use fold::{compare as compare_constants, like as matches_like, same_text};
pub(crate) use literals::{is_address, is_block, is_date};
pub(crate) use regex_syntax::{doubt as regex_doubt, validate as check_regex};

/// What a query is checked against.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'a> {
    /// The fields of the events.
    pub schema: &'a Schema,
    /// The field that holds the event category, `event.category` unless a rule says otherwise.
    pub category_field: &'a str,
    /// Whether a field unknown to an open schema is an error rather than a hint.
    pub strict: bool,
}

impl<'a> CheckOptions<'a> {
    /// The usual options: category in `event.category`, not strict.
    pub fn new(schema: &'a Schema) -> Self {
        Self { schema, category_field: "event.category", strict: false }
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The query, unless an error was found.
    pub query: Option<condition::Query>,
    /// Errors and warnings in order of their place; spans count bytes of the query text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a query.
///
/// ```
/// use rule_lang::check::{CheckOptions, check};
/// use rule_lang::{eql, schema::Schema, source::FileId};
/// let schema = Schema::open();
/// let query = eql::parse("process where startWith(process.name, \"a\")", FileId(0)).unwrap();
/// let checked = check(&query, &CheckOptions::new(&schema), FileId(0));
/// assert!(checked.query.is_none());
/// assert_eq!(checked.diagnostics[0].message, "unknown function [startWith], did you mean [startsWith]?");
/// ```
pub fn check(query: &ast::Query, options: &CheckOptions<'_>, file: FileId) -> Checked {
    let mut checker = Checker { options: *options, file, diagnostics: Vec::new(), hinted: BTreeSet::new() };
    let meaning = checker.query(query);
    let mut diagnostics = checker.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Checked { query: meaning.ok().filter(|_| !failed), diagnostics }
}

/// What the constants of an expression alone make of it, true, false or null; `None` if that depends on the event.
pub(crate) fn constant_truth(expr: &Expr, options: &CheckOptions<'_>) -> Option<Constant> {
    let mut checker =
        Checker { options: *options, file: FileId(0), diagnostics: Vec::new(), hinted: BTreeSet::new() };
    match checker.boolean(expr).ok()? {
        Truth::Null => Some(Constant::Null),
        Truth::Known(Condition::Const(value)) => Some(Constant::Bool(value)),
        Truth::Known(_) => None,
    }
}

/// An error was reported; the part of the query at hand has no meaning.
struct Stop;

type Check<T> = Result<T, Stop>;

/// A condition, or the constant null that conditions fold to (eql.md section 5).
#[derive(Clone, Debug, PartialEq)]
enum Truth {
    Null,
    Known(Condition),
}

impl Truth {
    fn constant(value: Option<bool>) -> Self {
        value.map_or(Self::Null, |value| Self::Known(Condition::Const(value)))
    }

    fn leaf(test: Test, span: Span) -> Self {
        Self::Known(Condition::Leaf(Leaf { test, span }))
    }

    fn negated(self) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Known(Condition::Const(value)) => Self::Known(Condition::Const(!value)),
            Self::Known(Condition::Not(inner)) => Self::Known(*inner),
            Self::Known(condition) => Self::Known(Condition::Not(Box::new(condition))),
        }
    }

    fn negated_if(self, negate: bool) -> Self {
        if negate { self.negated() } else { self }
    }
}

struct Checker<'a> {
    options: CheckOptions<'a>,
    file: FileId,
    diagnostics: Vec<Diagnostic>,
    /// Unknown fields that were already pointed out.
    hinted: BTreeSet<String>,
}

impl Checker<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> Stop {
        self.diagnostics.push(Diagnostic::error(code, self.file, span, message));
        Stop
    }

    /// Adds a sentence of help to the last error.
    fn with_help(&mut self, help: impl Into<String>) -> Stop {
        if let Some(last) = self.diagnostics.last_mut() {
            last.help.push(help.into());
        }
        Stop
    }

    fn warning(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(code, self.file, span, message));
    }

    fn query(&mut self, query: &ast::Query) -> Check<condition::Query> {
        let kind = match &query.statement {
            ast::Statement::Event(event) => self.filter(event).map(condition::QueryKind::Event),
            ast::Statement::Sequence(sequence) => self.sequence(sequence).map(condition::QueryKind::Sequence),
            ast::Statement::Sample(sample) => self.sample(sample).map(condition::QueryKind::Sample),
            ast::Statement::Join(span) => {
                self.error(codes::JOIN, *span, "joins are not supported");
                Err(self.with_help("a `sequence` or a `sample` can say what this says"))
            }
        };
        let pipes = query.pipes.iter().map(|pipe| self.pipe(pipe)).collect::<Vec<_>>();
        let pipes = pipes.into_iter().collect::<Check<_>>()?;
        Ok(condition::Query { pipes, ..condition::Query::new(kind?) })
    }

    /// `category where condition` as one condition.
    fn filter(&mut self, event: &ast::EventFilter) -> Check<Filter> {
        let truth = self.boolean(&event.condition)?;
        let condition = match truth {
            Truth::Null => Condition::Const(false),
            Truth::Known(condition) => condition,
        };
        let (category, condition) = match &event.category {
            ast::Category::Any(_) => (None, condition),
            ast::Category::Named(name, span) => {
                let test = self.category_test(name, *span);
                (Some(name.clone()), all(vec![test, condition]))
            }
        };
        Ok(Filter { category, condition, span: event.span })
    }

    /// A boolean expression.
    fn boolean(&mut self, expr: &Expr) -> Check<Truth> {
        match &expr.kind {
            ExprKind::Literal(Literal::Bool(value)) => Ok(Truth::constant(Some(*value))),
            ExprKind::Literal(Literal::Null) => Ok(Truth::Null),
            ExprKind::Field(field) => self.boolean_field(field, expr.span),
            ExprKind::Not(operand) => self.boolean(operand).map(Truth::negated),
            ExprKind::And(..) => self.chain(expr, true),
            ExprKind::Or(..) => self.chain(expr, false),
            ExprKind::Compare(op, left, right) => self.compare(*op, left, right, expr.span),
            ExprKind::In { value, negated, case, list } => {
                let truth = self.in_list(value, *case, list, expr);
                truth.map(|truth| truth.negated_if(*negated))
            }
            ExprKind::Match { value, op, patterns, .. } => self.matches(value, *op, patterns, expr),
            ExprKind::Call { .. } if is_boolean_call(expr) => self.boolean_call(expr),
            _ => {
                let operand = self.value(expr)?;
                if operand.ty == Type::Null {
                    return Ok(Truth::Null);
                }
                Err(self.not_boolean(expr, operand.ty.name()))
            }
        }
    }

    fn not_boolean(&mut self, expr: &Expr, type_name: &str) -> Stop {
        let message = format!("condition expression needs to be boolean, found [{type_name}]");
        self.error(codes::NOT_BOOLEAN, expr.span, message);
        self.with_help(format!("[{}] has to be compared with something", print_expr(expr)))
    }

    /// A chain of `and` or of `or`. All operands are checked before the first error ends the chain.
    fn chain(&mut self, expr: &Expr, and: bool) -> Check<Truth> {
        let mut operands = Vec::new();
        let mut rest = expr;
        loop {
            let (left, right) = match &rest.kind {
                ExprKind::And(left, right) if and => (left, right),
                ExprKind::Or(left, right) if !and => (left, right),
                _ => break,
            };
            operands.push(&**right);
            rest = left;
        }
        operands.push(rest);
        let truths: Vec<_> = operands.into_iter().rev().map(|operand| self.boolean(operand)).collect();
        let truths = truths.into_iter().collect::<Check<Vec<_>>>()?;
        Ok(if and { fold_and(truths) } else { fold_or(truths) })
    }
}

fn fold_and(truths: Vec<Truth>) -> Truth {
    let falsehood = Truth::constant(Some(false));
    if truths.contains(&falsehood) {
        return falsehood;
    }
    let conditions: Option<Vec<Condition>> = truths
        .into_iter()
        .map(|truth| match truth {
            Truth::Null => None,
            Truth::Known(condition) => Some(condition),
        })
        .collect();
    conditions.map_or(Truth::Null, |conditions| Truth::Known(all(conditions)))
}

fn fold_or(truths: Vec<Truth>) -> Truth {
    let known: Vec<Condition> = truths
        .into_iter()
        .filter_map(|truth| match truth {
            Truth::Null => None,
            Truth::Known(condition) => Some(condition),
        })
        .collect();
    if known.is_empty() { Truth::Null } else { Truth::Known(any(known)) }
}

/// The conjunction, flat and without constants.
pub(crate) fn all(conditions: Vec<Condition>) -> Condition {
    let mut flat = Vec::with_capacity(conditions.len());
    for condition in conditions {
        match condition {
            Condition::Const(true) => {}
            Condition::Const(false) => return Condition::Const(false),
            Condition::And(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Condition::Const(true),
        1 => flat.remove(0),
        _ => Condition::And(flat),
    }
}

/// The disjunction, flat and without constants.
pub(crate) fn any(conditions: Vec<Condition>) -> Condition {
    let mut flat = Vec::with_capacity(conditions.len());
    for condition in conditions {
        match condition {
            Condition::Const(false) => {}
            Condition::Const(true) => return Condition::Const(true),
            Condition::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Condition::Const(false),
        1 => flat.remove(0),
        _ => Condition::Or(flat),
    }
}
