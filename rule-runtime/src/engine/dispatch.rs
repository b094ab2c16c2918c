//! Which units an event can still reach, and which filters hold.

use super::context::{Context, State};
use crate::event::Slot;
use crate::literal::Found;
use crate::set::{DispatchField, Residual};

/// With no more candidates than this, looking at them one by one is cheaper than reading the rest of the event.
const FEW: u32 = 16;

/// What the first phase of reading says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstPhase {
    /// No unit can hold.
    Rejects,
    /// Some may, and what they look at has been read.
    Decides,
    /// The rest of the event has to be read.
    LeavesOpen,
}

impl Context<'_> {
    /// Calls `held` for every filter that holds, in order of the filters' first unit, each once.
    pub(super) fn filters(&mut self, mut held: impl FnMut(u32)) {
        self.find_candidates();
        if self.state.profile.is_some() {
            return self.profiled_filters(held);
        }
        let epoch = self.state.epoch();
        for word in 0..self.state.candidates.len() {
            let mut bits = self.state.candidates[word];
            while bits != 0 {
                let unit = &self.set.units[word * 64 + bits.trailing_zeros() as usize];
                bits &= bits - 1;
                if self.state.held[unit.filter as usize] == epoch || !self.has_rarest(unit.needs) {
                    continue;
                }
                self.state.looked_at += 1;
                if self.holds(&unit.residual) {
                    self.state.held[unit.filter as usize] = epoch;
                    held(unit.filter);
                }
            }
        }
    }

    /// Whether what dispatch did not decide of a unit holds.
    #[inline]
    pub(super) fn holds(&mut self, residual: &Residual<'_>) -> bool {
        match residual {
            Residual::Always => true,
            Residual::Program(steps) => self.run(steps),
            Residual::Code(code) => code(self),
        }
    }

    /// Whether the first clause holds. With the whole event at hand the tests of the unit tell the others as fast.
    fn has_rarest(&self, clauses: &[&[Slot]]) -> bool {
        clauses.first().is_none_or(|clause| clause.iter().any(|&slot| self.event.has(slot)))
    }

    /// What the first phase of reading says: a slot that the rest of the event may fill counts as present, and fields
    /// beyond the first phase are not asked.
    pub(super) fn first_phase(&mut self) -> FirstPhase {
        let dispatch = self.set.dispatch;
        self.state.candidates.copy_from_slice(dispatch.all);
        for field in &dispatch.fields[..dispatch.early as usize] {
            if self.narrow(field) == 0 {
                self.state.narrowed = dispatch.fields.len();
                return FirstPhase::Rejects;
            }
        }
        self.state.narrowed = dispatch.early as usize;
        let left: u32 = self.state.candidates.iter().map(|word| word.count_ones()).sum();
        if left > FEW { FirstPhase::LeavesOpen } else { self.look_at_few() }
    }

    /// Drops the candidates that need a field which cannot be there any more; whether some are left, and whether one of
    /// them looks at what has not been read.
    fn look_at_few(&mut self) -> FirstPhase {
        let (present, deferred) = (self.event.present(), self.event.deferred());
        let word = |words: &[u64], index: usize| words.get(index).copied().unwrap_or(0);
        let may_have = |slot: &Slot| {
            let (index, bit) = (usize::from(slot.0) / 64, slot.0 % 64);
            (word(present, index) | word(deferred, index)) >> bit & 1 == 1
        };
        let mut result = FirstPhase::Rejects;
        for (index, candidates) in self.state.candidates.iter_mut().enumerate() {
            let mut bits = *candidates;
            while bits != 0 {
                let bit = bits.trailing_zeros();
                bits &= bits - 1;
                let unit = &self.set.units[index * 64 + bit as usize];
                if !unit.needs.iter().all(|clause| clause.iter().any(may_have)) {
                    *candidates &= !(1 << bit);
                } else if unit.reads.iter().zip(deferred).any(|(reads, deferred)| reads & deferred != 0) {
                    result = FirstPhase::LeavesOpen;
                } else if result == FirstPhase::Rejects {
                    result = FirstPhase::Decides;
                }
            }
        }
        result
    }

    fn find_candidates(&mut self) {
        let dispatch = self.set.dispatch;
        let narrowed = std::mem::take(&mut self.state.narrowed);
        if narrowed == 0 {
            self.state.candidates.copy_from_slice(dispatch.all);
        }
        let mut asked = self.asked();
        for (number, field) in dispatch.fields.iter().enumerate().skip(narrowed) {
            if asked >> number & 1 == 0 {
                continue;
            }
            if self.narrow(field) == 0 {
                return;
            }
            asked &= self.asked();
        }
    }

    /// Bit by bit the dispatch fields that a candidate asks for, as far as it is worth finding out.
    fn asked(&self) -> u32 {
        let candidates = &self.state.candidates;
        let left: u32 = candidates.iter().map(|word| word.count_ones()).sum();
        if left > FEW {
            return u32::MAX;
        }
        let mut asked = 0;
        for (index, &word) in candidates.iter().enumerate() {
            let mut bits = word;
            while bits != 0 {
                asked |= self.set.units[index * 64 + bits.trailing_zeros() as usize].asks;
                bits &= bits - 1;
            }
        }
        asked
    }

    /// Keeps the candidates that the values of `field` allow; gives the or of what is left.
    fn narrow(&mut self, field: &DispatchField<'_>) -> u64 {
        let (start, end) = if self.event.has(field.slot) { self.look_up(field.table) } else { (0, 0) };
        let State { candidates, row: union, found, .. } = &mut *self.state;
        let words = candidates.len();
        let row = |number: u16| &field.rows[number as usize * words..][..words];
        let row_of = |found: &Found| row(field.row_of_literal[found.exact.unwrap_or(found.id) as usize]);
        match &found[start..end] {
            [] => and_into(candidates, row(0)),
            [one] => and_into(candidates, row_of(one)),
            [first, rest @ ..] => {
                union.copy_from_slice(row_of(first));
                for found in rest {
                    or_into(union, row_of(found));
                }
                and_into(candidates, union)
            }
        }
    }
}

fn and_into(left: &mut [u64], right: &[u64]) -> u64 {
    left.iter_mut().zip(right).fold(0, |any, (l, r)| {
        *l &= r;
        any | *l
    })
}

fn or_into(left: &mut [u64], right: &[u64]) {
    left.iter_mut().zip(right).for_each(|(l, r)| *l |= r);
}
