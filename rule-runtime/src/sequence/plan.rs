//! What the engine derives from a [`SequenceDef`] once: the role of each stage, and which stages share a key.
//!
//! In: a definition. Out: for an event's hits, the operations it asks for, grouped by the key fields they use. An
//! operation is a stage, or the number after the last stage for `until`. Knows nothing of state.

use super::def::{Hit, KeyDef, SequenceDef, StageDef};

/// Most stages of a sequence.
pub const MAX_STAGES: usize = 256;

const WORDS: usize = MAX_STAGES / 64 + 1;

/// A set of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ops([u64; WORDS]);

impl Ops {
    pub(crate) fn insert(&mut self, op: u16) {
        self.0[usize::from(op) / 64] |= 1 << (op % 64);
    }

    pub(crate) fn contains(self, op: u16) -> bool {
        self.0[usize::from(op) / 64] >> (op % 64) & 1 == 1
    }

    pub(crate) fn without(mut self, op: u16) -> Self {
        self.0[usize::from(op) / 64] &= !(1 << (op % 64));
        self
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    pub(crate) fn union(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
        self
    }

    pub(crate) fn intersection(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        self
    }

    pub(crate) fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// From the last operation to the first.
    pub(crate) fn descending(self) -> impl Iterator<Item = u16> {
        (0..WORDS as u16).rev().flat_map(move |index| {
            let mut word = self.0[usize::from(index)];
            std::iter::from_fn(move || {
                let bit = 63_u16.checked_sub(word.leading_zeros() as u16)?;
                word ^= 1 << bit;
                Some(index * 64 + bit)
            })
        })
    }

    /// The first `width` bytes, lowest operation first.
    pub(crate) fn write(self, width: usize, out: &mut Vec<u8>) {
        out.extend((0..width).map(|i| (self.0[i / 8] >> (i % 8 * 8)) as u8));
    }

    /// The inverse of [`Ops::write`].
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut ops = Self::default();
        for (i, &byte) in bytes.iter().enumerate().take(WORDS * 8) {
            ops.0[i / 8] |= u64::from(byte) << (i % 8 * 8);
        }
        ops
    }
}

/// What a stage does. Ranks count the positive stages from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Extends what has reached the rank before; rank 1 begins anew.
    Positive(u16),
    /// Missing before the first positive stage.
    Leading,
    /// Missing behind the positive stage of this rank and before the next.
    Between(u16),
    /// Missing behind the last positive stage.
    Trailing,
    /// Ends what is pending.
    Until,
}

/// Operations that use the same key fields.
#[derive(Clone, Debug)]
pub(crate) struct KeyGroup<'a> {
    pub(crate) keys: &'a [KeyDef],
    /// Filter and operation, by filter.
    members: Vec<(u16, u16)>,
}

impl KeyGroup<'_> {
    /// The operations that the hits ask for.
    pub(crate) fn ops(&self, hits: &[Hit]) -> Ops {
        let mut ops = Ops::default();
        for hit in hits {
            let first = self.members.partition_point(|&(filter, _)| filter < hit.filter);
            for &(_, op) in self.members[first..].iter().take_while(|&&(filter, _)| filter == hit.filter) {
                ops.insert(op);
            }
        }
        ops
    }
}

/// A definition made ready.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) groups: Vec<KeyGroup<'a>>,
    roles: Vec<Role>,
    /// The stage of each rank, that of rank 1 first.
    pub(crate) positive: Vec<u16>,
    /// Stages, missing ones included.
    pub(crate) stages: usize,
    /// Operations that make something of nothing: the first positive stage and leading missing ones.
    pub(crate) opening: Ops,
    /// Positive stages.
    pub(crate) extending: Ops,
    pub(crate) has_leading: bool,
    pub(crate) has_trailing: bool,
    /// Nanoseconds; `i64::MAX` without a limit.
    pub(crate) span: i64,
    pub(crate) parts: usize,
}

impl<'a> Plan<'a> {
    /// Stages beyond [`MAX_STAGES`] do not count; the compiler refuses such sequences.
    pub(crate) fn new(def: &SequenceDef<'a>) -> Self {
        let stages = &def.stages[..def.stages.len().min(MAX_STAGES)];
        let positive: Vec<u16> =
            (0..).zip(stages).filter(|(_, stage)| !stage.missing).map(|(i, _)| i).collect();
        let mut roles = roles(stages, positive.len() as u16);
        roles.push(Role::Until);
        let mut plan = Self {
            groups: Vec::new(),
            stages: stages.len(),
            opening: Ops::default(),
            extending: Ops::default(),
            has_leading: roles.contains(&Role::Leading),
            has_trailing: roles.contains(&Role::Trailing),
            span: def
                .maxspan_millis
                .map_or(i64::MAX, |span| i64::try_from(span).unwrap_or(i64::MAX).saturating_mul(1_000_000)),
            parts: stages.first().map_or(0, |stage| stage.keys.len()),
            positive,
            roles,
        };
        for (op, stage) in (0..).zip(stages) {
            plan.add(op, stage);
        }
        if let Some(until) = &def.until {
            plan.add(stages.len() as u16, until);
        }
        for group in &mut plan.groups {
            group.members.sort_unstable();
        }
        plan
    }

    fn add(&mut self, op: u16, stage: &StageDef<'a>) {
        match self.role(op) {
            Role::Positive(rank) => {
                self.extending.insert(op);
                if rank == 1 {
                    self.opening.insert(op);
                }
            }
            Role::Leading => self.opening.insert(op),
            Role::Between(_) | Role::Trailing | Role::Until => {}
        }
        let at = self.groups.iter().position(|group| group.keys == stage.keys).unwrap_or_else(|| {
            self.groups.push(KeyGroup { keys: stage.keys, members: Vec::new() });
            self.groups.len() - 1
        });
        self.groups[at].members.push((stage.filter, op));
    }

    pub(crate) fn role(&self, op: u16) -> Role {
        self.roles[usize::from(op).min(self.roles.len() - 1)]
    }

    /// The rank at which a sequence is complete.
    pub(crate) fn last_rank(&self) -> u16 {
        self.positive.len() as u16
    }

    /// Bytes that hold a set of this sequence's operations.
    pub(crate) fn width(&self) -> usize {
        self.stages / 8 + 1
    }
}

fn roles(stages: &[StageDef<'_>], last: u16) -> Vec<Role> {
    let mut rank = 0;
    let role = |stage: &StageDef<'_>| {
        rank += u16::from(!stage.missing);
        match rank {
            _ if !stage.missing => Role::Positive(rank),
            0 => Role::Leading,
            _ if rank == last => Role::Trailing,
            _ => Role::Between(rank),
        }
    };
    stages.iter().map(role).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(filter: u16, missing: bool) -> StageDef<'static> {
        StageDef { filter, missing, keys: &[] }
    }

    #[test]
    fn operations_come_last_to_first() {
        let mut ops = Ops::default();
        for op in [0, 3, 63, 64, 200, 256] {
            ops.insert(op);
        }
        assert_eq!(ops.descending().collect::<Vec<_>>(), [256, 200, 64, 63, 3, 0]);
        let mut bytes = Vec::new();
        ops.write(33, &mut bytes);
        assert_eq!(Ops::read(&bytes), ops);
    }

    #[test]
    fn roles_follow_from_what_is_missing() {
        let stages = [stage(0, true), stage(1, false), stage(2, true), stage(3, false), stage(4, true)];
        let until = Some(stage(1, false));
        let plan = Plan::new(&SequenceDef { stages: &stages, maxspan_millis: Some(1), until });
        let expected = [
            Role::Leading,
            Role::Positive(1),
            Role::Between(1),
            Role::Positive(2),
            Role::Trailing,
            Role::Until,
        ];
        assert_eq!(plan.roles, expected);
        assert_eq!(plan.positive, [1, 3]);
        // A filter that two stages share asks for both.
        let ops = plan.groups[0].ops(&[Hit { sequence: 0, filter: 1 }]);
        assert_eq!(ops.descending().collect::<Vec<_>>(), [5, 1]);
    }
}
