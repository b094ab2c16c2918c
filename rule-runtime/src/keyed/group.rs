//! Group keys in which a field with several values counts as a whole (rules.md section 7).
//!
//! In: the bytes that [`KeyBuilder::whole`](crate::sequence::engine::KeyBuilder::whole) made, or a join key. Out: the values
//! of each field in turn. Knows nothing of events.

use std::cmp::Ordering;

use crate::sequence::engine::{NULL, compare_keys, push_length, split_length, split_value};
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

/// What two keys of the same fields have in common: for each field the values that both have, null if there are none.
/// `values` is scratch. `None` if the bytes are no keys.
pub(crate) fn common(a: &[u8], b: &[u8], values: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() {
        let ((mut left_a, rest_a), (mut left_b, rest_b)) = (split_length(a)?, split_length(b)?);
        (a, b) = (rest_a, rest_b);
        let mut count = 0;
        values.clear();
        while left_a > 0 || left_b > 0 {
            // Values are in order and distinct; one that has none left lets the other pass.
            let tails = (split_value(a).filter(|_| left_a > 0), split_value(b).filter(|_| left_b > 0));
            let order = match tails {
                (Some((_, tail_a)), Some((_, tail_b))) => {
                    compare_keys(&a[..a.len() - tail_a.len()], &b[..b.len() - tail_b.len()])
                }
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            if let (Some((_, tail)), true) = (tails.0, order.is_le()) {
                if order.is_eq() {
                    values.extend_from_slice(&a[..a.len() - tail.len()]);
                    count += 1;
                }
                (a, left_a) = (tail, left_a - 1);
            }
            if let (Some((_, tail)), true) = (tails.1, order.is_ge()) {
                (b, left_b) = (tail, left_b - 1);
            }
        }
        if count == 0 {
            values.push(NULL);
        }
        push_length(count.max(1), out);
        out.extend_from_slice(values);
    }
    Some(())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of fields with these texts.
    fn key(fields: &[&[&str]]) -> Vec<u8> {
        let mut out = Vec::new();
        for values in fields {
            push_length(values.len().max(1), &mut out);
            if values.is_empty() {
                out.push(NULL);
            }
            for value in *values {
                out.push(6);
                push_length(value.len(), &mut out);
                out.extend_from_slice(value.as_bytes());
            }
        }
        out
    }

    fn shared(a: &[&[&str]], b: &[&[&str]]) -> Option<Vec<u8>> {
        let (mut out, mut values) = (Vec::new(), Vec::new());
        common(&key(a), &key(b), &mut values, &mut out).map(|()| out)
    }

    #[test]
    fn what_keys_have_in_common_is_told_field_by_field() {
        assert_eq!(shared(&[&["a"], &["x"]], &[&["a"], &["y"]]), Some(key(&[&["a"], &[]])));
        assert_eq!(shared(&[&["a", "b", "d"]], &[&["b", "c", "d", "e"]]), Some(key(&[&["b", "d"]])));
        assert_eq!(shared(&[&[]], &[&["a"]]), Some(key(&[&[]])));
        assert_eq!(shared(&[&[]], &[&[]]), Some(key(&[&[]])));
        assert_eq!(shared(&[], &[]), Some(Vec::new()));
    }

    #[test]
    fn bytes_that_are_no_keys_have_nothing_in_common() {
        assert_eq!(shared(&[&["a"]], &[]), None);
        let (whole, mut out, mut values) = (key(&[&["abc"], &["d", "e"]]), Vec::new(), Vec::new());
        for end in 1..whole.len() {
            let cut = &whole[..end];
            let found = common(cut, cut, &mut values, &mut out);
            assert_eq!(found.is_some(), is_group(cut, 1), "{cut:?}");
        }
        assert_eq!(common(&[0xff, 0xff, 0xff, 0xff, 0x0f], &[0], &mut values, &mut out), None);
    }
}
