//! Sequences and samples: their filters join the filters of all rules, so a stage costs nothing until an event passes.

use std::collections::BTreeSet;

use rule_lang::condition::{Item, Key, Query, Sample, Sequence};
use rule_lang::schema::FieldType;
use rule_runtime::event::Slot;
use rule_runtime::info::RuleInfo;
use rule_runtime::sequence::{Hit, KeyDef, KeyKind, SampleDef, SequenceDef, StageDef};
use rule_runtime::set::{Samples, Sequences, Target};

use super::tree::Tree;
use super::{Builder, PlannedFilter, Unplannable};

/// The time of an event where a rule names no other field (eql.md section 4).
const TIMESTAMP: &str = "@timestamp";

impl<'a> Builder<'_, 'a> {
    /// Adds a sequence to those with the same order.
    pub(super) fn add_sequence(
        &mut self,
        rule: u32,
        sequence: &Sequence,
        query: &Query,
        info: &RuleInfo<'a>,
    ) -> Result<(), Unplannable> {
        let mut stages = Stages::default();
        let defs = self.stages(&mut stages, &sequence.items)?;
        let until = match &sequence.until {
            Some(item) => Some(self.stage(&mut stages, item)?),
            None => None,
        };
        let timestamp = self.slots.slot(info.timestamp_field.unwrap_or(TIMESTAMP));
        let tiebreaker = info.tiebreaker_field.map(|field| self.slots.slot(field));
        let order = self.order(timestamp, tiebreaker);
        let number = self.sequences[order].defs.len() as u32;
        let mut reads: BTreeSet<u16> =
            [Some(timestamp), tiebreaker].into_iter().flatten().map(|slot| slot.0).collect();
        self.own_suppression(rule, query, &mut reads);
        self.add_filters(stages, &reads, |filter| Target::Sequence {
            order: order as u16,
            hit: Hit { sequence: number, filter },
        });
        let def = SequenceDef { stages: defs, maxspan_millis: sequence.maxspan, until };
        self.sequences[order].defs.push(def);
        self.sequences[order].rules.push(rule);
        Ok(())
    }

    /// Adds a sample.
    pub(super) fn add_sample(
        &mut self,
        rule: u32,
        sample: &Sample,
        query: &Query,
    ) -> Result<(), Unplannable> {
        let mut stages = Stages::default();
        let defs = self.stages(&mut stages, &sample.items)?;
        let number = self.samples.0.len() as u32;
        let mut reads = BTreeSet::new();
        self.own_suppression(rule, query, &mut reads);
        self.add_filters(stages, &reads, |filter| Target::Sample(Hit { sequence: number, filter }));
        self.samples.0.push(SampleDef { stages: defs });
        self.samples.1.push(rule);
        Ok(())
    }

    fn order(&mut self, timestamp: Slot, tiebreaker: Option<Slot>) -> usize {
        let same = |known: &Ordered<'_>| known.timestamp == timestamp && known.tiebreaker == tiebreaker;
        self.sequences.iter().position(same).unwrap_or_else(|| {
            self.sequences.push(Ordered { timestamp, tiebreaker, defs: Vec::new(), rules: Vec::new() });
            self.sequences.len() - 1
        })
    }

    /// The sequences and samples in the form of the runtime.
    pub(super) fn build_groups(&self) -> (&'a [Sequences<'a>], Samples<'a>) {
        let arena = self.arena;
        let sequences = self.sequences.iter().map(|ordered| Sequences {
            timestamp: ordered.timestamp,
            tiebreaker: ordered.tiebreaker,
            defs: arena.alloc_slice_copy(&ordered.defs),
            rules: arena.alloc_slice_copy(&ordered.rules),
        });
        let samples = Samples {
            defs: arena.alloc_slice_copy(&self.samples.0),
            rules: arena.alloc_slice_copy(&self.samples.1),
        };
        (arena.alloc_slice_fill_iter(sequences.collect::<Vec<_>>()), samples)
    }

    fn add_filters(&mut self, stages: Stages, reads: &BTreeSet<u16>, target: impl Fn(u16) -> Target) {
        let numbered = stages.filters.into_iter().enumerate();
        self.filters.extend(numbered.map(|(number, filter)| PlannedFilter {
            target: target(number as u16),
            tree: filter.tree,
            needs: filter.needs,
            reads: &filter.reads | reads,
        }));
    }

    fn stages(&mut self, stages: &mut Stages, items: &[Item]) -> Result<&'a [StageDef<'a>], Unplannable> {
        let defs = items.iter().map(|item| self.stage(stages, item)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.arena.alloc_slice_copy(&defs))
    }

    fn stage(&mut self, stages: &mut Stages, item: &Item) -> Result<StageDef<'a>, Unplannable> {
        let tree = self.tree(&item.filter)?;
        let keys: Vec<_> = item.keys.iter().map(|key| self.key(key)).collect();
        let keys = self.arena.alloc_slice_copy(&keys);
        Ok(StageDef { filter: stages.number(tree, keys), missing: item.missing, keys })
    }

    pub(super) fn key(&mut self, key: &Key) -> KeyDef {
        let kind = key.field.as_ref().map_or(KeyKind::Any, |field| kind_of(field.ty));
        let slot = key.field.as_ref().map(|field| self.slots.slot(&field.path));
        KeyDef { slot, optional: key.optional, kind }
    }
}

/// Sequences with the same order, while they are collected.
#[derive(Debug)]
pub(super) struct Ordered<'a> {
    timestamp: Slot,
    tiebreaker: Option<Slot>,
    defs: Vec<SequenceDef<'a>>,
    rules: Vec<u32>,
}

/// The filters of one sequence or sample; stages with equal filters share one.
#[derive(Default)]
struct Stages {
    filters: Vec<StageFilter>,
}

/// One filter, with the keys of its stages.
struct StageFilter {
    tree: Tree,
    /// Keys that all of its stages must have.
    needs: BTreeSet<u16>,
    /// All keys of its stages.
    reads: BTreeSet<u16>,
}

impl Stages {
    fn number(&mut self, tree: Tree, keys: &[KeyDef]) -> u16 {
        let slots = |only_needed: bool| {
            let wanted = keys.iter().filter(move |key| !(only_needed && key.optional));
            wanted.filter_map(|key| key.slot).map(|slot| slot.0).collect::<BTreeSet<_>>()
        };
        if let Some((number, known)) =
            self.filters.iter_mut().enumerate().find(|(_, known)| known.tree == tree)
        {
            known.needs = &known.needs & &slots(true);
            known.reads.extend(slots(false));
            return number as u16;
        }
        self.filters.push(StageFilter { tree, needs: slots(true), reads: slots(false) });
        self.filters.len() as u16 - 1
    }
}

/// How the values of a key field compare: each by the type of its own field.
pub(super) fn kind_of(ty: FieldType) -> KeyKind {
    match ty {
        FieldType::Keyword | FieldType::Text | FieldType::Version => KeyKind::Text,
        FieldType::Long | FieldType::Double => KeyKind::Number,
        FieldType::Boolean => KeyKind::Boolean,
        FieldType::Ip => KeyKind::Ip,
        FieldType::Date => KeyKind::Date,
        FieldType::Nested | FieldType::Unsupported | FieldType::Unknown => KeyKind::Any,
    }
}
