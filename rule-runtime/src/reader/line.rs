//! The strict reader: one line, one pass, every byte checked against RFC 8259.
//!
//! In: a line. Out: an [`Event`] with the wanted values, or the first mistake. It needs no index of the line and no
//! `unsafe`, and is the yardstick for the block reader, which leaves unchecked what it skips.

use super::error::{ReadError, ReadErrorKind};
use super::text::{BOM, ends_scalar, number_end, skip_blanks, unescape};
use crate::event::{Event, NONE, Open, ROOT, Slot, SlotTree};

/// How deeply objects and arrays may be nested unless a reader is told otherwise.
pub const DEFAULT_DEPTH_LIMIT: usize = 512;

/// Reads one JSON object and checks all of it.
///
/// White space around the object, a line end and a byte order mark before it are allowed. On an error the event holds
/// what was read before it.
///
/// # Errors
///
/// Whatever is not one complete JSON object in UTF-8; see [`ReadErrorKind`].
pub fn read_line(tree: &SlotTree<'_>, line: &[u8], event: &mut Event) -> Result<(), ReadError> {
    let mut reader = StrictReader { open: std::mem::take(&mut event.open), ..StrictReader::default() };
    let result = reader.read(tree, line, event);
    event.open = reader.open;
    result
}

/// Checks that a line is one JSON object, nested at most [`DEFAULT_DEPTH_LIMIT`] deep, and nothing else.
///
/// Allocates for its working memory; a [`StrictReader`] keeps it.
pub fn check_strict(line: &[u8]) -> Result<(), ReadError> {
    StrictReader::default().check(line)
}

/// The strict reader with a depth limit of one's own and working memory that is used again.
#[derive(Clone, Debug)]
pub struct StrictReader {
    depth_limit: usize,
    open: Vec<Open>,
    none: Event,
}

impl Default for StrictReader {
    fn default() -> Self {
        Self::with_depth_limit(DEFAULT_DEPTH_LIMIT)
    }
}

impl StrictReader {
    /// A reader for lines that nest at most this deeply, the object itself included.
    pub fn with_depth_limit(depth_limit: usize) -> Self {
        Self { depth_limit, open: Vec::new(), none: Event::default() }
    }

    /// Reads one line like [`read_line`].
    pub fn read(&mut self, tree: &SlotTree<'_>, line: &[u8], event: &mut Event) -> Result<(), ReadError> {
        event.begin(tree.slots());
        self.open.clear();
        if u32::try_from(line.len()).is_err() {
            return Err(ReadErrorKind::TooLong.at(0));
        }
        if let Err(error) = std::str::from_utf8(line) {
            return Err(ReadErrorKind::InvalidUtf8.at(error.valid_up_to()));
        }
        Pass { tree, text: line, at: 0, event, open: &mut self.open, depth_limit: self.depth_limit }.line()
    }

    /// Checks one line like [`check_strict`].
    pub fn check(&mut self, line: &[u8]) -> Result<(), ReadError> {
        let mut none = std::mem::take(&mut self.none);
        let result = self.read(&NO_FIELDS, line, &mut none);
        self.none = none;
        result
    }
}

/// The tree of no paths at all.
const NO_FIELDS: SlotTree<'static> = SlotTree {
    names: "",
    paths: &[],
    nodes: &[],
    keys: &[],
    buckets: &[],
    reach: &[],
    dispatch: &[],
    escapable: false,
};

/// One pass over one line.
struct Pass<'p> {
    tree: &'p SlotTree<'p>,
    text: &'p [u8],
    at: usize,
    event: &'p mut Event,
    open: &'p mut Vec<Open>,
    depth_limit: usize,
}

impl Pass<'_> {
    fn line(&mut self) -> Result<(), ReadError> {
        if self.text.starts_with(BOM) {
            self.at = BOM.len();
        }
        self.blanks();
        match self.text.get(self.at) {
            None => return Err(ReadErrorKind::Empty.at(0)),
            Some(b'{') if self.depth_limit == 0 => return Err(ReadErrorKind::TooDeep.at(self.at)),
            Some(b'{') => self.at += 1,
            Some(_) => return Err(ReadErrorKind::NotAnObject.at(self.at)),
        }
        self.entries()?;
        self.blanks();
        if self.at < self.text.len() { Err(ReadErrorKind::TrailingText.at(self.at)) } else { Ok(()) }
    }

    /// All entries of the outermost object, which has been entered, and of everything in it.
    fn entries(&mut self) -> Result<(), ReadError> {
        let mut here = Open { node: ROOT, slot: NONE, object: true };
        let mut fresh = true;
        loop {
            self.blanks();
            if self.peek()? == if here.object { b'}' } else { b']' } {
                self.at += 1;
                match self.open.pop() {
                    Some(outer) => here = outer,
                    None => return Ok(()),
                }
                fresh = false;
                continue;
            }
            if !fresh {
                self.expect(b',', ReadErrorKind::ExpectedComma)?;
                self.blanks();
            }
            let (node, slot) = if here.object { self.key(here.node)? } else { (here.node, here.slot) };
            let inner = self.value(node, slot)?;
            fresh = inner.is_some();
            if let Some(inner) = inner {
                self.open.push(here);
                if self.open.len() >= self.depth_limit {
                    return Err(ReadErrorKind::TooDeep.at(self.at - 1));
                }
                here = inner;
            }
        }
    }

    /// Reads a key with its colon, up to the value; the result is where the key leads.
    fn key(&mut self, node: u16) -> Result<(u16, u16), ReadError> {
        if self.peek()? != b'"' {
            return Err(ReadErrorKind::ExpectedKey.at(self.at));
        }
        let (start, end, escaped) = self.string()?;
        let raw = &self.text[start..end];
        let found = if escaped {
            let mark = self.unescape(start, end)?;
            let scratch = self.event.scratch_mut();
            let found = self.tree.find(node, &scratch[mark..]);
            scratch.truncate(mark);
            found
        } else {
            self.tree.find(node, raw)
        };
        self.blanks();
        self.expect(b':', ReadErrorKind::ExpectedColon)?;
        self.blanks();
        Ok(found.map_or((NONE, NONE), |key| (key.node, key.slot)))
    }

    /// Reads a scalar, or enters an object or array and says what its entries lead to.
    fn value(&mut self, node: u16, slot: u16) -> Result<Option<Open>, ReadError> {
        match self.peek()? {
            b'{' => {
                self.at += 1;
                return Ok(Some(Open { node, slot: NONE, object: true }));
            }
            b'[' => {
                self.at += 1;
                return Ok(Some(Open { node, slot, object: false }));
            }
            b'"' => self.text_value(slot)?,
            b'-' | b'0'..=b'9' => self.number(slot)?,
            b't' => {
                self.word(b"true")?;
                self.event.push_bool(Slot(slot), true);
            }
            b'f' => {
                self.word(b"false")?;
                self.event.push_bool(Slot(slot), false);
            }
            b'n' => self.word(b"null")?,
            _ => return Err(ReadErrorKind::ExpectedValue.at(self.at)),
        }
        Ok(None)
    }

    fn text_value(&mut self, slot: u16) -> Result<(), ReadError> {
        let (start, end, escaped) = self.string()?;
        if escaped {
            let mark = self.unescape(start, end)?;
            if slot == NONE {
                self.event.scratch_mut().truncate(mark);
            } else {
                self.event.push_scratch_text(Slot(slot), mark);
            }
        } else if slot != NONE {
            self.event.push_line_text(Slot(slot), start as u32, (end - start) as u32);
        }
        Ok(())
    }

    fn number(&mut self, slot: u16) -> Result<(), ReadError> {
        let end = number_end(self.text, self.at)?;
        if !self.text.get(end).is_none_or(|&byte| ends_scalar(byte)) {
            return Err(ReadErrorKind::BadNumber.at(self.at));
        }
        if slot != NONE {
            self.event.push_line_number(Slot(slot), self.at as u32, (end - self.at) as u32);
        }
        self.at = end;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), ReadError> {
        let rest = &self.text[self.at..];
        if !rest.starts_with(word) {
            let cut = word.starts_with(rest);
            let kind = if cut { ReadErrorKind::Truncated } else { ReadErrorKind::ExpectedValue };
            return Err(kind.at(if cut { self.text.len() } else { self.at }));
        }
        self.at += word.len();
        Ok(())
    }

    /// Passes the string whose opening quote stands here: where its inside starts and ends, and whether it has escapes.
    fn string(&mut self) -> Result<(usize, usize, bool), ReadError> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at += plain_len(&self.text[at..]);
            match self.text.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((start, at, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    // The character after it is looked at again only if it is neither quote nor backslash.
                    at += if matches!(self.text.get(at + 1), Some(b'"' | b'\\')) { 2 } else { 1 };
                }
                Some(_) => return Err(ReadErrorKind::ControlCharacter.at(at)),
                None => return Err(ReadErrorKind::OpenString.at(start - 1)),
            }
        }
    }

    /// Appends the meaning of a string to the scratch buffer and says where it starts there.
    fn unescape(&mut self, start: usize, end: usize) -> Result<usize, ReadError> {
        let scratch = self.event.scratch_mut();
        let mark = scratch.len();
        unescape(&self.text[start..end], scratch).map_err(|error| error.kind.at(start + error.offset))?;
        Ok(mark)
    }

    fn blanks(&mut self) {
        self.at = skip_blanks(self.text, self.at);
    }

    fn peek(&self) -> Result<u8, ReadError> {
        self.text.get(self.at).copied().ok_or(ReadErrorKind::Truncated.at(self.text.len()))
    }

    fn expect(&mut self, byte: u8, otherwise: ReadErrorKind) -> Result<(), ReadError> {
        if self.peek()? != byte {
            return Err(otherwise.at(self.at));
        }
        self.at += 1;
        Ok(())
    }
}

/// Number of leading bytes that are neither quote, backslash nor control character, eight at a time.
fn plain_len(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = ONES << 7;
    let mut len = 0;
    for chunk in text.chunks_exact(8) {
        let word = chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        // A borrow can only set marks above a true one, so the lowest mark is exact.
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let special = (quote | backslash | control) & HIGH;
        if special != 0 {
            return len + special.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    let rest = &text[len..];
    len + rest.iter().position(|&byte| byte < 0x20 || matches!(byte, b'"' | b'\\')).unwrap_or(rest.len())
}
