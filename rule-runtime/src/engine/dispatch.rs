//! Which units an event can still reach, and which filters hold.

use std::ops::Range;

use super::candidates::{Bits, WIDEST};
use super::context::{Context, Looked, State};
use super::routes::{Next, Rows, START};
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
                // A join key is no part of the condition, so what a unit needs is asked for in full: whether an event takes
                // part must not depend on how much of it dispatch has looked at.
                if self.holds(&unit.residual)
                    && unit.needs.iter().all(|clause| clause.iter().any(|&slot| self.event.has(slot)))
                {
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
        let reached = self.follow();
        let is_over = match reached {
            Next::Nowhere => true,
            Next::Stop(stop) => !self.state.routes.leaves_any(stop, self.possible()),
            Next::Unknown => false,
        };
        if is_over {
            return FirstPhase::Rejects;
        }
        let event = self.event;
        let both = event.present().iter().zip(event.deferred());
        self.state.may_have.clear();
        self.state.may_have.extend(both.map(|(present, deferred)| present | deferred));
        let State { candidates, routes, may_have, .. } = &mut *self.state;
        match reached {
            Next::Stop(stop) => routes.load(stop, may_have, candidates),
            Next::Unknown if candidates.count() > FEW => candidates.drop_absent(may_have),
            Next::Unknown | Next::Nowhere => {}
        }
        self.state.narrowed = dispatch.early as usize;
        match self.state.candidates.count() {
            0 => FirstPhase::Rejects,
            1..=FEW => self.look_at_few(),
            _ => {
                self.find_unwanted();
                FirstPhase::LeavesOpen
            }
        }
    }

    /// Where the fields of the first phase lead. If that is unknown, the rows of all of them have been gone through.
    fn follow(&mut self) -> Next {
        let set = self.set;
        let early = set.dispatch.early as usize;
        let State { candidates, routes, kinds, .. } = &mut *self.state;
        if !routes.is_on() {
            candidates.begin(set.dispatch.all);
            return if self.narrow_all(0..early) { Next::Unknown } else { Next::Nowhere };
        }
        if routes.is_empty() {
            kinds.forget();
            candidates.begin(set.dispatch.all);
            routes.start(candidates, set);
        }
        if let Some(next) = kinds.find(self.event) {
            return next;
        }
        let next = self.follow_fields();
        if next != Next::Unknown {
            self.state.kinds.add(self.event, next);
        }
        next
    }

    /// The same field by field.
    fn follow_fields(&mut self) -> Next {
        let set = self.set;
        let early = set.dispatch.early as usize;
        let mut stop = START;
        while let Some(number) = self.state.routes.field(stop) {
            let field = &set.dispatch.fields[number];
            let looked = self.found(field);
            let rows = match self.state.found[looked.range()] {
                ref several if looked.others => Rows::of(rows(field, several, true)),
                [] => Some(Rows::default()),
                [one] => Some(Rows::one(row_of(field, one))),
                ref several => Rows::of(rows(field, several, false)),
            };
            let known = rows.map_or(Next::Unknown, |rows| self.state.routes.next(stop, rows));
            let next = if known == Next::Unknown { self.explore(stop, number, rows) } else { known };
            match next {
                Next::Stop(next) => stop = next,
                Next::Nowhere => return Next::Nowhere,
                Next::Unknown => {
                    return if self.narrow_all(number + 1..early) { Next::Unknown } else { Next::Nowhere };
                }
            }
        }
        Next::Stop(stop)
    }

    /// Goes through the rows of the field that a stop asks for, and remembers where that has led. Unknown if there was no room
    /// for it.
    #[cold]
    fn explore(&mut self, stop: u16, number: usize, rows: Option<Rows>) -> Next {
        let set = self.set;
        let State { candidates, routes, .. } = &mut *self.state;
        candidates.load(routes.units(stop));
        let left = self.narrow(&set.dispatch.fields[number]);
        let State { candidates, routes, .. } = &mut *self.state;
        let next = rows.and_then(|rows| routes.add(stop, rows, candidates, set));
        match next {
            Some(next) => Next::Stop(next),
            None if left => Next::Unknown,
            None => Next::Nowhere,
        }
    }

    /// Bit by bit the slots that may have a value.
    #[inline]
    fn possible(&self) -> impl Iterator<Item = u64> + use<'_> {
        let both = self.event.present().iter().zip(self.event.deferred());
        both.map(|(present, deferred)| present | deferred)
    }

    /// Marks the slots that no candidate looks at, as far as that is worth finding out.
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
    /// them looks at what has not been read. Then what none of them looks at is marked.
    fn look_at_few(&mut self) -> FirstPhase {
        let (present, deferred) = (self.event.present(), self.event.deferred());
        let word = |words: &[u64], index: usize| words.get(index).copied().unwrap_or(0);
        let may_have = |slot: &Slot| {
            let (index, bit) = (usize::from(slot.0) / 64, slot.0 % 64);
            (word(present, index) | word(deferred, index)) >> bit & 1 == 1
        };
        let mut result = FirstPhase::Rejects;
        self.state.unwanted.fill(u64::MAX);
        for place in 0..self.state.candidates.places() {
            let (first, bits) = self.state.candidates.word(place);
            let mut left = bits;
            for bit in Bits(bits) {
                let unit = &self.set.units[first + bit];
                if !unit.needs.iter().all(|clause| clause.iter().any(may_have)) {
                    left &= !(1 << bit);
                    continue;
                }
                let unwanted = self.state.unwanted.iter_mut();
                unwanted.zip(unit.reads).for_each(|(unwanted, reads)| *unwanted &= !reads);
                if unit.reads.iter().zip(deferred).any(|(reads, deferred)| reads & deferred != 0) {
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
            if !self.narrow_all(0..early) {
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
        candidates.asks()
    }

    /// The same field by field, for as long as some are left.
    fn narrow_all(&mut self, mut fields: Range<usize>) -> bool {
        let set = self.set;
        fields.all(|number| self.narrow(&set.dispatch.fields[number]))
    }

    /// Keeps the candidates that the values of `field` allow; whether some are left.
    fn narrow(&mut self, field: &DispatchField<'_>) -> bool {
        let looked = self.found(field);
        let State { candidates, found, .. } = &mut *self.state;
        let words = self.set.dispatch.words as usize;
        let row = |number: u16| &field.rows[usize::from(number) * words..][..words];
        match &found[looked.range()] {
            several if looked.others => candidates.keep_any(rows(field, several, true).map(row)),
            [] => candidates.keep(row(0)),
            &[one] => candidates.keep(row(row_of(field, one))),
            several => candidates.keep_any(rows(field, several, false).map(row)),
        }
    }

    /// What the values of a field were found to be.
    #[inline]
    fn found(&mut self, field: &DispatchField<'_>) -> Looked {
        if self.event.has(field.slot) { self.look_up(field.table) } else { Looked::default() }
    }
}

/// The numbers of the rows of values, and of the one for other values.
#[inline]
fn rows(field: &DispatchField<'_>, found: &[Found], others: bool) -> impl Iterator<Item = u16> + Clone {
    found.iter().map(|&found| row_of(field, found)).chain(others.then_some(field.row_of_others))
}

/// The number of the row of a value.
#[inline]
fn row_of(field: &DispatchField<'_>, found: Found) -> u16 {
    field.row_of_literal[usize::from(found.exact.unwrap_or(found.id))]
}
