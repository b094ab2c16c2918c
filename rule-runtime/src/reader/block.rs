//! The fast reader: a block of lines at a time.
//!
//! In: a block of whole lines. Out: for each line that is not blank its text and, when asked, its event. A line that
//! cannot be read does not touch its neighbours.

use super::error::{ReadError, ReadErrorKind};
use super::index::{Index, IndexBlock};
use super::line::{DEFAULT_DEPTH_LIMIT, StrictReader};
use super::simd::Isa;
use super::walk::{Entries, Input, Note, Part, ReadBlindly, ReadPart, Span};
use crate::event::{Event, SlotTree};

/// Reads blocks of NDJSON. Made once; its memory is used again for each block.
///
/// Uses AVX-512 or AVX2 and the bit manipulation instructions when the machine has them, plain arithmetic otherwise; all
/// give the same results.
///
/// What is skipped because no rule names it is checked for the ends of its strings, the balance of its brackets, control
/// characters in strings and UTF-8, and for nothing else: `{"x":[1,2}}` passes when nobody wants `x`, and so does a
/// missing comma between entries. Whatever [`read_line`](super::read_line) takes is taken, with the same values; add
/// [`check_strict`](super::check_strict) to refuse the rest.
///
/// ```
/// use rule_runtime::event::{Event, Scalar, Slot, SlotTree};
/// use rule_runtime::reader::BlockReader;
///
/// let owned = SlotTree::build(&["process.name"])?;
/// let tree = owned.as_ref();
/// let mut event = Event::with_slots(tree.slots());
/// let mut reader = BlockReader::new();
/// let block = b"{\"process\":{\"name\":\"curl\"}}\n{\"process\":\n{\"process.name\":\"sh\"}\n";
///
/// let mut lines = reader.lines(block);
/// while let Some(line) = lines.next_line() {
///     match lines.read(&tree, &mut event) {
///         Ok(()) => assert!(matches!(event.view(line.text).first(Slot(0)), Some(Scalar::Text(b"curl" | b"sh")))),
///         Err(error) => assert_eq!((line.number, error.offset), (1, 11)),
///     }
/// }
/// # Ok::<(), rule_runtime::event::SlotTreeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BlockReader {
    isa: Isa,
    depth_limit: usize,
    /// What stands directly in the objects of lines is not made use of.
    blind: bool,
    block: Index,
    /// The index of one line of a flawed block.
    single: Index,
    notes: Vec<Note>,
    strict: StrictReader,
}

impl Default for BlockReader {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockReader {
    /// A reader that uses the best instructions of this machine.
    pub fn new() -> Self {
        Self::with_isa(Isa::detect())
    }

    /// A reader that uses no special instructions: the one every machine without AVX2 gets.
    pub fn portable() -> Self {
        Self::with_isa(Isa::Portable)
    }

    /// One reader that goes through every line bracket by bracket, named `blind`, and one for each instruction set of this
    /// machine, with its name, the best one last. For tests and measurements.
    pub fn all() -> Vec<(String, Self)> {
        let blind = ("blind".to_owned(), Self { blind: true, ..Self::new() });
        let named = |isa: Isa| (isa.name().to_owned(), Self::with_isa(isa));
        std::iter::once(blind).chain(Isa::available().into_iter().map(named)).collect()
    }

    /// Sets how deeply objects and arrays that are read may be nested, the event's own object included. What is skipped
    /// may be nested more deeply, as it needs no memory.
    #[must_use]
    pub fn depth_limit(mut self, limit: usize) -> Self {
        self.depth_limit = limit;
        self
    }

    /// Indexes a block and goes through its lines. A block ends with a line end or is the end of the input; lines that
    /// are cut are taken for broken ones.
    pub fn lines<'r>(&'r mut self, block: &'r [u8]) -> Lines<'r> {
        self.isa.run(IndexBlock { text: block, index: &mut self.block });
        let broken_utf8 = !self.block.is_utf8(block);
        Lines {
            block,
            broken_utf8,
            next: 0,
            next_escape: 0,
            top: 0,
            next_top: 0,
            next_deep: 0,
            line: Span::default(),
            escapes: false,
            deep: false,
            reader: self,
        }
    }

    fn with_isa(isa: Isa) -> Self {
        Self {
            isa,
            depth_limit: DEFAULT_DEPTH_LIMIT,
            blind: false,
            block: Index::default(),
            single: Index::default(),
            notes: Vec::new(),
            strict: StrictReader::default(),
        }
    }
}

/// One line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'b> {
    /// How many line ends of the block stand before it.
    pub number: usize,
    /// Where it starts, in bytes from the start of the block.
    pub start: usize,
    /// Its text without the line end, be it LF or CRLF. [`Event::view`] takes this text.
    pub text: &'b [u8],
}

/// The lines of a block, one after the other, to be read or passed.
#[derive(Debug)]
pub struct Lines<'r> {
    reader: &'r mut BlockReader,
    block: &'r [u8],
    broken_utf8: bool,
    /// Index of the next line end.
    next: usize,
    /// Index of the next entry of the unicode escapes.
    next_escape: usize,
    /// Index of the line's first entry of the block's tops.
    top: usize,
    /// Index of an entry of the tops that is not behind the first one of the next line.
    next_top: usize,
    /// Index of the next entry of the deep.
    next_deep: usize,
    line: Span,
    /// The line may spell a key with an escape.
    escapes: bool,
    /// Brackets in the line, or in the same 64 bytes as one of its ends, are nested more deeply than is counted.
    deep: bool,
}

impl<'r> Lines<'r> {
    /// Goes to the next line that is not blank.
    pub fn next_line(&mut self) -> Option<Line<'r>> {
        loop {
            let number = self.next;
            let end = *self.reader.block.line_ends.get(number)?;
            let start = number.checked_sub(1).map_or(0, |before| self.reader.block.line_ends[before] + 1);
            self.next += 1;
            let text = &self.block[start..end];
            if text.iter().all(|&byte| matches!(byte, b' ' | b'\t' | b'\r')) {
                continue;
            }
            self.line = Span { start, end };
            self.find_escapes();
            self.find_tops();
            return Some(Line { number, start, text: text.strip_suffix(b"\r").unwrap_or(text) });
        }
    }

    /// Number of line ends in the block, and one more if it ends without one.
    pub fn count(&self) -> usize {
        self.reader.block.line_ends.len()
    }

    /// Reads the current line.
    ///
    /// On an error the event holds what was read before it. Offsets count from the start of the line.
    #[inline]
    pub fn read(&mut self, tree: &SlotTree<'_>, event: &mut Event) -> Result<(), ReadError> {
        event.begin(tree.slots());
        self.prepare()?;
        self.run(tree, event, Phase::Whole)
    }

    /// Reads of the current line what dispatch looks at, and other scalars beside that unless they are strings with
    /// escapes. Slots that the rest of the line may fill are told by [`EventView::deferred`](crate::event::EventView::deferred).
    #[inline]
    pub fn read_dispatch(&mut self, tree: &SlotTree<'_>, event: &mut Event) -> Result<(), ReadError> {
        event.begin(tree.slots());
        self.reader.notes.clear();
        self.prepare()?;
        self.run(tree, event, Phase::Dispatch)
    }

    /// Reads the rest of the line that [`Lines::read_dispatch`] has read last, into the same event. The values of a slot
    /// may then be in another order than in the line. `unwanted` holds a bit for each slot, as
    /// [`EventView::deferred`](crate::event::EventView::deferred) does, which nobody will look at: what it has in the rest of
    /// the line may be left out.
    #[inline]
    pub fn read_rest(
        &mut self,
        tree: &SlotTree<'_>,
        event: &mut Event,
        unwanted: &[u64],
    ) -> Result<(), ReadError> {
        event.end_deferral();
        if self.reader.notes.is_empty() {
            return Ok(());
        }
        self.run(tree, event, Phase::Rest(unwanted))
    }

    /// Checks what the index cannot tell for this line alone.
    #[inline]
    fn prepare(&mut self) -> Result<(), ReadError> {
        if u32::try_from(self.line.end - self.line.start).is_err() {
            return Err(ReadErrorKind::TooLong.at(0));
        }
        if self.broken_utf8 || self.reader.block.flawed { self.prepare_single() } else { Ok(()) }
    }

    /// Looks at a line of a block in which something is wrong on its own.
    #[cold]
    fn prepare_single(&mut self) -> Result<(), ReadError> {
        let text = &self.block[self.line.start..self.line.end];
        if let (true, Err(error)) = (self.broken_utf8, std::str::from_utf8(text)) {
            return Err(ReadErrorKind::InvalidUtf8.at(error.valid_up_to()));
        }
        if self.reader.block.flawed {
            let BlockReader { isa, single, strict, .. } = &mut *self.reader;
            isa.run(IndexBlock { text, index: single });
            self.escapes = !single.unicode_escapes.is_empty();
            if single.flawed {
                // Whatever makes an index flawed is a mistake, but an earlier one may stand in the line.
                return strict.check(text).and(Err(ReadErrorKind::OpenString.at(0)));
            }
        }
        Ok(())
    }

    #[inline]
    fn run(&mut self, tree: &SlotTree<'_>, event: &mut Event, phase: Phase<'_>) -> Result<(), ReadError> {
        let BlockReader { isa, depth_limit, blind, block, single, notes, .. } = &mut *self.reader;
        let whole = Span { start: 0, end: self.line.end - self.line.start };
        let (text, index, line) = if block.flawed {
            (&self.block[self.line.start..self.line.end], &*single, whole)
        } else {
            (self.block, &*block, self.line)
        };
        let slow_keys = self.escapes || tree.escapable;
        let input = Input { tree, text, index, line, slow_keys, depth_limit: *depth_limit, event };
        if let Phase::Rest(unwanted) = phase {
            return isa.run(ReadPart { input, part: Part::Noted(notes, unwanted) });
        }
        let deep = if block.flawed { !index.deep.is_empty() } else { self.deep };
        if deep || index.uneven || *blind {
            let notes = matches!(phase, Phase::Dispatch).then_some(notes);
            return isa.run(ReadBlindly { input, notes });
        }
        let top = if block.flawed { 0 } else { self.top };
        let mut seen = 0;
        let entries = Entries { positions: &index.tops()[top..], seen: &mut seen };
        let part =
            if matches!(phase, Phase::Whole) { Part::Whole(entries) } else { Part::Dispatch(entries, notes) };
        let result = isa.run(ReadPart { input, part });
        // The line may be read again.
        self.next_top = self.next_top.max(self.top + seen);
        result
    }

    /// Where the tops of the line start, and whether they can be relied on.
    #[inline]
    fn find_tops(&mut self) {
        let tops = self.reader.block.tops();
        while tops.get(self.next_top).is_some_and(|&top| (top as usize) < self.line.start) {
            self.next_top += 1;
        }
        self.top = self.next_top;
        self.deep = self.line.touches(&self.reader.block.deep, &mut self.next_deep);
    }

    /// Whether an escape with a `u` lies in the line or in the same 64 bytes as one of its ends.
    #[inline]
    fn find_escapes(&mut self) {
        self.escapes = self.line.touches(&self.reader.block.unicode_escapes, &mut self.next_escape);
    }
}

#[derive(Clone, Copy)]
enum Phase<'u> {
    Whole,
    Dispatch,
    /// But for the slots of these bits.
    Rest(&'u [u64]),
}
