//! One event, reduced to the fields that rules name.
//!
//! A [`SlotTree`] says which keys lead to which [`Slot`]; a reader or a source fills an [`Event`]; rules look at an
//! [`EventView`]. The model is that of eql.md section 3: the value of a path is a multiset of scalars.

mod build;
mod scalar;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod view;

pub use build::{OwnedSlotTree, SlotTreeBuilder, SlotTreeError};
pub use scalar::Scalar;
pub use store::Event;
pub use tree::{Key, NONE, Name, Node, ROOT, Slot, SlotTree};
pub use view::{EventView, Values};

pub(crate) use store::Open;
pub(crate) use tree::{Table, tail_before_quote};
