//! The frame of saved state: magic, version, fingerprint of the rules, content, checksum.
//!
//! In: content as bytes, or bytes that should hold some. Out: the frame around it, or what is wrong with it. All numbers are
//! little-endian. Knows nothing of what the content means.

use std::fmt;

use super::key::split_length;

/// The version of the form that this library writes and reads.
pub const STATE_VERSION: u16 = 3;

/// Why bytes are not the state of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// The bytes do not begin as saved state does.
    NotState,
    /// Written by another version of the library.
    Version {
        /// The version of the bytes.
        found: u16,
    },
    /// The bytes are cut short or damaged.
    Damaged,
    /// Saved by a set of other rules.
    OtherRules,
    /// The state does not fit into the limits.
    TooLarge,
    /// The checksum is right but the content is not.
    Malformed,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotState => f.write_str("this is not saved state"),
            Self::Version { found } => {
                write!(f, "the state has version {found}, this program reads version {STATE_VERSION}")
            }
            Self::Damaged => f.write_str("the state is cut short or damaged"),
            Self::OtherRules => f.write_str("the state was saved by other rules"),
            Self::TooLarge => f.write_str("the state does not fit into the limits"),
            Self::Malformed => f.write_str("the state contradicts itself"),
        }
    }
}

impl std::error::Error for RestoreError {}

/// Begins a frame at the end of `out`.
pub(crate) fn begin(magic: [u8; 8], fingerprint: u64, out: &mut Vec<u8>) {
    out.extend(magic);
    out.extend(STATE_VERSION.to_le_bytes());
    out.extend(fingerprint.to_le_bytes());
}

/// Ends the frame that began at `start`.
pub(crate) fn end(start: usize, out: &mut Vec<u8>) {
    let sum = crc32(&out[start..]);
    out.extend(sum.to_le_bytes());
}

/// The content of a frame.
pub(crate) fn open(magic: [u8; 8], fingerprint: u64, bytes: &[u8]) -> Result<Input<'_>, RestoreError> {
    let rest = bytes.strip_prefix(&magic).ok_or(RestoreError::NotState)?;
    let Some((version, rest)) = rest.split_first_chunk() else { return Err(RestoreError::Damaged) };
    let found = u16::from_le_bytes(*version);
    if found != STATE_VERSION {
        return Err(RestoreError::Version { found });
    }
    let Some((content, sum)) = rest.split_last_chunk() else { return Err(RestoreError::Damaged) };
    if crc32(&bytes[..bytes.len() - 4]) != u32::from_le_bytes(*sum) {
        return Err(RestoreError::Damaged);
    }
    match content.split_first_chunk() {
        Some((found, rest)) if u64::from_le_bytes(*found) == fingerprint => Ok(Input { rest }),
        Some(_) => Err(RestoreError::OtherRules),
        None => Err(RestoreError::Damaged),
    }
}

pub(crate) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// No machine counts so far.
const MOST: u64 = 1 << 62;

/// What is left to read.
pub(crate) struct Input<'b> {
    rest: &'b [u8],
}

impl<'b> Input<'b> {
    /// All must have been read.
    pub(crate) fn finish(&self) -> Result<(), RestoreError> {
        if self.rest.is_empty() { Ok(()) } else { Err(RestoreError::Malformed) }
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'b [u8], RestoreError> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(RestoreError::Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RestoreError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(RestoreError::Malformed)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], RestoreError> {
        let len = self.u32()? as usize;
        self.take(len)
    }

    /// Bytes with a short length in front.
    pub(crate) fn note(&mut self) -> Result<&'b [u8], RestoreError> {
        let (len, rest) = split_length(self.rest).ok_or(RestoreError::Malformed)?;
        self.rest = rest;
        self.take(len)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, RestoreError> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, RestoreError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, RestoreError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, RestoreError> {
        self.array().map(u64::from_le_bytes)
    }

    /// How often something has happened: never so often that counting on could overflow.
    pub(crate) fn count(&mut self) -> Result<u64, RestoreError> {
        self.u64().and_then(|count| if count > MOST { Err(RestoreError::Malformed) } else { Ok(count) })
    }

    /// As many counts as there are places.
    pub(crate) fn counts<const N: usize>(&mut self) -> Result<[u64; N], RestoreError> {
        let mut counts = [0; N];
        for count in &mut counts {
            *count = self.count()?;
        }
        Ok(counts)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, RestoreError> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn u128(&mut self) -> Result<u128, RestoreError> {
        self.array().map(u128::from_le_bytes)
    }
}

/// CRC-32 as of IEEE 802.3.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut value = i as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[i] = value;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |sum, &byte| TABLE[((sum ^ u32::from(byte)) & 0xff) as usize] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_leave_room_for_more() {
        let count = |number: u64| Input { rest: &number.to_le_bytes() }.count();
        assert_eq!(count(1 << 62), Ok(1 << 62));
        for number in [(1 << 62) + 1, u64::MAX] {
            assert_eq!(count(number), Err(RestoreError::Malformed), "{number}");
        }
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
