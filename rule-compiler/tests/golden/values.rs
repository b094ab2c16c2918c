#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    const PREDICATES_0: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[1],
    };
    const PREDICATES_1: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::NumberIn {
        slot: ::kiln::__rt::event::Slot(1u16),
        kind: ::kiln::__rt::matcher::FieldKind::Long,
        values: &[
            ::kiln::__rt::matcher::Number::Int(80i32),
            ::kiln::__rt::matcher::Number::Int(443i32),
        ],
    });
    const PREDICATES_2: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::NumberOrder {
        slot: ::kiln::__rt::event::Slot(2u16),
        kind: ::kiln::__rt::matcher::FieldKind::Long,
        op: ::kiln::__rt::matcher::Compare::Gt,
        value: ::kiln::__rt::matcher::Number::Int(1024i32),
    });
    const PREDICATES_3: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Cidr {
        slot: ::kiln::__rt::event::Slot(3u16),
        blocks: &[
            ::kiln::__rt::matcher::ip::Block::new(1u128, 128u8),
            ::kiln::__rt::matcher::ip::Block::new(281470849515520u128, 104u8),
        ],
    });
    const PREDICATES_4: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[3],
    };
    const PREDICATES_5: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Expr {
        occurrences: &[::kiln::__rt::event::Slot(4u16)],
        test: ::kiln::__rt::matcher::ExprTest::Compare(
            ::kiln::__rt::matcher::Compare::Eq,
            &[
                ::kiln::__rt::matcher::Expr::Call(
                    ::kiln::__rt::matcher::TextFunction::Length,
                    ::kiln::__rt::matcher::Case::Sensitive,
                    &[
                        ::kiln::__rt::matcher::Expr::Field(
                            0u16,
                            ::kiln::__rt::matcher::FieldKind::Text,
                        ),
                    ],
                ),
                ::kiln::__rt::matcher::Expr::Number(
                    ::kiln::__rt::matcher::Number::Int(4i32),
                ),
            ],
        ),
    });
    const PREDICATES_6: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::NumberIn {
        slot: ::kiln::__rt::event::Slot(5u16),
        kind: ::kiln::__rt::matcher::FieldKind::Long,
        values: &[::kiln::__rt::matcher::Number::Int(-1i32)],
    });
    const PREDICATES_7: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Date {
        slot: ::kiln::__rt::event::Slot(6u16),
        op: ::kiln::__rt::matcher::Compare::Gt,
        nanos: 1767225600000000000i128,
    });
    const PREDICATES_8: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Like {
        slot: ::kiln::__rt::event::Slot(4u16),
        patterns: &[
            ::kiln::__rt::matcher::glob::Pattern::new(
                ::kiln::__rt::matcher::glob::Shape::Suffix(b".exe"),
            ),
        ],
        case: ::kiln::__rt::matcher::Case::Insensitive,
    });
    const PREDICATES_9: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Expr {
        occurrences: &[::kiln::__rt::event::Slot(4u16)],
        test: ::kiln::__rt::matcher::ExprTest::Compare(
            ::kiln::__rt::matcher::Compare::Eq,
            &[
                ::kiln::__rt::matcher::Expr::Call(
                    ::kiln::__rt::matcher::TextFunction::Substring,
                    ::kiln::__rt::matcher::Case::Sensitive,
                    &[
                        ::kiln::__rt::matcher::Expr::Field(
                            0u16,
                            ::kiln::__rt::matcher::FieldKind::Text,
                        ),
                        ::kiln::__rt::matcher::Expr::Number(
                            ::kiln::__rt::matcher::Number::Int(0i32),
                        ),
                        ::kiln::__rt::matcher::Expr::Number(
                            ::kiln::__rt::matcher::Number::Int(3i32),
                        ),
                    ],
                ),
                ::kiln::__rt::matcher::Expr::Text(b"cmd"),
            ],
        ),
    });
    static PREDICATES: [::kiln::__rt::set::Test<'static>; 10usize] = [
        PREDICATES_0,
        PREDICATES_1,
        PREDICATES_2,
        PREDICATES_3,
        PREDICATES_4,
        PREDICATES_5,
        PREDICATES_6,
        PREDICATES_7,
        PREDICATES_8,
        PREDICATES_9,
    ];
    const LITERALS_0: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(0u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[0, 2, 0, 1],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"network",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
                ::kiln::__rt::literal::Literal::new(
                    b"process",
                    2u16,
                    ::core::option::Option::Some(3u16),
                    &[],
                ),
            ],
            longest: 7u32,
        },
    };
    static LITERALS: [::kiln::__rt::set::FieldLiterals<'static>; 1usize] = [LITERALS_0];
    const FILTERS_0: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(0u32);
    const FILTERS_1: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(1u32);
    const FILTERS_2: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(2u32);
    static FILTERS: [::kiln::__rt::set::Target; 3usize] = [
        FILTERS_0,
        FILTERS_1,
        FILTERS_2,
    ];
    const RULES_0: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Event,
        pipes: &[],
    };
    const RULES_1: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Event,
        pipes: &[],
    };
    const RULES_2: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Event,
        pipes: &[],
    };
    static RULES: [::kiln::__rt::set::Rule<'static>; 3usize] = [
        RULES_0,
        RULES_1,
        RULES_2,
    ];
    static SEQUENCES: [::kiln::__rt::set::Sequences<'static>; 0usize] = [];
    fn unit_0(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(1u32) && cx.test(2u32) && cx.test(3u32)
    }
    fn unit_1(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        !cx.test(6u32) && cx.test(7u32) && cx.test(5u32)
    }
    fn unit_2(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(8u32) && cx.test(9u32)
    }
    const UNITS_0: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 0u32,
        needs: &[
            &[::kiln::__rt::event::Slot(1u16)],
            &[::kiln::__rt::event::Slot(2u16)],
            &[::kiln::__rt::event::Slot(3u16)],
            &[::kiln::__rt::event::Slot(0u16)],
        ],
        reads: &[15],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_0),
    };
    const UNITS_1: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 1u32,
        needs: &[
            &[::kiln::__rt::event::Slot(6u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(4u16)],
        ],
        reads: &[113],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_1),
    };
    const UNITS_2: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 2u32,
        needs: &[&[::kiln::__rt::event::Slot(4u16)]],
        reads: &[16],
        asks: 0u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_2),
    };
    static UNITS: [::kiln::__rt::set::Unit<'static>; 3usize] = [
        UNITS_0,
        UNITS_1,
        UNITS_2,
    ];
    static SET: ::kiln::__rt::set::RuleSet<'static> = ::kiln::__rt::set::RuleSet {
        format: 2u32,
        fingerprint: 90683320273011442u64,
        tree: ::kiln::__rt::event::SlotTree { ..
        },
        predicates: &PREDICATES,
        literals: &LITERALS,
        units: &UNITS,
        filters: &FILTERS,
        dispatch: ::kiln::__rt::set::Dispatch {
            words: 1u32,
            all: &[7],
            fields: &[
                ::kiln::__rt::set::DispatchField {
                    table: 0u16,
                    row_of_literal: &[0, 1, 0, 2],
                    rows: &[4, 5, 6],
                    slot: ::kiln::__rt::event::Slot(0u16),
                },
            ],
            early: 1u32,
        },
        rules: &RULES,
        sequences: &SEQUENCES,
        samples: ::kiln::__rt::set::Samples {
            defs: &[],
            rules: &[],
        },
    };
    impl ::kiln::Ruleset for Rules {
        fn set() -> &'static ::kiln::__rt::set::RuleSet<'static> {
            &SET
        }
    }
    impl Rules {
        /// The compiled rules.
        #[must_use]
        #[allow(dead_code, reason = "offered to users, who need not use it")]
        fn set() -> &'static ::kiln::__rt::set::RuleSet<'static> {
            &SET
        }
        /// A matcher over these rules, with the usual limits.
        #[must_use]
        #[allow(dead_code, reason = "offered to users, who need not use it")]
        fn matcher() -> ::kiln::__rt::engine::Matcher<'static> {
            ::kiln::__rt::engine::Matcher::new(&SET)
        }
    }
};
