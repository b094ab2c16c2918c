//! The files that a compiled set was made of, kept in the program that it is compiled into.
//!
//! In: what `ruleset!` read at the build. Out: the same bytes, for a program that plans the rules again when it starts,
//! because it was given exceptions or overlays that the build did not know. Knows nothing of what the files say.

/// A file: its path, to be shown to people, and what it holds.
pub type File<'a> = (&'a str, &'a [u8]);

/// The files of a set, and the options under which they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleFiles<'a> {
    /// The rules.
    pub rules: &'a [File<'a>],
    /// Exception lists and value lists.
    pub exceptions: &'a [File<'a>],
    /// Overlays, in the order in which they apply.
    pub overlays: &'a [File<'a>],
    /// Fields beside the known ones.
    pub schema: Option<File<'a>>,
    /// Whether the built-in table of fields is left out.
    pub no_builtin: bool,
    /// Whether unknown fields do not exist.
    pub closed: bool,
    /// Whether unknown fields are errors.
    pub strict: bool,
}
