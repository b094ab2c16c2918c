//! From the bytes of JSON lines to the slots of an event.
//!
//! In: a [`SlotTree`](crate::event::SlotTree) and text. Out: filled [`Event`](crate::event::Event)s, and for each line
//! that is no event a [`ReadError`]. The meaning is that of eql.md section 3: nested and dotted keys in any split,
//! arrays and arrays of objects flattened, duplicate keys all counted, `null` and containers no value, the text of numbers kept.
//!
//! [`read_line`] and [`StrictReader`] check every byte.
//!
//! Knows nothing of rules, and nothing of files.

mod error;
mod line;
#[cfg(test)]
mod tests;
mod text;

pub use error::{ReadError, ReadErrorKind};
pub use line::{DEFAULT_DEPTH_LIMIT, StrictReader, check_strict, read_line};

#[cfg(feature = "serde")]
pub(crate) use text::is_number;
