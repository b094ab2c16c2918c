//! Bitmaps of units by field value.
//!
//! In: what each unit demands. Out: for the fields that tell most units apart, one row of units per literal. Row 0 is
//! of events that show none of a field's literals: the units that do not ask for one. Every other row holds row 0 and
//! the units whose demand it meets, so a row is a necessary condition, never a sufficient one.

use std::collections::BTreeMap;

use bumpalo::Bump;
use rule_runtime::set::{Dispatch, DispatchField};

use super::demand::Demands;
use super::literals::Table;
use super::slots::Slots;

/// More tables than this of the first phase, and of the second, stop paying (measured on process-heavy events).
const MOST_EARLY: usize = 12;
const MOST_LATE: usize = 8;
/// A field on which fewer units have a demand is not worth a look-up.
const FEWEST_UNITS: usize = 2;
/// Objects that ECS events keep small and that most rules ask about: they are read of every event, the others only of
/// events that can still match something.
const EARLY_OBJECTS: &[&str] = &["data_stream", "event", "host"];

/// The fields to dispatch on, in the order they are looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// Their literal tables; those of the first phase of reading come first.
    pub(super) tables: Vec<u16>,
    /// How many are of the first phase.
    pub(super) early: usize,
}

/// The tables worth dispatching on: of each phase those that most units have a demand on, most first.
pub(super) fn choose_fields(demands: &[Demands], tables: &[Table], slots: &Slots) -> Fields {
    let mut counts = BTreeMap::<u16, usize>::new();
    for table in demands.iter().flat_map(BTreeMap::keys) {
        *counts.entry(*table).or_default() += 1;
    }
    let mut fields: Vec<_> = counts.into_iter().filter(|&(_, units)| units >= FEWEST_UNITS).collect();
    fields.sort_by_key(|&(table, units)| (std::cmp::Reverse(units), table));
    let is_early = |(table, _): &(u16, usize)| {
        let path = slots.path(tables[*table as usize].slot);
        EARLY_OBJECTS.contains(&path.split('.').next().unwrap_or(path))
    };
    let (mut early, mut late): (Vec<_>, Vec<_>) = fields.into_iter().partition(is_early);
    early.truncate(MOST_EARLY);
    late.truncate(MOST_LATE);
    let count = early.len();
    Fields { tables: early.into_iter().chain(late).map(|(table, _)| table).collect(), early: count }
}

/// The units in an order that puts those together which ask for the same of the first fields, so that what an event
/// leaves of them stands in few words. Those that ask for nothing come first.
pub(super) fn order(chosen: &Fields, demands: &[Demands]) -> Vec<usize> {
    let mut order: Vec<_> = (0..demands.len()).collect();
    let demand = |unit: usize| chosen.tables.iter().map(move |table| demands[unit].get(table));
    order.sort_by(|&left, &right| demand(left).cmp(demand(right)));
    order
}

/// The dispatch of a set. `demands` holds one entry per unit.
pub(super) fn build<'a>(
    chosen: &Fields,
    demands: &[Demands],
    tables: &[Table],
    arena: &'a Bump,
) -> Dispatch<'a> {
    let words = demands.len().div_ceil(64).max(1);
    let all = arena.alloc_slice_fill_copy(words, 0u64);
    (0..demands.len()).for_each(|unit| set(all, unit));
    let field = |&table: &u16| field(table, demands, &tables[table as usize], words, arena);
    let fields: Vec<_> = chosen.tables.iter().map(field).collect();
    Dispatch {
        words: words as u32,
        all,
        fields: arena.alloc_slice_fill_iter(fields),
        early: chosen.early as u32,
    }
}

fn field<'a>(
    number: u16,
    demands: &[Demands],
    table: &Table,
    words: usize,
    arena: &'a Bump,
) -> DispatchField<'a> {
    let mut indifferent = vec![0u64; words];
    let mut asking = BTreeMap::<u16, Vec<usize>>::new();
    let mut with_ranges = Vec::new();
    for (unit, demand) in demands.iter().enumerate() {
        match demand.get(&number) {
            None => set(&mut indifferent, unit),
            Some(demand) => {
                demand.ids.iter().for_each(|&id| asking.entry(id).or_default().push(unit));
                if demand.range {
                    with_ranges.push(unit);
                }
            }
        }
    }
    let mut rows = vec![indifferent.clone()];
    let mut known = BTreeMap::from([(indifferent.clone(), 0u16)]);
    let mut number_of = |row| {
        *known.entry(row).or_insert_with_key(|row| {
            rows.push(row.clone());
            rows.len() as u16 - 1
        })
    };
    let folded = table.folded_of_id();
    let row_of_literal = folded.iter().enumerate().map(|(id, folded)| {
        let mut row = indifferent.clone();
        for id in [id as u16, *folded] {
            asking.get(&id).into_iter().flatten().for_each(|&unit| set(&mut row, unit));
        }
        number_of(row)
    });
    let row_of_literal = arena.alloc_slice_fill_iter(row_of_literal.collect::<Vec<_>>());
    let mut row = indifferent.clone();
    for &unit in &with_ranges {
        set(&mut row, unit);
    }
    let row_of_others = number_of(row);
    let rows = arena.alloc_slice_fill_iter(rows.concat());
    DispatchField { table: number, slot: table.slot, row_of_literal, row_of_others, rows }
}

fn set(bits: &mut [u64], unit: usize) {
    bits[unit / 64] |= 1 << (unit % 64);
}
