//! Drives a compiled set over events: dispatch, residuals, results.
//!
//! In: a [`RuleSet`] and an event whose slots are filled. Out: which filters hold. Tests are computed at most once per
//! event; nothing is allocated after construction but growth of the buffers to the largest event.

mod candidates;
mod completed;
mod context;
mod dispatch;
mod finding;
mod groups;
mod joint;
mod kinds;
mod matcher;
mod parts;
mod profile;
mod recall;
mod routes;
mod shell;
mod states;

pub use context::Context;
pub use finding::{Counted, Detail, Finding};
pub use groups::Group;
pub use matcher::{Matcher, Options, Outcome};
pub use parts::Parts;
pub use profile::RuleCost;
pub use states::StateLimits;

#[cfg(doc)]
use crate::set::RuleSet;
