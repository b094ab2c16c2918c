//! Gives the patterns of fields that have very many of them an anchor each: four bytes without which they cannot match.
//!
//! In: the predicates that are evaluated on their own. Out: one table of windows per field, as the runtime wants it, and
//! for each list of patterns the anchors in it. What rules out the most is the window that the fewest texts have; how
//! common a window is in events nobody knows here, so it is reckoned by how many patterns of the field hold it, then by
//! how common its bytes are. Knows nothing of rules or of how tests are combined.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use rule_runtime::event::Slot;
use rule_runtime::matcher::anchors::{Anchors, WINDOW, bucket, place};
use rule_runtime::matcher::glob::{Needle, Pattern, Shape, rarity};
use rule_runtime::matcher::{Case, Predicate};

/// A field with more windows than this keeps the rest of its patterns as they are.
const MOST_WINDOWS: usize = 60_000;
/// Bits of the bitmap for each window, at least: one place in so many that are none of a window's is taken for one.
const BITS_A_WINDOW: usize = 16;
/// A bitmap beyond this size would push other things out of the first cache.
const MOST_WORDS: usize = 1 << 11;

/// The anchored lists of a set.
#[derive(Debug, Default)]
pub(super) struct Anchored {
    fields: Vec<Field>,
    /// By test: index into `fields`, and the anchors.
    lists: Vec<Option<(u16, Vec<u16>)>>,
}

/// A field with its windows, in the order of their numbers.
#[derive(Debug)]
struct Field {
    slot: u16,
    windows: Vec<u32>,
    patterns: usize,
}

impl Anchored {
    /// Anchors for those of `predicates` whose field has at least so many patterns with a window.
    pub(super) fn new<'p, 'a: 'p>(
        predicates: impl Iterator<Item = Option<&'p Predicate<'a>>>,
        fewest: usize,
    ) -> Self {
        let lists: Vec<_> = predicates.map(|predicate| predicate.and_then(list)).collect();
        let mut by_field: BTreeMap<u16, Vec<&[Pattern<'a>]>> = BTreeMap::new();
        for &(slot, patterns) in lists.iter().flatten() {
            by_field.entry(slot.0).or_default().push(patterns);
        }
        let mut anchored = Self::default();
        let mut chosen = BTreeMap::new();
        for (slot, patterns) in by_field {
            let choice = Choice::of(&patterns.concat());
            if choice.anchored >= fewest.max(1) {
                chosen.insert(slot, (anchored.fields.len() as u16, choice.number_of));
                let (windows, patterns) = (choice.windows, choice.anchored);
                anchored.fields.push(Field { slot, windows, patterns });
            }
        }
        let anchors = |&(slot, patterns): &(Slot, &[Pattern<'a>])| {
            let (table, number_of) = chosen.get(&slot.0)?;
            let number = |pattern: &Pattern<'a>| number_of.get(pattern).copied().unwrap_or(0);
            let anchors: Vec<_> = patterns.iter().map(number).collect();
            anchors.iter().any(|&anchor| anchor != 0).then_some((*table, anchors))
        };
        anchored.lists = lists.iter().map(|list| list.as_ref().and_then(anchors)).collect();
        anchored
    }

    /// Table and anchors of a test.
    pub(super) fn list(&self, test: u32) -> Option<(u16, &[u16])> {
        self.lists.get(test as usize)?.as_ref().map(|(table, anchors)| (*table, &**anchors))
    }

    /// Fields, how many patterns of theirs have anchors, and how many different ones.
    pub(super) fn fields(&self) -> impl Iterator<Item = (u16, usize, usize)> {
        self.fields.iter().map(|field| (field.slot, field.patterns, field.windows.len()))
    }

    /// The tables in the form of the runtime.
    pub(super) fn build<'a>(&self, arena: &'a Bump) -> &'a [Anchors<'a>] {
        let mut tests: Vec<Vec<BTreeSet<u32>>> =
            self.fields.iter().map(|field| vec![BTreeSet::new(); field.windows.len() + 1]).collect();
        for (test, list) in (0..).zip(&self.lists) {
            let Some((table, anchors)) = list else { continue };
            for &anchor in anchors {
                // Without an anchor nothing is ruled out.
                if anchor != 0 {
                    tests[usize::from(*table)][usize::from(anchor)].insert(test);
                }
            }
        }
        let tables = self.fields.iter().zip(&tests).map(|(field, tests)| field.build(tests, arena));
        arena.alloc_slice_fill_iter(tables.collect::<Vec<_>>())
    }
}

impl Field {
    /// `tests` are those of each number.
    fn build<'a>(&self, tests: &[BTreeSet<u32>], arena: &'a Bump) -> Anchors<'a> {
        let words = (self.windows.len() * BITS_A_WINDOW / 64).next_power_of_two().min(MOST_WORDS);
        let bitmap = arena.alloc_slice_fill_copy(words, 0);
        let buckets = arena.alloc_slice_fill_copy((self.windows.len() * 2).next_power_of_two(), 0);
        let last = buckets.len() - 1;
        for (number, &window) in (1..).zip(&self.windows) {
            let place = place(window);
            bitmap[(place / 64) as usize & (words - 1)] |= 1 << (place % 64);
            let mut at = bucket(place, last);
            while buckets[at] != 0 {
                at = (at + 1) & last;
            }
            buckets[at] = number;
        }
        let mut starts = vec![0];
        for tests in tests {
            starts.extend(starts.last().map(|start| start + tests.len() as u32));
        }
        let tests: Vec<_> = tests.iter().flatten().copied().collect();
        Anchors {
            slot: Slot(self.slot),
            bitmap,
            buckets,
            windows: arena.alloc_slice_copy(&self.windows),
            starts: arena.alloc_slice_copy(&starts),
            tests: arena.alloc_slice_copy(&tests),
        }
    }
}

/// What was chosen for the patterns of a field.
struct Choice<'a> {
    windows: Vec<u32>,
    number_of: BTreeMap<Pattern<'a>, u16>,
    /// How many patterns have an anchor; those of several lists count in each.
    anchored: usize,
}

impl<'a> Choice<'a> {
    fn of(patterns: &[Pattern<'a>]) -> Self {
        let mut holders: BTreeMap<[u8; WINDOW], u32> = BTreeMap::new();
        for pattern in patterns {
            for window in windows(pattern).into_iter().collect::<BTreeSet<_>>() {
                *holders.entry(window).or_default() += 1;
            }
        }
        let mut choice = Self { windows: Vec::new(), number_of: BTreeMap::new(), anchored: 0 };
        let mut number_of_window = BTreeMap::new();
        for pattern in patterns {
            let common = |window: &[u8; WINDOW]| {
                let rare: u32 = window.iter().map(|&byte| u32::from(rarity(byte))).sum();
                (holders[window], u32::MAX - rare)
            };
            let Some(window) = windows(pattern).into_iter().min_by_key(common) else { continue };
            if choice.windows.len() == MOST_WINDOWS && !number_of_window.contains_key(&window) {
                continue;
            }
            let number = *number_of_window.entry(window).or_insert_with(|| {
                choice.windows.push(u32::from_le_bytes(window));
                choice.windows.len() as u16
            });
            choice.number_of.insert(*pattern, number);
            choice.anchored += 1;
        }
        choice
    }
}

/// The patterns that a walk over the value in lower case can rule out.
fn list<'p, 'a>(predicate: &'p Predicate<'a>) -> Option<(Slot, &'a [Pattern<'a>])>
where
    'a: 'p,
{
    match *predicate {
        Predicate::Like { slot, patterns, case: Case::Insensitive } => Some((slot, patterns)),
        _ => None,
    }
}

/// Every four bytes in a row that stand in all values a pattern matches.
fn windows(pattern: &Pattern<'_>) -> Vec<[u8; WINDOW]> {
    let mut texts: Vec<&[u8]> = Vec::new();
    match pattern.shape() {
        Shape::Any => {}
        Shape::Exact(text) | Shape::Prefix(text) | Shape::Suffix(text) => texts.push(text),
        Shape::Contains(needle) => texts.push(needle.text()),
        Shape::Around { prefix, suffix } => texts.extend([prefix, suffix]),
        Shape::Parts { prefix, middle, suffix } => {
            texts.extend([prefix, suffix]);
            texts.extend(middle.iter().map(Needle::text));
        }
        Shape::Wild(text) => texts.extend(text.split(|byte| matches!(byte, b'*' | b'?'))),
    }
    let windows = texts.iter().flat_map(|text| text.windows(WINDOW));
    windows.filter_map(|window| window.try_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like<'a>(slot: u16, shapes: &[Shape<'a>], arena: &'a Bump) -> Predicate<'a> {
        let patterns = arena.alloc_slice_fill_iter(shapes.iter().map(|&shape| Pattern::new(shape)));
        Predicate::Like { slot: Slot(slot), patterns, case: Case::Insensitive }
    }

    fn window(anchored: &Anchored, number: u16) -> [u8; WINDOW] {
        anchored.fields[0].windows[usize::from(number) - 1].to_le_bytes()
    }

    #[test]
    fn the_window_that_fewest_patterns_have_is_the_anchor() {
        let arena = Bump::new();
        let lists = [
            like(0, &[Shape::Suffix(b"\\\\one.exe"), Shape::Suffix(b"\\\\two.exe")], &arena),
            like(0, &[Shape::Suffix(b".exe"), Shape::Suffix(b"exe"), Shape::Wild(b"one?exe")], &arena),
            like(1, &[Shape::Contains(Needle::new(b"alone"))], &arena),
        ];
        let anchored = Anchored::new(lists.iter().map(Some), 3);
        assert_eq!(anchored.fields().collect::<Vec<_>>(), [(0, 3, 3)]);
        let (table, first) = anchored.list(0).expect("both have windows");
        assert_eq!(table, 0);
        assert!(first.iter().all(|&number| window(&anchored, number) != *b".exe"), "{first:?}");
        let (_, second) = anchored.list(1).expect("one of them has a window");
        assert_eq!(window(&anchored, second[0]), *b".exe");
        assert_eq!(second[1..], [0, 0], "three letters, and a wildcard between them");
        assert!(anchored.list(2).is_none() && Anchored::new(lists.iter().map(Some), 4).list(0).is_none());
    }

    #[test]
    fn every_window_leads_to_its_tests() {
        let arena = Bump::new();
        let texts: Vec<_> = (0..500).map(|number| format!("word{number:03}").into_bytes()).collect();
        let shapes: Vec<_> = texts.iter().map(|text| Shape::Contains(Needle::new(text))).collect();
        let lists: Vec<_> = shapes.chunks(7).map(|shapes| like(0, shapes, &arena)).collect();
        let anchored = Anchored::new(lists.iter().map(Some), 1);
        let table = anchored.build(&arena)[0];
        for test in 0..lists.len() as u32 {
            let (_, anchors) = anchored.list(test).expect("all have windows");
            for &number in anchors {
                let at = table.starts[usize::from(number)] as usize;
                let end = table.starts[usize::from(number) + 1] as usize;
                assert!(table.tests[at..end].contains(&test), "{number}");
            }
        }
        assert!(table.buckets.len() > table.windows.len() && table.bitmap.len().is_power_of_two());
    }
}
