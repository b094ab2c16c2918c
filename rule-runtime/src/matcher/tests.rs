use super::glob::Shape;
use super::*;
use crate::event::Event;

const SLOT: Slot = Slot(0);
const OTHER: Slot = Slot(70);

/// Evaluates over one event whose slots are filled by `fill`.
fn eval(predicate: Predicate<'_>, fill: impl Fn(&mut Event)) -> bool {
    let mut event = Event::with_slots(71);
    fill(&mut event);
    predicate.eval(event.view(b""), &mut Scratch::new())
}

fn texts(values: &[&str]) -> impl Fn(&mut Event) {
    move |event| values.iter().for_each(|value| event.push_text(SLOT, value))
}

#[test]
fn some_value_is_enough() {
    let is = |text: &'static [u8]| -> bool {
        eval(Predicate::Text { slot: SLOT, literals: &[text], case: Case::Sensitive }, texts(&["a", "b"]))
    };
    assert!(is(b"a") && is(b"b"));
    assert!(!is(b"A") && !is(b""));
}

#[test]
fn existence_needs_a_value_and_the_empty_text_is_one() {
    assert!(eval(Predicate::Exists { slot: SLOT }, texts(&[""])));
    assert!(!eval(Predicate::Exists { slot: SLOT }, texts(&[])));
    assert!(eval(Predicate::Missing { slot: OTHER }, texts(&[""])));
}

#[test]
fn numbers_meet_text_both_ways() {
    let number = |event: &mut Event| event.push_number(SLOT, format_args!("5.0"));
    let is_five = Predicate::NumberIn { slot: SLOT, kind: FieldKind::Any, values: &[Number::Int(5)] };
    let text_five = Predicate::Text { slot: SLOT, literals: &[b"5.0"], case: Case::Insensitive };
    assert!(eval(is_five, number));
    assert!(eval(is_five, texts(&["x", "5"])));
    assert!(!eval(is_five, texts(&["x", "5 "])));
    assert!(eval(text_five, number));
    assert!(!eval(Predicate::Text { slot: SLOT, literals: &[b"5"], case: Case::Sensitive }, number));
}

#[test]
fn integer_fields_compare_whole_doubles_exactly() {
    let number = |event: &mut Event| event.push_number(SLOT, format_args!("1e18"));
    let next =
        |kind| Predicate::NumberIn { slot: SLOT, kind, values: &[Number::Long(1_000_000_000_000_000_001)] };
    assert!(eval(next(FieldKind::Any), number));
    assert!(!eval(next(FieldKind::Long), number));
}

#[test]
fn folded_values_last_one_event() {
    let predicate = Predicate::Text { slot: OTHER, literals: &[b"abc"], case: Case::Insensitive };
    let mut scratch = Scratch::new();
    let mut event = Event::with_slots(71);
    event.push_text(OTHER, "ABC");
    assert!(predicate.eval(event.view(b""), &mut scratch));
    event.clear();
    event.push_text(OTHER, "abd");
    scratch.next_event();
    assert!(!predicate.eval(event.view(b""), &mut scratch));
}

#[test]
fn combinations_pair_every_value_with_every_value() {
    // concat(f, f) == x
    let concat = |text: &'static [u8]| {
        let fields = [Expr::Field(0, FieldKind::Any), Expr::Field(1, FieldKind::Any)];
        let sides = [Expr::Call(TextFunction::Concat, Case::Sensitive, &fields), Expr::Text(text)];
        let test = ExprTest::Compare(Compare::Eq, &sides);
        eval(Predicate::Expr { occurrences: &[SLOT, SLOT], test }, texts(&["a", "b"]))
    };
    assert!(concat(b"aa") && concat(b"ab") && concat(b"ba"));
    assert!(!concat(b"a"));
}

#[test]
fn text_built_inside_text_stays_whole() {
    // concat("<", concat(f, 1), string(1.5), concat(f, 2), ">")
    let field = Expr::Field(0, FieldKind::Any);
    let one = [field, Expr::Number(Number::Int(1))];
    let two = [field, Expr::Number(Number::Int(2))];
    let half = [Expr::Number(Number::double(1.5))];
    let call = |function, arguments| Expr::Call(function, Case::Sensitive, arguments);
    let outer = [
        Expr::Text(b"<"),
        call(TextFunction::Concat, &one),
        call(TextFunction::String, &half),
        call(TextFunction::Concat, &two),
        Expr::Text(b">"),
    ];
    let sides = [call(TextFunction::Concat, &outer), Expr::Text(b"<x11.5x2>")];
    let test = ExprTest::Compare(Compare::Eq, &sides);
    assert!(eval(Predicate::Expr { occurrences: &[SLOT], test }, texts(&["x"])));
}

#[test]
fn null_is_not_true_but_is_null() {
    let length = Expr::Call(TextFunction::Length, Case::Sensitive, &[Expr::Field(0, FieldKind::Any)]);
    let expr = |test, fill: &[&str]| eval(Predicate::Expr { occurrences: &[SLOT], test }, texts(fill));
    let sides = [length, Expr::Number(Number::Int(1))];
    assert!(!expr(ExprTest::Compare(Compare::Ne, &sides), &[]));
    assert!(expr(ExprTest::Compare(Compare::Ne, &sides), &["a", "bb"]));
    assert!(expr(ExprTest::IsNull(&length), &[]));
    assert!(!expr(ExprTest::IsNull(&length), &["a"]));
}

#[test]
fn too_many_combinations_are_counted() {
    let field = |index| Expr::Field(index, FieldKind::Any);
    let fields = [field(0), field(1), field(2), field(3)];
    let sides = [Expr::Call(TextFunction::Concat, Case::Sensitive, &fields), Expr::Text(b"never")];
    let test = ExprTest::Compare(Compare::Eq, &sides);
    let mut event = Event::with_slots(1);
    (0..40).for_each(|_| event.push_text(SLOT, "v"));
    let mut scratch = Scratch::new();
    let predicate = Predicate::Expr { occurrences: &[SLOT; 4], test };
    assert!(!predicate.eval(event.view(b""), &mut scratch));
    assert_eq!(scratch.cut_short(), 1);
}

#[test]
fn every_other_kind_of_predicate() {
    let ip = texts(&["no address", "10.1.2.3"]);
    let block = Block::parse(b"10.0.0.0/8").unwrap();
    assert!(eval(Predicate::Cidr { slot: SLOT, blocks: &[block] }, &ip));
    let ten = ip::parse(b"10.0.0.0").unwrap();
    assert!(eval(Predicate::IpOrder { slot: SLOT, op: Compare::Gt, address: ten }, &ip));
    assert!(!eval(Predicate::IpOrder { slot: SLOT, op: Compare::Le, address: ten }, &ip));
    let date = texts(&["yesterday", "1970-01-02"]);
    let nanos = date::parse(b"1970-01-01T23:59:59.999999999Z").unwrap();
    assert!(eval(Predicate::Date { slot: SLOT, op: Compare::Gt, nanos }, &date));
    assert!(!eval(Predicate::Date { slot: SLOT, op: Compare::Lt, nanos }, &date));
    let version = texts(&["8.9"]);
    assert!(eval(Predicate::VersionOrder { slot: SLOT, op: Compare::Lt, version: b"8.15" }, &version));
    assert!(eval(Predicate::TextOrder { slot: SLOT, op: Compare::Gt, value: b"8.15" }, &version));
    assert!(eval(Predicate::Bool { slot: SLOT, value: true }, |event| event.push_bool(SLOT, true)));
    assert!(eval(Predicate::Bool { slot: SLOT, value: false }, texts(&["false"])));
    let pattern = Pattern::new(Shape::Wild(b"?:\\win*"));
    let like = Predicate::Like { slot: SLOT, patterns: &[pattern], case: Case::Insensitive };
    assert!(eval(like, texts(&["C:\\WIN"])));
    assert!(!eval(Predicate::Any(&[]), texts(&["x"])));
    let any = [Predicate::Missing { slot: SLOT }, like];
    assert!(eval(Predicate::Any(&any), texts(&["C:\\WIN"])));
}
