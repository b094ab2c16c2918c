//! An event from any `serde::Deserializer` as JSON text.
//!
//! In: a deserializer of a self-describing format. Out: JSON text of the same values, as [`super::serde`] takes them: what is
//! no value there is `null` here, and keys that are not text are left out.

use super::serde::NUMBER_TOKEN;
use super::whole::{WholeText, write_string};
use crate::reader::{DEFAULT_DEPTH_LIMIT, is_number};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::io::Write as _;

/// Writes the event that a deserializer holds.
pub(crate) fn write_value<'de, D: Deserializer<'de>>(
    source: D,
    whole: &mut WholeText,
) -> Result<(), D::Error> {
    whole.begin();
    source.deserialize_map(Json { out: &mut whole.text, depth: 0 })
}

struct Json<'o> {
    out: &'o mut Vec<u8>,
    depth: usize,
}

impl Json<'_> {
    fn inner<E: Error>(&mut self) -> Result<Json<'_>, E> {
        if self.depth >= DEFAULT_DEPTH_LIMIT {
            return Err(E::custom("maps and sequences are nested too deeply"));
        }
        Ok(Json { out: &mut *self.out, depth: self.depth + 1 })
    }

    fn write<E: Error>(self, value: fmt::Arguments<'_>) -> Result<(), E> {
        self.out.write_fmt(value).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! visit {
    ($($name:ident: $type:ty),*) => { $(
        fn $name<E: Error>(self, value: $type) -> Result<(), E> {
            self.write(format_args!("{value}"))
        }
    )* };
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.depth == 0 { "a map of fields" } else { "a value of a field" })
    }

    visit!(visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128);

    fn visit_f32<E: Error>(self, value: f32) -> Result<(), E> {
        if value.is_finite() { self.write(format_args!("{value:?}")) } else { self.visit_unit() }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if value.is_finite() { self.write(format_args!("{value:?}")) } else { self.visit_unit() }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        write_string(value.as_bytes(), self.out);
        Ok(())
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        match std::str::from_utf8(value) {
            Ok(text) => self.visit_str(text),
            Err(_) => self.visit_unit(),
        }
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.out.push(b'[');
        loop {
            let end = self.out.len();
            if self.out.last() != Some(&b'[') {
                self.out.push(b',');
            }
            if seq.next_element_seed(self.inner()?)?.is_none() {
                self.out.truncate(end);
                self.out.push(b']');
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let start = self.out.len();
        self.out.push(b'{');
        loop {
            let end = self.out.len();
            let first = end == start + 1;
            if !first {
                self.out.push(b',');
            }
            match map.next_key_seed(KeySeed { out: &mut *self.out })? {
                Some(Entry::Text) => {
                    self.out.push(b':');
                    map.next_value_seed(self.inner()?)?;
                }
                Some(Entry::Number) if first && self.depth > 0 => {
                    self.out.truncate(start);
                    return map.next_value_seed(NumberText(self));
                }
                Some(Entry::Number | Entry::Unknown) => {
                    self.out.truncate(end);
                    map.next_value::<IgnoredAny>()?;
                }
                None => {
                    self.out.truncate(end);
                    self.out.push(b'}');
                    return Ok(());
                }
            }
        }
    }
}

/// What a key of a map is.
enum Entry {
    /// It has been written.
    Text,
    Number,
    Unknown,
}

struct KeySeed<'o> {
    out: &'o mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Entry;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! no_text {
    ($($name:ident: $type:ty),*) => { $(
        fn $name<E: Error>(self, _: $type) -> Result<Entry, E> {
            Ok(Entry::Unknown)
        }
    )* };
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Entry, E> {
        if value == NUMBER_TOKEN {
            return Ok(Entry::Number);
        }
        write_string(value.as_bytes(), self.out);
        Ok(Entry::Text)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Entry, E> {
        match std::str::from_utf8(value) {
            Ok(text) => self.visit_str(text),
            Err(_) => Ok(Entry::Unknown),
        }
    }

    no_text!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_unit<E: Error>(self) -> Result<Entry, E> {
        Ok(Entry::Unknown)
    }
}

/// The text of a number, as `serde_json` hands it out.
struct NumberText<'o>(Json<'o>);

impl<'de> DeserializeSeed<'de> for NumberText<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NumberText<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text of a number")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        if !is_number(value.as_bytes()) {
            return self.0.visit_unit();
        }
        self.0.out.extend_from_slice(value.as_bytes());
        Ok(())
    }
}
