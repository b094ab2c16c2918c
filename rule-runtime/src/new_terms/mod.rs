//! Values that were not seen before (rules.md section 3, `new_terms`).
//!
//! In: for each event that passes the condition of a rule its time and the values of the rule's fields. Out: the
//! combinations of values that no event of the rule had within the window before. Knows nothing of conditions, of rule
//! files or of what an event holds beyond those fields.
//!
//! Of each combination the time it was last seen is kept. Events are taken in order of arrival, and the time of a rule does
//! not go back: an event that comes late counts as one at the latest time. So what is too old for the window is always the
//! oldest, and is forgotten.

mod save;
#[cfg(test)]
mod tests;

use crate::keyed::{Clock, KeyedLimits, KeyedStats, Table, TimeFields};
use crate::sequence::engine::{KeyBuilder, KeyLimits};
use crate::sequence::{KeyDef, KeySource, Timestamp};

/// A rule of type `new_terms` in compiled form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewTermsDef<'a> {
    /// Its index among the rules.
    pub rule: u32,
    /// When an event happened.
    pub time: TimeFields,
    /// One to three fields; an event that lacks one does not count.
    pub keys: &'a [KeyDef],
    /// How long values are remembered.
    pub window_millis: u64,
    /// Which suppression its alerts pass through.
    pub suppression: Option<u32>,
}

/// The state of all rules of type `new_terms` of a set.
///
/// ```
/// use rule_runtime::event::{Scalar, Slot};
/// use rule_runtime::keyed::{KeyedLimits, TimeFields};
/// use rule_runtime::new_terms::{NewTermsDef, NewTermsSet};
/// use rule_runtime::sequence::{KeyDef, KeyKind, KeySource, Timestamp};
///
/// static USER: [KeyDef; 1] = [KeyDef { slot: Some(Slot(0)), optional: false, kind: KeyKind::Text }];
/// let time = TimeFields { field: Slot(1), fallback: None };
/// let defs = [NewTermsDef { rule: 0, time, keys: &USER, window_millis: 1000, suppression: None }];
///
/// struct User(&'static str);
/// impl KeySource for User {
///     fn values(&self, _: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
///         visit(Scalar::Text(self.0.as_bytes()));
///     }
/// }
///
/// let mut set = NewTermsSet::new(&defs, KeyedLimits::with_records(100));
/// let mut new = Vec::new();
/// for (user, millis) in [("root", 0), ("bob", 500), ("root", 1000), ("bob", 2000)] {
///     set.push(0, Some(Timestamp::from_millis(millis)), &User(user), |_| new.push(millis));
/// }
/// assert_eq!(new, [0, 500, 2000], "bob was away for longer than the window");
/// ```
#[derive(Clone, Debug)]
pub struct NewTermsSet<'a> {
    defs: &'a [NewTermsDef<'a>],
    /// When each combination was last seen, in nanoseconds of the time of its rule.
    seen: Table<i64>,
    clocks: Vec<Clock>,
    stats: Vec<KeyedStats>,
    builder: KeyBuilder,
    limits: KeyedLimits,
}

impl<'a> NewTermsSet<'a> {
    /// A set that has seen nothing.
    pub fn new(defs: &'a [NewTermsDef<'a>], limits: KeyedLimits) -> Self {
        let bytes = limits.key_bytes.max(limits.max_key_bytes);
        Self {
            defs,
            seen: Table::new(defs.len(), limits.records, bytes, limits.hash_seed),
            clocks: vec![Clock::START; defs.len()],
            stats: vec![KeyedStats::default(); defs.len()],
            builder: KeyBuilder::new(),
            limits,
        }
    }

    /// Takes in an event that passed the condition of definition number `def`; `new` hears of each combination of values
    /// that is new, as the bytes of a key. An event without a time does not count.
    pub fn push(
        &mut self,
        def: u32,
        time: Option<Timestamp>,
        source: &impl KeySource,
        mut new: impl FnMut(&[u8]),
    ) {
        let Self { defs, seen, clocks, stats, builder, limits } = self;
        let Some(NewTermsDef { keys, window_millis, .. }) = defs.get(def as usize) else { return };
        let Some(time) = time else {
            stats[def as usize].timeless += 1;
            return;
        };
        let window = window_of(*window_millis);
        let limits = KeyLimits { keys: limits.keys_per_event.max(1), bytes: limits.max_key_bytes };
        let mut moved = None;
        let dropped = builder.keys(keys, source, limits, |key| {
            // An event without the fields does not move time on.
            let now = *moved.get_or_insert_with(|| {
                let clock = &mut clocks[def as usize];
                stats[def as usize].late += u64::from(clock.advance(time));
                while let Some(oldest) = seen.oldest(def)
                    && clock.0.saturating_sub(seen[oldest]) > window
                {
                    seen.remove(oldest);
                }
                clock.0
            });
            if let Some(id) = seen.find(def, key) {
                seen[id] = now;
                seen.touch(id);
                return;
            }
            while !seen.has_room(key.len())
                && let Some(victim) = seen.victim(None)
            {
                stats[seen.rule_of(victim) as usize].evicted += 1;
                seen.remove(victim);
            }
            seen.insert(def, key, now);
            stats[def as usize].found += 1;
            new(key);
        });
        stats[def as usize].keys_dropped += dropped;
    }

    /// What happened to a definition, all zero for one that the set does not have.
    pub fn stats(&self, def: u32) -> KeyedStats {
        let stats = self.stats.get(def as usize);
        stats
            .map_or_else(KeyedStats::default, |stats| KeyedStats { records: self.seen.len_of(def), ..*stats })
    }

    /// Bytes of memory reserved for state.
    pub fn reserved_bytes(&self) -> usize {
        self.seen.bytes()
    }
}

/// In nanoseconds.
fn window_of(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX).saturating_mul(1_000_000)
}
