//! Events from any `serde::Deserializer`.
//!
//! In: a deserializer of a self-describing format. Out: a filled [`Event`]. Subtrees that no rule names are handed to
//! `IgnoredAny`, keys are looked up without being copied, and numbers are written as text into the scratch buffer.

use crate::event::{Event, Key, NONE, ROOT, Slot, SlotTree};
use crate::reader::{DEFAULT_DEPTH_LIMIT, is_number};
use crate::source::FieldValue;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The key under which `serde_json`, with its `arbitrary_precision` feature, hands out the text of a number.
pub(super) const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Fills an event from a deserializer whose format describes itself; the outermost value must be a map.
///
/// Integers and floats become the text of a JSON number; a float that is not finite is no value. Bytes count as a
/// text when they are UTF-8 and as no value otherwise. Map keys that are not text lead nowhere.
///
/// ```
/// use rule_runtime::event::{Event, Scalar, Slot, SlotTree};
/// use rule_runtime::source::read_value;
///
/// let owned = SlotTree::build(&["process.name"])?;
/// let tree = owned.as_ref();
/// let mut event = Event::with_slots(tree.slots());
/// let value = serde_json::json!({"process": {"name": "curl"}});
/// read_value(&tree, &value, &mut event)?;
/// assert_eq!(event.view(b"").first(Slot(0)), Some(Scalar::Text(b"curl")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Whatever the deserializer reports, an outermost value that is no map, and nesting beyond [`DEFAULT_DEPTH_LIMIT`].
pub fn read_value<'de, D: Deserializer<'de>>(
    tree: &SlotTree<'_>,
    source: D,
    event: &mut Event,
) -> Result<(), D::Error> {
    event.begin(tree.slots());
    source.deserialize_map(Place { tree, event, node: ROOT, slot: NONE, depth: 0 })?;
    if event.is_overfull() {
        return Err(D::Error::custom("the values of one event are longer than 4 GiB"));
    }
    Ok(())
}

/// A value of the source together with what it leads to.
struct Place<'p> {
    tree: &'p SlotTree<'p>,
    event: &'p mut Event,
    node: u16,
    slot: u16,
    depth: usize,
}

impl Place<'_> {
    fn push(self, value: impl FieldValue) {
        if self.slot != NONE {
            value.push(Slot(self.slot), self.event);
        }
    }

    /// The same event, one level down.
    fn inner<E: Error>(&mut self, node: u16, slot: u16) -> Result<Place<'_>, E> {
        if self.depth >= DEFAULT_DEPTH_LIMIT {
            return Err(E::custom("maps and sequences are nested too deeply"));
        }
        Ok(Place { tree: self.tree, event: &mut *self.event, node, slot, depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.node == NONE && self.slot == NONE {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.depth == 0 { "a map of fields" } else { "a value of a field" })
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_f32<E: Error>(self, value: f32) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.push(value);
        Ok(())
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        self.push(std::str::from_utf8(value).ok());
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self.inner(self.node, self.slot)?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(entry) = map.next_key_seed(KeySeed { tree: self.tree, node: self.node })? {
            match entry {
                Entry::Key(key) => map.next_value_seed(self.inner(key.node, key.slot)?)?,
                Entry::Number => map.next_value_seed(NumberText(self.inner(NONE, self.slot)?))?,
                Entry::Unknown => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Where a key of a map leads.
enum Entry<'t> {
    Key(&'t Key),
    Number,
    Unknown,
}

struct KeySeed<'t> {
    tree: &'t SlotTree<'t>,
    node: u16,
}

impl<'t> KeySeed<'t> {
    fn entry(&self, text: &[u8]) -> Entry<'t> {
        match self.tree.find(self.node, text) {
            Some(key) => Entry::Key(key),
            None if text == NUMBER_TOKEN.as_bytes() => Entry::Number,
            None => Entry::Unknown,
        }
    }
}

impl<'de, 't> DeserializeSeed<'de> for KeySeed<'t> {
    type Value = Entry<'t>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry<'t>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'_> for KeySeed<'t> {
    type Value = Entry<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Entry<'t>, E> {
        Ok(self.entry(value.as_bytes()))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Entry<'t>, E> {
        Ok(self.entry(value))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Entry<'t>, E> {
        Ok(Entry::Unknown)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Entry<'t>, E> {
        Ok(Entry::Unknown)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Entry<'t>, E> {
        Ok(Entry::Unknown)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Entry<'t>, E> {
        Ok(Entry::Unknown)
    }

    fn visit_unit<E: Error>(self) -> Result<Entry<'t>, E> {
        Ok(Entry::Unknown)
    }
}

/// The text of a number, as `serde_json` hands it out. Any other text under that key is no value.
struct NumberText<'p>(Place<'p>);

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
        if self.0.slot != NONE && is_number(value.as_bytes()) {
            self.0.event.push_number(Slot(self.0.slot), format_args!("{value}"));
        }
        Ok(())
    }
}
