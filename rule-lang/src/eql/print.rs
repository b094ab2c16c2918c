//! The syntax tree back to text: the same tree when parsed again, with as few parentheses as that takes.

use super::ast::{
    ArithmeticOp, Case, Category, CompareOp, EventFilter, Expr, ExprKind, FieldRef, Item, Literal, MatchOp,
    Number, Pipe, Query, Sequence, Sign, Statement, TimeSpan,
};
use super::escape::quote;
use super::token::is_plain_name;
use std::fmt::Write;

/// Writes a query: an event on one line, a sequence or sample with one item a line.
///
/// `join` has no tree and prints as the bare keyword.
///
/// ```
/// use rule_lang::{eql, source::FileId};
/// let text = "sequence  by host.id with maxspan=60s [any where (not x)] /* */ [\"a b\" where `any`==1.] with runs=2";
/// let printed = eql::print(&eql::parse(text, FileId(0)).unwrap());
/// assert_eq!(
///     printed,
///     "sequence by host.id with maxspan=1m\n  [any where not x]\n  [\"a b\" where `any` == 1.0] with runs=2"
/// );
/// ```
pub fn print(query: &Query) -> String {
    let mut printer = Printer { out: String::new() };
    printer.query(query);
    printer.out
}

/// Writes one expression.
pub fn print_expr(expr: &Expr) -> String {
    let mut printer = Printer { out: String::new() };
    printer.expr(expr, OR);
    printer.out
}

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const ADD: u8 = 5;
const MULTIPLY: u8 = 6;
const SIGN: u8 = 7;
const PREDICATE: u8 = 8;
const PRIMARY: u8 = 9;

struct Printer {
    out: String,
}

impl Printer {
    fn query(&mut self, query: &Query) {
        match &query.statement {
            Statement::Event(event) => self.event(event),
            Statement::Sequence(sequence) => self.sequence(sequence),
            Statement::Sample(sample) => {
                self.out.push_str("sample");
                self.keys(&sample.by);
                for item in &sample.items {
                    self.out.push_str("\n  ");
                    self.item(item);
                }
            }
            Statement::Join(_) => self.out.push_str("join"),
        }
        for pipe in &query.pipes {
            let inline = matches!(query.statement, Statement::Event(_));
            self.out.push_str(if inline { " " } else { "\n" });
            self.pipe(pipe);
        }
    }

    fn event(&mut self, event: &EventFilter) {
        match &event.category {
            Category::Any(_) => self.out.push_str("any"),
            Category::Named(name, _) if is_plain_name(name) => self.out.push_str(name),
            Category::Named(name, _) => quote(name, &mut self.out),
        }
        self.out.push_str(" where ");
        self.expr(&event.condition, OR);
    }

    fn sequence(&mut self, sequence: &Sequence) {
        self.out.push_str("sequence");
        self.keys(&sequence.by);
        if let Some(TimeSpan { millis, .. }) = sequence.maxspan {
            let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
            let fits = |&(factor, _): &(u64, &str)| millis > 0 && millis.is_multiple_of(factor);
            let (factor, unit) = units.into_iter().find(fits).unwrap_or((1, "ms"));
            let _ = write!(self.out, " with maxspan={}{unit}", millis / factor);
        }
        for item in &sequence.items {
            self.out.push_str("\n  ");
            self.item(item);
        }
        if let Some(until) = &sequence.until {
            self.out.push_str("\nuntil ");
            self.item(until);
        }
    }

    fn item(&mut self, item: &Item) {
        self.out.push_str(if item.missing { "![" } else { "[" });
        self.event(&item.filter);
        self.out.push(']');
        self.keys(&item.by);
        if let Some(runs) = item.runs {
            let _ = write!(self.out, " with runs={}", runs.count);
        }
    }

    fn keys(&mut self, keys: &[FieldRef]) {
        for (i, key) in keys.iter().enumerate() {
            self.out.push_str(if i == 0 { " by " } else { ", " });
            self.field(key);
        }
    }

    fn pipe(&mut self, pipe: &Pipe) {
        self.out.push_str("| ");
        self.out.push_str(&pipe.name);
        if !pipe.arguments.is_empty() {
            self.out.push(' ');
            self.list(&pipe.arguments);
        }
    }

    fn list(&mut self, elements: &[Expr]) {
        for (i, element) in elements.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.expr(element, OR);
        }
    }

    fn field(&mut self, field: &FieldRef) {
        if field.optional {
            self.out.push('?');
        }
        if field.path.split('.').any(str::is_empty) {
            return self.name(&field.path);
        }
        for (i, part) in field.path.split('.').enumerate() {
            if i > 0 {
                self.out.push('.');
            }
            self.name(part);
        }
    }

    fn name(&mut self, name: &str) {
        if is_plain_name(name) {
            self.out.push_str(name);
        } else {
            let _ = write!(self.out, "`{}`", name.replace('`', "``"));
        }
    }

    /// Writes `expr` where only what binds at least as tightly as `least` may stand bare.
    fn expr(&mut self, expr: &Expr, least: u8) {
        let bare = binding(&expr.kind) >= least;
        if !bare {
            self.out.push('(');
        }
        self.bare_expr(&expr.kind);
        if !bare {
            self.out.push(')');
        }
    }

    fn bare_expr(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Field(field) => self.field(field),
            ExprKind::Not(operand) => {
                self.out.push_str("not ");
                self.expr(operand, NOT);
            }
            ExprKind::Sign(sign, operand) => {
                self.out.push(if *sign == Sign::Plus { '+' } else { '-' });
                self.expr(operand, SIGN);
            }
            ExprKind::And(left, right) => self.binary(left, " and ", right, AND, AND),
            ExprKind::Or(left, right) => self.binary(left, " or ", right, OR, OR),
            ExprKind::Compare(op, left, right) => {
                let operator = format!(" {} ", compare_text(*op));
                self.binary(left, &operator, right, COMPARE, ADD);
            }
            ExprKind::Arithmetic(op, left, right) => {
                let operator = format!(" {} ", arithmetic_text(*op));
                let level = binding(kind);
                self.binary(left, &operator, right, level, level);
            }
            ExprKind::In { value, negated, case, list } => {
                self.expr(value, PRIMARY);
                let operator = match (negated, case) {
                    (false, Case::Sensitive) => " in (",
                    (false, Case::Insensitive) => " in~ (",
                    (true, Case::Sensitive) => " not in (",
                    (true, Case::Insensitive) => " not in~ (",
                };
                self.out.push_str(operator);
                self.list(list);
                self.out.push(')');
            }
            ExprKind::Match { value, op, patterns, listed } => {
                self.expr(value, PRIMARY);
                let _ = write!(self.out, " {} ", match_text(*op));
                self.out.push_str(if *listed { "(" } else { "" });
                self.list(patterns);
                self.out.push_str(if *listed { ")" } else { "" });
            }
            ExprKind::Call { name, case, arguments, .. } => {
                self.out.push_str(name);
                self.out.push_str(if *case == Case::Insensitive { "~(" } else { "(" });
                self.list(arguments);
                self.out.push(')');
            }
        }
    }

    /// A binary operator; of equal binding the left operand stands bare, unless the operator does not chain
    /// (`left_least` above its own level).
    fn binary(&mut self, left: &Expr, operator: &str, right: &Expr, level: u8, left_least: u8) {
        self.expr(left, left_least);
        self.out.push_str(operator);
        self.expr(right, level + 1);
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.out.push_str("null"),
            Literal::Bool(value) => {
                let _ = write!(self.out, "{value}");
            }
            Literal::Number(number) => self.number(*number),
            Literal::Text(text) => quote(text, &mut self.out),
        }
    }

    fn number(&mut self, number: Number) {
        let _ = match number {
            Number::Int(value) => write!(self.out, "{value}"),
            Number::Long(value) => write!(self.out, "{value}"),
            Number::ULong(value) => write!(self.out, "{value}"),
            Number::Double(value) => write!(self.out, "{value:?}"),
        };
    }
}

fn binding(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(..) => OR,
        ExprKind::And(..) => AND,
        ExprKind::Not(_) => NOT,
        ExprKind::Compare(..) => COMPARE,
        ExprKind::Arithmetic(ArithmeticOp::Add | ArithmeticOp::Subtract, ..) => ADD,
        ExprKind::Arithmetic(..) => MULTIPLY,
        ExprKind::Sign(..) => SIGN,
        ExprKind::In { .. } | ExprKind::Match { .. } => PREDICATE,
        ExprKind::Literal(_) | ExprKind::Field(_) | ExprKind::Call { .. } => PRIMARY,
    }
}

/// How a comparison is written.
pub(crate) fn compare_text(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

/// How an arithmetic operator is written.
pub(crate) fn arithmetic_text(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Modulo => "%",
    }
}

/// How a pattern operator is written.
pub(crate) fn match_text(op: MatchOp) -> &'static str {
    match op {
        MatchOp::Colon => ":",
        MatchOp::Like => "like",
        MatchOp::LikeInsensitive => "like~",
        MatchOp::Regex => "regex",
        MatchOp::RegexInsensitive => "regex~",
    }
}
