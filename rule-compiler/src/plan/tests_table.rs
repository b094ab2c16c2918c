//! The tests that rules share.
//!
//! In: leaves. Out: one number per different test, the tests in the form of the runtime, and what the other passes ask
//! of them (literals, needed field, cost).

use std::collections::HashMap;

use bumpalo::Bump;
use rule_lang::condition::Leaf;
use rule_runtime::matcher::Predicate;
use rule_runtime::set::{FieldLiterals, Test};

use super::demand::Literals;
use super::literals::{Collector, Numbered, Table};
use super::slots::Slots;
use super::tree::TestId;
use crate::lower::{self, LowerError};

/// All tests of a set.
#[derive(Debug)]
pub(super) struct Tests<'a> {
    share: bool,
    predicates: Vec<Predicate<'a>>,
    /// For sharing only; it is never walked, so its order does not matter.
    known: HashMap<Predicate<'a>, TestId>,
    /// For interned tests: table and ids.
    interned: Vec<Option<(u16, Vec<u16>)>>,
    numbered: Numbered,
}

impl<'a> Tests<'a> {
    pub(super) fn new(share: bool) -> Self {
        Self {
            share,
            predicates: Vec::new(),
            known: HashMap::new(),
            interned: Vec::new(),
            numbered: Numbered::default(),
        }
    }

    /// The number of a leaf's test.
    pub(super) fn add(
        &mut self,
        leaf: &Leaf,
        slots: &mut Slots,
        arena: &'a Bump,
    ) -> Result<TestId, LowerError> {
        let predicate = lower::lower(&leaf.test, &mut |path| slots.slot(path), arena)?;
        if self.share
            && let Some(&known) = self.known.get(&predicate)
        {
            return Ok(known);
        }
        let id = TestId(self.predicates.len() as u32);
        self.predicates.push(predicate);
        self.interned.push(None);
        self.known.insert(predicate, id);
        Ok(id)
    }

    /// Moves the text predicates into literal tables.
    pub(super) fn intern(&mut self) {
        let mut collector = Collector::default();
        let fits: Vec<bool> = self
            .predicates
            .iter()
            .map(|p| as_text(p).is_some_and(|(slot, texts, fold)| collector.add(slot, texts, fold)))
            .collect();
        self.numbered = collector.finish();
        for ((predicate, fits), interned) in self.predicates.iter().zip(fits).zip(&mut self.interned) {
            if let Some((slot, texts, fold)) = as_text(predicate).filter(|_| fits) {
                *interned = self.numbered.ids(slot, texts, fold);
            }
        }
    }

    pub(super) fn tables(&self) -> &[Table] {
        &self.numbered.tables
    }

    pub(super) fn literal_tables(&self, arena: &'a Bump) -> &'a [FieldLiterals<'a>] {
        self.numbered.build(arena)
    }

    pub(super) fn build(&self, arena: &'a Bump) -> &'a [Test<'a>] {
        let tests = self.predicates.iter().zip(&self.interned).map(|(predicate, interned)| match interned {
            Some((table, ids)) => Test::Literal { table: *table, ids: arena.alloc_slice_copy(ids) },
            None => Test::Predicate(*predicate),
        });
        arena.alloc_slice_fill_iter(tests.collect::<Vec<_>>())
    }

    /// Rough nanoseconds of one evaluation; only the order of magnitude matters.
    pub(super) fn cost(&self, test: TestId) -> u32 {
        match self.interned[test.0 as usize] {
            Some(_) => 2,
            None => self.predicates[test.0 as usize].cost(),
        }
    }

    pub(super) fn predicate(&self, test: TestId) -> &Predicate<'a> {
        &self.predicates[test.0 as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.predicates.len()
    }
}

impl Literals for Tests<'_> {
    fn literals(&self, test: TestId) -> Option<(u16, &[u16])> {
        self.interned[test.0 as usize].as_ref().map(|(table, ids)| (*table, &**ids))
    }

    fn needed_slot(&self, test: TestId) -> Option<u16> {
        self.predicates[test.0 as usize].needed_slot().map(|slot| slot.0)
    }
}
