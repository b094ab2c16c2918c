//! Properties of the passes over random trees: what they may rewrite and what they must keep.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rule_runtime::set::Step;

use super::demand::{Demand, Literals, demands, presence};
use super::residual::{drop_decided, order, program};
use super::split::split;
use super::tree::{TestId, Tree};

const TESTS: u32 = 12;

/// Tests 0 to 7 look for texts: an even and the odd one behind it share a field, and ids overlap between fields' tests.
/// Two are bounds on the ids of a field, which stand for numbers. The others are of fields of their own.
struct Fake;

/// At least 1.
const LOWER: TestId = TestId(8);
/// At most 2.
const UPPER: TestId = TestId(9);
const RANGE_TABLE: u16 = 4;

impl Literals for Fake {
    fn literals(&self, test: TestId) -> Option<(u16, &[u16])> {
        const IDS: [&[u16]; 8] = [&[0], &[0, 1], &[0, 1], &[2], &[3], &[1, 2], &[0], &[1]];
        IDS.get(test.0 as usize).map(|ids| (test.0 as u16 / 2, *ids))
    }

    fn ranges(&self, tests: &[TestId]) -> Vec<(u16, Vec<u16>)> {
        let both = [LOWER, UPPER].iter().all(|bound| tests.contains(bound));
        if both { vec![(RANGE_TABLE, vec![1, 2])] } else { Vec::new() }
    }

    fn needed_slot(&self, test: TestId) -> Option<u16> {
        (test.0 < TESTS - 1).then_some(test.0 as u16 / 2)
    }
}

/// An event: the literal ids of each table, and which of the other tests hold.
#[derive(Clone, Debug)]
struct FakeEvent {
    ids: BTreeMap<u16, Vec<u16>>,
    others: u32,
}

impl FakeEvent {
    fn holds(&self, test: TestId) -> bool {
        match Fake.literals(test) {
            Some((table, ids)) => {
                self.ids.get(&table).is_some_and(|found| found.iter().any(|id| ids.contains(id)))
            }
            None if test == LOWER => self.numbers().any(|number| number >= 1),
            None if test == UPPER => self.numbers().any(|number| number <= 2),
            None => self.others >> test.0 & 1 == 1,
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u16> {
        self.ids.get(&RANGE_TABLE).into_iter().flatten().copied()
    }

    fn meets(&self, table: u16, demand: &Demand) -> bool {
        let found = self.ids.get(&table).map_or(&[][..], Vec::as_slice);
        found.iter().any(|id| demand.ids.contains(id)) || demand.range && found.len() > 1
    }

    fn has(&self, slot: u16) -> bool {
        self.ids.get(&slot).is_some_and(|ids| !ids.is_empty())
            || (0..TESTS).any(|t| Fake.needed_slot(TestId(t)) == Some(slot) && self.holds(TestId(t)))
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = (0..TESTS, any::<bool>())
        .prop_map(|(id, plain)| if plain { Tree::Test(TestId(id)) } else { Tree::NotTest(TestId(id)) });
    leaf.prop_recursive(4, 40, 5, |inner| {
        let children = prop::collection::vec(inner, 1..5);
        prop_oneof![children.clone().prop_map(Tree::and), children.prop_map(Tree::or)]
    })
}

fn events() -> impl Strategy<Value = FakeEvent> {
    let ids = prop::collection::vec(0..4u16, 0..3);
    (prop::collection::btree_map(0..5u16, ids, 0..5), any::<u32>())
        .prop_map(|(ids, others)| FakeEvent { ids, others })
}

fn run(steps: &[Step], event: &FakeEvent) -> bool {
    let mut at = 0;
    loop {
        let step = steps[usize::from(at)];
        at = if event.holds(TestId(step.test)) { step.then } else { step.otherwise };
        if at >= Step::REJECT {
            return at == Step::ACCEPT;
        }
    }
}

proptest! {
    #[test]
    fn units_together_mean_the_tree(tree in trees(), event in events()) {
        let holds = |id| event.holds(id);
        let units = split(tree.clone(), &Fake);
        prop_assert!(units.len() <= 8);
        prop_assert_eq!(units.iter().any(|unit| unit.value(&holds)), tree.value(&holds));
    }

    #[test]
    fn what_is_demanded_is_necessary(tree in trees(), event in events()) {
        if tree.value(&|id| event.holds(id)) {
            for (table, demand) in demands(&tree, &Fake) {
                prop_assert!(event.meets(table, &demand), "{tree:?} without {table}: {demand:?}");
            }
            for slots in presence(&tree, &Fake, &|slot| u32::from(slot) * 3 % 4) {
                prop_assert!(slots.iter().any(|&slot| event.has(slot)), "{tree:?} without {slots:?}");
            }
        }
    }

    #[test]
    fn what_is_dropped_was_decided(tree in trees(), event in events()) {
        let mut demanded = demands(&tree, &Fake);
        demanded.retain(|_, demand| !demand.range);
        let met = demanded.iter().all(|(&table, demand)| event.meets(table, demand));
        let left = drop_decided(&tree, &demanded, &Fake);
        let holds = |id| event.holds(id);
        prop_assert_eq!(met && left.value(&holds), tree.value(&holds));
    }

    #[test]
    fn a_program_means_its_tree(tree in trees(), event in events()) {
        let ordered = order(tree.clone(), &|test| 7 * (test.0 + 1) % 5);
        let holds = |id| event.holds(id);
        prop_assert_eq!(ordered.value(&holds), tree.value(&holds));
        if let Tree::Const(_) = ordered {
            return Ok(());
        }
        let steps = program(&ordered).expect("only true has no program");
        prop_assert_eq!(run(&steps, &event), tree.value(&holds));
    }
}
