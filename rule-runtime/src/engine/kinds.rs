//! Where the first dispatch fields of events lead, remembered by their values as a whole.
//!
//! In: an event. Out: where an event with the same values of those fields led before ([`super::routes`]), if there was one.
//! Events of one source have few kinds: looking the values up field by field, to find the same way again, takes longer than
//! comparing them. Values are compared byte by byte: nothing is taken for known that is not.
//!
//! Memory is bounded: when there is no more room all kinds are forgotten, and while few events are of known kinds they are
//! left alone.

use super::candidates::Bits;
use super::routes::Next;
use crate::event::{EventView, Slot};
use crate::literal::{Words, first_words, last_word};
use crate::set::RuleSet;

/// Kinds that are kept at the most, their values, and bytes of long texts among those.
const KINDS: usize = 1024;
const BUCKETS: usize = 2 * KINDS;
const VALUES: usize = 8 * KINDS;
const BYTES: usize = 32 * KINDS;
/// A kind is kept when it comes again while it is among about so many others that came once.
const GUESTS: usize = 2048;
/// Events with more values of the first fields are of no kind.
const MOST: usize = 12;
/// After so many events it is seen whether enough of them were of known kinds, one in `WORTH`.
const TRIAL: u32 = 4096;
const WORTH: u32 = 2;
/// So many events are passed over if they were not.
const PAUSE: u32 = 64 * TRIAL;

/// One value of a field. Of a text that is longer than the words its bytes are kept elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Value {
    words: Words,
    slot: u16,
    len: u32,
}

impl Value {
    fn is_long(self) -> bool {
        self.len > 16
    }
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    hash: u64,
    /// Where its values start, and how many there are.
    first: u32,
    count: u32,
    /// Where its long texts start.
    text: u32,
    next: Next,
}

/// What is remembered. By default nothing is.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    /// Bit by bit the slots of the first fields.
    fields: Vec<u64>,
    /// Number of a kind plus one, 0 for an empty bucket.
    buckets: Vec<u16>,
    entries: Vec<Kind>,
    values: Vec<Value>,
    texts: Vec<u8>,
    /// Parts of the hashes of kinds that came once.
    guests: Vec<u16>,
    /// Of the event at hand: its values, and their hash if it is of a kind to be kept.
    current: [Value; MOST],
    count: usize,
    new: Option<u64>,
    asked: u32,
    known: u32,
    pause: u32,
}

impl Kinds {
    pub(super) fn new(set: &RuleSet<'_>) -> Self {
        let mut fields = vec![0; set.tree.words()];
        for field in &set.dispatch.fields[..set.dispatch.early as usize] {
            fields[usize::from(field.slot.0) / 64] |= 1 << (field.slot.0 % 64);
        }
        Self {
            fields,
            buckets: vec![0; BUCKETS],
            entries: Vec::with_capacity(KINDS),
            values: Vec::with_capacity(VALUES),
            texts: Vec::with_capacity(BYTES),
            guests: vec![0; GUESTS],
            ..Self::default()
        }
    }

    /// Where an event of this kind led, if that is known.
    #[inline]
    pub(super) fn find(&mut self, event: EventView<'_>) -> Option<Next> {
        self.new = None;
        if self.pause > 0 || self.buckets.is_empty() {
            self.pause = self.pause.saturating_sub(1);
            return None;
        }
        let mut texts = [&b""[..]; MOST];
        let hash = self.look_at(event, &mut texts)?;
        let mut at = bucket(hash);
        while let Some(number) = self.buckets[at].checked_sub(1) {
            let kind = self.entries[usize::from(number)];
            if kind.hash == hash && self.is_current(kind, &texts) {
                self.known += 1;
                return Some(kind.next);
            }
            at = (at + 1) % BUCKETS;
        }
        let guest = &mut self.guests[(hash >> 16) as usize % GUESTS];
        let comes_again = *guest == hash as u16;
        *guest = hash as u16;
        self.new = comes_again.then_some(hash);
        None
    }

    /// Takes down the values of an event, and their texts; gives their hash unless there are too many.
    #[inline]
    fn look_at<'e>(&mut self, event: EventView<'e>, texts: &mut [&'e [u8]; MOST]) -> Option<u64> {
        self.asked += 1;
        if self.asked == TRIAL {
            if self.known < TRIAL / WORTH {
                self.pause = PAUSE;
            }
            (self.asked, self.known) = (0, 0);
        }
        let (mut count, mut hash) = (0, 0u64);
        for (word, (present, fields)) in event.present().iter().zip(&self.fields).enumerate() {
            for bit in Bits(present & fields) {
                let slot = (word * 64 + bit) as u16;
                for (bytes, len) in event.spots(Slot(slot)) {
                    let words = first_words(bytes, len);
                    let value = Value { words, slot, len: len as u32 };
                    *self.current.get_mut(count)? = value;
                    texts[count] = &bytes[..len];
                    count += 1;
                    hash = step(
                        step(hash, words.low),
                        words.high ^ u64::from(value.len) << 48 ^ u64::from(slot),
                    );
                    if value.is_long() {
                        hash = step(hash, last_word(bytes, len));
                    }
                }
            }
        }
        self.count = count;
        Some(hash)
    }

    fn is_current(&self, kind: Kind, texts: &[&[u8]; MOST]) -> bool {
        let current = &self.current[..self.count];
        if self.values[kind.first as usize..][..kind.count as usize] != *current {
            return false;
        }
        let mut rest = &self.texts[kind.text as usize..];
        current.iter().zip(texts).filter(|(value, _)| value.is_long()).all(|(_, text)| {
            let (known, others) = rest.split_at(text.len());
            rest = others;
            known == *text
        })
    }

    /// Remembers where the event that was asked for last has led.
    #[cold]
    pub(super) fn add(&mut self, event: EventView<'_>, next: Next) {
        let Some(hash) = self.new.take() else { return };
        let values = &self.current[..self.count];
        let long =
            values.iter().filter(|value| value.is_long()).map(|value| value.len as usize).sum::<usize>();
        if long > BYTES {
            return;
        }
        if self.entries.len() == KINDS
            || self.values.len() + values.len() > VALUES
            || self.texts.len() + long > BYTES
        {
            self.forget();
        }
        let mut at = bucket(hash);
        while self.buckets[at] != 0 {
            at = (at + 1) % BUCKETS;
        }
        let (first, text) = (self.values.len() as u32, self.texts.len() as u32);
        self.values.extend_from_slice(&self.current[..self.count]);
        for (word, (present, fields)) in event.present().iter().zip(&self.fields).enumerate() {
            for bit in Bits(present & fields) {
                let texts = event.spots(Slot((word * 64 + bit) as u16));
                texts.filter(|&(_, len)| len > 16).for_each(|(bytes, len)| self.texts.extend(&bytes[..len]));
            }
        }
        self.entries.push(Kind { hash, first, count: self.count as u32, text, next });
        self.buckets[at] = self.entries.len() as u16;
    }

    /// Forgets all kinds, as where they led is no more.
    pub(super) fn forget(&mut self) {
        self.buckets.fill(0);
        self.entries.clear();
        self.values.clear();
        self.texts.clear();
    }
}

#[inline]
fn step(state: u64, word: u64) -> u64 {
    (state ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
}

#[inline]
fn bucket(hash: u64) -> usize {
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % BUCKETS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Event;
    use crate::set::{Dispatch, DispatchField};

    /// Values of some fields, as texts; `true` stands for a boolean.
    type Values = Vec<(u16, &'static str)>;

    const FIELDS: [u16; 3] = [0, 2, 65];
    const TEXTS: [&str; 8] = [
        "",
        "a",
        "process",
        "network_traffic.flow",
        "network_traffic.dns",
        "network_traffic.dnt",
        "true",
        "22",
    ];

    fn values() -> impl Strategy<Value = Values> {
        prop::collection::vec(
            (prop::sample::select(vec![0u16, 1, 2, 65]), prop::sample::select(&TEXTS)),
            0..5,
        )
    }

    fn event(values: &Values, times: usize) -> Event {
        let mut event = Event::with_slots(70);
        for (slot, text) in values.iter().cycle().take(values.len() * times) {
            match *text {
                "true" => event.push_bool(Slot(*slot), true),
                text => event.push_text(Slot(*slot), text),
            }
        }
        event
    }

    fn kinds() -> Kinds {
        let fields = FIELDS.map(|slot| DispatchField {
            table: 0,
            row_of_literal: &[],
            row_of_others: 0,
            rows: &[],
            slot: Slot(slot),
        });
        let tree = crate::event::SlotTree {
            paths: &[crate::event::Name { start: 0, len: 0 }; 70],
            ..RuleSet::EMPTY.tree
        };
        let dispatch = Dispatch { fields: &fields, early: 3, ..RuleSet::EMPTY.dispatch };
        Kinds::new(&RuleSet { tree, dispatch, ..RuleSet::EMPTY })
    }

    /// The values of the fields that make a kind, in order of the fields.
    fn key(values: &Values) -> Values {
        let mut key: Values = values.iter().filter(|(slot, _)| FIELDS.contains(slot)).copied().collect();
        key.sort_by_key(|&(slot, _)| slot);
        key
    }

    proptest! {
        /// What is found is what was added for an event with the same values of the same fields.
        #[test]
        fn only_the_same_values_are_known(events in prop::collection::vec(values(), 1..60)) {
            let mut kinds = kinds();
            let mut numbers: Vec<Values> = Vec::new();
            let mut times: Vec<u32> = Vec::new();
            for values in events.iter().chain(&events) {
                let key = key(values);
                let number = numbers.iter().position(|known| *known == key).unwrap_or_else(|| {
                    numbers.push(key);
                    times.push(0);
                    numbers.len() - 1
                });
                let next = Next::Stop(number as u16 + 1);
                let event = event(values, 1);
                if let Some(found) = kinds.find(event.view(b"")) {
                    prop_assert_eq!(found, next);
                } else {
                    kinds.add(event.view(b""), next);
                    times[number] += 1;
                }
            }
            // Two of other kinds may keep pushing each other out, but not here all of them.
            prop_assert!(times.iter().all(|&times| times <= 3), "{:?}", times);
        }
    }

    #[test]
    fn events_with_many_values_are_of_no_kind() {
        let mut kinds = kinds();
        let event = event(&vec![(0, "a"); MOST + 1], 1);
        for _ in 0..4 {
            assert_eq!(kinds.find(event.view(b"")), None);
            kinds.add(event.view(b""), Next::Nowhere);
        }
    }

    #[test]
    fn memory_is_bounded_and_what_was_forgotten_is_not_known() {
        let mut kinds = kinds();
        let text = "x".repeat(300);
        let numbered = |number: usize| {
            let mut event = Event::with_slots(70);
            event.push_text(Slot(2), &format!("{text}{number}"));
            event
        };
        for number in 0..3 * KINDS {
            for _ in 0..2 {
                let event = numbered(number);
                assert_eq!(kinds.find(event.view(b"")), None);
                kinds.add(event.view(b""), Next::Stop(number as u16 + 1));
            }
            assert!(
                kinds.entries.len() <= KINDS && kinds.texts.len() <= BYTES && kinds.values.len() <= VALUES
            );
            if kinds.pause > 0 {
                break;
            }
            assert_eq!(kinds.find(numbered(number).view(b"")), Some(Next::Stop(number as u16 + 1)));
        }
        kinds.forget();
        assert_eq!(kinds.find(numbered(0).view(b"")), None);
    }
}
