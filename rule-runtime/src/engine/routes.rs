//! Where the values of the first dispatch fields lead, remembered.
//!
//! In: which rows the values of an event have, field by field. Out: the units that stand in all of them, by one look-up a
//! field. Kinds of events are few, and what their categories, types and actions leave of thousands of units is the same
//! each time; the rows are gone through once for each kind. A field that none of the units left asks for is not asked.
//!
//! Memory is bounded. When there is no more room everything is forgotten, but not often: until then what is not known is
//! found by the rows, as it is without this.

use super::candidates::{Bits, Candidates};
use crate::set::RuleSet;
use std::ops::Range;

/// Where every event starts: with all units.
pub(super) const START: u16 = 0;

/// At most so many sets of units are kept, and so many ways between them.
const STOPS: usize = 2048;
const WAYS: usize = 4096;
const BUCKETS: usize = 2 * WAYS;
/// Words of all sets kept, in units of eight bytes.
const WORDS: usize = 1 << 16;
/// So many ways find no room between one forgetting and the next.
const PAUSE: u32 = 1 << 16;
/// More values of one field than this are left to the rows.
const VALUES: usize = 3;

/// The rows that the values of a field have, without order and repetition; none of them is row 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows([u16; VALUES]);

impl Rows {
    /// The row of one value.
    #[inline]
    pub(super) fn one(row: u16) -> Self {
        let mut rows = Self::default();
        rows.0[0] = row;
        rows
    }

    /// None if there are too many.
    pub(super) fn of(rows: impl Iterator<Item = u16>) -> Option<Self> {
        let mut sorted = [0; VALUES];
        for row in rows {
            if sorted.contains(&row) {
                continue;
            }
            let place = sorted.iter().position(|&known| known == 0)?;
            sorted[place] = row;
            let mut at = place;
            while at > 0 && sorted[at - 1] > sorted[at] {
                sorted.swap(at - 1, at);
                at -= 1;
            }
        }
        Some(Self(sorted))
    }
}

/// Where a way leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// No unit is left.
    Nowhere,
    /// To a set of units.
    Stop(u16),
    /// It has not been gone yet.
    Unknown,
}

/// A set of units that events have led to.
#[derive(Clone, Copy, Debug)]
struct Stop {
    /// Number of the next field that one of the units asks for.
    field: Option<u8>,
    /// Where events lead that have none of the rows of that field: most have no such field at all.
    otherwise: u16,
    /// Hash of the units and the field.
    hash: u32,
    /// Where its words, and their places, start and end.
    words: (u32, u32),
    /// Where the bits of the slots that units need start.
    needed: u32,
    /// Where the ends of the lists of units start, a list for each of these slots.
    lists: u32,
    /// Some unit needs nothing, or there is a field to ask.
    has_free: bool,
}

/// Units of one word that a slot is enough for.
#[derive(Clone, Copy, Debug)]
struct Enough {
    /// Number of the word.
    word: u32,
    units: u64,
}

/// What is counted of a slot while a stop is made.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// How many words; then, where the next one belongs.
    words: u32,
    /// The last word, plus one.
    last: u32,
}

/// A way from a stop, by the rows of its field, of which there is one; free if it leads to where all events start.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    key: u64,
    to: u16,
}

const NOWHERE: u16 = u16::MAX;

/// What is remembered. By default nothing is.
#[derive(Debug, Default)]
pub(super) struct Routes {
    stops: Vec<Stop>,
    words: Vec<u64>,
    places: Vec<u32>,
    /// The units of each word that need nothing; zeros as long as there are fields to ask.
    free: Vec<u64>,
    /// Bits of slots; `slot_words` words for each stop.
    needed: Vec<u64>,
    slot_words: usize,
    /// Where the lists end.
    ends: Vec<u32>,
    lists: Vec<Enough>,
    counts: Vec<Count>,
    /// A hash table.
    ways: Vec<Way>,
    used: usize,
    /// Ways to go before everything may be forgotten again.
    pause: u32,
}

impl Routes {
    /// Remembers from now on, unless the sets of units are so large that few would find room.
    pub(super) fn new(set: &RuleSet<'_>) -> Self {
        if set.dispatch.words as usize > WORDS / 64 {
            return Self::default();
        }
        Self {
            ways: vec![Way::default(); BUCKETS],
            slot_words: set.tree.words(),
            counts: vec![Count::default(); set.tree.slots()],
            ..Self::default()
        }
    }

    /// Whether anything is to be remembered.
    #[inline]
    pub(super) fn is_on(&self) -> bool {
        !self.ways.is_empty()
    }

    /// Whether it is not known yet where events start.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.stops.is_empty()
    }

    /// The field to ask at a stop.
    #[inline]
    pub(super) fn field(&self, stop: u16) -> Option<usize> {
        self.stops[usize::from(stop)].field.map(usize::from)
    }

    /// The words of a stop that are not zero, and their places.
    #[inline]
    pub(super) fn units(&self, stop: u16) -> (&[u64], &[u32]) {
        let (start, end) = self.stops[usize::from(stop)].words;
        (&self.words[start as usize..end as usize], &self.places[start as usize..end as usize])
    }

    /// Gives to `candidates` the units whose first clause holds of a stop that asks for no field: `has` holds a bit for each
    /// slot.
    #[inline]
    pub(super) fn load(&self, stop: u16, has: &[u64], candidates: &mut Candidates) {
        let stop = &self.stops[usize::from(stop)];
        let range = stop.words.0 as usize..stop.words.1 as usize;
        candidates.load((&self.free[range.clone()], &self.places[range]));
        let needed = &self.needed[stop.needed as usize..][..self.slot_words];
        let mut list = stop.lists as usize;
        for (needed, has) in needed.iter().zip(has) {
            for slot in Bits(needed & has) {
                let number = list + (needed & ((1 << slot) - 1)).count_ones() as usize;
                let (start, end) = (self.ends[number] as usize, self.ends[number + 1] as usize);
                for enough in &self.lists[start..end] {
                    candidates.add_bits(enough.word as usize, enough.units);
                }
            }
            list += needed.count_ones() as usize;
        }
    }

    /// Whether a unit of a stop that asks for no field may have what its first clause asks for, of the slots whose bits `has`
    /// holds.
    #[inline]
    pub(super) fn leaves_any(&self, stop: u16, has: impl Iterator<Item = u64>) -> bool {
        let stop = &self.stops[usize::from(stop)];
        let needed = &self.needed[stop.needed as usize..][..self.slot_words];
        stop.has_free || needed.iter().zip(has).fold(0, |any, (needed, has)| any | needed & has) != 0
    }

    /// Where the way of these rows leads.
    #[inline]
    pub(super) fn next(&self, stop: u16, rows: Rows) -> Next {
        let to = if rows == Rows::default() {
            self.stops[usize::from(stop)].otherwise
        } else {
            self.ways[self.bucket(key(stop, rows))].to
        };
        match to {
            START => Next::Unknown,
            NOWHERE => Next::Nowhere,
            to => Next::Stop(to),
        }
    }

    /// Remembers where events start: with the units of `candidates`.
    pub(super) fn start(&mut self, candidates: &Candidates, set: &RuleSet<'_>) {
        self.stop(candidates, set, 0);
    }

    /// Remembers that the way of these rows leads to the units of `candidates`, which may be none. None as well if there is
    /// no room for a new stop.
    pub(super) fn add(
        &mut self,
        stop: u16,
        rows: Rows,
        candidates: &Candidates,
        set: &RuleSet<'_>,
    ) -> Option<u16> {
        if self.is_full() {
            self.pause = self.pause.saturating_sub(1);
            if self.pause == 0 {
                self.forget();
            }
            return None;
        }
        let behind = self.field(stop).map_or(0, |field| field + 1);
        let to = if candidates.count() == 0 { NOWHERE } else { self.stop(candidates, set, behind) };
        if rows == Rows::default() {
            self.stops[usize::from(stop)].otherwise = to;
        } else {
            let bucket = self.bucket(key(stop, rows));
            self.ways[bucket] = Way { key: key(stop, rows), to };
            self.used += 1;
        }
        (to != NOWHERE).then_some(to)
    }

    /// The stop for these units. The next field is one of those from number `from` on.
    fn stop(&mut self, candidates: &Candidates, set: &RuleSet<'_>, from: usize) -> u16 {
        let words = self.words.len();
        let mut asks = 0;
        for number in 0..candidates.places() {
            let (first, bits) = candidates.word(number);
            if bits != 0 {
                asks = Bits(bits).fold(asks, |asks, bit| asks | set.units[first + bit].asks);
                self.words.push(bits);
                self.places.push((first / 64) as u32);
            }
        }
        let field = (from..set.dispatch.early as usize).find(|&field| asks >> field & 1 == 1);
        let field = field.map(|field| field as u8);
        let own = words..self.words.len();
        let hash = hash(field, self.words[own.clone()].iter().zip(&self.places[own.clone()]));
        let is_known = |known: &Stop| {
            let range = known.words.0 as usize..known.words.1 as usize;
            known.hash == hash
                && known.field == field
                && self.words[range.clone()] == self.words[own.clone()]
                && self.places[range] == self.places[own.clone()]
        };
        if let Some(known) = self.stops.iter().position(is_known) {
            self.words.truncate(words);
            self.places.truncate(words);
            return known as u16;
        }
        let words = (words as u32, self.words.len() as u32);
        let (needed, lists) = (self.needed.len() as u32, self.ends.len() as u32);
        self.stops.push(Stop { field, otherwise: START, hash, words, needed, lists, has_free: true });
        // Only where no field is left to be asked will anybody want to know.
        if field.is_none() {
            self.list_needs(own.clone(), candidates);
            let has_free = self.free[own].iter().any(|&units| units != 0);
            self.stops.last_mut().expect("it has just been added").has_free = has_free;
        } else {
            self.free.resize(self.words.len(), 0);
        }
        (self.stops.len() - 1) as u16
    }

    /// Lists for each slot the units that it is enough for, of the words of the last stop.
    fn list_needs(&mut self, words: Range<usize>, candidates: &Candidates) {
        let Self { words: all, places, free, needed, slot_words, ends, lists, counts, .. } = self;
        let bits = needed.len();
        needed.resize(bits + *slot_words, 0);
        let needed = &mut needed[bits..];
        let units = |number: usize| {
            let first = places[number] as usize * 64;
            Bits(all[number]).map(move |bit| (bit, candidates.need(first + bit)))
        };
        for number in words.clone() {
            let mut needs_nothing = 0;
            for (bit, need) in units(number) {
                let mut slots = need.slots().peekable();
                needs_nothing |= u64::from(slots.peek().is_none()) << bit;
                for slot in slots.map(usize::from) {
                    needed[slot / 64] |= 1 << (slot % 64);
                    let count = &mut counts[slot];
                    count.words += u32::from(count.last != number as u32 + 1);
                    count.last = number as u32 + 1;
                }
            }
            free.push(needs_nothing);
        }
        let slots = || {
            let words = needed.iter().enumerate();
            words.flat_map(|(word, &bits)| Bits(bits).map(move |bit| word * 64 + bit))
        };
        let mut end = lists.len() as u32;
        ends.push(end);
        for slot in slots() {
            let count = &mut counts[slot];
            let start = end;
            end += count.words;
            ends.push(end);
            *count = Count { words: start, last: 0 };
        }
        lists.resize(end as usize, Enough { word: 0, units: 0 });
        for number in words.clone() {
            for (bit, need) in units(number) {
                for slot in need.slots().map(usize::from) {
                    let count = &mut counts[slot];
                    count.words += u32::from(count.last != number as u32 + 1);
                    count.last = number as u32 + 1;
                    let enough = &mut lists[count.words as usize - 1];
                    enough.word = (number - words.start) as u32;
                    enough.units |= 1 << bit;
                }
            }
        }
        slots().for_each(|slot| counts[slot] = Count::default());
    }

    fn is_full(&self) -> bool {
        self.stops.len() == STOPS || self.used == WAYS || self.words.len() + self.lists.len() > WORDS
    }

    fn forget(&mut self) {
        self.stops.clear();
        self.words.clear();
        self.places.clear();
        self.free.clear();
        self.needed.clear();
        self.ends.clear();
        self.lists.clear();
        self.ways.fill(Way::default());
        self.used = 0;
        self.pause = PAUSE;
    }

    /// Where the way with this key is, or belongs.
    #[inline]
    fn bucket(&self, key: u64) -> usize {
        let mask = self.ways.len() - 1;
        // The highest bits are those that all of the key has a part in.
        let mut at = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BUCKETS.ilog2())) as usize & mask;
        while self.ways[at].to != START && self.ways[at].key != key {
            at = (at + 1) & mask;
        }
        at
    }
}

#[inline]
fn key(stop: u16, rows: Rows) -> u64 {
    rows.0.iter().fold(u64::from(stop), |key, &row| key << 16 | u64::from(row))
}

/// A hash of the units of a stop.
fn hash<'w>(field: Option<u8>, words: impl Iterator<Item = (&'w u64, &'w u32)>) -> u32 {
    let step = |state: u64, word: u64| (state ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let seed = u64::from(field.unwrap_or(u8::MAX));
    let state = words.fold(seed, |state, (&word, &place)| step(step(state, word), u64::from(place)));
    (state >> 32) as u32
}

#[cfg(test)]
mod tests;
