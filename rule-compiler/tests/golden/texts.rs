#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    static PREDICATES: [::kiln::__rt::set::Test<'static>; 9usize] = [
        ::kiln::__rt::set::Test::Literal {
            table: 0u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 1u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 1u16,
            ids: &[1, 3],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 2u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 1u16,
            ids: &[0],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 3u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 1u16,
            ids: &[3],
        },
        ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Missing {
            slot: ::kiln::__rt::event::Slot(1u16),
        }),
        ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::Missing {
            slot: ::kiln::__rt::event::Slot(2u16),
        }),
    ];
    static LITERALS: [::kiln::__rt::set::FieldLiterals<'static>; 4usize] = [
        ::kiln::__rt::set::FieldLiterals {
            slot: ::kiln::__rt::event::Slot(0u16),
            table: ::kiln::__rt::literal::LiteralTable {
                buckets: &[1, 0],
                literals: &[
                    ::kiln::__rt::literal::Literal {
                        folded: b"process",
                        id: 0u16,
                        exact: &[(b"process", 1u16)],
                    },
                ],
                longest: 7u32,
            },
        },
        ::kiln::__rt::set::FieldLiterals {
            slot: ::kiln::__rt::event::Slot(1u16),
            table: ::kiln::__rt::literal::LiteralTable {
                buckets: &[2, 0, 0, 1],
                literals: &[
                    ::kiln::__rt::literal::Literal {
                        folded: b"curl",
                        id: 0u16,
                        exact: &[(b"curl", 1u16)],
                    },
                    ::kiln::__rt::literal::Literal {
                        folded: b"wget",
                        id: 2u16,
                        exact: &[(b"wget", 3u16)],
                    },
                ],
                longest: 4u32,
            },
        },
        ::kiln::__rt::set::FieldLiterals {
            slot: ::kiln::__rt::event::Slot(2u16),
            table: ::kiln::__rt::literal::LiteralTable {
                buckets: &[1, 0],
                literals: &[
                    ::kiln::__rt::literal::Literal {
                        folded: b"start",
                        id: 0u16,
                        exact: &[(b"start", 1u16)],
                    },
                ],
                longest: 5u32,
            },
        },
        ::kiln::__rt::set::FieldLiterals {
            slot: ::kiln::__rt::event::Slot(3u16),
            table: ::kiln::__rt::literal::LiteralTable {
                buckets: &[0, 1],
                literals: &[
                    ::kiln::__rt::literal::Literal {
                        folded: b"linux",
                        id: 0u16,
                        exact: &[(b"linux", 1u16)],
                    },
                ],
                longest: 5u32,
            },
        },
    ];
    static FILTERS: [::kiln::__rt::set::Target; 4usize] = [
        ::kiln::__rt::set::Target::Rule(0u32),
        ::kiln::__rt::set::Target::Rule(1u32),
        ::kiln::__rt::set::Target::Rule(2u32),
        ::kiln::__rt::set::Target::Rule(3u32),
    ];
    static RULES: [::kiln::__rt::set::Rule<'static>; 4usize] = [
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Event,
            pipes: &[],
        },
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Event,
            pipes: &[],
        },
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Event,
            pipes: &[],
        },
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Event,
            pipes: &[],
        },
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
    static UNITS: [::kiln::__rt::set::Unit<'static>; 5usize] = [
        ::kiln::__rt::set::Unit {
            filter: 0u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Always,
        },
        ::kiln::__rt::set::Unit {
            filter: 1u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Code(unit_1),
        },
        ::kiln::__rt::set::Unit {
            filter: 2u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Always,
        },
        ::kiln::__rt::set::Unit {
            filter: 2u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Code(unit_3),
        },
        ::kiln::__rt::set::Unit {
            filter: 3u32,
            needs: &[],
            residual: ::kiln::__rt::set::Residual::Code(unit_4),
        },
    ];
    static SET: ::kiln::__rt::set::RuleSet<'static> = ::kiln::__rt::set::RuleSet {
        format: 1u32,
        fingerprint: 14247577666947397779u64,
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
