//! Tests that look at the event as a whole: fields by a pattern of their names, and objects one by one.
//!
//! In: the text of the event, and predicates over slots of their own. Out: whether they hold for an event made of the
//! values in question. Slow, since the event is walked for every such test; rules seldom have one. An event that did not
//! come as JSON text has nothing to walk: such a test does not hold for it.

use super::Predicate;
use super::glob::Pattern;
use super::scratch::Scratch;
use crate::event::{Event, EventView, Slot};
use crate::reader::whole;

/// A condition over predicates, for the objects of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Formula<'a> {
    /// Always or never.
    Const(bool),
    /// A predicate.
    Test(&'a Predicate<'a>),
    /// The opposite.
    Not(&'a Formula<'a>),
    /// All of them.
    All(&'a [Formula<'a>]),
    /// One of them.
    One(&'a [Formula<'a>]),
}

impl Formula<'_> {
    fn holds(&self, event: EventView<'_>, scratch: &mut Scratch) -> bool {
        match *self {
            Self::Const(value) => value,
            Self::Test(predicate) => predicate.eval(event, scratch),
            Self::Not(inner) => !inner.holds(event, scratch),
            Self::All(parts) => parts.iter().all(|part| part.holds(event, scratch)),
            Self::One(parts) => parts.iter().any(|part| part.holds(event, scratch)),
        }
    }
}

/// What such tests work in; kept, so that its memory is used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Inner {
    event: Event,
    scratch: Scratch,
    name: Vec<u8>,
    key: Vec<u8>,
}

/// Whether a predicate over slot 0 holds for the values of all fields whose names match.
pub(super) fn any_field(
    event: EventView<'_>,
    scratch: &mut Scratch,
    name: &Pattern<'_>,
    test: &Predicate<'_>,
) -> bool {
    let mut inner = scratch.inner.take().unwrap_or_default();
    let Inner { event: values, scratch: memory, name: buffer, .. } = &mut *inner;
    values.begin(1);
    memory.next_event();
    whole::each_scalar(event.line(), buffer, &mut |field, scalar| {
        if name.is_match(field) {
            scalar.push(Slot(0), values);
        }
    });
    let holds = test.eval(values.view(b""), memory);
    scratch.inner = Some(inner);
    holds
}

/// Whether a condition over the fields of one object holds for some object at a path.
pub(super) fn any_object(
    event: EventView<'_>,
    scratch: &mut Scratch,
    path: &str,
    fields: &[&str],
    test: &Formula<'_>,
) -> bool {
    let mut inner = scratch.inner.take().unwrap_or_default();
    let Inner { event: values, scratch: memory, name, key } = &mut *inner;
    let mut holds = false;
    whole::each_object(event.line(), path.as_bytes(), name, &mut |object| {
        if holds {
            return;
        }
        values.begin(fields.len());
        memory.next_event();
        for (slot, field) in (0..).zip(fields) {
            whole::each_value(object, field.as_bytes(), key, &mut |scalar| scalar.push(Slot(slot), values));
        }
        holds = test.holds(values.view(object), memory);
    });
    scratch.inner = Some(inner);
    holds
}
