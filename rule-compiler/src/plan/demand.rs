//! What an event must have for a tree to hold: exact texts per field, and fields that must be present.
//!
//! Both are *necessary* conditions, found recursively: `and` takes the smallest set of a child (never an intersection,
//! as different values of one field may meet different leaves), `or` the union if every branch has one, a negated
//! test gives nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{TestId, Tree};

/// For each literal table, what is asked of the values of its field.
pub(super) type Demands = BTreeMap<u16, Demand>;

/// What is asked of the values of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Demand {
    /// Some value must have one of these ids.
    pub ids: BTreeSet<u16>,
    /// It comes of bounds, and so it is asked of whole numbers that are the only value of their field: of several values one
    /// may keep one bound and another one the other, and of a fraction no id tells.
    pub range: bool,
}

/// A set of slots, one of which must have a value.
pub(super) type Clause = BTreeSet<u16>;

/// More clauses than this are seldom worth looking at.
const MOST_CLAUSES: usize = 4;

/// The literals that a test asks for, if it is a literal test: table and ids.
pub(super) trait Literals {
    /// Table and ids of `test`.
    fn literals(&self, test: TestId) -> Option<(u16, &[u16])>;

    /// For fields on which some of `tests` together set a lower and an upper bound: the table of its whole numbers, and the
    /// ids of those between the bounds.
    fn ranges(&self, tests: &[TestId]) -> Vec<(u16, Vec<u16>)>;

    /// The slot without whose value `test` cannot hold.
    fn needed_slot(&self, test: TestId) -> Option<u16>;
}

/// The exact texts that `tree` demands.
pub(super) fn demands(tree: &Tree, tests: &impl Literals) -> Demands {
    match tree {
        Tree::Const(_) | Tree::NotTest(_) => Demands::new(),
        Tree::Test(test) => match tests.literals(*test) {
            Some((table, ids)) => {
                Demands::from([(table, Demand { ids: ids.iter().copied().collect(), range: false })])
            }
            None => Demands::new(),
        },
        Tree::And(children) => {
            let mut smallest = Demands::new();
            let direct = children.iter().filter_map(|child| match child {
                Tree::Test(test) => Some(*test),
                _ => None,
            });
            let ranges = tests.ranges(&direct.collect::<Vec<_>>());
            let ranges = ranges
                .into_iter()
                .map(|(table, ids)| (table, Demand { ids: BTreeSet::from_iter(ids), range: true }));
            for (table, demand) in children.iter().flat_map(|child| demands(child, tests)).chain(ranges) {
                match smallest.get(&table) {
                    Some(known) if known.ids.len() <= demand.ids.len() => {}
                    _ => {
                        smallest.insert(table, demand);
                    }
                }
            }
            smallest
        }
        Tree::Or(children) => {
            let mut branches = children.iter().map(|child| demands(child, tests));
            let mut union = branches.next().unwrap_or_default();
            for branch in branches {
                union.retain(|table, _| branch.contains_key(table));
                for (table, demand) in &mut union {
                    demand.ids.extend(&branch[table].ids);
                    demand.range |= branch[table].range;
                }
            }
            union
        }
    }
}

/// Sets of fields of each of which one must be present for `tree` to hold, the rarest first. `commonness` tells how
/// common a field is in events; only the order matters.
pub(super) fn presence(tree: &Tree, tests: &impl Literals, commonness: &impl Fn(u16) -> u32) -> Vec<Clause> {
    let weight =
        |clause: &Clause| clause.iter().fold(0u32, |sum, &slot| sum.saturating_add(commonness(slot)));
    let mut clauses = match tree {
        Tree::Const(_) | Tree::NotTest(_) => Vec::new(),
        Tree::Test(test) => tests.needed_slot(*test).map(|slot| Clause::from([slot])).into_iter().collect(),
        Tree::And(children) => children.iter().flat_map(|child| presence(child, tests, commonness)).collect(),
        Tree::Or(children) => {
            let rarest = |child| presence(child, tests, commonness).into_iter().next();
            let union =
                children.iter().try_fold(Clause::new(), |union, child| Some(&union | &rarest(child)?));
            union.into_iter().collect()
        }
    };
    keep_rarest(&mut clauses, weight);
    clauses
}

/// Sorts clauses by weight, and drops those that say nothing beyond the ones before.
pub(super) fn keep_rarest(clauses: &mut Vec<Clause>, weight: impl Fn(&Clause) -> u32) {
    clauses.sort_by_cached_key(|clause| (weight(clause), clause.clone()));
    let mut kept: Vec<Clause> = Vec::new();
    for clause in clauses.drain(..) {
        if kept.len() < MOST_CLAUSES && !kept.iter().any(|known| known.is_subset(&clause)) {
            kept.push(clause);
        }
    }
    *clauses = kept;
}
