//! What one event asks of one sequence: its keys, and the operations for each.
//!
//! In: the hits of an event and its key values. Out: distinct keys in order, each with a set of operations, so that an
//! event is applied once to each key whatever stages it passed. Buffers are reused. Knows nothing of state.

use super::def::Hit;
use super::key::{self, KeyBuilder, KeyLimits, KeySource};
use super::plan::{Ops, Plan};

#[derive(Clone, Debug)]
pub(crate) struct Steps {
    builder: KeyBuilder,
    limits: KeyLimits,
    bytes: Vec<u8>,
    /// Where each key stands in `bytes`, with its operations.
    keys: Vec<(u32, u32, Ops)>,
}

impl Steps {
    pub(crate) fn new(limits: KeyLimits) -> Self {
        Self {
            builder: KeyBuilder::new(),
            limits,
            bytes: Vec::with_capacity(1024),
            keys: Vec::with_capacity(limits.keys.min(64)),
        }
    }

    /// Takes the place of what was collected before. The hits must be of the plan's sequence. Returns how many keys were left
    /// out for the limits' sake.
    pub(crate) fn collect(&mut self, plan: &Plan<'_>, hits: &[Hit], source: &impl KeySource) -> u64 {
        let Self { builder, limits, bytes, keys } = self;
        bytes.clear();
        keys.clear();
        let (mut dropped, mut groups) = (0, 0);
        for group in &plan.groups {
            let ops = group.ops(hits);
            if ops.is_empty() {
                continue;
            }
            groups += 1;
            dropped += builder.keys(group.keys, source, *limits, |key| {
                let start = bytes.len() as u32;
                bytes.extend_from_slice(key);
                keys.push((start, bytes.len() as u32, ops));
            });
        }
        if groups > 1 {
            self.merge();
        }
        dropped
    }

    /// Joins equal keys that different fields gave.
    fn merge(&mut self) {
        let Self { bytes, keys, .. } = self;
        let key = |step: &(u32, u32, Ops)| &bytes[step.0 as usize..step.1 as usize];
        keys.sort_unstable_by(|a, b| key::compare(key(a), key(b)));
        keys.dedup_by(|next, kept| {
            let equal = key(next) == key(kept);
            if equal {
                kept.2 = kept.2.union(next.2);
            }
            equal
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], Ops)> {
        self.keys.iter().map(|&(start, end, ops)| (&self.bytes[start as usize..end as usize], ops))
    }
}

/// Fills `sorted` with the hits on sequences that there are, those of one sequence together.
pub(crate) fn sort_hits(hits: &[Hit], known: usize, sorted: &mut Vec<Hit>) {
    sorted.clear();
    sorted.extend(hits.iter().filter(|hit| (hit.sequence as usize) < known));
    sorted.sort_unstable();
}
