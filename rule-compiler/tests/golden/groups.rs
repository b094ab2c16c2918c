#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    static PREDICATES: [::kiln::__rt::set::Test<'static>; 7usize] = [
        ::kiln::__rt::set::Test::Literal {
            table: 0u16,
            ids: &[5],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 1u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 0u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 0u16,
            ids: &[3],
        },
        ::kiln::__rt::set::Test::Predicate(::kiln::__rt::matcher::Predicate::NumberIn {
            slot: ::kiln::__rt::event::Slot(4u16),
            kind: ::kiln::__rt::matcher::FieldKind::Long,
            values: &[::kiln::__rt::matcher::Number::Int(443i32)],
        }),
        ::kiln::__rt::set::Test::Literal {
            table: 2u16,
            ids: &[1],
        },
        ::kiln::__rt::set::Test::Literal {
            table: 1u16,
            ids: &[3],
        },
    ];
    static LITERALS: [::kiln::__rt::set::FieldLiterals<'static>; 3usize] = [
        ::kiln::__rt::set::FieldLiterals {
            slot: ::kiln::__rt::event::Slot(0u16),
            table: ::kiln::__rt::literal::LiteralTable {
                buckets: &[1, 0, 3, 0, 0, 0, 2, 0],
                literals: &[
                    ::kiln::__rt::literal::Literal {
                        folded: b"file",
                        id: 0u16,
                        exact: &[(b"file", 1u16)],
                    },
                    ::kiln::__rt::literal::Literal {
                        folded: b"network",
                        id: 2u16,
                        exact: &[(b"network", 3u16)],
                    },
                    ::kiln::__rt::literal::Literal {
                        folded: b"process",
                        id: 4u16,
                        exact: &[(b"process", 5u16)],
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
                        folded: b"whoami",
                        id: 2u16,
                        exact: &[(b"whoami", 3u16)],
                    },
                ],
                longest: 6u32,
            },
        },
        ::kiln::__rt::set::FieldLiterals {
            slot: ::kiln::__rt::event::Slot(6u16),
            table: ::kiln::__rt::literal::LiteralTable {
                buckets: &[0, 1],
                literals: &[
                    ::kiln::__rt::literal::Literal {
                        folded: b"end",
                        id: 0u16,
                        exact: &[(b"end", 1u16)],
                    },
                ],
                longest: 3u32,
            },
        },
    ];
    static FILTERS: [::kiln::__rt::set::Target; 7usize] = [
        ::kiln::__rt::set::Target::Sequence {
            order: 0u16,
            hit: ::kiln::__rt::sequence::Hit {
                sequence: 0u32,
                filter: 0u16,
            },
        },
        ::kiln::__rt::set::Target::Sequence {
            order: 0u16,
            hit: ::kiln::__rt::sequence::Hit {
                sequence: 0u32,
                filter: 1u16,
            },
        },
        ::kiln::__rt::set::Target::Sequence {
            order: 0u16,
            hit: ::kiln::__rt::sequence::Hit {
                sequence: 0u32,
                filter: 2u16,
            },
        },
        ::kiln::__rt::set::Target::Sequence {
            order: 0u16,
            hit: ::kiln::__rt::sequence::Hit {
                sequence: 0u32,
                filter: 3u16,
            },
        },
        ::kiln::__rt::set::Target::Sample(::kiln::__rt::sequence::Hit {
            sequence: 0u32,
            filter: 0u16,
        }),
        ::kiln::__rt::set::Target::Sample(::kiln::__rt::sequence::Hit {
            sequence: 0u32,
            filter: 1u16,
        }),
        ::kiln::__rt::set::Target::Sequence {
            order: 0u16,
            hit: ::kiln::__rt::sequence::Hit {
                sequence: 1u32,
                filter: 0u16,
            },
        },
    ];
    static RULES: [::kiln::__rt::set::Rule<'static>; 3usize] = [
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Sequence,
            pipes: &[],
        },
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Sample,
            pipes: &[::kiln::__rt::sequence::Pipe::Head(3u64)],
        },
        ::kiln::__rt::set::Rule {
            info: ::kiln::__rt::info::RuleInfo { ..
            },
            kind: ::kiln::__rt::set::RuleKind::Sequence,
            pipes: &[],
        },
    ];
    static SEQUENCES: [::kiln::__rt::set::Sequences<'static>; 1usize] = [
        ::kiln::__rt::set::Sequences {
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
        },
    ];
    fn unit_2(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(4u32)
    }
    fn unit_3(cx: &mut ::kiln::__rt::engine::Context<'_>) -> ::core::primitive::bool {
        cx.test(5u32)
    }
    static UNITS: [::kiln::__rt::set::Unit<'static>; 7usize] = [
        ::kiln::__rt::set::Unit {
            filter: 0u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Always,
        },
        ::kiln::__rt::set::Unit {
            filter: 1u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Always,
        },
        ::kiln::__rt::set::Unit {
            filter: 2u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Code(unit_2),
        },
        ::kiln::__rt::set::Unit {
            filter: 3u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Code(unit_3),
        },
        ::kiln::__rt::set::Unit {
            filter: 4u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Always,
        },
        ::kiln::__rt::set::Unit {
            filter: 5u32,
            needs: &[::kiln::__rt::event::Slot(0u16)],
            residual: ::kiln::__rt::set::Residual::Always,
        },
        ::kiln::__rt::set::Unit {
            filter: 6u32,
            needs: &[],
            residual: ::kiln::__rt::set::Residual::Always,
        },
    ];
    static SET: ::kiln::__rt::set::RuleSet<'static> = ::kiln::__rt::set::RuleSet {
        format: 1u32,
        fingerprint: 5160600269245484736u64,
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
