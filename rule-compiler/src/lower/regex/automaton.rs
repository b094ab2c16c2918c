//! Deterministic automata: made from nondeterministic ones, combined, minimised.
//!
//! A complete automaton: every state has a next state for every byte. Bytes that no state tells apart share a class.

use std::collections::BTreeMap;

use super::nfa::{Nfa, State};
use super::syntax::Node;

/// The expression needs more states than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// What making an automaton may cost.
#[derive(Debug)]
pub(super) struct Budget {
    /// States one automaton may have.
    pub(super) states: usize,
    /// Steps that are left: states made and looked at.
    pub(super) steps: usize,
}

impl Budget {
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), TooLarge> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooLarge)?;
        Ok(())
    }
}

/// A complete, minimal deterministic automaton.
#[derive(Debug)]
pub(super) struct Automaton {
    classes: [u8; 256],
    width: usize,
    /// `width` next states for each state.
    next: Vec<u32>,
    accepting: Vec<bool>,
    start: usize,
}

impl Automaton {
    /// The automaton of a tree.
    pub(super) fn of(node: &Node, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut nfa = Nfa::default();
        let part = nfa.add(node, budget)?;
        Ok(Determinise::new(&nfa, part.end).run(part.start, budget)?.minimal())
    }

    pub(super) fn len(&self) -> usize {
        self.accepting.len()
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn classes(&self) -> &[u8; 256] {
        &self.classes
    }

    pub(super) fn is_accepting(&self, state: usize) -> bool {
        self.accepting[state]
    }

    /// The next state for each class.
    pub(super) fn row(&self, state: usize) -> &[u32] {
        &self.next[state * self.width..(state + 1) * self.width]
    }

    /// Whether nothing matches from here on. A minimal automaton has at most one such state.
    pub(super) fn is_dead(&self, state: usize) -> bool {
        !self.accepting[state] && self.row(state).iter().all(|next| *next as usize == state)
    }

    /// Ranges of bytes that lead from a state to the same state.
    pub(super) fn ranges(&self, state: usize) -> Vec<(u8, u8, usize)> {
        let mut ranges: Vec<(u8, u8, usize)> = Vec::new();
        for byte in 0..=255 {
            let next = self.row(state)[usize::from(self.classes[usize::from(byte)])] as usize;
            match ranges.last_mut() {
                Some(last) if last.2 == next => last.1 = byte,
                _ => ranges.push((byte, byte, next)),
            }
        }
        ranges
    }

    /// The automaton that runs both and accepts what `accept` makes of their answers.
    pub(super) fn product(
        &self,
        other: &Self,
        accept: impl Fn(bool, bool) -> bool,
        budget: &mut Budget,
    ) -> Result<Self, TooLarge> {
        let (classes, pairs) = join_classes(&self.classes, &other.classes);
        let mut known = BTreeMap::from([((self.start, other.start), 0)]);
        let mut states = vec![(self.start, other.start)];
        let mut product = Self { classes, width: pairs.len(), next: vec![], accepting: vec![], start: 0 };
        while let Some((left, right)) = states.get(product.accepting.len()).copied() {
            budget.spend(pairs.len())?;
            product.accepting.push(accept(self.accepting[left], other.accepting[right]));
            for (left_class, right_class) in &pairs {
                let to = (
                    self.row(left)[usize::from(*left_class)] as usize,
                    other.row(right)[usize::from(*right_class)] as usize,
                );
                let number = *known.entry(to).or_insert_with(|| {
                    states.push(to);
                    states.len() - 1
                });
                product.next.push(number as u32);
            }
            if states.len() > budget.states {
                return Err(TooLarge);
            }
        }
        Ok(product.minimal())
    }

    /// The same language with the fewest states and classes.
    fn minimal(self) -> Self {
        let block_of = Partition::refined(&self).block_of;
        // Blocks are numbered again in the order a walk from the start meets them, so equal languages look equal.
        let mut numbers = vec![None; self.len()];
        let mut order = vec![self.start];
        numbers[block_of[self.start]] = Some(0u32);
        let mut next = Vec::new();
        let mut at = 0;
        while let Some(state) = order.get(at).copied() {
            for to in self.row(state) {
                let to = *to as usize;
                let number = numbers[block_of[to]].unwrap_or_else(|| {
                    order.push(to);
                    order.len() as u32 - 1
                });
                numbers[block_of[to]] = Some(number);
                next.push(number);
            }
            at += 1;
        }
        let accepting = order.iter().map(|state| self.accepting[*state]).collect();
        Self { next, accepting, start: 0, ..self }.with_fewest_classes()
    }

    fn with_fewest_classes(self) -> Self {
        let column = |class: usize| (0..self.len()).map(|state| self.row(state)[class]).collect::<Vec<_>>();
        let mut known = BTreeMap::new();
        let mut kept = Vec::new();
        let mut classes = [0; 256];
        for (byte, class) in classes.iter_mut().enumerate() {
            let old = usize::from(self.classes[byte]);
            *class = *known.entry(column(old)).or_insert_with(|| {
                kept.push(old);
                kept.len() as u8 - 1
            });
        }
        let next = (0..self.len()).flat_map(|state| kept.iter().map(move |class| (state, *class)));
        let next = next.map(|(state, class)| self.row(state)[class]).collect();
        Self { classes, width: kept.len(), next, ..self }
    }
}

/// The classes that both tell apart, and which class of each they are.
fn join_classes(left: &[u8; 256], right: &[u8; 256]) -> ([u8; 256], Vec<(u8, u8)>) {
    let mut known = BTreeMap::new();
    let mut pairs = Vec::new();
    let mut classes = [0; 256];
    for (byte, class) in classes.iter_mut().enumerate() {
        let pair = (left[byte], right[byte]);
        *class = *known.entry(pair).or_insert_with(|| {
            pairs.push(pair);
            // At most 256 pairs, for as many bytes.
            pairs.len() as u8 - 1
        });
    }
    (classes, pairs)
}

/// The subset construction.
struct Determinise<'n> {
    nfa: &'n Nfa,
    end: State,
    classes: [u8; 256],
    /// One byte of each class.
    samples: Vec<u8>,
    /// For each state the round in which it was last reached.
    reached: Vec<u32>,
    round: u32,
}

impl<'n> Determinise<'n> {
    fn new(nfa: &'n Nfa, end: State) -> Self {
        let mut starts = [false; 256];
        starts[0] = true;
        for state in 0..nfa.len() {
            for (low, high, _) in nfa.bytes(state as State) {
                starts[usize::from(*low)] = true;
                if *high < 255 {
                    starts[usize::from(*high) + 1] = true;
                }
            }
        }
        let mut classes = [0; 256];
        let mut samples = Vec::new();
        for byte in 0..=255u8 {
            if starts[usize::from(byte)] {
                samples.push(byte);
            }
            classes[usize::from(byte)] = samples.len() as u8 - 1;
        }
        Self { nfa, end, classes, samples, reached: vec![0; nfa.len()], round: 0 }
    }

    fn run(mut self, start: State, budget: &mut Budget) -> Result<Automaton, TooLarge> {
        let first = self.closure(&[start], budget)?;
        let mut known = BTreeMap::from([(first.clone(), 0)]);
        let mut sets = vec![first];
        let mut next = Vec::new();
        let mut accepting = Vec::new();
        while let Some(set) = sets.get(accepting.len()).cloned() {
            accepting.push(set.contains(&self.end));
            for class in 0..self.samples.len() {
                let byte = self.samples[class];
                let moves = set.iter().flat_map(|state| self.nfa.bytes(*state));
                let targets: Vec<State> = moves
                    .filter(|(low, high, _)| (*low..=*high).contains(&byte))
                    .map(|(_, _, to)| *to)
                    .collect();
                budget.spend(set.len())?;
                let to = self.closure(&targets, budget)?;
                let number = known.entry(to).or_insert_with_key(|to| {
                    sets.push(to.clone());
                    sets.len() as u32 - 1
                });
                next.push(*number);
            }
            if sets.len() > budget.states {
                return Err(TooLarge);
            }
        }
        Ok(Automaton { classes: self.classes, width: self.samples.len(), next, accepting, start: 0 })
    }

    /// The states reached from `from` without reading, sorted; only those that read or end matter.
    fn closure(&mut self, from: &[State], budget: &mut Budget) -> Result<Vec<State>, TooLarge> {
        self.round += 1;
        let mut open = from.to_vec();
        let mut closure = Vec::new();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut self.reached[state as usize], self.round) == self.round {
                continue;
            }
            budget.spend(1)?;
            if state == self.end || !self.nfa.bytes(state).is_empty() {
                closure.push(state);
            }
            open.extend(self.nfa.free(state));
        }
        closure.sort_unstable();
        Ok(closure)
    }
}

/// States in blocks that no text tells apart (Hopcroft's algorithm).
struct Partition {
    /// The states, each block in one run.
    states: Vec<usize>,
    /// Where each state stands in `states`.
    place: Vec<usize>,
    block_of: Vec<usize>,
    /// Start and end of each block, and how many states at its front are marked.
    blocks: Vec<(usize, usize, usize)>,
}

impl Partition {
    fn refined(automaton: &Automaton) -> Self {
        let count = automaton.len();
        let mut partition = Self {
            states: (0..count).collect(),
            place: (0..count).collect(),
            block_of: vec![0; count],
            blocks: vec![(0, count, 0)],
        };
        let mut open = vec![0];
        (0..count).filter(|state| automaton.accepting[*state]).for_each(|state| partition.mark(state));
        open.extend(partition.split(0));
        let sources = Sources::of(automaton);
        let mut is_open = vec![true; partition.blocks.len()];
        while let Some(block) = open.pop() {
            is_open[block] = false;
            let (start, end, _) = partition.blocks[block];
            let members = partition.states[start..end].to_vec();
            for class in 0..automaton.width {
                let mut touched = Vec::new();
                for source in members.iter().flat_map(|member| sources.of_state(*member, class)) {
                    let source = *source as usize;
                    if partition.blocks[partition.block_of[source]].2 == 0 {
                        touched.push(partition.block_of[source]);
                    }
                    partition.mark(source);
                }
                for touched in touched {
                    let Some(new) = partition.split(touched) else { continue };
                    is_open.push(false);
                    let size = |block: usize| partition.blocks[block].1 - partition.blocks[block].0;
                    // An open block stays open in both halves; of a closed one the smaller half says it all.
                    let add = if is_open[touched] || size(new) <= size(touched) { new } else { touched };
                    is_open[add] = true;
                    open.push(add);
                }
            }
        }
        partition
    }

    /// Moves a state to the marked front of its block.
    fn mark(&mut self, state: usize) {
        let (start, _, marked) = &mut self.blocks[self.block_of[state]];
        let front = *start + *marked;
        let place = self.place[state];
        if place < front {
            return;
        }
        *marked += 1;
        let other = self.states[front];
        self.states.swap(front, place);
        self.place[state] = front;
        self.place[other] = place;
    }

    /// Makes the marked states a block of their own, unless that is all of them or none.
    fn split(&mut self, block: usize) -> Option<usize> {
        let (start, end, marked) = self.blocks[block];
        self.blocks[block].2 = 0;
        if marked == 0 || start + marked == end {
            return None;
        }
        let new = self.blocks.len();
        self.blocks[block].0 = start + marked;
        self.blocks.push((start, start + marked, 0));
        for state in &self.states[start..start + marked] {
            self.block_of[*state] = new;
        }
        Some(new)
    }
}

/// The states that lead to a state, by class.
struct Sources {
    width: usize,
    /// Where the sources of each state and class begin.
    starts: Vec<u32>,
    states: Vec<u32>,
}

impl Sources {
    fn of(automaton: &Automaton) -> Self {
        let width = automaton.width;
        let cells = automaton.len() * width;
        let cell = |index: usize| automaton.next[index] as usize * width + index % width;
        let mut starts = vec![0; cells + 1];
        (0..cells).for_each(|index| starts[cell(index) + 1] += 1);
        for index in 0..cells {
            starts[index + 1] += starts[index];
        }
        let mut free = starts.clone();
        let mut states = vec![0; cells];
        for index in 0..cells {
            let place = &mut free[cell(index)];
            states[*place as usize] = (index / width) as u32;
            *place += 1;
        }
        Self { width, starts, states }
    }

    fn of_state(&self, state: usize, class: usize) -> &[u32] {
        let cell = state * self.width + class;
        &self.states[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }
}
