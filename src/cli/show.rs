//! `kiln show`: one rule, as on the page that documents it.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use anstyle::Style;
use kiln::RuleSet;
use kiln::info::{RuleInfo, Threat, ThreatEntry};
use serde_json::Value;

use super::loaded::SetArgs;
use super::markdown;
use super::output::{CODE, HEADING, LABEL, Terminal, printable, severity_style};
use super::rule_json::{self, RuleJson};
use super::select;
use super::{Status, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The rule: its id, the beginning of it, its name or a part of its name
    #[arg(value_name = "RULE")]
    rule: String,
    #[command(flatten)]
    set: SetArgs,
    /// As one JSON object with every field
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let chosen = args.set.choose(terminal)?;
    let rule = choose(chosen.set, &args.rule)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &RuleJson(rule)).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        Page { out: &mut out, terminal, rule }.write()?;
    }
    out.flush()?;
    Ok(chosen.status())
}

fn choose(set: &'static RuleSet<'static>, wanted: &str) -> Result<&'static RuleInfo<'static>, Stop> {
    let rules = set.rules;
    match *select::find(rules.iter().map(|rule| rule.info.get()), wanted) {
        [] => {
            Err(Stop::usage(format!("no rule has an id or a name like `{wanted}`; `kiln rules` lists them")))
        }
        [one] => Ok(rules[one].info.get()),
        ref several => {
            let mut message = format!("`{wanted}` could be any of {} rules:", several.len());
            for &at in several {
                // Writing to a string cannot fail.
                let _ = write!(message, "\n  {}  {}", rules[at].info.rule_id, rules[at].info.name);
            }
            Err(Stop::usage(message))
        }
    }
}

struct Page<'p, W> {
    out: &'p mut W,
    terminal: &'p Terminal,
    rule: &'p RuleInfo<'p>,
}

const INDENT: usize = 2;

impl<W: Write> Page<'_, W> {
    fn write(&mut self) -> io::Result<()> {
        let rule = self.rule;
        writeln!(self.out, "{}", self.terminal.paint(HEADING, printable(rule.name)))?;
        writeln!(self.out)?;
        self.markdown(rule.description)?;
        self.facts()?;
        self.query()?;
        self.threat()?;
        self.list("False positives", rule.false_positives)?;
        self.prose("Investigation guide", rule.note)?;
        self.prose("Setup", rule.setup)?;
        self.integrations()?;
        self.required_fields()?;
        self.list("Investigation fields", rule.investigation_fields)?;
        self.overrides()?;
        self.list("References", rule.references)?;
        self.rest("More", rule.extra)?;
        self.rest("Metadata", rule.metadata)
    }

    fn facts(&mut self) -> io::Result<()> {
        let rule = self.rule;
        writeln!(self.out)?;
        self.fact("Rule id", rule.rule_id)?;
        self.fact("Type", &format!("{} ({})", rule.rule_type.as_str(), rule.language))?;
        self.painted_fact("Severity", rule.severity.as_str(), severity_style(rule.severity))?;
        self.fact("Risk score", &rule.risk_score.to_string())?;
        self.fact("Index", &rule.index.join(", "))?;
        self.fact("Data view", rule.data_view_id.unwrap_or_default())?;
        self.fact("Interval", &format!("{}, from {} to {}", rule.interval, rule.from, rule.to))?;
        self.fact("Max signals", &rule.max_signals.to_string())?;
        self.fact("Timestamp", &self.timestamp())?;
        self.fact("Category field", rule.event_category_override.unwrap_or_default())?;
        self.fact("Order field", rule.timestamp_field.unwrap_or_default())?;
        self.fact("Tiebreaker", rule.tiebreaker_field.unwrap_or_default())?;
        self.fact("Building block", if rule.building_block { "default" } else { "" })?;
        self.fact("Enabled", if rule.enabled { "" } else { "no" })?;
        self.fact("Tags", &rule.tags.join(", "))?;
        self.fact("Version", &version(rule))?;
        self.fact("Author", &rule.author.join(", "))?;
        self.fact("License", rule.license.unwrap_or_default())?;
        let timeline = [rule.timeline_title, rule.timeline_id].into_iter().flatten().collect::<Vec<_>>();
        self.fact("Timeline", &timeline.join(", "))?;
        self.fact("File", rule.file)
    }

    fn timestamp(&self) -> String {
        let field = self.rule.timestamp_override.unwrap_or_default().to_owned();
        if self.rule.timestamp_override_fallback_disabled { field + ", without falling back" } else { field }
    }

    fn fact(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.painted_fact(name, value, Style::new())
    }

    /// One line of the box at the top; nothing if there is nothing to say.
    fn painted_fact(&mut self, name: &str, value: &str, style: Style) -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        let margin = " ".repeat(INDENT + NAMES + 1);
        let value = markdown::wrap(&printable(value), &margin, self.terminal.width);
        let value = self.terminal.paint(style, value.trim_start());
        writeln!(self.out, "{:INDENT$}{} {value}", "", self.terminal.paint(LABEL, format!("{name:NAMES$}")))
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.terminal.paint(HEADING, text))
    }

    fn markdown(&mut self, text: &str) -> io::Result<()> {
        write!(self.out, "{}", markdown::render(&printable(text), self.terminal, INDENT))
    }

    fn prose(&mut self, heading: &str, text: Option<&str>) -> io::Result<()> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(()) };
        self.heading(heading)?;
        // Guides often begin with the heading that stands here already.
        let first = text.trim_start().lines().next().unwrap_or_default();
        let repeats = first.starts_with('#') && first.trim_matches(['#', ' ']).eq_ignore_ascii_case(heading);
        self.markdown(if repeats { &text.trim_start()[first.len()..] } else { text })
    }

    fn list(&mut self, heading: &str, items: &[&str]) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.heading(heading)?;
        let bullet = format!("{:INDENT$}• ", "");
        for item in items {
            writeln!(self.out, "{}", markdown::wrap(&printable(item), &bullet, self.terminal.width))?;
        }
        Ok(())
    }

    /// The query as written: it is code, so it is neither wrapped nor rendered.
    fn query(&mut self) -> io::Result<()> {
        self.heading("Query")?;
        let query = printable(self.rule.query);
        for line in query.trim_matches('\n').lines() {
            writeln!(self.out, "{:INDENT$}{}", "", self.terminal.paint(CODE, line.trim_end()))?;
        }
        Ok(())
    }

    fn threat(&mut self) -> io::Result<()> {
        let mut framework = "";
        for threat in self.rule.threat {
            if threat.framework != framework {
                framework = threat.framework;
                self.heading(&printable(framework))?;
            }
            self.tactic(threat)?;
        }
        Ok(())
    }

    fn tactic(&mut self, threat: &Threat<'_>) -> io::Result<()> {
        self.threat_entry(INDENT, &threat.tactic)?;
        for technique in threat.techniques {
            self.threat_entry(INDENT + 2, &technique.entry)?;
            for sub in technique.subtechniques {
                self.threat_entry(INDENT + 4, sub)?;
            }
        }
        Ok(())
    }

    fn threat_entry(&mut self, indent: usize, entry: &ThreatEntry<'_>) -> io::Result<()> {
        let name = printable(entry.name);
        let page = self.terminal.paint(LABEL, printable(entry.reference));
        let gap = 42_usize.saturating_sub(indent + entry.id.len() + 2);
        writeln!(self.out, "{:indent$}{}  {name:gap$}  {page}", "", entry.id)
    }

    fn integrations(&mut self) -> io::Result<()> {
        let line = |i: &kiln::info::RelatedIntegration<'_>| {
            let part = i.integration.map(|part| format!(" / {part}")).unwrap_or_default();
            format!("{}{part} {}", i.package, i.version)
        };
        self.lines("Integrations", &self.rule.related_integrations.iter().map(line).collect::<Vec<_>>())
    }

    fn required_fields(&mut self) -> io::Result<()> {
        let line = |f: &kiln::info::RequiredField<'_>| {
            format!("{} ({}{})", f.name, f.field_type, if f.ecs { "" } else { ", not ECS" })
        };
        self.lines("Required fields", &self.rule.required_fields.iter().map(line).collect::<Vec<_>>())
    }

    /// What the event may change, how alerts are folded together, and what exempts events.
    fn overrides(&mut self) -> io::Result<()> {
        let rule = self.rule;
        let mut lines = Vec::new();
        for m in rule.severity_mapping {
            lines.push(format!("severity is {} if {} is `{}`", m.severity.as_str(), m.field, m.value));
        }
        if let Some(mapping) = rule.risk_score_mapping.first() {
            lines.push(format!("risk score is the value of {}", mapping.field));
        }
        if let Some(field) = rule.rule_name_override {
            lines.push(format!("rule name is the value of {field}"));
        }
        self.lines("Overrides from the event", &lines)?;
        let mut lines = Vec::new();
        if let Some(suppression) = &rule.suppression {
            // A run takes as long as it is until the next.
            let span = suppression.duration.unwrap_or(rule.interval);
            let missing = suppression.missing_fields_strategy.unwrap_or("suppress");
            lines.push(match suppression.group_by {
                [] => format!("one alert per group of the threshold in {span}"),
                fields => {
                    let fields = fields.join(", ");
                    format!("one alert per value of {fields} in {span}; missing fields: {missing}")
                }
            });
        }
        self.lines("Alert suppression", &lines)?;
        let line = |e: &kiln::info::ExceptionRef<'_>| {
            format!("{} ({}, {})", e.list_id, e.list_type, e.namespace_type)
        };
        self.lines("Exception lists", &rule.exceptions.iter().map(line).collect::<Vec<_>>())
    }

    fn lines(&mut self, heading: &str, lines: &[String]) -> io::Result<()> {
        self.list(heading, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The entries of a JSON object, one a line.
    fn rest(&mut self, heading: &str, object: &str) -> io::Result<()> {
        let entries = rule_json::object(object);
        if entries.is_empty() {
            return Ok(());
        }
        self.heading(heading)?;
        for (key, value) in &entries {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Array(items) if items.iter().all(Value::is_string) => {
                    items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
                }
                other => other.to_string(),
            };
            self.fact(key, &text)?;
        }
        Ok(())
    }
}

/// Columns of the names at the top.
const NAMES: usize = 16;

fn version(rule: &RuleInfo<'_>) -> String {
    let version = rule.version.map(|version| version.to_string()).unwrap_or_default();
    match rule.revision {
        Some(revision) => format!("{version}, revision {revision}"),
        None => version,
    }
}
