//! `:`, `like` and `regex` (eql.md sections 7 and 8).

use super::types::{Operand, Type, literal_constant};
use super::{Check, Checker, Truth, fold, regex_syntax};
use crate::condition::{Constant, Test, Value};
use crate::diagnostic::codes::eql as codes;
use crate::eql::ast::{Case, Expr, ExprKind, MatchOp};
use crate::eql::{match_text, print_expr};

impl Checker<'_> {
    /// `value op patterns`
    pub(super) fn matches(
        &mut self,
        value: &Expr,
        op: MatchOp,
        patterns: &[Expr],
        expr: &Expr,
    ) -> Check<Truth> {
        let operand = self.value(value)?;
        let regex = matches!(op, MatchOp::Regex | MatchOp::RegexInsensitive);
        if !operand.ty.is_string() {
            let hint = if op == MatchOp::Colon { "; consider using [==] instead" } else { "" };
            let message = format!(
                "argument of [{}] must be [string], found value [{}] type [{}]{hint}",
                print_expr(expr),
                print_expr(value),
                operand.ty.name()
            );
            self.error(codes::TYPE_MISMATCH, value.span, message);
            return Err(match operand.ty {
                Type::Ip => self.with_help("use [==], or cidrMatch for a block of addresses"),
                _ => self.with_help(format!("use [==] or [in] instead of [{}]", match_text(op))),
            });
        }
        let texts: Vec<_> = patterns.iter().map(|pattern| self.pattern(pattern, regex, expr)).collect();
        let texts: Vec<String> =
            texts.into_iter().collect::<Check<Vec<_>>>()?.into_iter().flatten().collect();
        if texts.is_empty() {
            return Ok(Truth::Null);
        }
        let sensitive = matches!(op, MatchOp::Like | MatchOp::Regex) && !operand.caseless;
        let case = if sensitive { Case::Sensitive } else { Case::Insensitive };
        if regex {
            return Ok(match operand.as_constant() {
                Some(Constant::Null) => Truth::Null,
                _ => Truth::leaf(Test::Regex { value: operand.value, patterns: texts, case }, expr.span),
            });
        }
        Ok(like(operand, texts, case, expr))
    }

    /// The text of a pattern; `None` for null.
    fn pattern(&mut self, pattern: &Expr, regex: bool, expr: &Expr) -> Check<Option<String>> {
        let ExprKind::Literal(literal) = &pattern.kind else { return Ok(None) };
        match literal_constant(literal) {
            Constant::Null => Ok(None),
            Constant::Text(text) => {
                if regex {
                    self.regex(&text, pattern)?;
                }
                Ok(Some(text.to_string()))
            }
            other => {
                let message = format!(
                    "second argument of [{}] must be [string], found value [{}] type [{}]",
                    print_expr(expr),
                    print_expr(pattern),
                    Type::from(&other).name()
                );
                Err(self.error(codes::TYPE_MISMATCH, pattern.span, message))
            }
        }
    }

    fn regex(&mut self, text: &str, pattern: &Expr) -> Check<()> {
        if let Err(problem) = regex_syntax::validate(text) {
            let message = format!("[{text}] is not a regular expression of Lucene: {problem}");
            return Err(self.error(codes::BAD_REGEX, pattern.span, message));
        }
        if let Some(doubt) = regex_syntax::doubt(text) {
            self.warning(codes::DOUBTFUL_REGEX, pattern.span, doubt);
        }
        Ok(())
    }
}

fn like(operand: Operand, patterns: Vec<String>, case: Case, expr: &Expr) -> Truth {
    let everything =
        patterns.iter().any(|pattern| !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*'));
    match operand.as_constant() {
        Some(Constant::Null) if everything => return Truth::constant(Some(false)),
        Some(Constant::Null) => return Truth::Null,
        Some(Constant::Text(text)) => {
            let found = patterns.iter().any(|pattern| fold::like(text, pattern, case));
            return Truth::constant(Some(found));
        }
        _ => {}
    }
    if everything && matches!(operand.value, Value::Field(_)) {
        return Truth::leaf(Test::IsNull(operand.value), expr.span).negated();
    }
    Truth::leaf(Test::Like { value: operand.value, patterns, case }, expr.span)
}
