//! How much state there may be, and what became of it.

/// Capacities of the state of one type of rule. All memory for them is reserved at construction; when there is no room, the
/// rule that holds most gives up its oldest record, and that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyedLimits {
    /// Records in all rules of the type together.
    pub records: usize,
    /// Bytes of keys.
    pub key_bytes: usize,
    /// The longest key in bytes; longer ones do not count.
    pub max_key_bytes: usize,
    /// Combinations of values of one event in one rule; the first in order count.
    pub keys_per_event: usize,
    /// Varies the hash function. Results do not depend on it.
    pub hash_seed: u64,
}

impl KeyedLimits {
    /// Limits for this many records, with 56 bytes of key for each.
    pub const fn with_records(records: usize) -> Self {
        Self {
            records,
            key_bytes: records.saturating_mul(56),
            max_key_bytes: 4096,
            keys_per_event: 100,
            hash_seed: 0,
        }
    }
}

impl Default for KeyedLimits {
    fn default() -> Self {
        Self::with_records(65_536)
    }
}

/// What happened to the state of one rule since construction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyedStats {
    /// What the rule found.
    pub found: u64,
    /// Records dropped for lack of room.
    pub evicted: u64,
    /// Events that came late: thresholds ignore them, other types take them as if they happened at the latest time.
    pub late: u64,
    /// Keys of events left out for their number or length, or values for lack of room to count them.
    pub keys_dropped: u64,
    /// Events without a time, which do not count.
    pub timeless: u64,
    /// Records now.
    pub records: usize,
}

impl KeyedStats {
    /// What is saved; how many records there are is not.
    pub(crate) fn saved(&self) -> [u64; 5] {
        [self.found, self.evicted, self.late, self.keys_dropped, self.timeless]
    }

    /// The inverse.
    pub(crate) fn restored([found, evicted, late, keys_dropped, timeless]: [u64; 5]) -> Self {
        Self { found, evicted, late, keys_dropped, timeless, records: 0 }
    }
}
