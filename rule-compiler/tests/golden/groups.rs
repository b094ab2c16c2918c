#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    const PREDICATES_0: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[5],
    };
    const PREDICATES_1: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[1],
    };
    const PREDICATES_2: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[1],
    };
    const PREDICATES_3: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 0u16,
        ids: &[3],
    };
    const PREDICATES_4: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::NumberIn {
        slot: ::kiln::__rt::event::Slot(4u16),
        kind: ::kiln::__rt::matcher::FieldKind::Long,
        values: &[::kiln::__rt::matcher::Number::Int(443i32)],
    });
    const PREDICATES_5: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 2u16,
        ids: &[1],
    };
    const PREDICATES_6: ::kiln::__rt::set::Test<'static> = ::kiln::__rt::set::Test::Literal {
        table: 1u16,
        ids: &[3],
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
            buckets: &[1, 3, 0, 0, 0, 0, 0, 2],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"file",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
                ::kiln::__rt::literal::Literal::new(
                    b"network",
                    2u16,
                    ::core::option::Option::Some(3u16),
                    &[],
                ),
                ::kiln::__rt::literal::Literal::new(
                    b"process",
                    4u16,
                    ::core::option::Option::Some(5u16),
                    &[],
                ),
            ],
            longest: 7u32,
        },
    };
    const LITERALS_1: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(1u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[0, 2, 1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"curl",
                    0u16,
                    ::core::option::Option::Some(1u16),
                    &[],
                ),
                ::kiln::__rt::literal::Literal::new(
                    b"whoami",
                    2u16,
                    ::core::option::Option::Some(3u16),
                    &[],
                ),
            ],
            longest: 6u32,
        },
    };
    const LITERALS_2: ::kiln::__rt::set::FieldLiterals<'static> = ::kiln::__rt::set::FieldLiterals {
        slot: ::kiln::__rt::event::Slot(6u16),
        table: ::kiln::__rt::literal::LiteralTable {
            buckets: &[1, 0],
            literals: &[
                ::kiln::__rt::literal::Literal::new(
                    b"end",
                    0u16,
                    ::core::option::Option::Some(1u16),
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
    const FILTERS_0: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sequence {
        order: 0u16,
        hit: ::kiln::__rt::sequence::Hit {
            sequence: 0u32,
            filter: 0u16,
        },
    };
    const FILTERS_1: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sequence {
        order: 0u16,
        hit: ::kiln::__rt::sequence::Hit {
            sequence: 0u32,
            filter: 1u16,
        },
    };
    const FILTERS_2: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sequence {
        order: 0u16,
        hit: ::kiln::__rt::sequence::Hit {
            sequence: 0u32,
            filter: 2u16,
        },
    };
    const FILTERS_3: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sequence {
        order: 0u16,
        hit: ::kiln::__rt::sequence::Hit {
            sequence: 0u32,
            filter: 3u16,
        },
    };
    const FILTERS_4: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sample(::kiln::__rt::sequence::Hit {
        sequence: 0u32,
        filter: 0u16,
    });
    const FILTERS_5: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sample(::kiln::__rt::sequence::Hit {
        sequence: 0u32,
        filter: 1u16,
    });
    const FILTERS_6: ::kiln::__rt::set::Target = ::kiln::__rt::set::Target::Sequence {
        order: 0u16,
        hit: ::kiln::__rt::sequence::Hit {
            sequence: 1u32,
            filter: 0u16,
        },
    };
    static FILTERS: [::kiln::__rt::set::Target; 7usize] = [
        FILTERS_0,
        FILTERS_1,
        FILTERS_2,
        FILTERS_3,
        FILTERS_4,
        FILTERS_5,
        FILTERS_6,
    ];
    const RULES_0: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Sequence,
        pipes: &[],
    };
    const RULES_1: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Sample,
        pipes: &[::kiln::__rt::sequence::Pipe::Head(3u64)],
    };
    const RULES_2: ::kiln::__rt::set::Rule<'static> = ::kiln::__rt::set::Rule {
        info: ::kiln::__rt::info::RuleInfo { ..
        },
        kind: ::kiln::__rt::set::RuleKind::Sequence,
        pipes: &[],
    };
    static RULES: [::kiln::__rt::set::Rule<'static>; 3usize] = [
        RULES_0,
        RULES_1,
        RULES_2,
    ];
    const SEQUENCES_0: ::kiln::__rt::set::Sequences<'static> = ::kiln::__rt::set::Sequences {
        timestamp: ::kiln::__rt::event::Slot(7u16),
        tiebreaker: ::core::option::Option::None,
        defs: &[
            ::kiln::__rt::sequence::SequenceDef {
                stages: &[
                    ::kiln::__rt::sequence::StageDef {
                        filter: 0u16,
                        missing: false,
                        keys: &[
                            ::kiln::__rt::sequence::KeyDef {
                                slot: ::core::option::Option::Some(
                                    ::kiln::__rt::event::Slot(2u16),
                                ),
                                optional: false,
                                kind: ::kiln::__rt::sequence::KeyKind::Text,
                            },
                            ::kiln::__rt::sequence::KeyDef {
                                slot: ::core::option::Option::Some(
                                    ::kiln::__rt::event::Slot(3u16),
                                ),
                                optional: false,
                                kind: ::kiln::__rt::sequence::KeyKind::Number,
                            },
                        ],
                    },
                    ::kiln::__rt::sequence::StageDef {
                        filter: 1u16,
                        missing: true,
                        keys: &[
                            ::kiln::__rt::sequence::KeyDef {
                                slot: ::core::option::Option::Some(
                                    ::kiln::__rt::event::Slot(2u16),
                                ),
                                optional: false,
                                kind: ::kiln::__rt::sequence::KeyKind::Text,
                            },
                            ::kiln::__rt::sequence::KeyDef {
                                slot: ::core::option::Option::Some(
                                    ::kiln::__rt::event::Slot(3u16),
                                ),
                                optional: false,
                                kind: ::kiln::__rt::sequence::KeyKind::Number,
                            },
                        ],
                    },
                    ::kiln::__rt::sequence::StageDef {
                        filter: 2u16,
                        missing: false,
                        keys: &[
                            ::kiln::__rt::sequence::KeyDef {
                                slot: ::core::option::Option::Some(
                                    ::kiln::__rt::event::Slot(2u16),
                                ),
                                optional: false,
                                kind: ::kiln::__rt::sequence::KeyKind::Text,
                            },
                            ::kiln::__rt::sequence::KeyDef {
                                slot: ::core::option::Option::Some(
                                    ::kiln::__rt::event::Slot(5u16),
                                ),
                                optional: true,
                                kind: ::kiln::__rt::sequence::KeyKind::Number,
                            },
                        ],
                    },
                ],
                maxspan_millis: ::core::option::Option::Some(300000u64),
                until: ::core::option::Option::Some(::kiln::__rt::sequence::StageDef {
                    filter: 3u16,
                    missing: false,
                    keys: &[
                        ::kiln::__rt::sequence::KeyDef {
                            slot: ::core::option::Option::Some(
                                ::kiln::__rt::event::Slot(2u16),
                            ),
                            optional: false,
                            kind: ::kiln::__rt::sequence::KeyKind::Text,
                        },
                        ::kiln::__rt::sequence::KeyDef {
                            slot: ::core::option::Option::Some(
                                ::kiln::__rt::event::Slot(3u16),
                            ),
                            optional: false,
                            kind: ::kiln::__rt::sequence::KeyKind::Number,
                        },
                    ],
                }),
            },
            ::kiln::__rt::sequence::SequenceDef {
                stages: &[
                    ::kiln::__rt::sequence::StageDef {
                        filter: 0u16,
                        missing: false,
                        keys: &[],
                    },
                    ::kiln::__rt::sequence::StageDef {
                        filter: 0u16,
                        missing: false,
                        keys: &[],
                    },
                ],
                maxspan_millis: ::core::option::Option::None,
                until: ::core::option::Option::None,
            },
        ],
        rules: &[0u32, 2u32],
    };
    static SEQUENCES: [::kiln::__rt::set::Sequences<'static>; 1usize] = [SEQUENCES_0];
    fn unit_2(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(4u32)
    }
    fn unit_3(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(5u32)
    }
    const UNITS_0: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 0u32,
        needs: &[
            &[::kiln::__rt::event::Slot(1u16)],
            &[::kiln::__rt::event::Slot(3u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(2u16)],
        ],
        reads: &[143],
        asks: 3u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    const UNITS_1: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 1u32,
        needs: &[
            &[::kiln::__rt::event::Slot(3u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(2u16)],
        ],
        reads: &[141],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    const UNITS_2: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 2u32,
        needs: &[
            &[::kiln::__rt::event::Slot(4u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(2u16)],
        ],
        reads: &[181],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_2),
    };
    const UNITS_3: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 3u32,
        needs: &[
            &[::kiln::__rt::event::Slot(6u16)],
            &[::kiln::__rt::event::Slot(3u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(2u16)],
        ],
        reads: &[205],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Code(unit_3),
    };
    const UNITS_4: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 4u32,
        needs: &[
            &[::kiln::__rt::event::Slot(1u16)],
            &[::kiln::__rt::event::Slot(0u16)],
            &[::kiln::__rt::event::Slot(2u16)],
        ],
        reads: &[7],
        asks: 3u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    const UNITS_5: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 5u32,
        needs: &[&[::kiln::__rt::event::Slot(0u16)], &[::kiln::__rt::event::Slot(2u16)]],
        reads: &[5],
        asks: 1u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    const UNITS_6: ::kiln::__rt::set::Unit<'static> = ::kiln::__rt::set::Unit {
        filter: 6u32,
        needs: &[],
        reads: &[128],
        asks: 0u32,
        residual: ::kiln::__rt::set::Residual::Always,
    };
    static UNITS: [::kiln::__rt::set::Unit<'static>; 7usize] = [
        UNITS_0,
        UNITS_1,
        UNITS_2,
        UNITS_3,
        UNITS_4,
        UNITS_5,
        UNITS_6,
    ];
    static SET: ::kiln::__rt::set::RuleSet<'static> = ::kiln::__rt::set::RuleSet {
        format: 2u32,
        fingerprint: 1454154718751400519u64,
        tree: ::kiln::__rt::event::SlotTree { ..
        },
        predicates: &PREDICATES,
        literals: &LITERALS,
        units: &UNITS,
        filters: &FILTERS,
        dispatch: ::kiln::__rt::set::Dispatch {
            words: 1u32,
            all: &[127],
            fields: &[
                ::kiln::__rt::set::DispatchField {
                    table: 0u16,
                    row_of_literal: &[0, 1, 0, 2, 0, 3],
                    rows: &[64, 66, 100, 89],
                    slot: ::kiln::__rt::event::Slot(0u16),
                },
                ::kiln::__rt::set::DispatchField {
                    table: 1u16,
                    row_of_literal: &[0, 1, 0, 2],
                    rows: &[110, 111, 126],
                    slot: ::kiln::__rt::event::Slot(1u16),
                },
            ],
            early: 1u32,
        },
        rules: &RULES,
        sequences: &SEQUENCES,
        samples: ::kiln::__rt::set::Samples {
            defs: &[
                ::kiln::__rt::sequence::SampleDef {
                    stages: &[
                        ::kiln::__rt::sequence::StageDef {
                            filter: 0u16,
                            missing: false,
                            keys: &[
                                ::kiln::__rt::sequence::KeyDef {
                                    slot: ::core::option::Option::Some(
                                        ::kiln::__rt::event::Slot(2u16),
                                    ),
                                    optional: false,
                                    kind: ::kiln::__rt::sequence::KeyKind::Text,
                                },
                            ],
                        },
                        ::kiln::__rt::sequence::StageDef {
                            filter: 1u16,
                            missing: false,
                            keys: &[
                                ::kiln::__rt::sequence::KeyDef {
                                    slot: ::core::option::Option::Some(
                                        ::kiln::__rt::event::Slot(2u16),
                                    ),
                                    optional: false,
                                    kind: ::kiln::__rt::sequence::KeyKind::Text,
                                },
                            ],
                        },
                    ],
                },
            ],
            rules: &[1u32],
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
