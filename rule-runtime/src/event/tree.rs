//! The tree of all fields that rules name: which keys of an event lead to a slot.
//!
//! In: tables built once ([`SlotTree::build`]) or emitted as statics by the code generator. Out: for a key met in an
//! object of the event, the slot it fills and the node its own object continues at. A node holds *every* dotted
//! spelling of what lies below it (`process` knows `parent`, `name` and `parent.name`), so a name split at any of its
//! dots is one exact look-up a level (eql.md section 3).
//!
//! Knows nothing of JSON beyond the closing quote of a key, and nothing of rules.

use super::build::{OwnedSlotTree, SlotTreeError};

/// Index of a field that some rule names: the position of its path in the list the tree was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// A key that ends at no slot, or that has nothing below it.
pub const NONE: u16 = u16::MAX;

/// The node every event starts at.
pub const ROOT: u16 = 0;

/// 64-bit words of one key filter.
pub const FILTER_WORDS: usize = 32;

/// A path, or the part of one that a key spells: a piece of [`SlotTree::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// First byte in `names`.
    pub start: u32,
    /// Length in bytes.
    pub len: u32,
}

/// One spelling of a field, or of the beginning of several, as seen from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The text of the key.
    pub name: Name,
    /// Its first eight bytes, little-endian, filled up with zeros.
    pub first: u64,
    /// Its last eight bytes, little-endian; for a shorter key the same as `first`.
    pub last: u64,
    /// The node an object under this key continues at, or [`NONE`].
    pub node: u16,
    /// The slot a scalar under this key fills, or [`NONE`].
    pub slot: u16,
}

/// Where the look-up table of one level lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// First bucket of the node in [`SlotTree::buckets`].
    pub first_bucket: u32,
    /// Number of its buckets less one; the number is a power of two.
    pub bucket_mask: u32,
    /// Some dispatch slot lies below: the first phase of reading walks this object.
    pub dispatch: bool,
}

/// All fields that rules name, as tables that fit into a `static`.
///
/// Every part is public so that generated code can write it down; the values come from [`SlotTree::build`] and are
/// consistent with each other only as built there.
///
/// ```
/// use rule_runtime::event::{Slot, SlotTree};
///
/// let owned = SlotTree::build(&["process.name", "process.parent.name"])?;
/// let tree = owned.as_ref();
/// assert_eq!(tree.slot_of("process.parent.name"), Some(Slot(1)));
/// assert_eq!(tree.path(Slot(0)), "process.name");
/// # Ok::<(), rule_runtime::event::SlotTreeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SlotTree<'a> {
    /// The text that all names point into.
    pub names: &'a str,
    /// The path of each slot.
    pub paths: &'a [Name],
    /// The levels; the first one is the root.
    pub nodes: &'a [Node],
    /// All keys of all nodes.
    pub keys: &'a [Key],
    /// Hash tables of the nodes: 0 for a free bucket, else the index of a key plus one. Collisions move to the next.
    pub buckets: &'a [u32],
    /// For each node a bit set over the hashes of the last four bytes of `key"`: a clear bit is a key not in the node.
    pub filters: &'a [[u64; FILTER_WORDS]],
    /// For each node the set of slots below it, [`SlotTree::words`] words each.
    pub reach: &'a [u64],
    /// For each slot one bit: it is a dispatch slot, to be read in the first phase.
    pub dispatch: &'a [u64],
    /// Some name holds a character that JSON may write as an escape other than `\u`.
    pub escapable: bool,
}

impl SlotTree<'_> {
    /// The tree without fields.
    pub const EMPTY: Self = Self {
        names: "",
        paths: &[],
        nodes: &[Node { first_bucket: 0, bucket_mask: 0, dispatch: false }],
        keys: &[],
        buckets: &[0],
        filters: &[[0; FILTER_WORDS]],
        reach: &[],
        dispatch: &[],
        escapable: false,
    };
}

impl<'a> SlotTree<'a> {
    /// Builds the tables for these paths; the slot of a path is its position. Every slot counts as a dispatch slot, so
    /// nothing is deferred; see [`SlotTreeBuilder`](super::SlotTreeBuilder) for two-phase reading.
    pub fn build(paths: &[&str]) -> Result<OwnedSlotTree, SlotTreeError> {
        super::SlotTreeBuilder::new(paths).build()
    }

    /// Number of slots.
    pub const fn slots(&self) -> usize {
        self.paths.len()
    }

    /// Number of 64-bit words of a set of slots.
    pub const fn words(&self) -> usize {
        self.paths.len().div_ceil(64)
    }

    /// The path of a slot, empty for a slot the tree does not have.
    pub fn path(&self, slot: Slot) -> &'a str {
        self.paths.get(usize::from(slot.0)).map_or("", |name| self.name(*name))
    }

    /// The slot of a full dotted path.
    pub fn slot_of(&self, path: &str) -> Option<Slot> {
        self.find(ROOT, path.as_bytes()).and_then(Key::slot)
    }

    /// The key of a node with exactly this text.
    #[inline]
    pub fn find(&self, node: u16, text: &[u8]) -> Option<&'a Key> {
        let (first, last) = key_ends(text);
        self.find_loaded(node, first, last, text)
    }

    /// The slots below a node, as words of a bit set.
    pub fn reach_of(&self, node: u16) -> &'a [u64] {
        let words = self.words();
        let start = usize::from(node) * words;
        self.reach.get(start..start + words).unwrap_or_default()
    }

    /// Whether a scalar in this slot is read in the first phase.
    #[inline]
    pub fn is_dispatch(&self, slot: Slot) -> bool {
        self.dispatch.get(usize::from(slot.0) / 64).is_some_and(|word| word >> (slot.0 % 64) & 1 == 1)
    }

    /// `find` for a caller that has loaded both ends of the key already.
    #[inline(always)]
    #[allow(clippy::inline_always)] // Part of the walk, which is compiled once for each instruction set.
    pub(crate) fn find_loaded(&self, node: u16, first: u64, last: u64, text: &[u8]) -> Option<&'a Key> {
        let node = self.nodes.get(usize::from(node))?;
        let mut probe = key_hash(first, last, text.len());
        loop {
            let bucket = node.first_bucket + (probe & node.bucket_mask);
            let index = (*self.buckets.get(bucket as usize)?).checked_sub(1)?;
            let key = self.keys.get(index as usize)?;
            if key.first == first && key.last == last && key.name.len as usize == text.len() {
                // Both ends are equal; a key of up to 16 bytes has no middle.
                if text.len() <= 16 || self.name(key.name).as_bytes() == text {
                    return Some(key);
                }
            }
            probe = probe.wrapping_add(1);
        }
    }

    /// Whether the node of this filter may hold a key that ends so: the last four bytes of `key"`, little-endian.
    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    pub(crate) fn may_hold(filter: &[u64; FILTER_WORDS], tail: u32) -> bool {
        let hash = tail_hash(tail);
        filter[hash / 64] >> (hash % 64) & 1 == 1
    }

    fn name(&self, name: Name) -> &'a str {
        self.names.get(name.start as usize..(name.start + name.len) as usize).unwrap_or_default()
    }
}

impl Key {
    /// The slot a scalar under this key fills.
    #[inline]
    pub const fn slot(&self) -> Option<Slot> {
        if self.slot == NONE { None } else { Some(Slot(self.slot)) }
    }
}

/// First and last eight bytes of a key, zeros after the end of a shorter one.
#[inline]
pub(crate) fn key_ends(text: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else {
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text);
        let both = u64::from_le_bytes(bytes);
        (both, both)
    }
}

#[inline(always)]
#[allow(clippy::inline_always)] // Part of the walk.
pub(super) fn key_hash(first: u64, last: u64, len: usize) -> u32 {
    let mixed = (first ^ last.rotate_left(29) ^ len as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

#[inline(always)]
#[allow(clippy::inline_always)] // Part of the walk.
pub(super) const fn tail_hash(tail: u32) -> usize {
    (tail.wrapping_mul(0x9E37_79B1) >> 21) as usize
}
