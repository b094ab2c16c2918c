//! What a scan says on stderr: bad lines as they come, and a summary at the end.

use std::io::{self, Write as _};
use std::time::Duration;

use kiln::RuleSet;
use kiln::info::Severity;

use super::groups::Losses;
use crate::cli::output::printable;

/// Bad lines that are shown before the rest is only counted.
const SHOWN: u64 = 10;

/// Tells about lines and inputs that cannot be read.
#[derive(Debug, Default)]
pub(super) struct Problems {
    /// Whether every bad line is shown.
    pub(super) all: bool,
    pub(super) malformed: u64,
    pub(super) unreadable: u64,
}

impl Problems {
    pub(super) fn line(&mut self, input: &str, line: u64, offset: u64, reason: &str) {
        self.malformed += 1;
        if self.all || self.malformed <= SHOWN {
            say(&format!("{}:{line} (byte {offset}): {reason}", printable(input)));
        }
    }

    pub(super) fn input(&mut self, input: &str, reason: &str) {
        self.unreadable += 1;
        say(&format!("{}: {reason}", printable(input)));
    }

    /// Says how many lines were not shown.
    pub(super) fn rest(&self) {
        if !self.all && self.malformed > SHOWN {
            let more = grouped(self.malformed - SHOWN);
            say(&format!("{more} more malformed lines; --all-errors shows them"));
        }
    }
}

/// Writes a line to stderr; if that is closed, nobody wants to know.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// What a scan came to.
#[derive(Debug)]
pub(super) struct Summary<'s> {
    pub(super) set: &'s RuleSet<'s>,
    pub(super) inputs: usize,
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) rules: usize,
    /// By rule.
    pub(super) alerts: &'s [u64],
    pub(super) severities: Vec<(Severity, u64)>,
    pub(super) capped: u64,
    pub(super) malformed: u64,
    pub(super) unreadable: u64,
    pub(super) losses: Losses,
    pub(super) lost: u64,
    pub(super) elapsed: Duration,
}

/// Rules that are named in a summary.
const TOP: usize = 10;

impl Summary<'_> {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn say(&self) {
        let seconds = self.elapsed.as_secs_f64();
        let megabytes = self.bytes as f64 / 1e6;
        say(&format!(
            "read {}, {}, {megabytes:.1} MB in {seconds:.2} s ({:.0} MB/s)",
            count(self.inputs as u64, "input"),
            count(self.events, "event"),
            megabytes / seconds.max(1e-9),
        ));
        self.say_alerts();
        for (number, what, rest) in [
            (self.malformed, "malformed line", ""),
            (self.unreadable, "input", " could not be read"),
            (self.capped, "alert", " left out, over the max_signals of their rules"),
            (self.losses.evicted, "pending sequence", " given up for lack of room (--pending)"),
            (self.losses.records, "record", " of rules with state given up for lack of room (--pending)"),
            (self.losses.late, "event", " too late for its sequence or threshold (--waiting, --reorder)"),
            (self.losses.timeless, "event", " without a time, which rules with state leave out"),
            (self.lost, "event", " of rules with state not kept, whose alerts lack fields"),
        ] {
            if number > 0 {
                say(&format!("{}{rest}", count(number, what)));
            }
        }
    }

    fn say_alerts(&self) {
        let total = self.alerts.iter().sum();
        let mut fired: Vec<_> = (0..self.alerts.len()).filter(|&rule| self.alerts[rule] > 0).collect();
        let mut severities = self.severities.clone();
        severities.sort();
        let severities: Vec<_> = severities
            .iter()
            .rev()
            .map(|(severity, n)| format!("{} {}", grouped(*n), severity.as_str()))
            .collect();
        let by = if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
        say(&format!(
            "{}{by} by {} of {}",
            count(total, "alert"),
            fired.len(),
            count(self.rules as u64, "rule")
        ));
        fired.sort_by_key(|&rule| (std::cmp::Reverse(self.alerts[rule]), rule));
        for &rule in fired.iter().take(TOP) {
            let info = &self.set.rules[rule].info;
            let alerts = grouped(self.alerts[rule]);
            say(&format!("{alerts:>9}  {:8}  {}", info.severity.as_str(), printable(info.name)));
        }
        if fired.len() > TOP {
            say(&format!("           and {}", count((fired.len() - TOP) as u64, "more rule")));
        }
    }
}

pub(super) fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(count(1, "rule"), "1 rule");
    }
}
