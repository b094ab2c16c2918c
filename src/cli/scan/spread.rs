//! The making of many alerts at once, by several threads.
//!
//! In: items of which alerts are to be made. Out: the texts of the alerts, in the order of the items. Knows nothing of what the
//! items are.

use std::thread;

use kiln::info::Severity;

/// Alerts of so many items are worth a thread.
const WORTH_A_THREAD: usize = 16;

/// Alerts that were made of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made<'t> {
    /// `None` if they are not wanted.
    pub(super) severity: Option<Severity>,
    pub(super) text: &'t [u8],
}

/// What `make` makes of each item, in order. Many items are spread over threads; each writes its texts into one of `texts`,
/// whose memory is used again.
pub(super) fn spread<'t, T: Sync>(
    items: &[T],
    threads: usize,
    texts: &'t mut Vec<Vec<u8>>,
    make: &(impl Fn(&T, &mut Vec<u8>) -> Option<Severity> + Sync),
) -> Vec<Made<'t>> {
    type Ends = Vec<(Option<Severity>, usize)>;
    let threads = threads.min(items.len() / WORTH_A_THREAD).max(1);
    texts.resize_with(texts.len().max(threads), Vec::new);
    let make_all = |share: &[T], text: &mut Vec<u8>| -> Ends {
        text.clear();
        share.iter().map(|item| (make(item, text), text.len())).collect()
    };
    let mut shares = items.chunks(items.len().div_ceil(threads).max(1)).zip(texts.iter_mut());
    let own = shares.next();
    let ends: Vec<Ends> = thread::scope(|scope| {
        let make_all = &make_all;
        let others: Vec<_> = shares.map(|(share, text)| scope.spawn(move || make_all(share, text))).collect();
        let mut ends: Vec<_> = own.into_iter().map(|(share, text)| make_all(share, text)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Ends>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        ends.extend(others.into_iter().map(join));
        ends
    });
    let mut results = Vec::with_capacity(items.len());
    for (ends, text) in ends.into_iter().zip(texts.iter()) {
        let mut start = 0;
        for (severity, end) in ends {
            results.push(Made { severity, text: &text[start..end] });
            start = end;
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_are_spread_over_threads_keep_their_order() {
        let mut texts = Vec::new();
        for count in [0, 1, WORTH_A_THREAD - 1, WORTH_A_THREAD, 2 * WORTH_A_THREAD + 1, 7 * WORTH_A_THREAD] {
            let items: Vec<_> = (0..count).map(|item| item.to_string()).collect();
            let make = |item: &String, out: &mut Vec<u8>| {
                out.extend_from_slice(item.as_bytes());
                (item.len() > 1).then_some(Severity::High)
            };
            for threads in 1..5 {
                let alerts = spread(&items, threads, &mut texts, &make);
                assert_eq!(alerts.len(), count);
                for (item, made) in items.iter().zip(alerts) {
                    assert_eq!(made.text, item.as_bytes(), "{count} {threads}");
                    assert_eq!(made.severity.is_some(), item.len() > 1);
                }
            }
        }
    }
}
