//! What costly tests have said of values that were seen before.
//!
//! In: a test of one field, and an event whose field has one text. Out: what the test said of that text, if it is known.
//! Executables, parents and paths come again and again, and a list of a hundred patterns need not be gone through each
//! time. Texts are compared byte by byte: nothing is taken for known that is not.
//!
//! Memory is bounded: a field keeps so many texts, and forgets all of them when there is no more room. Fields whose texts
//! hardly ever come again are left alone for a while.

use crate::event::{EventView, Scalar, Slot};
use crate::literal;
use crate::matcher::Predicate;
use crate::set::RuleSet;

/// Nanoseconds from which on a test is worth being remembered.
const COSTLY: u32 = 15;
/// Texts that a field keeps.
const TEXTS: usize = 256;
/// Bytes of texts that a field keeps.
const BYTES: usize = 24 << 10;
/// Longer texts are not kept.
const LONGEST: usize = 256;
/// After so many texts it is seen whether enough of them were known, one in `WORTH`.
const TRIAL: u32 = 4096;
const WORTH: u32 = 4;
/// So many texts are passed over if they were not.
const PAUSE: u32 = 64 * TRIAL;

/// No field, no test.
const NONE: u32 = u32::MAX;

/// What is remembered, of all tests that are worth it.
#[derive(Debug, Default)]
pub(super) struct Recall {
    fields: Vec<Field>,
    answers: Vec<Answers>,
    /// By test, its answers.
    of_test: Vec<u32>,
}

/// The texts of a field.
#[derive(Debug)]
struct Field {
    slot: Slot,
    /// The event that `current` is of.
    event: u32,
    current: Option<u8>,
    /// Counts how often all texts were forgotten.
    era: u64,
    /// Number of a text plus one, 0 for an empty bucket.
    buckets: [u16; 2 * TEXTS],
    texts: Vec<u8>,
    /// Where each text ends.
    ends: Vec<u32>,
    asked: u32,
    known: u32,
    pause: u32,
}

/// What a test said of the texts of its field, bit by bit.
#[derive(Clone, Copy, Debug)]
struct Answers {
    field: u32,
    era: u64,
    known: [u64; TEXTS / 64],
    holds: [u64; TEXTS / 64],
}

/// Where an answer belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    answers: u32,
    text: u8,
}

impl Recall {
    pub(super) fn new(set: &RuleSet<'_>) -> Self {
        let mut recall = Self::default();
        for test in set.predicates {
            let costly = test.predicate().filter(|predicate| predicate.cost() >= COSTLY);
            let field = costly.and_then(only_slot);
            let answers = field.map(|slot| recall.add(slot));
            recall.of_test.push(answers.unwrap_or(NONE));
        }
        recall
    }

    fn add(&mut self, slot: Slot) -> u32 {
        let known = self.fields.iter().position(|field| field.slot == slot);
        let field = known.unwrap_or_else(|| {
            self.fields.push(Field::new(slot));
            self.fields.len() - 1
        });
        let (known, holds) = ([0; TEXTS / 64], [0; TEXTS / 64]);
        self.answers.push(Answers { field: field as u32, era: 0, known, holds });
        self.answers.len() as u32 - 1
    }

    /// What `test` says of the event with the number `epoch`, if that is known; or else where its answer belongs, if it is to be
    /// remembered.
    #[inline]
    pub(super) fn find(
        &mut self,
        test: u32,
        event: EventView<'_>,
        epoch: u32,
    ) -> Result<bool, Option<Place>> {
        let index = self.of_test.get(test as usize).copied().unwrap_or(NONE);
        let Some(answers) = self.answers.get_mut(index as usize) else { return Err(None) };
        let field = &mut self.fields[answers.field as usize];
        if field.event != epoch {
            field.event = epoch;
            field.current = field.look_up(event);
        }
        let Some(number) = field.current else { return Err(None) };
        if answers.era != field.era {
            answers.era = field.era;
            answers.known = [0; TEXTS / 64];
        }
        let (word, bit) = (usize::from(number) / 64, number % 64);
        if answers.known[word] >> bit & 1 == 1 {
            Ok(answers.holds[word] >> bit & 1 == 1)
        } else {
            Err(Some(Place { answers: index, text: number }))
        }
    }

    /// Remembers an answer.
    #[inline]
    pub(super) fn remember(&mut self, place: Place, holds: bool) {
        let answers = &mut self.answers[place.answers as usize];
        let (word, bit) = (usize::from(place.text) / 64, place.text % 64);
        answers.known[word] |= 1 << bit;
        answers.holds[word] = answers.holds[word] & !(1 << bit) | u64::from(holds) << bit;
    }

    /// Event numbers start again.
    pub(super) fn restart(&mut self) {
        self.fields.iter_mut().for_each(|field| field.event = 0);
    }
}

impl Field {
    fn new(slot: Slot) -> Self {
        Self {
            slot,
            event: 0,
            current: None,
            era: 0,
            buckets: [0; 2 * TEXTS],
            texts: Vec::new(),
            ends: Vec::new(),
            asked: 0,
            known: 0,
            pause: 0,
        }
    }

    /// The number of the text that an event has in this field, if it is the only value, and short.
    fn look_up(&mut self, event: EventView<'_>) -> Option<u8> {
        let mut values = event.values(self.slot);
        let (Some(Scalar::Text(text)), None) = (values.next(), values.next()) else { return None };
        if text.len() > LONGEST {
            return None;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        self.asked += 1;
        if self.asked == TRIAL {
            if self.known < TRIAL / WORTH {
                self.pause = PAUSE;
            }
            (self.asked, self.known) = (0, 0);
        }
        let mut at = self.bucket(text);
        while let Some(number) = self.buckets[at].checked_sub(1) {
            if self.text(number) == text {
                self.known += 1;
                return Some(number as u8);
            }
            at = (at + 1) % self.buckets.len();
        }
        if self.ends.len() == TEXTS || self.texts.len() + text.len() > BYTES {
            self.forget();
            at = self.bucket(text);
        }
        // Reserved at once, with the first text: few fields of a large set have any.
        self.texts.reserve_exact(BYTES - self.texts.len());
        self.ends.reserve_exact(TEXTS - self.ends.len());
        self.texts.extend_from_slice(text);
        self.ends.push(self.texts.len() as u32);
        self.buckets[at] = self.ends.len() as u16;
        Some((self.ends.len() - 1) as u8)
    }

    fn bucket(&self, text: &[u8]) -> usize {
        literal::hash(text) as usize % self.buckets.len()
    }

    fn text(&self, number: u16) -> &[u8] {
        let number = usize::from(number);
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.texts[start as usize..self.ends[number] as usize]
    }

    fn forget(&mut self) {
        self.texts.clear();
        self.ends.clear();
        self.buckets = [0; 2 * TEXTS];
        self.era += 1;
    }
}

/// The one slot that a predicate looks at, if its values are all that counts.
fn only_slot(predicate: &Predicate<'_>) -> Option<Slot> {
    match predicate {
        Predicate::Text { .. }
        | Predicate::Like { .. }
        | Predicate::Regex { .. }
        | Predicate::Cidr { .. }
        | Predicate::Phrase { .. }
        | Predicate::Word { .. }
        | Predicate::Any(_)
        | Predicate::Expr { .. } => {}
        _ => return None,
    }
    let (mut first, mut others, mut pure) = (None, false, true);
    predicate.slots(&mut |slot| others |= *first.get_or_insert(slot) != slot);
    if let Predicate::Any(predicates) = predicate {
        pure = predicates.iter().all(|predicate| only_slot(predicate).is_some());
    }
    first.filter(|_| pure && !others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::matcher::glob::{Needle, Pattern, Shape};
    use crate::matcher::{Case, Scratch};
    use crate::set::Test;

    const SLOT: Slot = Slot(0);

    /// Asks for the text of each event in turn; how many answers were known.
    fn ask(events: &[Vec<String>]) -> usize {
        let pattern = [Pattern::new(Shape::Contains(Needle::new(b"7")))];
        let like = Predicate::Like { slot: SLOT, patterns: &pattern, case: Case::Sensitive };
        let tests = [Test::Predicate(like)];
        let mut recall = Recall::new(&RuleSet { predicates: &tests, ..RuleSet::EMPTY });
        let (mut event, mut scratch) = (Event::with_slots(1), Scratch::default());
        let mut known = 0;
        for (number, texts) in (1..).zip(events) {
            event.clear();
            for text in texts {
                event.push_text(SLOT, text);
            }
            scratch.next_event();
            let view = event.view(b"");
            let holds = like.eval(view, &mut scratch);
            match recall.find(0, view, number) {
                Ok(remembered) => {
                    assert_eq!(remembered, holds, "{texts:?}");
                    known += 1;
                }
                Err(Some(place)) => recall.remember(place, holds),
                Err(None) => {
                    assert!(texts.len() != 1 || texts[0].len() > LONGEST || recall.fields[0].pause > 0);
                }
            }
        }
        known
    }

    fn single(text: &(impl ToString + ?Sized)) -> Vec<String> {
        vec![text.to_string()]
    }

    #[test]
    fn texts_that_come_again_are_known() {
        let events: Vec<_> = (0..1000).map(|number| single(&(number % 50))).collect();
        assert_eq!(ask(&events), 950);
    }

    #[test]
    fn answers_hold_when_texts_give_way_to_others() {
        // More texts than there is room for, some of them a few times in a row.
        let events: Vec<_> = (0..20_000).map(|number| single(&(number / 3 % 700))).collect();
        assert!(ask(&events) > 10_000);
        let long: Vec<_> = (0..2_000).map(|number| single(&format!("{:>200}", number % 150))).collect();
        ask(&long);
    }

    #[test]
    fn several_values_and_long_ones_are_not_remembered() {
        let several: Vec<_> = (0..100).map(|_| vec!["1".to_owned(), "7".to_owned()]).collect();
        assert_eq!(ask(&several), 0);
        let none: Vec<_> = (0..100).map(|_| Vec::new()).collect();
        assert_eq!(ask(&none), 0);
        let long: Vec<_> = (0..100).map(|_| single(&"7".repeat(LONGEST + 1))).collect();
        assert_eq!(ask(&long), 0);
    }

    #[test]
    fn a_field_of_ever_new_texts_is_left_alone() {
        let events: Vec<_> = (0..TRIAL as usize * 2).map(|number| single(&number)).collect();
        assert_eq!(ask(&events), 0);
    }

    #[test]
    fn tests_of_two_fields_are_not_remembered() {
        let one = Predicate::Cidr { slot: SLOT, blocks: &[] };
        assert_eq!(only_slot(&one), Some(SLOT));
        let both = [one, Predicate::Cidr { slot: Slot(1), blocks: &[] }];
        assert_eq!(only_slot(&Predicate::Any(&both)), None);
        let clock = [one, Predicate::Missing { slot: SLOT }];
        assert_eq!(only_slot(&Predicate::Any(&clock)), None);
    }
}
