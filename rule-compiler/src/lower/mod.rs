//! From the tests of a checked query to the predicates of the runtime.
//!
//! In: one leaf's [`Test`], and a slot for each field it names. Out: a [`Predicate`] in an arena, the same for tests that
//! ask the same. What kinds of values meet how is settled here (eql.md section 3), so the runtime need not know types:
//! a text literal against an address field becomes a block, against a date field a time, against anything else text.

mod expr;
mod glob;
mod moment;
pub mod regex;
mod whole;

use std::fmt;

use bumpalo::Bump;
use rule_lang::condition::{Call, Constant, Field, Function, Test, Value};
use rule_lang::eql::ast::{Case as QueryCase, CompareOp, Number as QueryNumber};
use rule_lang::schema::FieldType;
use rule_runtime::event::Slot;
use rule_runtime::matcher::glob::{Needle, Pattern, Shape};
use rule_runtime::matcher::ip::{self, Block};
use rule_runtime::matcher::{Case, Compare, Dfa, FieldKind, Number, Predicate, date};

use regex::RegexError;

/// The slot of a path.
pub type SlotOf<'s> = dyn FnMut(&str) -> Slot + 's;

/// A test that no predicate can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LowerError {
    /// A regular expression that cannot be read or is too large.
    Regex {
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        error: RegexError,
    },
    /// A text compared with an address or time that is none.
    Constant {
        /// The text.
        text: String,
        /// What it should be, such as `a date`.
        expected: &'static str,
    },
    /// One test names more than 65,536 fields.
    TooManyFields,
    /// One condition has more tests than a residual can number.
    TooManyTests,
}

impl fmt::Display for LowerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex { pattern, error: RegexError::Syntax(error) } => {
                let (message, position) = (error.message, error.position + 1);
                write!(f, "cannot read the regular expression `{pattern}`: {message} at character {position}")
            }
            Self::Regex { pattern, error: RegexError::TooLarge } => {
                write!(f, "the regular expression `{pattern}` needs more than {} states", regex::MAX_STATES)
            }
            Self::Constant { text, expected } => write!(f, "`{text}` is not {expected}"),
            Self::TooManyFields => f.write_str("this condition names too many fields"),
            Self::TooManyTests => f.write_str("this condition has more than 65,534 tests"),
        }
    }
}

impl std::error::Error for LowerError {}

/// The predicate of a test.
///
/// ```
/// use bumpalo::Bump;
/// use rule_compiler::lower::lower;
/// use rule_lang::condition::{Field, Test, Value};
/// use rule_lang::eql::ast::Case;
/// use rule_lang::schema::FieldType;
/// use rule_runtime::event::{Event, Slot};
/// use rule_runtime::matcher::Scratch;
/// let value = Value::Field(Field { path: "process.name".into(), ty: FieldType::Keyword });
/// let test = Test::Like { value, patterns: vec!["*SHELL.exe".to_owned()], case: Case::Insensitive };
/// let arena = Bump::new();
/// let predicate = lower(&test, &mut |_| Slot(0), &arena).unwrap();
/// let mut event = Event::with_slots(1);
/// event.push_text(Slot(0), "powershell.exe");
/// assert!(predicate.eval(event.view(b""), &mut Scratch::new()));
/// ```
pub fn lower<'a>(test: &Test, slots: &mut SlotOf<'_>, arena: &'a Bump) -> Result<Predicate<'a>, LowerError> {
    let simple = match test {
        Test::Compare { op, left: Value::Field(field), right: Value::Constant(constant) } => {
            compare(field, *op, constant, slots, arena)?
        }
        Test::In { value: Value::Field(field), list, case } => is_in(field, list, *case, slots, arena)?,
        Test::Like { value: Value::Field(field), patterns, case } if is_text(field.ty) => {
            let slot = slots(&field.path);
            let case = glob::case_of(patterns.iter().map(String::as_str), *case);
            Some(like(slot, &glob::patterns(patterns, case, arena), case, arena))
        }
        Test::Regex { value: Value::Field(field), patterns, case } if is_text(field.ty) => {
            let dfas = regexes(patterns, *case, arena)?;
            Some(Predicate::Regex { slot: slots(&field.path), dfas })
        }
        Test::IsNull(Value::Field(field)) => Some(Predicate::Missing { slot: slots(&field.path) }),
        Test::Call(call) => function(call, slots, arena)?,
        Test::Date { field, op, date, clock } => Some(moment::lower(field, *op, date, clock, slots, arena)?),
        Test::Phrase { field, phrases } => {
            let word = |word: &String| -> &'a [u8] { arena.alloc_slice_copy(word.as_bytes()) };
            let phrase = |phrase: &Vec<String>| -> &'a [&'a [u8]] {
                arena.alloc_slice_fill_iter(phrase.iter().map(word))
            };
            let phrases = sorted(phrases.iter().map(phrase).collect(), arena);
            Some(Predicate::Phrase { slot: slots(&field.path), phrases })
        }
        Test::Word { field, patterns } => {
            let patterns = patterns.iter().map(|parts| glob::pattern_of_parts(parts, arena)).collect();
            Some(Predicate::Word { slot: slots(&field.path), patterns: sorted(patterns, arena) })
        }
        Test::AnyField { name, test } => Some(whole::any_field(name, test, arena)?),
        Test::Shared(condition) => {
            Some(Predicate::Formula(arena.alloc(whole::formula(condition, slots, arena)?)))
        }
        Test::Nested { path, condition } => Some(whole::nested(path, condition, arena)?),
        _ => None,
    };
    match simple {
        Some(predicate) => Ok(predicate),
        None => expr::lower(test, slots, arena),
    }
}

/// What no event meets.
const NEVER: Predicate<'static> = Predicate::Any(&[]);

/// Whether the values of a field are compared as text, if a text stands on the other side.
fn is_text(ty: FieldType) -> bool {
    matches!(field_kind(ty), FieldKind::Any | FieldKind::Text)
}

/// `field op constant`; `None` if it takes the general form.
fn compare<'a>(
    field: &Field,
    op: CompareOp,
    constant: &Constant,
    slots: &mut SlotOf<'_>,
    arena: &'a Bump,
) -> Result<Option<Predicate<'a>>, LowerError> {
    let slot = slots(&field.path);
    let op = compare_op(op);
    let copy = |text: &str| -> &'a [u8] { arena.alloc_slice_copy(text.as_bytes()) };
    Ok(Some(match (field.ty, constant) {
        (_, Constant::Null)
        | (FieldType::Boolean, Constant::Number(_))
        | (FieldType::Long | FieldType::Double, Constant::Bool(_)) => NEVER,
        (FieldType::Ip, Constant::Text(text)) => address(slot, op, text, arena)?,
        (FieldType::Date, Constant::Text(text)) => {
            let nanos = date::parse(text.as_bytes()).ok_or_else(|| wrong(text, "a date"))?;
            Predicate::Date { slot, op, nanos }
        }
        (FieldType::Date, Constant::Number(millis)) => {
            let mut text = Vec::new();
            number(*millis).write(&mut text);
            match date::parse_millis(&text) {
                Some(nanos) => Predicate::Date { slot, op, nanos },
                None => NEVER,
            }
        }
        (FieldType::Version, Constant::Text(text)) if op != Compare::Eq => {
            Predicate::VersionOrder { slot, op, version: copy(text) }
        }
        (ty, Constant::Text(text)) if is_text(ty) && op == Compare::Eq => {
            Predicate::Text { slot, literals: arena.alloc_slice_copy(&[copy(text)]), case: Case::Sensitive }
        }
        (ty, Constant::Text(text)) if is_text(ty) => Predicate::TextOrder { slot, op, value: copy(text) },
        (ty, Constant::Number(value)) => {
            let (kind, value) = (number_kind(ty), number(*value));
            if op == Compare::Eq {
                Predicate::NumberIn { slot, kind, values: arena.alloc_slice_copy(&[value]) }
            } else {
                Predicate::NumberOrder { slot, kind, op, value }
            }
        }
        (_, Constant::Bool(value)) if op == Compare::Eq => Predicate::Bool { slot, value: *value },
        (_, Constant::Text(_) | Constant::Bool(_)) => return Ok(None),
    }))
}

/// An address field against an address, or for equality a block.
fn address<'a>(slot: Slot, op: Compare, text: &str, arena: &'a Bump) -> Result<Predicate<'a>, LowerError> {
    let error = || wrong(text, "an address or a block of addresses");
    if op == Compare::Eq {
        let block = Block::parse(text.as_bytes()).ok_or_else(error)?;
        return Ok(Predicate::Cidr { slot, blocks: arena.alloc_slice_copy(&[block]) });
    }
    match ip::parse(text.as_bytes()) {
        Some(address) => Ok(Predicate::IpOrder { slot, op, address }),
        // A block has no place in an order.
        None if Block::parse(text.as_bytes()).is_some() => Ok(NEVER),
        None => Err(error()),
    }
}

/// `field in (list)`: one predicate for all texts, one for all numbers, one for all addresses.
fn is_in<'a>(
    field: &Field,
    list: &[Constant],
    case: QueryCase,
    slots: &mut SlotOf<'_>,
    arena: &'a Bump,
) -> Result<Option<Predicate<'a>>, LowerError> {
    let slot = slots(&field.path);
    if case == QueryCase::Insensitive && !is_text(field.ty) {
        return Ok(None);
    }
    let mut merged = Merged::default();
    for constant in list {
        match (case, constant) {
            // Without regard to case only text is compared, whatever the field.
            (QueryCase::Insensitive, Constant::Text(text)) => merged.folded.push(text),
            _ => match compare(field, CompareOp::Eq, constant, slots, arena)? {
                Some(predicate) => merged.add(predicate),
                None => merged.other.push(equals(field, constant, slots, arena)?),
            },
        }
    }
    Ok(Some(merged.finish(slot, number_kind(field.ty), arena)))
}

/// `field == constant` in its general form.
fn equals<'a>(
    field: &Field,
    constant: &Constant,
    slots: &mut SlotOf<'_>,
    arena: &'a Bump,
) -> Result<Predicate<'a>, LowerError> {
    let left = Value::Field(field.clone());
    let test = Test::Compare { op: CompareOp::Eq, left, right: Value::Constant(constant.clone()) };
    expr::lower(&test, slots, arena)
}

/// The elements of a list, by what they are compared as.
#[derive(Default)]
struct Merged<'c, 'a> {
    folded: Vec<&'c str>,
    texts: Vec<&'a [u8]>,
    numbers: Vec<Number>,
    blocks: Vec<Block>,
    other: Vec<Predicate<'a>>,
}

impl<'a> Merged<'_, 'a> {
    fn add(&mut self, predicate: Predicate<'a>) {
        match predicate {
            Predicate::Text { literals, .. } => self.texts.extend(literals),
            Predicate::NumberIn { values, .. } => self.numbers.extend(values),
            Predicate::Cidr { blocks, .. } => self.blocks.extend(blocks),
            NEVER => {}
            other => self.other.push(other),
        }
    }

    fn finish(mut self, slot: Slot, kind: FieldKind, arena: &'a Bump) -> Predicate<'a> {
        let mut any = Vec::new();
        let fold = glob::case_of(self.folded.iter().copied(), QueryCase::Insensitive);
        let folded = self.folded.iter().map(|text| glob::literal(text, fold, arena)).collect();
        for (texts, case) in [(folded, fold), (self.texts, Case::Sensitive)] {
            if !texts.is_empty() {
                any.push(Predicate::Text { slot, literals: sorted(texts, arena), case });
            }
        }
        if !self.numbers.is_empty() {
            any.push(Predicate::NumberIn { slot, kind, values: sorted(self.numbers, arena) });
        }
        if !self.blocks.is_empty() {
            any.push(Predicate::Cidr { slot, blocks: sorted(self.blocks, arena) });
        }
        any.append(&mut self.other);
        any.sort_unstable();
        any.dedup();
        match &*any {
            [one] => *one,
            _ => Predicate::Any(arena.alloc_slice_copy(&any)),
        }
    }
}

/// The patterns as the cheapest predicate: `*` is a test for presence, patterns without wildcards are literals.
fn like<'a>(slot: Slot, patterns: &[Pattern<'a>], case: Case, arena: &'a Bump) -> Predicate<'a> {
    if patterns.iter().any(|pattern| pattern.shape() == Shape::Any) {
        return Predicate::Exists { slot };
    }
    let exact = |pattern: &Pattern<'a>| match pattern.shape() {
        Shape::Exact(text) => Some(text),
        _ => None,
    };
    match patterns.iter().map(exact).collect::<Option<Vec<_>>>() {
        Some(texts) => Predicate::Text { slot, literals: sorted(texts, arena), case },
        None => Predicate::Like { slot, patterns: arena.alloc_slice_copy(patterns), case },
    }
}

/// A boolean function of one field and constants; `None` if it takes the general form.
fn function<'a>(
    call: &Call,
    slots: &mut SlotOf<'_>,
    arena: &'a Bump,
) -> Result<Option<Predicate<'a>>, LowerError> {
    let [Value::Field(field), rest @ ..] = &*call.arguments else { return Ok(None) };
    if !is_text(field.ty) {
        return Ok(None);
    }
    let slot = slots(&field.path);
    if call.function == Function::CidrMatch {
        return Ok(Some(Predicate::Cidr { slot, blocks: sorted(blocks(rest)?, arena) }));
    }
    let [Value::Constant(Constant::Text(text))] = rest else { return Ok(None) };
    let case = glob::case_of([&**text], call.case);
    let literal = glob::literal(text, case, arena);
    let shape = match call.function {
        Function::StringContains if text.is_empty() => return Ok(Some(NEVER)),
        Function::StartsWith | Function::EndsWith if text.is_empty() => Shape::Any,
        Function::StartsWith => Shape::Prefix(literal),
        Function::EndsWith => Shape::Suffix(literal),
        Function::StringContains => Shape::Contains(Needle::new(literal)),
        _ => return Ok(None),
    };
    Ok(Some(like(slot, &[Pattern::new(shape)], case, arena)))
}

/// The blocks of `cidrMatch`; null is in none.
fn blocks(arguments: &[Value]) -> Result<Vec<Block>, LowerError> {
    let texts = arguments.iter().filter_map(|argument| match argument {
        Value::Constant(Constant::Text(text)) => Some(text),
        _ => None,
    });
    let block = |text: &std::sync::Arc<str>| {
        Block::parse(text.as_bytes()).ok_or_else(|| wrong(text, "a block of addresses"))
    };
    texts.map(block).collect()
}

fn regexes<'a>(patterns: &[String], case: QueryCase, arena: &'a Bump) -> Result<&'a [Dfa<'a>], LowerError> {
    regex::compile(patterns, case, arena)
        .map_err(|(index, error)| LowerError::Regex { pattern: patterns[index].clone(), error })
}

fn wrong(text: &str, expected: &'static str) -> LowerError {
    LowerError::Constant { text: text.to_owned(), expected }
}

fn sorted<T: Ord + Copy>(mut items: Vec<T>, arena: &Bump) -> &[T] {
    items.sort_unstable();
    items.dedup();
    arena.alloc_slice_copy(&items)
}

fn field_kind(ty: FieldType) -> FieldKind {
    match ty {
        FieldType::Long => FieldKind::Long,
        FieldType::Double => FieldKind::Double,
        FieldType::Boolean => FieldKind::Boolean,
        FieldType::Unknown | FieldType::Nested => FieldKind::Any,
        FieldType::Keyword
        | FieldType::Text
        | FieldType::Ip
        | FieldType::Date
        | FieldType::Version
        | FieldType::Unsupported => FieldKind::Text,
    }
}

/// The kind by which numbers are compared: values without a numeric type are read as they come.
fn number_kind(ty: FieldType) -> FieldKind {
    match field_kind(ty) {
        kind @ (FieldKind::Long | FieldKind::Double) => kind,
        FieldKind::Any | FieldKind::Text | FieldKind::Boolean => FieldKind::Any,
    }
}

fn number(number: QueryNumber) -> Number {
    match number {
        QueryNumber::Int(value) => Number::Int(value),
        QueryNumber::Long(value) => Number::Long(value),
        QueryNumber::ULong(value) => Number::ULong(value),
        QueryNumber::Double(value) => Number::double(value),
    }
}

fn compare_op(op: CompareOp) -> Compare {
    match op {
        CompareOp::Eq => Compare::Eq,
        CompareOp::Ne => Compare::Ne,
        CompareOp::Lt => Compare::Lt,
        CompareOp::Le => Compare::Le,
        CompareOp::Gt => Compare::Gt,
        CompareOp::Ge => Compare::Ge,
    }
}

fn runtime_case(case: QueryCase) -> Case {
    match case {
        QueryCase::Sensitive => Case::Sensitive,
        QueryCase::Insensitive => Case::Insensitive,
    }
}
