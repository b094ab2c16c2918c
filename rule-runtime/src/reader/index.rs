//! Stage 1: a block of lines becomes bitmaps of the bytes that give it structure.
//!
//! In: a block that ends at a line end or at the end of the input. Out: for each 64 bytes one bit for each byte in each of
//! the [`Bitmaps`]; the line ends; the colons of the entries of each line's object itself; and what the block as a whole is
//! suspected of.
//!
//! The masks of 512 bytes make one vector, and four of these are worked on together: all that depends on bytes before is
//! parities, of backslashes, of quotes and of brackets.
//!
//! A quote inside a line's string is told from a quote around it by counting, so a single open string spoils all lines
//! behind it. Such a block is *flawed*, and its lines are then indexed one at a time.

mod carry;
mod parity;
mod tops;

use super::classes::{Classes, Task, Vector};
use carry::Carry;
use tops::Tops;

/// The bitmaps of a block, each with a mask for every 64 bytes, the first byte in its lowest bit. Behind the block there is
/// nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bitmaps<'i> {
    structure: &'i [u64],
    open: &'i [u64],
    close: &'i [u64],
    quote: &'i [u64],
    backslash: &'i [u64],
}

#[allow(clippy::inline_always)] // Part of the walk, which is compiled once for each instruction set.
impl Bitmaps<'_> {
    /// Outside strings: `:`, `{`, `[`, `}`, `]`. Anywhere: the line feed. The first byte behind the last 64 bytes of the
    /// block counts as a line feed.
    #[inline(always)]
    pub(super) fn structure(self, word: usize) -> Option<u64> {
        self.structure.get(word).copied()
    }

    /// `{` and `[` outside strings.
    #[inline(always)]
    pub(super) fn open(self, word: usize) -> u64 {
        self.open.get(word).copied().unwrap_or(0)
    }

    /// `}` and `]` outside strings.
    #[inline(always)]
    pub(super) fn close(self, word: usize) -> u64 {
        self.close.get(word).copied().unwrap_or(0)
    }

    /// The quotes around strings.
    #[inline(always)]
    pub(super) fn quote(self, word: usize) -> Option<u64> {
        self.quote.get(word).copied()
    }

    /// The quotes of the 64 bytes from a position on.
    #[inline(always)]
    pub(super) fn quotes_from(self, at: usize) -> u64 {
        window(self.quote, at)
    }

    /// The backslashes of the 64 bytes from a position on.
    #[inline(always)]
    pub(super) fn backslashes_from(self, at: usize) -> u64 {
        window(self.backslash, at)
    }

    /// Backslashes.
    #[inline(always)]
    pub(super) fn backslash(self, word: usize) -> u64 {
        self.backslash.get(word).copied().unwrap_or(0)
    }
}

/// 64 bits of a bitmap from a position on.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn window(bitmap: &[u64], at: usize) -> u64 {
    let pair = bitmap.get(at / 64..).and_then(|masks| masks.first_chunk::<2>());
    pair.map_or(0, |[low, high]| low >> (at % 64) | high << 1 << (63 - at % 64))
}

/// A mask for each 64 bytes of a run.
type Masks = [u64; 8 * RUN];

/// The structure of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// The bitmaps. The first `used` runs are those of the block; the rest are left from longer ones.
    structure: Vec<Masks>,
    open: Vec<Masks>,
    close: Vec<Masks>,
    quote: Vec<Masks>,
    backslash: Vec<Masks>,
    used: usize,
    /// Positions of the line feeds, and the block's end if it does not end with one.
    pub(super) line_ends: Vec<usize>,
    /// Positions of what stands directly in the objects of lines: the colons of their entries, and the brackets that end
    /// them. What is behind the last one of the block is left from others.
    tops: Tops,
    /// In some line not as many brackets close as open: nothing is known of what stands directly in objects.
    pub(super) uneven: bool,
    /// Indices of 64 bytes with brackets nested more deeply than is counted: the same for the lines they belong to.
    pub(super) deep: Vec<usize>,
    /// Indices of 64 bytes with the `u` of an escape: a key may be spelled with one.
    pub(super) unicode_escapes: Vec<usize>,
    /// A control character in a string, a backslash outside of one, or a string that is open at the end.
    pub(super) flawed: bool,
    /// Indices of 64 bytes with one of 0x80 or above.
    non_ascii: Vec<usize>,
}

impl Index {
    /// The bitmaps.
    pub(super) fn bitmaps(&self) -> Bitmaps<'_> {
        Bitmaps {
            structure: self.structure[..self.used].as_flattened(),
            open: self.open[..self.used].as_flattened(),
            close: self.close[..self.used].as_flattened(),
            quote: self.quote[..self.used].as_flattened(),
            backslash: self.backslash[..self.used].as_flattened(),
        }
    }

    /// Positions of the colons of the lines' objects themselves and of their last brackets; see `uneven` and `deep`.
    #[inline]
    pub(super) fn tops(&self) -> &[u32] {
        self.tops.positions()
    }

    /// Whether the block is UTF-8. Only stretches with other bytes than ASCII are looked at: a character lies in one of
    /// them as a whole, since around each are 64 bytes of ASCII.
    pub(super) fn is_utf8(&self, text: &[u8]) -> bool {
        let mut stretches = self.non_ascii.chunk_by(|word, next| word + 1 == *next);
        stretches.all(|stretch| {
            let start = stretch[0] * 64;
            let end = text.len().min(start + stretch.len() * 64);
            std::str::from_utf8(&text[start..end]).is_ok()
        })
    }
}

/// Indexing keeps the processor so busy that it does not look far enough ahead by itself; this many bytes are asked for ahead
/// of their turn, also behind the end of the block, where the next one mostly stands.
const AHEAD: usize = 4096;

/// So many times 512 bytes are worked on together: what they hand on to each other takes long, compared with everything else,
/// and so is done for all of them at once.
const RUN: usize = 4;

/// Indexes a block, reusing the memory of an index.
pub(super) struct IndexBlock<'t> {
    pub(super) text: &'t [u8],
    pub(super) index: &'t mut Index,
}

impl Task for IndexBlock<'_> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::inline_always)] // Compiled once for each instruction set.
    fn run<V: Vector>(self) {
        let Self { text, index } = self;
        index.begin(text.len());
        let mut carry = Carry::<V>::new();
        let mut classes = [Classes::default(); RUN];
        let (runs, rest) = text.as_chunks::<{ RUN * 512 }>();
        for (number, run) in runs.iter().enumerate() {
            sort::<V>(run, &mut classes);
            carry.step(run, &classes, number, index);
        }
        if !rest.is_empty() {
            let mut run = [b' '; RUN * 512];
            run[..rest.len()].copy_from_slice(rest);
            sort::<V>(&run, &mut classes);
            carry.step(&run, &classes, runs.len(), index);
        }
        carry.end(index);
        index.end(text);
    }
}

/// Sorts the bytes of a run.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn sort<V: Vector>(run: &[u8; RUN * 512], classes: &mut [Classes; RUN]) {
    for (eight, classes) in run.as_chunks::<512>().0.iter().zip(classes) {
        V::sort(eight, classes);
    }
}

/// Asks for the bytes that come [`AHEAD`] bytes after 512 bytes of a run.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn fetch<V: Vector>(run: &[u8; RUN * 512], eight: usize) {
    for chunk in run.as_chunks::<512>().0[eight].as_chunks::<64>().0 {
        V::fetch(chunk, AHEAD);
    }
}

impl Index {
    fn begin(&mut self, len: usize) {
        // The last one holds the line end behind the block.
        self.used = len.div_ceil(RUN * 512) + 1;
        for masks in
            [&mut self.structure, &mut self.open, &mut self.close, &mut self.quote, &mut self.backslash]
        {
            if masks.len() < self.used {
                masks.resize(self.used, [0; 8 * RUN]);
            }
            masks[self.used - 1] = [0; 8 * RUN];
        }
        self.tops.clear();
        self.line_ends.clear();
        self.deep.clear();
        self.unicode_escapes.clear();
        self.non_ascii.clear();
    }

    fn end(&mut self, text: &[u8]) {
        let behind = text.len().div_ceil(64);
        self.structure.as_flattened_mut()[behind] |= 1;
        if text.last().is_some_and(|&byte| byte != b'\n') {
            self.line_ends.push(text.len());
        }
        // Positions are listed in 32 bits.
        self.uneven |= u32::try_from(text.len()).is_err();
    }
}

/// The places of the bits of a mask.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = mask.trailing_zeros() as usize;
        let found = mask != 0;
        mask &= mask.wrapping_sub(1);
        found.then_some(at)
    })
}

#[cfg(test)]
mod tests;
