//! Switches of the planner. Each pass can be turned off; the differential tests run every one both ways.

/// Patterns of a field from which on a walk pays.
const FEWEST_PATTERNS: usize = 1024;

/// Which passes run. The default is all of them.
///
/// ```
/// use rule_compiler::plan::PlanOptions;
/// let plain = PlanOptions::none();
/// assert!(!plain.dispatch && PlanOptions::default().dispatch);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, for any combination")]
pub struct PlanOptions {
    /// Equal leaves of different rules become one test, evaluated at most once per event.
    pub share: bool,
    /// Exact texts of a field, and booleans, are looked up together, once per value.
    pub intern: bool,
    /// With `intern`: whole numbers are, too.
    pub numbers: bool,
    /// With `numbers`: a lower and an upper bound ask for one of the whole numbers between them.
    pub ranges: bool,
    /// `or`s whose branches each ask for an exact text become units of their own.
    pub split: bool,
    /// Units are found through bitmaps by field values.
    pub dispatch: bool,
    /// Units that need a field to be present are dropped when it is not.
    pub presence: bool,
    /// What the bitmaps decided is not tested again.
    pub drop_decided: bool,
    /// Cheap tests come first.
    pub order: bool,
    /// Fields with at least so many patterns without regard to case have most of them ruled out by one walk over a value.
    pub anchors: Option<usize>,
}

impl PlanOptions {
    /// Every pass on.
    pub const fn all() -> Self {
        Self {
            share: true,
            intern: true,
            numbers: true,
            ranges: true,
            split: true,
            dispatch: true,
            presence: true,
            drop_decided: true,
            order: true,
            anchors: Some(FEWEST_PATTERNS),
        }
    }

    /// Every pass off: each rule is evaluated leaf by leaf for every event.
    pub const fn none() -> Self {
        Self {
            share: false,
            intern: false,
            numbers: false,
            ranges: false,
            split: false,
            dispatch: false,
            presence: false,
            drop_decided: false,
            order: false,
            anchors: None,
        }
    }

    /// All passes, each switched off alone, with its name; for tests that compare them.
    pub fn each_off() -> Vec<(&'static str, Self)> {
        let all = Self::all();
        vec![
            ("share", Self { share: false, ..all }),
            ("intern", Self { intern: false, ..all }),
            ("numbers", Self { numbers: false, ..all }),
            ("ranges", Self { ranges: false, ..all }),
            ("split", Self { split: false, ..all }),
            ("dispatch", Self { dispatch: false, ..all }),
            ("presence", Self { presence: false, ..all }),
            ("drop_decided", Self { drop_decided: false, ..all }),
            ("order", Self { order: false, ..all }),
            ("anchors", Self { anchors: None, ..all }),
            // Sets for tests are small.
            ("least patterns for anchors", Self { anchors: Some(1), ..all }),
        ]
    }
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self::all()
    }
}
