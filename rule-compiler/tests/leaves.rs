//! The tables of eql.md, sections 5 to 10, for lowered predicates over events read from JSON.

mod support;

use rule_compiler::lower::{LowerError, lower};
use rule_lang::condition::{Call, Constant, Field, Function, Test, Value};
use rule_lang::eql::ast::{ArithmeticOp, Case, CompareOp, Number};
use rule_lang::schema::FieldType;
use rule_runtime::event::Slot;
use rule_runtime::matcher::Scratch;

fn field(ty: FieldType) -> Value {
    Value::Field(Field { path: "f".into(), ty })
}

fn f() -> Value {
    field(FieldType::Unknown)
}

fn text(text: &str) -> Value {
    Value::Constant(Constant::Text(text.into()))
}

fn int(value: i32) -> Value {
    Value::Constant(Constant::Number(Number::Int(value)))
}

fn call(function: Function, arguments: Vec<Value>) -> Call {
    Call { function, case: Case::Sensitive, arguments }
}

fn value(function: Function, arguments: Vec<Value>) -> Value {
    Value::Call(call(function, arguments))
}

fn compare(left: Value, op: CompareOp, right: Value) -> Test {
    Test::Compare { op, left, right }
}

fn is(left: Value, right: Value) -> Test {
    compare(left, CompareOp::Eq, right)
}

fn like(patterns: &[&str], case: Case) -> Test {
    let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    Test::Like { value: field(FieldType::Keyword), patterns, case }
}

/// Whether the test holds; the reference evaluator must say the same.
fn holds(test: &Test, event: &str) -> bool {
    let (meant, compiled) = support::both(test, event, &mut Scratch::new()).unwrap();
    assert_eq!(meant, compiled, "{test:?} over {event}");
    compiled
}

/// The event whose field has one text.
fn text_event(text: &str) -> String {
    format!("{{\"f\":{}}}", serde_json::to_string(text).unwrap())
}

/// Whether two expressions without fields are equal.
fn equal(left: Value, right: Value) -> bool {
    holds(&is(left, right), "{}")
}

#[test]
fn leaves_are_two_valued() {
    let events = ["{}", r#"{"f":"a"}"#, r#"{"f":["a","b"]}"#, r#"{"f":""}"#, r#"{"f":null}"#, r#"{"f":[]}"#];
    let one = || int(1);
    let length = || value(Function::Length, vec![f()]);
    let list = ["a", "z"].map(|text| Constant::Text(text.into())).to_vec();
    let index_of = value(Function::IndexOf, vec![f(), text("a")]);
    let rows = [
        (is(f(), text("a")), "FTTF"),
        (Test::In { value: f(), list, case: Case::Sensitive }, "FTTF"),
        (Test::Like { value: f(), patterns: vec!["A".to_owned()], case: Case::Insensitive }, "FTTF"),
        (Test::Like { value: f(), patterns: vec!["*".to_owned()], case: Case::Insensitive }, "FTTT"),
        (Test::Like { value: f(), patterns: vec!["?".to_owned()], case: Case::Sensitive }, "FTTF"),
        (Test::IsNull(f()), "TFFF"),
        (is(length(), one()), "FTTF"),
        (compare(length(), CompareOp::Ne, one()), "FFFT"),
        (Test::Call(call(Function::StartsWith, vec![f(), text("a")])), "FTTF"),
        (compare(f(), CompareOp::Gt, text("a")), "FFTF"),
        (is(value(Function::Concat, vec![f(), f()]), text("ab")), "FFTF"),
        // Some value has no index, so `!= null` is false for the third event.
        (Test::IsNull(index_of), "TFTT"),
    ];
    for (test, expected) in rows {
        let answers: String =
            events.iter().map(|event| if holds(&test, event) { 'T' } else { 'F' }).collect();
        let missing = &expected[..1];
        assert_eq!(answers, format!("{expected}{missing}{missing}"), "{test:?}");
    }
}

#[test]
fn numbers_of_arrays_combine() {
    let event = r#"{"f":[5,15]}"#;
    let arithmetic = |op, right| Value::Arithmetic(op, Box::new(f()), Box::new(right));
    assert!(holds(&is(arithmetic(ArithmeticOp::Add, f()), int(20)), event));
    assert!(!holds(&is(arithmetic(ArithmeticOp::Add, f()), int(15)), event));
    assert!(holds(&compare(arithmetic(ArithmeticOp::Modulo, int(4)), CompareOp::Ne, int(1)), event));
    assert!(holds(&is(f(), Value::Constant(Constant::Number(Number::Double(5.0)))), event));
    assert!(!holds(&compare(f(), CompareOp::Gt, int(20)), event));
    assert!(holds(&is(arithmetic(ArithmeticOp::Divide, int(2)), int(7)), event));
    assert!(!holds(&is(arithmetic(ArithmeticOp::Divide, int(0)), int(0)), event));
    let four = |divisor| Value::Arithmetic(ArithmeticOp::Divide, Box::new(int(4)), Box::new(divisor));
    assert!(equal(four(int(3)), int(1)) && equal(four(int(4)), int(1)));
}

/// Patterns, case, values that match, values that do not.
type Row = (&'static [&'static str], Case, &'static [&'static str], &'static [&'static str]);

#[test]
fn patterns_of_the_page() {
    use Case::{Insensitive, Sensitive};
    let rows: &[Row] = &[
        (&["D?c"], Sensitive, &["Doc"], &["DC", "doc", "Disc"]),
        (&["c:\\win*.exe"], Insensitive, &["C:\\WIN\\a.EXE"], &["c:/win/a.exe"]),
        (&["*\\Temp\\?.ps1"], Insensitive, &["C:\\temp\\é.ps1"], &["C:\\temp\\ab.ps1"]),
        (&["straße"], Insensitive, &["STRAßE"], &["STRASSE"]),
        (&["É"], Insensitive, &["É"], &["é"]),
        (&["a_b%"], Insensitive, &["A_B%"], &["axb1"]),
        (&["foo", "ba?"], Insensitive, &["FOO", "bar"], &["ba"]),
        (&["a*b"], Sensitive, &["a\nb"], &["a\nbc"]),
    ];
    for (patterns, case, matching, other) in rows {
        let test = like(patterns, *case);
        for text in *matching {
            assert!(holds(&test, &text_event(text)), "{patterns:?} {text:?}");
        }
        for text in *other {
            assert!(!holds(&test, &text_event(text)), "{patterns:?} {text:?}");
        }
    }
}

#[test]
fn functions_of_the_page() {
    let between = |s, left, right, greedy| {
        let greedy = Value::Constant(Constant::Bool(greedy));
        value(Function::Between, vec![text(s), text(left), text(right), greedy])
    };
    let path = "C:\\Win\\Sys\\x.exe";
    assert!(equal(between(path, "\\", "\\", false), text("Win")));
    assert!(equal(between(path, "\\", "\\", true), text("Win\\Sys")));
    assert!(equal(between("welcome to the planet", "welcome", "e", false), text(" to th")));
    assert!(equal(between("welcome to the planet", "welcome", "e", true), text(" to the plan")));
    let substring = |start, end| value(Function::Substring, vec![text("hello world"), int(start), int(end)]);
    assert!(equal(substring(-5, -1), text("worl")));
    assert!(equal(substring(-60, 5), text("hello")));
    assert!(equal(substring(3, 9), text("lo wor")));
    assert!(equal(substring(9, 3), text("")));
    let index =
        |sub, start| value(Function::IndexOf, vec![text("subdomain.example.com"), text(sub), int(start)]);
    assert!(equal(index(".", 10), int(17)));
    assert!(holds(&Test::IsNull(index(".", 30)), "{}"));
    assert!(equal(index("", -6), int(0)));
    let number = |s, base| value(Function::Number, vec![text(s), int(base)]);
    assert!(equal(number("0x32", 16), int(50)));
    assert!(equal(number("052403", 8), int(21_763)));
    assert!(equal(number("-32.5", 10), Value::Constant(Constant::Number(Number::Double(-32.5)))));
    let long = |value| Value::Constant(Constant::Number(Number::Long(value)));
    assert!(equal(number("deadbeef", 16), long(3_735_928_559)));
    let truth = Value::Constant(Constant::Bool(true));
    assert!(equal(value(Function::Concat, vec![text("a"), int(1), truth]), text("a1true")));
    let with_null = value(Function::Concat, vec![text("a"), Value::Constant(Constant::Null)]);
    assert!(holds(&Test::IsNull(with_null), "{}"));
}

#[test]
fn types_say_what_a_text_is() {
    use CompareOp::{Eq, Gt, Lt};
    let row =
        |ty, op, right: &str, value: &str| holds(&compare(field(ty), op, text(right)), &text_event(value));
    assert!(row(FieldType::Ip, Eq, "10.0.0.1", "::ffff:10.0.0.1"));
    assert!(row(FieldType::Ip, Eq, "10.0.0.0/8", "10.9.9.9"));
    assert!(row(FieldType::Ip, Gt, "9.0.0.0", "10.0.0.1"));
    assert!(!row(FieldType::Keyword, Gt, "9.0.0.0", "10.0.0.1"));
    assert!(!row(FieldType::Ip, Eq, "10.0.0.1", "host"));
    assert!(row(FieldType::Date, Eq, "2021-03-04T00:00:00Z", "2021-03-04T01:00:00+01:00"));
    assert!(row(FieldType::Date, Lt, "2021-03-05", "1614816000000"));
    assert!(row(FieldType::Version, Lt, "8.15.0", "8.9.1"));
    assert!(!row(FieldType::Keyword, Lt, "8.15.0", "8.9.1"));
    assert!(row(FieldType::Unknown, Eq, "true", "true"));
}

#[test]
fn text_and_numbers_bridge() {
    assert!(holds(&is(f(), text("4624")), r#"{"f":4624}"#));
    assert!(!holds(&is(f(), text("4624")), r#"{"f":4624.0}"#));
    assert!(holds(&is(f(), int(4624)), r#"{"f":"4624"}"#));
    assert!(holds(&is(f(), int(4624)), r#"{"f":"4.624e3"}"#));
    assert!(!holds(&is(f(), int(4624)), r#"{"f":"0x1210"}"#));
    assert!(holds(&is(f(), text("true")), r#"{"f":true}"#));
    assert!(holds(&is(f(), Value::Constant(Constant::Bool(true))), r#"{"f":"true"}"#));
    // A list may mix types, also on a field that is no text.
    let list = vec![Constant::Number(Number::Double(-0.0)), Constant::Text("7".into())];
    let test = Test::In { value: field(FieldType::Long), list, case: Case::Sensitive };
    assert!(holds(&test, r#"{"f":0}"#) && holds(&test, r#"{"f":"7"}"#) && !holds(&test, r#"{"f":8}"#));
}

#[test]
fn equal_tests_are_equal_predicates() {
    let arena = bumpalo::Bump::new();
    let key = |test: &Test| lower(test, &mut |_| Slot(0), &arena).unwrap();
    assert_eq!(key(&like(&["B", "a*"], Case::Insensitive)), key(&like(&["A*", "b"], Case::Insensitive)));
    assert_eq!(key(&like(&["a"], Case::Sensitive)), key(&is(field(FieldType::Keyword), text("a"))));
    assert_eq!(key(&like(&["1"], Case::Insensitive)), key(&like(&["1"], Case::Sensitive)));
    assert_eq!(
        key(&like(&["a*"], Case::Sensitive)),
        key(&Test::Call(call(Function::StartsWith, vec![f(), text("a")])))
    );
    assert_ne!(key(&like(&["a"], Case::Insensitive)), key(&like(&["a"], Case::Sensitive)));
    assert_ne!(key(&is(field(FieldType::Long), int(1))), key(&is(f(), int(1))));
}

#[test]
fn what_cannot_be_lowered_says_why() {
    let message = |test: &Test| {
        let arena = bumpalo::Bump::new();
        lower(test, &mut |_| Slot(0), &arena)
            .map(|predicate| format!("{predicate:?}"))
            .unwrap_err()
            .to_string()
    };
    let regex = |pattern: &str| Test::Regex {
        value: f(),
        patterns: vec!["a".to_owned(), pattern.to_owned()],
        case: Case::Sensitive,
    };
    assert_eq!(
        message(&regex("a(b")),
        "cannot read the regular expression `a(b`: expected a closing parenthesis at character 4"
    );
    assert_eq!(message(&regex(".*a.{30}")), "the regular expression `.*a.{30}` needs more than 10000 states");
    assert_eq!(message(&is(field(FieldType::Date), text("soon"))), "`soon` is not a date");
    let block = Test::Call(call(Function::CidrMatch, vec![f(), text("10.0.0.0/33")]));
    assert_eq!(message(&block), "`10.0.0.0/33` is not a block of addresses");
    assert_eq!(LowerError::TooManyFields.to_string(), "this condition names too many fields");
}
