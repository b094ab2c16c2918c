//! The state of suppressions as bytes, and back, in the same frame as that of sequences.
//!
//! In: a set, or bytes that one wrote. Out: bytes; or a set that goes on where the other stopped. Knows nothing of files.

use super::{Held, Store, SuppressionDef, SuppressionLimits, SuppressionSet};
use crate::keyed::{Clock, KeyedStats, is_group};
use crate::sequence::engine::NIL;
use crate::sequence::wire::{self, Input, put_bytes};
use crate::sequence::{EventRef, RestoreError, Timestamp};

const MAGIC: [u8; 8] = *b"KILNSUP\n";

impl<'a> SuppressionSet<'a> {
    /// Appends the state to `out`. `rules` is a fingerprint of the rules behind the definitions.
    pub fn save(&self, rules: u64, out: &mut Vec<u8>) {
        let start = out.len();
        wire::begin(MAGIC, rules ^ u64::from(self.store.early), out);
        let store = &self.store;
        out.extend(store.arrivals.to_le_bytes());
        for (def, (clock, stats)) in (0..).zip(store.clocks.iter().zip(&store.stats)) {
            out.extend(clock.0.to_le_bytes());
            stats.saved().iter().for_each(|number| out.extend(number.to_le_bytes()));
            out.extend((store.held.len_of(def) as u32).to_le_bytes());
            for id in store.held.by_age(def) {
                store.save_held(id, out);
            }
        }
        wire::end(start, out);
    }

    /// A set in the state that `bytes` hold. The definitions, `rules` and [`SuppressionLimits::early`] must be those of the
    /// set that saved it; other limits may differ. All handles of [`SuppressionSet::handles`] are referred to from then on.
    ///
    /// # Errors
    /// The bytes are no state, are damaged, belong to other rules or do not fit into the limits.
    pub fn restore(
        defs: &'a [SuppressionDef<'a>],
        rules: u64,
        limits: SuppressionLimits,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut set = Self::new(defs, limits);
        let mut input = wire::open(MAGIC, rules ^ u64::from(limits.early), bytes)?;
        let store = &mut set.store;
        store.arrivals = input.count()?;
        for def in 0..defs.len() as u32 {
            store.clocks[def as usize] = Clock(input.i64()?);
            store.stats[def as usize] = KeyedStats::restored(input.counts()?);
            for _ in 0..input.u32()? {
                store.restore_held(def, &mut input)?;
            }
        }
        input.finish()?;
        Ok(set)
    }

    /// The handles that the state refers to, in no particular order.
    pub fn handles(&self) -> impl Iterator<Item = EventRef> + '_ {
        self.store.events.live().map(|(_, event)| event.handle)
    }
}

impl Store<'_> {
    fn save_held(&self, id: u32, out: &mut Vec<u8>) {
        let Held { began, start, end, alerts, event, payload } = self.held[id];
        let mut bytes = Vec::new();
        self.held.load_key(id, &mut bytes);
        put_bytes(&bytes, out);
        for time in [began, start, end] {
            out.extend(time.to_le_bytes());
        }
        out.extend(alerts.to_le_bytes());
        out.push((event != NIL).into());
        if event != NIL {
            let record = self.events[event];
            out.extend(record.handle.0.to_le_bytes());
            out.extend(record.time.nanos().to_le_bytes());
            out.extend(record.order.to_le_bytes());
        }
        bytes.clear();
        if let Some(payload) = payload {
            self.payloads.load(payload, &mut bytes);
        }
        put_bytes(&bytes, out);
    }

    fn restore_held(&mut self, def: u32, input: &mut Input<'_>) -> Result<(), RestoreError> {
        let key = input.bytes()?;
        let fields = self.defs[def as usize].keys.len();
        // Where a rule has groups of its own their form is not known here.
        if fields > 0 && !is_group(key, fields) || self.held.find(def, key).is_some() {
            return Err(RestoreError::Malformed);
        }
        let [began, start, end] = [input.i64()?, input.i64()?, input.i64()?];
        let alerts = input.count()?.max(1);
        let event = if input.u8()? == 0 {
            NIL
        } else {
            let (handle, time, order) = (EventRef(input.u64()?), input.i64()?, input.u64()?);
            let event = self.events.add(handle, Timestamp::from_nanos(time), order);
            event.ok_or(RestoreError::TooLarge)?
        };
        let payload = input.bytes()?;
        let payload =
            if self.early { None } else { Some(self.payloads.store(payload).ok_or(RestoreError::TooLarge)?) };
        let held = Held { began, start, end, alerts, event, payload };
        self.held.insert(def, key, held).ok_or(RestoreError::TooLarge)?;
        Ok(())
    }
}
