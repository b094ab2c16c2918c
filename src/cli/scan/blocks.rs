//! Inputs cut into blocks of whole lines.
//!
//! In: inputs in order. Out: numbered blocks, handed out one at a time to whichever thread asks. A plain file is cut
//! into ranges that threads read on their own; a stream is read by the thread that asks, while the others match. A
//! line belongs to the block it starts in. Memory is one buffer per thread, however large the input.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::text::Text;
use crate::cli::input::{self, Input, Opened};

/// How much of an input a thread takes at once.
pub(crate) const BLOCK: usize = 256 << 10;
/// Lines longer than this are reported and left out: no event is that long, and memory has an end.
pub(crate) const LONGEST_LINE: usize = 64 << 20;

/// A piece of an input: whole lines, the last of which may lack its line break.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Its place among all blocks of all inputs, from 0.
    pub(crate) number: u64,
    /// The input, by its place.
    pub(crate) input: u32,
    /// Where it starts in the (decompressed) input.
    pub(crate) offset: u64,
    /// Whether this is the first block of the input.
    pub(crate) first: bool,
    /// The file, if parts of it can be read again.
    pub(crate) file: Option<Arc<File>>,
    /// The lines.
    pub(crate) text: Text,
    /// Lines that were longer than [`LONGEST_LINE`]: where they start. Each stands where `text` ends.
    pub(crate) too_long: Option<u64>,
    /// Why the input cannot be read any further.
    pub(crate) failure: Option<String>,
    range: Option<(u64, u64)>,
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
    first: bool,
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
                self.current =
                    Current::Stream(Stream { reader, live, rest: Text::default(), offset: 0, first: true });
            }
            Err(error) => {
                block.first = true;
                block.failure = Some(input::reason(&error));
            }
        }
    }
}

fn next_range(file: &Arc<File>, len: u64, next: &mut u64, block: &mut Block) -> bool {
    if *next >= len {
        return false;
    }
    let end = (*next + BLOCK as u64).min(len);
    block.range = Some((*next, end));
    block.first = *next == 0;
    block.file = Some(Arc::clone(file));
    *next = end;
    true
}

impl Block {
    fn reset(&mut self) {
        // One huge line must not keep its memory for good.
        self.text.clear(8 * BLOCK);
        self.offset = 0;
        self.first = false;
        self.file = None;
        self.too_long = None;
        self.failure = None;
        self.range = None;
    }

    /// Reads the lines of a block of a plain file. Other blocks have them already.
    pub(crate) fn read(&mut self) {
        let (Some((start, end)), Some(file)) = (self.range.take(), self.file.clone()) else { return };
        if let Err(error) = self.read_range(&file, start, end) {
            self.failure = Some(input::reason(&error));
        }
    }

    fn read_range(&mut self, file: &File, start: u64, end: u64) -> io::Result<()> {
        // From the byte before, which tells whether a line starts here.
        let from = start.saturating_sub(1);
        read_at(file, from, (end - from) as usize, &mut self.text)?;
        let skipped = match start {
            0 => 0,
            _ => memchr(b'\n', &self.text).map_or(self.text.len(), |at| at + 1),
        };
        self.offset = from + skipped as u64;
        if self.offset >= end {
            self.text.truncate(0);
            return Ok(());
        }
        // The last line goes on behind the range.
        while self.text.last() != Some(&b'\n') {
            let before = self.text.len();
            read_at(file, from + before as u64, BLOCK / 16, &mut self.text)?;
            let added = &self.text[before..];
            match memchr(b'\n', added) {
                Some(at) => self.text.truncate(before + at + 1),
                None if added.is_empty() => break,
                None => {}
            }
            let line = memrchr(b'\n', &self.text[..self.text.len() - 1]).map_or(skipped, |at| at + 1);
            if self.text.len() - line > LONGEST_LINE {
                self.too_long = Some(from + line as u64);
                self.text.truncate(line);
                break;
            }
        }
        self.text.skip(skipped);
        Ok(())
    }
}

impl Stream {
    fn next(&mut self, block: &mut Block) -> bool {
        block.offset = self.offset;
        block.first = std::mem::take(&mut self.first);
        std::mem::swap(&mut block.text, &mut self.rest);
        self.rest.clear(8 * BLOCK);
        loop {
            let before = block.text.len();
            let wanted = if before < BLOCK { BLOCK - before } else { BLOCK };
            match read_some(&mut self.reader, wanted, &mut block.text) {
                Ok(0) => break,
                Ok(count) => {
                    let broken = memrchr(b'\n', &block.text[before..]).map(|at| before + at + 1);
                    let full = block.text.len() >= BLOCK || (self.live && count < wanted);
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
            piece.clear(BLOCK);
            match read_some(&mut self.reader, BLOCK, &mut piece) {
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
