//! Collects the exact texts and numbers that rules compare each field with into one table per field and kind.
//!
//! In: the predicates of all rules. Out: literal tables as the runtime wants them, and for each predicate the ids that
//! satisfy it. A text tested without regard to case has one id; each spelling tested with regard to case has one of its
//! own, which a value has *besides*. A number has one id, whatever its spelling in an event.
//!
//! Texts and numbers have tables of their own, since a value can be one of each: `"4"` and `4` are the same number and
//! the same text, `4.0` is the same number only.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use rule_runtime::event::Slot;
use rule_runtime::literal::{LONGEST_NUMERAL, Literal, LiteralKind, LiteralTable, hash, numeral};
use rule_runtime::matcher::{Case, Number, Predicate};
use rule_runtime::set::FieldLiterals;

use super::ranges::Range;

/// Ids are 16 bits; a field with more texts than this keeps the rest as predicates of their own.
const MOST_IDS: usize = 60_000;

/// A predicate that is one look-up in a literal table.
#[derive(Clone, Copy, Debug)]
pub(super) struct LookUp<'a> {
    slot: Slot,
    kind: LiteralKind,
    literals: &'a [&'a [u8]],
    /// Whether case does not count.
    fold: bool,
}

impl<'a> LookUp<'a> {
    /// The look-up of all whole numbers of a range.
    pub(super) fn of_range(range: Range, arena: &'a Bump) -> Self {
        let text =
            |integer| -> &'a [u8] { arena.alloc_slice_copy(numeral(integer, &mut [0; LONGEST_NUMERAL])) };
        let literals: Vec<_> = (range.least..=range.most).map(text).collect();
        let literals = arena.alloc_slice_copy(&literals);
        Self { slot: range.slot, kind: LiteralKind::Numbers, literals, fold: true }
    }

    /// The look-up that answers `predicate`, if one does; one of numbers only if `numbers` are wanted.
    pub(super) fn of(predicate: &Predicate<'a>, numbers: bool, arena: &'a Bump) -> Option<Self> {
        const TEXTS: LiteralKind = LiteralKind::Texts;
        match *predicate {
            Predicate::Text { slot, literals, case } => {
                Some(Self { slot, kind: TEXTS, literals, fold: case == Case::Insensitive })
            }
            // A boolean, or the text of one.
            Predicate::Bool { slot, value } => {
                const OF_BOOLEANS: [&[&[u8]]; 2] = [&[b"false"], &[b"true"]];
                Some(Self { slot, kind: TEXTS, literals: OF_BOOLEANS[usize::from(value)], fold: false })
            }
            Predicate::NumberIn { slot, values, .. } if numbers => {
                let literals = values.iter().map(|&value| numeral_of(value, arena));
                let literals = arena.alloc_slice_copy(&literals.collect::<Option<Vec<_>>>()?);
                Some(Self { slot, kind: LiteralKind::Numbers, literals, fold: true })
            }
            _ => None,
        }
    }
}

/// The literal of a number, unless values are compared with it in ways that depend on their field.
fn numeral_of(value: Number, arena: &Bump) -> Option<&[u8]> {
    let mut buffer = [0; LONGEST_NUMERAL];
    Some(arena.alloc_slice_copy(numeral(value.exact_integer()?, &mut buffer)))
}

/// The literals of one table while they are collected: lower-cased text, and the spellings that are asked for.
#[derive(Debug, Default)]
struct Collected {
    texts: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    ids: usize,
}

/// Collects literals, then numbers them.
#[derive(Debug, Default)]
pub(super) struct Collector {
    tables: BTreeMap<(u16, LiteralKind), Collected>,
}

impl Collector {
    /// Notes the literals of one look-up; `false` if its table is full.
    pub(super) fn add(&mut self, look_up: &LookUp<'_>) -> bool {
        let table = self.tables.entry((look_up.slot.0, look_up.kind)).or_default();
        if table.ids + 2 * look_up.literals.len() > MOST_IDS {
            return false;
        }
        for text in look_up.literals {
            let folded = text.to_ascii_lowercase();
            let before = table.texts.len();
            let spellings = table.texts.entry(folded).or_default();
            let spelling_is_new = !look_up.fold && spellings.insert(text.to_vec());
            table.ids += usize::from(spelling_is_new);
            table.ids += table.texts.len() - before;
        }
        true
    }

    /// Numbers everything.
    pub(super) fn finish(self) -> Numbered {
        let mut tables = Vec::new();
        let mut number_of = BTreeMap::new();
        for ((slot, kind), collected) in self.tables {
            number_of.insert((slot, kind), tables.len() as u16);
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
            tables.push(Table { slot: Slot(slot), kind, texts, ids: next });
        }
        Numbered { tables, number_of }
    }
}

/// The ids of one text.
#[derive(Debug)]
struct Entry {
    id: u16,
    exact: BTreeMap<Vec<u8>, u16>,
}

/// The numbered literals of one kind of one field.
#[derive(Debug)]
pub(super) struct Table {
    /// The field.
    pub slot: Slot,
    kind: LiteralKind,
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
        FieldLiterals { slot: self.slot, kind: self.kind, table: LiteralTable { buckets, literals, longest } }
    }
}

/// All literal tables of a set.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    /// The tables, by field.
    pub tables: Vec<Table>,
    number_of: BTreeMap<(u16, LiteralKind), u16>,
}

impl Numbered {
    /// Table and ids of a look-up that was added.
    pub(super) fn ids(&self, look_up: &LookUp<'_>) -> Option<(u16, Vec<u16>)> {
        let &table = self.number_of.get(&(look_up.slot.0, look_up.kind))?;
        let known = &self.tables[table as usize].texts;
        let mut ids = Vec::with_capacity(look_up.literals.len());
        for &text in look_up.literals {
            let entry = known.get(&text.to_ascii_lowercase())?;
            ids.push(if look_up.fold { entry.id } else { *entry.exact.get(text)? });
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
