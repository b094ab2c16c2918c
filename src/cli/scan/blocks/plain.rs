//! A plain file: what all threads that read ranges of it share.
//!
//! In: a file as it was when it was opened. Out: the file, mapped or not, and whether it has failed since.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::RANGE;
use crate::cli::mapped::{Mapped, is_cached};

/// A smaller file is read: that takes less time than mapping it.
const LEAST: u64 = 2 << 20;
/// One byte of so many is asked for: the cache holds files in large pieces.
const PROBE: usize = 512 << 10;
/// How far behind the range that is handed out a mapping is given back, and in what steps. Threads may still be there, and
/// fetch it again then.
const BEHIND: u64 = 4 << 20;

/// A plain file.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) file: File,
    /// Its bytes when it was opened. What is written to its end later is not read.
    pub(super) len: u64,
    map: Option<Mapped>,
    failed: AtomicBool,
}

impl Plain {
    pub(super) fn new(file: File, len: u64, map: bool) -> Self {
        let map = if map && len >= LEAST { Mapped::new(&file, len) } else { None };
        Self::with_map(file, len, map)
    }

    pub(super) fn with_map(file: File, len: u64, map: Option<Mapped>) -> Self {
        Self { file, len, map, failed: AtomicBool::new(false) }
    }

    /// Whether reading has failed, so that there is no use in going on.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Reading has failed. True for the first who finds out, who is the one to tell.
    pub(super) fn fails_first(&self) -> bool {
        !self.failed.swap(true, Ordering::Relaxed)
    }

    /// The file in memory, if it is mapped.
    pub(super) fn map(&self) -> Option<&Mapped> {
        self.map.as_ref()
    }

    /// Whether the range from `next` up to `end` is taken from the mapping. What the system has not in its cache it fetches
    /// in large steps and ahead for those who read, but in small ones for those who touch. What is gone is not in it, so
    /// whoever reads finds out.
    pub(super) fn is_mapped(&self, next: u64, end: u64) -> bool {
        let mut places = (next..end).step_by(PROBE).chain([end - 1]);
        self.map.is_some() && places.all(|place| is_cached(&self.file, place))
    }

    /// From where on a mapped file has turned out to be gone while it was looked at.
    pub(super) fn gone(&self) -> Option<usize> {
        let gone = self.map.as_ref()?.gone()?;
        // The mapping knows it by the page.
        let len = self.file.metadata().ok().and_then(|metadata| usize::try_from(metadata.len()).ok());
        Some(len.map_or(gone, |len| len.min(gone)))
    }

    /// What is said when nothing is left from `offset` on.
    pub(super) fn cut_short(&self, offset: u64) -> io::Error {
        let len = self.file.metadata().map_or(0, |metadata| metadata.len());
        let reason = if len > offset {
            format!("the file cannot be read from byte {offset} on")
        } else {
            format!("the file was cut short while it was read; nothing is left from byte {offset} on")
        };
        io::Error::other(reason)
    }

    /// The range from `next` on is about to be handed out: gives back what is far enough behind.
    pub(super) fn release(&self, next: u64) {
        let Some(map) = &self.map else { return };
        let step = next / BEHIND * BEHIND;
        // Ranges are smaller than steps, so each step has a first range, which releases one.
        if next - step < RANGE && step >= 2 * BEHIND {
            map.release((step - 2 * BEHIND) as usize..(step - BEHIND) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tells_of_a_failure() {
        let file = File::open(env!("CARGO_MANIFEST_PATH")).unwrap();
        let plain = Plain::new(file, 10, true);
        assert!(plain.map.is_none(), "a small file is not mapped");
        assert!(!plain.has_failed());
        assert!(plain.fails_first());
        assert!(!plain.fails_first() && plain.has_failed());
    }
}
