//! Codes of exception lists, value lists, overlays and exports (`E09`).

use crate::diagnostic::Code;

/// A file of exceptions holds no exception list and no item of one.
pub const NO_LIST: Code = Code("E0901");
/// Two exception lists, or two value lists, have the same id.
pub const DUPLICATE_LIST: Code = Code("E0902");
/// An entry that cannot stand where it does: a `nested` or `list` entry inside a `nested` one.
pub const ENTRY_PLACE: Code = Code("E0903");
/// A file of overlays holds no change of a rule.
pub const NO_OVERLAY: Code = Code("E0904");
/// An exception item is past its `expire_time`; it is ignored.
pub const EXPIRED: Code = Code("W0905");
/// An exception item that will end is compiled in: it stays until the next build.
pub const WILL_EXPIRE: Code = Code("W0906");
/// A value list is not among the files; the item that asks for it is left out.
pub const NO_VALUE_LIST: Code = Code("W0907");
/// A line of a list of addresses is none; it is left out.
pub const VALUE_LINE: Code = Code("W0908");
/// A backslash in a pattern stands in front of a character that needs none.
pub const ESCAPE: Code = Code("W0909");
/// An overlay names a rule that is not among the rules.
pub const NO_SUCH_RULE: Code = Code("W0910");
/// A line of an export that is no rule, exception list or item; it is left out.
pub const OTHER_LINE: Code = Code("W0911");
