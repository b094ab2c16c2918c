//! Codes of the lints for dead logic (`W06`).

use crate::diagnostic::Code;

/// A wildcard where none is expanded: `==`, `!=`, `in`, `in~`.
pub const WILDCARD_IN_EXACT_TEST: Code = Code("W0601");
/// An element of a list that another element covers.
pub const COVERED_ELEMENT: Code = Code("W0602");
/// A condition, or a part of one, that can never be true.
pub const NEVER_TRUE: Code = Code("W0603");
/// A condition, or a part of one, that is always true.
pub const ALWAYS_TRUE: Code = Code("W0604");
/// `like` whose patterns have no wildcard.
pub const LIKE_WITHOUT_WILDCARD: Code = Code("W0605");
/// An item of a sequence that can never match.
pub const UNREACHABLE_STAGE: Code = Code("W0606");
/// An event category that none of the rule's indexes holds.
pub const INDEX_WITHOUT_CATEGORY: Code = Code("W0607");
