//! Events that do not come as JSON text.
//!
//! In: a caller's struct through the [`Fields`] trait, or with the `serde` feature any `serde::Deserializer`
//! (Message Pack, CBOR, `&serde_json::Value`). Out: a filled [`Event`](crate::event::Event), the same that the reader
//! would make of the equivalent JSON. Texts are copied into the event's scratch buffer, which is used again.

mod fields;
#[cfg(feature = "serde")]
mod serde;
#[cfg(feature = "serde")]
mod serde_text;
mod whole;

pub(crate) use self::fields::read_whole_fields;
pub use self::fields::{FieldSink, FieldValue, Fields, TooLarge, read_fields};
#[cfg(feature = "serde")]
pub use self::serde::read_value;
#[cfg(feature = "serde")]
pub(crate) use self::serde_text::write_value;
pub(crate) use self::whole::WholeText;
