//! A compiled set as two literals: all texts in one, everything else as bytes.
//!
//! In: a [`RuleSet`], or its packed form. Out: the other. Generated code holds the packed form, because a compiler reads
//! one long literal in no time and a hundred thousand table entries in a minute; it is unpacked once, when the set is
//! first asked for. Texts and byte strings are not copied then, they point into the literals.
//!
//! [`unpack`] takes bytes from anywhere: whatever they are, it gives a set that the engine can run or says what is wrong,
//! and memory stays within a multiple of their length. What each type looks like is in `fields`, one word a field.

mod basic;
mod fields;
mod lazy;
mod read;
mod sound;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::OnceLock;

use bumpalo::Bump;

pub(crate) use self::lazy::LazyInfo;
use self::read::{Program, Reader};
use self::write::Writer;
use crate::engine::Context;
use crate::set::{FORMAT, RuleSet, Step};

/// A residual as a function.
pub type Function = fn(&mut Context<'_>) -> bool;

/// What the bytes of every packed set begin with.
const MAGIC: [u8; 8] = *b"kilnset\n";
/// The form behind it, fingerprint, checksum.
const HEADER: usize = MAGIC.len() + 4 + 8 + 8;

/// A packed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// All texts, one after the other.
    pub texts: String,
    /// Header, byte strings and tables.
    pub data: Vec<u8>,
}

/// Why bytes are not a packed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnpackError {
    /// The bytes do not begin as a packed set does.
    NotPacked,
    /// Packed by another version of the library.
    Format {
        /// [`FORMAT`] of that version.
        found: u32,
    },
    /// The bytes are cut short or changed.
    Damaged,
    /// The checksum is right but the content is not.
    Malformed,
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPacked => f.write_str("these are not compiled rules"),
            Self::Format { found } => {
                write!(f, "the rules were compiled for form {found}, this program reads form {FORMAT}")
            }
            Self::Damaged => f.write_str("the compiled rules are cut short or damaged"),
            Self::Malformed => f.write_str("the compiled rules contradict themselves"),
        }
    }
}

impl std::error::Error for UnpackError {}

/// Packs `set`. Decision programs for which `is_code` holds are left out: whoever unpacks the set gives a function for each,
/// in the order of the units. So does a residual that is a function already, whatever `is_code` says.
pub fn pack(set: &RuleSet<'_>, mut is_code: impl FnMut(&[Step]) -> bool) -> Packed {
    let mut writer = Writer::new(&mut is_code);
    fields::write(set, &mut writer);
    let (texts, content) = writer.finish();
    let mut data = Vec::with_capacity(HEADER + content.len());
    data.extend(MAGIC);
    data.extend(set.format.to_le_bytes());
    data.extend(set.fingerprint.to_le_bytes());
    let sum = checksum(&texts, &data, &content);
    data.extend(sum.to_le_bytes());
    data.extend(content);
    Packed { texts, data }
}

/// A hash of all that is in `set`, to tell sets apart; the same whether residuals are programs or functions of them.
pub fn fingerprint(set: &RuleSet<'_>) -> u64 {
    let packed = pack(&RuleSet { fingerprint: 0, ..*set }, |_| false);
    checksum(&packed.texts, &packed.data, &[])
}

/// The set that was packed into `texts` and `data`. `functions` stand for the decision programs that were left out.
///
/// # Errors
/// The bytes are no packed set, are damaged or of another version, or do not want as many functions.
///
/// ```
/// use rule_runtime::packed::{UnpackError, pack, unpack};
/// use rule_runtime::set::RuleSet;
/// let packed = pack(&RuleSet::EMPTY, |_| false);
/// let arena = bumpalo::Bump::new();
/// assert!(unpack(&packed.texts, &packed.data, &[], &arena)?.rules.is_empty());
/// assert_eq!(unpack("", b"garbage", &[], &arena).unwrap_err(), UnpackError::NotPacked);
/// # Ok::<(), UnpackError>(())
/// ```
pub fn unpack<'a>(
    texts: &'a str,
    data: &'a [u8],
    functions: &[Function],
    arena: &'a Bump,
) -> Result<RuleSet<'a>, UnpackError> {
    let (head, content) = split(data)?;
    if checksum(texts, head.signed, content) != head.checksum {
        return Err(UnpackError::Damaged);
    }
    let set = read(Reader::new(texts, content, functions, arena)?, &head)?;
    if sound::is_sound(&set) { Ok(set) } else { Err(UnpackError::Malformed) }
}

struct Head<'a> {
    fingerprint: u64,
    checksum: u64,
    signed: &'a [u8],
}

fn split(data: &[u8]) -> Result<(Head<'_>, &[u8]), UnpackError> {
    let rest = data.strip_prefix(&MAGIC).ok_or(UnpackError::NotPacked)?;
    let (format, rest) = rest.split_first_chunk().ok_or(UnpackError::Damaged)?;
    let found = u32::from_le_bytes(*format);
    if found != FORMAT {
        return Err(UnpackError::Format { found });
    }
    let (fingerprint, rest) = rest.split_first_chunk().ok_or(UnpackError::Damaged)?;
    let (checksum, content) = rest.split_first_chunk().ok_or(UnpackError::Damaged)?;
    let head = Head {
        fingerprint: u64::from_le_bytes(*fingerprint),
        checksum: u64::from_le_bytes(*checksum),
        signed: &data[..HEADER - 8],
    };
    Ok((head, content))
}

fn read<'a>(mut reader: Reader<'a, '_>, head: &Head<'_>) -> Result<RuleSet<'a>, UnpackError> {
    let set = fields::read(&mut reader, head.fingerprint)?;
    reader.finish()?;
    Ok(set)
}

fn checksum(texts: &str, head: &[u8], content: &[u8]) -> u64 {
    [texts.as_bytes(), head, content].iter().fold(0, |seed, bytes| hash(seed, bytes))
}

/// Sixteen bytes a step: a set of a thousand rules has megabytes of text.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    const K: [u64; 2] = [0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB];
    let mix = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let (chunks, tail) = bytes.as_chunks::<16>();
    let mut last = [0; 16];
    last[..tail.len()].copy_from_slice(tail);
    let mut state = seed ^ K[0] ^ bytes.len() as u64;
    for chunk in chunks.iter().chain([&last]) {
        let both = u128::from_le_bytes(*chunk);
        state = mix(both as u64 ^ K[1], (both >> 64) as u64 ^ state);
    }
    mix(state ^ K[0], K[1])
}

/// A packed set in generated code; unpacked when it is first asked for.
#[derive(Debug)]
pub struct StaticSet {
    texts: &'static str,
    data: &'static [u8],
    functions: &'static [Function],
    set: OnceLock<RuleSet<'static>>,
}

impl StaticSet {
    /// A set that [`pack`] packed, with the functions that were left out.
    pub const fn new(texts: &'static str, data: &'static [u8], functions: &'static [Function]) -> Self {
        Self { texts, data, functions, set: OnceLock::new() }
    }

    /// The set. The first call takes a few microseconds a rule; what rules say of themselves is unpacked when it is asked
    /// for.
    ///
    /// # Panics
    /// If the set was packed by another version of this crate; generated code makes sure of that when it is compiled.
    pub fn get(&'static self) -> &'static RuleSet<'static> {
        self.set.get_or_init(|| {
            // Lives as long as the program: the set is handed out as `'static`.
            let arena = Box::leak(Box::new(Bump::new()));
            self.unpack(arena).unwrap_or_else(|error| panic!("{error}"))
        })
    }

    fn unpack(&self, arena: &'static Bump) -> Result<RuleSet<'static>, UnpackError> {
        let (head, content) = split(self.data)?;
        let mut reader = Reader::new(self.texts, content, self.functions, arena)?;
        reader.program = Some(Program { texts: self.texts, content, arena });
        read(reader, &head)
    }
}
