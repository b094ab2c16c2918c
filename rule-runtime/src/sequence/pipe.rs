//! `head` and `tail` over results as they come.
//!
//! In: pipes in order, results of any kind in the order that counts for them. Out: the results that pass, in the same
//! order. `tail` holds its last results until the end of the input. Knows nothing of what a result is.

use std::collections::VecDeque;

/// A pipe of a query; counts are of events, sequences or samples (eql.md section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// The first results.
    Head(u64),
    /// The last results.
    Tail(u64),
}

/// A chain of pipes with what they hold.
///
/// ```
/// use rule_runtime::sequence::{Pipe, Pipes};
/// let mut pipes = Pipes::new(&[Pipe::Tail(10), Pipe::Head(3)]);
/// let mut out = Vec::new();
/// (0..100).for_each(|n| pipes.push(n, &mut |n| out.push(n)));
/// pipes.finish(&mut |n| out.push(n));
/// assert_eq!(out, [90, 91, 92]);
/// ```
#[derive(Clone, Debug)]
pub struct Pipes<T> {
    stages: Vec<Stage<T>>,
}

#[derive(Clone, Debug)]
enum Stage<T> {
    /// How many more pass.
    Head(u64),
    /// The last results, and how many they may be.
    Tail(VecDeque<T>, u64),
}

impl<T> Pipes<T> {
    /// Pipes in the order in which they are written. Without any, all results pass.
    pub fn new(pipes: &[Pipe]) -> Self {
        let stage = |pipe: &Pipe| match *pipe {
            Pipe::Head(count) => Stage::Head(count),
            Pipe::Tail(count) => Stage::Tail(VecDeque::new(), count),
        };
        Self { stages: pipes.iter().map(stage).collect() }
    }

    /// Takes in the next result and calls `out` with it if it passes now.
    pub fn push(&mut self, item: T, out: &mut impl FnMut(T)) {
        if let Some(item) = pass(&mut self.stages, item) {
            out(item);
        }
    }

    /// The input has ended: calls `out` with the results that were held back.
    pub fn finish(&mut self, out: &mut impl FnMut(T)) {
        for at in 0..self.stages.len() {
            let (held, rest) = self.stages.split_at_mut(at + 1);
            if let Some(Stage::Tail(last, _)) = held.last_mut() {
                last.drain(..).filter_map(|item| pass(rest, item)).for_each(&mut *out);
            }
        }
    }

    /// Whether no further result can pass, so that the caller may stop.
    pub fn is_closed(&self) -> bool {
        // What comes before an open `tail` still decides what it holds.
        self.stages.iter().any(|stage| matches!(stage, Stage::Head(0) | Stage::Tail(_, 0)))
    }
}

/// The result, if it passes all stages now.
fn pass<T>(stages: &mut [Stage<T>], item: T) -> Option<T> {
    for stage in stages {
        match stage {
            Stage::Head(0) => return None,
            Stage::Head(left) => *left -= 1,
            Stage::Tail(last, most) => {
                if last.len() as u64 == *most {
                    last.pop_front();
                }
                if *most > 0 {
                    last.push_back(item);
                }
                return None;
            }
        }
    }
    Some(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of 0..10.
    fn run(pipes: &[Pipe]) -> Vec<u32> {
        let mut pipes = Pipes::new(pipes);
        let mut out = Vec::new();
        (0..10).for_each(|n| pipes.push(n, &mut |n| out.push(n)));
        pipes.finish(&mut |n| out.push(n));
        out
    }

    #[test]
    fn pipes_apply_in_order() {
        assert_eq!(run(&[]), (0..10).collect::<Vec<_>>());
        assert_eq!(run(&[Pipe::Head(3)]), [0, 1, 2]);
        assert_eq!(run(&[Pipe::Tail(3)]), [7, 8, 9]);
        assert_eq!(run(&[Pipe::Tail(5), Pipe::Head(2)]), [5, 6]);
        assert_eq!(run(&[Pipe::Head(5), Pipe::Tail(2)]), [3, 4]);
        assert_eq!(run(&[Pipe::Tail(5), Pipe::Tail(2), Pipe::Head(1)]), [8]);
        assert_eq!(run(&[Pipe::Tail(20), Pipe::Head(20)]).len(), 10);
        assert!(run(&[Pipe::Head(0)]).is_empty());
        assert!(run(&[Pipe::Tail(0)]).is_empty());
    }

    #[test]
    fn a_full_head_closes() {
        let mut pipes = Pipes::new(&[Pipe::Head(1), Pipe::Tail(1)]);
        assert!(!pipes.is_closed());
        pipes.push('a', &mut |_| {});
        assert!(pipes.is_closed());
        let mut out = Vec::new();
        pipes.finish(&mut |item| out.push(item));
        assert_eq!(out, ['a']);
        // A `head` behind a `tail` is full only at the end.
        let mut pipes = Pipes::new(&[Pipe::Tail(1), Pipe::Head(1)]);
        pipes.push('a', &mut |_| {});
        assert!(!pipes.is_closed());
    }
}
