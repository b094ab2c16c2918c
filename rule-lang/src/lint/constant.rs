//! Parts of a condition whose constants alone decide it.

use super::chain;
use crate::check::{CheckOptions, constant_truth};
use crate::condition::Constant;
use crate::diagnostic::{Diagnostic, codes::lint as codes};
use crate::eql::ast::{Expr, ExprKind, Literal};
use crate::eql::print_expr;
use crate::source::FileId;

/// Looks at a condition and at the operands of its `and`, `or` and `not`. A bare `true` or `false` is meant so.
pub(super) fn lint(expr: &Expr, options: &CheckOptions<'_>, file: FileId, found: &mut Vec<Diagnostic>) {
    if matches!(expr.kind, ExprKind::Literal(Literal::Bool(_))) || mentions_optional_field(expr) {
        return descend(expr, options, file, found);
    }
    let (code, message) = match constant_truth(expr, options) {
        None => return descend(expr, options, file, found),
        Some(Constant::Bool(true)) => (codes::ALWAYS_TRUE, "is always true"),
        Some(Constant::Bool(false)) => (codes::NEVER_TRUE, "is never true"),
        Some(_) => (codes::NEVER_TRUE, "is always null, which is not true"),
    };
    let message = format!("[{}] {message}", shortened(&print_expr(expr)));
    found.push(Diagnostic::warning(code, file, expr.span, message));
}

fn descend(expr: &Expr, options: &CheckOptions<'_>, file: FileId, found: &mut Vec<Diagnostic>) {
    match &expr.kind {
        ExprKind::And(..) | ExprKind::Or(..) => {
            for operand in chain(expr) {
                lint(operand, options, file, found);
            }
        }
        ExprKind::Not(operand) => lint(operand, options, file, found),
        _ => {}
    }
}

/// An optional field that a mapping lacks is null there and something else elsewhere.
fn mentions_optional_field(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => false,
        ExprKind::Field(field) => field.optional,
        ExprKind::Not(inner) | ExprKind::Sign(_, inner) => mentions_optional_field(inner),
        ExprKind::And(..) | ExprKind::Or(..) => chain(expr).into_iter().any(mentions_optional_field),
        ExprKind::Compare(_, left, right) | ExprKind::Arithmetic(_, left, right) => {
            mentions_optional_field(left) || mentions_optional_field(right)
        }
        ExprKind::In { value, list, .. } => {
            mentions_optional_field(value) || list.iter().any(mentions_optional_field)
        }
        ExprKind::Match { value, .. } => mentions_optional_field(value),
        ExprKind::Call { arguments, .. } => arguments.iter().any(mentions_optional_field),
    }
}

fn shortened(text: &str) -> String {
    const LENGTH: usize = 60;
    if text.chars().count() <= LENGTH {
        return text.to_owned();
    }
    text.chars().take(LENGTH).chain("..".chars()).collect()
}
