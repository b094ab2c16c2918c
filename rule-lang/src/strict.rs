//! What a caller can ask of a set beyond its being sound: that no rule is left out.
//!
//! In: a loaded set with its report, and which reasons for leaving out a rule are failures. Out: an error for each rule
//! that fails. Which rules are left out was decided before; nothing is read here.

use std::ops::BitOr;

use crate::diagnostic::codes::file::{LEFT_OUT, UNSUPPORTED};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::{Entry, Report, Status};
use crate::rule::Word;
use crate::ruleset::RuleSet;

/// A thing that is a failure only if one asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// A rule is of a type, or asks for something, that is not run.
    Unsupported,
    /// A rule is switched off, by its file or by an overlay.
    Disabled,
    /// A rule has the id of another one.
    Duplicate,
    /// A file or a rule has errors.
    Broken,
    /// A rule names a field that no table of fields knows.
    UnknownFields,
}

impl Word for Demand {
    const WHAT: &'static str = "kind of strictness";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("unsupported", Self::Unsupported),
        ("disabled", Self::Disabled),
        ("duplicate", Self::Duplicate),
        ("broken", Self::Broken),
        ("unknown-fields", Self::UnknownFields),
    ];
}

/// What is asked for; nothing unless one says so.
///
/// ```
/// use rule_lang::strict::{Demand, Strict};
/// let some: Strict = [Demand::Disabled].into_iter().collect();
/// assert!(some.asks_for(Demand::Disabled) && !some.asks_for(Demand::Broken));
/// assert!(Strict::ALL.asks_for(Demand::Broken) && !Strict::default().asks_for(Demand::Broken));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strict(u8);

impl Strict {
    /// Everything.
    pub const ALL: Self = Self(u8::MAX);

    /// Whether this is one of the things.
    pub fn asks_for(self, demand: Demand) -> bool {
        self.0 & bit(demand) != 0
    }

    /// Whether nothing is asked for.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a rule of which this became is a failure.
    pub fn fails(self, status: &Status) -> bool {
        match status {
            Status::Compiled | Status::NoRule => false,
            Status::Disabled(_) | Status::SwitchedOff(_) => self.asks_for(Demand::Disabled),
            Status::Unsupported(_) => self.asks_for(Demand::Unsupported),
            Status::Duplicate(_) => self.asks_for(Demand::Duplicate),
            Status::Broken(_) => self.asks_for(Demand::Broken),
        }
    }
}

impl BitOr for Strict {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }
}

impl FromIterator<Demand> for Strict {
    fn from_iter<I: IntoIterator<Item = Demand>>(demands: I) -> Self {
        Self(demands.into_iter().fold(0, |bits, demand| bits | bit(demand)))
    }
}

fn bit(demand: Demand) -> u8 {
    1 << demand as u8
}

impl Report {
    /// The rules and files that are failures.
    pub fn failures(&self, strict: Strict) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| strict.fails(&entry.status))
    }
}

impl RuleSet {
    /// Makes an error of every rule that is a failure and has none yet: what is unsupported or disabled. That unknown
    /// fields are errors is up to [`Options::strict`](crate::ruleset::Options::strict).
    ///
    /// ```
    /// use rule_lang::strict::Strict;
    /// use rule_lang::{ruleset, schema};
    /// let rule = b"[rule]\nname = 'Off'\nrule_id = '00000000-0000-4000-8000-000000000001'\nauthor = ['A']\n\
    ///     description = 'A'\nrisk_score = 1\nseverity = 'low'\ntype = 'eql'\nindex = ['*']\n\
    ///     query = 'any where true'\nenabled = false\n";
    /// let options = ruleset::Options { schema: schema::builtin(), strict: false };
    /// let mut set = ruleset::load([("off.toml".to_owned(), rule.to_vec())], &options);
    /// assert!(!set.has_errors());
    /// set.demand(Strict::ALL);
    /// assert_eq!(set.diagnostics[0].message, "the rule `Off` is disabled: `enabled` is false");
    /// ```
    pub fn demand(&mut self, strict: Strict) {
        for entry in self.report.failures(strict) {
            let Some(rule) = &entry.rule else { continue };
            if matches!(entry.status, Status::Duplicate(_) | Status::Broken(_)) {
                continue;
            }
            let (word, reason) = (entry.status.word(), entry.status.reason());
            let message = format!("the rule `{}` is {word}: {reason}", rule.name);
            let error = Diagnostic::error(LEFT_OUT, entry.file, entry.span, message);
            let told = self.diagnostics.iter_mut().find(|finding| {
                UNSUPPORTED.contains(&finding.code)
                    && (finding.primary.file, finding.primary.span) == (entry.file, entry.span)
            });
            match told {
                Some(finding) if finding.level == Level::Warning => {
                    let (help, secondary) = (&finding.help, &finding.secondary);
                    *finding = Diagnostic { help: help.clone(), secondary: secondary.clone(), ..error };
                }
                // A test that cannot be compiled is an error of its own.
                Some(_) => {}
                None => self.diagnostics.push(error.help("`strict` asks for every rule to be compiled")),
            }
        }
        self.diagnostics.sort_by_key(|finding| (finding.primary.file, finding.primary.span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Extras, Options, load_with};
    use crate::schema;

    fn rule(id: u32, more: &str) -> (String, Vec<u8>) {
        let text = format!(
            "[rule]\nname = \"R{id}\"\nrule_id = \"00000000-0000-4000-8000-{:012}\"\ndescription = \"A\"\n\
             author = [\"A\"]\nrisk_score = 1\nseverity = \"low\"\nindex = [\"*\"]\n{more}\n",
            // Two have one id.
            if id == 2 { 1 } else { id }
        );
        (format!("{id}.toml"), text.into_bytes())
    }

    /// Codes and lines of the errors, and which rules fail.
    fn failed(strict: Strict) -> (Vec<(String, u32)>, Vec<String>) {
        let eql = "type = \"eql\"\nquery = 'any where true'";
        let files = [
            rule(1, eql),
            rule(2, eql),
            rule(3, &format!("{eql}\nenabled = false")),
            rule(4, "type = \"query\"\nlanguage = \"lucene\"\nquery = 'a:b'"),
            rule(5, &format!("{eql}\nfilters = [\n{{ query = {{ script = {{}} }} }}]")),
            rule(6, eql),
            rule(7, "type = \"eql\"\nquery = 'any where'"),
        ];
        let overlay = "rules:\n- rule_id: 00000000-0000-4000-8000-000000000006\n  enabled: false\n";
        let overlays = vec![("o.yml".to_owned(), overlay.as_bytes().to_vec())];
        let options = Options { schema: schema::builtin(), strict: false };
        let mut set = load_with(files, Extras { overlays, ..Extras::default() }, &options);
        set.demand(strict);
        let line = |finding: &Diagnostic| {
            set.sources.get(finding.primary.file).location(finding.primary.span.start).line
        };
        let errors = set.diagnostics.iter().filter(|finding| finding.level == Level::Error);
        let errors = errors.map(|finding| (finding.code.to_string(), line(finding))).collect();
        let name = |entry: &Entry| entry.rule.as_ref().map(|rule| rule.name.clone());
        (errors, set.report.failures(strict).filter_map(name).collect())
    }

    #[test]
    fn each_kind_is_a_failure_if_it_is_asked_for() {
        let (duplicate, broken) = (("E0501".to_owned(), 3), ("E0301".to_owned(), 10));
        let left_out = |line| ("E0506".to_owned(), line);
        assert_eq!(failed(Strict::default()), (vec![duplicate.clone(), broken.clone()], vec![]));
        let (errors, failures) = failed(Strict::ALL);
        let expected = vec![duplicate, left_out(11), left_out(9), left_out(12), left_out(1), broken];
        assert_eq!(errors, expected);
        assert_eq!(failures, ["R2", "R3", "R4", "R5", "R6", "R7"]);
        for (demand, expected) in [
            (Demand::Unsupported, &["R4", "R5"][..]),
            (Demand::Disabled, &["R3", "R6"]),
            (Demand::Duplicate, &["R2"]),
            (Demand::Broken, &["R7"]),
            (Demand::UnknownFields, &[]),
        ] {
            let (errors, failures) = failed([demand].into_iter().collect());
            assert_eq!(failures, expected, "{demand:?}");
            let new = if matches!(demand, Demand::Unsupported | Demand::Disabled) { 2 } else { 0 };
            assert_eq!(errors.len(), 2 + new, "{demand:?}");
        }
    }
}
