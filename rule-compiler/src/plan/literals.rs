//! Collects the exact texts that rules compare each field with into one table per field.
//!
//! In: the text predicates of all rules. Out: literal tables as the runtime wants them, and for each predicate the ids
//! that satisfy it. A text tested without regard to case has one id; each spelling tested with regard to case has one
//! of its own, which a value has *besides*.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use rule_runtime::event::Slot;
use rule_runtime::literal::{Literal, LiteralTable, hash};
use rule_runtime::set::FieldLiterals;

/// Ids are 16 bits; a field with more texts than this keeps the rest as predicates of their own.
const MOST_IDS: usize = 60_000;

/// The literals of one field while they are collected: lower-cased text, and the spellings that are asked for.
#[derive(Debug, Default)]
struct Collected {
    texts: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    ids: usize,
}

/// Collects literals, then numbers them.
#[derive(Debug, Default)]
pub(super) struct Collector {
    fields: BTreeMap<u16, Collected>,
}

impl Collector {
    /// Notes the texts of one predicate; `false` if the field's table is full.
    pub(super) fn add(&mut self, slot: Slot, texts: &[&[u8]], fold: bool) -> bool {
        let field = self.fields.entry(slot.0).or_default();
        if field.ids + 2 * texts.len() > MOST_IDS {
            return false;
        }
        for text in texts {
            let folded = text.to_ascii_lowercase();
            let before = field.texts.len();
            let spellings = field.texts.entry(folded).or_default();
            let spelling_is_new = !fold && spellings.insert(text.to_vec());
            field.ids += usize::from(spelling_is_new);
            field.ids += field.texts.len() - before;
        }
        true
    }

    /// Numbers everything.
    pub(super) fn finish(self) -> Numbered {
        let mut tables = Vec::new();
        let mut table_of_slot = BTreeMap::new();
        for (slot, collected) in self.fields {
            table_of_slot.insert(slot, tables.len() as u16);
            let mut next = 0;
            let mut id = || {
                next += 1;
                next - 1
            };
            let texts = collected
                .texts
                .into_iter()
                .map(|(folded, spellings)| {
                    let folded_id = id();
                    (
                        folded,
                        Entry { id: folded_id, exact: spellings.into_iter().map(|s| (s, id())).collect() },
                    )
                })
                .collect();
            tables.push(Table { slot: Slot(slot), texts, ids: next });
        }
        Numbered { tables, table_of_slot }
    }
}

/// The ids of one text.
#[derive(Debug)]
struct Entry {
    id: u16,
    exact: BTreeMap<Vec<u8>, u16>,
}

/// The numbered literals of one field.
#[derive(Debug)]
pub(super) struct Table {
    /// The field.
    pub slot: Slot,
    /// How many ids there are.
    pub ids: u16,
    texts: BTreeMap<Vec<u8>, Entry>,
}

impl Table {
    /// For each exact id, the id of its text regardless of case; for each of those, itself.
    pub(super) fn folded_of_id(&self) -> Vec<u16> {
        let mut folded: Vec<u16> = (0..self.ids).collect();
        for entry in self.texts.values() {
            for &exact in entry.exact.values() {
                folded[exact as usize] = entry.id;
            }
        }
        folded
    }

    fn build<'a>(&self, arena: &'a Bump) -> FieldLiterals<'a> {
        let literals = arena.alloc_slice_fill_iter(self.texts.iter().map(|(folded, entry)| {
            let lower = entry.exact.get(folded).copied();
            let others = entry.exact.iter().filter(|(text, _)| *text != folded);
            let others: Vec<_> =
                others.map(|(text, id)| (&*arena.alloc_slice_copy(text.as_slice()), *id)).collect();
            let folded = arena.alloc_slice_copy(folded);
            Literal::new(folded, entry.id, lower, arena.alloc_slice_copy(&others))
        }));
        let size = (literals.len() * 2).next_power_of_two();
        let buckets = arena.alloc_slice_fill_copy(size, 0);
        for (index, literal) in literals.iter().enumerate() {
            let mut at = hash(literal.folded()) as usize & (size - 1);
            while buckets[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            buckets[at] = index as u16 + 1;
        }
        let longest = self.texts.keys().map(Vec::len).max().unwrap_or(0) as u32;
        FieldLiterals { slot: self.slot, table: LiteralTable { buckets, literals, longest } }
    }
}

/// All literal tables of a set.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    /// The tables, by field.
    pub tables: Vec<Table>,
    table_of_slot: BTreeMap<u16, u16>,
}

impl Numbered {
    /// Table and ids of a text predicate that was added.
    pub(super) fn ids(&self, slot: Slot, texts: &[&[u8]], fold: bool) -> Option<(u16, Vec<u16>)> {
        let &table = self.table_of_slot.get(&slot.0)?;
        let known = &self.tables[table as usize].texts;
        let mut ids = Vec::with_capacity(texts.len());
        for &text in texts {
            let entry = known.get(&text.to_ascii_lowercase())?;
            ids.push(if fold { entry.id } else { *entry.exact.get(text)? });
        }
        ids.sort_unstable();
        ids.dedup();
        Some((table, ids))
    }

    /// The tables in the form of the runtime.
    pub(super) fn build<'a>(&self, arena: &'a Bump) -> &'a [FieldLiterals<'a>] {
        arena.alloc_slice_fill_iter(self.tables.iter().map(|table| table.build(arena)))
    }
}
