//! Keys, strings, numbers and words: what stands between the brackets.
//!
//! In: the position of a colon, or of the first byte of a value. Out: which key it is, or where the value ends, with the value
//! in its slot.

use super::super::error::{ReadError, ReadErrorKind};
use super::super::text::{ends_scalar, number_end};
use super::Walk;
use super::odd::{escaped_string, no_value, odd_key};
use crate::event::{Key, NONE, Slot, Table, tail_before_quote};

impl<'w> Walk<'w> {
    /// The key whose colon is at `colon`, if the node knows it.
    #[inline(always)]
    pub(super) fn key(
        &mut self,
        node: u16,
        table: Table<'w>,
        colon: usize,
    ) -> Result<Option<&'w Key>, ReadError> {
        if let Some(bytes) = self.text.eight(colon.wrapping_sub(8))
            && bytes >> 56 == u64::from(b'"')
        {
            let tail = tail_before_quote(bytes);
            let mut bucket = table.start(tail);
            while let Some(key) = table.key(bucket) {
                if key.tail == tail && self.stands_before(key, colon - 1) {
                    return Ok(Some(key));
                }
                bucket += 1;
            }
            if !(self.slow_keys && self.is_escaped(colon - 1)) {
                return Ok(None);
            }
        }
        odd_key(self.tree, self.text.bytes(), self.bitmaps, self.line, self.event, node, colon)
    }

    /// Whether there is a backslash in the key that ends with the quote at `close`, or may be.
    #[inline(always)]
    fn is_escaped(&self, close: usize) -> bool {
        let below = (1 << (close % 64)) - 1;
        let (here, before) = (close / 64, (close / 64).wrapping_sub(1));
        let in_key = |word: usize, below: u64| {
            let quotes = self.bitmaps.quote(word).unwrap_or(0) & below;
            // Behind the last quote that stands before the closing one.
            let behind = quotes.checked_ilog2().map_or(u64::MAX, |open| u64::MAX << open);
            (quotes != 0, self.bitmaps.backslash(word) & below & behind != 0)
        };
        let (opens, escaped) = in_key(here, below);
        if opens || escaped {
            return escaped;
        }
        let (opens, escaped) = in_key(before, u64::MAX);
        // A key of more than 64 bytes is left to who looks at it byte by byte.
        !opens || escaped
    }

    /// Whether the key, whose tail does, stands before the quote at `close` as a whole. No name that gets here holds a
    /// quote, a backslash or a line feed, so what is found does not reach into another string or line.
    #[inline(always)]
    fn stands_before(&self, key: &Key, close: usize) -> bool {
        let len = key.name.len as usize;
        let start = close.wrapping_sub(len);
        let open = start.wrapping_sub(1);
        self.bitmaps.quote(open / 64).is_some_and(|quotes| quotes >> (open % 64) & 1 == 1)
            && match self.text.eight(start) {
                Some(first) => {
                    first & key.first_mask == key.first && (len <= 15 || self.is_key(key, start, close))
                }
                None => self.is_key(key, start, close),
            }
    }

    #[inline(always)]
    fn is_key(&self, key: &Key, start: usize, close: usize) -> bool {
        self.text.bytes().get(start..close).is_some_and(|text| self.tree.is_named(key, text))
    }

    /// Reads the string whose opening quote is at `open`; the result is the position behind the closing one. In the first
    /// phase a string with escapes that dispatch does not look at is noted.
    #[inline(always)]
    pub(super) fn string<const DISPATCH: bool>(
        &mut self,
        slot: u16,
        open: usize,
    ) -> Result<usize, ReadError> {
        let start = open + 1;
        let quotes = self.bitmaps.quotes_from(start);
        // Most strings end here. Whether they do so in these 64 bytes of the index or the next 64 is a toss.
        let (close, escapes) = if quotes != 0 {
            let escapes = self.bitmaps.backslashes_from(start) & (quotes ^ (quotes - 1));
            (start + quotes.trailing_zeros() as usize, escapes != 0)
        } else {
            self.long_string(start)?
        };
        if slot != NONE {
            if !escapes {
                let start = start - self.line.start;
                self.event.push_line_text(Slot(slot), start as u32, (close - open - 1) as u32);
            } else if DISPATCH && !self.tree.is_dispatch(Slot(slot)) {
                self.note(NONE, slot, open);
            } else {
                escaped_string(self.text.bytes(), self.event, slot, open + 1, close)?;
            }
        }
        Ok(close + 1)
    }

    /// The closing quote of a string of 64 bytes or more, which starts at `start`, and whether there are escapes in it.
    #[inline(always)]
    fn long_string(&self, start: usize) -> Result<(usize, bool), ReadError> {
        let mut word = start / 64;
        let mut above = u64::MAX << (start % 64);
        let mut escapes = 0;
        loop {
            let Some(quotes) = self.bitmaps.quote(word) else {
                return Err(ReadErrorKind::OpenString.at(start - 1));
            };
            let (quotes, backslashes) = (quotes & above, self.bitmaps.backslash(word) & above);
            if quotes != 0 {
                // Up to the closing quote.
                escapes |= backslashes & (quotes ^ (quotes - 1));
                return Ok((word * 64 + quotes.trailing_zeros() as usize, escapes != 0));
            }
            escapes |= backslashes;
            above = u64::MAX;
            word += 1;
        }
    }

    /// Reads the number or word at `at`; the result is the position behind it.
    #[inline(always)]
    pub(super) fn scalar(&mut self, slot: u16, at: usize) -> Result<usize, ReadError> {
        let end = match self.byte(at) {
            b'-' | b'0'..=b'9' => {
                let end = number_end(self.text.bytes(), at)?;
                if !ends_scalar(self.byte(end)) {
                    return Err(ReadErrorKind::BadNumber.at(at));
                }
                if slot != NONE {
                    let start = at - self.line.start;
                    self.event.push_line_number(Slot(slot), start as u32, (end - at) as u32);
                }
                return Ok(end);
            }
            _ if self.starts(at, b"null") => at + 4,
            _ if self.starts(at, b"true") => {
                self.event.push_bool(Slot(slot), true);
                at + 4
            }
            _ if self.starts(at, b"false") => {
                self.event.push_bool(Slot(slot), false);
                at + 5
            }
            _ => return Err(no_value(self.text.bytes(), self.line, at)),
        };
        if ends_scalar(self.byte(end)) { Ok(end) } else { Err(ReadErrorKind::ExpectedComma.at(end)) }
    }
}
