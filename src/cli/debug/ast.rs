//! A syntax tree as indented lines.

use std::fmt::Write as _;

use rule_lang::eql::ast::{
    Case, Category, EventFilter, Expr, ExprKind, FieldRef, Item, MatchOp, Pipe, Query, Sign, Statement,
};
use rule_lang::eql::{print, print_expr};

/// The query printed back, then its tree.
pub(super) fn describe(query: &Query) -> String {
    let mut tree = Tree { out: String::new(), depth: 0 };
    for line in print(query).lines() {
        tree.line(line);
    }
    tree.line("");
    tree.statement(&query.statement);
    for pipe in &query.pipes {
        tree.pipe(pipe);
    }
    tree.out
}

/// Lines under lines.
pub(super) struct Tree {
    pub(super) out: String,
    pub(super) depth: usize,
}

impl Tree {
    pub(super) fn line(&mut self, text: &str) {
        if text.is_empty() {
            self.out.push('\n');
            return;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:1$}{text}", "", 2 + 2 * self.depth);
    }

    /// A line with others below it.
    pub(super) fn under(&mut self, text: &str, below: impl FnOnce(&mut Self)) {
        self.line(text);
        self.depth += 1;
        below(self);
        self.depth -= 1;
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Event(filter) => self.filter("event", filter),
            Statement::Sequence(sequence) => {
                let span =
                    sequence.maxspan.map(|span| format!(" maxspan {} ms", span.millis)).unwrap_or_default();
                self.under(&format!("sequence{}{span}", keys(&sequence.by)), |tree| {
                    sequence.items.iter().for_each(|item| tree.item("item", item));
                    sequence.until.iter().for_each(|item| tree.item("until", item));
                });
            }
            Statement::Sample(sample) => self.under(&format!("sample{}", keys(&sample.by)), |tree| {
                sample.items.iter().for_each(|item| tree.item("item", item));
            }),
            Statement::Join(_) => self.line("join"),
        }
    }

    fn item(&mut self, name: &str, item: &Item) {
        let missing = if item.missing { " missing" } else { "" };
        let runs = item.runs.map(|runs| format!(" runs {}", runs.count)).unwrap_or_default();
        self.filter(&format!("{name}{missing}{}{runs}", keys(&item.by)), &item.filter);
    }

    fn filter(&mut self, name: &str, filter: &EventFilter) {
        let category = match &filter.category {
            Category::Any(_) => "any".to_owned(),
            Category::Named(category, _) => format!("{category:?}"),
        };
        self.under(&format!("{name} of category {category}"), |tree| tree.expr(&filter.condition));
    }

    fn pipe(&mut self, pipe: &Pipe) {
        self.under(&format!("pipe {}", pipe.name), |tree| {
            pipe.arguments.iter().for_each(|argument| tree.expr(argument));
        });
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Field(_) => self.line(&print_expr(expr)),
            ExprKind::Not(inner) => self.under("not", |tree| tree.expr(inner)),
            ExprKind::Sign(sign, inner) => {
                self.under(if *sign == Sign::Minus { "minus" } else { "plus" }, |tree| tree.expr(inner));
            }
            ExprKind::And(..) => self.chain("and", expr),
            ExprKind::Or(..) => self.chain("or", expr),
            ExprKind::Compare(op, left, right) => self.two(&format!("compare {op:?}"), left, right),
            ExprKind::Arithmetic(op, left, right) => self.two(&format!("arithmetic {op:?}"), left, right),
            ExprKind::In { value, negated, case, list } => {
                let not = if *negated { "not " } else { "" };
                self.list(&format!("{not}in{}", tilde(*case)), value, list);
            }
            ExprKind::Match { value, op, patterns, .. } => self.list(match_op(*op), value, patterns),
            ExprKind::Call { name, case, arguments, .. } => {
                self.under(&format!("call {name}{}", tilde(*case)), |tree| {
                    tree.exprs(arguments);
                });
            }
        }
    }

    /// `a and b and c` is one node with three below, however the parser nests it.
    fn chain(&mut self, word: &str, expr: &Expr) {
        let mut links = Vec::new();
        let mut left = expr;
        while let (ExprKind::And(first, second), "and") | (ExprKind::Or(first, second), "or") =
            (&left.kind, word)
        {
            links.push(second);
            left = first;
        }
        self.under(word, |tree| {
            tree.expr(left);
            links.iter().rev().for_each(|link| tree.expr(link));
        });
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn two(&mut self, name: &str, left: &Expr, right: &Expr) {
        self.under(name, |tree| {
            tree.expr(left);
            tree.expr(right);
        });
    }

    fn list(&mut self, name: &str, value: &Expr, list: &[Expr]) {
        self.under(name, |tree| {
            tree.expr(value);
            tree.exprs(list);
        });
    }
}

fn keys(keys: &[FieldRef]) -> String {
    let key = |key: &FieldRef| format!("{}{}", if key.optional { "?" } else { "" }, key.path);
    if keys.is_empty() {
        String::new()
    } else {
        format!(" by {}", keys.iter().map(key).collect::<Vec<_>>().join(", "))
    }
}

fn tilde(case: Case) -> &'static str {
    match case {
        Case::Sensitive => "",
        Case::Insensitive => "~",
    }
}

fn match_op(op: MatchOp) -> &'static str {
    match op {
        MatchOp::Colon => ":",
        MatchOp::Like => "like",
        MatchOp::LikeInsensitive => "like~",
        MatchOp::Regex => "regex",
        MatchOp::RegexInsensitive => "regex~",
    }
}
