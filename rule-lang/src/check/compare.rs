//! Comparisons and `in`: the rows of `!=` and null of eql.md section 5, literals to the right, types, arithmetic moved
//! over the comparison.

use super::fold;
use super::literals::{is_address, is_block, is_date};
use super::types::{Operand, Type, is_boolean_call, is_test};
use super::{Check, Checker, Stop, Truth, any};
use crate::condition::{Call, Condition, Constant, Function, Leaf, Test, Value};
use crate::diagnostic::codes::eql as codes;
use crate::eql::ast::{ArithmeticOp, Case, CompareOp, Expr, Number};
use crate::eql::{compare_text, print_expr};
use crate::schema::FieldType;
use crate::span::Span;

impl Checker<'_> {
    /// `left op right`
    pub(super) fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) -> Check<Truth> {
        if is_test(left) || is_boolean_call(left) {
            return self.compare_test(op, left, right, span);
        }
        if is_test(right) || is_boolean_call(right) {
            return self.compare_test(mirrored(op), right, left, span);
        }
        let (mut left_expr, mut right_expr, mut op) = (left, right, op);
        let left = self.value(left);
        let right = self.value(right);
        let (mut left, mut right) = (left?, right?);
        if left.as_constant().is_some() && right.as_constant().is_none() {
            std::mem::swap(&mut left, &mut right);
            std::mem::swap(&mut left_expr, &mut right_expr);
            op = mirrored(op);
        }
        let Some(constant) = right.as_constant().cloned() else {
            return Err(self.field_comparison(right_expr, compare_text(op)));
        };
        if let Some(left) = left.as_constant() {
            return Ok(Truth::constant(fold::compare(op, left, &constant)));
        }
        if constant == Constant::Null {
            return Ok(match op {
                CompareOp::Eq | CompareOp::Ne => {
                    Truth::leaf(Test::IsNull(left.value), span).negated_if(op == CompareOp::Ne)
                }
                _ => Truth::Null,
            });
        }
        let (op, left, constant) = move_arithmetic(op, left, constant);
        self.compare_constant(op, &left, constant, right_expr, span)
    }

    /// A value that is not constant against a constant that is not null.
    fn compare_constant(
        &mut self,
        op: CompareOp,
        left: &Operand,
        constant: Constant,
        written: &Expr,
        span: Span,
    ) -> Check<Truth> {
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        let constant = self.fitting(left, constant, written)?;
        if !equality && matches!(constant, Constant::Bool(_)) {
            let message =
                format!("booleans have no order: [{}] against [{}]", compare_text(op), print_expr(written));
            return Err(self.error(codes::TYPE_MISMATCH, span, message));
        }
        let plain_field = matches!(left.value, Value::Field(_));
        let negate = op == CompareOp::Ne && plain_field;
        let test = if equality && is_block_test(left, &constant) {
            block_test(left.value.clone(), vec![Value::Constant(constant)])
        } else if equality && left.caseless && matches!(constant, Constant::Text(_)) {
            Test::In { value: left.value.clone(), list: vec![constant], case: Case::Insensitive }
        } else {
            let op = if negate { CompareOp::Eq } else { op };
            Test::Compare { op, left: left.value.clone(), right: Value::Constant(constant) }
        };
        Ok(Truth::leaf(test, span).negated_if(negate))
    }

    pub(super) fn field_comparison(&mut self, offender: &Expr, operator: &str) -> Stop {
        let message = format!(
            "comparisons against fields are not (currently) supported; offender [{}] in [{operator}]",
            print_expr(offender)
        );
        self.error(codes::FIELD_COMPARISON, offender.span, message);
        self.with_help("one side of a comparison has to be a constant; functions may mix fields")
    }

    /// A test or a boolean function against `true`, `false` or null.
    fn compare_test(&mut self, op: CompareOp, test: &Expr, other: &Expr, span: Span) -> Check<Truth> {
        let truth = self.boolean(test)?;
        let constant = if is_test(other) || is_boolean_call(other) {
            match self.boolean(other)? {
                Truth::Null => Constant::Null,
                Truth::Known(Condition::Const(value)) => Constant::Bool(value),
                Truth::Known(_) => return Err(self.field_comparison(other, compare_text(op))),
            }
        } else {
            let operand = self.value(other)?;
            match operand.as_constant() {
                Some(constant) => constant.clone(),
                None => return Err(self.field_comparison(other, compare_text(op))),
            }
        };
        let condition = match truth {
            Truth::Null => return Ok(Truth::constant(fold::compare(op, &Constant::Null, &constant))),
            Truth::Known(Condition::Const(value)) => {
                return Ok(Truth::constant(fold::compare(op, &Constant::Bool(value), &constant)));
            }
            Truth::Known(condition) => condition,
        };
        match (op, constant) {
            (CompareOp::Eq | CompareOp::Ne, Constant::Bool(value)) => {
                Ok(Truth::Known(condition).negated_if(value == (op == CompareOp::Ne)))
            }
            (CompareOp::Eq | CompareOp::Ne, Constant::Null) => {
                if let Some(null) = null_test(&condition, span) {
                    return Ok(Truth::Known(null).negated_if(op == CompareOp::Ne));
                }
                let message = format!("[{}] cannot be compared with null", print_expr(test));
                self.error(codes::BOOLEAN_INSIDE, test.span, message);
                Err(self.with_help("compare a single test or a field with null"))
            }
            (_, Constant::Null) => Ok(Truth::Null),
            _ => {
                let message = format!(
                    "a test can be compared with [==] or [!=] to true, false or null, not with [{}] to [{}]",
                    compare_text(op),
                    print_expr(other)
                );
                Err(self.error(codes::TYPE_MISMATCH, other.span, message))
            }
        }
    }

    /// `value in (list)`
    pub(super) fn in_list(&mut self, value: &Expr, case: Case, list: &[Expr], expr: &Expr) -> Check<Truth> {
        let operand = self.value(value);
        let operator = if case == Case::Insensitive { "in~" } else { "in" };
        let elements: Vec<_> = list.iter().map(|element| self.element(element, operator)).collect();
        let operand = operand?;
        let elements = elements.into_iter().collect::<Check<Vec<_>>>()?;
        if case == Case::Insensitive {
            self.strings_only(&operand, value, &elements, list, expr)?;
        }
        if let Some(constant) = operand.as_constant() {
            return Ok(fold_in(constant, &elements, case));
        }
        let mut fitting = Vec::with_capacity(elements.len());
        let mut blocks = Vec::new();
        for (at, (constant, written)) in elements.into_iter().zip(list).enumerate() {
            if constant == Constant::Null {
                continue;
            }
            self.same_type(&operand, &constant, at, written, expr)?;
            let constant = self.fitting(&operand, constant, written)?;
            if is_block_test(&operand, &constant) {
                blocks.push(Value::Constant(constant));
            } else {
                fitting.push(constant);
            }
        }
        let texts = fitting.iter().all(|constant| matches!(constant, Constant::Text(_)));
        let case = if operand.caseless && texts { Case::Insensitive } else { case };
        let leaf = |test| Condition::Leaf(Leaf { test, span: expr.span });
        let mut leaves = Vec::new();
        if !fitting.is_empty() {
            leaves.push(leaf(Test::In { value: operand.value.clone(), list: fitting, case }));
        }
        if !blocks.is_empty() {
            leaves.push(leaf(block_test(operand.value, blocks)));
        }
        Ok(Truth::Known(any(leaves)))
    }

    fn element(&mut self, element: &Expr, operator: &str) -> Check<Constant> {
        let operand = self.value(element)?;
        match operand.as_constant() {
            Some(constant) => Ok(constant.clone()),
            None => Err(self.field_comparison(element, operator)),
        }
    }

    fn strings_only(
        &mut self,
        operand: &Operand,
        value: &Expr,
        elements: &[Constant],
        list: &[Expr],
        expr: &Expr,
    ) -> Check<()> {
        let bad = std::iter::once((operand.ty, value))
            .chain(elements.iter().map(Type::from).zip(list))
            .enumerate()
            .find(|(_, (ty, _))| !ty.is_string());
        let Some((at, (ty, culprit))) = bad else { return Ok(()) };
        let message = format!(
            "{} argument of [{}] must be [string], found value [{}] type [{}]",
            ordinal(at + 1),
            print_expr(expr),
            print_expr(culprit),
            ty.name()
        );
        Err(self.error(codes::TYPE_MISMATCH, culprit.span, message))
    }

    /// With a mapping, Elasticsearch wants all elements of a list to have the type of the value.
    fn same_type(
        &mut self,
        operand: &Operand,
        constant: &Constant,
        at: usize,
        written: &Expr,
        expr: &Expr,
    ) -> Check<()> {
        let found = Type::from(constant);
        let same = match operand.ty {
            Type::Keyword => found.is_string(),
            Type::Integer | Type::Long | Type::ULong | Type::Double => found.is_number(),
            Type::Boolean => found.is_boolean(),
            _ => true,
        };
        if same || !self.options.schema.is_closed() {
            return Ok(());
        }
        let message = format!(
            "{} argument of [{}] must be [{}], found value [{}] type [{}]",
            ordinal(at + 2),
            print_expr(expr),
            operand.ty.name(),
            print_expr(written),
            found.name()
        );
        Err(self.error(codes::TYPE_MISMATCH, written.span, message))
    }

    /// The constant as a value of the operand's type.
    fn fitting(&mut self, operand: &Operand, constant: Constant, written: &Expr) -> Check<Constant> {
        let fits = match (operand.ty, &constant) {
            (Type::Integer | Type::Long | Type::ULong | Type::Double, Constant::Text(text)) => {
                match number_text(text) {
                    Some(number) => return Ok(Constant::Number(number)),
                    None => false,
                }
            }
            (Type::Boolean, Constant::Text(text)) => match &**text {
                "true" => return Ok(Constant::Bool(true)),
                "false" => return Ok(Constant::Bool(false)),
                _ => false,
            },
            (Type::Boolean | Type::Ip, Constant::Number(_))
            | (
                Type::Integer | Type::Long | Type::ULong | Type::Double | Type::Date | Type::Ip,
                Constant::Bool(_),
            ) => false,
            (Type::Ip, Constant::Text(text)) => is_address(text) || is_block(text),
            (Type::Date, Constant::Text(text)) => is_date(text),
            _ => true,
        };
        if fits {
            return Ok(constant);
        }
        let message = format!("[{}] is no value of type [{}]", print_expr(written), operand.ty.name());
        if self.options.schema.is_closed() || !matches!(operand.value, Value::Field(_)) {
            return Err(self.error(codes::BAD_CONSTANT, written.span, message));
        }
        self.warning(codes::DOUBTFUL_CONSTANT, written.span, message);
        Ok(constant)
    }
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// The operator with its sides exchanged.
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        op => op,
    }
}

fn is_block_test(operand: &Operand, constant: &Constant) -> bool {
    match (&operand.value, constant) {
        (Value::Field(field), Constant::Text(text)) => {
            field.ty == FieldType::Ip && !is_address(text) && is_block(text)
        }
        _ => false,
    }
}

pub(crate) fn block_test(address: Value, blocks: Vec<Value>) -> Test {
    let arguments = std::iter::once(address).chain(blocks).collect();
    Test::Call(Call { function: Function::CidrMatch, case: Case::Sensitive, arguments })
}

fn fold_in(constant: &Constant, elements: &[Constant], case: Case) -> Truth {
    if *constant == Constant::Null {
        return Truth::Null;
    }
    let equal = |element: &Constant| match (constant, element) {
        (Constant::Text(left), Constant::Text(right)) => fold::same_text(left, right, case),
        (left, right) => fold::compare(CompareOp::Eq, left, right) == Some(true),
    };
    if elements.iter().any(equal) {
        return Truth::constant(Some(true));
    }
    let unknown = elements.contains(&Constant::Null);
    Truth::constant((!unknown).then_some(false))
}

/// When a condition is null rather than true or false: a leaf is where one of its values is null.
fn null_test(condition: &Condition, span: Span) -> Option<Condition> {
    let is_null = |value: &Value| match value {
        Value::Constant(_) => Condition::Const(false),
        value => Condition::Leaf(Leaf { test: Test::IsNull(value.clone()), span }),
    };
    match condition {
        Condition::Not(inner) => null_test(inner, span),
        Condition::Leaf(leaf) => Some(match &leaf.test {
            Test::Compare { left, right, .. } => any(vec![is_null(left), is_null(right)]),
            Test::In { value, .. } | Test::Like { value, .. } | Test::Regex { value, .. } => is_null(value),
            Test::Call(call) => is_null(&Value::Call(call.clone())),
            Test::IsNull(_)
            | Test::Date { .. }
            | Test::Phrase { .. }
            | Test::Word { .. }
            | Test::AnyField { .. }
            | Test::Nested { .. }
            | Test::Shared(_) => Condition::Const(false),
        }),
        Condition::Const(_) => Some(Condition::Const(false)),
        Condition::And(_) | Condition::Or(_) => None,
    }
}

pub(crate) fn number_text(text: &str) -> Option<Number> {
    if let Ok(long) = text.parse::<i64>() {
        return Some(i32::try_from(long).map_or(Number::Long(long), Number::Int));
    }
    if let Ok(long) = text.parse::<u64>() {
        return Some(Number::ULong(long));
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|double: &f64| plain && double.is_finite()).map(Number::Double)
}

/// `n + 1 != 6` to `n != 5`: moves integer constants over the comparison as long as that is exact.
fn move_arithmetic(op: CompareOp, left: Operand, right: Constant) -> (CompareOp, Operand, Constant) {
    let (mut op, mut left, mut right) = (op, left, right);
    while let Constant::Number(number) = right
        && !matches!(number, Number::Double(_))
        && let Some((moved_op, inner, moved)) = move_one(op, &left.value, fold::integer(number))
    {
        let Some(constant) = smallest(moved) else { break };
        let ty = match &inner {
            Value::Field(field) => Type::from(field.ty),
            _ => left.ty,
        };
        (op, left, right) = (moved_op, Operand::new(inner, ty), Constant::Number(constant));
    }
    (op, left, right)
}

fn smallest(value: i128) -> Option<Number> {
    if let Ok(int) = i32::try_from(value) {
        return Some(Number::Int(int));
    }
    i64::try_from(value).ok().map(Number::Long)
}

fn move_one(op: CompareOp, value: &Value, constant: i128) -> Option<(CompareOp, Value, i128)> {
    let integer = |value: &Value| match value {
        Value::Constant(Constant::Number(number)) if !matches!(number, Number::Double(_)) => {
            Some(fold::integer(*number))
        }
        _ => None,
    };
    match value {
        Value::Negate(inner) if !is_rational(inner) => Some((mirrored(op), (**inner).clone(), -constant)),
        Value::Arithmetic(arithmetic, left, right) => {
            let (inner, other, constant_left) = match (integer(left), integer(right)) {
                (None, Some(other)) => (left, other, false),
                (Some(other), None) => (right, other, true),
                _ => return None,
            };
            if is_rational(inner) {
                return None;
            }
            let inner = (**inner).clone();
            match (arithmetic, constant_left) {
                (ArithmeticOp::Add, _) => Some((op, inner, constant - other)),
                (ArithmeticOp::Subtract, false) => Some((op, inner, constant + other)),
                (ArithmeticOp::Subtract, true) => Some((mirrored(op), inner, other - constant)),
                (ArithmeticOp::Multiply, _) if other != 0 && constant % other == 0 => {
                    let op = if other < 0 { mirrored(op) } else { op };
                    Some((op, inner, constant / other))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a value may have a fraction as far as its types tell.
fn is_rational(value: &Value) -> bool {
    match value {
        Value::Constant(constant) => matches!(constant, Constant::Number(Number::Double(_))),
        Value::Field(field) => field.ty == FieldType::Double,
        Value::Negate(inner) => is_rational(inner),
        Value::Arithmetic(_, left, right) => is_rational(left) || is_rational(right),
        Value::Call(call) => call.function == Function::Number,
    }
}
