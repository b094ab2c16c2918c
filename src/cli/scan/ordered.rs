//! Results of blocks, from many threads, in the order of the blocks.
//!
//! In: pieces of results, each with the number of its block. Out: calls of one [`Take`] in the order of the blocks. There
//! is no thread for that: whoever brings the piece that is next takes it, and what waited behind it. Others leave theirs
//! and go on.
//!
//! A thread waits before it starts a block that is too far ahead of the one being taken, and while too much of its own
//! result is waiting. So memory stays bounded whatever the number of hits and however slow the output is. The block that
//! is next to be taken is never held up by others.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Takes the results of block 0, then of block 1, and so on.
pub(crate) trait Take<T> {
    /// Takes the next piece and leaves it as good as new, to be filled again.
    fn take(&mut self, piece: &mut T) -> io::Result<()>;
}

/// Brings pieces into the order of their blocks.
#[derive(Debug)]
pub(crate) struct Ordered<T, C> {
    state: Mutex<State<T>>,
    taker: Mutex<C>,
    /// Something was taken, or nothing more will be.
    taken: Condvar,
    /// All was taken, or nothing more will be.
    done: Condvar,
    /// Blocks that may be ahead of the one being taken.
    ahead: u64,
}

#[derive(Debug)]
struct State<T> {
    /// The block whose results are being taken.
    current: u64,
    blocks: BTreeMap<u64, Pieces<T>>,
    /// Pieces that were taken, to be filled again.
    spare: Vec<T>,
    /// How many blocks there are, once that is known.
    total: Option<u64>,
    /// Some thread is taking. Unless one is, nothing waits of the current block.
    taking: bool,
    /// Nothing is taken any more.
    abandoned: bool,
    error: Option<io::Error>,
}

impl<T> State<T> {
    fn is_done(&self) -> bool {
        self.abandoned || (!self.taking && self.total.is_some_and(|total| self.current >= total))
    }
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

impl<T: Default, C: Take<T>> Ordered<T, C> {
    pub(crate) fn new(ahead: u64, taker: C) -> Self {
        let state = State {
            current: 0,
            blocks: BTreeMap::new(),
            spare: Vec::new(),
            total: None,
            taking: false,
            abandoned: false,
            error: None,
        };
        Self {
            state: Mutex::new(state),
            taker: Mutex::new(taker),
            taken: Condvar::new(),
            done: Condvar::new(),
            ahead,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A thread that panicked leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one who takes; not while there are threads that bring pieces.
    pub(crate) fn taker(&self) -> MutexGuard<'_, C> {
        self.taker.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Hands over a piece of the result of block `number`, which is then empty; `last` completes it. False if nobody
    /// wants it.
    pub(crate) fn put(&self, number: u64, piece: &mut T, last: bool) -> bool {
        let mut state = self.lock();
        loop {
            if state.abandoned {
                return false;
            }
            if number == state.current && !state.taking {
                state.taking = true;
                drop(state);
                let taken = self.taker().take(piece);
                let mut state = self.lock();
                if last {
                    state.current += 1;
                    self.taken.notify_all();
                }
                return self.take_waiting(state, taken);
            }
            let State { blocks, spare, .. } = &mut *state;
            let own = blocks.entry(number).or_default();
            if own.waiting.len() < WAITING {
                own.waiting.push_back(mem::replace(piece, spare.pop().unwrap_or_default()));
                own.complete = last;
                return true;
            }
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes what waits and is next, until there is no more.
    fn take_waiting<'o>(&'o self, mut state: MutexGuard<'o, State<T>>, mut last: io::Result<()>) -> bool {
        loop {
            if let Err(error) = last {
                state.error = Some(error);
                state.abandoned = true;
                self.notify();
                return false;
            }
            let Some(mut piece) = self.next(&mut state) else { break };
            drop(state);
            last = self.taker().take(&mut piece);
            state = self.lock();
            state.spare.push(piece);
        }
        state.taking = false;
        if state.is_done() {
            self.done.notify_all();
        }
        true
    }

    /// The piece that is next, if it is there.
    fn next(&self, state: &mut State<T>) -> Option<T> {
        loop {
            let own = state.blocks.get_mut(&state.current)?;
            let piece = own.waiting.pop_front();
            if own.complete && own.waiting.is_empty() {
                state.blocks.remove(&state.current);
                state.current += 1;
            } else if piece.is_none() {
                return None;
            }
            self.taken.notify_all();
            if piece.is_some() {
                return piece;
            }
        }
    }

    /// There are `total` blocks.
    pub(crate) fn end(&self, total: u64) {
        let mut state = self.lock();
        state.total = Some(total);
        if state.is_done() {
            self.done.notify_all();
        }
    }

    /// Nobody must wait for a thread that is no more.
    pub(crate) fn abandon_on_panic(&self) -> AbandonOnPanic<'_, T, C> {
        AbandonOnPanic(self)
    }

    /// Nothing is taken any more: threads may stop.
    pub(crate) fn abandon(&self) {
        self.lock().abandoned = true;
        self.notify();
    }

    fn notify(&self) {
        self.taken.notify_all();
        self.done.notify_all();
    }

    /// Waits until all was taken; false if it was given up before.
    pub(crate) fn wait(&self) -> io::Result<bool> {
        let state = self.lock();
        let mut state =
            self.done.wait_while(state, |state| !state.is_done()).unwrap_or_else(PoisonError::into_inner);
        match state.error.take() {
            Some(error) => Err(error),
            None => Ok(!state.abandoned),
        }
    }
}

/// Abandons it all if its thread panics.
pub(crate) struct AbandonOnPanic<'o, T: Default, C: Take<T>>(&'o Ordered<T, C>);

impl<T: Default, C: Take<T>> Drop for AbandonOnPanic<'_, T, C> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.abandon();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<T: Copy + Default> Take<T> for Vec<T> {
        fn take(&mut self, piece: &mut T) -> io::Result<()> {
            self.push(mem::take(piece));
            Ok(())
        }
    }

    #[test]
    fn pieces_come_in_order_of_their_blocks() {
        for threads in 1..4 {
            let ordered = Ordered::new(3, Vec::new());
            std::thread::scope(|scope| {
                for thread in 0..threads {
                    let ordered = &ordered;
                    scope.spawn(move || {
                        for number in (thread..30).step_by(threads as usize) {
                            assert!(ordered.admit(number));
                            for piece in 0..5 {
                                assert!(ordered.put(number, &mut (number, piece), piece == 4));
                            }
                        }
                    });
                }
                ordered.end(30);
                assert!(ordered.wait().unwrap());
            });
            let expected: Vec<_> =
                (0..30).flat_map(|number| (0..5).map(move |piece| (number, piece))).collect();
            assert_eq!(*ordered.taker(), expected);
        }
    }

    #[test]
    fn a_block_waits_for_those_before_it() {
        let ordered = Ordered::new(3, Vec::new());
        for number in [2, 1] {
            assert!(ordered.put(number, &mut number.clone(), true));
        }
        assert!(ordered.taker().is_empty());
        assert!(ordered.put(0, &mut 0, true));
        assert_eq!(*ordered.taker(), [0, 1, 2]);
    }

    #[test]
    fn nobody_waits_for_results_that_nobody_takes() {
        let ordered = Ordered::new(1, Vec::new());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ordered.admit(100));
            ordered.abandon();
            assert!(!waiting.join().unwrap());
        });
        assert!(!ordered.put(0, &mut 0, true));
        assert!(!ordered.wait().unwrap());
        assert!(ordered.taker().is_empty());
    }

    #[test]
    fn a_failure_ends_it_all() {
        struct Full;
        impl Take<u8> for Full {
            fn take(&mut self, _: &mut u8) -> io::Result<()> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
        }
        let ordered = Ordered::new(1, Full);
        assert!(!ordered.put(0, &mut 0, false));
        assert!(!ordered.admit(0));
        assert_eq!(ordered.wait().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn no_blocks_are_no_results() {
        let ordered = Ordered::new(1, Vec::<u8>::new());
        ordered.end(0);
        assert!(ordered.wait().unwrap());
    }
}
