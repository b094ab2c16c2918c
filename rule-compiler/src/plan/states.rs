//! Thresholds, new terms, indicators and suppression: their filters join the filters of all rules, so a rule with state
//! costs nothing until an event passes.

use std::collections::BTreeSet;

use rule_lang::condition::{Filter, Key, Query, Suppression, ThreatEntry, ThreatMatch, TimeSource};
use rule_lang::condition::{NewTerms, Threshold};
use rule_lang::schema::FieldType;
use rule_runtime::event::Slot;
use rule_runtime::keyed::TimeFields;
use rule_runtime::new_terms::NewTermsDef;
use rule_runtime::sequence::{KeyDef, KeyKind};
use rule_runtime::set::{States, Target};
use rule_runtime::suppression::SuppressionDef;
use rule_runtime::threat::{ThreatDef, ThreatEntry as EntryDef, ThreatGroup};
use rule_runtime::threshold::{Cardinality, ThresholdDef};

use super::groups::kind_of;
use super::{Builder, PlannedFilter, Unplannable};

/// The definitions while they are collected.
#[derive(Debug, Default)]
pub(super) struct Collected<'a> {
    thresholds: Vec<ThresholdDef<'a>>,
    new_terms: Vec<NewTermsDef<'a>>,
    threats: Vec<ThreatDef<'a>>,
    suppressions: Vec<SuppressionDef<'a>>,
}

impl<'a> Builder<'_, 'a> {
    /// Adds a single-event rule whose alerts are suppressed.
    pub(super) fn add_suppressed(
        &mut self,
        rule: u32,
        filter: &Filter,
        suppression: &Suppression,
    ) -> Result<(), Unplannable> {
        let tree = self.tree(filter)?;
        let mut reads = BTreeSet::new();
        let def = self.suppression(rule, suppression, &mut reads);
        self.filters.push(PlannedFilter {
            target: Target::Suppressed(def),
            tree,
            needs: BTreeSet::new(),
            reads,
        });
        Ok(())
    }

    /// Adds a rule of type `threshold`.
    pub(super) fn add_threshold(
        &mut self,
        rule: u32,
        threshold: &Threshold,
        query: &Query,
    ) -> Result<(), Unplannable> {
        let tree = self.tree(&threshold.filter)?;
        let keys = self.keys(&threshold.keys);
        let needs = needed(keys);
        let cardinality = threshold
            .cardinality
            .as_ref()
            .map(|cardinality| Cardinality { key: self.key(&cardinality.key), value: cardinality.value });
        let time = self.time(&threshold.time);
        let mut reads = read(keys);
        reads.extend(cardinality.and_then(|cardinality| cardinality.key.slot).map(|slot| slot.0));
        reads.extend(slots_of(time));
        let suppression = self.own_suppression(rule, query, &mut reads);
        let (value, window_millis) = (threshold.value, threshold.window);
        let target = Target::Threshold(self.states.thresholds.len() as u32);
        self.states.thresholds.push(ThresholdDef {
            rule,
            time,
            keys,
            value,
            cardinality,
            window_millis,
            suppression,
        });
        self.filters.push(PlannedFilter { target, tree, needs, reads });
        Ok(())
    }

    /// Adds a rule of type `new_terms`.
    pub(super) fn add_new_terms(
        &mut self,
        rule: u32,
        terms: &NewTerms,
        query: &Query,
    ) -> Result<(), Unplannable> {
        let tree = self.tree(&terms.filter)?;
        let keys = self.keys(&terms.keys);
        let needs = needed(keys);
        let time = self.time(&terms.time);
        let mut reads = read(keys);
        reads.extend(slots_of(time));
        let suppression = self.own_suppression(rule, query, &mut reads);
        let target = Target::NewTerms(self.states.new_terms.len() as u32);
        let window_millis = terms.window;
        self.states.new_terms.push(NewTermsDef { rule, time, keys, window_millis, suppression });
        self.filters.push(PlannedFilter { target, tree, needs, reads });
        Ok(())
    }

    /// Adds a rule of type `threat_match`: a filter of events, and one of indicators.
    pub(super) fn add_threat(
        &mut self,
        rule: u32,
        threat: &ThreatMatch,
        query: &Query,
    ) -> Result<(), Unplannable> {
        let tree = self.tree(&threat.filter)?;
        let indicators = self.tree(&threat.indicators)?;
        let groups: Vec<Vec<EntryDef<'a>>> = threat.groups.iter().map(|group| self.group(group)).collect();
        let time = self.time(&threat.time);
        let entries = || groups.iter().flatten();
        let mut reads: BTreeSet<u16> = entries().map(|entry| entry.event.0).collect();
        reads.extend(slots_of(time));
        let suppression = self.own_suppression(rule, query, &mut reads);
        let def = self.states.threats.len() as u32;
        self.filters.push(PlannedFilter {
            target: Target::Threat(def),
            tree,
            // Without a value that an indicator could have, a match counts for nothing.
            needs: common(&groups, |entry| (!entry.negate).then_some(entry.event.0)),
            reads,
        });
        self.filters.push(PlannedFilter {
            target: Target::Indicator(def),
            tree: indicators,
            needs: common(&groups, |entry| Some(entry.indicator.0)),
            reads: entries().map(|entry| entry.indicator.0).collect(),
        });
        let arena = self.arena;
        let groups = groups.iter().map(|entries| ThreatGroup { entries: arena.alloc_slice_copy(entries) });
        self.states.threats.push(ThreatDef {
            rule,
            time,
            indicator_path: arena.alloc_str(&threat.indicator_path),
            groups: arena.alloc_slice_fill_iter(groups.collect::<Vec<_>>()),
            suppression,
        });
        Ok(())
    }

    /// The definitions in the form of the runtime.
    pub(super) fn build_states(&self) -> States<'a> {
        let (arena, states) = (self.arena, &self.states);
        States {
            thresholds: arena.alloc_slice_copy(&states.thresholds),
            new_terms: arena.alloc_slice_copy(&states.new_terms),
            threats: arena.alloc_slice_copy(&states.threats),
            suppressions: arena.alloc_slice_copy(&states.suppressions),
        }
    }

    /// The entries of a group, those that are not negated first: they lead to indicators.
    fn group(&mut self, group: &[ThreatEntry]) -> Vec<EntryDef<'a>> {
        let mut entries: Vec<_> = group
            .iter()
            .map(|entry| EntryDef {
                event: self.slots.slot(&entry.event.path),
                indicator: self.slots.slot(&entry.indicator.path),
                kind: common_kind(entry.event.ty, entry.indicator.ty),
                negate: entry.negate,
                field: self.arena.alloc_str(&entry.event.path),
            })
            .collect();
        entries.sort_by_key(|entry| entry.negate);
        entries
    }

    /// Adds the suppression of a rule, if it has one.
    pub(super) fn own_suppression(
        &mut self,
        rule: u32,
        query: &Query,
        reads: &mut BTreeSet<u16>,
    ) -> Option<u32> {
        query.suppression.as_ref().map(|suppression| self.suppression(rule, suppression, reads))
    }

    fn suppression(&mut self, rule: u32, suppression: &Suppression, reads: &mut BTreeSet<u16>) -> u32 {
        let keys = self.keys(&suppression.keys);
        let time = self.time(&suppression.time);
        reads.extend(read(keys));
        reads.extend(slots_of(time));
        let span_millis = suppression.span;
        self.states.suppressions.push(SuppressionDef { rule, time, keys, span_millis });
        self.states.suppressions.len() as u32 - 1
    }

    fn keys(&mut self, keys: &[Key]) -> &'a [KeyDef] {
        let keys: Vec<_> = keys.iter().map(|key| self.key(key)).collect();
        self.arena.alloc_slice_copy(&keys)
    }

    fn time(&mut self, time: &TimeSource) -> TimeFields {
        TimeFields {
            field: self.slots.slot(&time.field),
            fallback: time.fallback.as_ref().map(|field| self.slots.slot(field)),
        }
    }
}

/// How values of two fields compare: by the type of both, as text where they differ or nothing is known of them.
fn common_kind(event: FieldType, indicator: FieldType) -> KeyKind {
    match kind_of(event).common(kind_of(indicator)) {
        None | Some(KeyKind::Any) => KeyKind::Text,
        Some(kind) => kind,
    }
}

fn read(keys: &[KeyDef]) -> BTreeSet<u16> {
    keys.iter().filter_map(|key| key.slot).map(|slot| slot.0).collect()
}

fn needed(keys: &[KeyDef]) -> BTreeSet<u16> {
    keys.iter().filter(|key| !key.optional).filter_map(|key| key.slot).map(|slot| slot.0).collect()
}

fn slots_of(time: TimeFields) -> impl Iterator<Item = u16> {
    [Some(time.field), time.fallback].into_iter().flatten().map(|slot: Slot| slot.0)
}

/// What every group asks for.
fn common<'e>(groups: &[Vec<EntryDef<'e>>], slot: impl Fn(&EntryDef<'e>) -> Option<u16>) -> BTreeSet<u16> {
    let of_group = |group: &Vec<EntryDef<'e>>| group.iter().filter_map(&slot).collect::<BTreeSet<u16>>();
    groups.iter().map(of_group).reduce(|a, b| &a & &b).unwrap_or_default()
}
