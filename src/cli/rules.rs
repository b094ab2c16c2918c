//! `kiln rules`: what is compiled in, or what files would be.

use std::io::{self, BufWriter, Write as _};

use kiln::RuleSet;
use kiln::info::{RuleInfo, Severity};

use super::loaded::{Chosen, SetArgs};
use super::output::{Terminal, printable, severity_style};
use super::report;
use super::rule_json::RuleJson;
use super::select::{self, MinSeverity};
use super::table::{self, Cell, Column};
use super::{Status, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only rules with this text in their name, or with this id; `*` stands for any text
    #[arg(value_name = "NAME_OR_ID")]
    names: Vec<String>,
    #[command(flatten)]
    set: SetArgs,
    /// With rules that are loaded at start: what became of every rule and file
    #[arg(long)]
    report: bool,
    /// One JSON object per rule and line, with every field
    #[arg(long)]
    json: bool,
    /// Only rules of this severity or above
    #[arg(long, value_name = "SEVERITY")]
    min_severity: Option<MinSeverity>,
    /// Only rules with this tag, such as `OS: Linux`; again for more tags, all of which a rule must have
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only rules of this MITRE tactic or technique, by id or name
    #[arg(long, value_name = "ID_OR_NAME")]
    mitre: Option<String>,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let chosen = args.set.choose(terminal)?;
    if args.report {
        return write_report(args, &chosen, terminal);
    }
    let set = chosen.set;
    let infos = || set.rules.iter().map(|rule| rule.info.get());
    let mut rules: Vec<_> = if args.names.is_empty() {
        infos().collect()
    } else {
        let named = select::find_all(&infos(), &args.names)?;
        infos().enumerate().filter(|(at, _)| named.binary_search(at).is_ok()).map(|(_, rule)| rule).collect()
    };
    rules.retain(|rule| wanted(rule, args));
    rules.sort_by_key(|rule| (rule.name, rule.rule_id));
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        for rule in &rules {
            serde_json::to_writer(&mut out, &RuleJson(rule)).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    } else if rules.is_empty() {
        let _ = writeln!(io::stderr(), "{}", nothing(args, set));
    } else {
        let rows: Vec<_> = rules.iter().map(|rule| row(rule)).collect();
        table::write(&mut out, terminal, &COLUMNS, &rows)?;
    }
    out.flush()?;
    Ok(chosen.status())
}

fn write_report(args: &Args, chosen: &Chosen, terminal: &Terminal) -> Result<Status, Stop> {
    let Some(loaded) = &chosen.loaded else {
        return Err(Stop::usage("a report is about rules that are loaded: name them with --rules-from"));
    };
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        report::write_json(&mut out, &loaded.set, &loaded.skipped)?;
    } else {
        report::write(&mut out, terminal, &loaded.set, &loaded.skipped)?;
    }
    out.flush()?;
    Ok(chosen.status())
}

/// Says why no rule is left.
fn nothing(args: &Args, set: &'static RuleSet<'static>) -> String {
    if set.rules.is_empty() {
        return "no rules were loaded".to_owned();
    }
    let has = |tag: &str| {
        let mut rules = set.rules.iter();
        rules.any(|rule| rule.info.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)))
    };
    let mapped = |mitre: &str| set.rules.iter().any(|rule| is_mapped(&rule.info, mitre));
    let unknown = args.tag.iter().find(|tag| !has(tag)).map(|tag| format!("no rule has the tag `{tag}`"));
    let unmapped = args.mitre.as_ref().filter(|mitre| !mapped(mitre));
    let unmapped = unmapped.map(|mitre| format!("no rule has the tactic or technique `{mitre}`"));
    unknown.or(unmapped).unwrap_or_else(|| "no rule is all of that".to_owned())
}

fn wanted(rule: &RuleInfo<'_>, args: &Args) -> bool {
    let severe = args.min_severity.is_none_or(|least| rule.severity >= Severity::from(least));
    let tagged = args.tag.iter().all(|tag| rule.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)));
    let mapped = args.mitre.as_ref().is_none_or(|mitre| is_mapped(rule, mitre));
    severe && tagged && mapped
}

fn is_mapped(rule: &RuleInfo<'_>, wanted: &str) -> bool {
    let entries = rule.threat.iter().flat_map(|threat| {
        let techniques = threat.techniques.iter();
        let techniques = techniques.flat_map(|t| std::iter::once(&t.entry).chain(t.subtechniques));
        std::iter::once(&threat.tactic).chain(techniques)
    });
    entries.into_iter().any(|e| e.id.eq_ignore_ascii_case(wanted) || e.name.eq_ignore_ascii_case(wanted))
}

const COLUMNS: [Column; 6] = [
    Column::new("SEVERITY"),
    Column::new("RISK").right(),
    Column::new("NAME").cut(),
    Column::new("TYPE"),
    Column::new("TACTICS").cut(),
    Column::new("ID"),
];

fn row(rule: &RuleInfo<'_>) -> Vec<Cell> {
    let mut tactics: Vec<_> = rule.threat.iter().map(|threat| threat.tactic.name).collect();
    tactics.dedup();
    vec![
        Cell::styled(rule.severity.as_str(), severity_style(rule.severity)),
        Cell::new(rule.risk_score.to_string()),
        Cell::new(printable(rule.name)),
        Cell::new(rule.rule_type.as_str()),
        Cell::new(printable(&tactics.join(", "))),
        Cell::new(rule.rule_id),
    ]
}
