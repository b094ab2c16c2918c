//! What is pending, for all sequences of a set, in memory of fixed size.
//!
//! In: keys, events, items. Out: the items of a key and the oldest item of a sequence. Three kinds of list run through
//! the items: those pending of a key by falling rank, those held back of a key, and all of a sequence by age. Events are
//! processed in order of time, so that a list by age is appended to at its end only, and what expires stands at its
//! front. Knows nothing of what stages mean.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::events::EventTable;
use super::index::{self, Index};
use super::limits::Limits;
use super::slab::{ByteStore, NIL, Slab, Stored};
use super::time::Timestamp;

/// No time.
pub(super) const NEVER: i64 = i64::MIN;

/// The state of one key of one sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) sequence: u32,
    hash: u32,
    pub(super) key: Stored,
    /// Pending items, the highest rank first, at most one for each rank.
    pub(super) pending: u32,
    /// Complete items that wait for their span to pass.
    pub(super) held: u32,
    /// The item that remembers leading missing events.
    pub(super) leading: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Waits for its next event.
    Pending,
    /// Is complete, but for a trailing missing event.
    Held,
    /// Remembers the last missing event before the sequence.
    Leading,
}

/// A pending or held sequence, or the memory of a leading missing event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) entry: u32,
    /// Positive stages matched.
    pub(super) rank: u16,
    pub(super) kind: Kind,
    /// A missing event was there: the sequence goes its way and yields nothing.
    pub(super) doomed: bool,
    /// The newest event's node.
    pub(super) node: u32,
    /// Time of the first event; of the latest missing event for a leading item.
    pub(super) anchor: i64,
    /// First matching missing event in the present gap, or [`NEVER`].
    pub(super) gap: i64,
    /// Latest leading missing event before the first event, or [`NEVER`]. In a leading item: the latest one in an earlier
    /// millisecond than the anchor's.
    pub(super) leading: i64,
    /// Neighbours in the list of the key.
    pub(super) previous: u32,
    pub(super) next: u32,
    /// Neighbours in the list by age.
    pub(super) older: u32,
    pub(super) newer: u32,
}

impl Item {
    pub(super) fn new(entry: u32, kind: Kind, anchor: i64) -> Self {
        let (rank, gap, leading) = (1, NEVER, NEVER);
        let (node, previous, next, older, newer) = (NIL, NIL, NIL, NIL, NIL);
        Self { entry, rank, kind, doomed: false, node, anchor, gap, leading, previous, next, older, newer }
    }
}

/// A reference of an item to an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) event: u32,
    /// The event before it in the same item.
    pub(super) before: u32,
}

/// All items of a sequence by age.
#[derive(Clone, Copy, Debug)]
pub(super) struct AgeList {
    pub(super) oldest: u32,
    newest: u32,
    pub(super) len: usize,
    /// Whether the sequence has an entry among the deadlines.
    queued: bool,
    span: i64,
}

/// What has to be free before an event is applied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    pub(super) items: usize,
    pub(super) nodes: usize,
    pub(super) blocks: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) entries: Slab<Entry>,
    pub(super) items: Slab<Item>,
    pub(super) nodes: Slab<Node>,
    pub(super) events: EventTable,
    pub(super) keys: ByteStore,
    index: Index,
    pub(super) ages: Vec<AgeList>,
    /// For each sequence that can expire the time at which its oldest item does, or earlier.
    deadlines: BinaryHeap<Reverse<(i64, u32)>>,
    per_sequence: usize,
    seed: u64,
}

impl Store {
    /// `spans` in nanoseconds, one for each sequence, `i64::MAX` for none. `stages` is the length of the longest sequence.
    pub(super) fn new(spans: impl Iterator<Item = i64>, stages: usize, limits: &Limits) -> Self {
        let ages: Vec<AgeList> =
            spans.map(|span| AgeList { oldest: NIL, newest: NIL, len: 0, queued: false, span }).collect();
        // An event may need two items and a node for each stage at once; with less nothing could ever be stored.
        let pending = limits.pending.max(2);
        let nodes = limits.events.max(stages + 1);
        let events = nodes + limits.reorder.records + 1;
        Self {
            entries: Slab::new(pending + 1),
            items: Slab::new(pending),
            nodes: Slab::new(nodes),
            events: EventTable::with_notes(events, limits.note_bytes),
            keys: ByteStore::new(limits.key_bytes.max(limits.max_key_bytes)),
            index: Index::new(pending + 1),
            deadlines: BinaryHeap::with_capacity(ages.len()),
            ages,
            per_sequence: limits.pending_per_sequence.max(2),
            seed: limits.hash_seed,
        }
    }

    /// Bytes reserved.
    pub(super) fn bytes(&self) -> usize {
        self.entries.bytes()
            + self.items.bytes()
            + self.nodes.bytes()
            + self.events.bytes()
            + self.keys.bytes()
            + self.index.bytes()
    }

    // Keys.

    fn hash(&self, sequence: u32, key: &[u8]) -> u32 {
        index::hash(self.seed ^ u64::from(sequence), key) as u32
    }

    pub(super) fn find(&self, sequence: u32, key: &[u8]) -> Option<u32> {
        self.index.find(self.hash(sequence, key), |id| {
            let entry = &self.entries[id];
            entry.sequence == sequence && self.keys.equals(entry.key, key)
        })
    }

    /// Adds a key that is not there. `None` if there is no room.
    pub(super) fn add_entry(&mut self, sequence: u32, key: &[u8]) -> Option<u32> {
        if self.entries.room() == 0 {
            return None;
        }
        let hash = self.hash(sequence, key);
        let key = self.keys.store(key)?;
        let entry = Entry { sequence, hash, key, pending: NIL, held: NIL, leading: NIL };
        let id = self.entries.insert(entry)?;
        self.index.insert(hash, id);
        Some(id)
    }

    /// Frees a key that has no items.
    pub(super) fn drop_entry_if_empty(&mut self, id: u32) {
        let entry = self.entries[id];
        if (entry.pending, entry.held, entry.leading) == (NIL, NIL, NIL) {
            self.index.remove(entry.hash, id);
            self.keys.release(entry.key);
            self.entries.remove(id);
        }
    }

    // Items.

    /// Stores an item as the newest of its sequence, in the list of its key behind `after`, or in front for [`NIL`].
    pub(super) fn add_item(&mut self, item: Item, after: u32) -> Option<u32> {
        let id = self.items.insert(item)?;
        self.link(id, after);
        self.append_by_age(id);
        Some(id)
    }

    /// Stores an item as the newest of its sequence, but in no list of its key.
    pub(super) fn restore_item(&mut self, item: Item) -> Option<u32> {
        let sequence = self.entries[item.entry].sequence;
        if self.ages[sequence as usize].len >= self.per_sequence {
            return None;
        }
        let id = self.items.insert(item)?;
        self.append_by_age(id);
        Some(id)
    }

    /// Drops an item and its references. The key stays, even if it was the last item.
    pub(super) fn remove_item(&mut self, id: u32) {
        self.unlink(id);
        self.unlink_by_age(id);
        let mut node = self.items.remove(id).node;
        while node != NIL {
            let Node { event, before } = self.nodes.remove(node);
            self.events.unrefer(event);
            node = before;
        }
    }

    /// The first item in a list of the key.
    fn head(&mut self, entry: u32, kind: Kind) -> &mut u32 {
        let entry = &mut self.entries[entry];
        match kind {
            Kind::Pending => &mut entry.pending,
            Kind::Held => &mut entry.held,
            Kind::Leading => &mut entry.leading,
        }
    }

    /// Puts an item into the list of its key, behind `after`, or in front for [`NIL`].
    pub(super) fn link(&mut self, id: u32, after: u32) {
        let Item { entry, kind, .. } = self.items[id];
        let next = if after == NIL {
            std::mem::replace(self.head(entry, kind), id)
        } else {
            std::mem::replace(&mut self.items[after].next, id)
        };
        if next != NIL {
            self.items[next].previous = id;
        }
        let item = &mut self.items[id];
        (item.previous, item.next) = (after, next);
    }

    fn unlink(&mut self, id: u32) {
        let Item { entry, kind, previous, next, .. } = self.items[id];
        if previous == NIL {
            *self.head(entry, kind) = next;
        } else {
            self.items[previous].next = next;
        }
        if next != NIL {
            self.items[next].previous = previous;
        }
    }

    /// Moves an item among those held back of its key.
    pub(super) fn hold(&mut self, id: u32) {
        self.unlink(id);
        self.items[id].kind = Kind::Held;
        self.link(id, NIL);
    }

    // Age.

    fn append_by_age(&mut self, id: u32) {
        let Item { entry, anchor, .. } = self.items[id];
        let sequence = self.entries[entry].sequence;
        let list = &mut self.ages[sequence as usize];
        let older = std::mem::replace(&mut list.newest, id);
        list.len += 1;
        if older == NIL {
            list.oldest = id;
        }
        if !list.queued && list.span < i64::MAX {
            list.queued = true;
            self.deadlines.push(Reverse((anchor.saturating_add(list.span), sequence)));
        }
        if older != NIL {
            self.items[older].newer = id;
        }
        let item = &mut self.items[id];
        (item.older, item.newer) = (older, NIL);
    }

    fn unlink_by_age(&mut self, id: u32) {
        let Item { entry, older, newer, .. } = self.items[id];
        let sequence = self.entries[entry].sequence;
        let list = &mut self.ages[sequence as usize];
        list.len -= 1;
        if older == NIL {
            list.oldest = newer;
        }
        if newer == NIL {
            list.newest = older;
        }
        if older != NIL {
            self.items[older].newer = newer;
        }
        if newer != NIL {
            self.items[newer].older = older;
        }
    }

    /// Gives an item a new time, which makes it the newest of its sequence.
    pub(super) fn renew(&mut self, id: u32, anchor: i64) {
        self.unlink_by_age(id);
        self.items[id].anchor = anchor;
        self.append_by_age(id);
    }

    /// An item whose span has passed at `now`, the oldest of a sequence. To be removed before the next call.
    pub(super) fn expired(&mut self, now: i64) -> Option<u32> {
        loop {
            let &Reverse((deadline, sequence)) = self.deadlines.peek()?;
            if deadline >= now {
                return None;
            }
            self.deadlines.pop();
            let list = &mut self.ages[sequence as usize];
            list.queued = list.oldest != NIL;
            if list.oldest == NIL {
                continue;
            }
            // The deadline may have been that of an item that is gone.
            let real = self.items[list.oldest].anchor.saturating_add(list.span);
            self.deadlines.push(Reverse((real, sequence)));
            if real < now {
                return Some(list.oldest);
            }
        }
    }

    /// Whether an item of the sequence can be added without eviction, and what it needs is free.
    pub(super) fn has_room(&self, sequence: u32, needs: Needs) -> bool {
        self.ages[sequence as usize].len + needs.items <= self.per_sequence
            && self.items.room() >= needs.items
            && self.nodes.room() >= needs.nodes
            && self.keys.room() >= needs.blocks
    }

    /// The item that gives way to one of `sequence`: the oldest of that sequence if it has its share or its limit, else
    /// the oldest of the sequence that has most.
    pub(super) fn victim(&self, sequence: u32, needs: Needs) -> Option<u32> {
        let own = &self.ages[sequence as usize];
        let share = (self.items.capacity() / self.ages.len().max(1)).max(1);
        let list = if own.len >= share || own.len + needs.items > self.per_sequence {
            own
        } else {
            self.ages.iter().rev().max_by_key(|list| list.len)?
        };
        (list.oldest != NIL).then_some(list.oldest)
    }

    // Events.

    /// Adds an event to an item.
    pub(super) fn push_node(&mut self, item: u32, event: u32) {
        let before = self.items[item].node;
        if let Some(node) = self.nodes.insert(Node { event, before }) {
            self.items[item].node = node;
            self.events.refer(event);
        }
    }

    /// The time of an item's last event.
    pub(super) fn last_time(&self, item: u32) -> Timestamp {
        self.events[self.last_event(item)].time
    }

    /// The last event of an item that has one.
    pub(super) fn last_event(&self, item: u32) -> u32 {
        self.nodes[self.items[item].node].event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequence::events::EventRecord;

    #[test]
    fn records_are_small() {
        assert!(size_of::<Item>() <= 56);
        assert!(size_of::<Entry>() <= 28);
        assert!(size_of::<Node>() <= 8);
        assert!(size_of::<EventRecord>() <= 32);
    }
}
