//! Drives a compiled set over events: dispatch, residuals, results.
//!
//! In: a [`RuleSet`] and an event whose slots are filled. Out: which filters hold. Tests are computed at most once per
//! event; nothing is allocated after construction but growth of the buffers to the largest event.

mod context;
mod dispatch;
mod matcher;

pub use context::Context;
pub use matcher::{Error, Group, Match, Matcher, Options};

pub(crate) use context::State;

#[cfg(doc)]
use crate::set::RuleSet;
