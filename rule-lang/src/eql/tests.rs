use super::ast::{ExprKind, Literal, Number, Query, Statement};
use super::{parse, print, print_expr};
use crate::source::FileId;

const FILE: FileId = FileId(0);

fn query(text: &str) -> Query {
    parse(text, FILE).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

fn condition(text: &str) -> ExprKind {
    let text = format!("any where {text}");
    match query(&text).statement {
        Statement::Event(event) => event.condition.kind,
        other => panic!("{other:?}"),
    }
}

fn printed(text: &str) -> String {
    match query(&format!("any where {text}")).statement {
        Statement::Event(event) => print_expr(&event.condition),
        other => panic!("{other:?}"),
    }
}

/// Messages of all errors with the text that each marks.
fn errors(text: &str) -> Vec<(String, String)> {
    let errors = parse(text, FILE).expect_err(text);
    errors.into_iter().map(|e| (text[e.primary.span.range()].to_owned(), e.message)).collect()
}

/// Asserts that `text` has one error with `message` at `place`.
#[track_caller]
fn error(text: &str, place: &str, message: &str) {
    assert_eq!(errors(text), [(place.to_owned(), message.to_owned())], "{text}");
}

#[test]
fn binding_shows_in_the_parentheses_that_remain() {
    for (text, expected) in [
        ("(not (a == b)) and c", "not a == b and c"),
        ("not (a == b and c)", "not (a == b and c)"),
        ("a or (b and c)", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("(a and b) and c", "a and b and c"),
        ("a and (b and c)", "a and (b and c)"),
        ("(a + b) * c - (d - e) == -(f) % 2", "(a + b) * c - (d - e) == -f % 2"),
        ("-(a + 1) < +2", "-(a + 1) < +2"),
        ("a + (b in (1))", "a + b in (1)"),
        ("(a + b) in (1, 2,3)", "(a + b) in (1, 2, 3)"),
        ("(a == 1) == (b == 2)", "(a == 1) == (b == 2)"),
        ("(not a) == true", "(not a) == true"),
        ("not not a", "not not a"),
        ("a not in~ (\"x\")", "a not in~ (\"x\")"),
        ("f(a, g~(1)) : (\"x\", \"y\")", "f(a, g~(1)) : (\"x\", \"y\")"),
        ("a:\"x\"", "a : \"x\""),
        ("a like~(\"x\")", "a like~ (\"x\")"),
        ("a regex~\"x\"", "a regex~ \"x\""),
        ("a // rest == 1\n /* x /* y */ z */ == 1", "a == 1"),
        ("`a-b`.c == `a.b` and `any` == ?x.`in`", "`a-b`.c == a.b and `any` == ?x.`in`"),
        ("`a``b` == @timestamp", "`a``b` == @timestamp"),
        ("a . b == 1", "a.b == 1"),
        ("f == \"c:\\\\a\"", "f == \"\"\"c:\\a\"\"\""),
        ("f == \"\"\"a\"\"\"\"", "f == \"a\\\"\""),
    ] {
        assert_eq!(printed(text), expected);
        assert_eq!(printed(expected), expected);
    }
}

#[test]
fn numbers_take_the_smallest_type() {
    let number = |text: &str| match condition(text) {
        ExprKind::Literal(Literal::Number(number)) => number,
        other => panic!("{other:?}"),
    };
    assert_eq!(number("2147483647"), Number::Int(i32::MAX));
    assert_eq!(number("2147483648"), Number::Long(2_147_483_648));
    assert_eq!(number("9223372036854775807"), Number::Long(i64::MAX));
    assert_eq!(number("9223372036854775808"), Number::ULong(1 << 63));
    assert_eq!(number("18446744073709551615"), Number::ULong(u64::MAX));
    assert_eq!(number("18446744073709551616"), Number::Double(18_446_744_073_709_551_616.0));
    for (text, value) in
        [("1.", 1.0), (".5", 0.5), ("1.5", 1.5), ("1e3", 1e3), (".5E-2", 0.005), ("1E+2", 100.0)]
    {
        assert_eq!(number(text), Number::Double(value), "{text}");
    }
    error("any where a == 1e999", "1e999", "number [1e999] is too large");
}

#[test]
fn strings_unescape() {
    let text = |text: &str| match condition(text) {
        ExprKind::Literal(Literal::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(r#""\b\t\n\f\r\"\'\\""#), "\u{8}\t\n\u{c}\r\"'\\");
    assert_eq!(text(r#""\u{0a}\u{1F600}\u{0001f600}""#), "\n😀😀");
    assert_eq!(text(r#""""a\d""""#), "a\\d");
    assert_eq!(text(r#""""a"""""#), "a\"");
    assert_eq!(text(r#""""a""""""#), "a\"\"");
    assert_eq!(text(r#""""""""#), "");
    assert_eq!(text(r#""""#), "");
    assert_eq!(text(r#"""""a"""""#), "\"a\"");
}

#[test]
fn bad_tokens_say_what_to_write() {
    let single = "use double quotes [\"] to define string literals, not single quotes [']";
    error("any where a == 'b c'", "'b c'", single);
    error("'x' where true", "'x'", single);
    error(
        "any where a == ?\"b\"",
        "?\"b\"",
        "use triple double quotes [\"\"\"] to define unescaped string literals, not [?\"]",
    );
    error(
        "any where a == ?'b'",
        "?'b'",
        "use triple double quotes [\"\"\"] to define unescaped string literals, not [?']",
    );
    error("any where a == \"\\d\"", "\\d", "unknown escape [\\d] in a string");
    error(
        "any where a == \"\\u{1}\"",
        "\\u{1}",
        "unicode sequence should use [2-8] hex digits, [\\u{1}] has [1]",
    );
    error(
        "any where a == \"\\u{d800}\"",
        "\\u{d800}",
        "invalid unicode character code, [\\u{d800}] is a surrogate code",
    );
    error("any where a == \"\\u{110000}\"", "\\u{110000}", "invalid unicode character code [\\u{110000}]");
    error("any where a == \"b\n", "\"b", "a string is not closed on its line");
    error("any where a == \"\"\"b\n\"\"\"", "\"\"\"b\n\"\"\"", "a raw string is not closed on its line");
    assert_eq!(errors("any where a /* /* */ == 1")[0].1, "a block comment is not closed");
    error("any where a && b", "&&", "[&&] is not an operator of EQL, use [and]");
    error("any where a || b", "||", "[||] is not an operator of EQL, use [or]");
    error("any where !a", "!", "[!] is not an operator of EQL, use [not]");
    error("any where a == $b", "$", "unexpected character [$]");
    error("any where a == \u{a0}1", "\u{a0}", "unexpected character [U+00A0]");
}

#[test]
fn bad_expressions_say_what_to_write() {
    error("any where a = 1", "=", "[=] is not an operator of EQL, use [==] to compare");
    error("any where a < b < c", "<", "comparisons cannot be chained");
    error(
        "any where a not like \"b\"",
        "not",
        "[not] cannot stand before [like], only before [in] and [in~]",
    );
    error("any where a not : \"b\"", "not", "[not] cannot stand before [:], only before [in] and [in~]");
    error("any where sequence == 1", "sequence", "[sequence] is a keyword");
    error("any where process.any == 1", "any", "[any] is a keyword");
    error("any where a in (1, 2,)", ",", "a comma at the end of a list needs another element behind it");
    error("any where f(1,)", ",", "a comma at the end of the arguments needs another element behind it");
    error("any where a : b", "b", "the right side of [:] is a constant or a list of constants");
    error(
        "any where a like (\"x\", f(b))",
        "f",
        "the right side of [like] is a constant or a list of constants",
    );
    error("any where a[0] == 1", "[0]", "array indexes are not supported");
    error("any where child of [any where a]", "child of", "process relationships are not supported");
    error(
        "any where a like",
        "",
        "expected a constant or a list of constants behind `like`, found the end of the query",
    );
    error("any where a in \"x\"", "\"x\"", "expected a list in parentheses behind `in`, found `\"x\"`");
    error("any where a in ()", ")", "expected an element of the list, found `)`");
    error("any where a in (1) in (2)", "in", "`in` needs a field or a value right before it");
    error("any where a and", "", "expected a field, a value or a function, found the end of the query");
    error("any where (a", "", "expected `)`, found the end of the query");
    error("any where a)", ")", "expected `and`, `or`, a pipe or the end of the query, found `)`");
    error("any where a.1b == 1", ".1", "expected `and`, `or`, a pipe or the end of the query, found `.1`");
    error("any where a == not b", "not", "expected a field, a value or a function, found `not`");
    error("any where (\"a\", \"b\")", ",", "a list of values can only stand behind an operator");
}

#[test]
fn bad_statements_say_what_to_write() {
    error("", "", "expected a query, found the end of the query");
    error("process", "", "expected `where` behind the event category, found the end of the query");
    error("process.name == \"x\"", ".", "expected `where` behind the event category, found `.`");
    error("`x` where true", "`x`", "an event category cannot stand in backticks");
    error("42 where true", "42", "the event category [42] is a number");
    error("with where true", "with", "the event category [with] is a keyword");
    error("any where a | 5", "5", "expected the name of a pipe, [head] or [tail], found `5`");
    error(
        "any where a | head 5,",
        ",",
        "a comma at the end of the arguments needs another element behind it",
    );
    error("any where a = (1, 2)", "=", "[=] does not look into a list, use [in]");
    error("any where a == (\"x\", null)", "==", "[==] does not look into a list, use [in]");
    error("any where a != (true, b)", "!=", "[!=] does not look into a list, use [not in]");
    error("any where a = (1) + 2", "=", "[=] is not an operator of EQL, use [==] to compare");
    let two = "[any where a] [any where b]";
    error(
        &format!("sequence with maxspan=1s by k {two}"),
        "by",
        "please specify sequence [by] before [with] not after",
    );
    error(
        &format!("sequence with maxspan=30 {two}"),
        "30",
        "no time unit specified, did you mean [s] as in [30s]?",
    );
    error(&format!("sequence with maxspan=1.5s {two}"), "1.5s", "decimal time interval [1.5] not supported");
    error(
        &format!("sequence with maxspan=1w {two}"),
        "1w",
        "unrecognized time unit [w] in [1w], please specify one of [ms, s, m, h, d]",
    );
    error(&format!("sequence with runs=1 {two}"), "runs", "unrecognized option [runs], expecting [maxspan]");
    error(&format!("sequence with maxspan==1s {two}"), "==", "use [=] to set [maxspan], not [==]");
    error(&format!("sequence by lower(a) {two}"), "lower", "a join key is a field, not an expression");
    error(
        &format!("sequence by a, {two}"),
        ",",
        "a comma at the end of the join keys needs another element behind it",
    );
    error(
        &format!("sequence {two} with repeat=2"),
        "repeat",
        "unrecognized option [repeat], expecting [runs]",
    );
    error(
        &format!("sample by a with maxspan=1s {two}"),
        "with",
        "a sample has no [with]: its events are in no order",
    );
    error(
        &format!("sample by a {two} until [any where c]"),
        "until",
        "a sample has no [until]: its events are in no order",
    );
    error(
        "sequence by a",
        "",
        "expected an event in brackets, `[process where ..]`, found the end of the query",
    );
}

#[test]
fn each_item_of_a_sequence_reports_its_own_error() {
    let found =
        errors("sequence by a [any where x = 1] [any where y like z] by b [any where < 2] until [c where d]");
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["=", "z", "<"]);
}

#[test]
fn sequences_and_samples_print_back() {
    for text in [
        "sequence\n  [any where true]\n  [any where false]",
        "sequence by a, ?b.c with maxspan=500ms\n  [any where true] by x with runs=3\n  ![\"my cat\" where false] by ?y\nuntil [process where z] by w\n| head 5\n| tail 2",
        "sequence with maxspan=2d\n  [any where true]\n  ![any where false] with runs=2",
        "sample by a\n  [any where true] by b\n  [any where false] by c",
        "any where true | head 5 | unique a, b",
    ] {
        assert_eq!(print(&query(text)), text);
    }
    assert!(matches!(query("join by a [any where b] [any where c]").statement, Statement::Join(_)));
}

#[test]
fn deep_queries_are_errors_and_long_ones_are_not() {
    let deep = format!("any where {}a{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(errors(&deep)[0].1.contains("nest"));
    assert!(errors(&format!("any where {}a", "not ".repeat(100_000)))[0].1.contains("nest"));
    assert!(errors(&format!("any where {}1 == 1", "-".repeat(100_000)))[0].1.contains("nest"));
    assert!(errors(&format!("any where {}a", "f(".repeat(100_000)))[0].1.contains("nest"));
    let chain = |length: usize| format!("any where {}a == 1", "a == 1 or ".repeat(length));
    assert!(errors(&chain(100_000))[0].1.contains("chain"));
    let long = query(&chain(900));
    assert_eq!(long.clone(), long);
    assert_eq!(print(&long), chain(900));
}
