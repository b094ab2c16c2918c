//! Values: constants, arithmetic, and functions with their arity and argument types (eql.md sections 9 and 10).

use super::fold;
use super::literals::is_block;
use super::types::{Operand, Type, is_boolean_call, is_test, literal_constant};
use super::{Check, Checker, Stop, Truth};
use crate::condition::{Call, Constant, Function, Test, Value};
use crate::diagnostic::codes::eql as codes;
use crate::eql::ast::{ArithmeticOp, Case, Expr, ExprKind, Number, Sign};
use crate::eql::{arithmetic_text, print_expr};
use crate::span::Span;
use crate::suggest::nearest;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Function(Function),
    Arithmetic(ArithmeticOp),
}

/// The type of a function's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Result {
    Boolean,
    Keyword,
    Integer,
    Number,
}

/// What an argument has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Any,
    String,
    Integer,
    Number,
    Boolean,
    Address,
    /// A constant block of addresses.
    Block,
    /// A constant integer.
    Base,
}

impl Wanted {
    fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String | Self::Block => "string",
            Self::Integer | Self::Base => "integer",
            Self::Number => "numeric",
            Self::Boolean => "boolean",
            Self::Address => "ip",
        }
    }

    fn takes(self, ty: Type) -> bool {
        match self {
            Self::Any => true,
            Self::String | Self::Block => ty.is_string(),
            Self::Integer | Self::Base => ty.is_integer(),
            Self::Number => ty.is_number(),
            Self::Boolean => ty.is_boolean(),
            Self::Address => ty.is_address(),
        }
    }
}

/// One function of eql.md section 10.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) meaning: Meaning,
    pub(super) result: Result,
    /// What each argument has to be; further ones are like the last.
    arguments: &'static [Wanted],
    least: usize,
    most: usize,
    /// Whether it has a `~` form.
    case: bool,
}

const MANY: usize = usize::MAX;

#[rustfmt::skip]
const FUNCTIONS: [Signature; 16] = {
    use Wanted::{Address, Any, Base, Block, Boolean, Integer, Number, String};
    const fn function(
        name: &'static str, function: Function, result: Result, arguments: &'static [Wanted], least: usize,
        most: usize, case: bool,
    ) -> Signature {
        Signature { name, meaning: Meaning::Function(function), result, arguments, least, most, case }
    }
    const fn arithmetic(name: &'static str, op: ArithmeticOp) -> Signature {
        let meaning = Meaning::Arithmetic(op);
        Signature { name, meaning, result: Result::Number, arguments: &[Number], least: 2, most: 2, case: false }
    }
    [
        arithmetic("add", ArithmeticOp::Add),
        function("between", Function::Between, Result::Keyword, &[String, String, String, Boolean], 3, 4, true),
        function("cidrMatch", Function::CidrMatch, Result::Boolean, &[Address, Block], 2, MANY, false),
        function("concat", Function::Concat, Result::Keyword, &[Any], 1, MANY, false),
        arithmetic("divide", ArithmeticOp::Divide),
        function("endsWith", Function::EndsWith, Result::Boolean, &[String], 2, 2, true),
        function("indexOf", Function::IndexOf, Result::Integer, &[String, String, Integer], 2, 3, true),
        function("length", Function::Length, Result::Integer, &[String], 1, 1, false),
        arithmetic("modulo", ArithmeticOp::Modulo),
        arithmetic("multiply", ArithmeticOp::Multiply),
        function("number", Function::Number, Result::Number, &[String, Base], 1, 2, false),
        function("startsWith", Function::StartsWith, Result::Boolean, &[String], 2, 2, true),
        function("string", Function::String, Result::Keyword, &[Any], 1, 1, false),
        function("stringContains", Function::StringContains, Result::Boolean, &[String], 2, 2, true),
        function("substring", Function::Substring, Result::Keyword, &[String, Integer, Integer], 2, 3, false),
        arithmetic("subtract", ArithmeticOp::Subtract),
    ]
};

/// The function called `name`; case does not count.
pub(super) fn lookup(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The parts of a call as written.
struct Written<'a> {
    name: &'a str,
    name_span: Span,
    case: Case,
    arguments: &'a [Expr],
    expr: &'a Expr,
}

impl Checker<'_> {
    /// A scalar expression, with its constants folded.
    pub(super) fn value(&mut self, expr: &Expr) -> Check<Operand> {
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(Operand::constant(literal_constant(literal))),
            ExprKind::Field(field) => self.field_operand(field),
            ExprKind::Sign(sign, operand) => self.signed(*sign, operand, expr),
            ExprKind::Arithmetic(op, left, right) => self.arithmetic(*op, [left, right], expr),
            ExprKind::Call { name, name_span, case, arguments } => {
                self.call(&Written { name, name_span: *name_span, case: *case, arguments, expr })
            }
            _ => {
                let message = format!("a test cannot be used as a value: [{}]", print_expr(expr));
                self.error(codes::BOOLEAN_INSIDE, expr.span, message);
                Err(self.with_help(
                    "tests are joined with `and`, `or` and `not`; functions take fields and values",
                ))
            }
        }
    }

    fn signed(&mut self, sign: Sign, operand: &Expr, expr: &Expr) -> Check<Operand> {
        if is_test(operand) {
            self.not_a_number(operand, expr, "argument", "boolean");
            return Err(self.with_help("put the signed operand in parentheses"));
        }
        let inner = self.value(operand)?;
        if !inner.ty.is_number() {
            return Err(self.not_a_number(operand, expr, "argument", inner.ty.name()));
        }
        if sign == Sign::Plus {
            return Ok(inner);
        }
        match inner.value {
            Value::Constant(constant) => match fold::negate(&constant) {
                Ok(constant) => Ok(Operand::constant(constant)),
                Err(message) => Err(self.error(codes::ARITHMETIC, expr.span, message)),
            },
            value => Ok(Operand::new(Value::Negate(Box::new(value)), inner.ty)),
        }
    }

    fn not_a_number(&mut self, operand: &Expr, expr: &Expr, which: &str, type_name: &str) -> Stop {
        let message = format!(
            "{which} of [{}] must be [numeric], found value [{}] type [{type_name}]",
            print_expr(expr),
            print_expr(operand)
        );
        self.error(codes::TYPE_MISMATCH, operand.span, message)
    }

    fn arithmetic(&mut self, op: ArithmeticOp, sides: [&Expr; 2], expr: &Expr) -> Check<Operand> {
        let mut operands = Vec::with_capacity(2);
        for (side, which) in sides.into_iter().zip(["first argument", "second argument"]) {
            if is_test(side) || is_boolean_call(side) {
                self.not_a_number(side, expr, which, "boolean");
                let help = format!(
                    "a test such as `in` binds tighter than [{}]; put the arithmetic in parentheses",
                    arithmetic_text(op)
                );
                return Err(self.with_help(help));
            }
            let operand = self.value(side)?;
            if !operand.ty.is_number() {
                return Err(self.not_a_number(side, expr, which, operand.ty.name()));
            }
            operands.push(operand);
        }
        self.fold_arithmetic(op, operands, expr.span)
    }

    /// Two numeric operands put together.
    fn fold_arithmetic(&mut self, op: ArithmeticOp, operands: Vec<Operand>, span: Span) -> Check<Operand> {
        let Ok([left, right]) = <[Operand; 2]>::try_from(operands) else { return Err(Stop) };
        if let (Some(left), Some(right)) = (left.as_constant(), right.as_constant()) {
            return match fold::arithmetic(op, left, right) {
                Ok(constant) => Ok(Operand::constant(constant)),
                Err(message) => Err(self.error(codes::ARITHMETIC, span, message)),
            };
        }
        if left.ty == Type::Null || right.ty == Type::Null {
            return Ok(Operand::constant(Constant::Null));
        }
        let zero = matches!(right.as_constant(), Some(Constant::Number(Number::Int(0) | Number::Long(0))));
        if zero && matches!(op, ArithmeticOp::Divide | ArithmeticOp::Modulo) && left.ty == Type::Long {
            return Err(self.error(codes::ARITHMETIC, span, "integer division by zero"));
        }
        let ty = match (left.ty, right.ty) {
            (Type::Double, _) | (_, Type::Double) => Type::Double,
            (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
            _ => Type::Long,
        };
        let value = Value::Arithmetic(op, Box::new(left.value), Box::new(right.value));
        Ok(Operand::new(value, ty))
    }

    /// A boolean function as a condition.
    pub(super) fn boolean_call(&mut self, expr: &Expr) -> Check<Truth> {
        let operand = self.value(expr)?;
        Ok(match operand.value {
            Value::Constant(Constant::Bool(value)) => Truth::constant(Some(value)),
            Value::Call(call) => Truth::leaf(Test::Call(call), expr.span),
            _ => Truth::Null,
        })
    }

    fn call(&mut self, written: &Written<'_>) -> Check<Operand> {
        let Some(signature) = lookup(written.name) else {
            return Err(self.unknown_function(written));
        };
        self.check_arity(signature, written)?;
        if written.case == Case::Insensitive && !signature.case {
            let message = format!("[{}] has no case-insensitive form", signature.name);
            self.error(codes::NO_CASE_OPTION, written.name_span, message);
            return Err(self.with_help("remove the tilde"));
        }
        let operands: Vec<_> =
            (0..written.arguments.len()).map(|at| self.argument(signature, written, at)).collect();
        let operands = operands.into_iter().collect::<Check<Vec<_>>>()?;
        match signature.meaning {
            Meaning::Arithmetic(op) => self.fold_arithmetic(op, operands, written.expr.span),
            Meaning::Function(function) => Ok(fold_call(function, signature, written.case, operands)),
        }
    }

    fn unknown_function(&mut self, written: &Written<'_>) -> Stop {
        let name = written.name;
        let known = FUNCTIONS.iter().map(|function| function.name);
        let message = match nearest(name, known) {
            Some(near) => format!("unknown function [{name}], did you mean [{near}]?"),
            None => format!("unknown function [{name}]"),
        };
        self.error(codes::UNKNOWN_FUNCTION, written.name_span, message);
        match name.to_ascii_lowercase().as_str() {
            "wildcard" => self.with_help("write `field : (\"a*\", ..)` or `field like (\"a*\", ..)`"),
            "match" | "matchlite" => self.with_help("write `field regex \"..\"`"),
            "arraycontains" => self.with_help("write `field == value`: any value of a field may meet a test"),
            _ => Stop,
        }
    }

    fn check_arity(&mut self, signature: &Signature, written: &Written<'_>) -> Check<()> {
        let count = written.arguments.len();
        if (signature.least..=signature.most).contains(&count) {
            return Ok(());
        }
        let number = |count: usize| ["no", "one", "two", "three", "four"][count.min(4)];
        let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
        let expected = match (signature.least, signature.most) {
            (least, MANY) => format!("at least {} {}", number(least), plural(least)),
            (least, most) if least == most => format!("exactly {} {}", number(least), plural(least)),
            (least, most) => format!("{} or {} arguments", number(least), number(most)),
        };
        let message = format!("error building [{}]: expects {expected}", written.name);
        Err(self.error(codes::ARGUMENT_COUNT, written.expr.span, message))
    }

    fn argument(&mut self, signature: &Signature, written: &Written<'_>, at: usize) -> Check<Operand> {
        let expr = &written.arguments[at];
        let wanted = signature.arguments[at.min(signature.arguments.len() - 1)];
        let operand = self.value(expr)?;
        let which = match (signature.most, at) {
            (1, _) => "argument".to_owned(),
            (_, 0) => "first argument".to_owned(),
            (_, 1) => "second argument".to_owned(),
            (_, 2) => "third argument".to_owned(),
            (_, 3) => "fourth argument".to_owned(),
            _ => format!("argument {}", at + 1),
        };
        let call = print_expr(written.expr);
        let value = print_expr(expr);
        if !wanted.takes(operand.ty) {
            let message = format!(
                "{which} of [{call}] must be [{}], found value [{value}] type [{}]",
                wanted.name(),
                operand.ty.name()
            );
            return Err(self.error(codes::TYPE_MISMATCH, expr.span, message));
        }
        if matches!(wanted, Wanted::Block | Wanted::Base) {
            let Some(constant) = operand.as_constant() else {
                let message = format!("{which} of [{call}] must be a constant, received [{value}]");
                return Err(self.error(codes::NOT_CONSTANT, expr.span, message));
            };
            if let (Wanted::Block, Constant::Text(block)) = (wanted, constant)
                && !is_block(block)
            {
                let message = format!("[{block}] is not an address or a block of addresses");
                self.error(codes::BAD_BLOCK, expr.span, message);
                return Err(self.with_help("blocks are written as in `10.0.0.0/8` or `fe80::/10`"));
            }
        }
        Ok(operand)
    }
}

/// A call, or its value if its arguments are constant.
fn fold_call(function: Function, signature: &Signature, case: Case, operands: Vec<Operand>) -> Operand {
    let ty = match signature.result {
        Result::Boolean => Type::Boolean,
        Result::Keyword => Type::Keyword,
        Result::Integer => Type::Integer,
        Result::Number => Type::Double,
    };
    let constants: Option<Vec<&Constant>> = operands.iter().map(Operand::as_constant).collect();
    if let Some(constants) = constants
        && let Some(value) = fold::call(function, case, &constants)
    {
        return Operand::constant(value);
    }
    if function == Function::Concat && operands.iter().any(|operand| operand.ty == Type::Null) {
        return Operand::constant(Constant::Null);
    }
    let null_subject = operands.first().is_some_and(|operand| operand.ty == Type::Null);
    if null_subject {
        return Operand::constant(Constant::Null);
    }
    let caseless = signature.case && operands.iter().any(|operand| operand.caseless);
    let case = if caseless { Case::Insensitive } else { case };
    let arguments = operands.into_iter().map(|operand| operand.value).collect();
    Operand::new(Value::Call(Call { function, case, arguments }), ty)
}
