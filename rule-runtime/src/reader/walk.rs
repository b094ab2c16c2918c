//! Stage 2: walks the bitmaps of one line and fills the slots.
//!
//! In: a block, its [`Index`], and where a line or a noted container starts. Out: values in the event. In an object every
//! step is a colon or a bracket. Most keys are turned away by a look at the last four bytes before their colon;
//! containers that no rule looks into are passed by counting brackets. What is passed is not checked.
//!
//! The walk is one loop with a stack of its own and everything inlined, so that it is compiled as a whole for each
//! instruction set.

#![allow(clippy::inline_always)] // See above.

use super::classes::{Task, Vector};
use super::error::{ReadError, ReadErrorKind};
use super::index::{Index, Masks};
use super::text::{BOM, ends_scalar, number_end, skip_inner_blanks, unescape};
use crate::event::{Event, FILTER_WORDS, Key, NONE, Open, ROOT, Slot, SlotTree, key_ends};

/// A container that the first phase has left for later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    node: u16,
    slot: u16,
    /// Position of its opening bracket in the block.
    at: usize,
}

/// Where a line lies in its block.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: usize,
    /// Position of the line feed, or the end of the block.
    pub(super) end: usize,
}

/// How much of a line to read.
pub(super) enum Part<'n> {
    /// All of it.
    Whole,
    /// What dispatch looks at, and scalars beside that; the rest is noted.
    Dispatch(&'n mut Vec<Note>),
    /// What has been noted.
    Noted(&'n mut Vec<Note>),
}

/// Reads a line, or a part of it.
pub(super) struct ReadPart<'w> {
    pub(super) tree: &'w SlotTree<'w>,
    pub(super) text: &'w [u8],
    pub(super) index: &'w Index,
    pub(super) line: Span,
    pub(super) slow_keys: bool,
    pub(super) depth_limit: usize,
    pub(super) event: &'w mut Event,
    pub(super) part: Part<'w>,
}

impl Task for ReadPart<'_> {
    type Output = Result<(), ReadError>;

    #[inline(always)]
    fn run<V: Vector>(self) -> Result<(), ReadError> {
        let Self { tree, text, index, line, slow_keys, depth_limit, event, part } = self;
        let mut open = std::mem::take(&mut event.open);
        let walk = Walk {
            tree,
            text,
            masks: &index.masks,
            line,
            slow_keys,
            depth_limit,
            event,
            open: &mut open,
            notes: None,
            word: 0,
            rest: 0,
        };
        let start = line.start;
        let result = match part {
            Part::Whole => walk.whole::<false>(),
            Part::Dispatch(notes) => Walk { notes: Some(notes), ..walk }.whole::<true>(),
            Part::Noted(notes) => walk.noted(notes),
        };
        event.open = open;
        result.map_err(|error| error.kind.at(error.offset.saturating_sub(start)))
    }
}

/// A position among the bitmaps, and all that the walk needs. Positions, also in errors, count from the block's start.
struct Walk<'w> {
    tree: &'w SlotTree<'w>,
    text: &'w [u8],
    masks: &'w [Masks],
    line: Span,
    slow_keys: bool,
    depth_limit: usize,
    event: &'w mut Event,
    open: &'w mut Vec<Open>,
    notes: Option<&'w mut Vec<Note>>,
    /// Index of the current masks.
    word: usize,
    /// What is left of its structure.
    rest: u64,
}

impl<'w> Walk<'w> {
    /// Reads the line's object.
    #[inline(always)]
    fn whole<const DISPATCH: bool>(mut self) -> Result<(), ReadError> {
        let start = self.line.start;
        let mark = if self.text[start..self.line.end].starts_with(BOM) { BOM.len() } else { 0 };
        let at = skip_inner_blanks(self.text, start + mark);
        match self.byte(at) {
            b'{' => {}
            _ if at >= self.line.end => return Err(ReadErrorKind::Empty.at(start)),
            _ => return Err(ReadErrorKind::NotAnObject.at(at)),
        }
        if self.depth_limit == 0 {
            return Err(ReadErrorKind::TooDeep.at(at));
        }
        self.seek(at + 1);
        let end = self.container::<DISPATCH>(Open { node: ROOT, slot: NONE, object: true }, at)?;
        let end = skip_inner_blanks(self.text, end);
        if end < self.line.end { Err(ReadErrorKind::TrailingText.at(end)) } else { Ok(()) }
    }

    /// Reads the containers that were noted.
    #[inline(always)]
    fn noted(mut self, notes: &mut Vec<Note>) -> Result<(), ReadError> {
        for note in notes.drain(..) {
            self.seek(note.at + 1);
            let object = self.byte(note.at) == b'{';
            let slot = if object { NONE } else { note.slot };
            self.container::<false>(Open { node: note.node, slot, object }, note.at)?;
        }
        Ok(())
    }

    /// Reads a container whose opening bracket, at `at`, has been passed, with everything in it. The result is the
    /// position behind its closing bracket.
    #[inline(always)]
    fn container<const DISPATCH: bool>(&mut self, outermost: Open, at: usize) -> Result<usize, ReadError> {
        self.open.clear();
        let mut here = outermost;
        // In an array: where the next element starts, or for a container just left, where it ended.
        let mut at = at + 1;
        let mut fresh = true;
        loop {
            let inner =
                if here.object { self.object::<DISPATCH>(here.node)? } else { self.array(here, at, fresh)? };
            match inner {
                Step::Enter(inner, bracket) => {
                    self.open.push(here);
                    if self.open.len() >= self.depth_limit {
                        return Err(ReadErrorKind::TooDeep.at(bracket));
                    }
                    here = inner;
                    at = bracket + 1;
                    fresh = true;
                }
                Step::Leave(bracket) => {
                    at = bracket + 1;
                    fresh = false;
                    match self.open.pop() {
                        Some(outer) => here = outer,
                        None => return Ok(at),
                    }
                }
            }
        }
    }

    /// Goes on in an object up to its end or up to a container to be entered.
    #[inline(always)]
    fn object<const DISPATCH: bool>(&mut self, node: u16) -> Result<Step, ReadError> {
        const NOTHING: &[u64; FILTER_WORDS] = &[0; FILTER_WORDS];
        let filter = self.tree.filters.get(usize::from(node)).unwrap_or(NOTHING);
        loop {
            let at = self.next();
            match self.byte(at) {
                b':' => {
                    let Some(key) = self.key(node, filter, at)? else { continue };
                    let value = skip_inner_blanks(self.text, at + 1);
                    let target = Open { node: key.node, slot: key.slot, object: false };
                    match self.byte(value) {
                        b'"' => _ = self.string(key.slot, value)?,
                        b'{' | b'[' => {
                            if let Inner::Entered(inner) = self.bracket::<DISPATCH>(target, value)? {
                                return Ok(Step::Enter(inner, value));
                            }
                        }
                        _ => _ = self.scalar(key.slot, value)?,
                    }
                }
                b'{' | b'[' => _ = self.skip(at)?,
                b'}' => return Ok(Step::Leave(at)),
                b'\n' => return Err(self.truncated()),
                _ => return Err(ReadErrorKind::ExpectedComma.at(at)),
            }
        }
    }

    /// Goes on in an array up to its end or up to a container to be entered. `fresh` tells that `at` is behind the
    /// opening bracket, not behind an element.
    #[inline(always)]
    fn array(&mut self, here: Open, mut at: usize, mut fresh: bool) -> Result<Step, ReadError> {
        loop {
            at = skip_inner_blanks(self.text, at);
            match self.byte(at) {
                b']' => {
                    self.pass(at)?;
                    return Ok(Step::Leave(at));
                }
                b',' if !fresh => at = skip_inner_blanks(self.text, at + 1),
                _ if fresh => {}
                _ => return Err(self.unexpected(ReadErrorKind::ExpectedComma, at)),
            }
            fresh = false;
            at = match self.byte(at) {
                b'"' => self.string(here.slot, at)?,
                // Being in this array, the first phase wants it whole.
                b'{' | b'[' => match self.bracket::<false>(here, at)? {
                    Inner::Entered(inner) => return Ok(Step::Enter(inner, at)),
                    Inner::Skipped(end) => end,
                },
                _ => self.scalar(here.slot, at)?,
            };
        }
    }

    /// Passes the opening bracket at `at`. The container is entered if something in it is wanted, else skipped; in the
    /// first phase it is noted and skipped unless dispatch looks into it.
    #[inline(always)]
    fn bracket<const DISPATCH: bool>(&mut self, target: Open, at: usize) -> Result<Inner, ReadError> {
        self.pass(at)?;
        let object = self.byte(at) == b'{';
        let slot = if object { NONE } else { target.slot };
        if target.node == NONE && slot == NONE {
            return self.skip(at).map(Inner::Skipped);
        }
        if DISPATCH && !self.dispatches(target.node, slot) {
            self.note(target.node, slot, at);
            return self.skip(at).map(Inner::Skipped);
        }
        Ok(Inner::Entered(Open { node: target.node, slot, object }))
    }

    #[inline(always)]
    fn dispatches(&self, node: u16, slot: u16) -> bool {
        self.tree.nodes.get(usize::from(node)).is_some_and(|node| node.dispatch)
            || self.tree.is_dispatch(Slot(slot))
    }

    #[inline(always)]
    fn note(&mut self, node: u16, slot: u16, at: usize) {
        if let Some(notes) = &mut self.notes {
            notes.push(Note { node, slot, at });
            self.event.defer_slot(Slot(slot));
            self.event.defer(self.tree.reach_of(node));
        }
    }

    /// The key whose colon is at `colon`, if the node knows it.
    #[inline(always)]
    fn key(
        &mut self,
        node: u16,
        filter: &[u64; FILTER_WORDS],
        colon: usize,
    ) -> Result<Option<&'w Key>, ReadError> {
        let tail = self.text.get(colon.wrapping_sub(4)..colon).and_then(|tail| tail.first_chunk::<4>());
        if let Some(tail) = tail
            && tail[3] == b'"'
            && !self.slow_keys
        {
            if !SlotTree::may_hold(filter, u32::from_le_bytes(*tail)) {
                return Ok(None);
            }
            return self.find_key(node, colon - 1);
        }
        self.odd_key(node, colon)
    }

    /// A key with blanks behind it or close to the block's start, or one that may be spelled with escapes.
    #[cold]
    fn odd_key(&mut self, node: u16, colon: usize) -> Result<Option<&'w Key>, ReadError> {
        let before =
            self.text[self.line.start..colon].iter().rposition(|&byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        let Some(close) =
            before.map(|before| self.line.start + before).filter(|&close| self.byte(close) == b'"')
        else {
            return Err(ReadErrorKind::ExpectedKey.at(colon));
        };
        let open = self.opening_quote(close)?;
        let raw = &self.text[open + 1..close];
        if !raw.contains(&b'\\') {
            return Ok(self.tree.find(node, raw));
        }
        let scratch = self.event.scratch_mut();
        let mark = scratch.len();
        unescape(raw, scratch).map_err(|error| error.kind.at(open + 1 + error.offset))?;
        let found = self.tree.find(node, &scratch[mark..]);
        scratch.truncate(mark);
        Ok(found)
    }

    /// Looks up the key whose closing quote is at `close`.
    #[inline(always)]
    fn find_key(&self, node: u16, close: usize) -> Result<Option<&'w Key>, ReadError> {
        let open = self.opening_quote(close)?;
        let Some(key) = self.text.get(open + 1..close) else { return Ok(None) };
        let (first, last) = self.loaded_ends(open + 1, key);
        Ok(self.tree.find_loaded(node, first, last, key))
    }

    /// Both ends of a key, without copying a short one where the block has eight bytes to load.
    #[inline(always)]
    fn loaded_ends(&self, start: usize, key: &[u8]) -> (u64, u64) {
        match (key.last_chunk::<8>(), self.text.get(start..).and_then(|rest| rest.first_chunk::<8>())) {
            (Some(last), Some(first)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            (None, Some(first)) => {
                let both = u64::from_le_bytes(*first) & ((1 << (key.len() * 8)) - 1);
                (both, both)
            }
            (_, None) => key_ends(key),
        }
    }

    /// The opening quote that belongs to the closing one at `close`.
    #[inline(always)]
    fn opening_quote(&self, close: usize) -> Result<usize, ReadError> {
        let mut word = close / 64;
        let mut quotes = self.masks.get(word).map_or(0, |masks| masks.quote) & ((1 << (close % 64)) - 1);
        while quotes == 0 {
            if word * 64 <= self.line.start {
                return Err(ReadErrorKind::ExpectedKey.at(close));
            }
            word -= 1;
            quotes = self.masks[word].quote;
        }
        let open = word * 64 + quotes.ilog2() as usize;
        if open < self.line.start { Err(ReadErrorKind::ExpectedKey.at(close)) } else { Ok(open) }
    }

    /// Reads the string whose opening quote is at `open`; the result is the position behind the closing one.
    #[inline(always)]
    fn string(&mut self, slot: u16, open: usize) -> Result<usize, ReadError> {
        let mut word = open / 64;
        let mut above = u64::MAX << 1 << (open % 64);
        let mut escapes = 0;
        let close = loop {
            let Some(masks) = self.masks.get(word) else { return Err(ReadErrorKind::OpenString.at(open)) };
            let quotes = masks.quote & above;
            if quotes != 0 {
                // Up to the closing quote.
                escapes |= masks.backslash & above & (quotes ^ (quotes - 1));
                break word * 64 + quotes.trailing_zeros() as usize;
            }
            escapes |= masks.backslash & above;
            above = u64::MAX;
            word += 1;
        };
        if slot != NONE {
            if escapes == 0 {
                let start = open + 1 - self.line.start;
                self.event.push_line_text(Slot(slot), start as u32, (close - open - 1) as u32);
            } else {
                self.escaped_string(slot, open + 1, close)?;
            }
        }
        Ok(close + 1)
    }

    fn escaped_string(&mut self, slot: u16, start: usize, end: usize) -> Result<(), ReadError> {
        let scratch = self.event.scratch_mut();
        let mark = scratch.len();
        unescape(&self.text[start..end], scratch).map_err(|error| error.kind.at(start + error.offset))?;
        self.event.push_scratch_text(Slot(slot), mark);
        Ok(())
    }

    /// Reads the number or word at `at`; the result is the position behind it.
    #[inline(always)]
    fn scalar(&mut self, slot: u16, at: usize) -> Result<usize, ReadError> {
        let end = match self.byte(at) {
            b'-' | b'0'..=b'9' => {
                let end = number_end(self.text, at)?;
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
            _ => return Err(self.unexpected(ReadErrorKind::ExpectedValue, at)),
        };
        if ends_scalar(self.byte(end)) { Ok(end) } else { Err(ReadErrorKind::ExpectedComma.at(end)) }
    }

    /// Passes the rest of the container whose opening bracket, at `open`, has been passed; the result is the position
    /// behind it.
    #[inline(always)]
    fn skip(&mut self, open: usize) -> Result<usize, ReadError> {
        let mut word = open / 64;
        let mut above = u64::MAX << 1 << (open % 64);
        let mut depth = 1;
        loop {
            if word * 64 >= self.line.end {
                return Err(self.truncated());
            }
            let masks = &self.masks[word];
            let opens = masks.open & above;
            let mut closes = masks.close & above;
            let count = closes.count_ones();
            if count >= depth {
                // It may end here: at the first closing bracket with enough closing and few enough opening ones before.
                let mut ended = 0;
                while closes != 0 {
                    ended += 1;
                    let below = closes ^ (closes - 1);
                    if depth + (opens & below).count_ones() == ended {
                        self.word = word;
                        self.rest = masks.structure & !below;
                        let end = word * 64 + closes.trailing_zeros() as usize + 1;
                        return if end > self.line.end { Err(self.truncated()) } else { Ok(end) };
                    }
                    closes &= closes - 1;
                }
            }
            depth = depth + opens.count_ones() - count;
            above = u64::MAX;
            word += 1;
        }
    }

    /// Goes to the first structure at or behind a position.
    #[inline(always)]
    fn seek(&mut self, at: usize) {
        self.word = at / 64;
        self.rest = self.masks.get(self.word).map_or(0, |masks| masks.structure) & (u64::MAX << (at % 64));
    }

    /// The position of the next structure, which is passed; behind the block's end if there is none.
    #[inline(always)]
    fn next(&mut self) -> usize {
        while self.rest == 0 {
            self.word += 1;
            match self.masks.get(self.word) {
                Some(masks) => self.rest = masks.structure,
                None => return self.text.len(),
            }
        }
        let at = self.word * 64 + self.rest.trailing_zeros() as usize;
        self.rest &= self.rest - 1;
        at
    }

    /// Passes the structure at `at`, which has been found by looking at the bytes.
    #[inline(always)]
    fn pass(&mut self, at: usize) -> Result<(), ReadError> {
        if self.next() == at { Ok(()) } else { Err(ReadErrorKind::ExpectedComma.at(at)) }
    }

    /// The byte at a position; behind the block's end a line feed.
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b'\n')
    }

    #[inline(always)]
    fn starts(&self, at: usize, word: &[u8]) -> bool {
        self.text.get(at..at + word.len()) == Some(word)
    }

    #[cold]
    fn truncated(&self) -> ReadError {
        ReadErrorKind::Truncated.at(self.line.end)
    }

    #[cold]
    fn unexpected(&self, kind: ReadErrorKind, at: usize) -> ReadError {
        if at >= self.line.end { self.truncated() } else { kind.at(at) }
    }
}

/// What comes next in a container.
enum Step {
    /// A wanted container, and where its bracket stands.
    Enter(Open, usize),
    /// The end, and where its bracket stands.
    Leave(usize),
}

/// What has become of a container.
enum Inner {
    Entered(Open),
    /// Passed; the position behind it.
    Skipped(usize),
}
