//! Leaves over function results, arithmetic and several fields.
//!
//! Each field occurrence gets a number of its own: two occurrences of one field range over its values independently.

use bumpalo::Bump;
use rule_lang::condition::{Call, Constant, Function, Test, Value};
use rule_lang::eql::ast::ArithmeticOp;
use rule_runtime::event::Slot;
use rule_runtime::matcher::ip::Block;
use rule_runtime::matcher::{Arithmetic, Expr, ExprTest, Predicate, TextFunction};

use super::{LowerError, SlotOf, blocks, compare_op, field_kind, glob, number, regexes, runtime_case};

/// Lowers a test of any form.
pub(super) fn lower<'a>(
    test: &Test,
    slots: &mut SlotOf<'_>,
    arena: &'a Bump,
) -> Result<Predicate<'a>, LowerError> {
    let mut lowering = Lowering { slots, arena, occurrences: Vec::new() };
    let test = lowering.test(test)?;
    Ok(Predicate::Expr { occurrences: arena.alloc_slice_copy(&lowering.occurrences), test })
}

struct Lowering<'l, 's, 'a> {
    slots: &'l mut SlotOf<'s>,
    arena: &'a Bump,
    occurrences: Vec<Slot>,
}

impl<'a> Lowering<'_, '_, 'a> {
    fn test(&mut self, test: &Test) -> Result<ExprTest<'a>, LowerError> {
        Ok(match test {
            Test::Compare { op, left, right } => ExprTest::Compare(compare_op(*op), self.pair(left, right)?),
            Test::In { value, list, case } => {
                let value = self.boxed(value)?;
                let list: Vec<_> = list.iter().map(|constant| self.constant(constant)).collect();
                ExprTest::In(value, self.arena.alloc_slice_copy(&list), runtime_case(*case))
            }
            Test::Like { value, patterns, case } => {
                let value = self.boxed(value)?;
                let case = glob::case_of(patterns.iter().map(String::as_str), *case);
                let patterns = glob::patterns(patterns, case, self.arena);
                ExprTest::Like(value, self.arena.alloc_slice_copy(&patterns), case)
            }
            Test::Regex { value, patterns, case } => {
                ExprTest::Regex(self.boxed(value)?, regexes(patterns, *case, self.arena)?)
            }
            Test::IsNull(value) => ExprTest::IsNull(self.boxed(value)?),
            Test::Call(call) => {
                let call = self.call(call)?;
                ExprTest::True(self.arena.alloc(call))
            }
            // These have predicates of their own and do not come here.
            Test::Date { .. }
            | Test::Phrase { .. }
            | Test::Word { .. }
            | Test::AnyField { .. }
            | Test::Nested { .. }
            | Test::Shared(_) => ExprTest::True(&Expr::Null),
        })
    }

    fn boxed(&mut self, value: &Value) -> Result<&'a Expr<'a>, LowerError> {
        let value = self.value(value)?;
        Ok(self.arena.alloc(value))
    }

    fn pair(&mut self, left: &Value, right: &Value) -> Result<&'a [Expr<'a>; 2], LowerError> {
        let pair = [self.value(left)?, self.value(right)?];
        Ok(self.arena.alloc(pair))
    }

    fn value(&mut self, value: &Value) -> Result<Expr<'a>, LowerError> {
        Ok(match value {
            Value::Constant(constant) => self.constant(constant),
            Value::Field(field) => {
                let index = u16::try_from(self.occurrences.len()).map_err(|_| LowerError::TooManyFields)?;
                self.occurrences.push((self.slots)(&field.path));
                Expr::Field(index, field_kind(field.ty))
            }
            Value::Negate(inner) => Expr::Negate(self.boxed(inner)?),
            Value::Arithmetic(op, left, right) => Expr::Arithmetic(arithmetic(*op), self.pair(left, right)?),
            Value::Call(call) => self.call(call)?,
        })
    }

    fn constant(&self, constant: &Constant) -> Expr<'a> {
        match constant {
            Constant::Null => Expr::Null,
            Constant::Bool(value) => Expr::Bool(*value),
            Constant::Number(value) => Expr::Number(number(*value)),
            Constant::Text(text) => Expr::Text(self.arena.alloc_slice_copy(text.as_bytes())),
        }
    }

    fn call(&mut self, call: &Call) -> Result<Expr<'a>, LowerError> {
        let Some(function) = text_function(call.function) else {
            return self.cidr_match(&call.arguments);
        };
        let arguments = call.arguments.iter().map(|argument| self.value(argument));
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        Ok(Expr::Call(function, runtime_case(call.case), self.arena.alloc_slice_copy(&arguments)))
    }

    fn cidr_match(&mut self, arguments: &[Value]) -> Result<Expr<'a>, LowerError> {
        let Some((address, rest)) = arguments.split_first() else { return Ok(Expr::Null) };
        let blocks: Vec<Block> = blocks(rest)?;
        Ok(Expr::CidrMatch(self.boxed(address)?, self.arena.alloc_slice_copy(&blocks)))
    }
}

fn arithmetic(op: ArithmeticOp) -> Arithmetic {
    match op {
        ArithmeticOp::Add => Arithmetic::Add,
        ArithmeticOp::Subtract => Arithmetic::Subtract,
        ArithmeticOp::Multiply => Arithmetic::Multiply,
        ArithmeticOp::Divide => Arithmetic::Divide,
        ArithmeticOp::Modulo => Arithmetic::Modulo,
    }
}

fn text_function(function: Function) -> Option<TextFunction> {
    Some(match function {
        Function::Between => TextFunction::Between,
        Function::CidrMatch => return None,
        Function::Concat => TextFunction::Concat,
        Function::EndsWith => TextFunction::EndsWith,
        Function::IndexOf => TextFunction::IndexOf,
        Function::Length => TextFunction::Length,
        Function::Number => TextFunction::Number,
        Function::StartsWith => TextFunction::StartsWith,
        Function::String => TextFunction::String,
        Function::StringContains => TextFunction::StringContains,
        Function::Substring => TextFunction::Substring,
    })
}
