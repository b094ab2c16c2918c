#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    const PREDICATES_0: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[3],
    };
    const PREDICATES_1: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[1],
    };
    const PREDICATES_2: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Like {
        slot: ::kiln::__rt::event::Slot(1u16),
        patterns: &[
            ::kiln::__rt::matcher::glob::Pattern::new(
                ::kiln::__rt::matcher::glob::Shape::Contains(
                    ::kiln::__rt::matcher::glob::Needle::new(b"/tmp/"),
                ),
            ),
            ::kiln::__rt::matcher::glob::Pattern::new(
                ::kiln::__rt::matcher::glob::Shape::Wild(b"a?c*"),
            ),
        ],
        case: ::kiln::__rt::matcher::Case::Sensitive,
    });
    const PREDICATES_3: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Like {
        slot: ::kiln::__rt::event::Slot(2u16),
        patterns: &[
            ::kiln::__rt::matcher::glob::Pattern::new(
                ::kiln::__rt::matcher::glob::Shape::Prefix(b"--proxy"),
            ),
        ],
        case: ::kiln::__rt::matcher::Case::Insensitive,
    });
    const PREDICATES_4: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[1],
    };
    const PREDICATES_5: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Regex {
        slot: ::kiln::__rt::event::Slot(3u16),
        dfas: &[
            ::kiln::__rt::matcher::Dfa {
                classes: b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x04\x04\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x07\x07\x07\x07\x07\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04",
                transitions: &[
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 2, 2, 6, 0, 0, 3, 4,
                    5, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0,
                    0, 0, 2, 2, 6, 0, 0, 3, 4, 5,
                ],
                width: 8u16,
                start: 1u16,
                accepting: 6u16,
            },
        ],
    });
    const PREDICATES_6: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 2u16,
        ids: &[0],
    };
    static PREDICATES: [::kiln::__rt::set::Test<'static>; 7usize] = [
        PREDICATES_0,
        PREDICATES_1,
        PREDICATES_2,
        PREDICATES_3,
        PREDICATES_4,
        PREDICATES_5,
        PREDICATES_6,
    ];
    const LITERALS_0: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(0u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[1, 2, 0, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"file",
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
    const LITERALS_1: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(1u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"-x",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
            ],
            longest: 2u32,
        },
    };
    const LITERALS_2: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(4u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"exe",
                    0u16,
                    ::core::option::Option::None,
                    &[],
                ),
            ],
            longest: 3u32,
        },
    };
    static LITERALS: [::kiln::__rt::set::FieldLiterals<'static>; 3usize] = [
        LITERALS_0,
        LITERALS_1,
        LITERALS_2,
    ];
    const FILTERS_0: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(0u32);
    const FILTERS_1: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(1u32);
    static FILTERS: [::kiln::__rt::set::Target; 2usize] = [FILTERS_0, FILTERS_1];
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
    static RULES: [::kiln::__rt::set::Rule<'static>; 2usize] = [RULES_0, RULES_1];
    static SEQUENCES: [::kiln::__rt::set::Sequences<'static>; 0usize] = [];
    fn unit_0(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(1u32) || cx.test(3u32) || cx.test(2u32)
    }
    fn unit_1(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        !cx.test(6u32) && cx.test(5u32)
    }
    const UNITS_0: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 0u32,
        needs: &[
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(1u16), ::kiln::__rt::event::Slot(2u16)],
        ],
        reads: &[7],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_0),
    };
    const UNITS_1: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 1u32,
        needs: &[&[::kiln::__rt::event::Slot(3u16)], &[::kiln::__rt::event::Slot(0u16)]],
        reads: &[25],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_1),
    };
    static UNITS: [::kiln::__rt::set::Unit<'static>; 2usize] = [UNITS_0, UNITS_1];
    static SET: ::kiln::__rt::set::RuleSet<'static> = ::kiln::__rt::set::RuleSet {
        format: 2u32,
        fingerprint: 6786235703521091425u64,
        tree: ::kiln::__rt::event::SlotTree { ..
        },
        predicates: &PREDICATES,
        literals: &LITERALS,
        units: &UNITS,
        filters: &FILTERS,
        dispatch: ::kiln::__rt::set::Dispatch {
            words: 1u32,
            all: &[3],
            fields: &[
                ::kiln::__rt::set::DispatchField {
                    table: 0u16,
                    row_of_literal: &[0, 1, 0, 2],
                    rows: &[0, 2, 1],
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
