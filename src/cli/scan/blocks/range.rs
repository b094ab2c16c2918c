//! Ranges of files that are read.
//!
//! In: a file and a range of it. Out: slices of whole lines, those that start in the range.

use std::fs::File;
use std::io;

use memchr::{memchr, memrchr};

use super::plain::Plain;
use super::{Block, LONGEST_LINE, Left, Range, SLICE};
use crate::cli::scan::text::Text;

/// How much is read at once to find the end of the last line of a range.
const TAIL: usize = 8 << 10;

impl Block {
    /// Reads the next slice of a range.
    pub(super) fn read_slice(&mut self, plain: &Plain, range: Range) -> io::Result<()> {
        let file = &plain.file;
        self.offset += self.lines as u64;
        self.text.skip(std::mem::take(&mut self.lines));
        let Range { mut next, end, started } = range;
        self.text.settle(if started { next } else { next.saturating_sub(1) });
        if !started && !self.find_line(plain, &mut next, end)? {
            return Ok(());
        }
        // `text` is what stands in the file from `offset`, where a line starts, to `next`.
        if self.offset >= end {
            return Ok(());
        }
        let last = (end - 1 - self.offset) as usize;
        let mut searched = 0;
        loop {
            let whole = next >= end;
            let from = if whole { last.max(searched) } else { searched };
            let text = self.text.get(from..).unwrap_or_default();
            let line_end = if whole { memchr(b'\n', text) } else { memrchr(b'\n', text) };
            if let Some(at) = line_end {
                self.lines = from + at + 1;
                self.left =
                    if whole { Left::Nothing } else { Left::Range(Range { next, end, started: true }) };
                return Ok(());
            }
            searched = self.text.len();
            let line = memrchr(b'\n', &self.text).map_or(0, |at| at + 1);
            if searched - line > LONGEST_LINE {
                self.too_long = Some(self.offset + line as u64);
                self.lines = line;
                return Ok(());
            }
            read_at(file, next, if whole { TAIL } else { SLICE.min((end - next) as usize) }, &mut self.text)?;
            next += (self.text.len() - searched) as u64;
            if self.text.len() == searched {
                if next < plain.len {
                    self.lines = line;
                    return Err(plain.cut_short(next));
                }
                // The last line of the file has no end.
                self.lines = searched;
                return Ok(());
            }
        }
    }

    /// Reads up to the first line that starts in a range, which may be none.
    fn find_line(&mut self, plain: &Plain, next: &mut u64, end: u64) -> io::Result<bool> {
        self.offset = *next;
        if *next == 0 {
            return Ok(true);
        }
        // From the byte before, which tells whether a line starts here.
        *next -= 1;
        while *next < end {
            read_at(&plain.file, *next, SLICE.min((end - *next) as usize), &mut self.text)?;
            if self.text.is_empty() {
                return Err(plain.cut_short(*next));
            }
            let from = *next;
            *next += self.text.len() as u64;
            if let Some(at) = memchr(b'\n', &self.text) {
                self.offset = from + at as u64 + 1;
                self.text.skip(at + 1);
                return Ok(true);
            }
            self.text.clear(usize::MAX);
        }
        Ok(false)
    }
}

/// Reads `count` bytes from `offset` on onto the end of `text`; fewer only at the end of the file.
pub(crate) fn read_at(file: &File, offset: u64, count: usize, text: &mut Text) -> io::Result<()> {
    let mut done = 0;
    while done < count {
        match read_piece(file, text.room(count - done), offset + done as u64) {
            Ok(0) => break,
            Ok(read) => {
                text.filled(read);
                done += read;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_piece(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_piece(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
