//! Codes of the file loaders (`E01`), of rule fields (`E02`) and of the set of rules (`E05`).

use crate::diagnostic::Code;

/// The file is not UTF-8.
pub const INVALID_UTF8: Code = Code("E0101");
/// The name of the file does not end in a known extension.
pub const UNKNOWN_FORMAT: Code = Code("E0102");
/// The file is not TOML.
pub const TOML_SYNTAX: Code = Code("E0103");
/// The file is not YAML.
pub const YAML_SYNTAX: Code = Code("E0104");
/// A table gives one key twice.
pub const DUPLICATE_KEY: Code = Code("E0105");
/// The file is larger than spans can count, nests too deep, or grows too large through YAML aliases.
pub const TOO_LARGE: Code = Code("E0106");
/// The file uses a part of YAML that rule files do without (tags, several documents, keys that are not text).
pub const YAML_FEATURE: Code = Code("E0107");
/// The file, or a line of it, is not JSON.
pub const JSON_SYNTAX: Code = Code("E0108");

/// The file has no `[rule]` section and no rule at top level.
pub const NO_RULE: Code = Code("E0201");
/// A required field is missing.
pub const MISSING_FIELD: Code = Code("E0202");
/// A value has another type than its field.
pub const WRONG_TYPE: Code = Code("E0203");
/// A number is out of range, or a list has too few or too many items.
pub const OUT_OF_RANGE: Code = Code("E0204");
/// A value is not one of the words its field allows.
pub const UNKNOWN_VALUE: Code = Code("E0205");
/// A text does not have the form its field asks for (id, interval, date math, date).
pub const MALFORMED: Code = Code("E0206");
/// Two fields exclude each other, or a field does not go with the rule's type.
pub const CONFLICT: Code = Code("E0207");
/// The query language is not one of the rule's type.
pub const LANGUAGE: Code = Code("E0208");
/// A MITRE id is malformed, or a sub-technique does not belong to its technique.
pub const MITRE: Code = Code("E0209");
/// A text that must say something is empty.
pub const EMPTY: Code = Code("E0210");

/// A key is not known; its value is ignored.
pub const UNKNOWN_KEY: Code = Code("W0201");
/// A rule id is unusual, though some published rule has one like it.
pub const RULE_ID_FORM: Code = Code("W0206");
/// A field has no effect beside another one, or for the rule's type.
pub const NO_EFFECT: Code = Code("W0207");

/// Two rules have the same id.
pub const DUPLICATE_RULE_ID: Code = Code("E0501");
/// A line of a file of extra fields is not `path type`.
pub const FIELD_LINE: Code = Code("E0511");
/// A file of extra fields names a type that does not exist.
pub const FIELD_TYPE: Code = Code("E0512");

/// A filter of a rule that is none of Elasticsearch's.
pub const FILTERS: Code = Code("E0502");
/// A test of a query that cannot be compiled, such as a regular expression with too many states.
pub const NOT_COMPILED: Code = Code("E0503");
/// A rule of a type that is not run; it is left out.
pub const UNSUPPORTED_TYPE: Code = Code("W0504");
/// A rule names exception lists; they are not applied.
pub const EXCEPTIONS: Code = Code("W0505");
/// A rule is left out or switched off, and `strict` asks for it.
pub const LEFT_OUT: Code = Code("E0506");
/// A filter of a rule asks for something that is not run; the rule is left out.
pub const UNSUPPORTED_FILTER: Code = Code("W0507");

/// The codes that say of a rule that it asks for something that is not run.
pub const UNSUPPORTED: [Code; 3] = [UNSUPPORTED_TYPE, UNSUPPORTED_FILTER, NOT_COMPILED];
