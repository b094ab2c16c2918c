//! Fields that a project adds, from a text of its own.

use std::sync::Arc;

use super::{FieldType, Schema};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, SourceFile};
use crate::span::Span;
use crate::suggest::nearest;

/// Adds the fields of `source` to `schema`, one `path type` a line, and tells which lines cannot be read.
///
/// Types are Elasticsearch's (`keyword`, `long`, `ip` ..); `type[]` says that a field holds several values. Empty lines
/// and what follows a `#` count for nothing. A field below one that holds values is a multi-field and has its values.
/// `path alias other.path` gives a field the values and the type of another that stands above it. A field that the schema
/// has already is replaced.
///
/// ```
/// use rule_lang::schema::{self, FieldType, Schema};
/// use rule_lang::source::{FileId, SourceFile};
///
/// let source = SourceFile::new("fields.txt", "# ours\nacme.badge.id keyword\nacme.doors long[]\nacme.x keywrd\n");
/// let mut schema = Schema::open();
/// let found = schema::parse_fields(&source, FileId(0), &mut schema);
/// assert_eq!(schema.get("acme.badge.id").unwrap().ty, FieldType::Keyword);
/// assert!(schema.get("acme.doors").unwrap().array);
/// assert_eq!(found[0].message, "unknown field type `keywrd`");
/// assert_eq!(source.location(found[0].primary.span.start).line, 4);
/// ```
pub fn parse_fields(source: &SourceFile, file: FileId, schema: &mut Schema) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for number in 1..=source.line_count() {
        let Some(span) = source.line_span(number) else { continue };
        let line = source.text()[span.range()].split('#').next().unwrap_or_default();
        let words: Vec<(&str, Span)> = words(line, span.start);
        match words[..] {
            [] => {}
            [path, ty] => findings.extend(add(schema, path, ty, file)),
            [path, ("alias", _), target] => findings.extend(add_alias(schema, path, target, file)),
            [(_, first), .., (_, last)] | [(_, first @ last)] => {
                let message = "a line gives the path of a field and its type";
                let finding = Diagnostic::error(codes::file::FIELD_LINE, file, first.to(last), message)
                    .help("such as `process.name keyword` or `process.args keyword[]`");
                findings.push(finding);
            }
        }
    }
    findings
}

fn add_alias(
    schema: &mut Schema,
    (path, _): (&str, Span),
    (target, target_span): (&str, Span),
    file: FileId,
) -> Option<Diagnostic> {
    if let Some(info) = schema.get(target).cloned() {
        schema.insert(path, info);
        return None;
    }
    let message = format!("the field `{target}` is not known here");
    let finding = Diagnostic::error(codes::file::FIELD_LINE, file, target_span, message);
    Some(match schema.suggest(target) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(target_span, near),
        None => finding.help("an alias stands below the field it stands for"),
    })
}

/// The words of a line that starts at byte `start`.
fn words(line: &str, start: u32) -> Vec<(&str, Span)> {
    let offset = |word: &str| (word.as_ptr() as usize - line.as_ptr() as usize) as u32;
    let span = |word: &str| Span::new(start + offset(word), start + offset(word) + word.len() as u32);
    line.split_whitespace().map(|word| (word, span(word))).collect()
}

fn add(
    schema: &mut Schema,
    (path, path_span): (&str, Span),
    (ty, ty_span): (&str, Span),
    file: FileId,
) -> Option<Diagnostic> {
    if path.split('.').any(str::is_empty) {
        let message = format!("`{path}` is not the path of a field");
        let finding = Diagnostic::error(codes::file::FIELD_LINE, file, path_span, message);
        return Some(finding.help("a path is names with points between them"));
    }
    let (type_name, array) = ty.strip_suffix("[]").map_or((ty, false), |ty| (ty, true));
    let Some(known) = FieldType::from_name(type_name) else {
        let message = format!("unknown field type `{type_name}`");
        let finding = Diagnostic::error(codes::file::FIELD_TYPE, file, ty_span, message);
        let names = FieldType::NAMES.iter().map(|&(name, _)| name);
        let span = Span::new(ty_span.start, ty_span.start + type_name.len() as u32);
        return Some(match nearest(type_name, names) {
            Some(name) => finding.help(format!("did you mean `{name}`?")).suggest(span, name),
            None => {
                finding.help("types are those of Elasticsearch mappings, such as `keyword`, `long` or `ip`")
            }
        });
    };
    let parent = path.rsplit_once('.').and_then(|(parent, _)| schema.get(parent));
    // Anything may stand below a flattened field, and none of it shares its values.
    let multi_field = parent.is_some_and(|info| info.ty.holds_values() && &*info.type_name != "flattened");
    schema.add_named(path, known, &Arc::from(type_name), array, multi_field);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Schema, Vec<Diagnostic>) {
        let mut schema = Schema::open();
        let findings = parse_fields(&SourceFile::new("f.txt", text), FileId(0), &mut schema);
        (schema, findings)
    }

    #[test]
    fn spaces_tabs_comments_and_crlf() {
        let (schema, findings) = parse("\u{20} a.b\tkeyword # why\r\n\r\n# c\r\nc long");
        assert_eq!(findings, []);
        assert_eq!(schema.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["a.b", "c"]);
    }

    #[test]
    fn fields_below_values_are_multi_fields() {
        let (schema, _) =
            parse("a keyword\na.caseless keyword\nb object\nb.caseless keyword\nc flattened\nc.d keyword\n");
        let caseless = schema.get("a.caseless").unwrap();
        assert_eq!((&*caseless.source, caseless.caseless), ("a", true));
        let own = schema.get("b.caseless").unwrap();
        assert_eq!((&*own.source, own.caseless), ("b.caseless", false));
        assert_eq!(&*schema.get("c.d").unwrap().source, "c.d");
    }

    #[test]
    fn an_alias_has_the_values_of_its_target() {
        let (schema, findings) =
            parse("event_type keyword\nevent.category alias event_type\nx alias evnt_type\n");
        assert_eq!(&*schema.get("event.category").unwrap().source, "event_type");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].suggestion.as_ref().unwrap().replacement, "event_type");
    }

    #[test]
    fn every_bad_line_is_told_with_its_place() {
        let text = "a keyword\nb\nc long extra\n.d ip\ne string\nf lnog[]\n";
        let (schema, findings) = parse(text);
        let marked: Vec<&str> = findings.iter().map(|found| &text[found.primary.span.range()]).collect();
        assert_eq!(marked, ["b", "c long extra", ".d", "string", "lnog[]"]);
        let suggestion = findings[4].suggestion.as_ref().unwrap();
        assert_eq!((&text[suggestion.span.range()], &*suggestion.replacement), ("lnog", "long"));
        assert_eq!(schema.iter().count(), 1);
    }
}
