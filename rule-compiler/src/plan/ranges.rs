//! Ranges of whole numbers: what a lower and an upper bound on one field come to.
//!
//! In: tests that all have to hold. Out: for each field with both bounds the whole numbers between them. If the field of an
//! event has one value, and that a whole number, it must be one of these. Of other events nothing is known, as different
//! values may keep the two bounds (eql.md section 5).

use std::collections::BTreeMap;

use rule_runtime::event::Slot;
use rule_runtime::matcher::{Compare, Predicate};

/// Ranges of more numbers than this are compared, not looked up.
const WIDEST: i64 = 256;

/// Whole numbers of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    /// The field.
    pub slot: Slot,
    /// The smallest of them.
    pub least: i64,
    /// The largest.
    pub most: i64,
}

/// For each range the table of its numbers and their ids there, once they have some.
pub(super) type Ranges = BTreeMap<Range, Option<(u16, Vec<u16>)>>;

/// The ranges that tests ask for together, by field.
pub(super) fn of_tests<'t, 'a: 't>(tests: impl Iterator<Item = &'t Predicate<'a>>) -> Vec<Range> {
    let mut bounds = BTreeMap::<Slot, (Option<i64>, Option<i64>)>::new();
    for test in tests {
        let Predicate::NumberOrder { slot, op, value, .. } = *test else { continue };
        let Some(value) = value.exact_integer() else { continue };
        let (least, most) = bounds.entry(slot).or_default();
        match op {
            Compare::Ge => raise(least, value),
            Compare::Gt => raise(least, value + 1),
            Compare::Le => lower(most, value),
            Compare::Lt => lower(most, value - 1),
            Compare::Eq | Compare::Ne => {}
        }
    }
    let range = |(slot, (least, most)): (Slot, (Option<i64>, Option<i64>))| {
        let (least, most) = (least?, most?);
        (least <= most && most - least < WIDEST).then_some(Range { slot, least, most })
    };
    bounds.into_iter().filter_map(range).collect()
}

fn raise(least: &mut Option<i64>, value: i64) {
    *least = Some(least.map_or(value, |known| known.max(value)));
}

fn lower(most: &mut Option<i64>, value: i64) {
    *most = Some(most.map_or(value, |known| known.min(value)));
}

#[cfg(test)]
mod tests {
    use rule_runtime::matcher::{FieldKind, Number};

    use super::*;

    fn test(slot: u16, op: Compare, value: i128) -> Predicate<'static> {
        let value = Number::Long(value.try_into().expect("it is small"));
        Predicate::NumberOrder { slot: Slot(slot), kind: FieldKind::Long, op, value }
    }

    #[test]
    fn bounds_of_a_field_meet() {
        let tests = [
            test(1, Compare::Ge, 5800),
            test(2, Compare::Gt, 3),
            test(1, Compare::Le, 5810),
            test(1, Compare::Lt, 5809),
            test(2, Compare::Ge, -7),
            test(2, Compare::Lt, 5),
            test(3, Compare::Ge, 1),
        ];
        let ranges = of_tests(tests.iter());
        let expected =
            [Range { slot: Slot(1), least: 5800, most: 5808 }, Range { slot: Slot(2), least: 4, most: 4 }];
        assert_eq!(ranges, expected);
    }

    #[test]
    fn wide_and_empty_ranges_are_none() {
        for (least, most) in [(1, 257), (5, 4), (-(1 << 52), 1 << 52)] {
            let tests = [test(1, Compare::Ge, least), test(1, Compare::Le, most)];
            assert_eq!(of_tests(tests.iter()), []);
        }
    }
}
