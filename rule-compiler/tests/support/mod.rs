//! Generators of events and tests, and one leaf evaluated both ways.
#![allow(dead_code, reason = "each test binary uses its part")]

use bumpalo::Bump;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_compiler::lower::{LowerError, lower};
use rule_lang::condition::{Call, Condition, Constant, Field, Function, Leaf, Test, Value};
use rule_lang::eql::ast::{ArithmeticOp, Case, CompareOp, Number};
use rule_lang::meaning;
use rule_lang::schema::FieldType;
use rule_runtime::event::{Event, EventView, Slot, SlotTree};
use rule_runtime::matcher::Scratch;
use rule_runtime::reader::read_line;

/// The fields of generated events.
pub(crate) const PATHS: [&str; 3] = ["f", "g.x", "h"];

/// The answers of the reference evaluator and of the lowered predicate.
pub(crate) fn both(test: &Test, event: &str, scratch: &mut Scratch) -> Result<(bool, bool), LowerError> {
    let arena = Bump::new();
    let slot_of = |path: &str| PATHS.iter().position(|known| *known == path).expect("a known path");
    let predicate = lower(test, &mut |path| Slot(slot_of(path) as u16), &arena)?;
    let compiled = with_event(event, |view| {
        scratch.next_event();
        let holds = predicate.eval(view, scratch);
        if let Some(slot) = predicate.needed_slot() {
            assert!(!holds || view.has(slot), "{predicate:?} holds without its needed slot");
        }
        holds
    });
    let leaf = Condition::Leaf(Leaf { test: test.clone(), span: rule_lang::span::Span::default() });
    let parsed = meaning::Event::from_json(event).expect("a JSON object");
    Ok((meaning::holds(&leaf, &parsed), compiled))
}

/// Reads an event and hands it on.
pub(crate) fn with_event<T>(text: &str, use_it: impl FnOnce(EventView<'_>) -> T) -> T {
    let tree = SlotTree::build(&PATHS).expect("distinct paths");
    let mut event = Event::with_slots(PATHS.len());
    read_line(&tree.as_ref(), text.as_bytes(), &mut event).expect("a JSON object");
    use_it(event.view(text.as_bytes()))
}

/// Texts that some type reads as a value of its own, or that are near the edge of something.
const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b",
    "ab",
    "aB",
    "AB",
    "ba",
    "abab",
    "é",
    "É",
    "éa",
    "🦀",
    "a🦀b",
    "*",
    "?",
    "a*",
    "a?b",
    "\\",
    "\n",
    "5",
    "5.0",
    "05",
    "+5",
    "-5",
    "-0.0",
    "1e3",
    ".5",
    "5.",
    " 7.5 ",
    "0x1F",
    "1F",
    "inf",
    "NaN",
    "true",
    "false",
    "TRUE",
    "9223372036854775808",
    "9007199254740993",
    "18446744073709551616",
    "10.0.0.1",
    "10.1.2.3",
    "::1",
    "::ffff:10.0.0.1",
    "2021-03-04",
    "2021-03-04T05:06:07.5+01:00",
    "2021",
    "1614816000000",
    "1.2.3",
    "1.10.0",
    "1.2.3-rc1",
    "01.2.3",
    "1.2.3+b",
];
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "2",
    "5",
    "5.0",
    "5.5",
    "1e3",
    "1E-2",
    "0.1",
    "2147483647",
    "9007199254740992",
    "9007199254740993",
    "9007199254740993.0",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e19",
    "1e300",
    "1614816000000",
    "1614816000000.5",
];
const ADDRESSES: &[&str] = &["10.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fe80::1"];
const BLOCKS: &[&str] =
    &["10.0.0.0/8", "10.0.0.1/32", "0.0.0.0/0", "::/0", "::1/128", "fe80::/10", "10.1.2.3"];
const DATES: &[&str] =
    &["2021-03-04", "2021-03-04T04:06:07.5Z", "2021", "1614816000000", "1970-01-01T00:00:00.005Z"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => select(TEXTS).prop_map(str::to_owned), 1 => "[aAbé🦀]{0,5}", 1 => "[0-9.e+-]{1,4}"]
}

fn scalar() -> impl Strategy<Value = String> {
    let number = select(NUMBERS).prop_map(str::to_owned);
    let text = text().prop_map(|text| serde_json::to_string(&text).expect("a string"));
    prop_oneof![4 => text, 3 => number, 1 => select(&["true", "false", "null"][..]).prop_map(str::to_owned)]
}

fn values() -> impl Strategy<Value = String> {
    let array = vec(scalar(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
    prop_oneof![3 => scalar(), 2 => array]
}

/// The text of an event over [`PATHS`].
pub(crate) fn event() -> impl Strategy<Value = String> {
    vec(proptest::option::weighted(0.8, values()), PATHS.len()).prop_map(|values| {
        let member =
            |(path, value): (&&str, Option<String>)| value.map(|value| format!("\"{path}\":{value}"));
        let members: Vec<_> = PATHS.iter().zip(values).filter_map(member).collect();
        format!("{{{}}}", members.join(","))
    })
}

fn field() -> impl Strategy<Value = Field> {
    let types = [
        FieldType::Unknown,
        FieldType::Unknown,
        FieldType::Keyword,
        FieldType::Text,
        FieldType::Long,
        FieldType::Double,
        FieldType::Boolean,
        FieldType::Ip,
        FieldType::Date,
        FieldType::Version,
    ];
    (select(&PATHS[..]), select(types.to_vec())).prop_map(|(path, ty)| Field { path: path.into(), ty })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (-6..7i32).prop_map(Number::Int),
        Just(Number::Int(i32::MAX)),
        select(vec![1_000, 9_007_199_254_740_993, i64::MAX, i64::MIN, 1_614_816_000_000])
            .prop_map(Number::Long),
        select(vec![1 << 63, u64::MAX]).prop_map(Number::ULong),
        select(vec![0.0, -0.0, 0.1, 5.0, 5.5, 1e3, 9_007_199_254_740_992.0, 1e19, -2.5])
            .prop_map(Number::Double),
    ]
}

fn constant() -> impl Strategy<Value = Constant> {
    prop_oneof![
        4 => text().prop_map(|text| Constant::Text(text.into())),
        3 => number().prop_map(Constant::Number),
        1 => any::<bool>().prop_map(Constant::Bool),
        1 => Just(Constant::Null),
    ]
}

/// A constant that the check would let pass beside the field.
fn constant_for(ty: FieldType) -> BoxedStrategy<Constant> {
    let text = |texts: &'static [&'static str]| select(texts).prop_map(|text| Constant::Text(text.into()));
    match ty {
        FieldType::Ip => prop_oneof![text(ADDRESSES), text(BLOCKS)].boxed(),
        FieldType::Date => prop_oneof![3 => text(DATES), 1 => number().prop_map(Constant::Number)].boxed(),
        _ => constant().boxed(),
    }
}

fn function() -> impl Strategy<Value = (Function, usize)> {
    use Function::{
        Between, Concat, EndsWith, IndexOf, Length, Number, StartsWith, String, StringContains, Substring,
    };
    select(vec![
        (Between, 3),
        (Between, 4),
        (Concat, 1),
        (Concat, 3),
        (EndsWith, 2),
        (IndexOf, 2),
        (IndexOf, 3),
        (Length, 1),
        (Number, 1),
        (Number, 2),
        (StartsWith, 2),
        (String, 1),
        (StringContains, 2),
        (Substring, 2),
        (Substring, 3),
    ])
}

fn case() -> impl Strategy<Value = Case> {
    select(vec![Case::Sensitive, Case::Insensitive])
}

fn cidr_match(address: impl Strategy<Value = Value>) -> impl Strategy<Value = Call> {
    (address, vec(select(BLOCKS), 1..3)).prop_map(|(address, blocks)| {
        let blocks = blocks.into_iter().map(|block| Value::Constant(Constant::Text(block.into())));
        let arguments = std::iter::once(address).chain(blocks).collect();
        Call { function: Function::CidrMatch, case: Case::Sensitive, arguments }
    })
}

fn call(argument: impl Strategy<Value = Value> + Clone + 'static) -> impl Strategy<Value = Call> {
    let text_function = (function(), case(), vec(argument.clone(), 4)).prop_map(
        |((function, count), case, mut arguments)| {
            arguments.truncate(count);
            Call { function, case, arguments }
        },
    );
    prop_oneof![6 => text_function, 1 => cidr_match(argument)]
}

fn boolean_call() -> impl Strategy<Value = Call> {
    use Function::{EndsWith, StartsWith, StringContains};
    let part =
        prop_oneof![2 => text().prop_map(|text| Value::Constant(Constant::Text(text.into()))), 1 => value()];
    let functions = select(vec![EndsWith, StartsWith, StringContains]);
    let of_text = (functions, case(), subject(), part).prop_map(|(function, case, subject, part)| Call {
        function,
        case,
        arguments: vec![subject, part],
    });
    prop_oneof![3 => of_text, 1 => cidr_match(subject())]
}

/// A value; expressions are at most three deep.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![3 => field().prop_map(Value::Field), 2 => constant().prop_map(Value::Constant)];
    leaf.prop_recursive(3, 6, 4, |inner| {
        use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
        let op = select(vec![Add, Subtract, Multiply, Divide, Modulo]);
        prop_oneof![
            1 => inner.clone().prop_map(|value| Value::Negate(Box::new(value))),
            3 => (op, inner.clone(), inner.clone())
                .prop_map(|(op, left, right)| Value::Arithmetic(op, Box::new(left), Box::new(right))),
            6 => call(inner).prop_map(Value::Call),
        ]
    })
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[aAbB*?é5.🦀]{0,6}", 1 => "[*?]{1,3}", 1 => text()]
}

/// Regular expressions that can be read and stay small.
pub(crate) fn regex() -> impl Strategy<Value = String> {
    let atom = select(vec![
        "a", "A", "b", "é", "🦀", ".", "@", "#", "()", "\\d", "\\W", "\\S", "[ab]", "[^a]", "[a-é]",
        "\"ab\"", "<1-12>", "<01-12>", "\\.", "5", "\\*",
    ]);
    atom.prop_map(str::to_owned).prop_recursive(4, 12, 3, |inner| {
        let postfix = select(vec!["?", "*", "+", "{2}", "{1,2}", "{0,}"]);
        prop_oneof![
            (inner.clone(), postfix).prop_map(|(inner, postfix)| format!("({inner}){postfix}")),
            vec(inner.clone(), 2..4).prop_map(|parts| parts.concat()),
            vec(inner.clone(), 2..3).prop_map(|parts| format!("({})", parts.join("|"))),
            vec(inner.clone(), 2..3).prop_map(|parts| format!("({})", parts.join("&"))),
            inner.prop_map(|inner| format!("~({inner})")),
        ]
    })
}

/// The plain field or, less often, an expression.
fn subject() -> impl Strategy<Value = Value> {
    prop_oneof![2 => field().prop_map(Value::Field), 1 => value()]
}

/// `field op constant`
pub(crate) fn field_compare() -> impl Strategy<Value = Test> {
    field().prop_flat_map(|field| (Just(field.clone()), compare_op(), constant_for(field.ty))).prop_map(
        |(field, op, constant)| Test::Compare {
            op,
            left: Value::Field(field),
            right: Value::Constant(constant),
        },
    )
}

/// `value in (..)`; without regard to case there are only texts.
fn is_in((value, list, case): (Value, Vec<Constant>, Case)) -> Test {
    let texts = list.iter().all(|constant| matches!(constant, Constant::Text(_)));
    Test::In { value, list, case: if texts { case } else { Case::Sensitive } }
}

/// `field in (..)`
pub(crate) fn field_in() -> impl Strategy<Value = Test> {
    let texts = || vec(text().prop_map(|text| Constant::Text(text.into())), 1..12);
    field()
        .prop_flat_map(move |field| {
            let any = vec(constant_for(field.ty), 1..12);
            let list = match field.ty {
                FieldType::Ip | FieldType::Date => any.boxed(),
                _ => prop_oneof![any, texts()].boxed(),
            };
            (Just(Value::Field(field)), list, case())
        })
        .prop_map(is_in)
}

/// Tests of expressions.
pub(crate) fn expression() -> impl Strategy<Value = Test> {
    let computed = || value().prop_filter("computed", |value| !matches!(value, Value::Field(_)));
    prop_oneof![
        4 => (compare_op(), computed(), value())
            .prop_map(|(op, left, right)| Test::Compare { op, left, right }),
        1 => (computed(), vec(constant(), 1..4), case()).prop_map(is_in),
        1 => subject().prop_map(Test::IsNull),
        3 => boolean_call().prop_map(Test::Call),
    ]
}

/// `like` and `like~`
pub(crate) fn like() -> impl Strategy<Value = Test> {
    (subject(), vec(pattern(), 1..4), case()).prop_map(|(value, patterns, case)| Test::Like {
        value,
        patterns,
        case,
    })
}

/// `regex` and `regex~`
pub(crate) fn regexes() -> impl Strategy<Value = Test> {
    (subject(), vec(regex(), 1..3), case()).prop_map(|(value, patterns, case)| Test::Regex {
        value,
        patterns,
        case,
    })
}

fn compare_op() -> impl Strategy<Value = CompareOp> {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    select(vec![Eq, Eq, Ne, Lt, Le, Gt, Ge])
}
