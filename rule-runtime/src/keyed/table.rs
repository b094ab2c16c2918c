//! Records by rule and key, in memory of fixed size, with the records of each rule by age.
//!
//! In: the number of a rule, a key, a record. Out: the id of the record, and the oldest of a rule. Knows nothing of what
//! records hold.

use std::ops::{Index as At, IndexMut as AtMut};

use crate::sequence::engine::{ByteStore, Index, NIL, Slab, Stored, hash};

#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    entries: Slab<Entry<T>>,
    keys: ByteStore,
    index: Index,
    /// By rule.
    lists: Vec<List>,
    seed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    rule: u32,
    hash: u32,
    key: Stored,
    older: u32,
    newer: u32,
    record: T,
}

#[derive(Clone, Copy, Debug)]
struct List {
    oldest: u32,
    newest: u32,
    len: usize,
}

impl<T: Copy> Table<T> {
    /// Room for this many records and bytes of keys; none if there are no rules.
    pub(crate) fn new(rules: usize, records: usize, key_bytes: usize, seed: u64) -> Self {
        let (records, key_bytes) = if rules == 0 { (0, 0) } else { (records.max(1), key_bytes) };
        Self {
            entries: Slab::new(records),
            keys: ByteStore::new(key_bytes),
            index: Index::new(records),
            lists: vec![List { oldest: NIL, newest: NIL, len: 0 }; rules],
            seed,
        }
    }

    fn hash(&self, rule: u32, key: &[u8]) -> u32 {
        hash(self.seed ^ u64::from(rule), key) as u32
    }

    pub(crate) fn find(&self, rule: u32, key: &[u8]) -> Option<u32> {
        self.index.find(self.hash(rule, key), |id| {
            let entry = &self.entries[id];
            entry.rule == rule && self.keys.equals(entry.key, key)
        })
    }

    /// Whether a record with a key of this length fits now.
    pub(crate) fn has_room(&self, key: usize) -> bool {
        self.entries.room() > 0 && self.keys.room() >= ByteStore::blocks(key)
    }

    /// Adds a record under a key that has none, as the newest of its rule. `None` if there is no room.
    pub(crate) fn insert(&mut self, rule: u32, key: &[u8], record: T) -> Option<u32> {
        if !self.has_room(key.len()) {
            return None;
        }
        let hash = self.hash(rule, key);
        let key = self.keys.store(key)?;
        let id = self.entries.insert(Entry { rule, hash, key, older: NIL, newer: NIL, record })?;
        self.index.insert(hash, id);
        self.append(id);
        Some(id)
    }

    /// Makes a record the newest of its rule.
    pub(crate) fn touch(&mut self, id: u32) {
        if self.lists[self.entries[id].rule as usize].newest != id {
            self.unlink(id);
            self.append(id);
        }
    }

    pub(crate) fn remove(&mut self, id: u32) -> T {
        self.unlink(id);
        let entry = self.entries.remove(id);
        self.index.remove(entry.hash, id);
        self.keys.release(entry.key);
        entry.record
    }

    fn append(&mut self, id: u32) {
        let list = &mut self.lists[self.entries[id].rule as usize];
        let older = std::mem::replace(&mut list.newest, id);
        list.len += 1;
        if older == NIL {
            list.oldest = id;
        } else {
            self.entries[older].newer = id;
        }
        self.entries[id].older = older;
        self.entries[id].newer = NIL;
    }

    fn unlink(&mut self, id: u32) {
        let Entry { rule, older, newer, .. } = self.entries[id];
        let list = &mut self.lists[rule as usize];
        list.len -= 1;
        match older {
            NIL => list.oldest = newer,
            older => self.entries[older].newer = newer,
        }
        match newer {
            NIL => list.newest = older,
            newer => self.entries[newer].older = older,
        }
    }

    pub(crate) fn oldest(&self, rule: u32) -> Option<u32> {
        let id = self.lists[rule as usize].oldest;
        (id != NIL).then_some(id)
    }

    /// The record that gives way when there is no room: the oldest, but not `own`, of the rule that has most.
    pub(crate) fn victim(&self, own: Option<u32>) -> Option<u32> {
        let of_list = |list: &List| {
            let oldest = list.oldest;
            let id = if Some(oldest) == own { self.entries[oldest].newer } else { oldest };
            (id != NIL).then_some(id)
        };
        let lists = self.lists.iter().filter(|list| list.len > 0);
        lists
            .filter_map(|list| Some((list.len, of_list(list)?)))
            .max_by_key(|&(len, _)| len)
            .map(|(_, id)| id)
    }

    pub(crate) fn rule_of(&self, id: u32) -> u32 {
        self.entries[id].rule
    }

    /// The ids of a rule's records, the oldest first.
    pub(crate) fn by_age(&self, rule: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.lists[rule as usize].oldest;
        std::iter::from_fn(move || {
            let id = at;
            if id == NIL {
                return None;
            }
            at = self.entries[id].newer;
            Some(id)
        })
    }

    /// Appends the key of a record to `out`.
    pub(crate) fn load_key(&self, id: u32, out: &mut Vec<u8>) {
        self.keys.load(self.entries[id].key, out);
    }

    pub(crate) fn len_of(&self, rule: u32) -> usize {
        self.lists[rule as usize].len
    }

    /// How many records there can be.
    pub(crate) fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.bytes() + self.keys.bytes() + self.index.bytes()
    }
}

impl<T> At<u32> for Table<T> {
    type Output = T;

    fn index(&self, id: u32) -> &T {
        &self.entries[id].record
    }
}

impl<T> AtMut<u32> for Table<T> {
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.entries[id].record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(table: &Table<u32>, rule: u32) -> Vec<u32> {
        table.by_age(rule).map(|id| table[id]).collect()
    }

    #[test]
    fn records_of_a_rule_stand_by_age() {
        let mut table = Table::new(2, 4, 400, 0);
        let a = table.insert(0, b"a", 1).unwrap();
        let b = table.insert(0, b"b", 2).unwrap();
        table.insert(1, b"a", 3).unwrap();
        let c = table.insert(0, b"c", 4).unwrap();
        assert_eq!(table.insert(0, b"d", 5), None, "there is no room");
        assert_eq!((table.find(0, b"a"), table.find(1, b"b")), (Some(a), None));
        table.touch(a);
        assert_eq!(keys(&table, 0), [2, 4, 1]);
        assert_eq!(table.victim(None), Some(b));
        assert_eq!(table.victim(Some(b)), Some(c));
        assert_eq!(table.remove(c), 4);
        assert_eq!(keys(&table, 0), [2, 1]);
        table.remove(b);
        table.remove(a);
        assert_eq!((table.oldest(0), table.len_of(1)), (None, 1));
    }

    #[test]
    fn without_rules_nothing_is_reserved() {
        assert!(Table::<u32>::new(0, 1 << 20, 1 << 30, 0).bytes() < 100);
    }
}
