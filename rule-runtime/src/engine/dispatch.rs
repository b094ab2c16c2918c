//! Which units an event can still reach, and which filters hold.

use super::context::{Context, State};
use crate::event::Slot;
use crate::literal::Found;
use crate::set::{DispatchField, Residual};

impl Context<'_> {
    /// Calls `held` for every filter that holds, in order of the filters' first unit, each once.
    pub(super) fn filters(&mut self, mut held: impl FnMut(u32)) {
        self.find_candidates();
        let epoch = self.state.epoch();
        for word in 0..self.state.candidates.len() {
            let mut bits = self.state.candidates[word];
            while bits != 0 {
                let unit = &self.set.units[word * 64 + bits.trailing_zeros() as usize];
                bits &= bits - 1;
                if self.state.held[unit.filter as usize] == epoch || !self.has_one_of(unit.needs) {
                    continue;
                }
                let holds = match unit.residual {
                    Residual::Always => true,
                    Residual::Program(steps) => self.run(steps),
                    Residual::Code(code) => code(self),
                };
                if holds {
                    self.state.held[unit.filter as usize] = epoch;
                    held(unit.filter);
                }
            }
        }
    }

    fn has_one_of(&self, slots: &[Slot]) -> bool {
        slots.is_empty() || slots.iter().any(|&slot| self.event.has(slot))
    }

    fn find_candidates(&mut self) {
        let dispatch = self.set.dispatch;
        self.state.candidates.copy_from_slice(dispatch.all);
        for field in dispatch.fields {
            if self.narrow(field) == 0 {
                return;
            }
        }
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
                rest.iter().for_each(|found| or_into(union, row_of(found)));
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
