//! What an event must have for a tree to hold: exact texts per field, and fields that must be present.
//!
//! Both are *necessary* conditions, found recursively: `and` takes the smallest set of a child (never an intersection,
//! as different values of one field may meet different leaves), `or` the union if every branch has one, a negated
//! test gives nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{TestId, Tree};

/// For each literal table, the ids one of which some value of the field must have.
pub(super) type Demands = BTreeMap<u16, BTreeSet<u16>>;

/// A set of slots, one of which must have a value.
pub(super) type Clause = BTreeSet<u16>;

/// More clauses than this are seldom worth looking at.
const MOST_CLAUSES: usize = 4;

/// The literals that a test asks for, if it is a literal test: table and ids.
pub(super) trait Literals {
    /// Table and ids of `test`.
    fn literals(&self, test: TestId) -> Option<(u16, &[u16])>;

    /// The slot without whose value `test` cannot hold.
    fn needed_slot(&self, test: TestId) -> Option<u16>;
}

/// The exact texts that `tree` demands.
pub(super) fn demands(tree: &Tree, tests: &impl Literals) -> Demands {
    match tree {
        Tree::Const(_) | Tree::NotTest(_) => Demands::new(),
        Tree::Test(test) => match tests.literals(*test) {
            Some((table, ids)) => Demands::from([(table, ids.iter().copied().collect())]),
            None => Demands::new(),
        },
        Tree::And(children) => {
            let mut smallest = Demands::new();
            for (table, ids) in children.iter().flat_map(|child| demands(child, tests)) {
                match smallest.get(&table) {
                    Some(known) if known.len() <= ids.len() => {}
                    _ => {
                        smallest.insert(table, ids);
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
                for (table, ids) in &mut union {
                    ids.extend(&branch[table]);
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
