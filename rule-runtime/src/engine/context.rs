//! The tests of one event, each computed at most once.

use super::candidates::Candidates;
use super::kinds::Kinds;
use super::profile::Profile;
use super::recall::Recall;
use super::routes::Routes;
use crate::event::{EventView, Slot};
use crate::literal::{Found, LiteralKind, is_numeral};
use crate::matcher::Scratch;
use crate::matcher::anchors::Seen;
use crate::set::{RuleSet, Step, Test, Unit};

/// Memory that is kept from event to event.
#[derive(Debug)]
pub(crate) struct State {
    /// Number of the current event; entries below with another number are of earlier events.
    epoch: u32,
    /// Per test: epoch * 2 + result.
    memo: Vec<u32>,
    /// Per literal table: the epoch in which its values were looked up, and where they stand in `found`.
    lookups: Vec<Lookup>,
    pub(super) found: Vec<Found>,
    pub(super) scratch: Scratch,
    /// Per table of anchors.
    seen: Vec<Seen>,
    pub(super) recall: Recall,
    pub(super) routes: Routes,
    pub(super) kinds: Kinds,
    pub(super) candidates: Candidates,
    /// Bit by bit the slots that may have a value, while it is looked at.
    pub(super) may_have: Vec<u64>,
    /// Per filter: the epoch in which it held.
    pub(super) held: Vec<u32>,
    /// How many dispatch fields have narrowed `candidates` for the current event already.
    pub(super) narrowed: usize,
    /// Bit by bit the slots that no candidate looks at, as far as that is worth finding out; after a first phase that leaves
    /// something open.
    pub(super) unwanted: Vec<u64>,
    /// Long texts for few: slots of the first phase that few units look at, and those units.
    pub(super) rarely_read: Vec<(Slot, Vec<u32>)>,
    /// Units evaluated since construction.
    pub(super) looked_at: u64,
    /// What units cost, if that is asked for.
    pub(super) profile: Option<Box<Profile>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lookup {
    epoch: u32,
    found: Looked,
}

/// What the values of a field were found to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looked {
    /// Where the literals that they equal stand in `found`.
    start: u32,
    end: u32,
    /// Of a table of numbers: there are several values, or one that is no whole number.
    pub(super) others: bool,
}

impl Looked {
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl State {
    pub(crate) fn new(set: &RuleSet<'_>) -> Self {
        Self {
            epoch: 0,
            memo: vec![0; set.predicates.len()],
            lookups: vec![Lookup::default(); set.literals.len()],
            found: Vec::with_capacity(64),
            scratch: Scratch::default(),
            seen: set.anchors.iter().map(|anchors| Seen::new(anchors, set.predicates.len())).collect(),
            recall: Recall::default(),
            routes: Routes::default(),
            kinds: Kinds::default(),
            candidates: Candidates::new(set),
            may_have: Vec::with_capacity(set.tree.words()),
            held: vec![0; set.filters.len()],
            narrowed: 0,
            unwanted: vec![0; set.tree.words()],
            rarely_read: rarely_read(set),
            looked_at: 0,
            profile: None,
        }
    }

    /// Forgets the event before.
    pub(crate) fn next_event(&mut self) {
        if self.epoch == u32::MAX >> 1 {
            self.epoch = 0;
            self.memo.fill(0);
            self.lookups.fill(Lookup::default());
            self.held.fill(0);
            self.seen.iter_mut().for_each(Seen::restart);
            self.recall.restart();
        }
        self.epoch += 1;
        self.found.clear();
        self.narrowed = 0;
        self.scratch.next_event();
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }
}

/// With more readers than this a slot is as good as read by all.
const FEW_READERS: usize = 64;

/// The slots in objects that the first phase reads, but not looked at by dispatch, which few units look at: `message`,
/// say. A string with escapes costs time to read, however few ask for it.
fn rarely_read(set: &RuleSet<'_>) -> Vec<(Slot, Vec<u32>)> {
    let object = |slot: Slot| set.tree.path(slot).split_once('.').map(|(object, _)| object);
    let early: Vec<_> =
        set.dispatch.fields[..set.dispatch.early as usize].iter().map(|field| object(field.slot)).collect();
    let slots = (0..set.tree.slots() as u16).map(Slot);
    let slots = slots.filter(|&slot| object(slot).is_none() || early.contains(&object(slot)));
    let readers = |slot: Slot| -> Vec<u32> {
        let reads = |unit: &Unit<'_>| {
            unit.reads.get(usize::from(slot.0) / 64).is_some_and(|word| word >> (slot.0 % 64) & 1 == 1)
        };
        (0..).zip(set.units).filter(|(_, unit)| reads(unit)).map(|(number, _)| number).collect()
    };
    slots.map(|slot| (slot, readers(slot))).filter(|(_, readers)| readers.len() <= FEW_READERS).collect()
}

/// What residuals ask: the shared tests, over one event.
#[derive(Debug)]
pub struct Context<'m> {
    pub(super) set: &'m RuleSet<'m>,
    pub(super) event: EventView<'m>,
    pub(super) state: &'m mut State,
}

impl Context<'_> {
    /// Whether test number `test` holds for the event.
    #[inline]
    pub fn test(&mut self, test: u32) -> bool {
        let known = self.state.memo[test as usize];
        if known >> 1 == self.state.epoch {
            return known & 1 == 1;
        }
        let holds = match &self.set.predicates[test as usize] {
            Test::Literal { table, ids } => self.literal(*table, ids),
            Test::Predicate(predicate) => {
                let State { recall, scratch, epoch, .. } = &mut *self.state;
                recalled(recall, test, self.event, *epoch, || predicate.eval(self.event, scratch))
            }
            Test::Anchored { table, all, list } => {
                let State { recall, scratch, seen, epoch, .. } = &mut *self.state;
                let table = usize::from(*table);
                let (anchors, seen) = (&self.set.anchors[table], &mut seen[table]);
                !(*all && seen.rules_out(test, *epoch))
                    && recalled(recall, test, self.event, *epoch, || {
                        anchors.any_match(list, self.event, *epoch, seen, scratch)
                    })
            }
        };
        self.state.memo[test as usize] = self.state.epoch << 1 | u32::from(holds);
        holds
    }

    /// Runs a decision program.
    pub(super) fn run(&mut self, steps: &[Step]) -> bool {
        let mut at = 0;
        loop {
            let step = steps[at as usize];
            at = if self.test(step.test) { step.then } else { step.otherwise };
            if at >= Step::REJECT {
                return at == Step::ACCEPT;
            }
        }
    }

    fn literal(&mut self, table: u16, ids: &[u16]) -> bool {
        #[allow(clippy::manual_contains, reason = "`contains` is a call, for a few numbers")]
        let is_one_of_few = |id: u16| ids.iter().any(|&other| other == id);
        let among = |id: u16| if ids.len() <= 8 { is_one_of_few(id) } else { ids.binary_search(&id).is_ok() };
        let looked = self.look_up(table);
        self.state.found[looked.range()].iter().any(|found| among(found.id) || found.exact.is_some_and(among))
    }

    /// Looks up the values of a table's field, once per event.
    pub(super) fn look_up(&mut self, table: u16) -> Looked {
        let known = self.state.lookups[table as usize];
        if known.epoch == self.state.epoch {
            return known.found;
        }
        let literals = &self.set.literals[table as usize];
        let start = self.state.found.len() as u32;
        let (mut values, mut whole) = (0, 0);
        for (bytes, len) in self.event.spots(literals.slot) {
            let found = match literals.kind {
                LiteralKind::Texts => literals.table.find_at(bytes, len),
                LiteralKind::Numbers => {
                    values += 1;
                    whole += u32::from(is_numeral(&bytes[..len]));
                    literals.table.find_number_at(bytes, len)
                }
            };
            if let Some(found) = found {
                self.state.found.push(found);
            }
        }
        let end = self.state.found.len() as u32;
        let found = Looked { start, end, others: values > 1 || whole < values };
        self.state.lookups[table as usize] = Lookup { epoch: self.state.epoch, found };
        found
    }
}

/// What a test says of an event, remembered if it may come again.
#[inline]
fn recalled(
    recall: &mut Recall,
    test: u32,
    event: EventView<'_>,
    epoch: u32,
    eval: impl FnOnce() -> bool,
) -> bool {
    match recall.find(test, event, epoch) {
        Ok(holds) => holds,
        Err(place) => {
            let holds = eval();
            if let Some(place) = place {
                recall.remember(place, holds);
            }
            holds
        }
    }
}
