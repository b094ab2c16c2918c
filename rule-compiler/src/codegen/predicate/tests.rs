//! What is written is compiled right here: the tokens must be those of the expression, and the expression the value.

use std::str::FromStr;

use rule_runtime::event::Slot;
use rule_runtime::matcher::{Case, Compare, Double, FieldKind};

use super::*;

/// How tokens are spaced depends on where they come from. No text in these tests has a blank.
fn without_blanks(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

macro_rules! written {
    ($value:expr, $($tokens:tt)*) => {{
        static WRITTEN: Predicate<'static> = $($tokens)*;
        assert_eq!($value, WRITTEN);
        let tokens = without_blanks(&$value.emit(&quote!(::rule_runtime)));
        assert_eq!(tokens, without_blanks(&TokenStream::from_str(stringify!($($tokens)*)).unwrap()));
    }};
}

#[test]
fn texts_are_slices_of_bytes() {
    written!(
        Predicate::Text { slot: Slot(3), literals: &[b"a\xc3\xa9", b"\"\\\0"], case: Case::Insensitive },
        ::rule_runtime::matcher::Predicate::Text {
            slot: ::rule_runtime::event::Slot(3u16),
            literals: &[b"a\xC3\xA9" as &[::core::primitive::u8], b"\"\\\0" as &[::core::primitive::u8]],
            case: ::rule_runtime::matcher::Case::Insensitive
        }
    );
}

#[test]
fn patterns_are_made_by_the_compiler() {
    const MIDDLE: &[Needle<'static>] = &[Needle::new(b"b")];
    let patterns = [
        Pattern::new(Shape::Parts { prefix: b"a", middle: MIDDLE, suffix: b"" }),
        Pattern::new(Shape::Wild(b"?:\\*")),
    ];
    let like = Predicate::Like { slot: Slot(0), patterns: &patterns, case: Case::Sensitive };
    written!(
        Predicate::Any(&[like]),
        ::rule_runtime::matcher::Predicate::Any(&[::rule_runtime::matcher::Predicate::Like {
            slot: ::rule_runtime::event::Slot(0u16),
            patterns: &[
                ::rule_runtime::matcher::glob::Pattern::new(::rule_runtime::matcher::glob::Shape::Parts {
                    prefix: b"a",
                    middle: &[::rule_runtime::matcher::glob::Needle::new(b"b")],
                    suffix: b""
                }),
                ::rule_runtime::matcher::glob::Pattern::new(::rule_runtime::matcher::glob::Shape::Wild(
                    b"?:\\*"
                ))
            ],
            case: ::rule_runtime::matcher::Case::Sensitive
        }])
    );
}

#[test]
#[expect(clippy::unreadable_literal, reason = "numbers are written without separators")]
fn numbers_keep_every_bit() {
    let values = [Number::Int(-1), Number::ULong(u64::MAX), Number::Double(Double::new(-0.0))];
    written!(
        Predicate::NumberIn { slot: Slot(1), kind: FieldKind::Any, values: &values },
        ::rule_runtime::matcher::Predicate::NumberIn {
            slot: ::rule_runtime::event::Slot(1u16),
            kind: ::rule_runtime::matcher::FieldKind::Any,
            values: &[
                ::rule_runtime::matcher::Number::Int(-1i32),
                ::rule_runtime::matcher::Number::ULong(18446744073709551615u64),
                ::rule_runtime::matcher::Number::Double(::rule_runtime::matcher::Double::from_bits(
                    9223372036854775808u64
                ))
            ]
        }
    );
}

#[test]
fn expressions_nest() {
    let inner = Expr::Number(Number::Long(7));
    let negated = Expr::Negate(&inner);
    let sides = [negated, Expr::CidrMatch(&Expr::Field(0, FieldKind::Text), &[Block::new(0, 96)])];
    written!(
        Predicate::Expr { occurrences: &[Slot(2)], test: ExprTest::Compare(Compare::Ne, &sides) },
        ::rule_runtime::matcher::Predicate::Expr {
            occurrences: &[::rule_runtime::event::Slot(2u16)],
            test: ::rule_runtime::matcher::ExprTest::Compare(
                ::rule_runtime::matcher::Compare::Ne,
                &[
                    ::rule_runtime::matcher::Expr::Negate(&::rule_runtime::matcher::Expr::Number(
                        ::rule_runtime::matcher::Number::Long(7i64)
                    )),
                    ::rule_runtime::matcher::Expr::CidrMatch(
                        &::rule_runtime::matcher::Expr::Field(0u16, ::rule_runtime::matcher::FieldKind::Text),
                        &[::rule_runtime::matcher::ip::Block::new(0u128, 96u8)]
                    )
                ]
            )
        }
    );
}

#[test]
fn tables_are_short() {
    let classes = [0; 256];
    let dfa = Dfa { classes: &classes, transitions: &[0, 1], width: 1, start: 1, accepting: 1 };
    let tokens = dfa.emit(&quote!(rt)).to_string();
    assert!(tokens.contains("transitions : & [0 , 1]"), "{tokens}");
    assert!(tokens.contains("classes : b\"\\0\\0"), "{tokens}");
}
