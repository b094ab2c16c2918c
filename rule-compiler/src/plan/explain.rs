//! What the planner decided, for people and for the emitter.

use std::fmt::{self, Write as _};

use super::PlannedUnit;
use super::slots::Slots;
use super::tests_table::Tests;
use super::tree::{TestId, Tree};

/// A readable account of a plan.
#[derive(Clone, Debug, Default)]
pub struct Explain {
    /// The tests, one line each.
    pub tests: Vec<String>,
    /// The units, in the order of the set's.
    pub units: Vec<ExplainedUnit>,
    /// The fields of the dispatch tables, in order.
    pub dispatch: Vec<String>,
    /// The fields whose patterns have anchors: how many patterns, and how many anchors.
    pub anchors: Vec<(String, usize, usize)>,
}

/// One unit, for people and for the emitter.
#[derive(Clone, Debug)]
pub struct ExplainedUnit {
    /// Index of its filter.
    pub filter: u32,
    /// Sets of fields of each of which one must be present.
    pub needs: Vec<Vec<String>>,
    /// What is left to test.
    pub residual: Tree,
}

impl Explain {
    pub(super) fn new(slots: &Slots, tests: &Tests<'_>, units: &[PlannedUnit], fields: &[u16]) -> Self {
        let path = |slot: u16| slots.path(rule_runtime::event::Slot(slot)).to_owned();
        Self {
            tests: (0..tests.len() as u32).map(|id| tests.describe(TestId(id), slots)).collect(),
            units: units
                .iter()
                .map(|unit| ExplainedUnit {
                    filter: unit.filter,
                    needs: unit
                        .needs
                        .iter()
                        .map(|clause| clause.iter().map(|&slot| path(slot)).collect())
                        .collect(),
                    residual: unit.tree.clone(),
                })
                .collect(),
            dispatch: fields.iter().map(|&table| path(tests.tables()[table as usize].slot.0)).collect(),
            anchors: tests
                .anchored()
                .fields()
                .map(|(slot, patterns, anchors)| (path(slot), patterns, anchors))
                .collect(),
        }
    }

    /// A residual with the texts of its tests.
    #[expect(clippy::missing_panics_doc, reason = "writing to a String does not fail")]
    pub fn residual(&self, unit: &ExplainedUnit) -> String {
        let mut text = String::new();
        self.write(&unit.residual, &mut text).expect("writing to a String does not fail");
        text
    }

    fn write(&self, tree: &Tree, out: &mut String) -> fmt::Result {
        match tree {
            Tree::Const(value) => write!(out, "{value}"),
            Tree::Test(test) => write!(out, "{}", self.tests[test.0 as usize]),
            Tree::NotTest(test) => write!(out, "not {}", self.tests[test.0 as usize]),
            Tree::And(children) => self.write_all(children, " and ", out),
            Tree::Or(children) => self.write_all(children, " or ", out),
        }
    }

    fn write_all(&self, children: &[Tree], word: &str, out: &mut String) -> fmt::Result {
        out.push('(');
        for (index, child) in children.iter().enumerate() {
            if index > 0 {
                out.push_str(word);
            }
            self.write(child, out)?;
        }
        out.push(')');
        Ok(())
    }
}
