#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    const PREDICATES_0: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[1],
    };
    const PREDICATES_1: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[1],
    };
    const PREDICATES_2: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[1, 3],
    };
    const PREDICATES_3: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 2u16,
        ids: &[1],
    };
    const PREDICATES_4: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[0],
    };
    const PREDICATES_5: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 3u16,
        ids: &[1],
    };
    const PREDICATES_6: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[3],
    };
    const PREDICATES_7: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Missing {
        slot: ::kiln::__rt::event::Slot(1u16),
    });
    const PREDICATES_8: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Missing {
        slot: ::kiln::__rt::event::Slot(2u16),
    });
    static PREDICATES: [::kiln::__rt::set::Test<'static>; 9usize] = [
        PREDICATES_0,
        PREDICATES_1,
        PREDICATES_2,
        PREDICATES_3,
        PREDICATES_4,
        PREDICATES_5,
        PREDICATES_6,
        PREDICATES_7,
        PREDICATES_8,
    ];
    const LITERALS_0: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(0u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[0, 1],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"process",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
            ],
            longest: 7u32,
        },
    };
    const LITERALS_1: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(1u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[2, 0, 1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"curl",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
                ::kiln::__rt::literal::Literal::new(
                    b"wget",
                    2u16,
                    ::core::option::Option::Some(3u16),
                    &[],
                ),
            ],
            longest: 4u32,
        },
    };
    const LITERALS_2: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(2u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"start",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
            ],
            longest: 5u32,
        },
    };
    const LITERALS_3: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(3u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"linux",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
            ],
            longest: 5u32,
        },
    };
    static LITERALS: [::kiln::__rt::set::FieldLiterals<'static>; 4usize] = [
        LITERALS_0,
        LITERALS_1,
        LITERALS_2,
        LITERALS_3,
    ];
    const FILTERS_0: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(0u32);
    const FILTERS_1: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(1u32);
    const FILTERS_2: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(2u32);
    const FILTERS_3: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Rule(3u32);
    static FILTERS: [::kiln::__rt::set::Target; 4usize] = [
        FILTERS_0,
        FILTERS_1,
        FILTERS_2,
        FILTERS_3,
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
    const RULES_3: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Event,
        pipes: &[],
    };
    static RULES: [::kiln::__rt::set::Rule<'static>; 4usize] = [
        RULES_0,
        RULES_1,
        RULES_2,
        RULES_3,
    ];
    static SEQUENCES: [::kiln::__rt::set::Sequences<'static>; 0usize] = [];
    fn unit_1(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(3u32)
    }
    fn unit_3(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(5u32) && !cx.test(6u32)
    }
    fn unit_4(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(7u32) && !cx.test(8u32)
    }
    const UNITS_0: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 0u32,
        needs: &[&[::kiln::__rt::event::Slot(0u16)], &[::kiln::__rt::event::Slot(1u16)]],
        reads: &[3],
        asks: 3u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    const UNITS_1: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 1u32,
        needs: &[
            &[::kiln::__rt::event::Slot(2u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(1u16)],
        ],
        reads: &[7],
        asks: 3u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_1),
    };
    const UNITS_2: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 2u32,
        needs: &[&[::kiln::__rt::event::Slot(0u16)], &[::kiln::__rt::event::Slot(1u16)]],
        reads: &[3],
        asks: 3u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    const UNITS_3: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 2u32,
        needs: &[&[::kiln::__rt::event::Slot(3u16)], &[::kiln::__rt::event::Slot(0u16)]],
        reads: &[11],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_3),
    };
    const UNITS_4: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 3u32,
        needs: &[],
        reads: &[6],
        asks: 0u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_4),
    };
    static UNITS: [::kiln::__rt::set::Unit<'static>; 5usize] = [
        UNITS_0,
        UNITS_1,
        UNITS_2,
        UNITS_3,
        UNITS_4,
    ];
    static SET: ::kiln::__rt::set::RuleSet<'static> = ::kiln::__rt::set::RuleSet {
        format: 2u32,
        fingerprint: 11371143560097876135u64,
        tree: ::kiln::__rt::event::SlotTree { ..
        },
        predicates: &PREDICATES,
        literals: &LITERALS,
        units: &UNITS,
        filters: &FILTERS,
        dispatch: ::kiln::__rt::set::Dispatch {
            words: 1u32,
            all: &[31],
            fields: &[
                ::kiln::__rt::set::DispatchField {
                    table: 0u16,
                    row_of_literal: &[0, 1],
                    rows: &[16, 31],
                    slot: ::kiln::__rt::event::Slot(0u16),
                },
                ::kiln::__rt::set::DispatchField {
                    table: 1u16,
                    row_of_literal: &[1, 2, 0, 3],
                    rows: &[24, 28, 31, 26],
                    slot: ::kiln::__rt::event::Slot(1u16),
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
