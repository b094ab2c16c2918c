//! Tests that look at the event as a whole: fields by a pattern of their names, and objects one by one.
//!
//! In: the text of the event, and predicates over slots of their own. Out: whether they hold for an event made of the
//! values in question. Slow, since the event is walked for every such test; rules seldom have one. An event that did not
//! come as JSON text is made such a text first (`source::whole`).

use super::Predicate;
use super::glob::Pattern;
use super::scratch::Scratch;
use crate::event::{Event, EventView, Slot};
use crate::reader::whole;

/// A condition over predicates: for the objects of one path, or for the event where many rules share it.
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
    pub(super) fn holds(&self, event: EventView<'_>, scratch: &mut Scratch) -> bool {
        match *self {
            Self::Const(value) => value,
            Self::Test(predicate) => predicate.eval(event, scratch),
            Self::Not(inner) => !inner.holds(event, scratch),
            Self::All(parts) => parts.iter().all(|part| part.holds(event, scratch)),
            Self::One(parts) => parts.iter().any(|part| part.holds(event, scratch)),
        }
    }
}

impl<'a> Formula<'a> {
    /// Whether a test walks over the text of the event.
    pub(super) fn looks_at_whole(&self) -> bool {
        match *self {
            Self::Const(_) => false,
            Self::Test(predicate) => predicate.looks_at_whole(),
            Self::Not(inner) => inner.looks_at_whole(),
            Self::All(parts) | Self::One(parts) => parts.iter().any(Formula::looks_at_whole),
        }
    }

    /// Calls `visit` with every predicate.
    pub(super) fn predicates(&self, visit: &mut impl FnMut(&Predicate<'a>)) {
        match *self {
            Self::Const(_) => {}
            Self::Test(predicate) => visit(predicate),
            Self::Not(inner) => inner.predicates(visit),
            Self::All(parts) | Self::One(parts) => parts.iter().for_each(|part| part.predicates(visit)),
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

/// A test of the values of all fields whose names match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyField<'a> {
    /// What the full dotted name has to match.
    pub name: Pattern<'a>,
    /// The test, over slot 0.
    pub test: Predicate<'a>,
}

impl AnyField<'_> {
    /// Whether the test holds for the values of all those fields together.
    pub(super) fn holds(&self, event: EventView<'_>, scratch: &mut Scratch) -> bool {
        let mut inner = scratch.inner.take().unwrap_or_default();
        let Inner { event: values, scratch: memory, name: buffer, .. } = &mut *inner;
        values.begin(1);
        memory.next_event();
        whole::each_scalar(event.line(), buffer, &mut |field, scalar| {
            if self.name.is_match(field) {
                scalar.push(Slot(0), values);
            }
        });
        let holds = self.test.eval(values.view(b""), memory);
        scratch.inner = Some(inner);
        holds
    }
}

/// A test of the objects at a path, each on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nested<'a> {
    /// The dotted path.
    pub path: &'a str,
    /// The fields of an object that are tested; the position is the slot.
    pub fields: &'a [&'a str],
    /// The condition.
    pub test: Formula<'a>,
}

impl Nested<'_> {
    /// Whether one of the objects meets the condition.
    pub(super) fn holds(&self, event: EventView<'_>, scratch: &mut Scratch) -> bool {
        let mut inner = scratch.inner.take().unwrap_or_default();
        let Inner { event: values, scratch: memory, name, key } = &mut *inner;
        let mut holds = false;
        whole::each_object(event.line(), self.path.as_bytes(), name, &mut |object| {
            if holds {
                return;
            }
            values.begin(self.fields.len());
            memory.next_event();
            for (slot, field) in (0..).zip(self.fields) {
                let push = &mut |scalar: whole::Raw<'_>| scalar.push(Slot(slot), values);
                whole::each_value(object, field.as_bytes(), key, push);
            }
            holds = self.test.holds(values.view(object), memory);
        });
        scratch.inner = Some(inner);
        holds
    }
}
