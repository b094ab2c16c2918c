//! The rule files of the benchmark.
//!
//! In: the shared corpus, or without it the rules of this repository. Out: any number of files with one rule each.
//! Where more are wanted than there are, rules are repeated with other texts to look for.

use std::collections::BTreeSet;

use kiln_test_support::{corpus, shipped};
use rule_lang::diagnostic::Level;
use rule_lang::rule::Details;
use rule_lang::ruleset::{self, Ast, CheckedRule, RuleSet};
use rule_lang::schema;

/// A rule file.
#[derive(Clone, Debug)]
pub(crate) struct RuleFile {
    /// As its author wrote it, perhaps with other texts to look for.
    pub full: String,
    /// The same without all that describes the rule.
    pub lean: String,
}

/// All rules there are.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Where they come from, for the reader of the figures.
    pub origin: &'static str,
    files: Vec<RuleFile>,
}

impl Rules {
    /// The rules of the corpus, or those of the repository.
    pub(crate) fn load() -> Self {
        match corpus::rules() {
            Some(rules) => Self { origin: "the shared corpus", files: single_rules(&rules) },
            None => Self {
                origin: "rules/ of this repository (the shared corpus is not there)",
                files: single_rules(&shipped::rules()),
            },
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// `count` files: spread over all there are, or all of them and altered copies.
    pub(crate) fn take(&self, count: usize) -> Vec<RuleFile> {
        let own = self.files.len();
        if count <= own {
            return (0..count).map(|index| self.files[index * own / count].clone()).collect();
        }
        let mut taken = self.files.clone();
        // Copies whose query cannot be altered so that it still compiles are left out.
        let copies = (1..).flat_map(|copy| self.files.iter().filter_map(move |file| altered(file, copy)));
        taken.extend(copies.take(count - own));
        taken
    }
}

/// The files of `rules` that hold one rule in TOML and no mistake.
fn single_rules(rules: &RuleSet) -> Vec<RuleFile> {
    let errors = rules.diagnostics.iter().filter(|finding| finding.level == Level::Error);
    let broken: BTreeSet<_> = errors.map(|error| error.primary.file).collect();
    let is_toml = |rule: &&CheckedRule| {
        let path = rules.sources.get(rule.rule.file).path();
        std::path::Path::new(path).extension().is_some_and(|extension| extension == "toml")
    };
    let sound = rules.rules.iter().filter(|rule| !broken.contains(&rule.rule.file));
    let file = |rule: &CheckedRule| {
        let full = rules.sources.get(rule.rule.file).text().to_owned();
        RuleFile { full, lean: lean(rule) }
    };
    sound.filter(is_toml).map(file).collect()
}

/// The rule with its query and what matching depends on.
fn lean(rule: &CheckedRule) -> String {
    let query = rule.rule.query.as_ref().map_or("", |query| query.text.as_str());
    let mut text = rule_text(&rule.rule.name, &rule.rule.rule_id, query);
    if let Ast::Kql(_) = rule.ast {
        text = text.replace(EQL, "type = \"query\"\nlanguage = \"kuery\"");
    }
    if let Details::Eql(fields) = &rule.rule.details {
        let overrides = [
            ("event_category_override", &fields.event_category_override),
            ("timestamp_field", &fields.timestamp_field),
            ("tiebreaker_field", &fields.tiebreaker_field),
        ];
        for (key, value) in overrides {
            if let Some(value) = value {
                text.extend([key, " = ", &format!("{:?}", value.as_str()), "\n"]);
            }
        }
    }
    text
}

/// What a rule in EQL says of itself.
const EQL: &str = "type = \"eql\"\nlanguage = \"eql\"";

/// A rule file in EQL with nothing but what is required.
pub(crate) fn rule_text(name: &str, id: &str, query: &str) -> String {
    format!(
        "[rule]\nname = {name:?}\nrule_id = {id:?}\n{EQL}\ndescription = \"-\"\n\
         author = [\"-\"]\nseverity = \"low\"\nrisk_score = 1\nindex = [\"*\"]\nquery = '''{query}'''\n"
    )
}

/// The file as another rule that looks for other texts; none if it does not compile that way.
fn altered(file: &RuleFile, copy: usize) -> Option<RuleFile> {
    let other = RuleFile { full: alter_file(&file.full, copy)?, lean: alter_file(&file.lean, copy)? };
    let options = ruleset::Options { schema: schema::builtin(), strict: false };
    let files = [("copy.toml".to_owned(), other.full.clone().into_bytes())];
    (!ruleset::load(files, &options).has_errors()).then_some(other)
}

fn alter_file(text: &str, copy: usize) -> Option<String> {
    let id = text.find("rule_id")? + text[text.find("rule_id")?..].find('"')? + 1;
    let query = text.find("\nquery")?;
    let quotes = ["'''", "\"\"\"", "\"", "'"];
    let opened = query + text[query..].find(['\'', '"'])?;
    let quote = quotes.into_iter().find(|quote| text[opened..].starts_with(quote))?;
    let start = opened + quote.len();
    let end = start + text[start..].find(quote)?;
    // The copy has a query of its own, and an id.
    let (before, query, after) = (&text[..start], &text[start..end], &text[end..]);
    let query = alter_query(query, copy);
    let renamed = |part: &str, from: usize| {
        let local = id.checked_sub(from)?;
        let digits = part.get(local..local + 8)?;
        let number = u32::from_str_radix(digits, 16).ok()?.wrapping_add(copy as u32);
        Some(format!("{}{number:08x}{}", &part[..local], &part[local + 8..]))
    };
    if id < start {
        Some(format!("{}{query}{after}", renamed(before, 0)?))
    } else {
        Some(format!("{before}{query}{}", renamed(after, end)?))
    }
}

/// The query with a letter put into the longest word of each text, so that what is rare in events stays rare. What
/// nearly every rule asks for stays as it is.
fn alter_query(query: &str, copy: usize) -> String {
    let mut out = String::with_capacity(query.len() + 64);
    let mut field = "";
    let mut rest = query;
    while let Some(at) = rest.find(|c: char| c == '"' || c.is_alphanumeric() || c == '_' || c == '@') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix('"') {
            let Some(end) = closing_quote(behind) else { break };
            out.push('"');
            let common = ["event.", "host.", "data_stream."].iter().any(|prefix| field.starts_with(prefix));
            if common {
                out.push_str(&behind[..end]);
            } else {
                out.push_str(&other(&behind[..end], copy));
            }
            out.push('"');
            rest = &behind[end + 1..];
        } else {
            let is_word = |c: char| c.is_alphanumeric() || "_@.".contains(c);
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            if word.contains('.') {
                field = word;
            }
            out.push_str(word);
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

fn other(text: &str, copy: usize) -> String {
    let word = text.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|word| word.len()).unwrap_or(text);
    if word.len() <= 4 {
        return text.to_owned();
    }
    let at = word.as_ptr() as usize - text.as_ptr() as usize + word.len() / 2;
    let letter = char::from(b'a' + (copy % 26) as u8);
    format!("{}{letter}{}", &text[..at], &text[at..])
}
