//! Clauses with a field and a value: `term`, `terms`, `match` and its relatives.

use super::super::super::ast::{FieldName, Literal, LiteralKind, Text};
use super::super::Check;
use super::super::fields::{Known, Target};
use super::{NO_EFFECT, Reader, entries, list, scalar, text};
use crate::check::{all, any};
use crate::condition::{Condition, Test};
use crate::file::{Entry, Node, NodeKind};
use crate::meaning::words::{lower_case, words};
use crate::span::Span;

/// The field of a clause with its value and the settings beside that.
pub(super) struct FieldClause<'n> {
    pub(super) name: &'n Entry,
    pub(super) value: &'n Node,
    pub(super) settings: Vec<&'n Entry>,
}

impl Reader<'_> {
    /// Reads `{ field: value }` or `{ field: { key: value, .. } }`, where `keys` are the names that the value may have.
    pub(super) fn field_clause<'n>(&mut self, clause: &'n Entry, keys: &[&str]) -> Check<FieldClause<'n>> {
        let mut fields = entries(&clause.value).iter();
        let (Some(name), None) = (fields.next(), fields.next()) else {
            return Err(self.malformed(clause.key_span, format!("`{}` has one field", clause.key)));
        };
        if !matches!(name.value.kind, NodeKind::Table(_)) {
            return Ok(FieldClause { name, value: &name.value, settings: Vec::new() });
        }
        let (values, settings): (Vec<_>, Vec<_>) =
            entries(&name.value).iter().partition(|entry| keys.contains(&&*entry.key));
        let Some(value) = values.first() else {
            let message = format!("`{}` has no `{}`", clause.key, keys[0]);
            return Err(self.malformed(name.key_span, message));
        };
        let heard = |entry: &&Entry| !NO_EFFECT.contains(&&*entry.key);
        Ok(FieldClause { name, value: &value.value, settings: settings.into_iter().filter(heard).collect() })
    }

    /// The field of a clause; without regard to case if a setting says so. The other settings are given back.
    pub(super) fn cased<'n>(&mut self, clause: &FieldClause<'n>) -> Check<(Target, Vec<&'n Entry>)> {
        let mut target = self.target(&clause.name.key, clause.name.key_span)?;
        let mut others = Vec::new();
        for setting in &clause.settings {
            match (&*setting.key, &setting.value.kind) {
                ("case_insensitive", NodeKind::Bool(fold)) => {
                    if let (Target::One(known), true) = (&mut target, *fold) {
                        known.caseless = true;
                    }
                }
                _ => others.push(*setting),
            }
        }
        Ok((target, others))
    }

    pub(super) fn term_clause(&mut self, clause: &Entry) -> Check<Condition> {
        let field = self.field_clause(clause, &["value"])?;
        let (target, others) = self.cased(&field)?;
        match others.first() {
            Some(setting) => Err(self.not_applied(setting, "term")),
            None => self.term(&target, field.value),
        }
    }

    pub(super) fn terms(&mut self, clause: &Entry) -> Check<Condition> {
        let mut fields = entries(&clause.value).iter().filter(|entry| !NO_EFFECT.contains(&&*entry.key));
        let (Some(name), None) = (fields.next(), fields.next()) else {
            return Err(self.malformed(clause.key_span, "`terms` has one field with a list of values"));
        };
        let Some(values) = list(&name.value) else {
            if matches!(name.value.kind, NodeKind::Table(_)) {
                return Err(self.unsupported(name.key_span, "`terms` of another document are not looked up"));
            }
            return Err(self.malformed(name.value.span, "`terms` has one field with a list of values"));
        };
        let target = self.target(&name.key, name.key_span)?;
        if matches!(&target, Target::One(known) if known.words) {
            return values.iter().map(|value| self.term(&target, value)).collect::<Check<Vec<_>>>().map(any);
        }
        let literals = values.iter().map(|value| self.literal(value)).collect::<Check<Vec<_>>>()?;
        let literals: Vec<_> = literals.iter().collect();
        self.checker.one_of(&target, &literals, self.at(name.key_span))
    }

    /// A whole value; of analysed fields, a whole word as it is.
    fn term(&mut self, target: &Target, value: &Node) -> Check<Condition> {
        let literal = self.literal(value)?;
        match target {
            Target::One(known) if known.words => {
                let word = scalar(value).unwrap_or_default();
                let word = if known.caseless { lower_case(&word) } else { word };
                let test = Test::Word { field: known.field.clone(), patterns: vec![vec![word]] };
                Ok(self.leaf(test, value.span))
            }
            _ => self.checker.one_of(target, &[&literal], self.at(value.span)),
        }
    }

    /// `match`, `match_phrase` and `match_phrase_prefix`.
    pub(super) fn match_clause(&mut self, clause: &Entry) -> Check<Condition> {
        let field = self.field_clause(clause, &["query"])?;
        let target = self.target(&field.name.key, field.name.key_span)?;
        let how = match &*clause.key {
            "match" => How::Any,
            "match_phrase" => How::Phrase,
            _ => How::Prefix,
        };
        let how = self.how(how, &field.settings, &clause.key, &target, field.value)?;
        self.matches(&target, field.value, how)
    }

    /// How the words of a value have to match, as settings say.
    fn how(
        &mut self,
        mut how: How,
        settings: &[&Entry],
        clause: &str,
        target: &Target,
        value: &Node,
    ) -> Check<How> {
        let single = match target {
            Target::One(known) => !known.words,
            Target::Pattern(..) => false,
            Target::Nothing => true,
        } || words(&scalar(value).unwrap_or_default()).len() < 2;
        for setting in settings {
            match (&*setting.key, &*scalar(&setting.value).unwrap_or_default()) {
                ("operator", word) if how == How::Any && word.eq_ignore_ascii_case("and") => how = How::All,
                ("operator", word) if word.eq_ignore_ascii_case("or") => {}
                ("type", "phrase") => how = How::Phrase,
                ("type", "boolean") if clause == "match" => {}
                ("zero_terms_query", word) if word.eq_ignore_ascii_case("none") => {}
                // The distance of words; one alone has none.
                ("slop", _) if single => {}
                ("slop" | "fuzziness", "0") => {}
                _ => return Err(self.not_applied(setting, clause)),
            }
        }
        Ok(how)
    }

    fn matches(&mut self, target: &Target, value: &Node, how: How) -> Check<Condition> {
        let mut literal = self.literal(value)?;
        let LiteralKind::Text(Text::Quoted(written)) = &literal.kind else {
            return self.checker.one_of(target, &[&literal], self.at(value.span));
        };
        let written = written.clone();
        match how {
            How::Phrase => {}
            How::Any => literal.kind = LiteralKind::Text(Text::Plain(written)),
            How::All => return self.all_words(target, &written, value.span),
            How::Prefix => return self.phrase_prefix(target, &written, value.span),
        }
        self.checker.one_of(target, &[&literal], self.at(value.span))
    }

    /// Every word of a text, wherever it stands; of fields that are not analysed, the whole text.
    pub(super) fn all_words(&mut self, target: &Target, written: &str, span: Span) -> Check<Condition> {
        let literal = |text: String| Literal { kind: LiteralKind::Text(Text::Quoted(text)), span };
        let (Target::One(Known { words: true, .. }) | Target::Pattern(..)) = target else {
            return self.checker.one_of(target, &[&literal(written.to_owned())], self.at(span));
        };
        let found = words(written);
        if found.is_empty() {
            return self.checker.one_of(target, &[&literal(written.to_owned())], self.at(span));
        }
        let each =
            found.into_iter().map(|word| self.checker.one_of(target, &[&literal(word)], self.at(span)));
        each.collect::<Check<Vec<_>>>().map(all)
    }

    /// The words of a text in a row, the last of them the beginning of a word.
    fn phrase_prefix(&mut self, target: &Target, written: &str, span: Span) -> Check<Condition> {
        let known = match target {
            Target::One(known) if known.words => known,
            Target::Nothing => return Ok(Condition::Const(false)),
            _ => {
                let what = "`match_phrase_prefix` is for fields of text, and this is none";
                return Err(self.unsupported(span, what));
            }
        };
        let mut phrase = words(written);
        let Some(last) = phrase.pop() else {
            // Tells that there is no word.
            let literal = Literal { kind: LiteralKind::Text(Text::Quoted(written.to_owned())), span };
            return self.checker.one_of(target, &[&literal], self.at(span));
        };
        let field = known.field.clone();
        let test = if phrase.is_empty() {
            Test::Word { field, patterns: vec![vec![last, String::new()]] }
        } else {
            phrase.push(last + "*");
            Test::Phrase { field, phrases: vec![phrase] }
        };
        Ok(self.leaf(test, span))
    }

    /// The same text in several fields, or in all of them.
    pub(super) fn multi_match(&mut self, clause: &Entry) -> Check<Condition> {
        let (mut value, mut names, mut how, mut settings) = (None, None, How::Any, Vec::new());
        for entry in entries(&clause.value) {
            match (&*entry.key, text(&entry.value)) {
                ("query", _) => value = Some(&entry.value),
                ("fields", _) => names = list(&entry.value),
                ("type", Some("best_fields" | "most_fields")) => {}
                ("type", Some("phrase")) => how = How::Phrase,
                ("type", Some("phrase_prefix")) => how = How::Prefix,
                (key, _) if NO_EFFECT.contains(&key) => {}
                _ => settings.push(entry),
            }
        }
        let Some(value) = value else {
            return Err(self.malformed(clause.key_span, "`multi_match` has no `query`"));
        };
        let targets = self.targets(names, clause.key_span)?;
        let each = targets.iter().map(|target| {
            let how = self.how(how, &settings, &clause.key, target, value)?;
            self.matches(target, value, how)
        });
        each.collect::<Check<Vec<_>>>().map(any)
    }

    /// The fields of a list of names, of which `*` and none at all are every field.
    pub(super) fn targets(&mut self, names: Option<&[Node]>, span: Span) -> Check<Vec<Target>> {
        let everything = || Target::words_of(vec![String::new(), String::new()]);
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            if self.checker.scope.is_empty() {
                return Ok(vec![everything()]);
            }
            return Err(self.unsupported(span, "inside `nested` this clause needs `fields`"));
        };
        let mut targets = Vec::new();
        for name in names {
            let Some(path) = text(name) else {
                return Err(self.malformed(name.span, "the name of a field must be text"));
            };
            // A weight plays no part.
            let path = path.split('^').next().unwrap_or(path);
            targets.push(match path {
                "*" if self.checker.scope.is_empty() => everything(),
                path => self.named(path, name.span)?,
            });
        }
        Ok(targets)
    }

    /// The field, or the fields, that a name with wildcards stands for.
    pub(super) fn named(&mut self, name: &str, span: Span) -> Check<Target> {
        if !name.contains('*') {
            return self.target(name, span);
        }
        let name = self.relative(name, span)?;
        let parts = name.split('*').map(str::to_owned).collect();
        self.checker.target(&FieldName { text: Text::Pattern(parts), span })
    }
}

/// How the words of a value have to match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// One of them.
    Any,
    /// All of them.
    All,
    /// All in a row.
    Phrase,
    /// All in a row, the last one cut short.
    Prefix,
}
