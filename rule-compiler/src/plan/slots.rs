//! Numbers for the fields that rules name.

use std::collections::BTreeMap;

use rule_runtime::event::Slot;

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
    pub(super) fn paths(&self) -> Vec<&str> {
        self.paths.iter().map(String::as_str).collect()
    }
}
