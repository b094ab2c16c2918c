//! What belongs to a set beside its rules: exceptions and overlays.

use super::{Options, RuleSet};
use crate::check::CheckOptions;
use crate::exception::{self, Clock, Lists};
use crate::overlay::{self, Switches};
use crate::rule::{Loaded, Maturity};

/// Files (path and bytes) that change what rules find, and the instant at which they do.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Exception lists and value lists.
    pub exceptions: Vec<(String, Vec<u8>)>,
    /// Overlays, applied in this order.
    pub overlays: Vec<(String, Vec<u8>)>,
    /// The instant that exceptions end at, or not.
    pub clock: Clock,
}

/// Reads the files and applies the overlays. Rules that are given up are switched off first, so that an overlay can
/// switch them on.
pub(super) fn read(set: &mut RuleSet, loaded: &mut Loaded, extras: Extras) -> (Lists, Switches) {
    let mut lists = Lists::default();
    for (file, document) in std::mem::take(&mut loaded.exceptions) {
        set.diagnostics.extend(exception::read_document(&document, file, &mut lists));
    }
    set.diagnostics.extend(exception::read(&mut set.sources, extras.exceptions, &mut lists));
    for rule in &mut loaded.rules {
        rule.enabled &= rule.metadata.maturity != Some(Maturity::Deprecated);
    }
    let (overlays, findings) = overlay::read(&mut set.sources, extras.overlays);
    set.diagnostics.extend(findings);
    let (switches, findings) =
        overlay::apply(&overlays, &mut loaded.rules, &loaded.broken, &mut lists, &set.sources);
    set.diagnostics.extend(findings);
    (lists, switches)
}

/// Takes excepted events out of the queries of all rules.
pub(super) fn except(set: &mut RuleSet, lists: &Lists, clock: Clock, options: &Options<'_>) {
    let check = CheckOptions { strict: options.strict, ..CheckOptions::new(options.schema) };
    let (lowered, findings) = lists.lower(check, clock, &set.sources);
    set.diagnostics.extend(findings);
    for checked in &mut set.rules {
        set.diagnostics.extend(lowered.apply(lists, &checked.rule, &mut checked.query));
    }
}
