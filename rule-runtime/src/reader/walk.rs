//! Stage 2: walks the bitmaps of one line and fills the slots.
//!
//! In: a block, its [`Index`], and where a line or a noted container starts. Out: values in the event. In the
//! object of a line every step is one of the colons that the index has listed, so what no rule looks into is not passed but never
//! come upon; in an object in it every step is a colon or a bracket, and what no rule looks into is passed by counting
//! brackets. Most keys are turned away by a look at the last bytes before their colon. What is passed is not checked.
//!
//! The walk is one loop with a stack of its own and everything inlined, so that it is compiled as a whole for each
//! instruction set.

#![allow(clippy::inline_always)] // See above.

mod odd;
mod value;

use super::classes::{Task, Vector};
use super::error::{ReadError, ReadErrorKind};
use super::index::{Bitmaps, Index};
use super::simd::Text;
use super::text::BOM;
use crate::event::{Event, Key, NONE, Open, ROOT, Slot, SlotTree};
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

impl Span {
    /// Whether one of these 64 bytes of the block, which are in order, is among those of the line. `next` is the index of one
    /// that is not behind them, and moves on to them; lines are asked for in order.
    #[inline]
    pub(super) fn touches(self, words: &[usize], next: &mut usize) -> bool {
        while words.get(*next).is_some_and(|&word| word < self.start / 64) {
            *next += 1;
        }
        words.get(*next).is_some_and(|&word| word <= self.end / 64)
    }
}

/// How much of a line to read.
pub(super) enum Part<'n> {
    /// All of it.
    Whole(Entries<'n>),
    /// What dispatch looks at, and scalars beside that; the rest is noted.
    Dispatch(Entries<'n>, &'n mut Vec<Note>),
    /// What has been noted, but for what only the slots of these bits are for.
    Noted(&'n mut Vec<Note>, &'n [u64]),
}

/// What is known to stand directly in a line's object: the positions of the colons of its entries and of the bracket that ends
/// it, and maybe more behind that.
pub(super) struct Entries<'n> {
    pub(super) positions: &'n [u32],
    /// The number of those of the line, once all of it has been read.
    pub(super) seen: &'n mut usize,
}

/// Reads a line, or a part of it.
pub(super) struct ReadPart<'w> {
    pub(super) input: Input<'w>,
    pub(super) part: Part<'w>,
}

/// Reads a line of which it is not known what stands directly in its object.
pub(super) struct ReadBlindly<'w> {
    pub(super) input: Input<'w>,
    /// As in [`Part::Dispatch`]; none to read all of it.
    pub(super) notes: Option<&'w mut Vec<Note>>,
}

/// A line, and what to do with it.
pub(super) struct Input<'w> {
    pub(super) tree: &'w SlotTree<'w>,
    pub(super) text: &'w [u8],
    pub(super) index: &'w Index,
    pub(super) line: Span,
    pub(super) slow_keys: bool,
    pub(super) depth_limit: usize,
    pub(super) event: &'w mut Event,
}

impl Task for ReadPart<'_> {
    type Output = Result<(), ReadError>;

    #[inline(always)]
    fn run<V: Vector>(self) -> Result<(), ReadError> {
        let mut walk = self.input.walk();
        let result = match self.part {
            Part::Whole(entries) => walk.entries::<false>(entries),
            Part::Dispatch(entries, notes) => {
                walk.notes = Some(notes);
                walk.entries::<true>(entries)
            }
            Part::Noted(notes, unwanted) => walk.noted(notes, unwanted),
        };
        walk.end(result)
    }
}

impl Task for ReadBlindly<'_> {
    type Output = Result<(), ReadError>;

    #[inline(always)]
    fn run<V: Vector>(self) -> Result<(), ReadError> {
        let mut walk = self.input.walk();
        walk.notes = self.notes;
        let result = if walk.notes.is_some() { walk.whole::<true>() } else { walk.whole::<false>() };
        walk.end(result)
    }
}

impl<'w> Input<'w> {
    #[inline(always)]
    fn walk(self) -> Walk<'w> {
        let Self { tree, text, index, line, slow_keys, depth_limit, event } = self;
        Walk {
            tree,
            text: Text::new(text),
            bitmaps: index.bitmaps(),
            line,
            slow_keys,
            depth_limit,
            open: std::mem::take(&mut event.open),
            event,
            notes: None,
            outer: 0,
            word: 0,
            rest: 0,
        }
    }
}

/// A position among the bitmaps, and all that the walk needs. Positions, also in errors, count from the block's start.
struct Walk<'w> {
    tree: &'w SlotTree<'w>,
    text: Text<'w>,
    bitmaps: Bitmaps<'w>,
    line: Span,
    /// Keys may hold escapes.
    slow_keys: bool,
    depth_limit: usize,
    event: &'w mut Event,
    open: Vec<Open>,
    notes: Option<&'w mut Vec<Note>>,
    /// So many containers around the outermost one that is read count for the limit.
    outer: usize,
    /// Number of the current 64 bytes.
    word: usize,
    /// What is left of its structure.
    rest: u64,
}

impl Walk<'_> {
    #[inline(always)]
    fn end(self, result: Result<(), ReadError>) -> Result<(), ReadError> {
        self.event.open = self.open;
        result.map_err(|error| error.kind.at(error.offset.saturating_sub(self.line.start)))
    }

    /// Reads the line's object.
    #[inline(always)]
    fn whole<const DISPATCH: bool>(&mut self) -> Result<(), ReadError> {
        let at = self.first_bracket()?;
        self.seek(at + 1);
        let end = self.container::<DISPATCH>(Open { node: ROOT, slot: NONE, object: true }, at)?;
        self.last_bracket(end)
    }

    /// The position of the bracket that opens the line's object.
    #[inline(always)]
    fn first_bracket(&self) -> Result<usize, ReadError> {
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
        Ok(at)
    }

    /// Sees to it that nothing stands behind the line's object, which ends before `end`.
    #[inline(always)]
    fn last_bracket(&self, end: usize) -> Result<(), ReadError> {
        let end = self.skip_blanks(end);
        if end < self.line.end { Err(ReadErrorKind::TrailingText.at(end)) } else { Ok(()) }
    }

    /// Reads the entries of the line's object.
    #[inline(always)]
    fn entries<const DISPATCH: bool>(
        &mut self,
        Entries { positions, seen }: Entries<'_>,
    ) -> Result<(), ReadError> {
        self.first_bracket()?;
        self.outer = 1;
        let table = self.tree.table(ROOT);
        for (number, &at) in positions.iter().enumerate() {
            let at = at as usize;
            match self.byte(at) {
                b':' if at < self.line.end => {}
                b'}' if at < self.line.end => {
                    *seen = number + 1;
                    return self.last_bracket(at + 1);
                }
                _ => return Err(self.unexpected(ReadErrorKind::ExpectedComma, at)),
            }
            let Some(key) = self.key(ROOT, table, at)? else { continue };
            let value = self.skip_blanks(at + 1);
            match self.byte(value) {
                b'"' => _ = self.string::<DISPATCH>(key.slot, value)?,
                b'{' | b'[' => self.entry::<DISPATCH>(key, value)?,
                _ => _ = self.scalar(key.slot, value)?,
            }
        }
        Err(self.truncated())
    }

    /// Reads a container that stands directly in the line's object, or notes it.
    #[inline(always)]
    fn entry<const DISPATCH: bool>(&mut self, key: &Key, at: usize) -> Result<(), ReadError> {
        let object = self.byte(at) == b'{';
        let slot = if object { NONE } else { key.slot };
        if key.node == NONE && slot == NONE {
            return Ok(());
        }
        if DISPATCH && !self.dispatches(key.node, slot) {
            self.note(key.node, slot, at);
            return Ok(());
        }
        if self.depth_limit == 1 {
            return Err(ReadErrorKind::TooDeep.at(at));
        }
        self.seek(at + 1);
        self.container::<DISPATCH>(Open { node: key.node, slot, object }, at).map(|_| ())
    }

    /// Reads what has been noted.
    #[inline(always)]
    fn noted(&mut self, notes: &mut Vec<Note>, unwanted: &[u64]) -> Result<(), ReadError> {
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
                    if self.open.len() + self.outer >= self.depth_limit {
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
            let opens = self.bitmaps.open(word) & above;
            let mut closes = self.bitmaps.close(word) & above;
            let count = closes.count_ones();
            if count >= depth {
                // It may end here: at the first closing bracket with enough closing and few enough opening ones before.
                let mut ended = 0;
                while closes != 0 {
                    ended += 1;
                    let below = closes ^ (closes - 1);
                    if depth + (opens & below).count_ones() == ended {
                        self.word = word;
                        self.rest = self.bitmaps.structure(word).unwrap_or(0) & !below;
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
        self.rest = self.bitmaps.structure(self.word).unwrap_or(0) & (u64::MAX << (at % 64));
    }

    /// The position of the next structure, which is passed; behind the block's end if there is none.
    #[inline(always)]
    fn next(&mut self) -> usize {
        // Whether the next structure stands in these 64 bytes or the next 64 is a toss.
        let empty = self.rest == 0;
        let after = self.bitmaps.structure(self.word + 1).unwrap_or(0);
        self.rest = select_unpredictable(empty, after, self.rest);
        self.word += usize::from(empty);
        while self.rest == 0 {
            self.word += 1;
            match self.bitmaps.structure(self.word) {
                Some(structure) => self.rest = structure,
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
