//! Parts of conditions that no query says: entries of exception items and the like.
//!
//! In: trees and patterns with places of their own file. Out: the conditions that a query of the same meaning has, so that
//! nothing behind them can tell the difference.

use super::fields::{Known, Target};
use super::{Checker, leaf};
use crate::check::{CheckOptions, block_test};
use crate::condition::{Condition, Constant, Test, Value};
use crate::diagnostic::Diagnostic;
use crate::eql::ast::Case;
use crate::kql::ast::{Expr, FieldName};
use crate::source::FileId;
use crate::span::Span;

/// Makes conditions, one after the other.
pub(crate) struct Parts<'a> {
    checker: Checker<'a>,
}

impl<'a> Parts<'a> {
    /// Fields are those of the objects at `scope`, or of the event if it is empty.
    pub(crate) fn new(scope: &str, options: CheckOptions<'a>, file: FileId) -> Self {
        let scope = if scope.is_empty() { String::new() } else { format!("{scope}.") };
        let checker = Checker { scope, ..Checker::new(&options, file) };
        Self { checker }
    }

    /// What a tree says; none if it has errors.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Option<Condition> {
        self.checker.condition(expr).ok()
    }

    /// Some value is an address in one of the blocks.
    pub(crate) fn in_blocks(
        &mut self,
        field: &FieldName,
        blocks: Vec<String>,
        span: Span,
    ) -> Option<Condition> {
        let blocks = blocks.into_iter().map(|block| Value::Constant(Constant::Text(block.into())));
        self.test(field, span, |known| block_test(Value::Field(known.field.clone()), blocks.collect()))
    }

    /// Some value as a whole matches a pattern of `like`.
    pub(crate) fn like(&mut self, field: &FieldName, pattern: String, span: Span) -> Option<Condition> {
        self.test(field, span, |known| Test::Like {
            value: Value::Field(known.field.clone()),
            patterns: vec![pattern],
            case: case(known),
        })
    }

    /// Some value as a whole matches a regular expression.
    pub(crate) fn regex(&mut self, field: &FieldName, pattern: String, span: Span) -> Option<Condition> {
        self.test(field, span, |known| Test::Regex {
            value: Value::Field(known.field.clone()),
            patterns: vec![pattern],
            case: case(known),
        })
    }

    fn test(
        &mut self,
        field: &FieldName,
        span: Span,
        test: impl FnOnce(&Known) -> Test,
    ) -> Option<Condition> {
        let target = self.checker.target(field).ok()?;
        let test = match &target {
            Target::One(known) | Target::Pattern(_, known) => test(known),
            Target::Nothing => return Some(Condition::Const(false)),
        };
        Some(match &target {
            Target::One(_) => leaf(test, span),
            target => target.leaf(test, span),
        })
    }

    /// What was found on the way.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        self.checker.diagnostics
    }
}

fn case(known: &Known) -> Case {
    if known.caseless { Case::Insensitive } else { Case::Sensitive }
}
