//! Bakes detection rules into a Rust binary.
//!
//! A rule is a data file. At `cargo build`, [`ruleset!`] reads the files, checks them and emits a matcher specialised
//! to exactly that set; a [`Matcher`] drives it over events without allocating.
//!
//! ```
//! kiln::ruleset! {
//!     /// The rules this example ships.
//!     pub struct Rules = "rules/linux/*.toml";
//! }
//!
//! let mut matcher = Rules::matcher();
//! let line = br#"{"event":{"category":"process","type":"start","action":"exec"},"host":{"os":{"type":"linux"}},
//!     "process":{"name":"curl","args":["curl","-x","socks5://192.0.2.7"],"parent":{"name":"bash"}}}"#;
//! let outcome = matcher.json(line, kiln::EventRef(0))?;
//! for rule in outcome.matches() {
//!     println!("{} ({})", rule.info.name, rule.info.severity.as_str());
//! }
//! # assert_eq!(outcome.matches().count(), 1);
//! # Ok::<(), kiln::reader::ReadError>(())
//! ```

pub use rule_macros::ruleset;
pub use rule_runtime::engine::{
    Counted, Detail, Finding, Group, Matcher, Options, Outcome, Parts, RuleCost, StateLimits,
};
pub use rule_runtime::sequence::EventRef;
pub use rule_runtime::set::{Rule, RuleKind, RuleSet};
pub use rule_runtime::{
    event, files, info, keyed, new_terms, reader, sequence, source, suppression, threat, threshold,
};

/// What generated code calls. Not for people: it changes without notice.
#[doc(hidden)]
pub use rule_runtime as __rt;

/// A type that [`ruleset!`] wrote: a compiled set of rules.
///
/// ```
/// kiln::ruleset! { struct Linux = "rules/linux/*.toml"; }
///
/// fn count<R: kiln::Ruleset>() -> usize {
///     R::set().rules.len()
/// }
/// assert!(count::<Linux>() > 0);
/// ```
pub trait Ruleset {
    /// The compiled rules.
    fn set() -> &'static RuleSet<'static>;
}

/// The Rust of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
