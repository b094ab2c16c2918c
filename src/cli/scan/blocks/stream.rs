//! Inputs that are read from front to back: pipes, and what is compressed.
//!
//! In: a reader. Out: blocks of whole lines, as they come if they are waited for.

use std::io::{self, Read};

use memchr::{memchr, memrchr};

use super::{Block, LONGEST_LINE, Left};
use crate::cli::input;
use crate::cli::scan::text::Text;

/// How much a thread takes at once.
pub(super) const STREAM: usize = 128 << 10;

/// An input that is read from front to back.
pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    live: bool,
    /// The start of a line whose end has not been read yet.
    rest: Text,
    offset: u64,
}

impl Stream {
    pub(super) fn new(reader: Box<dyn Read + Send>, live: bool) -> Self {
        Self { reader, live, rest: Text::default(), offset: 0 }
    }

    /// Makes `block` the next block; false at the end.
    pub(super) fn next(&mut self, block: &mut Block) -> bool {
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
