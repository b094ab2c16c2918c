//! What is left to test once dispatch has spoken, cheapest first, as a decision program.

use rule_runtime::set::Step;

use super::demand::{Demands, Literals};
use super::tree::{TestId, Tree};

/// Removes the conjuncts that the bitmaps of `decided` tables have decided: literal tests of exactly the demanded ids,
/// and `or`s of such tests of one field.
pub(super) fn drop_decided(tree: &Tree, decided: &Demands, tests: &impl Literals) -> Tree {
    let keep = |child: &Tree| match union_of_literals(child, tests) {
        Some((table, ids)) => decided.get(&table).is_none_or(|demand| !demand.ids.iter().eq(ids.iter())),
        None => true,
    };
    Tree::and(tree.conjuncts().iter().filter(|child| keep(child)).cloned().collect())
}

/// Table and ids of a tree that asks for nothing but one of some texts of one field.
fn union_of_literals(tree: &Tree, tests: &impl Literals) -> Option<(u16, Vec<u16>)> {
    let sorted = |mut ids: Vec<u16>| {
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    match tree {
        Tree::Test(test) => tests.literals(*test).map(|(table, ids)| (table, sorted(ids.to_vec()))),
        Tree::Or(children) => {
            let mut parts = children.iter().map(|child| union_of_literals(child, tests));
            let (table, mut ids) = parts.next()??;
            for part in parts {
                let (other, more) = part?;
                if other != table {
                    return None;
                }
                ids.extend(more);
            }
            Some((table, sorted(ids)))
        }
        _ => None,
    }
}

/// Puts cheap children first; `cost` is in rough nanoseconds per event.
pub(super) fn order(tree: Tree, cost: &impl Fn(TestId) -> u32) -> Tree {
    let sorted = |children: Vec<Tree>| {
        let mut children: Vec<_> = children.into_iter().map(|child| order(child, cost)).collect();
        children.sort_by_key(|child| total(child, cost));
        children
    };
    match tree {
        Tree::And(children) => Tree::And(sorted(children)),
        Tree::Or(children) => Tree::Or(sorted(children)),
        other => other,
    }
}

fn total(tree: &Tree, cost: &impl Fn(TestId) -> u32) -> u32 {
    match tree {
        Tree::Const(_) => 0,
        Tree::Test(test) | Tree::NotTest(test) => cost(*test),
        Tree::And(children) | Tree::Or(children) => {
            children.iter().fold(0, |sum, child| sum.saturating_add(total(child, cost)))
        }
    }
}

/// The most tests in one residual: step numbers are 16 bits. The planner refuses a rule beyond it.
pub(super) const MOST_STEPS: usize = Step::REJECT as usize;

/// The program of a tree of at most [`MOST_STEPS`] tests; `None` if it always holds. A tree that never holds is no
/// unit, so it does not come here.
pub(super) fn program(tree: &Tree) -> Option<Vec<Step>> {
    if *tree == Tree::Const(true) {
        return None;
    }
    // Steps are found back to front: a step must know where it goes on.
    let mut steps = Vec::new();
    write(tree, Step::ACCEPT, Step::REJECT, &mut steps);
    let last = (steps.len() as u16).saturating_sub(1);
    let flip = |target: u16| if target >= Step::REJECT { target } else { last - target };
    let forward = steps.iter().rev();
    Some(forward.map(|s| Step { test: s.test, then: flip(s.then), otherwise: flip(s.otherwise) }).collect())
}

/// Writes the steps of `tree` behind those they go on to; gives the number of the first one to run.
fn write(tree: &Tree, then: u16, otherwise: u16, steps: &mut Vec<Step>) -> u16 {
    let mut step = |test: TestId, then, otherwise| {
        steps.push(Step { test: test.0, then, otherwise });
        steps.len() as u16 - 1
    };
    match tree {
        Tree::Const(value) => {
            if *value {
                then
            } else {
                otherwise
            }
        }
        Tree::Test(test) => step(*test, then, otherwise),
        Tree::NotTest(test) => step(*test, otherwise, then),
        Tree::And(children) => {
            children.iter().rev().fold(then, |next, child| write(child, next, otherwise, steps))
        }
        Tree::Or(children) => {
            children.iter().rev().fold(otherwise, |next, child| write(child, then, next, steps))
        }
    }
}
