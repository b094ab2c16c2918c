//! How much state there may be, and how much there was.

/// Capacities. All memory for them is reserved at construction; when one is reached the oldest state gives way, and
/// that is counted: results are lost, or, where the memory of a leading missing event goes, there may be one too many.
///
/// A sequence makes room at its own expense once it has its share (`pending` by the number of sequences), before that at
/// the expense of the one that has most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pending and held back sequences, and keys remembered for leading missing events, in all.
    pub pending: usize,
    /// The same for a single sequence of the set.
    pub pending_per_sequence: usize,
    /// Events that pending sequences refer to, counted for each.
    pub events: usize,
    /// Bytes of join keys.
    pub key_bytes: usize,
    /// The longest join key in bytes; longer ones do not count.
    pub max_key_bytes: usize,
    /// Join keys of one event in one sequence (cartesian product of its values); the first in order count.
    pub keys_per_event: usize,
    /// Bytes of what is remembered of events for [suppression](crate::suppression). Where there is no more room, an alert is
    /// not suppressed.
    pub note_bytes: usize,
    /// How long events wait for earlier ones, and how many wait at most.
    pub reorder: Reorder,
    /// Varies the hash function. Results do not depend on it.
    pub hash_seed: u64,
}

impl Limits {
    /// Limits for this many pending sequences in all: two events and 56 bytes of key for each, as
    /// many bytes of notes for each event, no reordering.
    pub const fn with_pending(pending: usize) -> Self {
        Self {
            pending,
            pending_per_sequence: pending,
            events: pending.saturating_mul(2),
            key_bytes: pending.saturating_mul(56),
            max_key_bytes: 4096,
            keys_per_event: 64,
            note_bytes: pending.saturating_mul(112),
            reorder: Reorder::NONE,
            hash_seed: 0,
        }
    }

    /// The same with a reorder window.
    #[must_use]
    pub const fn reordering(mut self, reorder: Reorder) -> Self {
        self.reorder = reorder;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::with_pending(65_536)
    }
}

/// The reorder window: an event waits until one has come that is later by more than `nanos`, then all that waited so
/// long are looked at in the order (time, tiebreaker, arrival). What comes earlier than what has been looked at is late:
/// it is counted and ignored. Without a window events are looked at as they come, those of equal time in that order, and
/// whatever goes back in time is late.
///
/// An event with a time far in the future makes all that follow late. A caller that does not trust the times of events
/// should compare them with its own clock first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reorder {
    /// How long events wait, in nanoseconds of event time.
    pub nanos: u64,
    /// How many records wait at most, one for each event and sequence it is for. When it is full the first in order is
    /// looked at early. Zero is no window.
    pub records: usize,
}

impl Reorder {
    /// No window.
    pub const NONE: Self = Self { nanos: 0, records: 0 };

    /// Events wait until the input ends, as long as no more than this many records wait: for input that is complete but in
    /// no order, such as several files. Only events that passed a filter wait, with a handle and their keys.
    pub const fn until_the_end(records: usize) -> Self {
        Self { nanos: u64::MAX, records }
    }

    /// A window of this many milliseconds and records.
    pub const fn millis(millis: u64, records: usize) -> Self {
        Self { nanos: millis.saturating_mul(1_000_000), records }
    }
}

/// What happened to one sequence since construction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SequenceStats {
    /// Groups found.
    pub completed: u64,
    /// Pending sequences dropped for lack of room, with the keys of leading missing events.
    pub evicted: u64,
    /// Events that came later than the reorder window and were ignored.
    pub late: u64,
    /// Join keys of events left out for their number or length.
    pub keys_dropped: u64,
    /// Pending now.
    pub pending: usize,
}

/// What happened to the whole set since construction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetStats {
    /// Records looked at before their time because the reorder window was full.
    pub forced: u64,
    /// Pending now, in all sequences.
    pub pending: usize,
    /// Events referred to now.
    pub events: usize,
    /// Records in the reorder window now.
    pub waiting: usize,
}
