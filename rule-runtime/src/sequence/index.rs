//! A hash index of fixed size: from the hash of a key to the id of its record.
//!
//! In: hashes and ids. Out: the candidates of a hash; the caller compares the keys. Open addressing with linear probing;
//! removal shifts back, so there are no tombstones and a full day of churn leaves the table as fast as it was.
//! Hashing is the same on every run for the same seed, and no result depends on the order of the table.

use super::slab::NIL;

/// Ids by hash.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Hash and negated id. An empty cell is all zero: the system gives such memory without touching it.
    cells: Vec<[u32; 2]>,
    mask: usize,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    hash: u32,
    id: u32,
}

const EMPTY: [u32; 2] = [0, !NIL];

impl Index {
    /// Room for `capacity` ids at a load of at most one half.
    pub(crate) fn new(capacity: usize) -> Self {
        let size = (capacity.max(1) * 2).next_power_of_two();
        Self { cells: vec![EMPTY; size], mask: size - 1 }
    }

    #[inline]
    fn cell(&self, at: usize) -> Cell {
        let [hash, id] = self.cells[at];
        Cell { hash, id: !id }
    }

    /// The first id with this hash that `is` accepts.
    pub(crate) fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = hash as usize & self.mask;
        loop {
            let cell = self.cell(at);
            if cell.id == NIL {
                return None;
            }
            if cell.hash == hash && is(cell.id) {
                return Some(cell.id);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Adds an id that is not in the index. There must be no more of them than the capacity.
    pub(crate) fn insert(&mut self, hash: u32, id: u32) {
        let mut at = hash as usize & self.mask;
        while self.cell(at).id != NIL {
            at = (at + 1) & self.mask;
        }
        self.cells[at] = [hash, !id];
    }

    /// Removes an id.
    pub(crate) fn remove(&mut self, hash: u32, id: u32) {
        let mut gap = hash as usize & self.mask;
        while self.cell(gap).id != id {
            if self.cell(gap).id == NIL {
                return;
            }
            gap = (gap + 1) & self.mask;
        }
        let mut at = gap;
        loop {
            at = (at + 1) & self.mask;
            let cell = self.cell(at);
            if cell.id == NIL {
                break;
            }
            // A cell may move back to the gap if the gap is not before the place its hash wants.
            let home = cell.hash as usize & self.mask;
            if (at.wrapping_sub(home) & self.mask) >= (at.wrapping_sub(gap) & self.mask) {
                self.cells[gap] = self.cells[at];
                gap = at;
            }
        }
        self.cells[gap] = EMPTY;
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.cells.len() * size_of::<[u32; 2]>()
    }
}

/// A hash of bytes: eight at a time, folded 128-bit products (the mixing step of wyhash and its kin).
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    const A: u64 = 0x9e37_79b9_7f4a_7c15;
    const B: u64 = 0xe703_7ed1_a0b4_28db;
    let fold = |x: u64, y: u64| {
        let product = u128::from(x) * u128::from(y);
        (product as u64) ^ (product >> 64) as u64
    };
    let mut state = fold(seed ^ A, bytes.len() as u64 ^ B);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = fold(state ^ u64::from_le_bytes(word) ^ A, B);
    }
    let mut word = [0; 8];
    word[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    fold(state ^ u64::from_le_bytes(word), A)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_reachable_through_churn() {
        let mut index = Index::new(64);
        // Hashes that collide in their low bits make long runs, also over the end of the table.
        let hashed = |id: u32| 120 + id % 5;
        let mut live: Vec<u32> = Vec::new();
        let mut next = 0;
        for step in 0..5000_u32 {
            if live.len() < 64 && step % 3 != 0 {
                index.insert(hashed(next), next);
                live.push(next);
                next += 1;
            } else if !live.is_empty() {
                let id = live.swap_remove((step as usize * 7) % live.len());
                index.remove(hashed(id), id);
                assert_eq!(index.find(hashed(id), |found| found == id), None);
            }
            for &id in &live {
                assert_eq!(index.find(hashed(id), |found| found == id), Some(id));
            }
        }
    }

    #[test]
    fn hashes_depend_on_every_byte_and_the_seed() {
        let text = b"a join key of some length";
        let mut seen = vec![hash(0, text), hash(1, text)];
        for i in 0..text.len() {
            let mut other = *text;
            other[i] ^= 1;
            seen.push(hash(0, &other));
        }
        seen.push(hash(0, b""));
        seen.push(hash(0, b"\0"));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }
}
