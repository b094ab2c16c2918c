//! Every kind of value through the packed form and back, and bytes that are no packed set.

use std::sync::Arc;

use proptest::prelude::*;

use super::basic::Pack;
use super::*;
use crate::engine::{Matcher, Options};
use crate::event::{Slot, SlotTree};
use crate::info::{Info, RuleInfo, Threat, ThreatEntry};
use crate::keyed::TimeFields;
use crate::literal::{Literal, LiteralKind, LiteralTable, hash as literal_hash};
use crate::matcher::anchors::{self, AnchoredList, Anchors};
use crate::matcher::date_math::{DateStep, Unit as DateUnit};
use crate::matcher::glob::{Needle, Pattern, Shape};
use crate::matcher::ip::Block;
use crate::matcher::{
    AnyField, Arithmetic, Case, Compare, Dfa, Double, Expr, ExprTest, FieldKind, Formula, Nested, Number,
    Predicate, TextFunction,
};
use crate::new_terms::NewTermsDef;
use crate::sequence::{EventRef, Hit, KeyDef, KeyKind, Pipe, SampleDef, SequenceDef, StageDef};
use crate::set::{
    Dispatch, DispatchField, FieldLiterals, Residual, Rule, RuleKind, Samples, Sequences, States, Target,
    Test, Unit,
};
use crate::suppression::SuppressionDef;
use crate::threat::{ThreatDef, ThreatEntry as IndicatorEntry, ThreatGroup};
use crate::threshold::{Cardinality, ThresholdDef};

fn values<'a, T: Pack<'a> + PartialEq + fmt::Debug>(values: &[T], arena: &'a Bump) {
    let mut never = |_: &[Step]| false;
    let mut writer = Writer::new(&mut never);
    for value in values {
        value.write(&mut writer);
    }
    let (texts, content) = writer.finish();
    let (texts, content) = (arena.alloc_str(&texts), arena.alloc_slice_copy(&content));
    let mut reader = Reader::new(texts, content, &[], arena).unwrap();
    reader.slots = 9;
    for value in values {
        assert_eq!(T::read(&mut reader).as_ref(), Ok(value));
    }
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn numbers_of_every_length_come_back() {
    let arena = Bump::new();
    values(&[0u64, 1, 0x7F, 0x80, 0x3FFF, 0x4000, u64::from(u32::MAX), 1 << 63, u64::MAX], &arena);
    values(&[0u16, 0x7F, 0x80, u16::MAX], &arena);
    values(&[i64::MIN, -1, 0, i64::MAX], &arena);
    values(&[i128::MIN, i128::MAX], &arena);
    values(&[None, Some("text"), Some("")], &arena);
    values(&["one", "two", "one", "", "two"], &arena);
}

const EXPRESSIONS: [Expr<'static>; 4] = [
    Expr::Null,
    Expr::Call(TextFunction::Between, Case::Insensitive, &[Expr::Text(b"x"), Expr::Bool(true)]),
    Expr::Negate(&Expr::Arithmetic(
        Arithmetic::Modulo,
        &[Expr::Field(1, FieldKind::Long), Expr::Number(Number::Double(Double::new(-0.5)))],
    )),
    Expr::CidrMatch(&Expr::Field(0, FieldKind::Text), &[Block::new(0xFFFF_0A00_0000, 104)]),
];

const SHAPES: [Shape<'static>; 8] = [
    Shape::Any,
    Shape::Exact(b"exact"),
    Shape::Prefix(b"prefix"),
    Shape::Suffix(b"\xFF\0"),
    Shape::Contains(Needle::new(b"needle")),
    Shape::Around { prefix: b"a", suffix: b"b" },
    Shape::Parts { prefix: b"", middle: &[Needle::new(b"one"), Needle::new(b"two")], suffix: b"three" },
    Shape::Wild(b"w?ld*"),
];

fn predicates(patterns: &[Pattern<'static>]) -> Vec<Predicate<'static>> {
    let slot = Slot(1);
    let patterns: &[_] = patterns.to_vec().leak();
    let dfa = Dfa { classes: &[1; 256], transitions: &[0, 0, 2, 300], width: 2, start: 1, accepting: 2 };
    let tests = [
        ExprTest::Compare(Compare::Ge, &[EXPRESSIONS[0], EXPRESSIONS[1]]),
        ExprTest::In(&EXPRESSIONS[2], &EXPRESSIONS, Case::Sensitive),
        ExprTest::Like(&EXPRESSIONS[1], patterns, Case::Insensitive),
        ExprTest::Regex(&EXPRESSIONS[1], &[]),
        ExprTest::IsNull(&EXPRESSIONS[3]),
        ExprTest::True(&EXPRESSIONS[3]),
    ];
    let expressions = tests.map(|test| Predicate::Expr { occurrences: &[Slot(0), Slot(1)], test });
    let plain = [
        Predicate::Exists { slot },
        Predicate::Missing { slot },
        Predicate::Text { slot, literals: &[b"a", b"b"], case: Case::Sensitive },
        Predicate::TextOrder { slot, op: Compare::Lt, value: b"m" },
        Predicate::Like { slot, patterns, case: Case::Insensitive },
        Predicate::Regex { slot, dfas: vec![dfa].leak() },
        Predicate::NumberOrder { slot, kind: FieldKind::Any, op: Compare::Ne, value: Number::Int(-7) },
        Predicate::NumberIn { slot, kind: FieldKind::Double, values: &[Number::Long(7), Number::ULong(8)] },
        Predicate::Bool { slot, value: false },
        Predicate::Date { slot, op: Compare::Le, nanos: -1 },
        Predicate::Cidr { slot, blocks: vec![Block::new(1, 128)].leak() },
        Predicate::IpOrder { slot, op: Compare::Gt, address: u128::MAX },
        Predicate::VersionOrder { slot, op: Compare::Eq, version: b"1.2" },
    ];
    let any = Predicate::Any(plain.to_vec().leak());
    let steps = vec![DateStep::Add(-3, DateUnit::Month), DateStep::Round(DateUnit::Week)].leak();
    let of_kql = [
        Predicate::DateIn { slot, first: -1, last: i128::MAX },
        Predicate::DateMath { slot, clock: Slot(0), op: Compare::Ge, steps },
        Predicate::Phrase { slot, phrases: &[&[b"two", b"words"], &[b"exact"]] },
        Predicate::Word { slot, patterns },
    ];
    // Slots of their own: the set has fewer than nine.
    let inner = &Predicate::Exists { slot: Slot(8) };
    let parts = vec![Formula::Const(true), Formula::Not(&Formula::One(&[])), Formula::Test(inner)].leak();
    let fields = &["a", "b", "c", "d", "e", "f", "g", "h", "name"];
    let nested = Nested { path: "process", fields, test: Formula::All(parts) };
    let name = Pattern::new(Shape::Prefix(b"process."));
    let any_field =
        AnyField { name, test: Predicate::Like { slot: Slot(0), patterns, case: Case::Sensitive } };
    let whole =
        [Predicate::AnyField(Box::leak(Box::new(any_field))), Predicate::Nested(Box::leak(Box::new(nested)))];
    let own = vec![Formula::Not(&Formula::Test(&Predicate::Exists { slot: Slot(0) }))].leak();
    let formula = Predicate::Formula(Box::leak(Box::new(Formula::One(own))));
    let whole = whole.into_iter().chain([formula]);
    plain.into_iter().chain(expressions).chain([any]).chain(of_kql).chain(whole).collect()
}

#[test]
fn predicates_of_every_kind_come_back() {
    let arena = Bump::new();
    values(&SHAPES, &arena);
    values(&predicates(&SHAPES.map(Pattern::new)), &arena);
}

#[test]
fn tests_of_the_whole_event_have_slots_of_their_own() {
    let read = |predicate: Predicate<'_>, slots: usize| {
        let mut never = |_: &[Step]| false;
        let mut writer = Writer::new(&mut never);
        predicate.write(&mut writer);
        // Behind it the slots of the set count again.
        Slot(1).write(&mut writer);
        let (texts, content) = writer.finish();
        let arena = Bump::new();
        let mut reader = Reader::new(&texts, &content, &[], &arena)?;
        reader.slots = slots;
        Predicate::read(&mut reader)?;
        Slot::read(&mut reader).map(|_| ())
    };
    let exists = |slot| Predicate::Exists { slot: Slot(slot) };
    let any = |slot| AnyField { name: Pattern::new(Shape::Any), test: exists(slot) };
    assert_eq!(read(Predicate::AnyField(&any(0)), 2), Ok(()));
    assert_eq!(read(Predicate::AnyField(&any(0)), 0), Err(UnpackError::Malformed), "the slot behind it");
    assert_eq!(read(Predicate::AnyField(&any(1)), 2), Err(UnpackError::Malformed));
    let test = exists(1);
    let nested = |fields| Nested { path: "o", fields, test: Formula::Test(&test) };
    assert_eq!(read(Predicate::Nested(&nested(&["a", "b"])), 2), Ok(()));
    assert_eq!(read(Predicate::Nested(&nested(&["a"])), 2), Err(UnpackError::Malformed));
}

#[test]
fn a_test_of_the_whole_event_is_looked_into() {
    let sound = |predicate: Predicate<'_>| {
        let predicates = &[Test::Predicate(predicate)];
        let tree = SlotTree::build(&["a"]).unwrap();
        super::sound::is_sound(&RuleSet { tree: tree.as_ref(), predicates, ..RuleSet::EMPTY })
    };
    let expr = |occurrences| Predicate::Expr { occurrences, test: ExprTest::True(&Expr::Null) };
    let (short, long) = (expr(&[Slot(0)]), expr(&[Slot(0); 3000]));
    let any = |test| AnyField { name: Pattern::new(Shape::Any), test };
    assert!(sound(Predicate::AnyField(&any(short))));
    assert!(!sound(Predicate::AnyField(&any(long))));
    let nested = |test| Nested { path: "o", fields: &["a"], test };
    let inside = |test| Formula::Not(Box::leak(Box::new(Formula::One(vec![Formula::Test(test)].leak()))));
    assert!(sound(Predicate::Nested(&nested(inside(&short)))));
    assert!(!sound(Predicate::Nested(&nested(inside(&long)))));
    assert!(sound(Predicate::Formula(&inside(&short))) && !sound(Predicate::Formula(&inside(&long))));
    let fields = vec![""; usize::from(u16::MAX)];
    assert!(!sound(Predicate::Nested(&Nested { fields: &fields, ..nested(Formula::Const(true)) })));
}

#[test]
fn tables_of_anchors_agree_with_their_tests() {
    let tree = SlotTree::build(&["a", "b"]).unwrap();
    let patterns = [Pattern::new(Shape::Prefix(b"exact"))];
    let sound = |slot, anchors: &[u16], change: fn(&mut Anchors<'_>)| {
        let like = Predicate::Like { slot: Slot(slot), patterns: &patterns, case: Case::Insensitive };
        let list = AnchoredList { like, anchors };
        let mut table = Anchors {
            slot: Slot(0),
            bitmap: &[1, 1],
            buckets: &[0, 1],
            windows: &[7],
            starts: &[0, 0, 1],
            tests: &[0],
        };
        change(&mut table);
        let predicates = &[Test::Anchored { table: 0, all: true, list: &list }];
        let set = RuleSet { tree: tree.as_ref(), predicates, anchors: &[table], ..RuleSet::EMPTY };
        super::sound::is_sound(&set)
    };
    assert!(sound(0, &[1], |_| {}));
    assert!(!sound(1, &[1], |_| {}), "of another field");
    assert!(!sound(0, &[0], |_| {}), "not all have one");
    assert!(!sound(0, &[2], |_| {}) && !sound(0, &[1, 1], |_| {}) && !sound(0, &[], |_| {}));
    assert!(!sound(0, &[1], |table| table.bitmap = &[1, 1, 1]));
    assert!(!sound(0, &[1], |table| table.buckets = &[1, 1]), "a search would not end");
    assert!(!sound(0, &[1], |table| table.buckets = &[0, 2]));
    assert!(!sound(0, &[1], |table| table.starts = &[0, 1]));
    assert!(!sound(0, &[1], |table| table.starts = &[0, 2, 1]));
    assert!(!sound(0, &[1], |table| table.tests = &[1]));
}

#[test]
fn expressions_as_deep_as_a_query_can_have_them_come_back() {
    let arena = Bump::new();
    let mut expr = Expr::Field(0, FieldKind::Any);
    for _ in 0..1000 {
        expr = Expr::Arithmetic(Arithmetic::Add, arena.alloc([expr, Expr::Null]));
    }
    values(&[expr], &arena);
    let mut never = |_: &[Step]| false;
    let mut writer = Writer::new(&mut never);
    for _ in 0..1200 {
        expr = Expr::Negate(arena.alloc(expr));
    }
    expr.write(&mut writer);
    let content = writer.finish().1;
    let mut reader = Reader::new("", &content, &[], &arena).unwrap();
    assert_eq!(Expr::read(&mut reader), Err(UnpackError::Malformed));
}

const NAME: KeyDef = KeyDef { slot: Some(Slot(1)), optional: false, kind: KeyKind::Text };
const TIME: TimeFields = TimeFields { field: Slot(2), fallback: Some(Slot(1)) };

/// One of each type of rule with state of its own.
const STATES: States<'static> = States {
    thresholds: &[ThresholdDef {
        rule: 4,
        time: TIME,
        keys: &[NAME],
        value: 2,
        cardinality: Some(Cardinality { key: NAME, value: 1 }),
        window_millis: 60_000,
        suppression: None,
    }],
    new_terms: &[NewTermsDef { rule: 5, time: TIME, keys: &[NAME], window_millis: 1, suppression: Some(0) }],
    threats: &[ThreatDef {
        rule: 6,
        time: TIME,
        indicator_path: "threat.indicator",
        groups: &[ThreatGroup {
            entries: &[IndicatorEntry {
                event: Slot(1),
                indicator: Slot(1),
                kind: KeyKind::Text,
                negate: false,
                field: "process.name",
            }],
        }],
        suppression: None,
    }],
    suppressions: &[
        SuppressionDef { rule: 5, time: TIME, keys: &[NAME], span_millis: 1000 },
        SuppressionDef { rule: 7, time: TIME, keys: &[NAME], span_millis: 1 << 40 },
    ],
};

/// Packs a small set with a bit of everything: ten filters, of which rules of all types are made.
fn everything() -> Packed {
    let tree = SlotTree::build(&["event.category", "process.name", "@timestamp"]).unwrap();
    let patterns: Vec<_> = SHAPES.iter().map(|shape| Pattern::new(*shape)).collect();
    let mut tests: Vec<_> = predicates(&patterns).into_iter().map(Test::Predicate).collect();
    let like = Predicate::Like { slot: Slot(1), patterns: &patterns[..2], case: Case::Insensitive };
    let list = AnchoredList { like, anchors: &[0, 1] };
    tests.push(Test::Anchored { table: 0, all: false, list: &list });
    let window = u32::from_le_bytes(*b"exac");
    let mut anchor_buckets = [0; 2];
    anchor_buckets[anchors::bucket(anchors::place(window), 1)] = 1;
    tests.push(Test::Literal { table: 0, ids: &[0, 1] });
    let literal = tests.len() as u32 - 1;
    let mut buckets = [0; 4];
    buckets[literal_hash(b"process") as usize & 3] = 1;
    let literals = [Literal::new(b"process", 0, Some(1), &[])];
    let table = LiteralTable { buckets: &buckets, literals: &literals, longest: 7 };
    let step = |test, then, otherwise| Step { test, then, otherwise };
    let chain: Vec<_> = (0..literal).map(|test| step(test, Step::ACCEPT, test as u16 + 1)).collect();
    let chain = [chain, vec![step(literal, Step::ACCEPT, Step::REJECT)]].concat();
    let short = [step(literal, Step::ACCEPT, Step::REJECT)];
    let unit = |filter, steps| Unit {
        filter,
        needs: &[&[Slot(0)]],
        reads: &[1],
        asks: 1,
        residual: Residual::Program(steps),
    };
    let always = Unit { filter: 1, needs: &[], reads: &[1], asks: 0, residual: Residual::Always };
    let keys = [KeyDef { slot: Some(Slot(1)), optional: true, kind: KeyKind::Text }];
    let stage = |filter, missing| StageDef { filter, missing, keys: &keys };
    let stages = [stage(0, false), stage(1, true), stage(0, false)];
    let sequence =
        SequenceDef { stages: &stages, maxspan_millis: Some(60_000), until: Some(stage(1, false)) };
    let entry = ThreatEntry { id: "T1", name: "Name", reference: "https://example.org/T1" };
    let info = RuleInfo {
        name: "Rule",
        tags: &["one", "two", "one"],
        threat: &[Threat { framework: "F", tactic: entry, techniques: &[] }],
        version: Some(3),
        ..RuleInfo::EMPTY
    };
    let rule = |kind| Rule { info: Info::from(&info), kind, pipes: &[Pipe::Head(3), Pipe::Tail(1 << 40)] };
    let set = RuleSet {
        fingerprint: 42,
        tree: tree.as_ref(),
        predicates: &tests,
        literals: &[
            FieldLiterals { slot: Slot(0), kind: LiteralKind::Texts, table },
            FieldLiterals { slot: Slot(1), kind: LiteralKind::Numbers, table },
        ],
        anchors: &[Anchors {
            slot: Slot(1),
            bitmap: &[u64::MAX],
            buckets: &anchor_buckets,
            windows: &[window],
            starts: &[0, 0, 1],
            tests: &[literal - 1],
        }],
        units: &[
            unit(0, &chain),
            always,
            unit(2, &short),
            unit(3, &short),
            unit(4, &short),
            unit(5, &short),
            unit(6, &short),
            unit(7, &short),
            unit(8, &short),
            unit(9, &short),
        ],
        filters: &[
            Target::Rule(0),
            Target::Sequence { order: 0, hit: Hit { sequence: 0, filter: 0 } },
            Target::Sequence { order: 0, hit: Hit { sequence: 0, filter: 1 } },
            Target::Sample(Hit { sequence: 0, filter: 0 }),
            Target::Sample(Hit { sequence: 0, filter: 1 }),
            Target::Threshold(0),
            Target::NewTerms(0),
            Target::Threat(0),
            Target::Indicator(0),
            Target::Suppressed(1),
        ],
        dispatch: Dispatch {
            words: 1,
            all: &[0b11_1111_1111],
            fields: &[DispatchField {
                table: 0,
                row_of_literal: &[0, 1],
                row_of_others: 0,
                rows: &[0b11_1111_1011, 0b11_1111_1111],
                slot: Slot(0),
            }],
            early: 1,
        },
        rules: &[
            rule(RuleKind::Event),
            rule(RuleKind::Sequence),
            rule(RuleKind::Sample),
            rule(RuleKind::Off),
            rule(RuleKind::Threshold),
            rule(RuleKind::NewTerms),
            rule(RuleKind::ThreatMatch),
            rule(RuleKind::Event),
        ],
        sequences: &[Sequences { timestamp: Slot(2), tiebreaker: None, defs: &[sequence], rules: &[1] }],
        samples: Samples { defs: &[SampleDef { stages: &[stage(0, false), stage(1, false)] }], rules: &[2] },
        states: STATES,
        ..RuleSet::EMPTY
    };
    let packed = pack(&set, |_| false);
    let arena = Bump::new();
    let unpacked = unpack(&packed.texts, &packed.data, &[], &arena).unwrap();
    assert_eq!(format!("{unpacked:?}"), format!("{set:?}"));
    packed
}

/// Runs a set over events that meet all of it.
fn run(set: &RuleSet<'_>) -> usize {
    let mut matcher = Matcher::new(set);
    let mut found = 0;
    let mut indicators = matcher.indicators();
    let line = br#"{"event":{"category":"process"},"process":{"name":"exact"}}"#;
    matcher.indicator(line, EventRef(0), false, &mut indicators).unwrap();
    matcher.use_indicators(Arc::new(indicators.finish()));
    for (number, category) in ["process", "PROCESS", "file", "process"].into_iter().enumerate() {
        let line = format!(
            r#"{{"@timestamp":"2025-01-01T00:00:0{number}Z","event":{{"category":["{category}"]}},"process":{{"name":["exact","10.0.0.1"]}}}}"#
        );
        let outcome = matcher.json(line.as_bytes(), EventRef(number as u64)).unwrap();
        found += outcome.matches().count() + outcome.groups().count() + outcome.findings().count();
    }
    let outcome = matcher.finish();
    found += outcome.groups().count() + outcome.findings().count();
    let mut state = Vec::new();
    matcher.save(&mut state);
    Matcher::restore(set, Options::default(), &state).expect("what was saved");
    found
}

#[test]
fn an_unpacked_set_runs() {
    let packed = everything();
    let arena = Bump::new();
    assert!(run(&unpack(&packed.texts, &packed.data, &[], &arena).unwrap()) >= 16);
}

#[test]
fn functions_take_the_place_of_programs() {
    let packed = everything();
    let arena = Bump::new();
    let set = unpack(&packed.texts, &packed.data, &[], &arena).unwrap();
    let code = pack(&set, |steps| steps.len() > 1);
    let holds: Function = |_| true;
    let with = unpack(&code.texts, &code.data, &[holds], &arena).unwrap();
    assert!(matches!(with.units[0].residual, Residual::Code(_)));
    assert!(matches!(with.units[2].residual, Residual::Program(_)));
    assert_eq!(unpack(&code.texts, &code.data, &[], &arena).unwrap_err(), UnpackError::Malformed);
    assert_eq!(unpack(&code.texts, &code.data, &[holds; 2], &arena).unwrap_err(), UnpackError::Malformed);
    assert_eq!(fingerprint(&set), fingerprint(&RuleSet { fingerprint: 1, ..set }));
}

#[test]
fn another_form_is_named() {
    let mut packed = everything();
    packed.data[MAGIC.len()] = 0xEE;
    let arena = Bump::new();
    let error = unpack(&packed.texts, &packed.data, &[], &arena).unwrap_err();
    assert_eq!(error, UnpackError::Format { found: FORMAT & !0xFF | 0xEE });
    assert_eq!(
        error.to_string(),
        format!("the rules were compiled for form 238, this program reads form {FORMAT}")
    );
}

#[test]
fn a_part_or_a_changed_byte_is_damage() {
    let packed = everything();
    let arena = Bump::new();
    for end in 0..packed.data.len() {
        assert!(unpack(&packed.texts, &packed.data[..end], &[], &arena).is_err(), "{end} bytes");
    }
    for at in 0..packed.data.len() {
        let mut data = packed.data.clone();
        data[at] ^= 1 << (at % 8);
        assert!(unpack(&packed.texts, &data, &[], &Bump::new()).is_err(), "byte {at}");
    }
    let texts = packed.texts.replace("Rule", "Role");
    assert_eq!(unpack(&texts, &packed.data, &[], &arena).unwrap_err(), UnpackError::Damaged);
}

/// Makes the checksum right, as whoever forges a set would.
fn sign(texts: &str, data: &mut [u8]) {
    let (head, content) = data.split_at(HEADER);
    let sum = checksum(texts, &head[..HEADER - 8], content);
    data[HEADER - 8..HEADER].copy_from_slice(&sum.to_le_bytes());
}

#[test]
fn every_forged_byte_gives_an_error_or_a_set_that_runs() {
    let packed = everything();
    let mut accepted = 0;
    for at in HEADER..packed.data.len() {
        for value in
            [0, 1, 2, 0x7F, 0x80, 0xFF, packed.data[at].wrapping_add(1), packed.data[at].wrapping_sub(1)]
        {
            let mut data = packed.data.clone();
            data[at] = value;
            sign(&packed.texts, &mut data);
            let arena = Bump::new();
            if let Ok(set) = unpack(&packed.texts, &data, &[], &arena) {
                run(&set);
                accepted += 1;
            }
        }
    }
    assert!(accepted > 100, "most texts and numbers may be others");
}

proptest! {
    #[test]
    fn forged_stretches_give_an_error_or_a_set_that_runs(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of((any::<prop::sample::Index>(), 1usize..20)),
    ) {
        let packed = everything();
        let mut data = packed.data;
        for (place, value) in changes {
            let at = HEADER + place.index(data.len() - HEADER);
            data[at] = value;
        }
        if let Some((place, length)) = cut {
            let at = HEADER + place.index(data.len() - HEADER);
            data.drain(at..data.len().min(at + length));
        }
        sign(&packed.texts, &mut data);
        let arena = Bump::new();
        if let Ok(set) = unpack(&packed.texts, &data, &[], &arena) {
            run(&set);
        }
    }

    #[test]
    fn memory_stays_within_a_multiple_of_the_bytes(content in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut data = empty_head();
        data.extend(content);
        sign("", &mut data);
        let arena = Bump::new();
        let _ = unpack("", &data, &[], &arena);
        prop_assert!(arena.allocated_bytes() <= 200 * data.len() + 4096);
    }
}

fn empty_head() -> Vec<u8> {
    pack(&RuleSet::EMPTY, |_| false).data[..HEADER].to_vec()
}
