//! From the bytes of JSON lines to the slots of an event.
//!
//! In: a [`SlotTree`](crate::event::SlotTree) and text. Out: filled [`Event`](crate::event::Event)s, and for each line
//! that is no event a [`ReadError`]. The meaning is that of eql.md section 3: nested and dotted keys in any split,
//! arrays and arrays of objects flattened, duplicate keys all counted, `null` and containers no value, the text of numbers kept.
//!
//! There are two readers. [`BlockReader`] indexes a block of lines with SIMD instructions and walks the index; what no
//! rule names it skips unchecked. [`read_line`] and [`StrictReader`] go through one line in one pass and check every byte.
//!
//! Knows nothing of rules, and nothing of files.

mod block;
mod classes;
mod error;
mod index;
mod line;
mod simd;
#[cfg(test)]
mod tests;
mod text;
mod walk;
pub(crate) mod whole;

pub use block::{BlockReader, Line, Lines};
pub use error::{ReadError, ReadErrorKind};
pub use line::{DEFAULT_DEPTH_LIMIT, StrictReader, check_strict, read_line};

#[cfg(feature = "serde")]
pub(crate) use text::is_number;
