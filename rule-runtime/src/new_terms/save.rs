//! The state of new terms as bytes, and back, in the same frame as that of sequences.
//!
//! In: a set, or bytes that one wrote. Out: bytes; or a set that goes on where the other stopped. Knows nothing of files.

use super::{NewTermsDef, NewTermsSet};
use crate::keyed::{Clock, KeyedLimits, KeyedStats};
use crate::sequence::RestoreError;
use crate::sequence::engine::is_key;
use crate::sequence::wire::{self, put_bytes};

const MAGIC: [u8; 8] = *b"KILNNEW\n";

impl<'a> NewTermsSet<'a> {
    /// Appends the state to `out`. `rules` is a fingerprint of the rules behind the definitions.
    pub fn save(&self, rules: u64, out: &mut Vec<u8>) {
        let start = out.len();
        wire::begin(MAGIC, rules, out);
        let mut key = Vec::new();
        for (def, (clock, stats)) in (0..).zip(self.clocks.iter().zip(&self.stats)) {
            out.extend(clock.0.to_le_bytes());
            stats.saved().iter().for_each(|number| out.extend(number.to_le_bytes()));
            out.extend((self.seen.len_of(def) as u32).to_le_bytes());
            for id in self.seen.by_age(def) {
                key.clear();
                self.seen.load_key(id, &mut key);
                put_bytes(&key, out);
                out.extend(self.seen[id].to_le_bytes());
            }
        }
        wire::end(start, out);
    }

    /// A set in the state that `bytes` hold. The definitions and `rules` must be those of the set that saved it; limits may
    /// differ.
    ///
    /// # Errors
    /// The bytes are no state, are damaged, belong to other rules or do not fit into the limits.
    pub fn restore(
        defs: &'a [NewTermsDef<'a>],
        rules: u64,
        limits: KeyedLimits,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut set = Self::new(defs, limits);
        let mut input = wire::open(MAGIC, rules, bytes)?;
        for (def, NewTermsDef { keys, .. }) in (0..).zip(defs) {
            let clock = input.i64()?;
            set.clocks[def as usize] = Clock(clock);
            set.stats[def as usize] = KeyedStats::restored(input.counts()?);
            // Those of a rule are in order of time, and none is from its future.
            let mut last = i64::MIN;
            for _ in 0..input.u32()? {
                let key = input.bytes()?;
                let seen = input.i64()?;
                if !is_key(key, keys.len())
                    || !(last..=clock).contains(&seen)
                    || set.seen.find(def, key).is_some()
                {
                    return Err(RestoreError::Malformed);
                }
                last = seen;
                set.seen.insert(def, key, seen).ok_or(RestoreError::TooLarge)?;
            }
        }
        input.finish()?;
        Ok(set)
    }
}
