//! CSV as RFC 4180 describes it.
//!
//! In: a text whose first line names fields. Out: an object as JSON for each further record; empty cells are left out.

use serde_json::{Map, Value};

/// The records of a text, each with the number of its line.
pub(super) fn objects(text: &str) -> Vec<(u64, String)> {
    let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(text)).into_iter();
    let Some((_, names)) = records.next() else { return Vec::new() };
    let object = |(line, cells): (u64, Vec<String>)| {
        let pairs = names.iter().map(|name| name.trim().to_owned()).zip(cells);
        let cells: Map<String, Value> = pairs
            .filter(|(name, cell)| !name.is_empty() && !cell.is_empty())
            .map(|(n, c)| (n, c.into()))
            .collect();
        (!cells.is_empty()).then(|| (line, Value::Object(cells).to_string()))
    };
    records.filter_map(object).collect()
}

/// Quotes hold commas, line ends and doubled quotes together.
fn records(text: &str) -> Vec<(u64, Vec<String>)> {
    let mut records = Vec::new();
    let (mut line, mut start) = (1, 1);
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        line += u64::from(character == '\n');
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                records.push((start, std::mem::take(&mut cells)));
                start = line;
            }
            other => cell.push(other),
        }
    }
    if !cells.is_empty() || !cell.is_empty() {
        cells.push(cell);
        records.push((start, cells));
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_be_quoted() {
        let text = "\u{feff}a,b.c, d\r\n1,\"x, \"\"y\"\"\nz\",\n\n,,\n2,,3";
        let expected = [(2, r#"{"a":"1","b.c":"x, \"y\"\nz"}"#), (6, r#"{"a":"2","d":"3"}"#)];
        let found = objects(text);
        let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_header_alone_is_nothing() {
        assert!(objects("").is_empty() && objects("a,b\n").is_empty());
    }
}
