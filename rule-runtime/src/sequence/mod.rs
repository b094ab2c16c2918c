//! Events in order: the state of EQL sequences.
//!
//! In: for each event which stage filters it passed ([`Hit`]), its key values ([`KeySource`]), its time, tiebreaker and a
//! handle ([`Arrival`]). Out: completed groups ([`Group`]), as eql.md sections 11 and 12 define them. Knows nothing of EQL
//! text, of JSON, of rules, or of what an event holds beyond its keys.
//!
//! State is bounded ([`Limits`]): everything is reserved at construction, the oldest gives way, and what is lost is counted
//! ([`SequenceStats`]). Of an event only the handle and the time are kept; a [`Sink`] hears when a handle is no longer
//! needed.
//!
//! - `def`: tables written by generated code; `plan`: what is derived from them once.
//! - `key`, `number`, `date`: join keys as bytes.
//! - `slab`, `index`, `store`: memory; `machine`: the rules of sequences; `window`: late events.
//! - `steps`: an event's keys and what it asks for each; `set`: all of it, driven by events; `save`, `wire`: state as bytes.
//! - `pipe`: `head` and `tail`.

mod date;
mod def;
mod events;
mod index;
mod key;
mod limits;
mod machine;
mod number;
mod pipe;
mod plan;
mod save;
mod set;
mod sink;
mod slab;
mod steps;
mod store;
mod time;
mod window;
pub(crate) mod wire;

pub use def::{Hit, KeyDef, KeyKind, SampleDef, SequenceDef, StageDef};
pub use key::{CanonicalNumber, Key, KeySource, KeyValue, KeyValues};
pub use limits::{Limits, Reorder, SequenceStats, SetStats};
pub use pipe::{Pipe, Pipes};
pub use plan::MAX_STAGES;
pub use set::SequenceSet;
pub use sink::{Group, GroupEvent, Sink};
pub use time::{Arrival, EventRef, Tiebreaker, Timestamp};
pub use wire::{RestoreError, STATE_VERSION};

/// The parts that other state machines are built of too.
pub(crate) mod engine {
    pub(crate) use super::def::fingerprint;
    pub(crate) use super::events::EventTable;
    pub(crate) use super::index::{Index, hash};
    pub(crate) use super::key::{
        KeyBuilder, KeyLimits, NULL, compare as compare_keys, is_key, push_length, split_length, split_value,
    };
    pub(crate) use super::plan::{Ops, Plan};
    pub(crate) use super::slab::{ByteStore, NIL, Slab, Stored};
    pub(crate) use super::steps::{Steps, sort_hits};
}
