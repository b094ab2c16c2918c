//! How a set of rules is matched.
//!
//! In: checked queries with their metadata. Out: a [`RuleSet`], the compiled form that the runtime reads, and what the
//! planner knows about it ([`Explain`]) for people who ask. Knows nothing of tokens or of Rust source.
//!
//! ```text
//! conditions -> tree (shared tests) -> literals (one table per field) -> anchors (of many patterns) -> split (units)
//!            -> demand (necessary texts, presence) -> dispatch (bitmaps) -> residual (what is left)
//! ```
//! Each pass has its own file and its own switch in [`PlanOptions`].

mod anchors;
mod demand;
mod dispatch;
mod explain;
mod groups;
pub mod info;
mod literals;
mod options;
mod ranges;
mod residual;
mod slots;
mod split;
mod states;
mod tests_table;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use rule_lang::condition::{Pipe as QueryPipe, Query, QueryKind};
use rule_lang::span::Span;
use rule_runtime::event::Slot;
use rule_runtime::info::{Info, RuleInfo};
use rule_runtime::sequence::Pipe;
use rule_runtime::sequence::SampleDef;
use rule_runtime::set::{FORMAT, Residual, Rule, RuleKind, RuleSet, Target, Unit};

pub use self::explain::{Explain, ExplainedUnit};
pub use self::options::PlanOptions;
pub use self::slots::Slots;
use self::tests_table::Tests;
pub use self::tree::{TestId, Tree};
use crate::lower::LowerError;

/// One rule for the planner.
#[derive(Clone, Debug)]
pub struct RuleInput<'r, 'a> {
    /// The checked query.
    pub query: &'r Query,
    /// What the rule says of itself.
    pub info: RuleInfo<'a>,
}

/// A rule that could not be planned; the others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Index of the rule in the input.
    pub rule: usize,
    /// Why.
    pub error: Unplannable,
}

/// A leaf that no test can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplannable {
    /// Where it stands in the query text.
    pub span: Span,
    /// Why.
    pub error: LowerError,
}

/// A planned set.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The compiled form.
    pub set: RuleSet<'a>,
    /// What the planner decided, for people.
    pub explain: Explain,
    /// Rules that are not in the set.
    pub refused: Vec<Refused>,
}

/// Plans `rules`; everything the result borrows lives in `arena`. Rules stand in the set in the order given.
pub fn plan<'a>(rules: &[RuleInput<'_, 'a>], options: &PlanOptions, arena: &'a Bump) -> Plan<'a> {
    let mut builder = Builder::new(options, arena);
    let mut refused = Vec::new();
    for (index, input) in rules.iter().enumerate() {
        if let Err(error) = builder.add(input) {
            refused.push(Refused { rule: index, error });
        }
    }
    let (set, explain) = builder.finish();
    Plan { set, explain, refused }
}

/// What is collected rule by rule.
struct Builder<'o, 'a> {
    options: &'o PlanOptions,
    arena: &'a Bump,
    slots: Slots,
    tests: Tests<'a>,
    filters: Vec<PlannedFilter>,
    rules: Vec<Rule<'a>>,
    sequences: Vec<groups::Ordered<'a>>,
    samples: (Vec<SampleDef<'a>>, Vec<u32>),
    states: states::Collected<'a>,
}

impl<'o, 'a> Builder<'o, 'a> {
    fn new(options: &'o PlanOptions, arena: &'a Bump) -> Self {
        Self {
            options,
            arena,
            slots: Slots::default(),
            tests: Tests::new(*options),
            filters: Vec::new(),
            rules: Vec::new(),
            sequences: Vec::new(),
            samples: (Vec::new(), Vec::new()),
            states: states::Collected::default(),
        }
    }

    /// Adds a rule, or nothing of it.
    fn add(&mut self, input: &RuleInput<'_, 'a>) -> Result<(), Unplannable> {
        let rule = self.rules.len() as u32;
        let kind = match &input.query.kind {
            _ if !input.info.enabled => RuleKind::Off,
            QueryKind::Event(filter) => {
                if let Some(suppression) = &input.query.suppression {
                    self.add_suppressed(rule, filter, suppression)?;
                } else {
                    let tree = self.tree(filter)?;
                    self.filters.push(PlannedFilter::event(rule, tree));
                }
                RuleKind::Event
            }
            QueryKind::Sequence(sequence) => {
                self.add_sequence(rule, sequence, input.query, &input.info)?;
                RuleKind::Sequence
            }
            QueryKind::Sample(sample) => {
                self.add_sample(rule, sample, input.query)?;
                RuleKind::Sample
            }
            QueryKind::Threshold(threshold) => {
                self.add_threshold(rule, threshold, input.query)?;
                RuleKind::Threshold
            }
            QueryKind::NewTerms(terms) => {
                self.add_new_terms(rule, terms, input.query)?;
                RuleKind::NewTerms
            }
            QueryKind::ThreatMatch(threat) => {
                self.add_threat(rule, threat, input.query)?;
                RuleKind::ThreatMatch
            }
        };
        let pipes = input.query.pipes.iter().map(|pipe| match *pipe {
            QueryPipe::Head(count) => Pipe::Head(count),
            QueryPipe::Tail(count) => Pipe::Tail(count),
        });
        let pipes = self.arena.alloc_slice_fill_iter(pipes.collect::<Vec<_>>());
        self.rules.push(Rule { info: Info::from(&*self.arena.alloc(input.info)), kind, pipes });
        Ok(())
    }

    fn tree(&mut self, filter: &rule_lang::condition::Filter) -> Result<Tree, Unplannable> {
        let Self { slots, tests, arena, .. } = self;
        let tree = Tree::build(&filter.condition, &mut |leaf| tests.add(leaf, slots, arena))?;
        if tree.tests() > residual::MOST_STEPS {
            return Err(Unplannable { span: filter.span, error: LowerError::TooManyTests });
        }
        Ok(tree)
    }

    fn finish(mut self) -> (RuleSet<'a>, Explain) {
        if self.options.intern {
            if self.options.ranges {
                self.filters.iter().for_each(|filter| self.tests.find_ranges(&filter.tree));
            }
            self.tests.intern(self.arena);
        }
        if let Some(fewest) = self.options.anchors {
            self.tests.anchor(fewest);
        }
        let units = self.units();
        let demands: Vec<_> = units.iter().map(|unit| demand::demands(&unit.tree, &self.tests)).collect();
        let fields = if self.options.dispatch {
            dispatch::choose_fields(&demands, self.tests.tables(), &self.slots)
        } else {
            dispatch::Fields::default()
        };
        let order = dispatch::order(&fields, &demands);
        let mut units: Vec<_> = order.iter().map(|&unit| units[unit].clone()).collect();
        let demands: Vec<_> = order.iter().map(|&unit| demands[unit].clone()).collect();
        let dispatch = dispatch::build(&fields, &demands, self.tests.tables(), self.arena);
        let commonness = self.commonness();
        for (unit, demand) in units.iter_mut().zip(&demands) {
            self.narrow(unit, demand, &fields.tables, &commonness);
        }
        let runtime_units = units.iter().map(|unit| self.unit(unit)).collect::<Vec<_>>();
        let explain = Explain::new(&self.slots, &self.tests, &units, &fields.tables);
        let arena = self.arena;
        let (sequences, samples) = self.build_groups();
        let states = self.build_states();
        let early: Vec<_> =
            dispatch.fields[..dispatch.early as usize].iter().map(|field| field.slot).collect();
        let tree = self.slots.tree(&early, arena);
        let mut set = RuleSet {
            format: FORMAT,
            fingerprint: 0,
            tree,
            predicates: self.tests.build(arena),
            literals: self.tests.literal_tables(arena),
            anchors: self.tests.anchor_tables(arena),
            units: arena.alloc_slice_fill_iter(runtime_units),
            filters: arena.alloc_slice_fill_iter(self.filters.iter().map(|filter| filter.target)),
            dispatch,
            rules: arena.alloc_slice_fill_iter(self.rules),
            sequences,
            samples,
            states,
        };
        set.fingerprint = rule_runtime::packed::fingerprint(&set);
        (set, explain)
    }

    /// The units of all filters; a filter that can never hold has none.
    fn units(&self) -> Vec<PlannedUnit> {
        let mut units = Vec::new();
        for (number, filter) in self.filters.iter().enumerate() {
            let tree = filter.tree.clone();
            let branches = if self.options.split { split::split(tree, &self.tests) } else { vec![tree] };
            let possible = branches.into_iter().filter(|tree| *tree != Tree::Const(false));
            units.extend(possible.map(|tree| PlannedUnit::new(number as u32, tree)));
        }
        units
    }

    /// Applies the passes that come behind dispatch to one unit.
    fn narrow(&self, unit: &mut PlannedUnit, demand: &demand::Demands, fields: &[u16], commonness: &[u32]) {
        let filter = &self.filters[unit.filter as usize];
        unit.asks =
            (0..).zip(fields).filter(|(_, table)| demand.contains_key(table)).fold(0, |b, (i, _)| b | 1 << i);
        unit.reads.clone_from(&filter.reads);
        unit.tree.visit(&mut |test| self.tests.slots(test, &mut |slot| unit.reads.extend([slot])));
        if self.options.presence {
            let common = |slot: u16| commonness[slot as usize];
            let mut clauses = demand::presence(&unit.tree, &self.tests, &common);
            clauses.extend(filter.needs.iter().map(|&slot| demand::Clause::from([slot])));
            demand::keep_rarest(&mut clauses, |clause| clause.iter().map(|&slot| common(slot)).sum());
            unit.needs = clauses;
        }
        if self.options.drop_decided {
            let decided = demand.iter().filter(|(table, demand)| fields.contains(table) && !demand.range);
            let decided: BTreeMap<_, _> = decided.map(|(table, demand)| (*table, demand.clone())).collect();
            unit.tree = residual::drop_decided(&unit.tree, &decided, &self.tests);
        }
        if self.options.order {
            unit.tree = residual::order(unit.tree.clone(), &|test| self.tests.cost(test));
        }
    }

    fn unit(&self, unit: &PlannedUnit) -> Unit<'a> {
        let steps = residual::program(&unit.tree);
        let residual = match steps {
            None => Residual::Always,
            Some(steps) => Residual::Program(self.arena.alloc_slice_copy(&steps)),
        };
        let arena = self.arena;
        let clause = |clause: &demand::Clause| -> &'a [Slot] {
            arena.alloc_slice_fill_iter(clause.iter().map(|&slot| Slot(slot)).collect::<Vec<_>>())
        };
        let mut reads = vec![0; self.slots.count().div_ceil(64)];
        unit.reads.iter().for_each(|&slot| reads[usize::from(slot) / 64] |= 1 << (slot % 64));
        Unit {
            filter: unit.filter,
            needs: arena.alloc_slice_fill_iter(unit.needs.iter().map(clause)),
            reads: arena.alloc_slice_copy(&reads),
            asks: unit.asks,
            residual,
        }
    }

    /// In how many filters each field is tested: the more ask for a field, the more events have it.
    fn commonness(&self) -> Vec<u32> {
        let mut filters_of_slot = vec![0; self.slots.count()];
        for filter in &self.filters {
            let mut slots = filter.reads.clone();
            filter.tree.visit(&mut |test| self.tests.slots(test, &mut |slot| slots.extend([slot])));
            for &slot in &slots {
                filters_of_slot[slot as usize] += 1;
            }
        }
        filters_of_slot
    }
}

/// A filter with what is asked of an event besides its condition.
#[derive(Clone, Debug)]
struct PlannedFilter {
    target: Target,
    tree: Tree,
    /// Fields without which a match of the condition counts for nothing.
    needs: BTreeSet<u16>,
    /// Fields that are read of a match.
    reads: BTreeSet<u16>,
}

impl PlannedFilter {
    /// The condition of a single-event rule.
    fn event(rule: u32, tree: Tree) -> Self {
        Self { target: Target::Rule(rule), tree, needs: BTreeSet::new(), reads: BTreeSet::new() }
    }
}

/// A unit on its way through the passes.
#[derive(Clone, Debug)]
pub(crate) struct PlannedUnit {
    filter: u32,
    tree: Tree,
    needs: Vec<demand::Clause>,
    reads: BTreeSet<u16>,
    /// Bit by bit the dispatch fields on which it has a demand.
    asks: u32,
}

impl PlannedUnit {
    fn new(filter: u32, tree: Tree) -> Self {
        Self { filter, tree, needs: Vec::new(), reads: BTreeSet::new(), asks: 0 }
    }
}
