//! Events that are a caller's struct.
//!
//! In: a type that names its fields by their dotted paths. Out: a filled [`Event`]. A path costs one hash look-up, and
//! what no rule names is neither formatted nor copied.

use super::WholeText;
use crate::event::{Event, Slot, SlotTree};
use std::fmt;

/// A type whose values rules can look at.
///
/// ```
/// use rule_runtime::event::{Event, Scalar, Slot, SlotTree};
/// use rule_runtime::source::{FieldSink, Fields, read_fields};
///
/// struct ProcessStart<'a> {
///     pid: u32,
///     name: &'a str,
///     args: Vec<String>,
///     parent: Option<&'a str>,
/// }
///
/// impl Fields for ProcessStart<'_> {
///     fn fields(&self, out: &mut FieldSink<'_>) {
///         out.put("event.category", "process");
///         out.put("process.pid", self.pid);
///         out.put("process.name", self.name);
///         out.put("process.args", &self.args);
///         out.put("process.parent.name", self.parent);
///     }
/// }
///
/// let owned = SlotTree::build(&["process.name", "process.args", "process.parent.name"])?;
/// let tree = owned.as_ref();
/// let mut event = Event::with_slots(tree.slots());
/// let start = ProcessStart { pid: 7, name: "curl", args: vec!["curl".into(), "-x".into()], parent: None };
/// read_fields(&tree, &start, &mut event)?;
/// let view = event.view(b"");
/// assert_eq!(view.first(Slot(0)), Some(Scalar::Text(b"curl")));
/// assert_eq!(view.values(Slot(1)).count(), 2);
/// assert!(!view.has(Slot(2)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Fields {
    /// Puts every field of this event. The order of the values of one path is kept; the order of paths does not matter.
    fn fields(&self, out: &mut FieldSink<'_>);
}

/// Takes the fields of an event and keeps those that rules name.
#[derive(Debug)]
pub struct FieldSink<'s> {
    tree: &'s SlotTree<'s>,
    event: &'s mut Event,
    /// The whole event, for rules that look at fields without naming them.
    whole: Option<&'s mut WholeText>,
}

impl FieldSink<'_> {
    /// Puts a value, or all values of a slice, under a dotted path. Again under the same path adds to it.
    #[inline]
    pub fn put(&mut self, path: &str, value: impl FieldValue) {
        if let Some(slot) = self.tree.slot_of(path) {
            value.push(slot, self.event);
        }
        if let Some(whole) = &mut self.whole {
            whole.put(path, &value);
        }
    }

    /// Whether some rule looks at this path; for values that are costly to find out.
    pub fn wants(&self, path: &str) -> bool {
        self.whole.is_some() || self.tree.slot_of(path).is_some()
    }
}

/// What can be put under a path: texts, numbers, booleans, and options and slices of these.
///
/// `None` and an empty slice are no value. A float that is not finite is no value, as JSON has no text for it.
pub trait FieldValue {
    /// Adds the value to a slot.
    fn push(&self, slot: Slot, event: &mut Event);
}

/// The values of the event came to more than 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of one event are longer than 4 GiB")
    }
}

impl std::error::Error for TooLarge {}

/// Fills an event from a caller's struct.
pub fn read_fields<T: Fields + ?Sized>(
    tree: &SlotTree<'_>,
    source: &T,
    event: &mut Event,
) -> Result<(), TooLarge> {
    event.begin(tree.slots());
    source.fields(&mut FieldSink { tree, event, whole: None });
    if event.is_overfull() { Err(TooLarge) } else { Ok(()) }
}

/// Fills an event, and writes all of it as text.
pub(crate) fn read_whole_fields<T: Fields + ?Sized>(
    tree: &SlotTree<'_>,
    source: &T,
    event: &mut Event,
    whole: &mut WholeText,
) -> Result<(), TooLarge> {
    event.begin(tree.slots());
    whole.begin();
    source.fields(&mut FieldSink { tree, event, whole: Some(whole) });
    whole.write();
    if event.is_overfull() { Err(TooLarge) } else { Ok(()) }
}

impl FieldValue for str {
    fn push(&self, slot: Slot, event: &mut Event) {
        event.push_text(slot, self);
    }
}

impl FieldValue for String {
    fn push(&self, slot: Slot, event: &mut Event) {
        event.push_text(slot, self);
    }
}

impl FieldValue for bool {
    fn push(&self, slot: Slot, event: &mut Event) {
        event.push_bool(slot, *self);
    }
}

impl FieldValue for f64 {
    /// Writes the shortest text that reads back as the same number, with a fraction or an exponent: `1.0`, `1e21`.
    fn push(&self, slot: Slot, event: &mut Event) {
        if self.is_finite() {
            event.push_number(slot, format_args!("{self:?}"));
        }
    }
}

impl FieldValue for f32 {
    /// Like a 64-bit float, but the shortest text that reads back as the same 32-bit number: `0.1`.
    fn push(&self, slot: Slot, event: &mut Event) {
        if self.is_finite() {
            event.push_number(slot, format_args!("{self:?}"));
        }
    }
}

macro_rules! integers {
    ($($integer:ty)*) => { $(
        impl FieldValue for $integer {
            fn push(&self, slot: Slot, event: &mut Event) {
                event.push_number(slot, format_args!("{self}"));
            }
        }
    )* };
}

integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

impl<T: FieldValue + ?Sized> FieldValue for &T {
    #[inline]
    fn push(&self, slot: Slot, event: &mut Event) {
        T::push(self, slot, event);
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    fn push(&self, slot: Slot, event: &mut Event) {
        if let Some(value) = self {
            value.push(slot, event);
        }
    }
}

impl<T: FieldValue> FieldValue for [T] {
    fn push(&self, slot: Slot, event: &mut Event) {
        for value in self {
            value.push(slot, event);
        }
    }
}

impl<T: FieldValue, const N: usize> FieldValue for [T; N] {
    fn push(&self, slot: Slot, event: &mut Event) {
        self.as_slice().push(slot, event);
    }
}

impl<T: FieldValue> FieldValue for Vec<T> {
    fn push(&self, slot: Slot, event: &mut Event) {
        self.as_slice().push(slot, event);
    }
}
