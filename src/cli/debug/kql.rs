//! A KQL syntax tree as indented lines.

use rule_lang::kql::ast::{Expr, ExprKind, FieldName, Literal, LiteralKind, Query, Text, Values, ValuesKind};
use rule_lang::kql::print;

use super::ast::Tree;

/// The query printed back, then its tree.
pub(super) fn describe(query: &Query) -> String {
    let mut tree = Tree { out: String::new(), depth: 0 };
    tree.line(&print(query));
    tree.line("");
    match &query.condition {
        Some(condition) => expr(&mut tree, condition),
        None => tree.line("every event"),
    }
    tree.out
}

fn expr(tree: &mut Tree, of: &Expr) {
    match &of.kind {
        ExprKind::Or(parts) => tree.under("or", |tree| parts.iter().for_each(|part| expr(tree, part))),
        ExprKind::And(parts) => tree.under("and", |tree| parts.iter().for_each(|part| expr(tree, part))),
        ExprKind::Not(inner) => tree.under("not", |tree| expr(tree, inner)),
        ExprKind::Nested { path, condition } => {
            tree.under(&format!("an object at {}", name(path)), |tree| expr(tree, condition));
        }
        ExprKind::Range { field, op, bound } => {
            tree.line(&format!("range {op:?}: {} and {}", name(field), literal(bound)));
        }
        ExprKind::Is { field, values: of } => {
            tree.under(&format!("is {}", name(field)), |tree| values(tree, of));
        }
        ExprKind::Free(value) => tree.line(&format!("anywhere {}", literal(value))),
    }
}

fn values(tree: &mut Tree, of: &Values) {
    match &of.kind {
        ValuesKind::One(value) => tree.line(&literal(value)),
        ValuesKind::Or(parts) => tree.under("or", |tree| parts.iter().for_each(|part| values(tree, part))),
        ValuesKind::And(parts) => tree.under("and", |tree| parts.iter().for_each(|part| values(tree, part))),
        ValuesKind::Not(inner) => tree.under("not", |tree| values(tree, inner)),
    }
}

fn name(field: &FieldName) -> String {
    match &field.text {
        Text::Pattern(_) => format!("names like {}", field.text.shown()),
        Text::Plain(path) | Text::Quoted(path) => path.clone(),
    }
}

fn literal(literal: &Literal) -> String {
    match &literal.kind {
        LiteralKind::Text(Text::Quoted(text)) => format!("quoted {text:?}"),
        LiteralKind::Text(Text::Plain(text)) => format!("text {text:?}"),
        LiteralKind::Text(pattern @ Text::Pattern(_)) => format!("pattern {:?}", pattern.shown()),
        LiteralKind::Bool(value) => value.to_string(),
        LiteralKind::Null => "null".to_owned(),
    }
}
