//! What becomes of alerts: which are wanted, how they are written, and where to.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::ValueEnum;
use kiln::info::{RuleInfo, Severity};
use kiln::{Rule, RuleKind, RuleSet};

use crate::cli::alert::Alert;
use crate::cli::output::printable;
use crate::cli::table::fit;

/// Which rules and alerts a scan is about.
pub(super) struct Wanted {
    pub(super) set: &'static RuleSet<'static>,
    /// By rule.
    pub(super) rules: Vec<bool>,
    pub(super) min_severity: Option<Severity>,
    /// Whether some wanted rule has state.
    pub(super) groups: bool,
}

impl Wanted {
    pub(super) fn new(
        set: &'static RuleSet<'static>,
        rules: Vec<bool>,
        min_severity: Option<Severity>,
    ) -> Self {
        let has_state = |(at, rule): (usize, &Rule<'_>)| match rule.kind {
            RuleKind::Event | RuleKind::ThreatMatch => {
                set.states.suppressions.iter().any(|def| def.rule as usize == at)
            }
            _ => true,
        };
        let groups =
            set.rules.iter().enumerate().zip(&rules).any(|(rule, wanted)| *wanted && has_state(rule));
        Self { set, rules, min_severity, groups }
    }

    pub(super) fn rule(&self, rule: u32) -> bool {
        self.rules[rule as usize]
    }

    pub(super) fn severity(&self, severity: Severity) -> bool {
        self.min_severity.is_none_or(|least| severity >= least)
    }

    pub(super) fn info(&self, rule: u32) -> &'static RuleInfo<'static> {
        self.set.rules[rule as usize].info.get()
    }
}

/// How alerts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object per alert and line
    Ndjson,
    /// One line per alert, for people
    Table,
    /// Not at all; only the summary
    None,
}

impl Format {
    /// Adds an alert to `out`.
    pub(super) fn write(self, alert: &Alert, rule: &RuleInfo<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Ndjson => {
                out.extend_from_slice(alert.text.as_bytes());
                out.push(b'\n');
            }
            Self::Table => {
                let name = fit(&printable(rule.name), 48);
                let reason = printable(&alert.reason).replace(['\n', '\t'], " ");
                let severity = alert.severity.as_str();
                // Writing to a vector cannot fail.
                let _ = writeln!(out, "{:24}  {severity:8}  {name:48}  {reason}", printable(&alert.time));
            }
            Self::None => {}
        }
    }
}

/// Takes finished alerts in order, applies caps and pipes, counts, and writes.
pub(super) struct Sink<W> {
    out: W,
    set: &'static RuleSet<'static>,
    /// Whether `max_signals` of rules is applied.
    cap: bool,
    /// By rule: alerts written.
    pub(super) written: Vec<u64>,
    /// By rule: alerts left out for the cap.
    pub(super) capped: u64,
    /// By severity.
    pub(super) severities: BTreeMap<Severity, u64>,
    /// Results of rules whose queries end with pipes: what is left of them is known at the end.
    piped: BTreeMap<u32, super::pipes::Pipes<Unit>>,
    results: u64,
}

/// The text of one alert, or of all alerts of a group, and the severity it counts under.
struct Unit {
    rule: u32,
    severity: Severity,
    text: Vec<u8>,
}

impl<W: Write> Sink<W> {
    pub(super) fn new(out: W, set: &'static RuleSet<'static>, cap: bool) -> Self {
        let piped = set.rules.iter().enumerate().filter(|(_, rule)| !rule.pipes.is_empty());
        let piped = piped.map(|(at, rule)| (at as u32, super::pipes::Pipes::new(rule.pipes))).collect();
        Self {
            out,
            set,
            cap,
            written: vec![0; set.rules.len()],
            capped: 0,
            severities: BTreeMap::new(),
            piped,
            results: 0,
        }
    }

    /// An alert of a single-event rule.
    pub(super) fn alert(&mut self, rule: u32, severity: Severity, text: &[u8]) -> io::Result<()> {
        if self.piped.contains_key(&rule) {
            self.results += 1;
            return self.unit(self.results, rule, severity, text);
        }
        self.write(rule, severity, text)
    }

    /// A result; `order` is its place among the results of its rule.
    pub(super) fn unit(&mut self, order: u64, rule: u32, severity: Severity, text: &[u8]) -> io::Result<()> {
        if let Some(pipes) = self.piped.get_mut(&rule) {
            pipes.push(order, Unit { rule, severity, text: text.to_vec() });
            return Ok(());
        }
        self.write(rule, severity, text)
    }

    fn write(&mut self, rule: u32, severity: Severity, text: &[u8]) -> io::Result<()> {
        let written = &mut self.written[rule as usize];
        if self.cap && *written >= self.set.rules[rule as usize].info.max_signals {
            self.capped += 1;
            return Ok(());
        }
        *written += 1;
        *self.severities.entry(severity).or_default() += 1;
        self.out.write_all(text)
    }

    /// Everything so far goes out.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The end: what rules with pipes have left.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        for (_, pipes) in std::mem::take(&mut self.piped) {
            for unit in pipes.finish() {
                self.write(unit.rule, unit.severity, &unit.text)?;
            }
        }
        self.out.flush()
    }
}
