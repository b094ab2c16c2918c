use proptest::prelude::*;

use super::ast::{Expr, ExprKind, FieldName, Literal, LiteralKind, Query, Text, Values, ValuesKind};
use super::{check, parse, print};
use crate::check::{CheckOptions, check as check_eql};
use crate::condition::{Condition, QueryKind};
use crate::diagnostic::Level;
use crate::eql;
use crate::eql::ast::CompareOp;
use crate::schema::{self, FieldType, Schema};
use crate::source::FileId;
use crate::span::Span;

const FILE: FileId = FileId(0);

fn query(text: &str) -> Query {
    let parsed = parse(text, FILE);
    parsed.query.unwrap_or_else(|| panic!("{text}\n{:#?}", parsed.diagnostics))
}

/// Message and marked text of every finding.
fn findings(text: &str) -> Vec<(String, String)> {
    let found = parse(text, FILE).diagnostics;
    found.into_iter().map(|f| (text[f.primary.span.range()].to_owned(), f.message)).collect()
}

/// Asserts that `text` has no tree and one finding with `message` at `place`.
#[track_caller]
fn error(text: &str, place: &str, message: &str) {
    assert_eq!(findings(text), [(place.to_owned(), message.to_owned())], "{text}");
    assert!(parse(text, FILE).query.is_none(), "{text}");
}

fn meaning(text: &str, schema: &Schema) -> Condition {
    let checked = check(&query(text), &CheckOptions::new(schema), FILE);
    match checked.query.unwrap_or_else(|| panic!("{text}: {:?}", checked.diagnostics)).kind {
        QueryKind::Event(filter) => without_spans(filter.condition),
        other => panic!("{other:?}"),
    }
}

fn meaning_of_eql(text: &str, schema: &Schema) -> Condition {
    let ast = eql::parse(&format!("any where {text}"), FILE).unwrap();
    match check_eql(&ast, &CheckOptions::new(schema), FILE).query.unwrap().kind {
        QueryKind::Event(filter) => without_spans(filter.condition),
        other => panic!("{other:?}"),
    }
}

fn without_spans(condition: Condition) -> Condition {
    let each = |parts: Vec<Condition>| parts.into_iter().map(without_spans).collect();
    match condition {
        Condition::And(parts) => Condition::And(each(parts)),
        Condition::Or(parts) => Condition::Or(each(parts)),
        Condition::Not(inner) => Condition::Not(Box::new(without_spans(*inner))),
        Condition::Leaf(mut leaf) => {
            leaf.span = Span::default();
            Condition::Leaf(leaf)
        }
        constant @ Condition::Const(_) => constant,
    }
}

#[test]
fn binding_shows_in_the_parentheses_that_remain() {
    for (text, expected) in [
        ("a:1 OR (b:2 And not c:3)", "a: 1 or b: 2 and not c: 3"),
        ("(a:1 or b:2) and c:3", "(a: 1 or b: 2) and c: 3"),
        ("(a:1 and b:2) and c:3", "(a: 1 and b: 2) and c: 3"),
        ("not(  a:1 )".replace("not(", "not (").as_str(), "not a: 1"),
        ("not (not a:1)", "not (not a: 1)"),
        ("a:(b)", "a: b"),
        ("a:((b or c) and not d)", "a: ((b or c) and not d)"),
        ("a:(b or c and d)", "a: (b or c and d)"),
        ("a:(not (b or c))", "a: (not (b or c))"),
        ("a : { b:{c:1} or d:2 }", "a: { b: { c: 1 } or d: 2 }"),
        ("a.b>=5 and c<\"x y\"", "a.b >= 5 and c < \"x y\""),
        ("\"a b\":c*d", "\"a b\": c*d"),
        ("foo bar* or \"x\"", "foo bar* or \"x\""),
        ("  ", ""),
        ("a: true or b: null or c: \"true\"", "a: true or b: null or c: \"true\""),
        (r#"a:\\\(\)\:\<\>\"\*\{\}"#, r#"a: \\\(\)\:\<\>\"\*\{\}"#),
        ("a: x \\and y\\u00e9", "a: x \\and y\u{e9}"),
        ("a: \"\\d \\\\ \\u0041\"", "a: \"\\\\d \\\\ A\""),
        ("a:\u{a0}b\u{a0}and\u{a0}c:d", "a: b and c: d"),
        ("tags: (or or and)", "tags: (\\or or \\and)"),
    ] {
        assert_eq!(print(&query(text)), expected, "{text}");
        assert_eq!(print(&query(expected)), expected);
    }
}

#[test]
fn a_value_keeps_its_blanks_and_ends_where_it_ends() {
    let value = |text: &str| match query(text).condition.unwrap().kind {
        ExprKind::Is { values: Values { kind: ValuesKind::One(literal), span }, .. } => {
            assert_eq!(literal.span, span);
            (literal.kind, text[span.range()].to_owned())
        }
        other => panic!("{other:?}"),
    };
    let plain = |text: &str| LiteralKind::Text(Text::Plain(text.to_owned()));
    assert_eq!(value("message: foo bar  "), (plain("foo bar"), "foo bar".to_owned()));
    assert_eq!(value("message:foo  \n bar").0, plain("foo  \n bar"));
    assert_eq!(value("m: true").0, LiteralKind::Bool(true));
    assert_eq!(value("m: True").0, plain("True"));
    assert_eq!(value("m: null").0, LiteralKind::Null);
    assert_eq!(value("m: notepad.exe").0, plain("notepad.exe"));
    assert_eq!(value("m: order by sand").0, plain("order by sand"));
    let parts =
        |parts: &[&str]| LiteralKind::Text(Text::Pattern(parts.iter().map(ToString::to_string).collect()));
    assert_eq!(value("m: *a b** c ").0, parts(&["", "a b", "", " c"]));
    assert_eq!(value("m: * ").0, parts(&["", ""]));
}

#[test]
fn errors_name_what_is_wrong_and_where() {
    error("a:", "", "expected a value, found the end of the query");
    error("a: and b:1", "and", "expected a value, found `and`");
    error("p.n: cmd\\.exe", "\\.", "`\\.` is not an escape");
    error("a: x\\", "\\", "the query ends inside an escape");
    error("(a:1 or b:2", "(", "`(` is not closed");
    error("a:(1 or 2", "(", "`(` is not closed");
    error("a:{ b:1", "{", "`{` is not closed");
    error("a: \"x", "\"", "this quote is not closed");
    error("a:1)", ")", "expected `and`, `or` or the end, found `)`");
    error("a:(b c) d", "d", "expected `and` or `or`, found `d`");
    error("a:\"b\" \"c\"", "\"c\"", "expected `and` or `or`, found `\"c\"`");
    error("a:1 b:2", "b", "expected `and` or `or` in front of the field `b`");
    error("a:1\nb:2", "b", "expected `and` or `or` in front of the field `b`");
    error("a: C:\\\\x", ":", "expected `and`, `or` or the end, found `:`");
    error("not(a:1)", "not", "`not` needs white space behind it");
    error("(a:1)and b:2", "and", "`and` needs white space in front of it");
    error("a:1 and(b:2)", "and", "`and` needs white space behind it");
    error("not not a:1", "not", "expected a condition, found `not`");
    error("a:1 and", "and", "nothing follows this `and`");
    error("a:(1 or )", ")", "expected a value, found `)`");
    error("a:1 and and b:2", "and", "expected a condition, found `and`");
    error("a:1 and not", "not", "expected a condition behind `not`");
    error("a:1 not b:2", "not", "expected `and` or `or`, found `not`");
    error("a > (1 or 2)", "(", "expected a value, found `(`");
    error(": 1", ":", "expected a condition, found `:`");
    error("{ a:1 }", "{", "expected a condition, found `{`");
    assert_eq!(findings("m: cannot open")[0].0, "not");
    assert!(parse("m: cannot open", FILE).query.is_some());
}

#[test]
fn nesting_has_a_limit() {
    for depth in [10, 127, 129, 100_000] {
        let text = format!("{}a:1{}", "(".repeat(depth), ")".repeat(depth));
        let found = parse(&text, FILE).diagnostics;
        assert_eq!(found.iter().any(|finding| finding.code.0 == "E0706"), depth > 128, "{depth}");
        let text = format!("{}b:1{}", "a:{".repeat(depth), "}".repeat(depth));
        assert_eq!(parse(&text, FILE).query.is_none(), depth > 128, "{depth}");
    }
}

#[test]
fn both_languages_come_to_the_same_condition() {
    let schema = schema::builtin();
    for (kql, eql) in [
        ("process.name: cmd.exe", r#"process.name == "cmd.exe""#),
        ("process.name: (a or \"b\")", r#"process.name in ("a", "b")"#),
        ("process.name: (a* or b?c* )".replace('?', "x").as_str(), r#"process.name like ("a*", "bxc*")"#),
        ("process.name: (a or b*)", r#"process.name == "a" or process.name like "b*""#),
        ("process.name: *", "process.name != null"),
        ("not process.name: *", "process.name == null"),
        ("not process.name: x", r#"process.name != "x""#),
        ("process.name.caseless: x", r#"process.name.caseless == "x""#),
        ("process.name.caseless: x*", r#"process.name.caseless like "x*""#),
        ("process.pid: 5", "process.pid == 5"),
        ("process.pid: (5 or 6)", "process.pid in (5, 6)"),
        ("process.pid >= 5 and process.pid < 7", "process.pid >= 5 and process.pid < 7"),
        ("process.code_signature.trusted: true", "process.code_signature.trusted == true"),
        ("source.ip: 10.0.0.1", r#"source.ip == "10.0.0.1""#),
        ("source.ip: 10.0.0.0/8", r#"source.ip == "10.0.0.0/8""#),
        (
            "source.ip: (10.0.0.0/8 or ::1 or 1.2.3.4)".replace("::", r"\:\:").as_str(),
            r#"source.ip in ("10.0.0.0/8", "::1", "1.2.3.4")"#,
        ),
        ("source.ip > 10.0.0.1", r#"source.ip > "10.0.0.1""#),
        ("@timestamp >= 2024-05-01", r#"@timestamp >= "2024-05-01""#),
        ("my.own.field: x and my.own.number > 5", r#"my.own.field == "x" and my.own.number > 5"#),
        ("my.own.field: 5 or my.own.field: true", "my.own.field == 5 or my.own.field == true"),
    ] {
        assert_eq!(meaning(kql, schema), meaning_of_eql(eql, schema), "{kql}");
    }
}

#[test]
fn an_empty_query_is_true() {
    for text in ["", " \n", "*: *", "*"] {
        assert_eq!(meaning(text, &Schema::open()), Condition::Const(true), "{text:?}");
    }
}

#[test]
fn findings_of_the_check() {
    let found = |text: &str, schema: &Schema, strict: bool| -> Vec<String> {
        let options = CheckOptions { strict, ..CheckOptions::new(schema) };
        let found = check(&query(text), &options, FILE).diagnostics;
        found.iter().map(|finding| finding.code.to_string()).collect()
    };
    let open = schema::builtin();
    assert_eq!(found("a: null", open, false), ["E0801"]);
    assert_eq!(found("a > null", open, false), ["E0801"]);
    assert_eq!(found("null", open, false), ["E0801"]);
    assert_eq!(found("a > true", open, false), ["E0802"]);
    assert_eq!(found("a > x*", open, false), ["E0802"]);
    assert_eq!(found("a*:{ b: 1 }", open, false), ["E0803"]);
    assert_eq!(found("dll:{ created > now-1d }", open, false), ["E0804"]);
    assert_eq!(found("process.* > now-1d", open, false), ["E0804"]);
    assert_eq!(found("process.name: a b*", open, false), ["W0805"]);
    assert_eq!(found("message: \"--\" or message: *\\\\x*", open, false), ["W0806", "W0806"]);
    assert_eq!(found("process.pid: abc", open, false), ["W0409"]);
    assert_eq!(found("proces.name: a", open, false), ["W0401"]);
    assert_eq!(found("some.thing: a", open, false), [""; 0]);
    assert_eq!(found("some.thing: a", open, true), ["E0401"]);
    let mut closed = Schema::closed();
    closed.add("a", FieldType::Keyword);
    assert_eq!(found("b: x and b: y", &closed, false), ["W0401"]);
    assert_eq!(meaning("not b: x", &closed), Condition::Const(true));
}

#[test]
fn the_tree_of_a_broken_query_is_not_given() {
    for text in ["a: x\\.y", "(a: b", "not(a:1)"] {
        let parsed = parse(text, FILE);
        assert!(parsed.query.is_none() && parsed.diagnostics.iter().any(|d| d.level == Level::Error));
    }
}

fn text() -> impl Strategy<Value = Text> {
    // Letters that matter to the lexer, words of the language, and white space, which may not stand at the ends.
    let part = "([ab\\\\():<>\"*{}?\u{a0}é\u{1}]|and|or|not| and | or |not | |\n|\t){0,4}";
    let plain = part.prop_map(|text: String| text.trim().to_owned());
    let word = |text: &String| !text.is_empty() && !["true", "false", "null"].contains(&text.as_str());
    let pattern =
        prop::collection::vec(part.prop_map(String::from), 2..4).prop_map(|mut parts: Vec<String>| {
            if let Some(first) = parts.first_mut() {
                *first = first.trim_start().to_owned();
            }
            if let Some(last) = parts.last_mut() {
                *last = last.trim_end().to_owned();
            }
            Text::Pattern(parts)
        });
    prop_oneof![
        part.prop_map(|text: String| Text::Quoted(text)),
        plain.prop_filter("a value", word).prop_map(Text::Plain),
        pattern,
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    let kind = prop_oneof![
        4 => text().prop_map(LiteralKind::Text),
        1 => any::<bool>().prop_map(LiteralKind::Bool),
        1 => Just(LiteralKind::Null),
    ];
    kind.prop_map(|kind| Literal { kind, span: Span::default() })
}

fn values() -> impl Strategy<Value = Values> {
    let leaf = literal().prop_map(ValuesKind::One);
    let new = |kind| Values { kind, span: Span::default() };
    leaf.prop_map(new).prop_recursive(3, 8, 3, move |inner| {
        let list = || prop::collection::vec(inner.clone(), 2..4);
        let not = inner.clone().prop_map(|inner| ValuesKind::Not(Box::new(inner)));
        prop_oneof![list().prop_map(ValuesKind::Or), list().prop_map(ValuesKind::And), not].prop_map(new)
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    let field = || text().prop_map(|text| FieldName { text, span: Span::default() });
    let op = prop_oneof![Just(CompareOp::Lt), Just(CompareOp::Le), Just(CompareOp::Gt), Just(CompareOp::Ge)];
    let leaf = prop_oneof![
        (field(), values()).prop_map(|(field, values)| ExprKind::Is { field, values }),
        (field(), op, literal()).prop_map(|(field, op, bound)| ExprKind::Range { field, op, bound }),
        literal().prop_map(ExprKind::Free),
    ];
    let new = |kind| Expr { kind, span: Span::default() };
    leaf.prop_map(new).prop_recursive(3, 12, 3, move |inner| {
        let list = || prop::collection::vec(inner.clone(), 2..4);
        let not = inner.clone().prop_map(|inner| ExprKind::Not(Box::new(inner)));
        let nested = (field(), inner.clone())
            .prop_map(|(path, condition)| ExprKind::Nested { path, condition: Box::new(condition) });
        prop_oneof![list().prop_map(ExprKind::Or), list().prop_map(ExprKind::And), not, nested].prop_map(new)
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(condition in expr()) {
        let query = Query { condition: Some(condition), span: Span::default() };
        let printed = print(&query);
        let parsed = parse(&printed, FILE);
        let errors: Vec<_> = parsed.diagnostics.iter().filter(|d| d.level == Level::Error).collect();
        prop_assert!(errors.is_empty(), "{}\n{:?}", printed, errors);
        // Spans are not compared: printing the tree again shows all but them.
        let again = parsed.query.expect("there is no error");
        prop_assert_eq!(super::ast::without_spans(again), query, "{}", printed);
    }

    #[test]
    fn any_text_gives_a_tree_or_an_error_with_a_place(
        text in "([ab.*\"\\\\(){}:<>=\n é]|and|or|not| and | or |not |u00e9|true|null){0,16}"
    ) {
        let parsed = parse(&text, FILE);
        for found in &parsed.diagnostics {
            prop_assert!(text.get(found.primary.span.range()).is_some(), "{:?}", found);
        }
        let failed = parsed.diagnostics.iter().any(|found| found.level == Level::Error);
        prop_assert_eq!(parsed.query.is_none(), failed);
        if let Some(query) = parsed.query {
            check(&query, &CheckOptions::new(schema::builtin()), FILE);
        }
    }
}
