//! Which units an event can still reach, and which filters hold.

use super::candidates::{Bits, WIDEST};
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
        for place in 0..self.state.candidates.places() {
            let (first, bits) = self.state.candidates.word(place);
            for number in Bits(bits).map(|bit| first + bit) {
                if !self.state.candidates.has_rarest(number, self.event) {
                    continue;
                }
                let unit = &self.set.units[number];
                let wide = unit.needs.first().filter(|clause| clause.len() > WIDEST);
                if self.state.held[unit.filter as usize] == epoch
                    || wide.is_some_and(|clause| !clause.iter().any(|&slot| self.event.has(slot)))
                {
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

    /// What the first phase of reading says: a slot that the rest of the event may fill counts as present, and fields
    /// beyond the first phase are not asked.
    pub(super) fn first_phase(&mut self) -> FirstPhase {
        let dispatch = self.set.dispatch;
        self.state.candidates.begin(dispatch.all);
        for field in &dispatch.fields[..dispatch.early as usize] {
            if !self.narrow(field) {
                self.state.narrowed = dispatch.fields.len();
                return FirstPhase::Rejects;
            }
        }
        self.state.narrowed = dispatch.early as usize;
        if self.state.candidates.count() > FEW {
            let State { candidates, may_have, .. } = &mut *self.state;
            may_have.clear();
            let both = self.event.present().iter().zip(self.event.deferred());
            may_have.extend(both.map(|(present, deferred)| present | deferred));
            candidates.drop_absent(may_have);
        }
        let result = match self.state.candidates.count() {
            0 => {
                self.state.narrowed = dispatch.fields.len();
                FirstPhase::Rejects
            }
            1..=FEW => self.look_at_few(),
            _ => FirstPhase::LeavesOpen,
        };
        if result == FirstPhase::LeavesOpen {
            self.find_unwanted();
        }
        result
    }

    /// Marks the slots that no candidate looks at.
    fn find_unwanted(&mut self) {
        let State { candidates, unwanted, rarely_read, .. } = &mut *self.state;
        unwanted.fill(0);
        for (slot, readers) in rarely_read {
            let (index, bit) = (usize::from(slot.0) / 64, 1 << (slot.0 % 64));
            let deferred = self.event.deferred().get(index).is_some_and(|word| word & bit != 0);
            if deferred && !readers.iter().any(|&unit| candidates.has(unit)) {
                unwanted[index] |= bit;
            }
        }
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
        for place in 0..self.state.candidates.places() {
            let (first, bits) = self.state.candidates.word(place);
            let mut left = bits;
            for bit in Bits(bits) {
                let unit = &self.set.units[first + bit];
                if !unit.needs.iter().all(|clause| clause.iter().any(may_have)) {
                    left &= !(1 << bit);
                } else if unit.reads.iter().zip(deferred).any(|(reads, deferred)| reads & deferred != 0) {
                    result = FirstPhase::LeavesOpen;
                } else if result == FirstPhase::Rejects {
                    result = FirstPhase::Decides;
                }
            }
            self.state.candidates.keep_bits(place, left);
        }
        result
    }

    fn find_candidates(&mut self) {
        let dispatch = self.set.dispatch;
        let narrowed = std::mem::take(&mut self.state.narrowed);
        let early = dispatch.early as usize;
        if narrowed == 0 {
            self.state.candidates.begin(dispatch.all);
            if !dispatch.fields[..early].iter().all(|field| self.narrow(field)) {
                return;
            }
        }
        let mut asked = self.asked();
        for (number, field) in dispatch.fields.iter().enumerate().skip(narrowed.max(early)) {
            if asked >> number & 1 == 0 {
                continue;
            }
            if !self.narrow(field) {
                return;
            }
            asked &= self.asked();
        }
    }

    /// Bit by bit the dispatch fields that a candidate asks for, as far as it is worth finding out.
    fn asked(&self) -> u32 {
        let candidates = &self.state.candidates;
        if candidates.count() > FEW {
            return u32::MAX;
        }
        candidates.units().fold(0, |asked, unit| asked | self.set.units[unit].asks)
    }

    /// Keeps the candidates that the values of `field` allow; whether some are left.
    fn narrow(&mut self, field: &DispatchField<'_>) -> bool {
        let (start, end) = if self.event.has(field.slot) { self.look_up(field.table) } else { (0, 0) };
        let State { candidates, found, .. } = &mut *self.state;
        let words = self.set.dispatch.words as usize;
        let row = |number: u16| &field.rows[number as usize * words..][..words];
        let row_of = |found: &Found| row(field.row_of_literal[found.exact.unwrap_or(found.id) as usize]);
        match &found[start..end] {
            [] => candidates.keep(row(0)),
            [one] => candidates.keep(row_of(one)),
            several => candidates.keep_any(several.iter().map(row_of)),
        }
    }
}
