//! The syntax tree of a KQL query to what it means (kql.md sections 3 to 5).
//!
//! In: an [`ast::Query`] and the [`Schema`](crate::schema::Schema) of the events. Out: a condition, the same one that an
//! EQL query comes to where both languages say the same, and diagnostics. A leaf is true if some value satisfies it, and
//! everything above leaves has two values, so there is no null to fold.

mod date;
mod fields;
mod filters;
mod part;
mod values;
mod words;

use std::collections::BTreeSet;

use super::ast::{self, Expr, ExprKind, Literal, LiteralKind, Values, ValuesKind};
use crate::check::{CheckOptions, Checked, all, any};
use crate::condition::{self, Condition, Filter, Leaf, Test};
use crate::diagnostic::{Code, Diagnostic, Level, codes::kql as codes};
use crate::source::FileId;
use crate::span::Span;
use fields::Target;

pub use filters::check_filters;
pub(crate) use part::Parts;

/// Checks a query. [`CheckOptions::category_field`] plays no part.
///
/// ```
/// use rule_lang::check::CheckOptions;
/// use rule_lang::{kql, schema::Schema, source::FileId};
/// let query = kql::parse("process.name: cmd.exe and not user.id: null", FileId(0)).query.unwrap();
/// let schema = Schema::open();
/// let checked = kql::check(&query, &CheckOptions::new(&schema), FileId(0));
/// assert!(checked.query.is_none());
/// assert_eq!(checked.diagnostics[0].message, "a field cannot be compared with `null`");
/// ```
pub fn check(query: &ast::Query, options: &CheckOptions<'_>, file: FileId) -> Checked {
    let mut checker = Checker::new(options, file);
    let condition = match &query.condition {
        None => Ok(Condition::Const(true)),
        Some(expr) => checker.condition(expr),
    };
    let mut diagnostics = checker.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let filter = |condition| Filter { category: None, condition, span: query.span };
    let kind = |condition| condition::QueryKind::Event(filter(condition));
    let query = condition.ok().filter(|_| !failed).map(|condition| condition::Query::new(kind(condition)));
    Checked { query, diagnostics }
}

/// An error was reported; the part of the query at hand has no meaning.
struct Stop;

type Check<T> = Result<T, Stop>;

struct Checker<'a> {
    options: CheckOptions<'a>,
    file: FileId,
    diagnostics: Vec<Diagnostic>,
    /// Unknown fields that were already pointed out.
    hinted: BTreeSet<String>,
    /// The path of the nested group at hand with a dot behind it; empty outside of groups.
    scope: String,
}

fn leaf(test: Test, span: Span) -> Condition {
    Condition::Leaf(Leaf { test, span })
}

fn negated(condition: Condition) -> Condition {
    match condition {
        Condition::Const(value) => Condition::Const(!value),
        Condition::Not(inner) => *inner,
        condition => Condition::Not(Box::new(condition)),
    }
}

impl<'a> Checker<'a> {
    fn new(options: &CheckOptions<'a>, file: FileId) -> Self {
        Self {
            options: *options,
            file,
            diagnostics: Vec::new(),
            hinted: BTreeSet::new(),
            scope: String::new(),
        }
    }
}

impl Checker<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) -> Stop {
        self.diagnostics.push(Diagnostic::error(code, self.file, span, message).help(help));
        Stop
    }

    fn warning(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::warning(code, self.file, span, message).help(help));
    }

    fn condition(&mut self, expr: &Expr) -> Check<Condition> {
        match &expr.kind {
            ExprKind::Or(parts) => self.conditions(parts).map(any),
            ExprKind::And(parts) => self.conditions(parts).map(all),
            ExprKind::Not(inner) => self.condition(inner).map(negated),
            ExprKind::Nested { path, condition } => self.group(path, condition, expr.span),
            ExprKind::Range { field, op, bound } => self.range(field, *op, bound, expr.span),
            ExprKind::Is { field, values } => {
                let target = self.target(field)?;
                self.values(&target, values, expr.span)
            }
            ExprKind::Free(literal) => self.free(literal, expr.span),
        }
    }

    /// All parts are checked before the first error ends the chain.
    fn conditions(&mut self, parts: &[Expr]) -> Check<Vec<Condition>> {
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        parts.into_iter().collect()
    }

    /// `path: { condition }`
    fn group(&mut self, path: &ast::FieldName, inner: &Expr, span: Span) -> Check<Condition> {
        let [name] = path.text.parts() else {
            let message = "the path of a nested group cannot be a pattern";
            return Err(self.error(codes::NESTED_PATTERN, path.span, message, "write the path in full"));
        };
        let outer = self.scope.len();
        self.scope.push_str(name);
        self.scope.push('.');
        let condition = self.condition(inner);
        self.scope.truncate(outer);
        let test = Test::Nested { path: name.as_str().into(), condition: Box::new(condition?) };
        Ok(leaf(test, span))
    }

    /// `field: values`. Values that are joined by `or` become one test where one test can hold them; every other
    /// connection is one of conditions (kql.md section 3: a list distributes).
    fn values(&mut self, target: &Target, values: &Values, span: Span) -> Check<Condition> {
        match &values.kind {
            ValuesKind::One(literal) => self.one_of(target, &[literal], span),
            ValuesKind::Not(inner) => self.values(target, inner, inner.span).map(negated),
            ValuesKind::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.values(target, part, part.span)).collect();
                parts.into_iter().collect::<Check<Vec<_>>>().map(all)
            }
            ValuesKind::Or(parts) => {
                let one = |part: &&Values| matches!(part.kind, ValuesKind::One(_));
                let literals: Vec<&Literal> = parts
                    .iter()
                    .filter_map(|part| match &part.kind {
                        ValuesKind::One(literal) => Some(literal),
                        _ => None,
                    })
                    .collect();
                let mut alternatives = Vec::new();
                if !literals.is_empty() {
                    alternatives.push(self.one_of(target, &literals, span));
                }
                for part in parts.iter().filter(|part| !one(part)) {
                    alternatives.push(self.values(target, part, part.span));
                }
                alternatives.into_iter().collect::<Check<Vec<_>>>().map(any)
            }
        }
    }

    fn null(&mut self, literal: &Literal) -> Stop {
        let message = "a field cannot be compared with `null`";
        let help = "write `not field: *` for a field without a value, or quotes for the text";
        self.error(codes::NULL_VALUE, literal.span, message, help)
    }

    /// A value without a field: it is looked for in all fields, whatever their types (kql.md section 3).
    fn free(&mut self, literal: &Literal, span: Span) -> Check<Condition> {
        let name = vec![String::new(), String::new()];
        let target = Target::words_of(name);
        match &literal.kind {
            LiteralKind::Text(text) if text.is_everything() => Ok(Condition::Const(true)),
            _ => self.one_of(&target, &[literal], span),
        }
    }
}
