//! The making of many alerts at once, by several threads.
//!
//! In: items of which alerts are to be made. Out: the texts of the alerts, in the order of the items: some are written while
//! others are made, and no more are held than a few for each thread. Knows nothing of what the items are.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kiln::info::Severity;

use super::ordered::{Ordered, Take};

/// A thread makes the alerts of so many items before it hands them over.
const AT_ONCE: usize = 8;
/// Alerts of so many items are worth a thread.
const WORTH_A_THREAD: usize = 16;

/// Calls `make` for each item, by several threads if there are many, and `write` in order with what came of it. `make` writes
/// the text and gives the severity, or nothing if no alert is wanted; it has a state of its own in each thread.
pub(super) fn spread<T: Sync, S: Default>(
    items: &[T],
    threads: usize,
    make: &(impl Fn(&T, &mut S, &mut Vec<u8>) -> Option<Severity> + Sync),
    write: impl FnMut(&T, Severity, &[u8]) -> io::Result<()> + Send,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let threads = threads.min(items.len() / WORTH_A_THREAD).max(1);
    let shares: Vec<&[T]> = items.chunks(AT_ONCE).collect();
    let ordered = Ordered::new(threads as u64 * 2, Writing { write });
    ordered.end(shares.len() as u64);
    let next = AtomicUsize::new(0);
    let work = || {
        let _guard = ordered.abandon_on_panic();
        let (mut state, mut batch) = (S::default(), Batch::default());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(number) else { break };
            if !ordered.admit(number as u64) {
                break;
            }
            batch.items = share;
            batch
                .ends
                .extend(share.iter().map(|item| (make(item, &mut state, &mut batch.text), batch.text.len())));
            if !ordered.put(number as u64, &mut batch, true) {
                break;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    ordered.wait().map(drop)
}

/// Alerts that were made of some items.
struct Batch<'t, T> {
    items: &'t [T],
    text: Vec<u8>,
    /// For each item its severity, `None` if no alert is wanted, and where its text ends.
    ends: Vec<(Option<Severity>, usize)>,
}

impl<T> Default for Batch<'_, T> {
    fn default() -> Self {
        Self { items: &[], text: Vec::new(), ends: Vec::new() }
    }
}

struct Writing<F> {
    write: F,
}

impl<T, F: FnMut(&T, Severity, &[u8]) -> io::Result<()>> Take<Batch<'_, T>> for Writing<F> {
    fn take(&mut self, batch: &mut Batch<'_, T>) -> io::Result<()> {
        let mut start = 0;
        for (item, &(severity, end)) in batch.items.iter().zip(&batch.ends) {
            if let Some(severity) = severity {
                (self.write)(item, severity, &batch.text[start..end])?;
            }
            start = end;
        }
        batch.text.clear();
        batch.ends.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(count: usize, threads: usize) -> Vec<String> {
        let items: Vec<_> = (0..count).collect();
        let make = |item: &usize, calls: &mut usize, out: &mut Vec<u8>| {
            *calls += 1;
            out.extend_from_slice(item.to_string().as_bytes());
            (!item.is_multiple_of(3)).then_some(Severity::High)
        };
        let mut written = Vec::new();
        spread(&items, threads, &make, |item: &usize, _, text: &[u8]| {
            assert_eq!(text, item.to_string().as_bytes());
            written.push(item.to_string());
            Ok(())
        })
        .unwrap();
        written
    }

    #[test]
    fn items_that_are_spread_over_threads_keep_their_order() {
        for count in [0, 1, AT_ONCE, WORTH_A_THREAD - 1, 2 * WORTH_A_THREAD + 1, 20 * WORTH_A_THREAD] {
            let wanted: Vec<_> = (0..count)
                .filter(|item: &usize| !item.is_multiple_of(3))
                .map(|item| item.to_string())
                .collect();
            for threads in 1..5 {
                assert_eq!(texts(count, threads), wanted, "{count} {threads}");
            }
        }
    }

    #[test]
    fn what_cannot_be_written_ends_it() {
        let items: Vec<_> = (0..500).collect();
        for threads in 1..4 {
            let make = |_: &usize, (): &mut (), _: &mut Vec<u8>| Some(Severity::Low);
            let full = |item: &usize, _, _: &[u8]| {
                if *item == 40 { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
            };
            let error = spread(&items, threads, &make, full).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
    }
}
