//! Properties of the EQL parser, printer and check over generated input.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::Config;

use rule_lang::check::{CheckOptions, check};
use rule_lang::eql::ast::{
    ArithmeticOp, Case, Category, CompareOp, EventFilter, Expr, ExprKind, FieldRef, Item, Literal, MatchOp,
    Number, Pipe, Query, Runs, Sample, Sequence, Sign, Statement, TimeSpan,
};
use rule_lang::eql::{parse, print};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::FileId;
use rule_lang::span::Span;

const FILE: FileId = FileId(0);
const AT: Span = Span::at(0);

/// No files of failing seeds: an integration test has no place to keep them.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The tree as text without its spans.
fn shape(query: &Query) -> String {
    let text = format!("{query:?}");
    let mut parts = text.split("Span { start: ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_@][a-z0-9_]{0,5}",
        Just("sequence".to_owned()),
        Just("in".to_owned()),
        "[a-z0-9` -]{1,5}",
        Just("é".to_owned()),
    ]
}

fn field() -> impl Strategy<Value = FieldRef> {
    (vec(name(), 1..4), any::<bool>()).prop_map(|(parts, optional)| FieldRef {
        path: parts.join("."),
        optional,
        span: AT,
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (0..=i32::MAX).prop_map(Number::Int),
        (i64::from(i32::MAX) + 1..=i64::MAX).prop_map(Number::Long),
        (i64::MAX.unsigned_abs() + 1..=u64::MAX).prop_map(Number::ULong),
        proptest::num::f64::POSITIVE.prop_filter("finite", |n| n.is_finite()).prop_map(Number::Double),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-c\\\\\"'*?\n]{0,6}"]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        number().prop_map(Literal::Number),
        text().prop_map(Literal::Text),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![Just(Case::Sensitive), Just(Case::Insensitive)]
}

fn at(kind: ExprKind) -> Expr {
    Expr { kind, span: AT }
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        literal().prop_map(|literal| at(ExprKind::Literal(literal))),
        field().prop_map(|field| at(ExprKind::Field(field))),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        let compare = prop_oneof![
            Just(CompareOp::Eq),
            Just(CompareOp::Ne),
            Just(CompareOp::Lt),
            Just(CompareOp::Le),
            Just(CompareOp::Gt),
            Just(CompareOp::Ge)
        ];
        let arithmetic = prop_oneof![
            Just(ArithmeticOp::Add),
            Just(ArithmeticOp::Subtract),
            Just(ArithmeticOp::Multiply),
            Just(ArithmeticOp::Divide),
            Just(ArithmeticOp::Modulo)
        ];
        let matching = prop_oneof![
            Just(MatchOp::Colon),
            Just(MatchOp::Like),
            Just(MatchOp::LikeInsensitive),
            Just(MatchOp::Regex),
            Just(MatchOp::RegexInsensitive)
        ];
        let patterns = vec(literal().prop_map(|literal| at(ExprKind::Literal(literal))), 1..4);
        let calls = ("[a-z]{1,3}_[a-zA-Z]{1,3}", case(), vec(inner.clone(), 0..4));
        prop_oneof![
            inner.clone().prop_map(|e| ExprKind::Not(Box::new(e))),
            (any::<bool>(), inner.clone()).prop_map(|(plus, e)| ExprKind::Sign(
                if plus { Sign::Plus } else { Sign::Minus },
                Box::new(e)
            )),
            pair.clone().prop_map(|(a, b)| ExprKind::And(a, b)),
            pair.clone().prop_map(|(a, b)| ExprKind::Or(a, b)),
            (compare, pair.clone()).prop_map(|(op, (a, b))| ExprKind::Compare(op, a, b)),
            (arithmetic, pair).prop_map(|(op, (a, b))| ExprKind::Arithmetic(op, a, b)),
            (inner.clone(), any::<bool>(), case(), vec(inner.clone(), 1..4)).prop_map(
                |(e, negated, case, list)| { ExprKind::In { value: Box::new(e), negated, case, list } }
            ),
            (inner, matching, patterns, any::<bool>()).prop_map(|(e, op, mut patterns, listed)| {
                if !listed {
                    patterns.truncate(1);
                }
                ExprKind::Match { value: Box::new(e), op, patterns, listed }
            }),
            calls.prop_map(|(name, case, arguments)| ExprKind::Call { name, name_span: AT, case, arguments }),
        ]
        .prop_map(at)
    })
}

fn event() -> impl Strategy<Value = EventFilter> {
    let category = prop_oneof![Just(Category::Any(AT)), text().prop_map(|name| Category::Named(name, AT))];
    (category, expr()).prop_map(|(category, condition)| EventFilter { category, condition, span: AT })
}

fn item(missing: bool, runs: bool) -> impl Strategy<Value = Item> {
    let runs = if runs { option::of(-5i64..200).boxed() } else { Just(None).boxed() };
    (any::<bool>(), event(), vec(field(), 0..3), runs).prop_map(move |(is_missing, filter, by, runs)| Item {
        missing: missing && is_missing,
        filter,
        by,
        runs: runs.map(|count| Runs { count, span: AT }),
        span: AT,
    })
}

fn query() -> impl Strategy<Value = Query> {
    let maxspan =
        option::of(any::<u32>()).prop_map(|millis| millis.map(|m| TimeSpan { millis: m.into(), span: AT }));
    let sequence = (vec(field(), 0..3), maxspan, vec(item(true, true), 1..4), option::of(item(true, true)));
    let statement = prop_oneof![
        event().prop_map(Statement::Event),
        sequence.prop_map(|(by, maxspan, items, until)| {
            Statement::Sequence(Sequence { by, maxspan, items, until, span: AT })
        }),
        (vec(field(), 0..3), vec(item(true, false), 1..4))
            .prop_map(|(by, items)| Statement::Sample(Sample { by, items, span: AT })),
    ];
    let pipe = ("[a-z]{1,4}_", vec(expr(), 0..3)).prop_map(|(name, arguments)| Pipe {
        name,
        name_span: AT,
        arguments,
        span: AT,
    });
    (statement, vec(pipe, 0..3)).prop_map(|(statement, pipes)| Query { statement, pipes, span: AT })
}

fn schema() -> Schema {
    let mut schema = Schema::closed();
    schema.add("n", FieldType::Long);
    schema.add("f", FieldType::Keyword);
    schema.add("ip", FieldType::Ip);
    schema
}

/// Reads and checks a text in every way; only a panic fails.
fn survive(text: &str) {
    if let Ok(tree) = parse(text, FILE) {
        for schema in [Schema::open(), schema()] {
            let checked = check(&tree, &CheckOptions::new(&schema), FILE);
            assert!(checked.query.is_some() || !checked.diagnostics.is_empty(), "{text}");
            for diagnostic in checked.diagnostics {
                assert!(text.get(diagnostic.primary.span.range()).is_some(), "{text}: {diagnostic:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_printed_tree_reads_back(query in query()) {
        let printed = print(&query);
        let again = parse(&printed, FILE).map_err(|errors| TestCaseError::fail(format!("{printed}\n{errors:#?}")))?;
        prop_assert_eq!(shape(&again), shape(&query), "{}", printed);
    }

    #[test]
    fn generated_trees_are_checked(query in query()) {
        survive(&print(&query));
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        if let Err(errors) = parse(&text, FILE) {
            for error in errors {
                prop_assert!(text.get(error.primary.span.range()).is_some(), "{:?}", error);
            }
        }
    }

    #[test]
    fn any_tokens_are_read(words in vec(prop_oneof![
        Just("any where"), Just("sequence"), Just("sample"), Just("by"), Just("with maxspan=1s"), Just("["), Just("!["),
        Just("]"), Just("until"), Just("with runs=2"), Just("n"), Just("f"), Just("?x"), Just("ip"), Just("=="),
        Just("!="), Just("<"), Just("and"), Just("or"), Just("not"), Just("in"), Just("in~"), Just("("), Just(")"),
        Just(","), Just(":"), Just("like"), Just("regex~"), Just("\"a*\""), Just("\"10.0.0.0/8\""), Just("1"),
        Just("2.5"), Just("null"), Just("true"), Just("+"), Just("-"), Just("*"), Just("%"), Just("length("),
        Just("startsWith~("), Just("cidrMatch("), Just("| head 5"), Just("`"), Just("'"), Just("\""), Just("/*"),
        Just("\\"), Just("é"), Just("\u{2003}"), Just("$"), Just("="),
    ], 0..14)) {
        let text = format!("any where {}", words.join(" "));
        if let Err(errors) = parse(&text, FILE) {
            for error in errors {
                prop_assert!(text.get(error.primary.span.range()).is_some(), "{:?}", error);
            }
        }
        survive(&text);
        survive(&words.join(" "));
    }

    #[test]
    fn constants_fold_without_panic(
        function in prop_oneof![Just("between"), Just("substring"), Just("indexOf~"), Just("number"), Just("concat"),
            Just("cidrMatch"), Just("stringContains"), Just("string"), Just("length"), Just("modulo"), Just("divide")],
        arguments in vec(literal(), 1..5),
    ) {
        let arguments = arguments.into_iter().map(|literal| at(ExprKind::Literal(literal)));
        let arguments: Vec<String> = arguments.map(|argument| rule_lang::eql::print_expr(&argument)).collect();
        survive(&format!("any where {function}({}) == -{}", arguments.join(", "), 1));
    }
}
