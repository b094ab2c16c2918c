//! Every event of the corpus is read, and each path has the values that a plain walk over the JSON value finds.

#![allow(clippy::print_stdout, reason = "says when it skipped")]

use std::collections::BTreeMap;

use kiln_test_support::corpus;
use rule_lang::meaning::{Event, Scalar};
use serde_json::Value;

/// All scalars by path, names joined with dots.
fn flatten(value: &Value, path: &str, scalars: &mut BTreeMap<String, Vec<String>>) {
    let text = match value {
        Value::Null => return,
        Value::Array(elements) => return elements.iter().for_each(|element| flatten(element, path, scalars)),
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, &path, scalars);
            }
            return;
        }
        Value::Bool(value) => value.to_string(),
        // `serde_json` writes exponents its own way; that numbers keep their text is tested elsewhere.
        Value::Number(value) => value.to_string().replace("e+", "e"),
        Value::String(text) => text.clone(),
    };
    scalars.entry(path.to_owned()).or_default().push(text);
}

fn text(scalar: Scalar<'_>) -> String {
    match scalar {
        Scalar::Number(number) => number.to_lowercase().replace("e+", "e"),
        other => other.text().to_owned(),
    }
}

#[test]
fn values_of_real_events() {
    let Some(files) = corpus::event_files() else {
        println!("skipped: the corpus is not there");
        return;
    };
    let mut count = 0;
    for file in files {
        // Some files are large and their events alike.
        for line in corpus::events(&file).take(40) {
            count += 1;
            let event = Event::from_json(&line).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let mut expected = BTreeMap::new();
            flatten(&serde_json::from_str(&line).unwrap(), "", &mut expected);
            for (path, mut texts) in expected {
                let mut values: Vec<_> = event.values(&path).into_iter().map(text).collect();
                // A walk by names meets `a.b` and `a: {b}` in another order.
                values.sort_unstable();
                texts.sort_unstable();
                assert_eq!(values, texts, "{path} in {line}");
            }
        }
    }
    assert!(count > 1000, "{count}");
}
