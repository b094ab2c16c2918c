//! Results of blocks, from many threads, in the order of the blocks.
//!
//! A thread waits before it starts a block that is too far ahead of the one being written, and while too much of its
//! own result is waiting to be written. So memory stays bounded whatever the number of hits and however slow the
//! output is. The block that is next to be written is never held up by others.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The results of block 0, then of block 1, and so on; each in pieces.
#[derive(Debug)]
pub(crate) struct Ordered<T> {
    state: Mutex<State<T>>,
    /// Something was taken, or nothing more will be.
    taken: Condvar,
    /// Something was put, or ended.
    put: Condvar,
    /// Blocks that may be ahead of the one being taken.
    ahead: u64,
}

#[derive(Debug)]
struct State<T> {
    /// The block whose results are being taken.
    current: u64,
    blocks: BTreeMap<u64, Pieces<T>>,
    /// How many blocks there are, once that is known.
    total: Option<u64>,
    /// Nobody takes results any more.
    abandoned: bool,
}

#[derive(Debug)]
struct Pieces<T> {
    waiting: VecDeque<T>,
    complete: bool,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), complete: false }
    }
}

/// Pieces of one block that may wait to be taken.
const WAITING: usize = 2;

impl<T> Ordered<T> {
    pub(crate) fn new(ahead: u64) -> Self {
        let state = State { current: 0, blocks: BTreeMap::new(), total: None, abandoned: false };
        Self { state: Mutex::new(state), taken: Condvar::new(), put: Condvar::new(), ahead }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A thread that panicked leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until block `number` may be worked on; false if nobody wants it.
    pub(crate) fn admit(&self, number: u64) -> bool {
        let state = self.lock();
        let state = self
            .taken
            .wait_while(state, |state| !state.abandoned && number > state.current + self.ahead)
            .unwrap_or_else(PoisonError::into_inner);
        !state.abandoned
    }

    /// Hands over a piece of the result of block `number`; `last` completes it. False if nobody wants it.
    pub(crate) fn put(&self, number: u64, piece: T, last: bool) -> bool {
        let state = self.lock();
        let full =
            |state: &State<T>| state.blocks.get(&number).is_some_and(|own| own.waiting.len() >= WAITING);
        let mut state = self
            .taken
            .wait_while(state, |state| !state.abandoned && full(state))
            .unwrap_or_else(PoisonError::into_inner);
        if state.abandoned {
            return false;
        }
        let own = state.blocks.entry(number).or_default();
        own.waiting.push_back(piece);
        own.complete = last;
        self.put.notify_all();
        true
    }

    /// There are `total` blocks.
    pub(crate) fn end(&self, total: u64) {
        self.lock().total = Some(total);
        self.put.notify_all();
    }

    /// Nobody takes results any more: threads may stop.
    pub(crate) fn abandon(&self) {
        self.lock().abandoned = true;
        self.taken.notify_all();
        self.put.notify_all();
    }

    /// The next piece, or `None` when all blocks are done. `idle` is called before waiting for one.
    pub(crate) fn take(&self, mut idle: impl FnMut()) -> Option<T> {
        let mut state = self.lock();
        let mut told = false;
        loop {
            if state.abandoned {
                return None;
            }
            let current = state.current;
            if let Some(own) = state.blocks.get_mut(&current) {
                let piece = own.waiting.pop_front();
                if own.complete && own.waiting.is_empty() {
                    state.blocks.remove(&current);
                    state.current += 1;
                }
                if piece.is_some() {
                    self.taken.notify_all();
                    return piece;
                }
            } else if state.total.is_some_and(|total| current >= total) {
                return None;
            }
            if told {
                state = self.put.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                drop(state);
                idle();
                told = true;
                state = self.lock();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_order_of_their_blocks() {
        let ordered = Ordered::new(3);
        let mut taken = Vec::new();
        std::thread::scope(|scope| {
            for thread in 0..3_u64 {
                let ordered = &ordered;
                scope.spawn(move || {
                    for number in (thread..30).step_by(3) {
                        assert!(ordered.admit(number));
                        for piece in 0..5 {
                            assert!(ordered.put(number, (number, piece), piece == 4));
                        }
                    }
                });
            }
            ordered.end(30);
            while let Some(piece) = ordered.take(|| ()) {
                taken.push(piece);
            }
        });
        let expected: Vec<_> = (0..30).flat_map(|number| (0..5).map(move |piece| (number, piece))).collect();
        assert_eq!(taken, expected);
    }

    #[test]
    fn nobody_waits_for_results_that_nobody_takes() {
        let ordered = Ordered::new(1);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ordered.admit(100));
            ordered.abandon();
            assert!(!waiting.join().unwrap());
        });
        assert!(!ordered.put(0, (), true));
        assert_eq!(ordered.take(|| ()), None);
    }

    #[test]
    fn no_blocks_are_no_results() {
        let ordered = Ordered::<()>::new(1);
        ordered.end(0);
        assert_eq!(ordered.take(|| ()), None);
    }
}
