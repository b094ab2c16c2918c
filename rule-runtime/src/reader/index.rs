//! Stage 1: a block of lines becomes bitmaps of the bytes that give it structure.
//!
//! In: a block that ends at a line end or at the end of the input. Out: for each 64 bytes a [`Masks`], the line ends, and
//! what the block as a whole is suspected of. Positions are not listed; walking the bitmaps is cheaper.
//!
//! A quote inside a line's string is told from a quote around it by counting, so a single open string spoils all lines
//! behind it. Such a block is *flawed*, and its lines are then indexed one at a time.

use super::classes::{Task, Vector};

/// The structure of 64 bytes, the first byte in the lowest bit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Masks {
    /// Outside strings: `:`, `{`, `[`, `}`, `]`. Anywhere: the line feed.
    pub(super) structure: u64,
    /// `{` and `[` outside strings.
    pub(super) open: u64,
    /// `}` and `]` outside strings.
    pub(super) close: u64,
    /// The quotes around strings.
    pub(super) quote: u64,
    /// Backslashes.
    pub(super) backslash: u64,
}

/// The structure of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// The first `words` are those of the block; the rest are left from longer ones.
    masks: Vec<Masks>,
    words: usize,
    /// Positions of the line feeds, and the block's end if it does not end with one.
    pub(super) line_ends: Vec<usize>,
    /// Indices of masks among whose bytes is the `u` of an escape: a key may be spelled with one.
    pub(super) unicode_escapes: Vec<usize>,
    /// A control character in a string, a backslash outside of one, or a string that is open at the end.
    pub(super) flawed: bool,
    /// Indices of masks among whose bytes is one of 0x80 or above.
    non_ascii: Vec<usize>,
}

impl Index {
    /// One for each 64 bytes, and a last one whose lowest bit stands for a line end behind the block.
    pub(super) fn masks(&self) -> &[Masks] {
        &self.masks[..self.words]
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
const AHEAD: usize = 2048;

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
        let (chunks, rest) = text.as_chunks::<64>();
        index.words = chunks.len() + usize::from(!rest.is_empty()) + 1;
        if index.masks.len() < index.words {
            index.masks.resize(index.words, Masks::default());
        }
        index.line_ends.clear();
        index.unicode_escapes.clear();
        index.non_ascii.clear();
        let mut lists = Lists {
            line_ends: &mut index.line_ends,
            unicode_escapes: &mut index.unicode_escapes,
            non_ascii: &mut index.non_ascii,
        };
        let mut carry = Carry::default();
        for (word, (chunk, masks)) in chunks.iter().zip(&mut index.masks).enumerate() {
            V::fetch(chunk, AHEAD);
            carry.step::<V>(chunk, word, masks, &mut lists);
        }
        if !rest.is_empty() {
            let mut chunk = [b' '; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            carry.step::<V>(&chunk, chunks.len(), &mut index.masks[chunks.len()], &mut lists);
        }
        index.masks[index.words - 1] = Masks { structure: 1, ..Masks::default() };
        if text.last().is_some_and(|&byte| byte != b'\n') {
            index.line_ends.push(text.len());
        }
        index.flawed = carry.flaws != 0 || carry.in_string != 0;
    }
}

/// What is listed, as it is rare.
struct Lists<'i> {
    line_ends: &'i mut Vec<usize>,
    unicode_escapes: &'i mut Vec<usize>,
    non_ascii: &'i mut Vec<usize>,
}

impl Lists<'_> {
    /// Apart from indexing, which would have no registers left.
    #[inline(never)]
    fn add(&mut self, word: usize, mut newlines: u64, unicode: u64, non_ascii: u64) {
        if unicode != 0 {
            self.unicode_escapes.push(word);
        }
        if non_ascii != 0 {
            self.non_ascii.push(word);
        }
        while newlines != 0 {
            self.line_ends.push(word * 64 + newlines.trailing_zeros() as usize);
            newlines &= newlines - 1;
        }
    }
}

/// What one 64 bytes hand on to the next.
#[derive(Default)]
struct Carry {
    /// 1 if the next byte is escaped.
    escaped: u64,
    /// All ones if a string is open.
    in_string: u64,
    flaws: u64,
}

impl Carry {
    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    fn step<V: Vector>(&mut self, chunk: &[u8; 64], word: usize, masks: &mut Masks, lists: &mut Lists<'_>) {
        let classes = V::classes(chunk);
        let escaped = self.escaped(classes.backslash);
        let quote = classes.quote & !escaped;
        // Set from an opening quote up to the byte before the closing one.
        let string = V::prefix_parity(quote) ^ self.in_string;
        self.in_string = (string.cast_signed() >> 63).cast_unsigned();
        self.flaws |= (classes.control & string) | (classes.backslash & !string);
        let newline = V::equal(chunk, b'\n');
        let open = classes.open & !string;
        let close = classes.close & !string;
        let structure = (classes.colon & !string) | open | close | newline;
        *masks = Masks { structure, open, close, quote, backslash: classes.backslash };
        let unicode = V::equal(chunk, b'u') & escaped;
        if newline | unicode | classes.non_ascii != 0 {
            lists.add(word, newline, unicode, classes.non_ascii);
        }
    }

    /// The bytes that a backslash escapes. In a run of backslashes every second one is escaped, and the byte behind
    /// the run if the run is odd. Subtracting the run starts from a mask of odd bits makes the carry of the
    /// subtraction run through each run, which leaves the parity of its length where it ends.
    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    fn escaped(&mut self, backslash: u64) -> u64 {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        let active = backslash & !self.escaped;
        let behind_or_odd = (active << 1) | ODD;
        let codes = behind_or_odd.wrapping_sub(active) ^ ODD;
        let escaped = codes ^ (backslash | self.escaped);
        self.escaped = (codes & backslash) >> 63;
        escaped
    }
}
