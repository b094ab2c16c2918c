//! Numbers for the fields that rules name.

use std::collections::BTreeMap;

use bumpalo::Bump;
use rule_runtime::event::{Slot, SlotTree};

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

    /// The path of a slot.
    pub fn path(&self, slot: Slot) -> &str {
        &self.paths[slot.0 as usize]
    }

    /// All paths, by slot.
    pub(super) fn paths<'a>(&self, arena: &'a Bump) -> &'a [&'a str] {
        arena.alloc_slice_fill_iter(self.paths.iter().map(|path| &*arena.alloc_str(path)))
    }

    /// The tree the reader walks.
    pub(super) fn tree<'a>(&self, arena: &'a Bump) -> SlotTree<'a> {
        todo_tree(&self.paths, arena)
    }
}
