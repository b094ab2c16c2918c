//! What is rare: keys that are not told by their last bytes, strings with escapes, and reasons for refusing a value.
//!
//! What is not inlined takes no reference to the walk, so that the walk's state can stay in registers.

use super::super::error::{ReadError, ReadErrorKind};
use super::super::index::Bitmaps;
use super::super::text::unescape;
use super::Span;
use crate::event::{Event, Key, Slot, SlotTree};
use std::hint::select_unpredictable;

/// A key with blanks behind it or close to the block's start, or one that may be spelled with escapes.
#[cold]
pub(super) fn odd_key<'w>(
    tree: &SlotTree<'w>,
    text: &[u8],
    bitmaps: Bitmaps<'_>,
    line: Span,
    event: &mut Event,
    node: u16,
    colon: usize,
) -> Result<Option<&'w Key>, ReadError> {
    let before = text[line.start..colon].iter().rposition(|&byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    let close = before.map(|before| line.start + before).filter(|&close| text[close] == b'"');
    let close = close.ok_or(ReadErrorKind::ExpectedKey.at(colon))?;
    let open = opening_quote(bitmaps, line, close)?;
    let raw = &text[open + 1..close];
    if !raw.contains(&b'\\') {
        return Ok(tree.find(node, raw));
    }
    let scratch = event.scratch_mut();
    let mark = scratch.len();
    unescape(raw, scratch).map_err(|error| error.kind.at(open + 1 + error.offset))?;
    let found = tree.find(node, &scratch[mark..]);
    scratch.truncate(mark);
    Ok(found)
}

/// Why there is no value at `at`.
#[cold]
pub(super) fn no_value(text: &[u8], line: Span, at: usize) -> ReadError {
    let rest = text.get(at..line.end).unwrap_or_default();
    let words: [&[u8]; 3] = [b"null", b"true", b"false"];
    if words.iter().any(|word| word.starts_with(rest)) {
        return ReadErrorKind::Truncated.at(line.end);
    }
    ReadErrorKind::ExpectedValue.at(at)
}

/// The opening quote that belongs to the closing one at `close`.
#[inline(always)]
fn opening_quote(bitmaps: Bitmaps<'_>, line: Span, close: usize) -> Result<usize, ReadError> {
    let mut word = close / 64;
    let here = bitmaps.quote(word).unwrap_or(0) & ((1 << (close % 64)) - 1);
    // Whether the quote stands in these 64 bytes or the 64 before is a toss.
    let before = bitmaps.quote(word.wrapping_sub(1)).unwrap_or(0);
    let mut quotes = select_unpredictable(here == 0, before, here);
    word = select_unpredictable(here == 0, word.wrapping_sub(1), word);
    while quotes == 0 {
        if word.wrapping_mul(64) <= line.start || word > close / 64 {
            return Err(ReadErrorKind::ExpectedKey.at(close));
        }
        word -= 1;
        quotes = bitmaps.quote(word).unwrap_or(0);
    }
    let open = word * 64 + quotes.ilog2() as usize;
    if open < line.start { Err(ReadErrorKind::ExpectedKey.at(close)) } else { Ok(open) }
}

pub(super) fn escaped_string(
    text: &[u8],
    event: &mut Event,
    slot: u16,
    start: usize,
    end: usize,
) -> Result<(), ReadError> {
    let scratch = event.scratch_mut();
    let mark = scratch.len();
    unescape(&text[start..end], scratch).map_err(|error| error.kind.at(start + error.offset))?;
    event.push_scratch_text(Slot(slot), mark);
    Ok(())
}
