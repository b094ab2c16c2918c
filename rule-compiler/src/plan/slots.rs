//! Numbers for the fields that rules name.

use std::collections::BTreeMap;

use bumpalo::Bump;
use rule_runtime::event::{Slot, SlotTree, SlotTreeBuilder};

/// Gives each path one slot, in order of first use.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    numbers: BTreeMap<String, u16>,
    paths: Vec<String>,
}

impl Slots {
    /// The slot of `path`.
    ///
    /// # Panics
    /// With more than 65,535 different fields in one set.
    pub fn slot(&mut self, path: &str) -> Slot {
        if let Some(&slot) = self.numbers.get(path) {
            return Slot(slot);
        }
        let slot = u16::try_from(self.paths.len()).expect("a set names fewer than 65,536 fields");
        self.numbers.insert(path.to_owned(), slot);
        self.paths.push(path.to_owned());
        Slot(slot)
    }

    /// How many slots there are.
    pub(super) fn count(&self) -> usize {
        self.paths.len()
    }

    /// The path of a slot.
    pub fn path(&self, slot: Slot) -> &str {
        &self.paths[slot.0 as usize]
    }

    /// The tree that the reader walks; `early` slots are read in its first phase.
    ///
    /// # Panics
    /// With more spellings of fields than a tree can hold; long before that a set has 65,536 fields.
    pub(super) fn tree<'a>(&self, early: &[Slot], arena: &'a Bump) -> SlotTree<'a> {
        let paths: Vec<_> = self.paths.iter().map(String::as_str).collect();
        let builder = SlotTreeBuilder::new(&paths).dispatch(early);
        let owned = builder.build().expect("the paths of fields are few and different");
        let tree = owned.as_ref();
        SlotTree {
            names: arena.alloc_str(tree.names),
            paths: arena.alloc_slice_copy(tree.paths),
            nodes: arena.alloc_slice_copy(tree.nodes),
            keys: arena.alloc_slice_copy(tree.keys),
            buckets: arena.alloc_slice_copy(tree.buckets),
            reach: arena.alloc_slice_copy(tree.reach),
            dispatch: arena.alloc_slice_copy(tree.dispatch),
            escapable: tree.escapable,
        }
    }
}
