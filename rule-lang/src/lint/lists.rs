//! What the text of a test shows: wildcards where none is expanded, patterns without any, list elements that another
//! one covers.

use super::chain;
use crate::diagnostic::{Diagnostic, codes::lint as codes};
use crate::eql::ast::{Case, CompareOp, Expr, ExprKind, Literal, MatchOp};
use crate::eql::{compare_text, match_text, print_expr};
use crate::source::FileId;
use crate::span::Span;

/// Looks at every test of a condition.
pub(super) fn lint(expr: &Expr, file: FileId, found: &mut Vec<Diagnostic>) {
    match &expr.kind {
        ExprKind::And(..) | ExprKind::Or(..) => {
            for operand in chain(expr) {
                lint(operand, file, found);
            }
        }
        ExprKind::Not(operand) => lint(operand, file, found),
        ExprKind::Compare(op @ (CompareOp::Eq | CompareOp::Ne), left, right) => {
            wildcard_in_comparison(*op, left, right, expr, file, found);
        }
        ExprKind::In { value, negated, case, list } => {
            wildcard_in_list(value, *negated, *case, list, expr, file, found);
            covered_elements(list, *case, false, file, found);
        }
        ExprKind::Match { value, op, patterns, .. } => {
            if matches!(op, MatchOp::Like | MatchOp::LikeInsensitive | MatchOp::Colon) {
                let case = if *op == MatchOp::Like { Case::Sensitive } else { Case::Insensitive };
                covered_elements(patterns, case, true, file, found);
            }
            if *op == MatchOp::Like {
                like_without_wildcard(value, patterns, expr, file, found);
            }
        }
        _ => {}
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether a text is meant as a pattern: an asterisk beside letters or digits, or a question mark where Windows paths
/// have a drive or no question mark at all. A lone `*` or the `?` of a web address is not.
fn looks_like_pattern(text: &str) -> bool {
    let letters = text.chars().any(char::is_alphanumeric);
    letters
        && (text.contains('*') || text.starts_with("?:\\") || (text.contains('?') && text.contains(":\\")))
}

fn exact_wildcard(operator: &str, pattern: &str, span: Span, file: FileId) -> Diagnostic {
    let message = format!("[{operator}] does not expand the wildcard of [{pattern}]");
    Diagnostic::warning(codes::WILDCARD_IN_EXACT_TEST, file, span, message)
}

/// The expression as it would be with `like`.
fn with_like(
    value: &Expr,
    op: MatchOp,
    patterns: &[Expr],
    listed: bool,
    negated: bool,
    span: Span,
) -> String {
    let matching =
        ExprKind::Match { value: Box::new(value.clone()), op, patterns: patterns.to_vec(), listed };
    let matching = Expr { kind: matching, span };
    let kind = if negated { ExprKind::Not(Box::new(matching)) } else { matching.kind };
    print_expr(&Expr { kind, span })
}

fn wildcard_in_comparison(
    op: CompareOp,
    left: &Expr,
    right: &Expr,
    expr: &Expr,
    file: FileId,
    found: &mut Vec<Diagnostic>,
) {
    let (value, constant) = if text(left).is_some() { (right, left) } else { (left, right) };
    let Some(pattern) = text(constant).filter(|text| looks_like_pattern(text)) else { return };
    let negated = op == CompareOp::Ne;
    let replacement =
        with_like(value, MatchOp::Like, std::slice::from_ref(constant), false, negated, expr.span);
    found.push(
        exact_wildcard(compare_text(op), pattern, constant.span, file)
            .help("use [like], or [:] to ignore case")
            .suggest(expr.span, replacement),
    );
}

fn wildcard_in_list(
    value: &Expr,
    negated: bool,
    case: Case,
    list: &[Expr],
    expr: &Expr,
    file: FileId,
    found: &mut Vec<Diagnostic>,
) {
    let mut patterns = list.iter().filter_map(|element| {
        text(element).filter(|text| looks_like_pattern(text)).map(|text| (text, element))
    });
    let Some((pattern, first)) = patterns.next() else { return };
    let (operator, op) = match case {
        Case::Sensitive => ("in", MatchOp::Like),
        Case::Insensitive => ("in~", MatchOp::LikeInsensitive),
    };
    let mut diagnostic =
        exact_wildcard(operator, pattern, first.span, file).help(format!("use [{}]", match_text(op)));
    for (_, element) in patterns {
        diagnostic = diagnostic.also(file, element.span, "nor this one");
    }
    if list.iter().all(|element| text(element).is_some()) {
        diagnostic = diagnostic.suggest(expr.span, with_like(value, op, list, true, negated, expr.span));
    }
    found.push(diagnostic);
}

fn like_without_wildcard(
    value: &Expr,
    patterns: &[Expr],
    expr: &Expr,
    file: FileId,
    found: &mut Vec<Diagnostic>,
) {
    let plain = |pattern: &Expr| text(pattern).is_some_and(|text| !text.contains(['*', '?']));
    if !patterns.iter().all(plain) {
        return;
    }
    let value = Box::new(value.clone());
    let (kind, operator) = match patterns {
        [pattern] => (ExprKind::Compare(CompareOp::Eq, value, Box::new(pattern.clone())), "=="),
        _ => (ExprKind::In { value, negated: false, case: Case::Sensitive, list: patterns.to_vec() }, "in"),
    };
    let message = format!("[like] without a wildcard is [{operator}]");
    let replacement = print_expr(&Expr { kind, span: expr.span });
    found.push(
        Diagnostic::warning(codes::LIKE_WITHOUT_WILDCARD, file, expr.span, message)
            .help(format!("use [{operator}], or add the wildcard that is missing"))
            .suggest(expr.span, replacement),
    );
}

/// Elements that another element of the list covers; of equal ones the later.
fn covered_elements(list: &[Expr], case: Case, patterns: bool, file: FileId, found: &mut Vec<Diagnostic>) {
    let texts: Vec<(&str, Span)> =
        list.iter().filter_map(|element| text(element).map(|text| (text, element.span))).collect();
    for (at, &(element, span)) in texts.iter().enumerate() {
        let cover = texts.iter().enumerate().find(|&(other_at, &(other, _))| {
            other_at != at
                && covers(other, element, case, patterns)
                && (other_at < at || !covers(element, other, case, patterns))
        });
        let Some((_, &(other, other_span))) = cover else { continue };
        let message = if other == element {
            format!("[{element}] stands in the list twice")
        } else {
            format!("[{element}] is covered by [{other}]")
        };
        found.push(
            Diagnostic::warning(codes::COVERED_ELEMENT, file, span, message)
                .also(file, other_span, "this element covers it")
                .help("remove it"),
        );
    }
}

/// Whether whatever `inner` matches, `outer` matches too. Patterns are compared symbol by symbol: an asterisk of
/// `inner` is met by an asterisk of `outer` only. May miss, never errs.
fn covers(outer: &str, inner: &str, case: Case, patterns: bool) -> bool {
    let same = |a: char, b: char| a == b || (case == Case::Insensitive && a.eq_ignore_ascii_case(&b));
    let outer: Vec<char> = outer.chars().collect();
    let inner: Vec<char> = inner.chars().collect();
    if !patterns {
        return outer.len() == inner.len() && outer.iter().zip(&inner).all(|(&a, &b)| same(a, b));
    }
    let (mut o, mut i) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while i < inner.len() {
        if outer.get(o) == Some(&'*') {
            star = Some((o, i));
            o += 1;
        } else if outer
            .get(o)
            .is_some_and(|&letter| inner[i] != '*' && (letter == '?' || same(letter, inner[i])))
        {
            o += 1;
            i += 1;
        } else if let Some((star_at, matched)) = star {
            star = Some((star_at, matched + 1));
            o = star_at + 1;
            i = matched + 1;
        } else {
            return false;
        }
    }
    outer[o..].iter().all(|&letter| letter == '*')
}
