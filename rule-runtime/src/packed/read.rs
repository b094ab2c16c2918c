//! Where unpacked values come from.
//!
//! Bytes may be anything: every length is held against what is left, nesting and memory have a limit.

use bumpalo::Bump;

use super::basic::Pack;
use super::lazy::LazyInfo;
use super::{Function, UnpackError};
use crate::info::{Info, RuleInfo};

/// Expressions nest as deep as the parser of queries allows, a thousand levels; this is deeper.
const DEEPEST: u32 = 1100;
/// Bytes of memory for each byte read. Tables come to about a tenth of this.
const MEMORY: usize = 64;

/// What is left to read.
pub(super) struct Reader<'a, 'f> {
    texts: Pool<&'a str>,
    strings: Pool<&'a [u8]>,
    tables: &'a [u8],
    functions: std::slice::Iter<'f, Function>,
    arena: &'a Bump,
    memory: usize,
    depth: u32,
    /// How many slots there are where the reader is, once that is known.
    pub(super) slots: usize,
    /// The same bytes, if they are part of the program.
    pub(super) program: Option<Program>,
}

/// A packed set that is part of the program.
#[derive(Clone, Copy)]
pub(super) struct Program {
    pub(super) texts: &'static str,
    pub(super) content: &'static [u8],
    pub(super) arena: &'static Bump,
}

/// Strings, and where the last new one ended.
struct Pool<T> {
    all: T,
    next: usize,
}

impl<'a, 'f> Reader<'a, 'f> {
    pub(super) fn new(
        texts: &'a str,
        content: &'a [u8],
        functions: &'f [Function],
        arena: &'a Bump,
    ) -> Result<Self, UnpackError> {
        let mut reader = Self {
            texts: Pool { all: texts, next: 0 },
            strings: Pool { all: &[], next: 0 },
            tables: content,
            functions: functions.iter(),
            arena,
            memory: content.len().saturating_mul(MEMORY),
            depth: 0,
            slots: 0,
            program: None,
        };
        let length = reader.length()?;
        reader.strings.all = reader.bytes(length)?;
        Ok(reader)
    }

    /// A part of what [`Reader::new`] reads, without byte strings and functions. `texts` are all texts, and where the next
    /// new one starts.
    pub(super) fn of_tables(texts: (&'a str, usize), tables: &'a [u8], arena: &'a Bump) -> Self {
        Self {
            texts: Pool { all: texts.0, next: texts.1 },
            strings: Pool { all: &[], next: 0 },
            tables,
            functions: [].iter(),
            arena,
            memory: tables.len().saturating_mul(MEMORY),
            depth: 0,
            slots: 0,
            program: None,
        }
    }

    /// Everything must have been read.
    pub(super) fn finish(self) -> Result<(), UnpackError> {
        let done = self.tables.is_empty() && self.functions.as_slice().is_empty();
        if done { Ok(()) } else { Err(UnpackError::Malformed) }
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, UnpackError> {
        let (byte, rest) = self.tables.split_first().ok_or(UnpackError::Malformed)?;
        self.tables = rest;
        Ok(*byte)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], UnpackError> {
        let (bytes, rest) = self.tables.split_at_checked(count).ok_or(UnpackError::Malformed)?;
        self.tables = rest;
        Ok(bytes)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, UnpackError> {
        let first = self.byte()?;
        if first < 0x80 { Ok(first.into()) } else { self.long_number(first) }
    }

    fn long_number(&mut self, first: u8) -> Result<u64, UnpackError> {
        let mut number = u64::from(first & 0x7F);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            // The tenth byte has room for one bit.
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(UnpackError::Malformed)
    }

    fn length(&mut self) -> Result<usize, UnpackError> {
        usize::try_from(self.number()?).map_err(|_| UnpackError::Malformed)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, UnpackError> {
        let length = self.length()?;
        if length == 0 {
            return Ok("");
        }
        let range = place(self.number()?, &mut self.texts.next, length)?;
        self.texts.all.get(range).ok_or(UnpackError::Malformed)
    }

    pub(super) fn string(&mut self) -> Result<&'a [u8], UnpackError> {
        let length = self.length()?;
        if length == 0 {
            return Ok(&[]);
        }
        let range = place(self.number()?, &mut self.strings.next, length)?;
        self.strings.all.get(range).ok_or(UnpackError::Malformed)
    }

    pub(super) fn function(&mut self) -> Result<Function, UnpackError> {
        self.functions.next().copied().ok_or(UnpackError::Malformed)
    }

    /// A list, each of whose items takes a byte at least.
    pub(super) fn list<T: Pack<'a>>(&mut self) -> Result<&'a [T], UnpackError> {
        let count = self.length()?;
        if count == 0 {
            return Ok(&[]);
        }
        self.take_memory(count, size_of::<T>())?;
        let arena = self.arena;
        self.nested(|reader| Ok(&*arena.alloc_slice_try_fill_with(count, |_| T::read(reader))?))
    }

    /// A value that lives in the arena.
    pub(super) fn boxed<T: Pack<'a>>(&mut self) -> Result<&'a T, UnpackError> {
        self.take_memory(1, size_of::<T>())?;
        let value = self.nested(T::read)?;
        Ok(self.arena.alloc(value))
    }

    /// What a rule says of itself, behind how many bytes it takes and how long its new texts are. In a program it is read
    /// when it is asked for.
    pub(super) fn info(&mut self) -> Result<Info<'a>, UnpackError> {
        let (length, texts) = (self.length()?, self.length()?);
        let start = self.tables.len();
        let next = self.texts.next.checked_add(texts).ok_or(UnpackError::Malformed)?;
        if let Some(Program { texts, content, arena }) = self.program {
            let at = content.len() - start;
            self.bytes(length)?;
            let tables = content.get(at..at + length).ok_or(UnpackError::Malformed)?;
            let info = arena.alloc(LazyInfo::new((texts, self.texts.next), tables));
            self.texts.next = next;
            return Ok(Info::lazy(info));
        }
        let info: &RuleInfo<'a> = self.boxed()?;
        let whole = start - self.tables.len() == length && self.texts.next == next;
        if whole { Ok(Info::from(info)) } else { Err(UnpackError::Malformed) }
    }

    /// Numbers of eight bytes each.
    pub(super) fn words(&mut self) -> Result<&'a [u64], UnpackError> {
        let count = self.length()?;
        let bytes = self.bytes(count.checked_mul(8).ok_or(UnpackError::Malformed)?)?;
        let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
        Ok(self.arena.alloc_slice_fill_iter(words))
    }

    /// What `read` reads has slots of its own.
    pub(super) fn with_slots<T>(
        &mut self,
        slots: usize,
        read: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        let outer = std::mem::replace(&mut self.slots, slots);
        let value = read(self)?;
        self.slots = outer;
        Ok(value)
    }

    fn take_memory(&mut self, count: usize, size: usize) -> Result<(), UnpackError> {
        let left = count.checked_mul(size).and_then(|needed| self.memory.checked_sub(needed));
        self.memory = left.ok_or(UnpackError::Malformed)?;
        if count <= self.tables.len() { Ok(()) } else { Err(UnpackError::Malformed) }
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        if self.depth == DEEPEST {
            return Err(UnpackError::Malformed);
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }
}

/// Where a string stands, as the writer of pools says it.
fn place(place: u64, next: &mut usize, length: usize) -> Result<std::ops::Range<usize>, UnpackError> {
    let start = match place.checked_sub(1) {
        None => *next,
        Some(start) => usize::try_from(start).map_err(|_| UnpackError::Malformed)?,
    };
    let end = start.checked_add(length).ok_or(UnpackError::Malformed)?;
    if place == 0 {
        *next = end;
    }
    Ok(start..end)
}
