//! Which of the compiled rules a command is about.

use clap::ValueEnum;
use kiln::info::{RuleInfo, Severity};

use super::Stop;

/// `--min-severity`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MinSeverity {
    Low,
    Medium,
    High,
    Critical,
}

impl From<MinSeverity> for Severity {
    fn from(severity: MinSeverity) -> Self {
        match severity {
            MinSeverity::Low => Self::Low,
            MinSeverity::Medium => Self::Medium,
            MinSeverity::High => Self::High,
            MinSeverity::Critical => Self::Critical,
        }
    }
}

/// The rules that people mean by `wanted`: a rule id, the beginning of one (eight characters or more), a name, or a
/// part of a name; `*` stands for any text in a name. Case is ignored. Gives the places in `rules`, ascending.
pub(crate) fn find<'i>(rules: impl Iterator<Item = &'i RuleInfo<'i>>, wanted: &str) -> Vec<usize> {
    let wanted = wanted.trim().to_lowercase();
    let mut whole = Vec::new();
    let mut part = Vec::new();
    for (at, rule) in rules.enumerate() {
        let (id, name) = (rule.rule_id.to_lowercase(), rule.name.to_lowercase());
        if id == wanted || name == wanted {
            whole.push(at);
        } else if (wanted.len() >= 8 && id.starts_with(&wanted)) || name_matches(&name, &wanted) {
            part.push(at);
        }
    }
    if whole.is_empty() { part } else { whole }
}

fn name_matches(name: &str, wanted: &str) -> bool {
    if !wanted.contains('*') {
        return !wanted.is_empty() && name.contains(wanted);
    }
    let mut parts = wanted.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    rest.is_empty() || name.ends_with(last)
}

/// The rules named by any of `wanted`; each must name at least one.
pub(crate) fn find_all<'i>(
    rules: &(impl Iterator<Item = &'i RuleInfo<'i>> + Clone),
    wanted: &[String],
) -> Result<Vec<usize>, Stop> {
    let mut all = Vec::new();
    for one in wanted {
        let found = find(rules.clone(), one);
        if found.is_empty() {
            return Err(Stop::usage(format!(
                "no rule has an id or a name like `{one}`; `kiln rules` lists them"
            )));
        }
        all.extend(found);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [RuleInfo<'static>; 3] = [
        RuleInfo { rule_id: "11111111-aaaa", name: "Curl Proxy", ..RuleInfo::EMPTY },
        RuleInfo { rule_id: "22222222-bbbb", name: "Curl Proxy from Shell", ..RuleInfo::EMPTY },
        RuleInfo { rule_id: "33333333-cccc", name: "Cron File", ..RuleInfo::EMPTY },
    ];

    fn found(wanted: &str) -> Vec<usize> {
        find(RULES.iter(), wanted)
    }

    #[test]
    fn a_whole_name_or_id_beats_a_part() {
        assert_eq!(found("curl proxy"), [0]);
        assert_eq!(found("CURL"), [0, 1]);
        assert_eq!(found("22222222-BBBB"), [1]);
        assert_eq!(found("33333333"), [2]);
        assert_eq!(found("3333"), [0; 0]);
        assert_eq!(found(""), [0; 0]);
    }

    #[test]
    fn stars_stand_for_any_text() {
        assert_eq!(found("c*shell"), [1]);
        assert_eq!(found("*proxy"), [0]);
        assert_eq!(found("cr*"), [2]);
        assert_eq!(found("*"), [0, 1, 2]);
        assert_eq!(found("*x*"), [0, 1]);
    }

    #[test]
    fn a_name_without_a_rule_is_a_wrong_argument() {
        assert!(find_all(&RULES.iter(), &["curl".into(), "nothing".into()]).is_err());
        assert_eq!(find_all(&RULES.iter(), &["shell".into(), "curl".into()]).unwrap(), [0, 1]);
    }
}
