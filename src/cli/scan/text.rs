//! A buffer that is filled again and again.
//!
//! Unlike a vector it does not clear the memory it is about to read into, and bytes are taken off its front for free.

use std::ops::Deref;

/// Some bytes, in memory that stays when they go.
#[derive(Debug, Default)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// Bytes in a line of the cache.
const LINE: usize = 64;

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }
}

impl Text {
    /// Forgets all bytes; memory beyond `most` goes as well.
    pub(crate) fn clear(&mut self, most: usize) {
        (self.start, self.end) = (0, 0);
        if self.bytes.len() > most {
            self.bytes.truncate(most);
            self.bytes.shrink_to_fit();
        }
    }

    /// Room for `count` bytes behind the end, with anything in it.
    pub(crate) fn room(&mut self, count: usize) -> &mut [u8] {
        let needed = self.end + count;
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
        &mut self.bytes[self.end..needed]
    }

    /// The first `count` bytes of the room have been filled.
    pub(crate) fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// Adds bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.filled(bytes.len());
    }

    /// Keeps the first `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start + len);
    }

    /// Moves what there is to the front of the memory, so that what is read behind it from `offset` of a file lies in a line
    /// of the processor's cache as it does in those of the system. Copying a byte or two off takes three times as long.
    pub(crate) fn settle(&mut self, offset: u64) {
        let len = self.end - self.start;
        let start = (offset as usize).wrapping_sub(self.bytes.as_ptr().addr() + len) % LINE;
        if self.bytes.len() < start + len {
            self.bytes.resize(start + len, 0);
        }
        self.bytes.copy_within(self.start..self.end, start);
        (self.start, self.end) = (start, start + len);
    }

    /// Drops the first `count` bytes.
    pub(crate) fn skip(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_and_go() {
        let mut text = Text::default();
        text.push(b"abcdef");
        text.skip(2);
        text.truncate(3);
        assert_eq!(&*text, b"cde");
        text.room(9)[..2].copy_from_slice(b"xy");
        text.filled(2);
        assert_eq!(&*text, b"cdexy");
        text.skip(99);
        assert_eq!(&*text, b"");
        text.clear(4);
        text.push(b"new");
        assert_eq!(&*text, b"new");
    }
}
