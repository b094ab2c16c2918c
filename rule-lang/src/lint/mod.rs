//! Lints for dead logic: parts of a query that are valid and do nothing, or not what they seem to.
//!
//! In: a parsed query, the schema, and the index patterns of its rule. Out: warnings, each with a repair where there
//! is one. What is reported is wrong for every event, or nearly so: a sound query gives no warning. Errors are the
//! business of [`crate::check`]; of a query that has some, only what the text alone shows is linted.

mod constant;
mod contradiction;
mod index;
mod lists;

#[cfg(test)]
mod tests;

use crate::check::{CheckOptions, all, check};
use crate::condition;
use crate::diagnostic::Diagnostic;
use crate::eql::ast::{EventFilter, Expr, ExprKind, Query, Statement};
use crate::kql;
use crate::rule::Rule;
use crate::ruleset::Ast;
use crate::source::{FileId, TextMap};

/// Looks for dead logic in a query. `index` are the index patterns of its rule; none means any.
///
/// ```
/// use rule_lang::check::CheckOptions;
/// use rule_lang::{eql, lint, schema::Schema, source::FileId};
/// let query = eql::parse(r#"process where process.name in ("cmd.exe", "power*")"#, FileId(0)).unwrap();
/// let schema = Schema::open();
/// let found = lint::lint(&query, &CheckOptions::new(&schema), &[], FileId(0));
/// assert_eq!(found[0].message, "[in] does not expand the wildcard of [power*]");
/// assert_eq!(found[0].suggestion.as_ref().unwrap().replacement, r#"process.name like ("cmd.exe", "power*")"#);
/// ```
pub fn lint(query: &Query, options: &CheckOptions<'_>, index: &[&str], file: FileId) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for event in events(query) {
        lists::lint(&event.condition, file, &mut found);
        constant::lint(&event.condition, options, file, &mut found);
        index::lint(&event.category, index, file, &mut found);
    }
    if let Some(meaning) = check(query, options, file).query {
        for filter in meaning.kind.filters() {
            contradiction::lint(&filter.condition, options.schema, file, &mut found);
        }
        unreachable_stages(query, &meaning, file, &mut found);
    }
    found.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
    found.dedup();
    found
}

/// Looks for tests of a KQL query that exclude each other or cover every event between them.
pub fn lint_kql(query: &kql::ast::Query, options: &CheckOptions<'_>, file: FileId) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(meaning) = kql::check(query, options, file).query {
        for filter in meaning.kind.filters() {
            contradiction::lint(&filter.condition, options.schema, file, &mut found);
        }
    }
    found.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
    found.dedup();
    found
}

/// Looks for tests in a rule's filters that exclude each other, or tests of its query.
pub fn lint_filters(rule: &Rule, ast: &Ast, options: &CheckOptions<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(query) = rule.query.as_ref().filter(|_| !rule.filters.is_empty()) else { return found };
    let meaning = match ast {
        Ast::Eql(ast) => check(ast, options, query.file).query,
        Ast::Kql(ast) => kql::check(ast, options, query.file).query,
    };
    let shift = TextMap::shift_behind(query.text.len() as u32);
    let filters = kql::check_filters(&rule.filters, options, query.file, shift).0;
    if let (Some(meaning), Some(filters)) = (meaning, filters) {
        for filter in meaning.kind.filters() {
            let condition = all(vec![filter.condition.clone(), filters.clone()]);
            contradiction::lint(&condition, options.schema, query.file, &mut found);
        }
    }
    found
}

fn events(query: &Query) -> Vec<&EventFilter> {
    match &query.statement {
        Statement::Event(event) => vec![event],
        Statement::Sequence(sequence) => {
            sequence.items.iter().chain(&sequence.until).map(|item| &item.filter).collect()
        }
        Statement::Sample(sample) => sample.items.iter().map(|item| &item.filter).collect(),
        Statement::Join(_) => Vec::new(),
    }
}

/// A sequence or sample with an item that never matches never matches either.
fn unreachable_stages(query: &Query, meaning: &condition::Query, file: FileId, found: &mut Vec<Diagnostic>) {
    use crate::diagnostic::codes::lint::UNREACHABLE_STAGE;
    let items = match &meaning.kind {
        condition::QueryKind::Sequence(sequence) => &sequence.items,
        condition::QueryKind::Sample(sample) => &sample.items,
        _ => return,
    };
    let dead = |item: &&condition::Item| item.filter.condition == condition::Condition::Const(false);
    let Some(item) = items.iter().filter(|item| !item.missing).find(dead) else { return };
    let message = "this event never comes, so nothing that needs it can match";
    let mut diagnostic = Diagnostic::warning(UNREACHABLE_STAGE, file, item.filter.span, message);
    if let Statement::Sequence(sequence) = &query.statement
        && let Some(next) = sequence.items.iter().find(|next| next.filter.span.start > item.filter.span.start)
    {
        diagnostic = diagnostic.also(file, next.filter.span, "never reached");
    }
    found.push(diagnostic);
}

/// The operands of a chain of `and` or of `or`, from left to right, or the expression itself.
fn chain(expr: &Expr) -> Vec<&Expr> {
    let and = matches!(expr.kind, ExprKind::And(..));
    let mut operands = Vec::new();
    let mut rest = expr;
    loop {
        match &rest.kind {
            ExprKind::And(left, right) if and => {
                operands.push(&**right);
                rest = left;
            }
            ExprKind::Or(left, right) if !and => {
                operands.push(&**right);
                rest = left;
            }
            _ => break,
        }
    }
    operands.push(rest);
    operands.reverse();
    operands
}
