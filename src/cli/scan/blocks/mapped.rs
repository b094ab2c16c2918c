//! Ranges of files that are mapped.
//!
//! In: a file in memory and a range of it. Out: slices of whole lines, those that start in the range: the same as if the
//! file was read, but nothing is copied.

use std::io;

use memchr::{memchr, memrchr};

use super::plain::Plain;
use super::{Block, LONGEST_LINE, Left, Range, SLICE};
use crate::cli::mapped::Mapped;

impl Block {
    /// Finds the next slice of a range.
    pub(super) fn map_slice(&mut self, plain: &Plain, map: &Mapped, range: Range) -> io::Result<()> {
        let text = map.bytes();
        let (next, end) = (range.next as usize, range.end as usize);
        self.lines = 0;
        let start = if range.started { Some(next) } else { first_line(text, next, end) };
        let Some(start) = start else {
            return map
                .gone()
                .filter(|&gone| gone < end)
                .map_or(Ok(()), |gone| Err(plain.cut_short(gone as u64)));
        };
        self.offset = start as u64;
        let stop = match slice_end(text, start, end) {
            Ok(stop) => stop,
            Err(line) => {
                self.too_long = Some(line as u64);
                line
            }
        };
        if let Some(gone) = plain.gone().filter(|&gone| gone < stop) {
            self.too_long = None;
            self.lines = memrchr(b'\n', &text[start..gone.max(start)]).map_or(0, |at| at + 1);
            return Err(plain.cut_short(gone as u64));
        }
        self.lines = stop - start;
        if stop < end && self.too_long.is_none() {
            self.left = Left::Range(Range { next: stop as u64, started: true, ..range });
        }
        Ok(())
    }
}

/// Where the first line starts that starts from `next` on and before `end`.
fn first_line(text: &[u8], next: usize, end: usize) -> Option<usize> {
    let Some(before) = next.checked_sub(1) else { return Some(0) };
    memchr(b'\n', &text[before..end - 1]).map(|at| next + at)
}

/// Where a slice ends that starts with the line at `start` and holds lines that start before `end`; for a line that is too
/// long where that starts.
fn slice_end(text: &[u8], start: usize, end: usize) -> Result<usize, usize> {
    let inner = start + SLICE;
    if inner < end
        && let Some(at) = memrchr(b'\n', &text[start..inner])
    {
        return Ok(start + at + 1);
    }
    // The line that holds this byte is the last.
    let last = inner.min(end - 1);
    let line = memrchr(b'\n', &text[start..last]).map_or(start, |at| start + at + 1);
    let most = text.len().min(line + LONGEST_LINE + 1);
    match memchr(b'\n', &text[last..most]) {
        Some(at) => Ok(last + at + 1),
        None if most - line > LONGEST_LINE => Err(line),
        None => Ok(most),
    }
}
