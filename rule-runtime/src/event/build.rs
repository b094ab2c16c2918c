//! Builds the tables of a [`SlotTree`] from the paths that rules name.
//!
//! In: dotted paths, and which of them dispatch looks at. Out: an [`OwnedSlotTree`] that lends a [`SlotTree`] or is
//! written out as statics by the code generator. Deterministic: the same paths in the same order give the same tables.
//!
//! Runs at build time or once at start; it may allocate.

use super::tree::{FILTER_WORDS, Key, NONE, Name, Node, ROOT, Slot, SlotTree, key_ends, key_hash, tail_hash};
use std::collections::BTreeMap;
use std::fmt;

/// Why no tree can be built from a list of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotTreeError {
    /// The same path stands in the list twice.
    Duplicate(String),
    /// More slots or levels than a 16-bit index can name.
    TooMany,
}

impl fmt::Display for SlotTreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(path) => write!(f, "the field `{path}` has two slots"),
            Self::TooMany => f.write_str("more than 65,000 different fields are named"),
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
    buckets: Vec<u32>,
    filters: Vec<[u64; FILTER_WORDS]>,
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
            filters: &self.filters,
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
            filters: Vec::new(),
            reach: Vec::new(),
            dispatch: self.dispatch,
        };
        for level in &self.levels {
            tree.push_level(level);
        }
        Ok(tree)
    }
}

impl OwnedSlotTree {
    fn push_level(&mut self, level: &Level<'_>) {
        let first_key = self.keys.len();
        let mut filter = [0; FILTER_WORDS];
        for (text, &(name, node, slot)) in &level.keys {
            let (first, last) = key_ends(text.as_bytes());
            self.keys.push(Key { name, first, last, node, slot });
            add_tail(&mut filter, text);
        }
        let (factor, buckets) = hash_table(first_key, &self.keys[first_key..]);
        self.nodes.push(Node {
            first_bucket: self.buckets.len() as u32,
            bucket_mask: buckets.len() as u32 - 1,
            factor,
            dispatch: level.reach.iter().zip(&self.dispatch).any(|(reach, dispatch)| reach & dispatch != 0),
        });
        self.buckets.extend(buckets);
        self.filters.push(filter);
        self.reach.extend_from_slice(&level.reach);
    }
}

/// The hash table of a node, and the factor of several tried under which the fewest keys stand beside their place.
fn hash_table(first_key: usize, keys: &[Key]) -> (u64, Vec<u32>) {
    const TRIES: u64 = 32;
    let size = (keys.len() * 4).next_power_of_two();
    let mut best = (usize::MAX, 0, Vec::new());
    for round in 0..TRIES {
        let factor = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * round + 1);
        let mut buckets = vec![0; size];
        let mut displaced = 0;
        for (number, key) in (first_key as u32 + 1..).zip(keys) {
            let mut probe = key_hash(factor, key.first, key.last, key.name.len as usize) as usize % size;
            while buckets[probe] != 0 {
                probe = (probe + 1) % size;
                displaced += 1;
            }
            buckets[probe] = number;
        }
        if displaced < best.0 {
            best = (displaced, factor, buckets);
        }
        if displaced == 0 {
            break;
        }
    }
    (best.1, best.2)
}

/// Sets the filter bit of a key. What stands before a key of fewer than two bytes is not known, so it opens the filter.
fn add_tail(filter: &mut [u64; FILTER_WORDS], key: &str) {
    let quoted = format!("\"{key}\"");
    match quoted.as_bytes().last_chunk::<4>() {
        Some(tail) => set(filter, tail_hash(u32::from_le_bytes(*tail))),
        None => filter.fill(u64::MAX),
    }
}

fn set(bits: &mut [u64], index: usize) {
    if let Some(word) = bits.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}
