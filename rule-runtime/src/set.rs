//! A set of rules in compiled form: plain borrowed tables, written at build time, read at run time.
//!
//! The compiler builds these types (`rule-compiler`, `plan`), generated code holds them as `static` data, and
//! [`crate::engine`] drives them. Nothing here owns memory, so a compiled set costs nothing to start.
//!
//! # How the parts fit
//! A *filter* is one event condition: a single-event rule, or the condition of sequence and sample items. A filter is
//! split into one or more *units*, each with a *residual*; the filter holds if one of its units does. *Dispatch* keeps,
//! per field and value, the units that the value still allows as a bitmap; the bitmaps of an event's values are
//! and-ed, and only the units left are evaluated. A row may admit too much, never too little.

use crate::engine::Context;
use crate::event::{Slot, SlotTree};
use crate::info::Info;
use crate::keyed::TimeFields;
use crate::literal::{LiteralKind, LiteralTable};
use crate::matcher::Predicate;
use crate::matcher::anchors::{AnchoredList, Anchors};
use crate::new_terms::NewTermsDef;
use crate::sequence::{Hit, KeyDef, Pipe, SampleDef, SequenceDef};
use crate::suppression::SuppressionDef;
use crate::threat::ThreatDef;
use crate::threshold::ThresholdDef;

/// The number of the compiled form. A set made for another form is refused when a matcher is built.
pub const FORMAT: u32 = 5;

/// A compiled set of rules.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet<'a> {
    /// [`FORMAT`] of the compiler that made it.
    pub format: u32,
    /// A hash of everything below, to tell sets apart (saved state belongs to one set).
    pub fingerprint: u64,
    /// The fields that rules name, as the reader wants them.
    pub tree: SlotTree<'a>,
    /// The shared tests.
    pub predicates: &'a [Test<'a>],
    /// The literal tables of fields that have one.
    pub literals: &'a [FieldLiterals<'a>],
    /// The anchors of fields with very many patterns.
    pub anchors: &'a [Anchors<'a>],
    /// The units of all filters.
    pub units: &'a [Unit<'a>],
    /// What each filter stands for.
    pub filters: &'a [Target],
    /// Which units an event can still reach.
    pub dispatch: Dispatch<'a>,
    /// The rules, in order of their ids.
    pub rules: &'a [Rule<'a>],
    /// The sequences, by what orders their events.
    pub sequences: &'a [Sequences<'a>],
    /// The samples.
    pub samples: Samples<'a>,
    /// Other rules with state.
    pub states: States<'a>,
}

impl RuleSet<'_> {
    /// A set without rules.
    pub const EMPTY: Self = Self {
        format: FORMAT,
        fingerprint: 0,
        tree: SlotTree::EMPTY,
        predicates: &[],
        literals: &[],
        anchors: &[],
        units: &[],
        filters: &[],
        dispatch: Dispatch { words: 0, all: &[], fields: &[], early: 0 },
        rules: &[],
        sequences: &[],
        samples: Samples { defs: &[], rules: &[] },
        states: States::EMPTY,
    };

    /// The index of the rule that a filter belongs to.
    pub fn rule_of(&self, target: Target) -> u32 {
        match target {
            Target::Rule(rule) => rule,
            Target::Sequence { order, hit } => {
                self.sequences[usize::from(order)].rules[hit.sequence as usize]
            }
            Target::Sample(hit) => self.samples.rules[hit.sequence as usize],
            Target::Threshold(def) => self.states.thresholds[def as usize].rule,
            Target::NewTerms(def) => self.states.new_terms[def as usize].rule,
            Target::Threat(def) | Target::Indicator(def) => self.states.threats[def as usize].rule,
            Target::Suppressed(def) => self.states.suppressions[def as usize].rule,
        }
    }
}

/// A shared test of an event.
#[derive(Clone, Copy, Debug)]
pub enum Test<'a> {
    /// Evaluated on its own.
    Predicate(Predicate<'a>),
    /// A value of a field equals one of some literals of a table of it.
    Literal {
        /// Index into [`RuleSet::literals`].
        table: u16,
        /// The literal ids that satisfy it, ascending.
        ids: &'a [u16],
    },
    /// Patterns, most of which are ruled out together with those of other tests.
    Anchored {
        /// Index into [`RuleSet::anchors`].
        table: u16,
        /// Whether all patterns have an anchor, so that the test cannot hold without one of them.
        all: bool,
        /// The patterns.
        list: &'a AnchoredList<'a>,
    },
}

impl<'a> Test<'a> {
    /// What is evaluated, but for look-ups.
    pub fn predicate(&self) -> Option<&Predicate<'a>> {
        match self {
            Self::Predicate(predicate) => Some(predicate),
            Self::Anchored { list, .. } => Some(&list.like),
            Self::Literal { .. } => None,
        }
    }
}

/// A literal table of one field; a field has one for each kind of literals.
#[derive(Clone, Copy, Debug)]
pub struct FieldLiterals<'a> {
    /// The field.
    pub slot: Slot,
    /// What its literals are.
    pub kind: LiteralKind,
    /// Its literals.
    pub table: LiteralTable<'a>,
}

/// One branch of a filter, with what dispatch did not decide.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'a> {
    /// Index into [`RuleSet::filters`].
    pub filter: u32,
    /// Sets of fields; of each one must have a value.
    pub needs: &'a [&'a [Slot]],
    /// Bit by bit the slots that decide it: those of its tests, and those read of a match.
    pub reads: &'a [u64],
    /// Bit by bit the fields of [`Dispatch::fields`] whose rows do not all let it through.
    pub asks: u32,
    /// What is left to test.
    pub residual: Residual<'a>,
}

/// The test of a unit.
#[derive(Clone, Copy, Debug)]
pub enum Residual<'a> {
    /// Dispatch decided everything.
    Always,
    /// A decision program, run by the engine.
    Program(&'a [Step]),
    /// A generated function.
    Code(fn(&mut Context<'_>) -> bool),
}

/// One step of a decision program: test, then go on at one of two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Index into [`RuleSet::predicates`].
    pub test: u32,
    /// The step to go to if the test holds, or [`Step::ACCEPT`] or [`Step::REJECT`].
    pub then: u16,
    /// The step to go to if it does not.
    pub otherwise: u16,
}

impl Step {
    /// The unit holds.
    pub const ACCEPT: u16 = u16::MAX;
    /// The unit does not hold.
    pub const REJECT: u16 = u16::MAX - 1;
}

/// What a filter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A single-event rule; index into [`RuleSet::rules`].
    Rule(u32),
    /// The filter of one or more stages of a sequence.
    Sequence {
        /// Index into [`RuleSet::sequences`].
        order: u16,
        /// The sequence among those, and [`StageDef::filter`](crate::sequence::StageDef::filter).
        hit: Hit,
    },
    /// The filter of one or more stages of a sample: its index in [`Samples::defs`], and
    /// [`StageDef::filter`](crate::sequence::StageDef::filter).
    Sample(Hit),
    /// The events that a threshold counts; index into [`States::thresholds`].
    Threshold(u32),
    /// The events whose values may be new; index into [`States::new_terms`].
    NewTerms(u32),
    /// The events that are held against indicators; index into [`States::threats`].
    Threat(u32),
    /// The indicators of a rule; index into [`States::threats`].
    Indicator(u32),
    /// A single-event rule whose alerts are suppressed; index into [`States::suppressions`].
    Suppressed(u32),
}

/// Bitmaps of units by the values of a few fields.
#[derive(Clone, Copy, Debug)]
pub struct Dispatch<'a> {
    /// 64-bit words per row.
    pub words: u32,
    /// The units that can hold at all; the start of every event.
    pub all: &'a [u64],
    /// The fields, in the order they are looked at.
    pub fields: &'a [DispatchField<'a>],
    /// How many of them are read in the first phase of reading an event.
    pub early: u32,
}

/// The rows of one field.
#[derive(Clone, Copy, Debug)]
pub struct DispatchField<'a> {
    /// Index into [`RuleSet::literals`].
    pub table: u16,
    /// For each literal id of the table, which row a value with that id has.
    pub row_of_literal: &'a [u16],
    /// The row that events have besides if the field has several values, or one that is no whole number: the units that ask for
    /// a range of whole numbers. Row 0 if there are none, and in a table of texts.
    pub row_of_others: u16,
    /// The rows, [`Dispatch::words`] words each. Row 0 is of events without such a value: the units that do not ask.
    pub rows: &'a [u64],
    /// The field.
    pub slot: Slot,
}

/// A rule and how its results come about.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// What the rule says of itself.
    pub info: Info<'a>,
    /// Events, sequences or samples, or switched off.
    pub kind: RuleKind,
    /// The pipes of its query, in order; applied by whoever sees the end of the input.
    pub pipes: &'a [Pipe],
}

/// How results of a rule come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Every matching event is a result.
    Event,
    /// Groups of events in order.
    Sequence,
    /// Groups of events that share keys.
    Sample,
    /// So many events of a group.
    Threshold,
    /// Values that were not seen before.
    NewTerms,
    /// Events that share values with indicators.
    ThreatMatch,
    /// The rule is switched off (`enabled = false`) and has no results.
    Off,
}

/// Sequences whose events are ordered by the same fields.
#[derive(Clone, Copy, Debug)]
pub struct Sequences<'a> {
    /// The time of an event.
    pub timestamp: Slot,
    /// Orders events of equal time.
    pub tiebreaker: Option<Slot>,
    /// Items, keys and limits of each.
    pub defs: &'a [SequenceDef<'a>],
    /// For each, its index in [`RuleSet::rules`].
    pub rules: &'a [u32],
}

/// The samples of a set.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Items and keys of each.
    pub defs: &'a [SampleDef<'a>],
    /// For each, its index in [`RuleSet::rules`].
    pub rules: &'a [u32],
}

/// Rules with state that are no sequences or samples.
#[derive(Clone, Copy, Debug)]
pub struct States<'a> {
    /// Rules of type `threshold`.
    pub thresholds: &'a [ThresholdDef<'a>],
    /// Rules of type `new_terms`.
    pub new_terms: &'a [NewTermsDef<'a>],
    /// Rules of type `threat_match`.
    pub threats: &'a [ThreatDef<'a>],
    /// The suppression of rules of any type.
    pub suppressions: &'a [SuppressionDef<'a>],
}

impl States<'_> {
    /// None.
    pub const EMPTY: Self = Self { thresholds: &[], new_terms: &[], threats: &[], suppressions: &[] };

    /// The fields of events that their state depends on, in no particular order.
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut add = |time: TimeFields, keys: &[KeyDef]| {
            slots.extend([Some(time.field), time.fallback].into_iter().flatten());
            slots.extend(keys.iter().filter_map(|key| key.slot));
        };
        for def in self.thresholds {
            add(def.time, def.keys);
            add(
                def.time,
                def.cardinality.as_ref().map_or(&[], |cardinality| std::slice::from_ref(&cardinality.key)),
            );
        }
        self.new_terms.iter().for_each(|def| add(def.time, def.keys));
        self.suppressions.iter().for_each(|def| add(def.time, def.keys));
        self.threats.iter().for_each(|def| add(def.time, &[]));
        let entries = self.threats.iter().flat_map(|def| def.groups).flat_map(|group| group.entries);
        slots.extend(entries.map(|entry| entry.event));
        slots
    }
}
