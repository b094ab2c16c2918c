//! Inputs cut into blocks of whole lines.
//!
//! In: inputs in order. Out: numbered blocks, handed out one at a time to whichever thread asks. A plain file is cut
//! into ranges that threads read on their own, a slice after the other; a stream is read by the thread that asks, while
//! the others match. A line belongs to the block it starts in. Memory is one buffer per thread, or a few pieces of a file
//! that is mapped, however large the input.

mod mapped;
mod plain;
mod range;
mod stream;

use std::io;
use std::sync::Arc;

use self::plain::Plain;
pub(crate) use self::range::read_at;
use self::stream::{STREAM, Stream};
use super::text::Text;
use crate::cli::input::{self, Input, Opened};

/// How much of a plain file a thread takes at once, at most. Near its end it is less, for threads to end at the same time.
const RANGE: u64 = 1 << 20;
/// How much of that is read at once: little enough to be still near when it is matched.
const SLICE: usize = 64 << 10;
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
    file: Option<Arc<Plain>>,
    /// Whether the lines are those of the mapped file, not of `text`.
    mapped: bool,
    /// What was read, from `offset` on.
    text: Text,
    /// How many bytes from `offset` on are the lines of the slice; what follows is the start of another.
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
    /// What comes next in the file.
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
    /// Files are mapped where that can be done.
    map: bool,
    next_input: usize,
    number: u64,
    current: Current,
}

enum Current {
    None,
    Plain { file: Arc<Plain>, next: u64 },
    Stream(Stream),
}

impl Blocks {
    pub(crate) fn new(inputs: Vec<Input>, map: bool) -> Self {
        Self { inputs, map, next_input: 0, number: 0, current: Current::None }
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
                Current::Plain { file, next } => next_range(file, next, block),
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
                self.current = Current::Plain { file: Arc::new(Plain::new(file, len, self.map)), next: 0 };
            }
            Ok(Opened::Stream { reader, live }) => {
                self.current = Current::Stream(Stream::new(reader, live));
            }
            Err(error) => {
                block.failure = Some(input::reason(&error));
            }
        }
    }
}

fn next_range(file: &Arc<Plain>, next: &mut u64, block: &mut Block) -> bool {
    if *next >= file.len || file.has_failed() {
        return false;
    }
    let left = file.len - *next;
    let count = (left / 8).clamp(2 * SLICE as u64, RANGE).next_multiple_of(SLICE as u64);
    let end = *next + count.min(left);
    block.left = Left::Range(Range { next: *next, end, started: false });
    block.file = Some(Arc::clone(file));
    file.release(*next);
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
        self.mapped = false;
        self.too_long = None;
        self.failure = None;
        self.live = false;
        self.left = Left::Nothing;
    }

    /// The lines of the slice.
    pub(crate) fn lines(&self) -> &[u8] {
        match self.file.as_ref().and_then(|file| file.map()) {
            Some(map) if self.mapped => &map.bytes()[self.offset as usize..][..self.lines],
            _ => &self.text[..self.lines],
        }
    }

    /// Whether parts of the input can be read again.
    pub(crate) fn again(&self) -> bool {
        self.file.is_some()
    }

    /// Goes to the next slice; false if there is no more.
    pub(crate) fn read(&mut self) -> bool {
        match std::mem::take(&mut self.left) {
            Left::Nothing => {
                self.check_mapped();
                false
            }
            Left::Slice => true,
            Left::Range(range) => {
                let Some(file) = self.file.clone() else { return false };
                if !range.started {
                    self.mapped = file.is_mapped(range.next, range.end);
                }
                let result = match file.map() {
                    Some(map) if self.mapped => self.map_slice(&file, map, range),
                    _ => self.read_slice(&file, range),
                };
                self.fail(&file, result);
                self.lines > 0 || self.too_long.is_some()
            }
        }
    }

    fn fail(&mut self, file: &Plain, result: io::Result<()>) {
        if let Err(error) = result
            && file.fails_first()
        {
            self.failure = Some(input::reason(&error));
        }
    }

    /// The last lines may have gone while they were looked at.
    fn check_mapped(&mut self) {
        if self.mapped
            && let Some(file) = self.file.clone()
            && let Some(gone) = file.gone()
        {
            self.fail(&file, Err(file.cut_short(gone as u64)));
        }
    }
}

#[cfg(test)]
mod tests;
