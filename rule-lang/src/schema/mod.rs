//! Which fields events have and what types they are.
//!
//! In: a path. Out: its type, whether it is known to hold one value only, and the nearest known name for a misspelt
//! one. An *open* schema lets unknown fields pass (real events carry more than any schema lists); a *closed* one is an
//! Elasticsearch mapping, where an unknown field is an error and an unknown `?field` is the constant null.

mod builtin;
mod lines;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::builtin::builtin;
pub use self::lines::parse_fields;
use crate::suggest::nearest;

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

impl FieldType {
    /// The type that Elasticsearch calls `name`; `None` if it knows no such type.
    ///
    /// ```
    /// use rule_lang::schema::FieldType;
    /// assert_eq!(FieldType::from_name("wildcard"), Some(FieldType::Keyword));
    /// assert_eq!(FieldType::from_name("geo_point"), Some(FieldType::Unsupported));
    /// assert_eq!(FieldType::from_name("string"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, ty)| ty)
    }

    /// Elasticsearch's names of types.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("keyword", Self::Keyword),
        ("wildcard", Self::Keyword),
        ("constant_keyword", Self::Keyword),
        ("flattened", Self::Keyword),
        ("text", Self::Text),
        ("match_only_text", Self::Text),
        ("long", Self::Long),
        ("integer", Self::Long),
        ("short", Self::Long),
        ("byte", Self::Long),
        ("unsigned_long", Self::Long),
        ("double", Self::Double),
        ("float", Self::Double),
        ("half_float", Self::Double),
        ("scaled_float", Self::Double),
        ("boolean", Self::Boolean),
        ("ip", Self::Ip),
        ("date", Self::Date),
        ("date_nanos", Self::Date),
        ("version", Self::Version),
        ("nested", Self::Nested),
        ("object", Self::Unsupported),
        ("binary", Self::Unsupported),
        ("geo_point", Self::Unsupported),
        ("geo_shape", Self::Unsupported),
        ("point", Self::Unsupported),
        ("shape", Self::Unsupported),
        ("histogram", Self::Unsupported),
        ("aggregate_metric_double", Self::Unsupported),
        ("integer_range", Self::Unsupported),
        ("long_range", Self::Unsupported),
        ("float_range", Self::Unsupported),
        ("double_range", Self::Unsupported),
        ("date_range", Self::Unsupported),
        ("ip_range", Self::Unsupported),
        ("completion", Self::Unsupported),
        ("token_count", Self::Unsupported),
        ("dense_vector", Self::Unsupported),
        ("rank_feature", Self::Unsupported),
        ("join", Self::Unsupported),
    ];

    /// Whether fields of the type hold values, so that a field below one can only be a multi-field of it.
    fn holds_values(self) -> bool {
        !matches!(self, Self::Nested | Self::Unsupported | Self::Unknown)
    }
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// From now on, fields that are not known do not exist.
    pub fn close(&mut self) {
        self.closed = true;
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

    /// The known path nearest to a misspelt one.
    ///
    /// ```
    /// use rule_lang::schema;
    /// assert_eq!(schema::builtin().suggest("process.paren.name"), Some("process.parent.name"));
    /// assert_eq!(schema::builtin().suggest("my.own.field"), None);
    /// ```
    pub fn suggest(&self, path: &str) -> Option<&str> {
        nearest(path, self.fields.keys().map(|known| &**known))
    }

    /// Adds or replaces a field of the type called `type_name`. With `multi_field` it has the values of the field that
    /// its path without the last name is.
    fn add_named(&mut self, path: &str, ty: FieldType, type_name: &Arc<str>, array: bool, multi_field: bool) {
        let path: Arc<str> = path.into();
        let parent = path.rsplit_once('.').filter(|_| multi_field).map(|(parent, _)| parent);
        let caseless = parent.is_some() && path.ends_with(".caseless");
        let source = parent.map_or_else(|| path.clone(), Arc::from);
        let info = FieldInfo { ty, type_name: type_name.clone(), array, source, caseless };
        self.fields.insert(path, info);
    }

    /// All fields in order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldInfo)> {
        self.fields.iter().map(|(path, info)| (&**path, info))
    }
}
