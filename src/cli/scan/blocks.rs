//! Inputs cut into blocks of whole lines.
//!
//! In: inputs in order. Out: numbered blocks, handed out one at a time to whichever thread asks. A plain file is cut
//! into ranges that threads read on their own, a slice after the other; a stream is read by the thread that asks, while
//! the others match. A line belongs to the block it starts in. Memory is one buffer per thread, however large the input.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::text::Text;
use crate::cli::input::{self, Input, Opened};

/// How much of a stream a thread takes at once.
const STREAM: usize = 128 << 10;
/// How much of a plain file a thread takes at once, at most. Near its end it is less, for threads to end at the same time.
const RANGE: u64 = 1 << 20;
/// How much of that is read at once: little enough to be still near when it is matched.
const SLICE: usize = 64 << 10;
/// How much is read at once to find the end of the last line of a range.
const TAIL: usize = 8 << 10;
/// Lines longer than this are reported and left out: no event is that long, and memory has an end.
pub(crate) const LONGEST_LINE: usize = 64 << 20;

/// A piece of an input: whole lines, the last of which may lack its line break. They come in slices.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Its place among all blocks of all inputs, from 0.
    pub(crate) number: u64,
    /// The input, by its place.
    pub(crate) input: u32,
    /// Where the slice starts in the (decompressed) input.
    pub(crate) offset: u64,
    /// The file, if parts of it can be read again.
    pub(crate) file: Option<Arc<File>>,
    text: Text,
    /// How much of `text` are the lines of the slice; what follows is the start of another.
    lines: usize,
    /// A line that was longer than [`LONGEST_LINE`]: where it starts. It stands where the slice ends.
    pub(crate) too_long: Option<u64>,
    /// Why the input cannot be read any further.
    pub(crate) failure: Option<String>,
    /// Whether lines are waited for as they come.
    pub(crate) live: bool,
    left: Left,
}

/// What has not been read of a block.
#[derive(Clone, Copy, Debug, Default)]
enum Left {
    #[default]
    Nothing,
    /// The lines are there already.
    Slice,
    /// What comes after `text` in the file.
    Range(Range),
}

/// Bytes of a file from `next` up to `end`, and the rest of a line that starts there.
#[derive(Clone, Copy, Debug)]
struct Range {
    next: u64,
    end: u64,
    /// The first line has been found.
    started: bool,
}

/// Hands out blocks.
pub(crate) struct Blocks {
    inputs: Vec<Input>,
    next_input: usize,
    number: u64,
    current: Current,
}

enum Current {
    None,
    Plain { file: Arc<File>, len: u64, next: u64 },
    Stream(Stream),
}

/// An input that is read from front to back.
struct Stream {
    reader: Box<dyn Read + Send>,
    live: bool,
    /// The start of a line whose end has not been read yet.
    rest: Text,
    offset: u64,
}

impl Blocks {
    pub(crate) fn new(inputs: Vec<Input>) -> Self {
        Self { inputs, next_input: 0, number: 0, current: Current::None }
    }

    /// Makes `block` the next block; false at the end of all inputs. What is left to do without holding up others is
    /// done by [`Block::read`].
    pub(crate) fn next(&mut self, block: &mut Block) -> bool {
        loop {
            block.reset();
            if matches!(self.current, Current::None) {
                if self.next_input == self.inputs.len() {
                    return false;
                }
                self.open(block);
            }
            let more = match &mut self.current {
                Current::None => true,
                Current::Plain { file, len, next } => next_range(file, *len, next, block),
                Current::Stream(stream) => stream.next(block),
            };
            if !more || block.failure.is_some() {
                self.current = Current::None;
            }
            if more {
                block.input = self.next_input as u32 - 1;
                block.number = self.number;
                self.number += 1;
                return true;
            }
        }
    }

    /// How many blocks there have been.
    pub(crate) fn count(&self) -> u64 {
        self.number
    }

    fn open(&mut self, block: &mut Block) {
        let input = &self.inputs[self.next_input];
        self.next_input += 1;
        match input::open(input) {
            Ok(Opened::Plain { file, len }) => {
                self.current = Current::Plain { file: Arc::new(file), len, next: 0 };
            }
            Ok(Opened::Stream { reader, live }) => {
                self.current = Current::Stream(Stream { reader, live, rest: Text::default(), offset: 0 });
            }
            Err(error) => {
                block.failure = Some(input::reason(&error));
            }
        }
    }
}

fn next_range(file: &Arc<File>, len: u64, next: &mut u64, block: &mut Block) -> bool {
    if *next >= len {
        return false;
    }
    let left = len - *next;
    let count = (left / 8).clamp(2 * SLICE as u64, RANGE).next_multiple_of(SLICE as u64);
    let end = *next + count.min(left);
    block.left = Left::Range(Range { next: *next, end, started: false });
    block.file = Some(Arc::clone(file));
    *next = end;
    true
}

impl Block {
    fn reset(&mut self) {
        // One huge line must not keep its memory for good.
        self.text.clear(8 * STREAM);
        self.lines = 0;
        self.offset = 0;
        self.file = None;
        self.too_long = None;
        self.failure = None;
        self.live = false;
        self.left = Left::Nothing;
    }

    /// The lines of the slice.
    pub(crate) fn lines(&self) -> &[u8] {
        &self.text[..self.lines]
    }

    /// Goes to the next slice; false if there is no more.
    pub(crate) fn read(&mut self) -> bool {
        match std::mem::take(&mut self.left) {
            Left::Nothing => false,
            Left::Slice => true,
            Left::Range(range) => {
                let Some(file) = self.file.clone() else { return false };
                self.offset += self.lines as u64;
                self.text.skip(std::mem::take(&mut self.lines));
                if let Err(error) = self.read_slice(&file, range) {
                    self.failure = Some(input::reason(&error));
                }
                self.lines > 0 || self.too_long.is_some()
            }
        }
    }

    fn read_slice(&mut self, file: &File, range: Range) -> io::Result<()> {
        let Range { mut next, end, started } = range;
        self.text.settle(if started { next } else { next.saturating_sub(1) });
        if !started && !self.find_line(file, &mut next, end)? {
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
                // The last line of the file has no end.
                self.lines = searched;
                return Ok(());
            }
        }
    }

    /// Reads up to the first line that starts in a range, which may be none.
    fn find_line(&mut self, file: &File, next: &mut u64, end: u64) -> io::Result<bool> {
        self.offset = *next;
        if *next == 0 {
            return Ok(true);
        }
        // From the byte before, which tells whether a line starts here.
        *next -= 1;
        while *next < end {
            read_at(file, *next, SLICE.min((end - *next) as usize), &mut self.text)?;
            if self.text.is_empty() {
                break;
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

impl Stream {
    fn next(&mut self, block: &mut Block) -> bool {
        let more = self.read(block);
        block.lines = block.text.len();
        if more && (block.lines > 0 || block.too_long.is_some()) {
            block.left = Left::Slice;
        }
        more
    }

    fn read(&mut self, block: &mut Block) -> bool {
        block.offset = self.offset;
        block.live = self.live;
        std::mem::swap(&mut block.text, &mut self.rest);
        self.rest.clear(8 * STREAM);
        loop {
            let before = block.text.len();
            let wanted = if before < STREAM { STREAM - before } else { STREAM };
            match read_some(&mut self.reader, wanted, &mut block.text) {
                Ok(0) => break,
                Ok(count) => {
                    let broken = memrchr(b'\n', &block.text[before..]).map(|at| before + at + 1);
                    let full = block.text.len() >= STREAM || (self.live && count < wanted);
                    if let Some(end) = broken.filter(|_| full) {
                        self.rest.push(&block.text[end..]);
                        block.text.truncate(end);
                        break;
                    }
                    if block.text.len() > LONGEST_LINE {
                        self.skip_line(block);
                        return true;
                    }
                }
                Err(error) => {
                    block.failure = Some(input::reason(&error));
                    break;
                }
            }
        }
        self.offset += block.text.len() as u64;
        !block.text.is_empty() || block.failure.is_some()
    }

    /// Leaves out the rest of a line that is too long.
    fn skip_line(&mut self, block: &mut Block) {
        let line = memrchr(b'\n', &block.text).map_or(0, |at| at + 1);
        block.too_long = Some(block.offset + line as u64);
        let mut passed = block.text.len() as u64;
        block.text.truncate(line);
        let mut piece = Text::default();
        loop {
            piece.clear(STREAM);
            match read_some(&mut self.reader, STREAM, &mut piece) {
                Ok(0) => break,
                Ok(_) => match memchr(b'\n', &piece) {
                    Some(at) => {
                        passed += at as u64 + 1;
                        self.rest.push(&piece[at + 1..]);
                        break;
                    }
                    None => passed += piece.len() as u64,
                },
                Err(error) => {
                    block.failure = Some(input::reason(&error));
                    break;
                }
            }
        }
        self.offset += passed;
    }
}

/// Reads once, at most `count` bytes, onto the end of `text`.
fn read_some(reader: &mut dyn Read, count: usize, text: &mut Text) -> io::Result<usize> {
    loop {
        match reader.read(text.room(count)) {
            Ok(read) => {
                text.filled(read);
                return Ok(read);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
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

#[cfg(test)]
mod tests;
