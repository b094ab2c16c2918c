//! Join keys: the values by which events of a sequence or sample belong together.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use crate::condition::Key;
use crate::eql::ast::Number;
use crate::schema::FieldType;

use super::date::Nanos;
use super::event::{Event, Scalar};
use super::{address, date, number};

/// One part of a join key. Equality is exact; the order is null, booleans, numbers, times, addresses, text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyValue {
    /// An optional field without a value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number by its value: `1` and `1.0` are one key.
    Number(KeyNumber),
    /// A time in nanoseconds since 1970.
    Date(Nanos),
    /// An address; IPv4 ones mapped to IPv6.
    Address(u128),
    /// Text.
    Text(String),
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyValue::Null => f.write_str("null"),
            KeyValue::Bool(value) => value.fmt(f),
            KeyValue::Number(value) => f.write_str(&number::text(value.0)),
            KeyValue::Date(nanos) => f.write_str(&date::text(*nanos)),
            KeyValue::Address(value) => f.write_str(&address::text(*value)),
            KeyValue::Text(text) => f.write_str(text),
        }
    }
}

/// A number that is equal to others of the same value.
#[derive(Clone, Copy, Debug)]
pub struct KeyNumber(pub Number);

impl PartialEq for KeyNumber {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for KeyNumber {}

impl PartialOrd for KeyNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole doubles are made integers when a key is read, so a double never meets an integer of its value, and
        // the order by value is total.
        number::compare(self.0, other.0, true)
            .then_with(|| number::integer(self.0).is_some().cmp(&number::integer(other.0).is_some()))
    }
}

/// All join keys of an event: the product of the values of the parts, each combination once, in order. Empty if a
/// part that is not optional has no value.
pub(crate) fn of_event(keys: &[Key], event: &Event) -> BTreeSet<Vec<KeyValue>> {
    let mut tuples = BTreeSet::from([Vec::new()]);
    for key in keys {
        let values = part(key, event);
        tuples = tuples
            .iter()
            .flat_map(|tuple| {
                values.iter().map(move |value| [tuple.as_slice(), std::slice::from_ref(value)].concat())
            })
            .collect();
    }
    tuples
}

fn part(key: &Key, event: &Event) -> BTreeSet<KeyValue> {
    let mut values = BTreeSet::new();
    if let Some(field) = &key.field {
        values.extend(event.values(&field.path).into_iter().filter_map(|scalar| value(scalar, field.ty)));
    }
    if values.is_empty() && (key.optional || key.field.is_none()) {
        values.insert(KeyValue::Null);
    }
    values
}

/// A value that does not fit the type of its field is no key.
fn value(scalar: Scalar<'_>, ty: FieldType) -> Option<KeyValue> {
    match (ty, scalar) {
        (FieldType::Date, _) => date::of_scalar(scalar).map(KeyValue::Date),
        (FieldType::Ip, _) => address::parse(scalar.text()).map(KeyValue::Address),
        (FieldType::Boolean | FieldType::Unknown, Scalar::Bool(value)) => Some(KeyValue::Bool(value)),
        (FieldType::Boolean, _) => scalar.text().parse().ok().map(KeyValue::Bool),
        (FieldType::Long | FieldType::Double, _) | (FieldType::Unknown, Scalar::Number(_)) => {
            number::parse_decimal(scalar.text()).map(|n| KeyValue::Number(KeyNumber(number::whole(n))))
        }
        _ => Some(KeyValue::Text(scalar.text().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Field;

    fn keys(parts: &[(&str, FieldType, bool)], json: &str) -> Vec<String> {
        let keys: Vec<_> = parts
            .iter()
            .map(|(path, ty, optional)| Key {
                field: Some(Field { path: (*path).into(), ty: *ty }),
                optional: *optional,
                path: (*path).into(),
            })
            .collect();
        let event = Event::from_json(json).unwrap();
        let text =
            |tuple: &Vec<KeyValue>| tuple.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        of_event(&keys, &event).iter().map(text).collect()
    }

    #[test]
    fn several_values_make_the_product() {
        let unknown = FieldType::Unknown;
        let json = r#"{"a":["x","y","x",null],"b":[2,1.0,1]}"#;
        assert_eq!(keys(&[("a", unknown, false), ("b", unknown, false)], json), ["x 1", "x 2", "y 1", "y 2"]);
    }

    #[test]
    fn missing_values_are_null_only_where_optional() {
        let unknown = FieldType::Unknown;
        assert!(keys(&[("a", unknown, false)], r#"{"a":[null]}"#).is_empty());
        assert_eq!(keys(&[("a", unknown, true), ("b", unknown, false)], r#"{"b":"x"}"#), ["null x"]);
        assert_eq!(keys(&[], "{}"), [""]);
    }

    #[test]
    fn types_decide_what_is_equal() {
        assert_eq!(keys(&[("a", FieldType::Long, false)], r#"{"a":["5",5,5.0,"x"]}"#), ["5"]);
        assert_eq!(keys(&[("a", FieldType::Unknown, false)], r#"{"a":["5",5]}"#), ["5", "5"]);
        assert_eq!(keys(&[("a", FieldType::Keyword, false)], r#"{"a":["5",5,true]}"#), ["5", "true"]);
        let date = [("a", FieldType::Date, false)];
        assert_eq!(keys(&date, r#"{"a":["1970-01-01T01:00:00+01:00",0]}"#), ["1970-01-01T00:00:00.000Z"]);
        assert_eq!(
            keys(&[("a", FieldType::Ip, false)], r#"{"a":["::ffff:1.2.3.4","1.2.3.4"]}"#),
            ["1.2.3.4"]
        );
    }
}
