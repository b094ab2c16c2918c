//! Values whose shape is someone else's business (`filters`, `meta`, `[transform]`), as JSON.

use serde_json::{Map, Number, Value};

use super::{Node, NodeKind};

impl Node {
    /// The value as JSON. Dates become text; numbers that JSON cannot write become null.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Integer(value) => Value::Number(Number::from(*value)),
            NodeKind::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            NodeKind::Text { value, .. } | NodeKind::Date(value) => Value::String(value.clone()),
            NodeKind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            NodeKind::Table(entries) => {
                let members = entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}
