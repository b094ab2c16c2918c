//! The tests that rules share.
//!
//! In: leaves. Out: one number per different test, the tests in the form of the runtime, and what the other passes ask
//! of them (literals, needed field, cost).

use std::collections::HashMap;
use std::sync::Arc;

use bumpalo::Bump;
use rule_lang::condition::{Condition, Leaf, Test as QueryTest};
use rule_runtime::event::Slot;
use rule_runtime::matcher::anchors::{AnchoredList, Anchors};
use rule_runtime::matcher::glob::{Pattern, Shape};
use rule_runtime::matcher::{Case, Number, Predicate};
use rule_runtime::set::{FieldLiterals, Test};

use super::Unplannable;
use super::anchors::Anchored;
use super::demand::Literals;
use super::literals::{Collector, LookUp, Numbered, Table};
use super::options::PlanOptions;
use super::ranges::{Ranges, of_tests};
use super::slots::Slots;
use super::tree::{TestId, Tree};
use crate::lower;

/// All tests of a set.
#[derive(Debug)]
pub(super) struct Tests<'a> {
    share: bool,
    /// Whether literals will be interned, so that lists are taken apart for it.
    intern: bool,
    /// Whether numbers are literals.
    numbers: bool,
    predicates: Vec<Predicate<'a>>,
    /// For sharing only; it is never walked, so its order does not matter.
    known: HashMap<Predicate<'a>, TestId>,
    /// Shared conditions by where they lie in memory, so that a long one is made once and not for each rule. Never walked,
    /// either; the condition is kept, so that nothing else can come to lie there.
    shared: HashMap<*const Condition, (Arc<Condition>, TestId)>,
    /// Ranges of whole numbers that conditions ask for; once interned, with the table and the ids of each.
    ranges: Ranges,
    /// For interned tests: table and ids.
    interned: Vec<Option<(u16, Vec<u16>)>>,
    numbered: Numbered,
    anchored: Anchored,
}

impl<'a> Tests<'a> {
    pub(super) fn new(options: PlanOptions) -> Self {
        Self {
            share: options.share,
            intern: options.intern,
            numbers: options.numbers,
            predicates: Vec::new(),
            known: HashMap::new(),
            shared: HashMap::new(),
            ranges: Ranges::new(),
            interned: Vec::new(),
            numbered: Numbered::default(),
            anchored: Anchored::default(),
        }
    }

    /// The tests of a leaf: one, or several if a part of it is a look-up and the rest is not.
    pub(super) fn add(
        &mut self,
        leaf: &Leaf,
        slots: &mut Slots,
        arena: &'a Bump,
    ) -> Result<Tree, Unplannable> {
        let shared = match &leaf.test {
            QueryTest::Shared(condition) if self.share => Some(condition),
            _ => None,
        };
        if let Some((_, known)) = shared.and_then(|condition| self.shared.get(&Arc::as_ptr(condition))) {
            return Ok(Tree::Test(*known));
        }
        let predicate = lower::lower(&leaf.test, &mut |path| slots.slot(path), arena)
            .map_err(|error| Unplannable { span: leaf.span, error })?;
        if let Some(condition) = shared {
            let test = self.number(predicate);
            self.shared.insert(Arc::as_ptr(condition), (Arc::clone(condition), test));
            return Ok(Tree::Test(test));
        }
        let parts = if self.intern { parts(predicate, self.numbers, arena) } else { vec![predicate] };
        Ok(Tree::or(parts.into_iter().map(|part| Tree::Test(self.number(part))).collect()))
    }

    fn number(&mut self, predicate: Predicate<'a>) -> TestId {
        if self.share
            && let Some(&known) = self.known.get(&predicate)
        {
            return known;
        }
        let id = TestId(self.predicates.len() as u32);
        self.predicates.push(predicate);
        self.interned.push(None);
        self.known.insert(predicate, id);
        id
    }

    /// Notes the ranges of whole numbers that the tests of a tree ask for.
    pub(super) fn find_ranges(&mut self, tree: &Tree) {
        if let Tree::And(children) | Tree::Or(children) = tree {
            for child in children {
                self.find_ranges(child);
            }
        }
        let direct = tree.conjuncts().iter().filter_map(|child| match child {
            Tree::Test(test) => Some(&self.predicates[test.0 as usize]),
            _ => None,
        });
        for range in of_tests(direct) {
            self.ranges.entry(range).or_default();
        }
    }

    /// Moves the predicates that are look-ups into literal tables.
    pub(super) fn intern(&mut self, arena: &'a Bump) {
        let mut collector = Collector::default();
        let look_up = |predicate| LookUp::of(predicate, self.numbers, arena);
        let look_ups: Vec<_> = self
            .predicates
            .iter()
            .map(|predicate| look_up(predicate).filter(|look_up| collector.add(look_up)))
            .collect();
        let ranges = self.ranges.keys().filter(|_| self.numbers);
        let ranges: Vec<_> = ranges
            .map(|&range| LookUp::of_range(range, arena))
            .map(|look_up| collector.add(&look_up).then_some(look_up))
            .collect();
        self.numbered = collector.finish();
        for (look_up, ids) in ranges.iter().zip(self.ranges.values_mut()) {
            *ids = look_up.as_ref().and_then(|look_up| self.numbered.ids(look_up));
        }
        for (look_up, interned) in look_ups.iter().zip(&mut self.interned) {
            *interned = look_up.as_ref().and_then(|look_up| self.numbered.ids(look_up));
        }
    }

    /// Gives anchors to the patterns of fields with at least so many of them.
    pub(super) fn anchor(&mut self, fewest: usize) {
        let apart = self.predicates.iter().zip(&self.interned);
        self.anchored =
            Anchored::new(apart.map(|(predicate, interned)| interned.is_none().then_some(predicate)), fewest);
    }

    pub(super) fn anchored(&self) -> &Anchored {
        &self.anchored
    }

    pub(super) fn anchor_tables(&self, arena: &'a Bump) -> &'a [Anchors<'a>] {
        self.anchored.build(arena)
    }

    pub(super) fn tables(&self) -> &[Table] {
        &self.numbered.tables
    }

    pub(super) fn literal_tables(&self, arena: &'a Bump) -> &'a [FieldLiterals<'a>] {
        self.numbered.build(arena)
    }

    pub(super) fn build(&self, arena: &'a Bump) -> &'a [Test<'a>] {
        let numbered = (0..).zip(&self.predicates).zip(&self.interned);
        let tests = numbered.map(|((number, predicate), interned)| match interned {
            Some((table, ids)) => Test::Literal { table: *table, ids: arena.alloc_slice_copy(ids) },
            None => match self.anchored.list(number) {
                Some((table, anchors)) => {
                    let all = !anchors.contains(&0);
                    let anchors = arena.alloc_slice_copy(anchors);
                    let list = arena.alloc(AnchoredList { like: *predicate, anchors });
                    Test::Anchored { table, all, list }
                }
                None => Test::Predicate(*predicate),
            },
        });
        arena.alloc_slice_fill_iter(tests.collect::<Vec<_>>())
    }

    /// Rough nanoseconds of one evaluation; only the order of magnitude matters.
    pub(super) fn cost(&self, test: TestId) -> u32 {
        match self.interned[test.0 as usize] {
            Some(_) => 2,
            None => self.predicates[test.0 as usize].cost(),
        }
    }

    /// Calls `visit` with every slot that the test looks at.
    pub(super) fn slots(&self, test: TestId, visit: &mut impl FnMut(u16)) {
        self.predicates[test.0 as usize].slots(&mut |slot| visit(slot.0));
    }

    /// The test for people.
    pub(super) fn describe(&self, test: TestId, slots: &Slots) -> String {
        describe(&self.predicates[test.0 as usize], slots)
    }

    pub(super) fn len(&self) -> usize {
        self.predicates.len()
    }
}

impl Literals for Tests<'_> {
    fn literals(&self, test: TestId) -> Option<(u16, &[u16])> {
        self.interned[test.0 as usize].as_ref().map(|(table, ids)| (*table, &**ids))
    }

    fn ranges(&self, tests: &[TestId]) -> Vec<(u16, Vec<u16>)> {
        if self.ranges.is_empty() {
            return Vec::new();
        }
        let ranges = of_tests(tests.iter().map(|test| &self.predicates[test.0 as usize]));
        ranges.into_iter().filter_map(|range| self.ranges.get(&range)?.clone()).collect()
    }

    fn needed_slot(&self, test: TestId) -> Option<u16> {
        self.predicates[test.0 as usize].needed_slot().map(|slot| slot.0)
    }
}

/// Predicates one of which holds if `predicate` does, so that as much of it as possible is a look-up.
fn parts<'a>(predicate: Predicate<'a>, numbers: bool, arena: &'a Bump) -> Vec<Predicate<'a>> {
    let two = match predicate {
        Predicate::Any(alternatives) if !alternatives.is_empty() => {
            let parts = alternatives.iter().flat_map(|&part| parts(part, numbers, arena));
            return parts.collect();
        }
        Predicate::Like { slot, patterns, case } => exact_and_wild(slot, patterns, case, arena),
        Predicate::NumberIn { slot, kind, values } if numbers => {
            let (whole, others): (Vec<_>, Vec<_>) =
                values.iter().partition(|value| value.exact_integer().is_some());
            let part =
                |values: Vec<_>| Predicate::NumberIn { slot, kind, values: arena.alloc_slice_copy(&values) };
            (!whole.is_empty() && !others.is_empty()).then(|| (part(whole), part(others)))
        }
        _ => None,
    };
    two.map_or_else(|| vec![predicate], |(look_up, rest)| vec![look_up, rest])
}

/// A list of patterns as those without wildcards, which are one look-up, and the others.
fn exact_and_wild<'a>(
    slot: Slot,
    patterns: &[Pattern<'a>],
    case: Case,
    arena: &'a Bump,
) -> Option<(Predicate<'a>, Predicate<'a>)> {
    let mut literals = Vec::new();
    let mut wild = Vec::new();
    for pattern in patterns {
        match pattern.shape() {
            Shape::Exact(text) => literals.push(text),
            _ => wild.push(*pattern),
        }
    }
    if literals.is_empty() || wild.is_empty() {
        return None;
    }
    literals.sort_unstable();
    literals.dedup();
    let exact = Predicate::Text { slot, literals: arena.alloc_slice_copy(&literals), case };
    Some((exact, Predicate::Like { slot, patterns: arena.alloc_slice_copy(&wild), case }))
}

fn describe(predicate: &Predicate<'_>, slots: &Slots) -> String {
    let text = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
    let list = |items: Vec<String>| {
        if items.len() == 1 { items[0].clone() } else { format!("({})", items.join(", ")) }
    };
    let tilde = |case: Case| if case == Case::Insensitive { "~" } else { "" };
    match *predicate {
        Predicate::Exists { slot } => format!("{} != null", slots.path(slot)),
        Predicate::Missing { slot } => format!("{} == null", slots.path(slot)),
        Predicate::Text { slot, literals, case } => {
            let literals = list(literals.iter().map(|literal| text(literal)).collect());
            format!("{} in{} {literals}", slots.path(slot), tilde(case))
        }
        Predicate::NumberIn { slot, values, .. } => {
            let number = |value: &Number| {
                let mut out = Vec::new();
                value.write(&mut out);
                String::from_utf8_lossy(&out).into_owned()
            };
            format!("{} in {}", slots.path(slot), list(values.iter().map(number).collect()))
        }
        Predicate::Like { slot, patterns, case } => {
            let patterns = list(patterns.iter().map(|pattern| text(&glob(pattern.shape()))).collect());
            format!("{} like{} {patterns}", slots.path(slot), tilde(case))
        }
        Predicate::Any(alternatives) => {
            let parts: Vec<_> = alternatives.iter().map(|part| describe(part, slots)).collect();
            format!("({})", parts.join(" or "))
        }
        ref other => match other.needed_slot() {
            Some(slot) => format!("{} {}", slots.path(slot), kind(other)),
            None => kind(other).to_owned(),
        },
    }
}

/// A pattern as it would be written.
fn glob(shape: Shape<'_>) -> Vec<u8> {
    match shape {
        Shape::Any => b"*".to_vec(),
        Shape::Exact(text) | Shape::Wild(text) => text.to_vec(),
        Shape::Prefix(text) => [text, b"*"].concat(),
        Shape::Suffix(text) => [b"*", text].concat(),
        Shape::Contains(needle) => [b"*", needle.text(), b"*"].concat(),
        Shape::Around { prefix, suffix } => [prefix, b"*", suffix].concat(),
        Shape::Parts { prefix, middle, suffix } => {
            let middle: Vec<_> = middle.iter().map(rule_runtime::matcher::glob::Needle::text).collect();
            [prefix, b"*", &middle.join(&b'*'), b"*", suffix].concat()
        }
    }
}

/// What kind of test it is, where its constants would say little.
fn kind(predicate: &Predicate<'_>) -> &'static str {
    match predicate {
        Predicate::TextOrder { .. } => "compared with a text",
        Predicate::Regex { .. } => "matched with a regular expression",
        Predicate::NumberOrder { .. } => "compared with a number",
        Predicate::Bool { value: true, .. } => "is true",
        Predicate::Bool { value: false, .. } => "is false",
        Predicate::Date { .. } => "compared with a time",
        Predicate::Cidr { .. } => "in a block of addresses",
        Predicate::IpOrder { .. } => "compared with an address",
        Predicate::VersionOrder { .. } => "compared with a version",
        Predicate::DateIn { .. } => "in a span of time",
        Predicate::DateMath { .. } => "compared with the time of the event",
        Predicate::Phrase { .. } => "has one of some phrases",
        Predicate::Word { .. } => "has a word that matches a pattern",
        Predicate::AnyField(_) => "a test of fields by a pattern of their names",
        Predicate::Formula(_) => "a condition that rules share",
        Predicate::Nested(_) => "a test of objects one by one",
        _ => "an expression",
    }
}
