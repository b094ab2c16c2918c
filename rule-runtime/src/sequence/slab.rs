//! Storage of fixed size: records behind 32-bit ids, and byte strings in chained blocks.
//!
//! In: a capacity, once. Out: ids that stay valid until removed. Everything is reserved at construction, so that storing
//! never allocates; when a slab is full the caller makes room. Knows nothing of what is stored.

use std::ops::{Index, IndexMut};

/// The id of nothing.
pub(crate) const NIL: u32 = u32::MAX;

/// Records behind ids. Freed ids are used again, the last freed first.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    cells: Vec<T>,
    free: Vec<u32>,
    capacity: usize,
}

impl<T: Copy> Slab<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = capacity.min(NIL as usize);
        Self { cells: Vec::with_capacity(capacity), free: Vec::with_capacity(capacity), capacity }
    }

    /// Stores a record, unless the slab is full.
    pub(crate) fn insert(&mut self, value: T) -> Option<u32> {
        if let Some(id) = self.free.pop() {
            self.cells[id as usize] = value;
            return Some(id);
        }
        if self.cells.len() == self.capacity {
            return None;
        }
        self.cells.push(value);
        Some(self.cells.len() as u32 - 1)
    }

    /// Frees an id and returns what it stood for.
    pub(crate) fn remove(&mut self, id: u32) -> T {
        self.free.push(id);
        self.cells[id as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len() - self.free.len()
    }

    /// How many more records fit.
    pub(crate) fn room(&self) -> usize {
        self.capacity - self.len()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// All cells, those of freed ids as they were last.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.cells)
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        self.cells.capacity() * size_of::<T>() + self.free.capacity() * size_of::<u32>()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, id: u32) -> &T {
        &self.cells[id as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.cells[id as usize]
    }
}

/// Bytes of content in one block; with the link a block is 32 bytes.
const BLOCK: usize = 28;

#[derive(Clone, Copy, Debug)]
struct Block {
    next: u32,
    data: [u8; BLOCK],
}

/// A byte string in a [`ByteStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stored {
    first: u32,
    len: u32,
}

impl Stored {
    /// The empty string, which takes no room.
    pub(crate) const EMPTY: Self = Self { first: NIL, len: 0 };

    pub(crate) fn len(self) -> usize {
        self.len as usize
    }
}

/// Byte strings of any length in chained blocks: no fragmentation, nothing to compact.
#[derive(Clone, Debug)]
pub(crate) struct ByteStore {
    blocks: Slab<Block>,
}

impl ByteStore {
    /// Room for `bytes` bytes, rounded up to whole blocks.
    pub(crate) fn new(bytes: usize) -> Self {
        Self { blocks: Slab::new(bytes.div_ceil(BLOCK)) }
    }

    /// Blocks that a string of `len` bytes takes.
    pub(crate) fn blocks(len: usize) -> usize {
        len.div_ceil(BLOCK)
    }

    /// Bytes of content that blocks of this number hold.
    pub(crate) fn content(blocks: usize) -> usize {
        blocks * BLOCK
    }

    /// How many more blocks there are.
    pub(crate) fn room(&self) -> usize {
        self.blocks.room()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.blocks.capacity()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.blocks.bytes()
    }

    /// Stores a string, unless it does not fit.
    pub(crate) fn store(&mut self, bytes: &[u8]) -> Option<Stored> {
        if Self::blocks(bytes.len()) > self.room() {
            return None;
        }
        let mut first = NIL;
        for chunk in bytes.chunks(BLOCK).rev() {
            let mut data = [0; BLOCK];
            data[..chunk.len()].copy_from_slice(chunk);
            first = self.blocks.insert(Block { next: first, data })?;
        }
        Some(Stored { first, len: bytes.len() as u32 })
    }

    /// Appends a string to `out`.
    pub(crate) fn load(&self, stored: Stored, out: &mut Vec<u8>) {
        self.each(stored, |chunk| {
            out.extend_from_slice(chunk);
            true
        });
    }

    /// Whether a stored string is equal to `bytes`.
    pub(crate) fn equals(&self, stored: Stored, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        stored.len as usize == bytes.len()
            && self.each(stored, |chunk| {
                let (head, tail) = rest.split_at(chunk.len());
                rest = tail;
                head == chunk
            })
    }

    /// Frees a string.
    pub(crate) fn release(&mut self, stored: Stored) {
        let mut block = stored.first;
        while block != NIL {
            block = self.blocks.remove(block).next;
        }
    }

    /// Calls `visit` for the pieces of a string until it says `false`.
    fn each(&self, stored: Stored, mut visit: impl FnMut(&[u8]) -> bool) -> bool {
        let (mut block, mut left) = (stored.first, stored.len as usize);
        while block != NIL {
            let Block { next, data } = &self.blocks[block];
            if !visit(&data[..left.min(BLOCK)]) {
                return false;
            }
            left -= left.min(BLOCK);
            block = *next;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slab_reuses_ids_and_never_grows() {
        let mut slab = Slab::new(2);
        let (a, b) = (slab.insert('a').unwrap(), slab.insert('b').unwrap());
        assert_eq!(slab.insert('c'), None);
        assert_eq!(slab.remove(a), 'a');
        assert_eq!((slab.len(), slab.room()), (1, 1));
        assert_eq!(slab.insert('c'), Some(a));
        assert_eq!((slab[a], slab[b]), ('c', 'b'));
    }

    #[test]
    fn strings_of_every_length_come_back() {
        let mut store = ByteStore::new(10 * BLOCK);
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 10 * BLOCK] {
            let text: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let stored = store.store(&text).unwrap();
            let mut out = Vec::new();
            store.load(stored, &mut out);
            assert_eq!(out, text);
            assert!(store.equals(stored, &text));
            if let Some(last) = out.last_mut() {
                *last ^= 1;
                assert!(!store.equals(stored, &out));
            }
            store.release(stored);
            assert_eq!(store.room(), 10);
        }
        assert!(store.store(&[0; 10 * BLOCK + 1]).is_none());
    }
}
