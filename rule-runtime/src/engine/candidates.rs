//! The units that an event can still reach.
//!
//! In: rows of units, one after the other, and which fields an event has. Out: the units that stand in all rows and whose
//! fields are there. A set of many thousand units has rows of hundreds of words, and after the first row few are not zero:
//! then only those are looked at.

use crate::event::EventView;
use crate::set::{RuleSet, Unit};

/// More units than this are not looked at one by one before the event has been read.
const MANY: u32 = 192;
/// A clause with more fields than this is not kept apart from its unit.
pub(super) const WIDEST: usize = 4;

/// A set of units.
#[derive(Debug)]
pub(super) struct Candidates {
    /// Words of the set, at first all of them. Once few are not zero, those few, and `places` tells where they belong.
    words: Vec<u64>,
    places: Vec<u32>,
    /// How many words are in use.
    used: usize,
    sparse: bool,
    union: Vec<u64>,
    /// By unit, what its first clause asks for; side by side, because they are looked at more often than units.
    needs: Vec<Need>,
    /// By unit, bit by bit the dispatch fields that it asks for.
    asks: Vec<u32>,
}

/// Fields one of which must be there. None at all if there is no clause, or too wide a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need([u16; WIDEST]);

const NO_SLOT: u16 = u16::MAX;

#[inline]
fn bit(words: &[u64], slot: u16) -> bool {
    words.get(usize::from(slot) / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
}

impl Need {
    fn of(unit: &Unit<'_>) -> Self {
        let mut need = [NO_SLOT; WIDEST];
        if let Some(clause) = unit.needs.first().filter(|clause| clause.len() <= WIDEST) {
            need.iter_mut().zip(*clause).for_each(|(own, slot)| *own = slot.0);
        }
        Self(need)
    }

    /// The fields.
    pub(super) fn slots(self) -> impl Iterator<Item = u16> {
        self.0.into_iter().take_while(|&slot| slot != NO_SLOT)
    }

    /// Whether one of the fields is there: `present` holds a bit for each slot.
    #[inline]
    fn is_met(self, present: &[u64]) -> bool {
        // Most ask for one.
        self.0[0] == NO_SLOT
            || bit(present, self.0[0])
            || self.0[1..].iter().any(|&slot| slot != NO_SLOT && bit(present, slot))
    }
}

impl Candidates {
    pub(super) fn new(set: &RuleSet<'_>) -> Self {
        let words = set.dispatch.words as usize;
        Self {
            words: vec![0; words],
            places: vec![0; words],
            used: words,
            sparse: false,
            union: vec![0; words],
            needs: set.units.iter().map(Need::of).collect(),
            asks: set.units.iter().map(|unit| unit.asks).collect(),
        }
    }

    /// Starts with the units of `all`.
    pub(super) fn begin(&mut self, all: &[u64]) {
        self.words.copy_from_slice(all);
        self.used = all.len();
        self.sparse = false;
    }

    /// Starts with units of some words, by the places of those.
    pub(super) fn load(&mut self, (words, places): (&[u64], &[u32])) {
        self.words[..words.len()].copy_from_slice(words);
        self.places[..places.len()].copy_from_slice(places);
        self.used = words.len();
        self.sparse = true;
    }

    /// Keeps what stands in `row` as well; whether anything is left.
    pub(super) fn keep(&mut self, row: &[u64]) -> bool {
        let Self { words, places, used, .. } = self;
        if self.sparse {
            let used = words[..*used].iter_mut().zip(&places[..*used]);
            return used.fold(0, |any, (word, &place)| {
                *word &= row[place as usize];
                any | *word
            }) != 0;
        }
        let mut left = 0;
        words.iter_mut().zip(row).for_each(|(word, row)| {
            *word &= row;
            left += usize::from(*word != 0);
        });
        if left <= words.len() / 2 {
            self.condense();
        }
        left != 0
    }

    /// Keeps what stands in any of several rows; whether anything is left.
    pub(super) fn keep_any<'r>(&mut self, rows: impl Iterator<Item = &'r [u64]> + Clone) -> bool {
        if self.sparse {
            let used = self.words[..self.used].iter_mut().zip(&self.places[..self.used]);
            return used.fold(0, |any, (word, &place)| {
                *word &= rows.clone().fold(0, |any, row| any | row[place as usize]);
                any | *word
            }) != 0;
        }
        let mut union = std::mem::take(&mut self.union);
        union.fill(0);
        for row in rows {
            union.iter_mut().zip(row).for_each(|(word, row)| *word |= row);
        }
        let left = self.keep(&union);
        self.union = union;
        left
    }

    /// Drops the units whose first clause does not hold, unless there are many: `has` holds a bit for each slot.
    pub(super) fn drop_absent(&mut self, has: &[u64]) {
        if self.count() > MANY {
            return;
        }
        if self.sparse {
            self.condense();
        }
        for place in 0..self.used {
            let (first, bits) = self.word(place);
            let lacking = Bits(bits).filter(|bit| !self.needs[first + bit].is_met(has));
            self.words[place] &= !lacking.fold(0, |bits, bit| bits | 1 << bit);
        }
    }

    /// Leaves out the words that are zero.
    fn condense(&mut self) {
        let mut kept = 0;
        for number in 0..self.used {
            let place = if self.sparse { self.places[number] } else { number as u32 };
            let word = self.words[number];
            (self.words[kept], self.places[kept]) = (word, place);
            kept += usize::from(word != 0);
        }
        self.used = kept;
        self.sparse = true;
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.words[..self.used].iter().map(|word| word.count_ones()).sum()
    }

    /// How many words may hold some; each is given by [`Candidates::word`].
    pub(super) fn places(&self) -> usize {
        self.used
    }

    /// The number of the first unit of a word, and a bit for each of its 64 units.
    #[inline]
    pub(super) fn word(&self, number: usize) -> (usize, u64) {
        let place = if self.sparse { self.places[number] as usize } else { number };
        (place * 64, self.words[number])
    }

    /// Keeps of the units of a word those of `bits`.
    pub(super) fn keep_bits(&mut self, number: usize, bits: u64) {
        self.words[number] &= bits;
    }

    /// Adds units to a word.
    #[inline]
    pub(super) fn add_bits(&mut self, number: usize, bits: u64) {
        self.words[number] |= bits;
    }

    /// Whether a unit is among them.
    pub(super) fn has(&self, unit: u32) -> bool {
        let place = unit / 64;
        let number = if self.sparse {
            self.places[..self.used].binary_search(&place).ok()
        } else {
            Some(place as usize)
        };
        number.and_then(|number| self.words.get(number)).is_some_and(|word| word >> (unit % 64) & 1 == 1)
    }

    /// Bit by bit the dispatch fields that one of them asks for.
    pub(super) fn asks(&self) -> u32 {
        self.units().fold(0, |asks, unit| asks | self.asks[unit])
    }

    /// The units, ascending.
    pub(super) fn units(&self) -> impl Iterator<Item = usize> {
        (0..self.used).flat_map(|number| {
            let (first, bits) = self.word(number);
            Bits(bits).map(move |bit| first + bit)
        })
    }

    /// What the first clause of a unit asks for.
    pub(super) fn need(&self, unit: usize) -> Need {
        self.needs[unit]
    }

    /// Whether the first clause of a unit holds, unless it is a wide one. With the whole event at hand the tests of the unit
    /// tell the others as fast.
    #[inline]
    pub(super) fn has_rarest(&self, unit: usize, event: EventView<'_>) -> bool {
        self.needs[unit].is_met(event.present())
    }
}

/// The numbers of the bits that are set, ascending.
pub(super) struct Bits(pub(super) u64);

impl Iterator for Bits {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            bit
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::event::Slot;
    use crate::set::{Dispatch, Residual};

    /// What can be done to candidates.
    #[derive(Clone, Debug)]
    enum Action {
        Keep(Vec<u64>),
        KeepAny(Vec<Vec<u64>>),
        DropAbsent(u64),
    }

    const WORDS: usize = 9;

    fn row() -> impl Strategy<Value = Vec<u64>> {
        // Rows of which some leave little, some nothing at all in most words.
        let word = prop_oneof![3 => Just(0), 2 => any::<u64>(), 2 => Just(u64::MAX)];
        proptest::collection::vec(word, WORDS)
    }

    fn action() -> impl Strategy<Value = Action> {
        prop_oneof![
            3 => row().prop_map(Action::Keep),
            2 => proptest::collection::vec(row(), 2..4).prop_map(Action::KeepAny),
            1 => any::<u64>().prop_map(Action::DropAbsent),
        ]
    }

    proptest! {
        #[test]
        fn candidates_are_those_of_all_rows(actions in proptest::collection::vec(action(), 0..6)) {
            let slots: Vec<[Slot; 1]> = (0..64).map(|slot| [Slot(slot)]).collect();
            let needs: Vec<[&[Slot]; 1]> = slots.iter().map(|slot| [&slot[..]]).collect();
            let unit = |number: usize| {
                // A third asks for no field.
                let needs: &[&[Slot]] = if number.is_multiple_of(3) { &[] } else { &needs[number % 64] };
                Unit { filter: 0, needs, reads: &[], asks: 0, residual: Residual::Always }
            };
            let units: Vec<_> = (0..WORDS * 64).map(unit).collect();
            let all = [u64::MAX; WORDS];
            let dispatch = Dispatch { words: WORDS as u32, all: &all, ..RuleSet::EMPTY.dispatch };
            let set = RuleSet { units: &units, dispatch, ..RuleSet::EMPTY };
            let mut candidates = Candidates::new(&set);
            candidates.begin(&all);
            let mut expected: BTreeSet<usize> = (0..units.len()).collect();
            for action in actions {
                let is_in = |row: &[u64], unit: usize| row[unit / 64] >> (unit % 64) & 1 == 1;
                match action {
                    Action::Keep(row) => {
                        expected.retain(|&unit| is_in(&row, unit));
                        prop_assert_eq!(candidates.keep(&row), !expected.is_empty());
                    }
                    Action::KeepAny(rows) => {
                        expected.retain(|&unit| rows.iter().any(|row| is_in(row, unit)));
                        let left = candidates.keep_any(rows.iter().map(Vec::as_slice));
                        prop_assert_eq!(left, !expected.is_empty());
                    }
                    Action::DropAbsent(has) => {
                        if expected.len() <= MANY as usize {
                            expected.retain(|&unit| unit.is_multiple_of(3) || has >> (unit % 64) & 1 == 1);
                        }
                        candidates.drop_absent(&[has]);
                    }
                }
                prop_assert_eq!(candidates.units().collect::<Vec<_>>(), Vec::from_iter(expected.clone()));
                prop_assert_eq!(candidates.count() as usize, expected.len());
                for unit in [0, 1, 63, 64, 200, WORDS * 64 - 1] {
                    prop_assert_eq!(candidates.has(unit as u32), expected.contains(&unit));
                }
            }
        }
    }
}
