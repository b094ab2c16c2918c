//! Whether the tables of a set agree with each other.
//!
//! In: a set of unknown origin whose parts were read one by one. Out: whether every number in it that points somewhere
//! points at something, and every loop over it ends, so that the engine may rely on both. Slots were held against the tree
//! when they were read.

use std::collections::HashMap;

use crate::event::{NONE, SlotTree};
use crate::literal::LiteralTable;
use crate::matcher::anchors::{AnchoredList, Anchors};
use crate::matcher::{Case, Formula, Predicate};
use crate::sequence::{MAX_STAGES, SampleDef, SequenceDef, StageDef};
use crate::set::{Dispatch, DispatchField, FieldLiterals, Residual, RuleSet, States, Step, Target, Test};
use crate::threat::ThreatDef;

/// Most occurrences of fields in one expression: they are bound one inside the other.
const MOST_OCCURRENCES: usize = 2000;

pub(super) fn is_sound(set: &RuleSet<'_>) -> bool {
    let tests = set.predicates.iter().all(|test| match test {
        Test::Predicate(predicate) => predicate_is_sound(predicate),
        Test::Literal { table, .. } => usize::from(*table) < set.literals.len(),
        Test::Anchored { table, all, list } => {
            let table = set.anchors.get(usize::from(*table));
            table.is_some_and(|table| list_is_sound(list, *all, table))
        }
    });
    let units = set.units.iter().all(|unit| {
        let ends = match unit.residual {
            Residual::Program(steps) => program_is_sound(steps, set.predicates.len()),
            Residual::Always | Residual::Code(_) => true,
        };
        ends && (unit.filter as usize) < set.filters.len()
    });
    let rule = |rule: &u32| (*rule as usize) < set.rules.len();
    let sequences = set.sequences.iter().all(|order| {
        order.defs.len() == order.rules.len()
            && order.rules.iter().all(rule)
            && order.defs.iter().all(sequence_is_sound)
    });
    let samples = set.samples.defs.len() == set.samples.rules.len()
        && set.samples.rules.iter().all(rule)
        && set.samples.defs.iter().all(sample_is_sound);
    tree_is_sound(&set.tree)
        && tests
        && units
        && sequences
        && samples
        && states_are_sound(&set.states, set.rules.len())
        && set.literals.iter().all(|field| literals_are_sound(&field.table))
        && set.anchors.iter().all(|anchors| anchors_are_sound(anchors, set.predicates.len()))
        && set.filters.iter().all(|target| target_is_sound(*target, set))
        && dispatch_is_sound(&set.dispatch, set.units.len(), set.literals)
}

fn tree_is_sound(tree: &SlotTree<'_>) -> bool {
    let named = |name: &crate::event::Name| {
        let end = name.start.checked_add(name.len);
        end.is_some_and(|end| tree.names.get(name.start as usize..end as usize).is_some())
    };
    let keys = tree.keys.iter().all(|key| {
        named(&key.name)
            && (key.slot == NONE || usize::from(key.slot) < tree.paths.len())
            && (key.node == NONE || usize::from(key.node) < tree.nodes.len())
    });
    tree.paths.len() < usize::from(NONE)
        && tree.paths.iter().all(named)
        && keys
        && !tree.nodes.is_empty()
        && tree.nodes.iter().all(|node| node.bucket_shift < u32::BITS)
        && tree.reach.len() == if tree.paths.is_empty() { 0 } else { tree.nodes.len() * tree.words() }
        && tree.dispatch.len() == tree.words()
}

fn predicate_is_sound(predicate: &Predicate<'_>) -> bool {
    match predicate {
        Predicate::Any(predicates) => predicates.iter().all(predicate_is_sound),
        Predicate::Expr { occurrences, .. } => occurrences.len() <= MOST_OCCURRENCES,
        Predicate::Formula(formula) => formula_is_sound(formula),
        Predicate::AnyField(any) => predicate_is_sound(&any.test),
        Predicate::Nested(nested) => {
            nested.fields.len() < usize::from(NONE) && formula_is_sound(&nested.test)
        }
        _ => true,
    }
}

fn formula_is_sound(formula: &Formula<'_>) -> bool {
    match formula {
        Formula::Const(_) => true,
        Formula::Test(predicate) => predicate_is_sound(predicate),
        Formula::Not(inner) => formula_is_sound(inner),
        Formula::All(parts) | Formula::One(parts) => parts.iter().all(formula_is_sound),
    }
}

/// Programs go forward only.
fn program_is_sound(steps: &[Step], tests: usize) -> bool {
    let goes_on = |from: usize, to: u16| {
        to >= Step::REJECT || (from < usize::from(to) && usize::from(to) < steps.len())
    };
    let step = |(at, step): (usize, &Step)| {
        (step.test as usize) < tests && goes_on(at, step.then) && goes_on(at, step.otherwise)
    };
    !steps.is_empty() && steps.iter().enumerate().all(step)
}

/// A search for a text that is not there ends at a free bucket.
fn literals_are_sound(table: &LiteralTable<'_>) -> bool {
    let buckets = table.buckets;
    buckets.is_empty()
        || buckets.len().is_power_of_two()
            && buckets.contains(&0)
            && buckets.iter().all(|&bucket| usize::from(bucket) <= table.literals.len())
}

/// As many anchors as patterns, of the field that the table is of.
fn list_is_sound(list: &AnchoredList<'_>, all: bool, table: &Anchors<'_>) -> bool {
    let Predicate::Like { slot, patterns, case: Case::Insensitive } = list.like else { return false };
    slot == table.slot
        && patterns.len() == list.anchors.len()
        && (!all || !list.anchors.contains(&0))
        && list.anchors.iter().all(|&anchor| usize::from(anchor) <= table.windows.len())
}

/// A search for a window that is not there ends at a free bucket.
fn anchors_are_sound(anchors: &Anchors<'_>, tests: usize) -> bool {
    let Anchors { slot: _, bitmap, buckets, windows, starts, tests: of_windows } = anchors;
    bitmap.len().is_power_of_two()
        && buckets.len().is_power_of_two()
        && buckets.contains(&0)
        && buckets.iter().all(|&number| usize::from(number) <= windows.len())
        && starts.len() == windows.len() + 2
        && starts.is_sorted()
        && starts.last().is_some_and(|&end| end as usize == of_windows.len())
        && of_windows.iter().all(|&test| (test as usize) < tests)
}

fn target_is_sound(target: Target, set: &RuleSet<'_>) -> bool {
    match target {
        Target::Rule(rule) => (rule as usize) < set.rules.len(),
        Target::Sequence { order, hit } => {
            let order = set.sequences.get(usize::from(order));
            order.is_some_and(|order| (hit.sequence as usize) < order.defs.len())
        }
        Target::Sample(hit) => (hit.sequence as usize) < set.samples.defs.len(),
        Target::Threshold(def) => (def as usize) < set.states.thresholds.len(),
        Target::NewTerms(def) => (def as usize) < set.states.new_terms.len(),
        Target::Threat(def) | Target::Indicator(def) => (def as usize) < set.states.threats.len(),
        Target::Suppressed(def) => (def as usize) < set.states.suppressions.len(),
    }
}

fn dispatch_is_sound(dispatch: &Dispatch<'_>, units: usize, literals: &[FieldLiterals<'_>]) -> bool {
    let words = dispatch.words as usize;
    // Counted once: several fields of events may share a table.
    let mut ids = HashMap::new();
    let field = |field: &DispatchField<'_>| {
        let Some(table) = literals.get(usize::from(field.table)) else { return false };
        let ids = *ids.entry(field.table).or_insert_with(|| count_ids(&table.table));
        let is_row = |row: usize| (row + 1).checked_mul(words).is_some_and(|end| end <= field.rows.len());
        is_row(0)
            && is_row(field.row_of_others.into())
            && ids <= field.row_of_literal.len()
            && field.row_of_literal.iter().all(|&row| is_row(row.into()))
    };
    let stray = dispatch.all.iter().enumerate().any(|(index, &word)| {
        let known = units.saturating_sub(index * 64).min(64) as u32;
        word.checked_shr(known).unwrap_or(0) != 0
    });
    dispatch.all.len() == words
        && !stray
        && dispatch.early as usize <= dispatch.fields.len()
        // As many as a unit can ask for.
        && dispatch.fields.len() <= 32
        && dispatch.fields.iter().all(field)
}

/// One more than the highest id.
fn count_ids(table: &LiteralTable<'_>) -> usize {
    let of_literal = |literal: &crate::literal::Literal<'_>| {
        let exact = literal.exact().iter().map(|&(_, id)| id).chain(literal.lower()).max().unwrap_or(0);
        usize::from(exact.max(literal.id())) + 1
    };
    table.literals.iter().map(of_literal).max().unwrap_or(0)
}

fn sequence_is_sound(def: &SequenceDef<'_>) -> bool {
    let missing = def.stages.iter().any(|stage| stage.missing);
    let until = def.until.is_none_or(|until| !until.missing && has_parts(&until, def.stages));
    stages_are_sound(def.stages) && until && (!missing || def.maxspan_millis.is_some())
}

fn sample_is_sound(def: &SampleDef<'_>) -> bool {
    stages_are_sound(def.stages) && def.stages.iter().all(|stage| !stage.missing)
}

fn stages_are_sound(stages: &[StageDef<'_>]) -> bool {
    stages.len() <= MAX_STAGES
        && stages.iter().any(|stage| !stage.missing)
        && stages.iter().all(|stage| has_parts(stage, stages))
}

/// As many parts of a key as all other stages.
fn has_parts(stage: &StageDef<'_>, stages: &[StageDef<'_>]) -> bool {
    stages.first().is_some_and(|first| first.keys.len() == stage.keys.len())
}

fn states_are_sound(states: &States<'_>, rules: usize) -> bool {
    let States { thresholds, new_terms, threats, suppressions } = states;
    let known = |rule: u32, suppression: Option<u32>| {
        (rule as usize) < rules && suppression.is_none_or(|def| (def as usize) < suppressions.len())
    };
    thresholds.iter().all(|def| known(def.rule, def.suppression))
        && new_terms.iter().all(|def| known(def.rule, def.suppression))
        && threats.iter().all(|def| known(def.rule, def.suppression) && threat_is_sound(def))
        && suppressions.iter().all(|def| known(def.rule, None))
}

/// Groups are numbered in 16 bits, and the first entry of each leads to indicators.
fn threat_is_sound(def: &ThreatDef<'_>) -> bool {
    let leads =
        |entries: &[crate::threat::ThreatEntry<'_>]| entries.first().is_some_and(|entry| !entry.negate);
    u16::try_from(def.groups.len()).is_ok() && def.groups.iter().all(|group| leads(group.entries))
}
