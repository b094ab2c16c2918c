//! Conditions as boolean trees over shared tests.
//!
//! In: conditions of `rule-lang`. Out: trees whose leaves are numbers of tests that all rules share, in negation normal
//! form as far as that is free. Rewriting uses boolean algebra only: leaves are two-valued, fields are multisets, so
//! two leaves are never merged under `and` (eql.md section 5).

use rule_lang::condition::{Condition, Leaf};

/// The number of a shared test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestId(pub u32);

/// A boolean tree over shared tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Always or never.
    Const(bool),
    /// A test.
    Test(TestId),
    /// The opposite of a test.
    NotTest(TestId),
    /// All of two or more.
    And(Vec<Tree>),
    /// One of two or more.
    Or(Vec<Tree>),
}

impl Tree {
    /// The tree of a condition; `test` gives the tests of each leaf.
    pub fn build<E>(
        condition: &Condition,
        test: &mut impl FnMut(&Leaf) -> Result<Self, E>,
    ) -> Result<Self, E> {
        Self::build_signed(condition, true, test)
    }

    fn build_signed<E>(
        condition: &Condition,
        sign: bool,
        test: &mut impl FnMut(&Leaf) -> Result<Self, E>,
    ) -> Result<Self, E> {
        let all = |children: &[Condition], test: &mut _| {
            children.iter().map(|c| Self::build_signed(c, sign, test)).collect::<Result<Vec<_>, E>>()
        };
        Ok(match condition {
            Condition::Const(value) => Self::Const(*value == sign),
            Condition::Not(inner) => Self::build_signed(inner, !sign, test)?,
            Condition::And(children) if sign => Self::and(all(children, test)?),
            Condition::Or(children) if !sign => Self::and(all(children, test)?),
            Condition::And(children) | Condition::Or(children) => Self::or(all(children, test)?),
            Condition::Leaf(leaf) if sign => test(leaf)?,
            Condition::Leaf(leaf) => test(leaf)?.negated(),
        })
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        let all = |children: Vec<Self>| children.into_iter().map(Self::negated).collect();
        match self {
            Self::Const(value) => Self::Const(!value),
            Self::Test(test) => Self::NotTest(test),
            Self::NotTest(test) => Self::Test(test),
            Self::And(children) => Self::or(all(children)),
            Self::Or(children) => Self::and(all(children)),
        }
    }

    /// All of `children`: flattened, constants and repeats removed.
    pub fn and(children: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Self::Const(true) => {}
                Self::Const(false) => return Self::Const(false),
                Self::And(inner) => inner.into_iter().for_each(|tree| push_new(&mut flat, tree)),
                other => push_new(&mut flat, other),
            }
        }
        match flat.len() {
            0 => Self::Const(true),
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// One of `children`: flattened, constants and repeats removed.
    pub fn or(children: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(children.len());
        for child in children {
            match child {
                Self::Const(false) => {}
                Self::Const(true) => return Self::Const(true),
                Self::Or(inner) => inner.into_iter().for_each(|tree| push_new(&mut flat, tree)),
                other => push_new(&mut flat, other),
            }
        }
        match flat.len() {
            0 => Self::Const(false),
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// The conjuncts: the children of an `and`, or the tree itself.
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(children) => children,
            other => std::slice::from_ref(other),
        }
    }

    /// Calls `visit` for every test.
    pub(super) fn visit(&self, visit: &mut impl FnMut(TestId)) {
        match self {
            Self::Const(_) => {}
            Self::Test(test) | Self::NotTest(test) => visit(*test),
            Self::And(children) | Self::Or(children) => children.iter().for_each(|child| child.visit(visit)),
        }
    }

    /// How many tests there are, each as often as it occurs.
    pub(super) fn tests(&self) -> usize {
        match self {
            Self::Const(_) => 0,
            Self::Test(_) | Self::NotTest(_) => 1,
            Self::And(children) | Self::Or(children) => children.iter().map(Self::tests).sum(),
        }
    }

    /// The value under an assignment of the tests; for tests of passes.
    #[cfg(test)]
    pub(crate) fn value(&self, holds: &dyn Fn(TestId) -> bool) -> bool {
        match self {
            Self::Const(value) => *value,
            Self::Test(id) => holds(*id),
            Self::NotTest(id) => !holds(*id),
            Self::And(children) => children.iter().all(|c| c.value(holds)),
            Self::Or(children) => children.iter().any(|c| c.value(holds)),
        }
    }
}

fn push_new(list: &mut Vec<Tree>, tree: Tree) {
    if !list.contains(&tree) {
        list.push(tree);
    }
}
