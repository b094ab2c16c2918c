//! The fields everyone has: the Elastic Common Schema, Elastic Endpoint, and integrations that rules are written for.
//!
//! `fields.txt` is a table of names and types. `tests/schema_table.rs` makes it from published schemas and says how.

use std::sync::{Arc, LazyLock};

use super::{FieldType, Schema};

static TABLE: &str = include_str!("fields.txt");

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| read(TABLE));

/// The built-in fields, as an open schema; read once.
///
/// ```
/// use rule_lang::schema::{self, FieldType};
/// let schema = schema::builtin();
/// let name = schema.get("process.name.caseless").unwrap();
/// assert_eq!((name.ty, &*name.source, name.caseless), (FieldType::Keyword, "process.name", true));
/// assert!(schema.get("process.args").unwrap().array);
/// ```
pub fn builtin() -> &'static Schema {
    &SCHEMA
}

/// Reads lines of `prefix type names`: `-` is no prefix, `type[]` fields hold several values, `^type` fields have the
/// values of their path without the last name. What does not fit is left out; a test compares the table as a whole.
fn read(table: &str) -> Schema {
    let mut schema = Schema::open();
    let mut path = String::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (Some(prefix), Some(type_word)) = (words.next(), words.next()) else { continue };
        let (type_word, multi_field) =
            type_word.strip_prefix('^').map_or((type_word, false), |ty| (ty, true));
        let (type_name, array) = type_word.strip_suffix("[]").map_or((type_word, false), |ty| (ty, true));
        let Some(ty) = FieldType::from_name(type_name) else { continue };
        let type_name: Arc<str> = type_name.into();
        for name in words {
            path.clear();
            if prefix != "-" {
                path.push_str(prefix);
                path.push('.');
            }
            path.push_str(name);
            schema.add_named(&path, ty, &type_name, array, multi_field);
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let names: usize = lines.map(|line| line.split(' ').count() - 2).sum();
        assert_eq!(builtin().iter().count(), names);
        assert!(names > 4_000);
    }

    #[test]
    fn the_table_stays_small() {
        assert!(TABLE.len() < 150_000, "{} bytes", TABLE.len());
    }

    #[test]
    fn some_fields() {
        for (path, ty, array) in [
            ("@timestamp", FieldType::Date, false),
            ("event.category", FieldType::Keyword, true),
            ("process.pid", FieldType::Long, false),
            ("source.ip", FieldType::Ip, false),
            ("process.command_line.text", FieldType::Text, false),
            ("process.code_signature.trusted", FieldType::Boolean, false),
            ("process.Ext.token.integrity_level_name", FieldType::Keyword, false),
            ("winlog.event_data.SubjectUserName", FieldType::Keyword, false),
        ] {
            let info = builtin().get(path).expect(path);
            assert_eq!((info.ty, info.array), (ty, array), "{path}");
        }
        assert_eq!(&*builtin().get("process.command_line.text").unwrap().source, "process.command_line");
    }
}
