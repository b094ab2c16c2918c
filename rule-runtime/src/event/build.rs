//! Builds the tables of a [`SlotTree`] from the paths that rules name.
//!
//! In: dotted paths, and which of them dispatch looks at. Out: an [`OwnedSlotTree`] that lends a [`SlotTree`] or is
//! written out as statics by the code generator. Deterministic: the same paths in the same order give the same tables.
//!
//! Runs at build time or once at start; it may allocate.

use super::tree::{Key, NONE, Name, Node, ROOT, Slot, SlotTree, last_seven, tail_hash};
use std::collections::BTreeMap;
use std::fmt;

/// Why no tree can be built from a list of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotTreeError {
    /// The same path stands in the list twice.
    Duplicate(String),
    /// More slots, levels or keys of a level than 16 bits can number.
    TooMany,
}

impl fmt::Display for SlotTreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(path) => write!(f, "the field `{path}` has two slots"),
            Self::TooMany => f.write_str("too many different fields are named"),
        }
    }
}

impl std::error::Error for SlotTreeError {}

/// Collects what a [`SlotTree`] is built from.
///
/// ```
/// use rule_runtime::event::{Slot, SlotTreeBuilder};
///
/// let owned = SlotTreeBuilder::new(&["event.category", "process.args"]).dispatch(&[Slot(0)]).build()?;
/// assert!(owned.as_ref().is_dispatch(Slot(0)));
/// assert!(!owned.as_ref().is_dispatch(Slot(1)));
/// # Ok::<(), rule_runtime::event::SlotTreeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SlotTreeBuilder {
    paths: Vec<String>,
    dispatch: Option<Vec<Slot>>,
}

impl SlotTreeBuilder {
    /// Starts with these paths; the slot of a path is its position.
    pub fn new(paths: &[&str]) -> Self {
        Self { paths: paths.iter().map(|&path| path.to_owned()).collect(), dispatch: None }
    }

    /// Names the slots that the first phase of reading must fill. Without this call it fills all of them.
    #[must_use]
    pub fn dispatch(mut self, slots: &[Slot]) -> Self {
        self.dispatch = Some(slots.to_vec());
        self
    }

    /// Builds the tables.
    pub fn build(self) -> Result<OwnedSlotTree, SlotTreeError> {
        if self.paths.len() >= usize::from(NONE) {
            return Err(SlotTreeError::TooMany);
        }
        let mut tables = Tables::new(&self.paths, self.dispatch.as_deref());
        for slot in 0..self.paths.len() {
            tables.add_path(slot)?;
        }
        tables.finish()
    }
}

/// The tables of a [`SlotTree`], owned.
#[derive(Clone, Debug)]
pub struct OwnedSlotTree {
    names: String,
    paths: Vec<Name>,
    nodes: Vec<Node>,
    keys: Vec<Key>,
    buckets: Vec<u16>,
    reach: Vec<u64>,
    dispatch: Vec<u64>,
    escapable: bool,
}

impl OwnedSlotTree {
    /// Lends the tables.
    // Not the trait: the result borrows from the tables but is no reference.
    #[allow(clippy::should_implement_trait)]
    pub fn as_ref(&self) -> SlotTree<'_> {
        SlotTree {
            names: &self.names,
            paths: &self.paths,
            nodes: &self.nodes,
            keys: &self.keys,
            buckets: &self.buckets,
            reach: &self.reach,
            dispatch: &self.dispatch,
            escapable: self.escapable,
        }
    }
}

/// One level while it is being built: each spelling with its place in the names, what it leads to, and the slots below.
#[derive(Default)]
struct Level<'p> {
    keys: BTreeMap<&'p str, (Name, u16, u16)>,
    reach: Vec<u64>,
}

struct Tables<'p> {
    paths: &'p [String],
    spans: Vec<Name>,
    dispatch: Vec<u64>,
    levels: Vec<Level<'p>>,
    /// The level of each proper prefix of a path.
    prefixes: BTreeMap<&'p str, u16>,
}

impl<'p> Tables<'p> {
    fn new(paths: &'p [String], dispatch: Option<&[Slot]>) -> Self {
        let words = paths.len().div_ceil(64);
        let mut bits = vec![0; words];
        match dispatch {
            Some(slots) => slots.iter().for_each(|slot| set(&mut bits, usize::from(slot.0))),
            None => (0..paths.len()).for_each(|slot| set(&mut bits, slot)),
        }
        let mut start = 0;
        let spans = paths
            .iter()
            .map(|path| {
                let name = Name { start, len: path.len() as u32 };
                start += name.len;
                name
            })
            .collect();
        let root = Level { reach: vec![0; words], ..Level::default() };
        Self { paths, spans, dispatch: bits, levels: vec![root], prefixes: BTreeMap::new() }
    }

    /// Enters a path at every level it passes, in every spelling that starts there.
    fn add_path(&mut self, slot: usize) -> Result<(), SlotTreeError> {
        let path = self.paths[slot].as_str();
        let dots = path.match_indices('.').map(|(dot, _)| dot);
        let ends: Vec<usize> = dots.chain([path.len()]).collect();
        let mut start = 0;
        for (depth, &first_end) in ends.iter().enumerate() {
            let level = if depth == 0 { ROOT } else { self.level(&path[..start - 1])? };
            set(&mut self.levels[usize::from(level)].reach, slot);
            for &end in &ends[depth..] {
                self.add_key(level, slot, start..end)?;
            }
            start = first_end + 1;
        }
        Ok(())
    }

    fn add_key(
        &mut self,
        level: u16,
        slot: usize,
        range: std::ops::Range<usize>,
    ) -> Result<(), SlotTreeError> {
        let path = self.paths[slot].as_str();
        let name = Name { start: self.spans[slot].start + range.start as u32, len: range.len() as u32 };
        let below = if range.end == path.len() { NONE } else { self.level(&path[..range.end])? };
        let keys = &mut self.levels[usize::from(level)].keys;
        let key = keys.entry(&path[range.clone()]).or_insert((name, NONE, NONE));
        if below != NONE {
            key.1 = below;
        } else if key.2 == NONE || usize::from(key.2) == slot {
            key.2 = slot as u16;
        } else {
            return Err(SlotTreeError::Duplicate(path.to_owned()));
        }
        Ok(())
    }

    /// The level below a prefix of a path, made when it is new.
    fn level(&mut self, prefix: &'p str) -> Result<u16, SlotTreeError> {
        if let Some(&level) = self.prefixes.get(prefix) {
            return Ok(level);
        }
        let level = u16::try_from(self.levels.len()).ok().filter(|&level| level != NONE);
        let level = level.ok_or(SlotTreeError::TooMany)?;
        self.levels.push(Level { reach: vec![0; self.dispatch.len()], ..Level::default() });
        self.prefixes.insert(prefix, level);
        Ok(level)
    }

    fn finish(self) -> Result<OwnedSlotTree, SlotTreeError> {
        let names = self.paths.concat();
        if u32::try_from(names.len()).is_err() {
            return Err(SlotTreeError::TooMany);
        }
        let mut tree = OwnedSlotTree {
            escapable: names.bytes().any(|byte| byte < 0x20 || matches!(byte, b'/' | b'"' | b'\\')),
            names,
            paths: self.spans,
            nodes: Vec::new(),
            keys: Vec::new(),
            buckets: Vec::new(),
            reach: Vec::new(),
            dispatch: self.dispatch,
        };
        for level in &self.levels {
            if level.keys.len() >= usize::from(u16::MAX) {
                return Err(SlotTreeError::TooMany);
            }
            tree.push_level(level);
        }
        Ok(tree)
    }
}

impl OwnedSlotTree {
    fn push_level(&mut self, level: &Level<'_>) {
        let first_key = self.keys.len();
        for (text, &(name, node, slot)) in &level.keys {
            let bytes = text.as_bytes();
            let first = bytes.iter().take(8).rev().fold(0, |first, &byte| first << 8 | u64::from(byte));
            let first_mask = (0..bytes.len().min(8)).fold(0, |mask, _| mask << 8 | 0xFF);
            self.keys.push(Key { name, tail: last_seven(bytes), first, first_mask, node, slot });
        }
        // Of keys that share a tail the shortest is the likeliest: nested events spell one name at a time.
        self.keys[first_key..].sort_by_key(|key| key.name.len);
        let (bucket_shift, buckets) = hash_table(&self.keys[first_key..]);
        self.nodes.push(Node {
            first_key: first_key as u32,
            first_bucket: self.buckets.len() as u32,
            bucket_shift,
            dispatch: level.reach.iter().zip(&self.dispatch).any(|(reach, dispatch)| reach & dispatch != 0),
        });
        self.buckets.extend(buckets);
        self.reach.extend_from_slice(&level.reach);
    }
}

/// The hash table of a node's keys. It is sparse, so that most unknown keys meet a free bucket, and has a few buckets more
/// than the hash function names, so that a chain need not wrap around.
fn hash_table(keys: &[Key]) -> (u32, Vec<u16>) {
    let size = (keys.len() * 8).next_power_of_two().max(2);
    let shift = 32 - size.ilog2();
    let mut buckets = vec![0; size];
    for (number, key) in (1..).zip(keys) {
        let mut bucket = tail_hash(key.tail, shift) as usize;
        while buckets.get(bucket).is_some_and(|&taken| taken != 0) {
            bucket += 1;
        }
        buckets.resize(buckets.len().max(bucket + 1), 0);
        buckets[bucket] = number;
    }
    buckets.push(0);
    (shift, buckets)
}

fn set(bits: &mut [u64], index: usize) {
    if let Some(word) = bits.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}
