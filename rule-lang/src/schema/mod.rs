//! Which fields events have and what types they are.
//!
//! In: a path. Out: its type, whether it is known to hold one value only, and the nearest known name for a misspelt
//! one. An *open* schema lets unknown fields pass (real events carry more than any schema lists); a *closed* one is an
//! Elasticsearch mapping, where an unknown field is an error and an unknown `?field` is the constant null.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How the values of a field are compared. Integers of all widths are `Long`, floats are `Double`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldType {
    /// Exact text: `keyword`, `wildcard`, `constant_keyword`, `flattened`.
    Keyword,
    /// Analysed text without an exact form: `text`, `match_only_text`.
    Text,
    /// An integer.
    Long,
    /// A float.
    Double,
    /// True or false.
    Boolean,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A point in time.
    Date,
    /// A software version, ordered as semantic versions are.
    Version,
    /// Objects that keep their values apart; EQL cannot use such a field.
    Nested,
    /// A type EQL cannot use (`integer_range`, `geo_point`, ..).
    Unsupported,
    /// The schema does not know the field: values are compared as they come.
    Unknown,
}

/// What a schema knows of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// How its values are compared.
    pub ty: FieldType,
    /// The schema's own name of the type, for messages (`integer_range`).
    pub type_name: Arc<str>,
    /// Declared to hold several values. A field that is not may still arrive as an array.
    pub array: bool,
    /// The path whose values the field has: itself, the target of an alias, or the parent of a multi-field
    /// (`process.name.text` has the values of `process.name`).
    pub source: Arc<str>,
    /// A `.caseless` multi-field: values are compared in lower case.
    pub caseless: bool,
}

/// A set of known fields.
///
/// ```
/// use rule_lang::schema::{FieldType, Schema};
/// let mut schema = Schema::closed();
/// schema.add("process.pid", FieldType::Long);
/// assert_eq!(schema.get("process.pid").unwrap().ty, FieldType::Long);
/// assert!(schema.get("process.pit").is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Schema {
    fields: BTreeMap<Arc<str>, FieldInfo>,
    closed: bool,
}

impl Schema {
    /// A schema without fields that lets every field pass.
    pub fn open() -> Self {
        Self::default()
    }

    /// A schema without fields in which every field is unknown.
    pub fn closed() -> Self {
        Self { fields: BTreeMap::new(), closed: true }
    }

    /// Whether unknown fields are errors.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Adds or replaces a single-valued field named as it stands.
    pub fn add(&mut self, path: &str, ty: FieldType) {
        let path: Arc<str> = path.into();
        let type_name = format!("{ty:?}").to_lowercase().into();
        let info = FieldInfo { ty, type_name, array: false, source: path.clone(), caseless: false };
        self.fields.insert(path, info);
    }

    /// Adds or replaces a field.
    pub fn insert(&mut self, path: &str, info: FieldInfo) {
        self.fields.insert(path.into(), info);
    }

    /// What is known of `path`.
    pub fn get(&self, path: &str) -> Option<&FieldInfo> {
        self.fields.get(path)
    }

    /// All fields in order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldInfo)> {
        self.fields.iter().map(|(path, info)| (&**path, info))
    }
}
