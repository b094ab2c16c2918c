//! The state machine of eql.md sections 11 and 12.
//!
//! In: for one key of one sequence the operations an event asks for; events in order. Out: completed groups. Stages run
//! from last to first, so that an event never fills two places of one sequence. What is pending at a stage is consumed by
//! the next event of the following stage even if a check then fails. Missing stages take no part in that: they mark
//! sequences, and a marked sequence goes its way without a result. Knows nothing of values or conditions.

use super::key::Key;
use super::plan::{Ops, Plan, Role};
use super::sink::{Group, GroupEvent, Sink};
use super::slab::{ByteStore, NIL};
use super::store::{Item, Kind, NEVER, Needs, Store};
use super::time::Timestamp;

/// Counters of one sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) completed: u64,
    pub(super) evicted: u64,
    pub(super) late: u64,
    pub(super) keys_dropped: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Machine<'a> {
    pub(super) plans: Vec<Plan<'a>>,
    pub(super) store: Store,
    pub(super) counters: Vec<Counters>,
    /// The group being handed out.
    group: Vec<Option<GroupEvent>>,
    key: Vec<u8>,
    notes: Vec<u8>,
}

/// One event, for one key of one sequence.
#[derive(Clone, Copy, Debug)]
struct Step {
    sequence: u32,
    entry: u32,
    event: u32,
    now: Timestamp,
}

impl<'a> Machine<'a> {
    pub(super) fn new(plans: Vec<Plan<'a>>, store: Store, max_key_bytes: usize) -> Self {
        let longest = plans.iter().map(|plan| plan.stages).max().unwrap_or(0);
        Self {
            counters: vec![Counters::default(); plans.len()],
            group: Vec::with_capacity(longest),
            key: Vec::with_capacity(max_key_bytes),
            notes: Vec::with_capacity(if store.events.has_notes() { 1024 } else { 0 }),
            plans,
            store,
        }
    }

    /// Applies an event to one key of a sequence. Time must have been moved up to the event ([`Machine::expire`]).
    pub(super) fn apply(&mut self, sequence: u32, key: &[u8], ops: Ops, event: u32, sink: &mut impl Sink) {
        let plan = &self.plans[sequence as usize];
        let opens = ops.intersection(plan.opening);
        let found = self.store.find(sequence, key);
        if found.is_none() && opens.is_empty() {
            return;
        }
        let needs = Needs {
            items: opens.len().min(2),
            nodes: ops.intersection(plan.extending).len(),
            blocks: ByteStore::blocks(key.len()),
        };
        let found = if self.store.has_room(sequence, needs) {
            found
        } else {
            self.make_room(sequence, key, ops, needs)
        };
        let entry = match found {
            Some(entry) => entry,
            None if opens.is_empty() => return,
            None => {
                let Some(entry) = self.store.add_entry(sequence, key) else { return };
                entry
            }
        };
        let now = self.store.events[event].time;
        self.run(Step { sequence, entry, event, now }, ops, sink);
        self.store.drop_entry_if_empty(entry);
    }

    fn run(&mut self, step: Step, ops: Ops, sink: &mut impl Sink) {
        let mut until = false;
        let mut cursor = self.store.entries[step.entry].pending;
        for op in ops.descending() {
            match self.plans[step.sequence as usize].role(op) {
                Role::Until => until = true,
                Role::Trailing => self.trailing(step, sink),
                Role::Between(rank) => self.between(step, rank),
                Role::Leading => self.leading(step),
                Role::Positive(1) => self.start(step, sink),
                Role::Positive(rank) => cursor = self.extend(step, rank, cursor, sink),
            }
        }
        if until {
            // Whatever is pending has its last event before this one or is this one; both are within the bounds.
            while self.store.entries[step.entry].pending != NIL {
                self.store.remove_item(self.store.entries[step.entry].pending);
            }
        }
    }

    /// The last rank takes the event as the first and last of a sequence, others wait.
    fn start(&mut self, step: Step, sink: &mut impl Sink) {
        let last = self.plans[step.sequence as usize].last_rank();
        let mut tail = NIL;
        let mut at = self.store.entries[step.entry].pending;
        while at != NIL {
            let item = self.store.items[at];
            if item.rank == 1 {
                self.store.remove_item(at);
                break;
            }
            (tail, at) = (at, item.next);
        }
        let mut item = Item::new(step.entry, Kind::Pending, step.now.nanos());
        item.leading = self.last_leading(step);
        let Some(id) = self.store.add_item(item, tail) else { return };
        self.store.push_node(id, step.event);
        if last == 1 {
            self.complete(step, id, sink);
        }
    }

    /// The latest leading missing event in an earlier millisecond than now.
    fn last_leading(&self, step: Step) -> i64 {
        let id = self.store.entries[step.entry].leading;
        if id == NIL {
            return NEVER;
        }
        let item = &self.store.items[id];
        let earlier = Timestamp::from_nanos(item.anchor).millis() < step.now.millis();
        if earlier { item.anchor } else { item.leading }
    }

    /// Moves what is pending at `rank - 1` up. Returns where to look for lower ranks.
    fn extend(&mut self, step: Step, rank: u16, cursor: u32, sink: &mut impl Sink) -> u32 {
        let mut id = cursor;
        while id != NIL && self.store.items[id].rank >= rank {
            id = self.store.items[id].next;
        }
        if id == NIL || self.store.items[id].rank != rank - 1 {
            return id;
        }
        let item = self.store.items[id];
        let plan = &self.plans[step.sequence as usize];
        if exceeds(plan.span, item.anchor, step.now.nanos()) {
            self.store.remove_item(id);
            return item.next;
        }
        self.store.push_node(id, step.event);
        let moved = &mut self.store.items[id];
        moved.rank = rank;
        moved.doomed |= item.gap != NEVER && Timestamp::from_nanos(item.gap).millis() < step.now.millis();
        moved.gap = NEVER;
        if rank == plan.last_rank() {
            self.complete(step, id, sink);
        } else if item.previous != NIL && self.store.items[item.previous].rank == rank {
            self.store.remove_item(item.previous);
        }
        item.next
    }

    /// All positive stages have matched.
    fn complete(&mut self, step: Step, id: u32, sink: &mut impl Sink) {
        let item = self.store.items[id];
        let plan = &self.plans[step.sequence as usize];
        if item.doomed {
            self.store.remove_item(id);
            return;
        }
        let clear = item.leading == NEVER || exceeds(plan.span, item.leading, step.now.nanos());
        match (plan.has_leading, plan.has_trailing) {
            (true, false) if !clear => self.store.remove_item(id),
            (false, true) => self.store.hold(id),
            (true, true) if !clear => self.store.hold(id),
            _ => self.accept(id, sink),
        }
    }

    /// A missing event behind the last positive stage decides on all sequences held back before it.
    fn trailing(&mut self, step: Step, sink: &mut impl Sink) {
        let plan = &self.plans[step.sequence as usize];
        let (span, has_leading) = (plan.span, plan.has_leading);
        let mut id = self.store.entries[step.entry].held;
        while id != NIL {
            let item = self.store.items[id];
            let from = if has_leading { item.leading } else { item.anchor };
            if self.store.last_time(id).millis() < step.now.millis() {
                if exceeds(span, from, step.now.nanos()) {
                    self.accept(id, sink);
                } else {
                    self.store.remove_item(id);
                }
            }
            id = item.next;
        }
    }

    /// A missing event behind the positive stage of `rank`: the first one counts.
    fn between(&mut self, step: Step, rank: u16) {
        let mut id = self.store.entries[step.entry].pending;
        while id != NIL && self.store.items[id].rank > rank {
            id = self.store.items[id].next;
        }
        if id == NIL || self.store.items[id].rank != rank {
            return;
        }
        let after = self.store.last_time(id).millis() < step.now.millis();
        let item = &mut self.store.items[id];
        if after && item.gap == NEVER {
            item.gap = step.now.nanos();
        }
    }

    /// Remembers a missing event before the first positive stage.
    fn leading(&mut self, step: Step) {
        let now = step.now;
        let id = self.store.entries[step.entry].leading;
        if id == NIL {
            self.store.add_item(Item::new(step.entry, Kind::Leading, now.nanos()), NIL);
            return;
        }
        let item = &mut self.store.items[id];
        if Timestamp::from_nanos(item.anchor).millis() < now.millis() {
            item.leading = item.anchor;
        }
        self.store.renew(id, now.nanos());
    }

    /// Hands out a group and drops its item.
    fn accept(&mut self, id: u32, sink: &mut impl Sink) {
        let item = self.store.items[id];
        let entry = self.store.entries[item.entry];
        let plan = &self.plans[entry.sequence as usize];
        self.group.clear();
        self.group.resize(plan.stages, None);
        self.notes.clear();
        let has_notes = self.store.events.has_notes();
        let mut node = item.node;
        for &stage in plan.positive.iter().rev() {
            if node == NIL {
                break;
            }
            let link = self.store.nodes[node];
            self.group[usize::from(stage)] = Some(self.store.events.group_event(link.event));
            if has_notes {
                self.store.events.load_note(link.event, &mut self.notes);
            }
            node = link.before;
        }
        self.key.clear();
        self.store.keys.load(entry.key, &mut self.key);
        self.counters[entry.sequence as usize].completed += 1;
        let (key, events, notes) = (Key::new(&self.key), &self.group[..], &self.notes[..]);
        sink.group(&Group { sequence: entry.sequence, key, events, notes });
        self.store.remove_item(id);
    }

    /// Moves time up to `now`: what cannot complete any more is dropped, what was held back that long is handed out.
    pub(super) fn expire(&mut self, now: Timestamp, sink: &mut impl Sink) {
        while let Some(id) = self.store.expired(now.nanos()) {
            self.settle(id, sink);
        }
    }

    /// No event comes any more: hands out what is held back and drops the rest.
    pub(super) fn finish(&mut self, sink: &mut impl Sink) {
        for sequence in 0..self.plans.len() {
            while self.store.ages[sequence].oldest != NIL {
                self.settle(self.store.ages[sequence].oldest, sink);
            }
        }
    }

    fn settle(&mut self, id: u32, sink: &mut impl Sink) {
        let Item { entry, kind, .. } = self.store.items[id];
        if kind == Kind::Held {
            self.accept(id, sink);
        } else {
            self.store.remove_item(id);
        }
        self.store.drop_entry_if_empty(entry);
    }

    /// Evicts until there is room, and looks the key up again, as it may have been evicted with its last item.
    fn make_room(&mut self, sequence: u32, key: &[u8], ops: Ops, most: Needs) -> Option<u32> {
        loop {
            let found = self.store.find(sequence, key);
            let needs = self.exact_needs(sequence, found, ops, most);
            if self.store.has_room(sequence, needs) {
                return found;
            }
            let Some(id) = self.store.victim(sequence, needs) else { return found };
            let entry = self.store.items[id].entry;
            self.counters[self.store.entries[entry].sequence as usize].evicted += 1;
            self.store.remove_item(id);
            self.store.drop_entry_if_empty(entry);
        }
    }

    /// What an event needs less what it replaces.
    fn exact_needs(&self, sequence: u32, found: Option<u32>, ops: Ops, most: Needs) -> Needs {
        let Some(entry) = found else { return most };
        let plan = &self.plans[sequence as usize];
        let entry = &self.store.entries[entry];
        let (mut pending, mut lowest, mut at) = (0, 0, entry.pending);
        while at != NIL {
            let item = &self.store.items[at];
            (pending, lowest, at) = (pending + 1, item.rank, item.next);
        }
        let starts = ops.contains(plan.positive[0]);
        let moves_on = plan.positive.get(1).is_some_and(|&op| ops.contains(op));
        let replaces = lowest == 1 && !moves_on;
        let remembers =
            plan.has_leading && !ops.intersection(plan.opening).without(plan.positive[0]).is_empty();
        Needs {
            items: usize::from(starts && !replaces) + usize::from(remembers && entry.leading == NIL),
            nodes: most.nodes.min(pending + usize::from(starts)),
            blocks: 0,
        }
    }
}

/// Whether `to` is later than `from` by more than the span. Without a span it never is.
fn exceeds(span: i64, from: i64, to: i64) -> bool {
    span < i64::MAX && to.saturating_sub(from) > span
}
