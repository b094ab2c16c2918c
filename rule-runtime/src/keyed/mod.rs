//! State by key: what thresholds, new terms and suppression have in common.
//!
//! In: for each event the rule it is for, a key as bytes, a time. Out: records found again by rule and key, the oldest of
//! each rule first. Memory is reserved at construction; which record gives way when there is no room is decided here, and
//! the state machines count it. Knows nothing of what records mean.

mod group;
mod limits;
mod table;

pub use group::GroupKey;
pub(crate) use group::{common, is_group, of_key};
pub use limits::{KeyedLimits, KeyedStats};
pub(crate) use table::Table;

use crate::event::Slot;
use crate::sequence::{KeySource, Timestamp};

/// The fields that say when an event happened (rules.md section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFields {
    /// The field asked first.
    pub field: Slot,
    /// The field asked where the first has no time.
    pub fallback: Option<Slot>,
}

impl TimeFields {
    /// The earliest time that the event gives.
    pub fn of(&self, source: &impl KeySource) -> Option<Timestamp> {
        let earliest = |slot: Slot| {
            let mut time: Option<Timestamp> = None;
            source.values(slot, &mut |value| {
                let value = Timestamp::from_scalar(value);
                time = match (time, value) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            });
            time
        };
        earliest(self.field).or_else(|| earliest(self.fallback?))
    }
}

/// The time of a rule: the latest that an event of it had. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock(pub(crate) i64);

impl Clock {
    pub(crate) const START: Self = Self(i64::MIN);

    /// Moves on to `time`; whether the event is from before.
    pub(crate) fn advance(&mut self, time: Timestamp) -> bool {
        let late = time.nanos() < self.0;
        self.0 = self.0.max(time.nanos());
        late
    }
}
