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
    /// Its last seven bytes, the first of them lowest; of a shorter key all.
    pub tail: u64,
    /// Its first eight bytes, the first of them lowest; of a shorter key all.
    pub first: u64,
    /// Ones where `first` has bytes of the key.
    pub first_mask: u64,
    /// The node an object under this key continues at, or [`NONE`].
    pub node: u16,
    /// The slot a scalar under this key fills, or [`NONE`].
    pub slot: u16,
}

/// Where the look-up table of one level lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// First key of the node in [`SlotTree::keys`].
    pub first_key: u32,
    /// First bucket of the node in [`SlotTree::buckets`].
    pub first_bucket: u32,
    /// A 32-bit hash shifted right by this is the number of a bucket.
    pub bucket_shift: u32,
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
    /// Hash tables of the nodes, by the tails of keys: 0 for a free bucket, else the number of a key among those of the
    /// node, from 1. A key whose bucket is taken stands in a later one with no free one between; the last bucket of a
    /// table is free.
    pub buckets: &'a [u16],
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
        nodes: &[Node { first_key: 0, first_bucket: 0, bucket_shift: 31, dispatch: false }],
        keys: &[],
        buckets: &[0, 0, 0],
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
    pub fn find(&self, node: u16, text: &[u8]) -> Option<&'a Key> {
        let tail = last_seven(text);
        let table = self.table(node);
        let mut bucket = table.start(tail);
        loop {
            let key = table.key(bucket)?;
            if key.tail == tail && self.is_named(key, text) {
                return Some(key);
            }
            bucket += 1;
        }
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

    /// The hash table of a node.
    #[inline(always)]
    #[allow(clippy::inline_always)] // Part of the walk, which is compiled once for each instruction set.
    pub(crate) fn table(&self, node: u16) -> Table<'a> {
        let Some(node) = self.nodes.get(usize::from(node)) else { return Table::default() };
        Table {
            keys: self.keys.get(node.first_key as usize..).unwrap_or_default(),
            buckets: self.buckets.get(node.first_bucket as usize..).unwrap_or_default(),
            shift: node.bucket_shift,
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    pub(crate) fn is_named(&self, key: &Key, text: &[u8]) -> bool {
        self.name(key.name).as_bytes() == text
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

/// The hash table of a node, and of the nodes behind it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Table<'a> {
    keys: &'a [Key],
    buckets: &'a [u16],
    shift: u32,
}

#[allow(clippy::inline_always)] // Part of the walk.
impl<'a> Table<'a> {
    /// The key in a bucket, if it is not free.
    #[inline(always)]
    pub(crate) fn key(self, bucket: usize) -> Option<&'a Key> {
        // No key has the number that a free bucket comes to.
        self.keys.get(usize::from(*self.buckets.get(bucket)?).wrapping_sub(1))
    }

    /// The bucket at which a key with this tail is looked for first.
    #[inline(always)]
    pub(crate) fn start(self, tail: u64) -> usize {
        tail_hash(tail, self.shift) as usize
    }
}

/// The tail of a key, from the eight bytes that end with its closing quote, the first of them lowest.
#[inline(always)]
#[allow(clippy::inline_always)] // Part of the walk.
pub(crate) fn tail_before_quote(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = ONES << 7;
    let key = bytes << 8;
    let other = key ^ (ONES * u64::from(b'"'));
    // Marks the quotes, and the lowest byte as if an opening one stood there.
    let quotes = (!(((other & !HIGH) + !HIGH) | other) & HIGH) | 0x80;
    key >> quotes.ilog2() >> 1
}

/// The tail of a key.
pub(super) fn last_seven(key: &[u8]) -> u64 {
    key[key.len().saturating_sub(7)..].iter().rev().fold(0, |tail, &byte| tail << 8 | u64::from(byte))
}

/// Hash of a tail, of `32 - shift` bits.
#[inline(always)]
#[allow(clippy::inline_always)] // Part of the walk.
pub(super) const fn tail_hash(tail: u64, shift: u32) -> u32 {
    ((tail.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32) >> shift
}
