//! The syntax tree back to text: the same tree when parsed again, with as few parentheses as that takes.

use super::ast::{Expr, ExprKind, FieldName, Literal, LiteralKind, Query, Text, Values, ValuesKind};
use super::token::{Word, is_special};
use crate::eql::compare_text;
use std::fmt::Write;

/// Writes a query on one line.
///
/// ```
/// use rule_lang::{kql, source::FileId};
/// let query = kql::parse(r"process.name:(cmd.exe or 'x'*) AND (not (user.id : C\:\\x))", FileId(0)).query.unwrap();
/// assert_eq!(kql::print(&query), r"process.name: (cmd.exe or 'x'*) and not user.id: C\:\\x");
/// ```
pub fn print(query: &Query) -> String {
    query.condition.as_ref().map_or_else(String::new, print_expr)
}

/// Writes one condition.
pub fn print_expr(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(expr, OR, &mut out);
    out
}

const OR: u8 = 1;
const AND: u8 = 2;
/// Operands of `and`.
const NOT: u8 = 3;
const OPERAND: u8 = 4;

/// Writes `expr` so that it can stand where something that binds as tightly as `place` is wanted.
fn write_expr(expr: &Expr, place: u8, out: &mut String) {
    let own = match &expr.kind {
        ExprKind::Or(_) => OR,
        ExprKind::And(_) => AND,
        ExprKind::Not(_) => NOT,
        _ => OPERAND,
    };
    parenthesized(own < place, out, |out| match &expr.kind {
        ExprKind::Or(parts) => joined(parts, " or ", out, |part, out| write_expr(part, AND, out)),
        ExprKind::And(parts) => joined(parts, " and ", out, |part, out| write_expr(part, NOT, out)),
        ExprKind::Not(inner) => {
            out.push_str("not ");
            write_expr(inner, OPERAND, out);
        }
        ExprKind::Nested { path, condition } => {
            field(path, out);
            out.push_str(": { ");
            write_expr(condition, OR, out);
            out.push_str(" }");
        }
        ExprKind::Range { field: name, op, bound } => {
            field(name, out);
            let _ = write!(out, " {} ", compare_text(*op));
            literal(bound, out);
        }
        ExprKind::Is { field: name, values } => {
            field(name, out);
            out.push_str(": ");
            write_values(values, OPERAND, out);
        }
        ExprKind::Free(value) => literal(value, out),
    });
}

fn write_values(values: &Values, place: u8, out: &mut String) {
    let own = match &values.kind {
        ValuesKind::Or(_) => OR,
        ValuesKind::And(_) => AND,
        ValuesKind::Not(_) => NOT,
        ValuesKind::One(_) => OPERAND,
    };
    parenthesized(own < place, out, |out| match &values.kind {
        ValuesKind::Or(parts) => joined(parts, " or ", out, |part, out| write_values(part, AND, out)),
        ValuesKind::And(parts) => joined(parts, " and ", out, |part, out| write_values(part, NOT, out)),
        ValuesKind::Not(inner) => {
            out.push_str("not ");
            write_values(inner, OPERAND, out);
        }
        ValuesKind::One(value) => literal(value, out),
    });
}

fn parenthesized(needed: bool, out: &mut String, inside: impl FnOnce(&mut String)) {
    if needed {
        out.push('(');
    }
    inside(out);
    if needed {
        out.push(')');
    }
}

fn joined<T>(parts: &[T], between: &str, out: &mut String, write: impl Fn(&T, &mut String)) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(between);
        }
        write(part, out);
    }
}

fn field(name: &FieldName, out: &mut String) {
    text(&name.text, out);
}

fn literal(value: &Literal, out: &mut String) {
    match &value.kind {
        LiteralKind::Text(written) => text(written, out),
        LiteralKind::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        LiteralKind::Null => out.push_str("null"),
    }
}

/// A literal as it would be written.
pub(super) fn literal_text(value: &Literal) -> String {
    let mut out = String::new();
    literal(value, &mut out);
    out
}

fn text(written: &Text, out: &mut String) {
    match written {
        Text::Quoted(content) => quoted(content, out),
        Text::Plain(_) | Text::Pattern(_) => {
            joined(written.parts(), "*", out, |part, out| unquoted(part, out));
        }
    }
}

fn quoted(content: &str, out: &mut String) {
    out.push('"');
    for letter in content.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            letter => plain(letter, out),
        }
    }
    out.push('"');
}

/// A part of a text without quotes. Words that would connect get a backslash.
fn unquoted(content: &str, out: &mut String) {
    let mut at_word = true;
    for (at, letter) in content.char_indices() {
        if at_word && Word::at_start(&content[at..]).is_some_and(|word| stands_alone(&content[at..], word)) {
            out.push('\\');
        }
        if is_special(letter) {
            out.push('\\');
        }
        plain(letter, out);
        at_word = letter.is_whitespace();
    }
}

/// Whether white space, or the end, is behind a word.
fn stands_alone(text: &str, word: Word) -> bool {
    text[word.text().len()..].chars().next().is_none_or(char::is_whitespace)
}

fn plain(letter: char, out: &mut String) {
    match letter {
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\n' => out.push_str("\\n"),
        control if control.is_control() && u32::from(control) <= 0xFFFF => {
            let _ = write!(out, "\\u{:04x}", u32::from(control));
        }
        letter => out.push(letter),
    }
}
