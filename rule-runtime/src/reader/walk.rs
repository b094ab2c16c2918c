//! Stage 2: walks the bitmaps of one line and fills the slots.
//!
//! In: a block, its [`Index`], and where a line or a noted container starts. Out: values in the event. In an object every
//! step is a colon or a bracket. Most keys are turned away by a look at the last bytes before their colon;
//! containers that no rule looks into are passed by counting brackets. What is passed is not checked.
//!
//! The walk is one loop with a stack of its own and everything inlined, so that it is compiled as a whole for each
//! instruction set.

#![allow(clippy::inline_always)] // See above.

use super::classes::{Task, Vector};
use super::error::{ReadError, ReadErrorKind};
use super::index::{Index, Masks};
use super::simd::Text;
use super::text::{BOM, ends_scalar, number_end, unescape};
use crate::event::{Event, Key, NONE, Open, ROOT, Slot, SlotTree, Table, tail_before_quote};
use std::hint::select_unpredictable;

/// A container, or a string with escapes, that the first phase has left for later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    node: u16,
    slot: u16,
    /// Position of its opening bracket or quote in the block.
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
    /// What has been noted, but for what only the slots of these bits are for.
    Noted(&'n mut Vec<Note>, &'n [u64]),
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
            text: Text::new(text),
            masks: index.masks(),
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
            Part::Noted(notes, unwanted) => walk.noted(notes, unwanted),
        };
        event.open = open;
        result.map_err(|error| error.kind.at(error.offset.saturating_sub(start)))
    }
}

/// A position among the bitmaps, and all that the walk needs. Positions, also in errors, count from the block's start.
struct Walk<'w> {
    tree: &'w SlotTree<'w>,
    text: Text<'w>,
    masks: &'w [Masks],
    line: Span,
    /// Keys may hold escapes.
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
        let mark = if self.starts(start, BOM) { BOM.len() } else { 0 };
        let at = self.skip_blanks(start + mark);
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
        let end = self.skip_blanks(end);
        if end < self.line.end { Err(ReadErrorKind::TrailingText.at(end)) } else { Ok(()) }
    }

    /// Reads what has been noted.
    #[inline(always)]
    fn noted(mut self, notes: &mut Vec<Note>, unwanted: &[u64]) -> Result<(), ReadError> {
        for note in notes.drain(..) {
            if !self.is_wanted(note, unwanted) {
                continue;
            }
            if self.byte(note.at) == b'"' {
                self.string::<false>(note.slot, note.at)?;
                continue;
            }
            self.seek(note.at + 1);
            let object = self.byte(note.at) == b'{';
            let slot = if object { NONE } else { note.slot };
            self.container::<false>(Open { node: note.node, slot, object }, note.at)?;
        }
        Ok(())
    }

    /// Whether what has been noted may fill a slot that is not among the bits.
    #[inline(always)]
    fn is_wanted(&self, note: Note, unwanted: &[u64]) -> bool {
        let word = unwanted.get(usize::from(note.slot) / 64).copied().unwrap_or(0);
        if note.slot != NONE && word >> (note.slot % 64) & 1 == 0 {
            return true;
        }
        let reach = self.tree.reach_of(note.node).iter().zip(unwanted.iter().chain(std::iter::repeat(&0)));
        reach.fold(0, |any, (reach, unwanted)| any | reach & !unwanted) != 0
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
        let table = self.tree.table(node);
        loop {
            let at = self.next();
            match self.byte(at) {
                b':' => {
                    let Some(key) = self.key(node, table, at)? else { continue };
                    let value = self.skip_blanks(at + 1);
                    let target = Open { node: key.node, slot: key.slot, object: false };
                    match self.byte(value) {
                        b'"' => _ = self.string::<DISPATCH>(key.slot, value)?,
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
            at = self.skip_blanks(at);
            match self.byte(at) {
                b']' => {
                    self.pass(at)?;
                    return Ok(Step::Leave(at));
                }
                b',' if !fresh => at = self.skip_blanks(at + 1),
                _ if fresh => {}
                _ => return Err(self.unexpected(ReadErrorKind::ExpectedComma, at)),
            }
            fresh = false;
            at = match self.byte(at) {
                b'"' => self.string::<false>(here.slot, at)?,
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
    fn key(&mut self, node: u16, table: Table<'w>, colon: usize) -> Result<Option<&'w Key>, ReadError> {
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
        odd_key(self.tree, self.text.bytes(), self.masks, self.line, self.event, node, colon)
    }

    /// Whether there is a backslash in the key that ends with the quote at `close`, or may be.
    #[inline(always)]
    fn is_escaped(&self, close: usize) -> bool {
        let below = (1 << (close % 64)) - 1;
        let masks = |word: usize| self.masks.get(word).copied().unwrap_or_default();
        let (here, before) = (masks(close / 64), masks((close / 64).wrapping_sub(1)));
        let in_key = |masks: Masks, below: u64| {
            let quotes = masks.quote & below;
            // Behind the last quote that stands before the closing one.
            let behind = quotes.checked_ilog2().map_or(u64::MAX, |open| u64::MAX << open);
            (quotes != 0, masks.backslash & below & behind != 0)
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
        self.masks.get(open / 64).is_some_and(|masks| masks.quote >> (open % 64) & 1 == 1)
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
    fn string<const DISPATCH: bool>(&mut self, slot: u16, open: usize) -> Result<usize, ReadError> {
        let start = open + 1;
        let quotes = self.window(start, |masks| masks.quote);
        // Most strings end here. Whether they do so in these 64 bytes of the index or the next 64 is a toss.
        let (close, escapes) = if quotes != 0 {
            let escapes = self.window(start, |masks| masks.backslash) & (quotes ^ (quotes - 1));
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
            let Some(masks) = self.masks.get(word) else {
                return Err(ReadErrorKind::OpenString.at(start - 1));
            };
            let quotes = masks.quote & above;
            if quotes != 0 {
                // Up to the closing quote.
                escapes |= masks.backslash & above & (quotes ^ (quotes - 1));
                return Ok((word * 64 + quotes.trailing_zeros() as usize, escapes != 0));
            }
            escapes |= masks.backslash & above;
            above = u64::MAX;
            word += 1;
        }
    }

    /// 64 bits of a bitmap from a position on.
    #[inline(always)]
    fn window(&self, at: usize, bits: impl Fn(&Masks) -> u64) -> u64 {
        let bits = |word: usize| self.masks.get(word).map_or(0, &bits);
        let (word, shift) = (at / 64, at % 64);
        bits(word) >> shift | bits(word + 1) << 1 << (63 - shift)
    }

    /// Reads the number or word at `at`; the result is the position behind it.
    #[inline(always)]
    fn scalar(&mut self, slot: u16, at: usize) -> Result<usize, ReadError> {
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
        // Whether the next structure stands in these 64 bytes or the next 64 is a toss.
        let empty = self.rest == 0;
        let after = self.masks.get(self.word + 1).map_or(0, |masks| masks.structure);
        self.rest = select_unpredictable(empty, after, self.rest);
        self.word += usize::from(empty);
        while self.rest == 0 {
            self.word += 1;
            match self.masks.get(self.word) {
                Some(masks) => self.rest = masks.structure,
                None => return self.text.bytes().len(),
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

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.text.byte(at)
    }

    /// The first position from `at` on that holds no blank.
    #[inline(always)]
    fn skip_blanks(&self, mut at: usize) -> usize {
        // Mostly there is none, and one comparison tells. The byte behind the block is no blank.
        while self.byte(at) <= b' ' && matches!(self.byte(at), b' ' | b'\t' | b'\r') {
            at += 1;
        }
        at
    }

    #[inline(always)]
    fn starts(&self, at: usize, word: &[u8]) -> bool {
        self.text.bytes().get(at..at + word.len()) == Some(word)
    }

    #[inline(always)]
    fn truncated(&self) -> ReadError {
        ReadErrorKind::Truncated.at(self.line.end)
    }

    #[inline(always)]
    fn unexpected(&self, kind: ReadErrorKind, at: usize) -> ReadError {
        if at >= self.line.end { self.truncated() } else { kind.at(at) }
    }
}

// What is not inlined takes no reference to the walk, so that the walk's state can stay in registers.

/// A key with blanks behind it or close to the block's start, or one that may be spelled with escapes.
#[cold]
fn odd_key<'w>(
    tree: &SlotTree<'w>,
    text: &[u8],
    masks: &[Masks],
    line: Span,
    event: &mut Event,
    node: u16,
    colon: usize,
) -> Result<Option<&'w Key>, ReadError> {
    let before = text[line.start..colon].iter().rposition(|&byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    let close = before.map(|before| line.start + before).filter(|&close| text[close] == b'"');
    let close = close.ok_or(ReadErrorKind::ExpectedKey.at(colon))?;
    let open = opening_quote(masks, line, close)?;
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
fn no_value(text: &[u8], line: Span, at: usize) -> ReadError {
    let rest = text.get(at..line.end).unwrap_or_default();
    let words: [&[u8]; 3] = [b"null", b"true", b"false"];
    if words.iter().any(|word| word.starts_with(rest)) {
        return ReadErrorKind::Truncated.at(line.end);
    }
    ReadErrorKind::ExpectedValue.at(at)
}

/// The opening quote that belongs to the closing one at `close`.
#[inline(always)]
fn opening_quote(masks: &[Masks], line: Span, close: usize) -> Result<usize, ReadError> {
    let mut word = close / 64;
    let here = masks.get(word).map_or(0, |masks| masks.quote) & ((1 << (close % 64)) - 1);
    // Whether the quote stands in these 64 bytes or the 64 before is a toss.
    let before = masks.get(word.wrapping_sub(1)).map_or(0, |masks| masks.quote);
    let mut quotes = select_unpredictable(here == 0, before, here);
    word = select_unpredictable(here == 0, word.wrapping_sub(1), word);
    while quotes == 0 {
        if word.wrapping_mul(64) <= line.start || word > masks.len() {
            return Err(ReadErrorKind::ExpectedKey.at(close));
        }
        word -= 1;
        quotes = masks[word].quote;
    }
    let open = word * 64 + quotes.ilog2() as usize;
    if open < line.start { Err(ReadErrorKind::ExpectedKey.at(close)) } else { Ok(open) }
}

fn escaped_string(
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
