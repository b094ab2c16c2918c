//! How a set of rules is matched.
//!
//! In: checked queries with their metadata. Out: a [`RuleSet`], the compiled form that the runtime reads, and what the
//! planner knows about it ([`Explain`]) for people who ask. Knows nothing of tokens or of Rust source.
//!
//! ```text
//! conditions -> tree (shared tests) -> literals (one table per field) -> split (units)
//!            -> demand (necessary texts, presence) -> dispatch (bitmaps) -> residual (what is left)
//! ```
//! Each pass has its own file and its own switch in [`PlanOptions`].

mod demand;
mod dispatch;
mod explain;
mod groups;
pub mod info;
mod literals;
mod options;
mod residual;
mod slots;
mod split;
mod tests_table;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bumpalo::Bump;
use rule_lang::condition::{Pipe as QueryPipe, Query, QueryKind};
use rule_lang::span::Span;
use rule_runtime::info::RuleInfo;
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
    filters: Vec<(Target, Tree)>,
    rules: Vec<Rule<'a>>,
    sequences: Vec<groups::Ordered<'a>>,
    samples: (Vec<SampleDef<'a>>, Vec<u32>),
}

impl<'o, 'a> Builder<'o, 'a> {
    fn new(options: &'o PlanOptions, arena: &'a Bump) -> Self {
        Self {
            options,
            arena,
            slots: Slots::default(),
            tests: Tests::new(options.share),
            filters: Vec::new(),
            rules: Vec::new(),
            sequences: Vec::new(),
            samples: (Vec::new(), Vec::new()),
        }
    }

    /// Adds a rule, or nothing of it.
    fn add(&mut self, input: &RuleInput<'_, 'a>) -> Result<(), Unplannable> {
        let rule = self.rules.len() as u32;
        let kind = match &input.query.kind {
            _ if !input.info.enabled => RuleKind::Off,
            QueryKind::Event(filter) => {
                let tree = self.tree(filter)?;
                self.filters.push((Target::Rule(rule), tree));
                RuleKind::Event
            }
            QueryKind::Sequence(sequence) => {
                self.add_sequence(rule, sequence, &input.info)?;
                RuleKind::Sequence
            }
            QueryKind::Sample(sample) => {
                self.add_sample(rule, sample)?;
                RuleKind::Sample
            }
        };
        let pipes = input.query.pipes.iter().map(|pipe| match *pipe {
            QueryPipe::Head(count) => Pipe::Head(count),
            QueryPipe::Tail(count) => Pipe::Tail(count),
        });
        let pipes = self.arena.alloc_slice_fill_iter(pipes.collect::<Vec<_>>());
        self.rules.push(Rule { info: input.info, kind, pipes });
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
            self.tests.intern();
        }
        let mut units = self.units();
        let demands: Vec<_> = units.iter().map(|unit| demand::demands(&unit.tree, &self.tests)).collect();
        let fields = if self.options.dispatch {
            dispatch::choose_fields(&demands, self.tests.tables(), &self.slots)
        } else {
            dispatch::Fields::default()
        };
        let dispatch = dispatch::build(&fields, &demands, self.tests.tables(), self.arena);
        for (unit, demand) in units.iter_mut().zip(&demands) {
            self.narrow(unit, demand, &fields.tables);
        }
        let runtime_units = units.iter().map(|unit| self.unit(unit)).collect::<Vec<_>>();
        let explain = Explain::new(&self.slots, &self.tests, &units, &fields.tables);
        let arena = self.arena;
        let (sequences, samples) = self.build_groups();
        let early: Vec<_> =
            dispatch.fields[..dispatch.early as usize].iter().map(|field| field.slot).collect();
        let tree = self.slots.tree(&early, arena);
        let mut set = RuleSet {
            format: FORMAT,
            fingerprint: 0,
            tree,
            predicates: self.tests.build(arena),
            literals: self.tests.literal_tables(arena),
            units: arena.alloc_slice_fill_iter(runtime_units),
            filters: arena.alloc_slice_fill_iter(self.filters.iter().map(|(target, _)| *target)),
            dispatch,
            rules: arena.alloc_slice_fill_iter(self.rules),
            sequences,
            samples,
        };
        set.fingerprint = rule_runtime::packed::fingerprint(&set);
        (set, explain)
    }

    /// The units of all filters; a filter that can never hold has none.
    fn units(&self) -> Vec<PlannedUnit> {
        let mut units = Vec::new();
        for (filter, (_, tree)) in self.filters.iter().enumerate() {
            let branches =
                if self.options.split { split::split(tree.clone(), &self.tests) } else { vec![tree.clone()] };
            let possible = branches.into_iter().filter(|tree| *tree != Tree::Const(false));
            units.extend(possible.map(|tree| PlannedUnit { filter: filter as u32, tree, needs: Vec::new() }));
        }
        units
    }

    /// Applies the passes that come behind dispatch to one unit.
    fn narrow(&self, unit: &mut PlannedUnit, demand: &demand::Demands, fields: &[u16]) {
        if self.options.presence {
            let clause = demand::presence(&unit.tree, &self.tests).unwrap_or_default();
            unit.needs = clause.into_iter().collect();
        }
        if self.options.drop_decided {
            let decided = demand.iter().filter(|(table, _)| fields.contains(table));
            let decided: BTreeMap<_, _> = decided.map(|(table, ids)| (*table, ids.clone())).collect();
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
        let needs = unit.needs.iter().map(|&slot| rule_runtime::event::Slot(slot));
        Unit {
            filter: unit.filter,
            needs: self.arena.alloc_slice_fill_iter(needs.collect::<Vec<_>>()),
            residual,
        }
    }
}

/// A unit on its way through the passes.
#[derive(Clone, Debug)]
pub(crate) struct PlannedUnit {
    filter: u32,
    tree: Tree,
    needs: Vec<u16>,
}
