//! Reading fields of parsed TOML. Test data is ours to get right, so what is wrong with it panics with its place.

use toml::{Table, Value};

pub(crate) fn parse(text: &str, place: &str) -> Table {
    text.parse().unwrap_or_else(|error| panic!("{place}: {error}"))
}

pub(crate) fn tables<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    array(table, key).iter().map(|value| value.as_table().expect("a table")).collect()
}

pub(crate) fn array<'t>(table: &'t Table, key: &str) -> &'t [Value] {
    table.get(key).map_or(&[], |value| value.as_array().unwrap_or_else(|| panic!("{key} must be an array")))
}

pub(crate) fn text<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key).map(|value| value.as_str().unwrap_or_else(|| panic!("{key} must be a string")))
}

pub(crate) fn count(table: &Table, key: &str, default: usize) -> usize {
    table.get(key).map_or(default, |value| {
        let count = value.as_integer().and_then(|n| usize::try_from(n).ok());
        count.unwrap_or_else(|| panic!("{key} must be a number"))
    })
}

pub(crate) fn strings(values: &[Value]) -> Vec<String> {
    values.iter().map(|value| value.as_str().expect("a string").to_owned()).collect()
}
