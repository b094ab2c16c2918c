//! Join keys as bytes: what equals what, and how a key reads.
//!
//! In: the values of key fields. Out: for each combination of distinct values one byte string, such that two keys are equal
//! if and only if their bytes are (eql.md section 11, "Keys"). The form is compact: a tag, a length where needed, and the
//! canonical value. Knows nothing of stages or time.

use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;

use super::def::{KeyDef, KeyKind};
use super::number::{self, Decimal};
use crate::event::{Scalar, Slot};
use crate::matcher::{date, ip};

/// Where key values come from.
pub trait KeySource {
    /// Calls `visit` for each value of a field.
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>));
}

/// One value of a join key, in canonical form. Null sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyValue<'k> {
    /// An optional field without a value.
    Null,
    /// A number; its `Display` gives the digits.
    Number(CanonicalNumber<'k>),
    /// A text.
    Text(&'k [u8]),
    /// A boolean.
    Boolean(bool),
    /// An address, IPv4 where it is one.
    Ip(IpAddr),
    /// A point in time in nanoseconds since 1970.
    Date(i128),
}

/// An exact number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CanonicalNumber<'k>(&'k [u8]);

impl fmt::Display for CanonicalNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::text(self.0, f)
    }
}

impl fmt::Display for KeyValue<'_> {
    /// As Elasticsearch prints join keys: `null`, `true`, digits, ISO 8601 dates.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Number(value) => value.fmt(f),
            Self::Text(text) => f.write_str(&String::from_utf8_lossy(text)),
            Self::Boolean(value) => value.fmt(f),
            Self::Ip(value) => value.fmt(f),
            Self::Date(value) => super::date::write(*value, f),
        }
    }
}

/// A join key: one value for each part, none for a sequence without keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'k> {
    bytes: &'k [u8],
}

impl<'k> Key<'k> {
    pub(crate) fn new(bytes: &'k [u8]) -> Self {
        Self { bytes }
    }

    /// The values in the order of the key's parts.
    pub fn values(self) -> KeyValues<'k> {
        KeyValues { rest: self.bytes }
    }

    /// The key as bytes: equal for equal keys of one query, of no meaning otherwise.
    pub fn as_bytes(self) -> &'k [u8] {
        self.bytes
    }
}

/// Iterator over the values of a [`Key`].
#[derive(Clone, Debug)]
pub struct KeyValues<'k> {
    rest: &'k [u8],
}

impl<'k> KeyValues<'k> {
    pub(crate) fn new(bytes: &'k [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'k> Iterator for KeyValues<'k> {
    type Item = KeyValue<'k>;

    fn next(&mut self) -> Option<KeyValue<'k>> {
        let (value, rest) = split_value(self.rest)?;
        self.rest = rest;
        Some(value)
    }
}

// In the order in which keys sort.
pub(crate) const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const DATE: u8 = 4;
const IP: u8 = 5;
const TEXT: u8 = 6;

/// Makes signed numbers sort as bytes.
const SIGN: u128 = 1 << 127;

/// The first value of a key's bytes and the rest; `None` at the end or if the bytes are no key.
pub(crate) fn split_value(bytes: &[u8]) -> Option<(KeyValue<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    Some(match tag {
        NULL => (KeyValue::Null, rest),
        FALSE | TRUE => (KeyValue::Boolean(tag == TRUE), rest),
        NUMBER | TEXT => {
            let (len, rest) = split_length(rest)?;
            let (value, rest) = rest.split_at_checked(len)?;
            (if tag == TEXT { KeyValue::Text(value) } else { KeyValue::Number(CanonicalNumber(value)) }, rest)
        }
        IP => {
            let (value, rest) = rest.split_first_chunk::<16>()?;
            (KeyValue::Ip(IpAddr::V6(Ipv6Addr::from(*value)).to_canonical()), rest)
        }
        DATE => {
            let (value, rest) = rest.split_first_chunk::<16>()?;
            (KeyValue::Date((u128::from_be_bytes(*value) ^ SIGN).cast_signed()), rest)
        }
        _ => return None,
    })
}

/// Whether bytes are a key of this many parts.
pub(crate) fn is_key(bytes: &[u8], parts: usize) -> bool {
    let mut rest = bytes;
    for _ in 0..parts {
        let Some((_, tail)) = split_value(rest) else { return false };
        rest = tail;
    }
    rest.is_empty()
}

pub(crate) fn push_length(mut len: usize, out: &mut Vec<u8>) {
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
}

pub(crate) fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut len = 0;
    for (i, &byte) in bytes.iter().enumerate().take(5) {
        len |= usize::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Some((len, &bytes[i + 1..]));
        }
    }
    None
}

/// The order of keys: by their values in turn, null first, numbers, addresses and dates by value, text by bytes.
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    while let (Some((_, rest_a)), Some((_, rest_b))) = (split_value(a), split_value(b)) {
        let order = compare_value(&a[..a.len() - rest_a.len()], &b[..b.len() - rest_b.len()]);
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.len().cmp(&b.len())
}

/// The order of two encoded values.
fn compare_value(a: &[u8], b: &[u8]) -> Ordering {
    match (a, b) {
        ([NUMBER, rest_a @ ..], [NUMBER, rest_b @ ..]) | ([TEXT, rest_a @ ..], [TEXT, rest_b @ ..]) => {
            split_length(rest_a).map(|(_, text)| text).cmp(&split_length(rest_b).map(|(_, text)| text))
        }
        _ => a.cmp(b),
    }
}

/// Appends a value in its canonical form; `number` is scratch. `false`, and nothing appended, if it is no value of the
/// kind.
fn encode(kind: KeyKind, value: Scalar<'_>, number: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    match (kind, value) {
        (KeyKind::Text | KeyKind::Any, Scalar::Text(text)) | (KeyKind::Text, Scalar::Number(text)) => {
            push_framed(TEXT, text, out);
        }
        (KeyKind::Text, Scalar::Bool(value)) => {
            push_framed(TEXT, if value { b"true" } else { b"false" }, out);
        }
        (KeyKind::Number, Scalar::Number(text) | Scalar::Text(text))
        | (KeyKind::Any, Scalar::Number(text)) => {
            let Some(decimal) = Decimal::parse(text) else { return false };
            number.clear();
            decimal.write(number);
            push_framed(NUMBER, number, out);
        }
        (KeyKind::Boolean | KeyKind::Any, Scalar::Bool(value)) => out.push(if value { TRUE } else { FALSE }),
        (KeyKind::Boolean, Scalar::Text(b"true")) => out.push(TRUE),
        (KeyKind::Boolean, Scalar::Text(b"false")) => out.push(FALSE),
        (KeyKind::Ip, Scalar::Text(text)) => {
            let Some(address) = ip::parse(text) else { return false };
            out.push(IP);
            out.extend(address.to_be_bytes());
        }
        (KeyKind::Date, value) => {
            let Some(nanos) = date::parse_scalar(value) else { return false };
            out.push(DATE);
            out.extend((nanos.cast_unsigned() ^ SIGN).to_be_bytes());
        }
        _ => return false,
    }
    true
}

fn push_framed(tag: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    push_length(payload.len(), out);
    out.extend_from_slice(payload);
}

/// Bounds on the keys of one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyLimits {
    /// Combinations of values that count; the first in order do.
    pub(crate) keys: usize,
    /// The longest key in bytes; a longer one does not count.
    pub(crate) bytes: usize,
}

/// Builds the keys of events. Its buffers are reused, so that it allocates only for an event larger than any before.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyBuilder {
    /// Where a canonical number is put together.
    number: Vec<u8>,
    /// The distinct values of all parts.
    values: Vec<u8>,
    /// Where each value stands, part by part in order.
    spans: Vec<Range<u32>>,
    /// Where each part's spans stand.
    parts: Vec<Range<u32>>,
    /// Which value each part has at present.
    choice: Vec<u32>,
    key: Vec<u8>,
}

impl KeyBuilder {
    pub(crate) fn new() -> Self {
        Self { values: Vec::with_capacity(256), key: Vec::with_capacity(256), ..Self::default() }
    }

    /// Calls `each` with the distinct keys of an event, in order. Returns how many were left out for the limits' sake.
    pub(crate) fn keys(
        &mut self,
        defs: &[KeyDef],
        source: &impl KeySource,
        limits: KeyLimits,
        mut each: impl FnMut(&[u8]),
    ) -> u64 {
        if !self.collect(defs, source) {
            return 0;
        }
        let total = self.parts.iter().fold(1_u64, |total, part| total.saturating_mul(part.len() as u64));
        let mut used = 0;
        self.choice.clear();
        self.choice.extend(self.parts.iter().map(|part| part.start));
        for _ in 0..total.min(limits.keys as u64) {
            self.key.clear();
            for &value in &self.choice {
                let span = &self.spans[value as usize];
                self.key.extend_from_slice(&self.values[span.start as usize..span.end as usize]);
            }
            if self.key.len() <= limits.bytes {
                used += 1;
                each(&self.key);
            }
            self.advance();
        }
        total - used
    }

    /// Appends one key of all values together: for each part how many it has, and the values. `false` if a part that is not
    /// optional has none.
    pub(crate) fn whole(&mut self, defs: &[KeyDef], source: &impl KeySource, out: &mut Vec<u8>) -> bool {
        if !self.collect(defs, source) {
            return false;
        }
        for part in &self.parts {
            push_length(part.len(), out);
            for span in &self.spans[part.start as usize..part.end as usize] {
                out.extend_from_slice(&self.values[span.start as usize..span.end as usize]);
            }
        }
        true
    }

    /// Fills `values`, `spans` and `parts`. `false` if a part that is not optional has no value.
    fn collect(&mut self, defs: &[KeyDef], source: &impl KeySource) -> bool {
        self.values.clear();
        self.spans.clear();
        self.parts.clear();
        for def in defs {
            let first = self.spans.len();
            if let Some(slot) = def.slot {
                let Self { number, values, spans, .. } = self;
                source.values(slot, &mut |value| {
                    let start = values.len() as u32;
                    if encode(def.kind, value, number, values) {
                        spans.push(start..values.len() as u32);
                    }
                });
            }
            self.sort_part(first);
            if self.spans.len() == first {
                if !def.optional && def.slot.is_some() {
                    return false;
                }
                let start = self.values.len() as u32;
                self.values.push(NULL);
                self.spans.push(start..start + 1);
            }
            self.parts.push(first as u32..self.spans.len() as u32);
        }
        true
    }

    /// Sorts the values from `first` on and drops what is there twice.
    fn sort_part(&mut self, first: usize) {
        if self.spans.len() - first < 2 {
            return;
        }
        let values = &self.values;
        let bytes = |span: &Range<u32>| &values[span.start as usize..span.end as usize];
        self.spans[first..].sort_unstable_by(|a, b| compare_value(bytes(a), bytes(b)));
        let mut kept = first;
        for at in first + 1..self.spans.len() {
            if bytes(&self.spans[at]) != bytes(&self.spans[kept]) {
                kept += 1;
                self.spans[kept] = self.spans[at].clone();
            }
        }
        self.spans.truncate(kept + 1);
    }

    /// The next combination; the last part moves fastest.
    fn advance(&mut self) {
        for (choice, part) in self.choice.iter_mut().zip(&self.parts).rev() {
            *choice += 1;
            if *choice < part.end {
                return;
            }
            *choice = part.start;
        }
    }
}

#[cfg(test)]
mod tests;
