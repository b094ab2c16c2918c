//! Codes of rules that look at more than one event, and of suppression (`E10`).

use crate::diagnostic::Code;

/// A window is given by a date that does not depend on the present; a stream has no use for it.
pub const WINDOW_NOT_RELATIVE: Code = Code("E1001");
/// The window of a rule ends before it begins, or is empty.
pub const WINDOW_EMPTY: Code = Code("E1002");
/// The history of a `new_terms` rule does not reach behind its search window.
pub const HISTORY_TOO_SHORT: Code = Code("E1003");
/// A `threshold` rule counts the different values of more than one field.
pub const CARDINALITIES: Code = Code("E1004");
/// A pair of fields of a `threat_mapping` group is negated and not negated.
pub const CONTRADICTORY_PAIR: Code = Code("E1005");
/// A field is named twice where each counts once.
pub const REPEATED_FIELD: Code = Code("W1006");
/// The alerts of a query that ends in `head` or `tail` are not suppressed.
pub const NOT_SUPPRESSED: Code = Code("W1007");
/// A field that no schema knows, with a known one of nearly the same name.
pub const MISSPELT_FIELD: Code = Code("W1008");
/// A field that no schema knows, where only known fields are allowed.
pub const UNKNOWN_FIELD: Code = Code("E1009");
