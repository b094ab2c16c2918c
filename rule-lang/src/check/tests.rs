use super::{CheckOptions, Checked, check};
use crate::condition::{Condition, Pipe, Query, QueryKind, Test, Value};
use crate::diagnostic::Level;
use crate::eql::ast::{Case, CompareOp};
use crate::eql::{compare_text, parse};
use crate::schema::{FieldInfo, FieldType, Schema};
use crate::source::FileId;

const FILE: FileId = FileId(0);

fn closed() -> Schema {
    let mut schema = Schema::closed();
    for (path, ty) in [
        ("f", FieldType::Keyword),
        ("g", FieldType::Keyword),
        ("md5", FieldType::Keyword),
        ("hostname", FieldType::Keyword),
        ("pid", FieldType::Long),
        ("n", FieldType::Long),
        ("d", FieldType::Double),
        ("flag", FieldType::Boolean),
        ("ip", FieldType::Ip),
        ("at", FieldType::Date),
        ("version", FieldType::Version),
        ("message", FieldType::Text),
        ("nested", FieldType::Nested),
        ("event.category", FieldType::Keyword),
    ] {
        schema.add(path, ty);
    }
    let range = FieldInfo {
        ty: FieldType::Unsupported,
        type_name: "integer_range".into(),
        array: false,
        source: "range".into(),
        caseless: false,
    };
    schema.insert("range", range);
    let alias = FieldInfo {
        ty: FieldType::Keyword,
        type_name: "keyword".into(),
        array: false,
        source: "f".into(),
        caseless: true,
    };
    schema.insert("f.caseless", alias);
    schema
}

fn run(schema: &Schema, query: &str) -> Checked {
    let tree = parse(query, FILE).unwrap_or_else(|errors| panic!("{query}: {errors:#?}"));
    check(&tree, &CheckOptions::new(schema), FILE)
}

#[track_caller]
fn query(schema: &Schema, text: &str) -> Query {
    let checked = run(schema, text);
    checked.query.unwrap_or_else(|| panic!("{text}: {:#?}", checked.diagnostics))
}

#[track_caller]
fn condition(schema: &Schema, text: &str) -> String {
    match query(schema, &format!("any where {text}")).kind {
        QueryKind::Event(filter) => show(&filter.condition),
        other => panic!("{other:?}"),
    }
}

/// A condition in a short form of its own.
fn show(condition: &Condition) -> String {
    let list = |conditions: &[Condition], between: &str| {
        let parts: Vec<String> = conditions.iter().map(show).collect();
        format!("({})", parts.join(between))
    };
    match condition {
        Condition::Const(value) => value.to_string(),
        Condition::And(conditions) => list(conditions, " and "),
        Condition::Or(conditions) => list(conditions, " or "),
        Condition::Not(inner) => format!("not {}", show(inner)),
        Condition::Leaf(leaf) => match &leaf.test {
            Test::Compare { op, left, right } => {
                format!("{} {} {}", value(left), compare_text(*op), value(right))
            }
            Test::In { value: of, list, case } => {
                let list: Vec<String> = list.iter().map(|c| value(&Value::Constant(c.clone()))).collect();
                format!("{} in{} [{}]", value(of), tilde(*case), list.join(", "))
            }
            Test::Like { value: of, patterns, case } => {
                format!("{} like{} [{}]", value(of), tilde(*case), patterns.join(", "))
            }
            Test::Regex { value: of, patterns, case } => {
                format!("{} regex{} [{}]", value(of), tilde(*case), patterns.join(", "))
            }
            Test::IsNull(of) => format!("{} is null", value(of)),
            Test::Call(call) => value(&Value::Call(call.clone())),
            other => format!("{other:?}"),
        },
    }
}

fn tilde(case: Case) -> &'static str {
    if case == Case::Insensitive { "~" } else { "" }
}

fn value(of: &Value) -> String {
    use crate::condition::Constant;
    use crate::eql::ast::Number;
    match of {
        Value::Constant(Constant::Null) => "null".into(),
        Value::Constant(Constant::Bool(value)) => value.to_string(),
        Value::Constant(Constant::Text(text)) => format!("{text:?}"),
        Value::Constant(Constant::Number(Number::Int(value))) => value.to_string(),
        Value::Constant(Constant::Number(Number::Long(value))) => format!("{value}L"),
        Value::Constant(Constant::Number(Number::ULong(value))) => format!("{value}UL"),
        Value::Constant(Constant::Number(Number::Double(value))) => format!("{value:?}"),
        Value::Field(field) => field.path.to_string(),
        Value::Negate(inner) => format!("-{}", value(inner)),
        Value::Arithmetic(op, left, right) => format!("{op:?}({}, {})", value(left), value(right)),
        Value::Call(call) => {
            let arguments: Vec<String> = call.arguments.iter().map(value).collect();
            format!("{:?}{}({})", call.function, tilde(call.case), arguments.join(", "))
        }
    }
}

#[track_caller]
fn same(schema: &Schema, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(condition(schema, text), *expected, "{text}");
    }
}

/// Asserts one error with `message` at `place`.
#[track_caller]
fn error(schema: &Schema, text: &str, place: &str, message: &str) {
    let checked = run(schema, text);
    let errors: Vec<(&str, &str)> = checked
        .diagnostics
        .iter()
        .filter(|d| d.level == Level::Error)
        .map(|d| (&text[d.primary.span.range()], d.message.as_str()))
        .collect();
    assert_eq!(errors, [(place, message)], "{text}");
    assert!(checked.query.is_none());
}

#[track_caller]
fn wrong(text: &str, place: &str, message: &str) {
    error(&closed(), &format!("any where {text}"), place, message);
}

#[test]
fn rows_of_unequal_differ_by_operand() {
    same(
        &Schema::open(),
        &[
            ("f != \"a\"", "not f == \"a\""),
            ("f not in (\"a\")", "not f in [\"a\"]"),
            ("not f : \"a\"", "not f like~ [a]"),
            ("length(f) != 1", "Length(f) != 1"),
            ("not length(f) == 1", "not Length(f) == 1"),
            ("f == null", "f is null"),
            ("f != null", "not f is null"),
            ("length(f) == null", "Length(f) is null"),
            ("null != length(f)", "not Length(f) is null"),
            ("startsWith(f, \"a\") == false", "not StartsWith(f, \"a\")"),
            ("startsWith(f, \"a\") != true", "not StartsWith(f, \"a\")"),
            ("true == startsWith(f, \"a\")", "StartsWith(f, \"a\")"),
            ("startsWith(f, \"a\") == null", "StartsWith(f, \"a\") is null"),
            ("f == false", "f == false"),
            ("f != true", "not f == true"),
            ("f", "f == true"),
            ("not f", "not f == true"),
            ("1 < f", "f > 1"),
            ("(f > 1) == true", "f > 1"),
            ("(f > 1) == false", "not f > 1"),
            ("null == (f > -1)", "f is null"),
            (
                "string(cidrMatch(f, \"10.0.0.0/8\")) : \"true\"",
                "String(CidrMatch(f, \"10.0.0.0/8\")) like~ [true]",
            ),
        ],
    );
}

#[test]
fn arithmetic_moves_over_the_comparison_if_that_is_exact() {
    same(
        &closed(),
        &[
            ("n + 1 != 6", "not n == 5"),
            ("n % 4 != 1", "Modulo(n, 4) != 1"),
            ("n / 2 == 3", "Divide(n, 2) == 3"),
            ("1 + n * 2 >= 7", "n >= 3"),
            ("n * 2 == 7", "Multiply(n, 2) == 7"),
            ("n * -2 < 8", "n > -4"),
            ("83 - n > 1", "n < 82"),
            ("-n + 100 == 18", "n == 82"),
            ("d + 1 == 6", "Add(d, 1) == 6"),
            ("n + 1 == 6.5", "Add(n, 1) == 6.5"),
            ("n + ((1 + 3) * 2 / (3 - 1)) * 2 == 54", "n == 46"),
            ("n - 9223372036854775807 > 1", "Subtract(n, 9223372036854775807L) > 1"),
            ("add(n, 1) != 6", "not n == 5"),
        ],
    );
}

#[test]
fn constants_fold_in_three_values() {
    same(
        &Schema::open(),
        &[
            ("null == null", "true"),
            ("null != null", "false"),
            ("null == 1", "false"),
            ("1 != null", "true"),
            ("null < 1", "false"),
            ("not null", "false"),
            ("null or true", "true"),
            ("null or f == 1", "f == 1"),
            ("null and f == 1", "false"),
            ("not (null and f == 1)", "false"),
            ("not (null and false)", "true"),
            ("not null < 1", "false"),
            ("true and f == 1", "f == 1"),
            ("false or f == 1 or (f == 2 or f == 3)", "(f == 1 or f == 2 or f == 3)"),
            ("f == 1 and (f == 2 and f == 3)", "(f == 1 and f == 2 and f == 3)"),
            ("\"abc\" like \"A*\"", "false"),
            ("\"abc\" : \"A?C\"", "true"),
            ("1 in (2, null)", "false"),
            ("not 1 in (2, null)", "false"),
            ("1 in (1, null)", "true"),
            ("f in (null)", "false"),
            ("f not in (null, 1)", "not f in [1]"),
            ("f : \"*\"", "not f is null"),
            ("f like (\"a\", \"**\")", "not f is null"),
            ("7 / 2 == 3 and -7 / 2 == -3 and -10 % 6 == -4 and 10 % -6 == 4 and 5.5 % 2 == 1.5", "true"),
            ("1.0 / 0 > 5 and 2 == 2.0", "true"),
            ("-0.0 < 0.0", "true"),
        ],
    );
}

#[test]
fn functions_of_constants_have_the_values_of_the_table() {
    for row in [
        r#"between("C:\\Win\\Sys\\x.exe", "\\", "\\") == "Win""#,
        r#"between("C:\\Win\\Sys\\x.exe", "\\", "\\", true) == "Win\\Sys""#,
        r#"between("welcome to the planet","welcome","e") == " to th""#,
        r#"between("welcome to the planet","welcome","e", true) == " to the plan""#,
        r#"between("abc", "x", "c") == """#,
        r#"between("abc", "", "") == "abc""#,
        r#"between~("abc", "A", "C") == "b""#,
        r#"substring("hello world", -5, -1) == "worl""#,
        r#"substring("hello world", -60, 5) == "hello""#,
        r#"substring("hello world", 3, 9) == "lo wor""#,
        r#"substring("hello world", 9, 3) == """#,
        r#"substring("hello", 2, null) == "llo""#,
        r#"substring("hello", null) == "hello""#,
        r#"indexOf("subdomain.example.com", ".", 10) == 17"#,
        r#"indexOf("subdomain.example.com", ".", 30) == null"#,
        r#"indexOf("subdomain.example.com", "", -6) == 0"#,
        r#"indexOf~("aBc", "b") == 1"#,
        r#"number("0x32", 16) == 50"#,
        r#"number("0x32") == 50"#,
        r#"number("-32.5") == -32.5"#,
        r#"number("052403", 8) == 21763"#,
        r#"number("deadbeef",16) == 3735928559"#,
        r#"number("x") == null"#,
        r#"number("31", 13) == 40"#,
        r#"concat("a", 1, true) == "a1true""#,
        r#"concat("a", null) == null"#,
        "modulo(-10,-6) == -4",
        "modulo(10,-6) == 4",
        r#"string(42) == "42" and string(42.0) == "42.0" and string(1e10) == "1.0E10""#,
        r#"length("") == 0 and length("aé") == 2 and length(null) == null"#,
        r#"startsWith("abc", "") and not stringContains("abc", "") and endsWith~("abc", "BC")"#,
        r#"startsWith(null, "a") == null"#,
        r#"cidrMatch("10.1.2.3", "10.6.48.157/8") and not cidrMatch("11.1.2.3", "10.0.0.0/8", "::1")"#,
        r#"cidrMatch("10.1.2.3", "::/0", "192.168.0.0/16") and not cidrMatch("10.1.2.3", "fe80::/10")"#,
    ] {
        assert_eq!(condition(&Schema::open(), row), "true", "{row}");
    }
}

#[test]
fn optional_fields_that_a_closed_schema_lacks_are_null() {
    same(
        &closed(),
        &[
            ("?x == \"a\"", "false"),
            ("?x != \"a\"", "true"),
            ("?x == null", "true"),
            ("?x != null", "false"),
            ("?x in (\"a\")", "false"),
            ("not ?x in (\"a\")", "false"),
            ("not ?x : \"a\"", "false"),
            ("not ?x like \"a*\"", "false"),
            ("not ?x > 1", "false"),
            ("not startsWith(?x, \"a\")", "false"),
            ("not ?x", "false"),
            ("?x : \"*\"", "false"),
            ("not ?x like \"*\"", "true"),
            ("?x == ?y", "true"),
            ("?f == \"a\"", "f == \"a\""),
        ],
    );
    assert_eq!(condition(&Schema::open(), "not ?x : \"a\""), "not x like~ [a]");
}

#[test]
fn fields_take_the_path_and_the_type_of_the_schema() {
    same(
        &closed(),
        &[
            ("f.caseless == \"A\"", "f in~ [\"A\"]"),
            ("f.caseless != \"A\"", "not f in~ [\"A\"]"),
            ("f.caseless like \"A*\"", "f like~ [A*]"),
            ("f.caseless in (\"A\", \"b\")", "f in~ [\"A\", \"b\"]"),
            ("startsWith(f.caseless, \"A\")", "StartsWith~(f, \"A\")"),
            ("pid == \"4\"", "pid == 4"),
            ("flag == \"true\"", "flag == true"),
            ("ip == \"10.0.0.1\"", "ip == \"10.0.0.1\""),
            ("ip != \"10.0.0.0/8\"", "not CidrMatch(ip, \"10.0.0.0/8\")"),
            ("ip in (\"::1\", \"10.0.0.0/8\")", "(ip in [\"::1\"] or CidrMatch(ip, \"10.0.0.0/8\"))"),
            ("at > \"2024-05-01\"", "at > \"2024-05-01\""),
            ("at == 1516116808349", "at == 1516116808349L"),
            ("flag", "flag == true"),
        ],
    );
    assert_eq!(condition(&Schema::open(), "x.caseless == 1"), "x.caseless == 1");
    let filter = match query(&closed(), "process where f == \"a\"").kind {
        QueryKind::Event(filter) => filter,
        other => panic!("{other:?}"),
    };
    assert_eq!(show(&filter.condition), "(event.category == \"process\" and f == \"a\")");
    assert_eq!(filter.category.as_deref(), Some("process"));
}

#[test]
fn unknown_fields_are_hints_in_an_open_schema() {
    let mut schema = Schema::open();
    schema.add("process.name", FieldType::Keyword);
    let checked = run(&schema, "any where process.nmae == \"a\" and other.field == 1");
    assert!(checked.query.is_some());
    assert_eq!(checked.diagnostics.len(), 1);
    assert_eq!(checked.diagnostics[0].level, Level::Warning);
    assert_eq!(checked.diagnostics[0].message, "unknown column [process.nmae], did you mean [process.name]?");
    let tree = parse("any where other.field == 1", FILE).unwrap();
    let options = CheckOptions { strict: true, ..CheckOptions::new(&schema) };
    assert_eq!(check(&tree, &options, FILE).diagnostics[0].message, "unknown column [other.field]");
}

#[test]
fn what_elasticsearch_rejects_is_rejected() {
    wrong("md4 == \"a\"", "md4", "unknown column [md4], did you mean [md5]?");
    wrong("range == 1", "range", "cannot use field [range] with unsupported type [integer_range]");
    wrong(
        "nested == 1",
        "nested",
        "cannot use field [nested] type [nested] due to nested fields not being supported yet",
    );
    wrong(
        "message == \"a\"",
        "message",
        "[message] cannot operate on field of data type [text]: No keyword/multi-field defined exact matches for \
         [message]",
    );
    wrong(
        "pid like \"*.exe\"",
        "pid",
        "argument of [pid like \"*.exe\"] must be [string], found value [pid] type [long]",
    );
    wrong(
        "pid : \"*.exe\"",
        "pid",
        "argument of [pid : \"*.exe\"] must be [string], found value [pid] type [long]; consider using [==] instead",
    );
    wrong(
        "pid in (1, \"a\")",
        "\"a\"",
        "3rd argument of [pid in (1, \"a\")] must be [long], found value [\"a\"] type [keyword]",
    );
    wrong("f == g", "g", "comparisons against fields are not (currently) supported; offender [g] in [==]");
    wrong(
        "f in (\"a\", g)",
        "g",
        "comparisons against fields are not (currently) supported; offender [g] in [in]",
    );
    wrong(
        "cidrMatch(ip, hostname)",
        "hostname",
        "second argument of [cidrMatch(ip, hostname)] must be a constant, received [hostname]",
    );
    wrong(
        "cidrMatch(ip, \"10.0.0.0/99\")",
        "\"10.0.0.0/99\"",
        "[10.0.0.0/99] is not an address or a block of addresses",
    );
    wrong("pid", "pid", "condition expression needs to be boolean, found [long]");
    wrong("length(f)", "length(f)", "condition expression needs to be boolean, found [integer]");
    wrong("startWith(f, \"a\")", "startWith", "unknown function [startWith], did you mean [startsWith]?");
    wrong(
        "between(f, \"a\") == \"\"",
        "between(f, \"a\")",
        "error building [between]: expects three or four arguments",
    );
    wrong("length() == 1", "length()", "error building [length]: expects exactly one argument");
    wrong("concat() == \"\"", "concat()", "error building [concat]: expects at least one argument");
    wrong(
        "startsWith(f, 1)",
        "1",
        "second argument of [startsWith(f, 1)] must be [string], found value [1] type [integer]",
    );
    wrong(
        "length(pid) > 1",
        "pid",
        "argument of [length(pid)] must be [string], found value [pid] type [long]",
    );
    wrong(
        "between(f, \"a\", \"b\", 1) == \"\"",
        "1",
        "fourth argument of [between(f, \"a\", \"b\", 1)] must be [boolean], found value [1] type [integer]",
    );
    wrong("length~(f) == 1", "length~", "[length] has no case-insensitive form");
    wrong(
        "pid + n in (1)",
        "n in (1)",
        "second argument of [pid + n in (1)] must be [numeric], found value [n in (1)] type [boolean]",
    );
    wrong(
        "length(f) : 1",
        "length(f)",
        "argument of [length(f) : 1] must be [string], found value [length(f)] type [integer]; consider using [==] instead",
    );
    wrong("f : 1", "1", "second argument of [f : 1] must be [string], found value [1] type [integer]");
    wrong("f + 1 == 2", "f", "first argument of [f + 1] must be [numeric], found value [f] type [keyword]");
    wrong("string(pid > 5) == \"true\"", "pid > 5", "a test cannot be used as a value: [pid > 5]");
    wrong("n == 2147483647 + 1", "2147483647 + 1", "integer overflow");
    wrong("n == 9223372036854775807 * 2", "9223372036854775807 * 2", "long overflow");
    wrong("n == 1 / 0", "1 / 0", "integer division by zero");
    wrong("n % 0 == 1", "n % 0", "integer division by zero");
    wrong("ip == \"host\"", "\"host\"", "[\"host\"] is no value of type [ip]");
    wrong("at > \"yesterday\"", "\"yesterday\"", "[\"yesterday\"] is no value of type [date]");
    wrong(
        "f regex \"(a\"",
        "\"(a\"",
        "[(a] is not a regular expression of Lucene: expected [)] at position 2",
    );
    wrong("flag > true", "flag > true", "booleans have no order: [>] against [true]");
    wrong(
        "pid in~ (\"a\")",
        "pid",
        "1st argument of [pid in~ (\"a\")] must be [string], found value [pid] type [long]",
    );
}

#[test]
fn groups_that_elasticsearch_rejects_are_rejected() {
    let closed = closed();
    let bad = |text: &str, place: &str, message: &str| error(&closed, text, place, message);
    let one = "sequence by f [any where true]";
    bad(one, one, "a sequence requires a minimum of 2 queries, found [1]");
    let many = format!("sequence {}", "[any where true] with runs=100".repeat(3));
    bad(&many, &many, "sequence cannot contain more than 256 queries; found [300]");
    bad(
        "sequence [any where true] by f [any where true]",
        "[any where true]",
        "inconsistent number of join keys specified; expected [1] but found [0]",
    );
    bad(
        "sequence [any where true] by f [any where true] by pid",
        "pid",
        "sequence key [pid] type [long] is incompatible with key [f] type [keyword]",
    );
    bad(
        "sequence [any where true] with runs=0 [any where true]",
        "0",
        "a positive runs value is required; found [0]",
    );
    bad(
        "sequence [any where true] with runs=101 [any where true]",
        "101",
        "a query cannot be repeated more than 100 times; found [101]",
    );
    bad(
        "sequence with maxspan=0s [any where true] [any where true]",
        "0s",
        "a positive maxspan value is required, found [0]",
    );
    bad(
        "sequence [any where true] ![any where true]",
        "![any where true]",
        "a maxspan is required for a sequence with missing events",
    );
    let missing = "sequence with maxspan=1s ![any where true] ![any where true]";
    bad(missing, missing, "a sequence requires at least one event that is not missing");
    bad(
        "sequence [any where true] [any where true] until ![any where true]",
        "![any where true]",
        "a missing event cannot end a sequence with [until]",
    );
    bad(
        "sample by f [any where true] ![any where true]",
        "![any where true]",
        "a missing event cannot be part of a sample",
    );
    let keyless = "sample [any where true] [any where true]";
    bad(keyless, keyless, "a sample requires at least one join key");
    let join = "join by f [any where true] [any where true]";
    bad(join, join, "joins are not supported");
    bad("any where true | head", "| head", "pipe [head] expects exactly one argument but found [0]");
    bad("any where true | tail -1", "-1", "pipe [tail] expects a positive integer but found [-1]");
    bad("any where true | head pid", "pid", "pipe [head] expects a positive integer but found [pid]");
    bad("any where true | unique f", "unique", "pipe [unique] is not supported");
    bad("any where true | uniqe f", "uniqe", "unrecognized pipe [uniqe], and [unique] is not supported");
    bad("any where true | haed 5", "haed", "unrecognized pipe [haed], did you mean [head]?");
}

#[test]
fn sequences_expand_runs_and_join_keys() {
    let text = "sequence by f, ?x with maxspan=1m [any where true] by g with runs=2 ![any where n == 1] by g | head 3";
    let checked = query(&closed(), text);
    assert_eq!(checked.pipes, [Pipe::Head(3)]);
    let QueryKind::Sequence(sequence) = checked.kind else { panic!("no sequence") };
    assert_eq!(sequence.maxspan, Some(60_000));
    assert_eq!(sequence.items.iter().map(|item| item.missing).collect::<Vec<_>>(), [false, false, true]);
    let keys: Vec<_> =
        sequence.items[1].keys.iter().map(|key| (&*key.path, key.optional, key.field.is_some())).collect();
    assert_eq!(keys, [("f", false, true), ("x", true, false), ("g", false, true)]);
}

#[test]
fn every_error_of_a_query_is_reported() {
    let checked = run(&closed(), "any where md4 == 1 and nope(f) and length(pid) == 1 | unique f");
    assert_eq!(checked.diagnostics.len(), 4, "{:#?}", checked.diagnostics);
}

#[test]
fn long_queries_do_not_exhaust_the_stack() {
    let chain = |operator: &str| format!("any where {}", vec!["f == \"a\""; 900].join(operator));
    let Condition::Or(leaves) = (match query(&closed(), &chain(" or ")).kind {
        QueryKind::Event(filter) => filter.condition,
        other => panic!("{other:?}"),
    }) else {
        panic!("no chain")
    };
    assert_eq!(leaves.len(), 900);
    let sum = format!("any where {} == 1", vec!["n"; 990].join(" + "));
    query(&closed(), &sum);
    let deep = format!("any where {}f == \"a\"{}", "not (".repeat(60), ")".repeat(60));
    query(&closed(), &deep);
}

#[test]
fn unequal_constants_keep_their_operator() {
    let Condition::Leaf(leaf) = (match query(&Schema::open(), "any where length(f) != 1").kind {
        QueryKind::Event(filter) => filter.condition,
        other => panic!("{other:?}"),
    }) else {
        panic!("no leaf")
    };
    assert!(matches!(leaf.test, Test::Compare { op: CompareOp::Ne, .. }));
}
