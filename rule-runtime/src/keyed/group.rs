//! Group keys in which a field with several values counts as a whole (rules.md section 7).
//!
//! In: the bytes that [`KeyBuilder::whole`](crate::sequence::engine::KeyBuilder::whole) made, or a join key. Out: the values
//! of each field in turn. Knows nothing of events.

use crate::sequence::engine::{push_length, split_length, split_value};
use crate::sequence::{KeyValue, KeyValues};

/// The values that alerts of one group share: for each field those that it has, null if it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupKey<'k> {
    bytes: &'k [u8],
}

impl<'k> GroupKey<'k> {
    pub(crate) fn new(bytes: &'k [u8]) -> Self {
        Self { bytes }
    }

    /// The key as bytes: equal for equal groups of one rule, of no meaning otherwise.
    pub fn as_bytes(self) -> &'k [u8] {
        self.bytes
    }

    /// For each field its values, in order.
    pub fn fields(self) -> impl Iterator<Item = KeyValues<'k>> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let (values, tail) = split_field(rest)?;
            rest = tail;
            Some(values)
        })
    }

    /// For each field its values as a list.
    pub fn lists(self) -> Vec<Vec<KeyValue<'k>>> {
        self.fields().map(Iterator::collect).collect()
    }
}

/// The values of the first field and the bytes behind it.
fn split_field(bytes: &[u8]) -> Option<(KeyValues<'_>, &[u8])> {
    let (count, first) = split_length(bytes)?;
    let mut rest = first;
    for _ in 0..count {
        rest = split_value(rest)?.1;
    }
    Some((KeyValues::new(&first[..first.len() - rest.len()]), rest))
}

/// Whether bytes are the key of a group of this many fields.
pub(crate) fn is_group(bytes: &[u8], fields: usize) -> bool {
    let mut rest = bytes;
    for _ in 0..fields {
        let Some((_, tail)) = split_field(rest) else { return false };
        rest = tail;
    }
    rest.is_empty()
}

/// Makes the key of a group of a join key, whose fields have one value each.
pub(crate) fn of_key(key: &[u8], out: &mut Vec<u8>) {
    let mut rest = key;
    while let Some((_, tail)) = split_value(rest) {
        push_length(1, out);
        out.extend_from_slice(&rest[..rest.len() - tail.len()]);
        rest = tail;
    }
}
