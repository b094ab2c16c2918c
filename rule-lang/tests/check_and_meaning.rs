//! What the check decides about constants agrees with what the reference evaluator computes.

use proptest::prelude::*;
use rule_lang::check::{CheckOptions, Checked, check};
use rule_lang::condition::QueryKind;
use rule_lang::diagnostic::Level;
use rule_lang::eql;
use rule_lang::meaning::regex::Regex;
use rule_lang::meaning::{Event, date, holds};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::FileId;

fn checked(condition: &str, schema: &Schema) -> Checked {
    let ast = eql::parse(&format!("any where {condition}"), FileId(0)).unwrap();
    check(&ast, &CheckOptions::new(schema), FileId(0))
}

/// Whether a condition holds for an event; `None` if the check rejects it.
fn truth(condition: &str, event: &Event) -> Option<bool> {
    match checked(condition, &Schema::open()).query?.kind {
        QueryKind::Event(filter) => Some(holds(&filter.condition, event)),
        _ => None,
    }
}

/// Text of characters that need no escape in a query or in JSON.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aA.é😀]{0,6}",
        "[0-9]{1,4}",
        "-?[0-9]{1,3}\\.[0-9]{0,2}",
        "0x[0-9a-f]{1,3}",
        " ?[0-9]{1,2} ?"
    ]
}

fn integer() -> impl Strategy<Value = i32> {
    prop_oneof![-8..8, Just(16), Just(10), Just(2)]
}

/// A call whose arguments are `s`, `p` and `q` (text), `i` and `j` (integers).
fn call() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "length(s)",
        "concat(s, i, p)",
        "string(i)",
        "substring(s, i)",
        "substring(s, i, j)",
        "indexOf(s, p)",
        "indexOf~(s, p, i)",
        "between(s, p, q)",
        "between~(s, p, q, true)",
        "number(s)",
        "number(s, 10)",
        "number(s, 16)",
        "i + j * 2",
        "i / j",
        "i % j",
        "i / 2.0 - j",
        "string(i / 2.0)",
        "string(startsWith~(s, p))",
        "string(endsWith(s, p))",
        "string(stringContains~(s, p))",
    ])
}

/// Puts constants for the names, which are single letters that stand alone.
fn with_constants(call: &str, values: &[(char, String)]) -> String {
    let letters: Vec<char> = call.chars().collect();
    let alone = |at: usize| {
        let beside =
            |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_alphanumeric);
        !beside(at.checked_sub(1)) && !beside(Some(at + 1)) && letters.get(at + 1) != Some(&'(')
    };
    let value = |(at, letter): (usize, &char)| match values.iter().find(|(name, _)| name == letter) {
        Some((_, value)) if alone(at) => value.clone(),
        _ => letter.to_string(),
    };
    letters.iter().enumerate().map(value).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn constants_fold_to_what_fields_give(
        call in call(), s in text(), p in text(), q in text(), i in integer(), j in integer(),
    ) {
        let json = format!(r#"{{"s":"{s}","p":"{p}","q":"{q}","i":{i},"j":{j}}}"#);
        let event = Event::from_json(&json).unwrap();
        let quoted = |text: &str| format!("\"{text}\"");
        let signed = |n: i32| format!("({n})");
        let values = [('s', quoted(&s)), ('p', quoted(&p)), ('q', quoted(&q)), ('i', signed(i)), ('j', signed(j))];
        let folded = with_constants(call, &values);
        // A constant expression that is an error is rejected.
        if let Some(folded_is_null) = truth(&format!("({folded}) == null"), &event) {
            let null = truth(&format!("({call}) == null"), &event);
            prop_assert_eq!(null, Some(folded_is_null), "{} in {}", folded, json);
            if !folded_is_null {
                let same = truth(&format!("({call}) == ({folded})"), &event);
                prop_assert_eq!(same, Some(true), "{} in {}", folded, json);
            }
        }
    }

    #[test]
    fn tests_of_constants_fold_to_what_fields_give(
        test in prop::sample::select(vec![
            "s == P", "s != P", "s < P", "s >= P", "s in (P, Q)", "s in~ (Q, P)", "s like P", "s like (P, Q)",
            "s : P", "s like~ P", "startsWith(s, P)", "endsWith~(s, P)", "stringContains(s, P)",
            "cidrMatch(s, \"10.0.0.0/8\", \"::/1\")", "i == J", "i < J", "i + 1 != J", "i in (J, 3)", "i / 2.0 > J",
            "s regex P", "s regex~ (Q, P)",
        ]),
        s in prop_oneof!["[aA.é]{0,4}", Just("10.1.2.3".to_owned()), Just("::1".to_owned())],
        p in "[aA*?.é]{0,4}",
        q in "[aA*?.]{0,4}",
        i in integer(),
        j in integer(),
    ) {
        let event = Event::from_json(&format!(r#"{{"s":"{s}","i":{i}}}"#)).unwrap();
        let constants = test
            .replace('P', &format!("\"{p}\""))
            .replace('Q', &format!("\"{q}\""))
            .replace('J', &j.to_string());
        let fields = truth(&constants, &event);
        let values = [('s', format!("\"{s}\"")), ('i', format!("({i})"))];
        let folded = truth(&with_constants(&constants, &values), &event);
        // An error in constant arithmetic or in a pattern is rejected.
        if folded.is_some() {
            prop_assert_eq!(fields, folded, "{} in {}", constants, event.text());
        }
    }

    #[test]
    fn the_check_accepts_the_expressions_that_can_be_read(pattern in r#"[ab0-9.*+?(){},|\[\]^~<>@&#\\dw-]{0,8}"#) {
        let accepted = checked(&format!(r#"f regex """{pattern}""""#), &Schema::open()).query.is_some();
        prop_assert_eq!(accepted, Regex::parse(&pattern).is_ok(), "{}", pattern);
    }

    #[test]
    fn the_check_accepts_the_dates_that_can_be_read(
        text in r"([0-9]{4}(-[01][0-9](-[0-3][0-9](T[0-2][0-9](:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,10})?)?)?(Z|\+[01][0-9](:?[0-6][0-9])?)?)?)?)?)|-?[0-9]{1,14}",
    ) {
        let mut schema = Schema::open();
        schema.add("t", FieldType::Date);
        let checked = checked(&format!(r#"t == "{text}""#), &schema);
        let doubted = checked.diagnostics.iter().any(|diagnostic| diagnostic.level <= Level::Error);
        prop_assert_eq!(!doubted, date::parse(&text).is_some(), "{}: {:?}", text, checked.diagnostics);
    }
}
