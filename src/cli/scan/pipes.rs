//! `head` and `tail` behind a query.
//!
//! In: the results of one rule, each with its place in the order of results. Out, at the end: those that the pipes
//! leave. Not more than the first pipe can let through is kept.

use kiln::sequence::Pipe;

/// The results of a rule that are still possible.
#[derive(Debug)]
pub(super) struct Pipes<T> {
    pipes: &'static [Pipe],
    results: Vec<(u64, T)>,
}

impl<T> Pipes<T> {
    pub(super) fn new(pipes: &'static [Pipe]) -> Self {
        Self { pipes, results: Vec::new() }
    }

    /// Results of equal `order` stand in the order they came.
    pub(super) fn push(&mut self, order: u64, result: T) {
        self.results.push((order, result));
        let enough = match self.pipes.first() {
            Some(&(Pipe::Head(count) | Pipe::Tail(count))) => usize::try_from(count).unwrap_or(usize::MAX),
            None => return,
        };
        if self.results.len() >= enough.saturating_mul(2).max(1024) {
            self.apply(0);
        }
    }

    /// Sorts, and applies one pipe.
    fn apply(&mut self, pipe: usize) {
        self.results.sort_by_key(|(order, _)| *order);
        let len = self.results.len();
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        match self.pipes[pipe] {
            Pipe::Head(head) => self.results.truncate(count(head)),
            Pipe::Tail(tail) => drop(self.results.drain(..len.saturating_sub(count(tail)))),
        }
    }

    /// What the pipes leave, in order.
    pub(super) fn finish(mut self) -> Vec<T> {
        for pipe in 0..self.pipes.len() {
            self.apply(pipe);
        }
        self.results.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(pipes: &'static [Pipe], orders: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut results = Pipes::new(pipes);
        for order in orders {
            results.push(order, order);
        }
        results.finish()
    }

    #[test]
    fn pipes_apply_in_their_order() {
        assert_eq!(left(&[Pipe::Tail(3), Pipe::Head(2)], 0..5000), [4997, 4998]);
        assert_eq!(left(&[Pipe::Head(3), Pipe::Tail(1)], (0..5000).rev()), [2]);
        assert_eq!(left(&[Pipe::Head(0)], 0..5000), [0; 0]);
        assert_eq!(left(&[Pipe::Tail(9)], 0..2), [0, 1]);
    }
}
