//! Tests of one field that exclude each other, or that cover every event between them.
//!
//! A field that may have several values meets `f == "a" and f == "b"` with two of them; such tests contradict each
//! other only where the schema says that the field has one value. A test and its negation always do.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{compare_constants, matches_like, same_text};
use crate::condition::{Condition, Constant, Field, Leaf, Test, Value};
use crate::diagnostic::{Diagnostic, codes::lint as codes};
use crate::eql::ast::{Case, CompareOp};
use crate::schema::{FieldType, Schema};
use crate::source::FileId;

/// A test with its sign: false stands for its negation.
#[derive(Clone, Copy)]
struct Literal<'a> {
    leaf: &'a Leaf,
    positive: bool,
}

/// Looks at a condition and its parts.
pub(super) fn lint(condition: &Condition, schema: &Schema, file: FileId, found: &mut Vec<Diagnostic>) {
    let mut lint = Lint { schema, file, found };
    lint.visit(condition, &[], true);
}

struct Lint<'a> {
    schema: &'a Schema,
    file: FileId,
    found: &'a mut Vec<Diagnostic>,
}

/// The test or negated test that a condition is, seen with `positive` sign.
fn literal(condition: &Condition, positive: bool) -> Option<Literal<'_>> {
    match condition {
        Condition::Leaf(leaf) => Some(Literal { leaf, positive }),
        Condition::Not(inner) => literal(inner, !positive),
        _ => None,
    }
}

impl Lint<'_> {
    /// `context` holds where `condition` matters; a negated `or` is an `and` of negations.
    fn visit(&mut self, condition: &Condition, context: &[Literal<'_>], positive: bool) {
        match (condition, positive) {
            (Condition::Not(inner), _) => self.visit(inner, context, !positive),
            (Condition::And(parts), true) | (Condition::Or(parts), false) => {
                let mut known = context.to_vec();
                for part in parts {
                    if let Some(literal) = literal(part, positive) {
                        self.refute(&known, literal);
                        known.push(literal);
                    }
                }
                for part in parts.iter().filter(|part| literal(part, positive).is_none()) {
                    self.visit(part, &known, positive);
                }
            }
            (Condition::Or(parts), true) | (Condition::And(parts), false) => {
                self.cover(parts, positive);
                for part in parts {
                    match literal(part, positive) {
                        // An exclusion that repeats what is known (`a and not (a and b)`) reads well.
                        Some(_) if !positive => {}
                        Some(literal) => self.refute(context, literal),
                        None => self.visit(part, context, positive),
                    }
                }
            }
            _ => {}
        }
    }

    /// Reports `literal` if it cannot be true together with `known`.
    fn refute(&mut self, known: &[Literal<'_>], literal: Literal<'_>) {
        let Some(field) = tested_field(&literal.leaf.test) else { return };
        let others: Vec<Literal<'_>> =
            known.iter().copied().filter(|other| tested_field(&other.leaf.test) == Some(field)).collect();
        let mut all = others.clone();
        all.push(literal);
        if satisfiable(&all, self.is_single(field)) {
            return;
        }
        // Without this one there was a contradiction before, which is reported already.
        let Some(other) =
            others.iter().find(|&&other| !satisfiable(&[other, literal], self.is_single(field)))
        else {
            return;
        };
        let message = if same_test(other.leaf, literal.leaf) {
            format!("a test of [{field}] can never be true beside its opposite")
        } else {
            format!("this test of [{field}] can never be true beside another one")
        };
        self.found.push(Diagnostic::warning(codes::NEVER_TRUE, self.file, literal.leaf.span, message).also(
            self.file,
            other.leaf.span,
            "this test excludes it",
        ));
    }

    /// Reports alternatives of which one is always true: `f != "a" or f != "b"`.
    fn cover(&mut self, parts: &[Condition], positive: bool) {
        let mut by_field: BTreeMap<&Field, Vec<Literal<'_>>> = BTreeMap::new();
        for part in parts {
            if let Some(literal) = literal(part, positive)
                && let Some(field) = tested_field(&literal.leaf.test)
            {
                by_field.entry(field).or_default().push(literal);
            }
        }
        for (field, alternatives) in by_field {
            let opposites: Vec<Literal<'_>> = alternatives
                .iter()
                .map(|literal| Literal { leaf: literal.leaf, positive: !literal.positive })
                .collect();
            if opposites.len() < 2 || satisfiable(&opposites, self.is_single(field)) {
                continue;
            }
            let [first, second, ..] = alternatives.as_slice() else { continue };
            let message = format!("one of these tests of [{field}] is always true");
            self.found.push(
                Diagnostic::warning(codes::ALWAYS_TRUE, self.file, first.leaf.span, message)
                    .also(self.file, second.leaf.span, "together with this test")
                    .help("use [and] between tests that exclude values"),
            );
        }
    }

    fn is_single(&self, field: &Field) -> bool {
        self.schema.get(&field.path).is_some_and(|info| !info.array)
    }
}

fn same_test(left: &Leaf, right: &Leaf) -> bool {
    left.test == right.test
}

/// The field of a test of one plain field.
fn tested_field(test: &Test) -> Option<&Field> {
    match test {
        Test::Compare { left: Value::Field(field), .. }
        | Test::In { value: Value::Field(field), .. }
        | Test::Like { value: Value::Field(field), .. }
        | Test::Regex { value: Value::Field(field), .. }
        | Test::IsNull(Value::Field(field)) => Some(field),
        _ => None,
    }
}

/// Whether some event may meet all tests of one field. Says yes when in doubt.
fn satisfiable(literals: &[Literal<'_>], single: bool) -> bool {
    let present =
        literals.iter().any(|literal| literal.positive != matches!(literal.leaf.test, Test::IsNull(_)));
    let absent =
        literals.iter().any(|literal| literal.positive && matches!(literal.leaf.test, Test::IsNull(_)));
    if present && absent {
        return false;
    }
    for literal in literals.iter().filter(|literal| literal.positive) {
        let opposite = |other: &Literal<'_>| !other.positive && same_test(other.leaf, literal.leaf);
        if literals.iter().any(opposite) {
            return false;
        }
        // One of these values has to be there, and has to pass the tests that bear on every value.
        let Some(candidates) = exact_values(&literal.leaf.test) else { continue };
        let passes = |value: &&Constant| {
            literals
                .iter()
                .filter(|other| !other.positive || single)
                .all(|other| holds(&other.leaf.test, value).is_none_or(|holds| holds == other.positive))
        };
        if candidates.iter().find(passes).is_none() {
            return false;
        }
    }
    true
}

/// The values one of which makes a test true, if they can be listed and are compared exactly.
fn exact_values(test: &Test) -> Option<Vec<Constant>> {
    match test {
        Test::Compare { op: CompareOp::Eq, right: Value::Constant(constant), .. } => {
            Some(vec![constant.clone()])
        }
        Test::In { list, case: Case::Sensitive, .. } => Some(list.clone()),
        Test::Like { patterns, case: Case::Sensitive, .. } => {
            let plain = patterns.iter().all(|pattern| !pattern.contains(['*', '?']));
            plain
                .then(|| patterns.iter().map(|pattern| Constant::Text(Arc::from(pattern.as_str()))).collect())
        }
        _ => None,
    }
}

/// Whether a test is true of one value; `None` if that is not known here (regular expressions, values of types that
/// are compared in their own way).
fn holds(test: &Test, value: &Constant) -> Option<bool> {
    let exact = |left: &Constant, right: &Constant| match (left, right) {
        (Constant::Text(_), Constant::Text(_))
        | (Constant::Number(_), Constant::Number(_))
        | (Constant::Bool(_), Constant::Bool(_)) => compare_constants(CompareOp::Eq, left, right),
        _ => None,
    };
    let plain = matches!(
        tested_field(test)?.ty,
        FieldType::Keyword | FieldType::Long | FieldType::Boolean | FieldType::Unknown
    );
    if !plain {
        return None;
    }
    match test {
        Test::Compare { op: CompareOp::Eq, right: Value::Constant(constant), .. } => exact(value, constant),
        Test::Compare { op, right: Value::Constant(constant), .. } => {
            exact(value, constant)?;
            compare_constants(*op, value, constant)
        }
        Test::In { list, case, .. } => {
            let results: Option<Vec<bool>> = list
                .iter()
                .map(|element| match (value, element) {
                    (Constant::Text(left), Constant::Text(right)) => Some(same_text(left, right, *case)),
                    (left, right) => exact(left, right),
                })
                .collect();
            results.map(|results| results.contains(&true))
        }
        Test::Like { patterns, case, .. } => match value {
            Constant::Text(value) => Some(patterns.iter().any(|pattern| matches_like(value, pattern, *case))),
            _ => None,
        },
        Test::IsNull(_) => Some(false),
        _ => None,
    }
}
