//! Leaves, sequences and samples built by hand; the tables of eql.md run in `tests/semantics.rs`.

use super::*;
use crate::condition::{
    Call, Condition, Constant, Field, Filter, Function, Item, Key, Leaf, Query, QueryKind, Sequence, Test,
    Value,
};
use crate::eql::ast::{ArithmeticOp, Case, CompareOp, Number};
use crate::schema::FieldType;

fn field(path: &str, ty: FieldType) -> Value {
    Value::Field(Field { path: path.into(), ty })
}

fn text(text: &str) -> Constant {
    Constant::Text(text.into())
}

fn int(n: i32) -> Constant {
    Constant::Number(Number::Int(n))
}

fn leaf(test: Test) -> Condition {
    Condition::Leaf(Leaf { test, span: crate::span::Span::default() })
}

fn compare(left: Value, op: CompareOp, right: Constant) -> Condition {
    leaf(Test::Compare { op, left, right: Value::Constant(right) })
}

fn call(function: Function, arguments: Vec<Value>) -> Value {
    Value::Call(Call { function, case: Case::Sensitive, arguments })
}

fn truth(condition: &Condition, json: &str) -> bool {
    holds(condition, &Event::from_json(json).unwrap())
}

#[test]
fn occurrences_of_a_field_vary_independently() {
    let f = || field("f", FieldType::Unknown);
    let concat = compare(call(Function::Concat, vec![f(), f()]), CompareOp::Eq, text("ab"));
    assert!(truth(&concat, r#"{"f":["a","b"]}"#));
    assert!(!truth(&concat, r#"{"f":"a"}"#));
    let n = || Box::new(field("n", FieldType::Unknown));
    let sum = compare(Value::Arithmetic(ArithmeticOp::Add, n(), n()), CompareOp::Eq, int(20));
    assert!(truth(&sum, r#"{"n":[5,15]}"#));
}

#[test]
fn literals_decide_how_values_are_read() {
    let f = || field("f", FieldType::Unknown);
    assert!(truth(&compare(f(), CompareOp::Eq, text("1.0")), r#"{"f":1.0}"#));
    assert!(!truth(&compare(f(), CompareOp::Eq, text("1")), r#"{"f":1.0}"#));
    assert!(truth(&compare(f(), CompareOp::Eq, int(1)), r#"{"f":1.0}"#));
    assert!(truth(&compare(f(), CompareOp::Eq, int(1)), r#"{"f":"1"}"#));
    assert!(!truth(&compare(f(), CompareOp::Eq, int(1)), r#"{"f":"one"}"#));
    assert!(!truth(&compare(f(), CompareOp::Eq, int(1)), r#"{"f":true}"#));
    assert!(truth(&compare(f(), CompareOp::Eq, Constant::Bool(true)), r#"{"f":"true"}"#));
    assert!(!truth(&compare(f(), CompareOp::Eq, Constant::Bool(true)), r#"{"f":1}"#));
    assert!(truth(&compare(f(), CompareOp::Eq, text("false")), r#"{"f":false}"#));
    assert!(truth(&compare(f(), CompareOp::Gt, text("10")), r#"{"f":9}"#));
}

#[test]
fn large_integers_are_compared_exactly() {
    let n = || field("n", FieldType::Unknown);
    let limit = Constant::Number(Number::Long(9_007_199_254_740_993));
    assert!(!truth(&compare(n(), CompareOp::Eq, limit.clone()), r#"{"n":9007199254740992}"#));
    assert!(truth(&compare(n(), CompareOp::Gt, limit), r#"{"n":18446744073709551615}"#));
}

#[test]
fn addresses_compare_as_numbers_and_blocks() {
    let ip = || field("ip", FieldType::Ip);
    let event = r#"{"ip":["10.0.0.9"]}"#;
    assert!(truth(&compare(ip(), CompareOp::Eq, text("::ffff:10.0.0.9")), event));
    assert!(truth(&compare(ip(), CompareOp::Eq, text("10.0.0.0/8")), event));
    assert!(!truth(&compare(ip(), CompareOp::Eq, text("11.0.0.0/8")), event));
    assert!(truth(&compare(ip(), CompareOp::Lt, text("10.0.0.10")), event));
    assert!(truth(
        &leaf(Test::In { value: ip(), list: vec![text("10.0.0.0/8")], case: Case::Sensitive }),
        event
    ));
    assert!(!truth(&compare(ip(), CompareOp::Eq, text("10.0.0.0/8")), r#"{"ip":"not an address"}"#));
}

#[test]
fn dates_and_versions_have_their_own_order() {
    let date = || field("t", FieldType::Date);
    let event = r#"{"t":"2017-08-30T22:47:33+02:00"}"#;
    assert!(truth(&compare(date(), CompareOp::Eq, text("2017-08-30T20:47:33Z")), event));
    assert!(truth(&compare(date(), CompareOp::Eq, Constant::Number(Number::Long(1_504_126_053_000))), event));
    assert!(truth(&compare(date(), CompareOp::Lt, text("2017-09")), event));
    let version = compare(field("v", FieldType::Version), CompareOp::Gt, text("1.5.0"));
    assert!(truth(&version, r#"{"v":"1.11.3"}"#));
}

#[test]
fn errors_of_arithmetic_are_null() {
    let n = Box::new(field("n", FieldType::Long));
    let zero = Box::new(Value::Constant(int(0)));
    let divided = Value::Arithmetic(ArithmeticOp::Divide, n, zero);
    for op in [CompareOp::Eq, CompareOp::Ne, CompareOp::Ge] {
        assert!(!truth(&compare(divided.clone(), op, int(1)), r#"{"n":4}"#), "{op:?}");
    }
}

#[test]
fn a_huge_product_ends_at_the_first_hit() {
    let many: Vec<String> = (0..2000).map(|n| n.to_string()).collect();
    let json = format!(r#"{{"a":[{0}],"b":[{0}],"c":[{0}]}}"#, many.join(","));
    let parts = ["a", "b", "c"].map(|path| field(path, FieldType::Unknown)).to_vec();
    assert!(truth(&compare(call(Function::Concat, parts), CompareOp::Eq, text("01999")), &json));
}

fn item(value: &str, missing: bool) -> Item {
    let condition = compare(field("t", FieldType::Unknown), CompareOp::Eq, text(value));
    let filter = Filter { category: None, condition, span: crate::span::Span::default() };
    let key = Key {
        field: Some(Field { path: "k".into(), ty: FieldType::Unknown }),
        optional: true,
        path: "k".into(),
    };
    Item { missing, filter, keys: vec![key] }
}

#[test]
fn sequences_run_in_order_of_time() {
    let sequence =
        Sequence { maxspan: Some(2), items: vec![item("A", false), item("B", false)], until: None };
    let query = Query::new(QueryKind::Sequence(sequence));
    let events = [
        r#"{"@timestamp":6,"t":"B","k":1}"#,
        r#"{"@timestamp":4,"t":"A","k":1.0}"#,
        r#"{"t":"A","k":1}"#,
        r#"{"@timestamp":5,"t":"A","k":2}"#,
    ]
    .map(|json| Event::from_json(json).unwrap());
    let hits = run(&query, &events, &RunOptions::default());
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].events, [Some(1), Some(0)]);
    assert_eq!(hits[0].keys[0].to_string(), "1");
}

#[test]
fn a_tiebreaker_orders_what_happened_at_once() {
    let query = Query::new(QueryKind::Event(Filter {
        category: None,
        condition: Condition::Const(true),
        span: crate::span::Span::default(),
    }));
    let events =
        [r#"{"@timestamp":1}"#, r#"{"@timestamp":1,"n":10}"#, r#"{"n":1}"#, r#"{"@timestamp":1,"n":9}"#]
            .map(|json| Event::from_json(json).unwrap());
    let options = RunOptions { tiebreaker_field: Some("n".to_owned()), ..RunOptions::default() };
    let order: Vec<_> = run(&query, &events, &options).into_iter().map(|hit| hit.events[0]).collect();
    assert_eq!(order, [Some(3), Some(1), Some(0), Some(2)]);
}
