//! What several tests need: a slow, obviously right reader on top of `serde_json`, and the corpus.

#![allow(dead_code, unreachable_pub)] // Each test binary uses its own part.

pub mod readers;

use rule_runtime::event::{EventView, Scalar, Slot, SlotTree};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// A JSON value that keeps duplicate keys and the text of numbers.
pub enum Json {
    Nothing,
    Scalar(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(format!("bool {value}")))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(format!("number {value}")))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(format!("number {value}")))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Scalar(format!("text {value}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "$serde_json::private::Number" {
                return Ok(Json::Scalar(number(&map.next_value::<String>()?)));
            }
            entries.push((key, map.next_value()?));
        }
        Ok(Json::Object(entries))
    }
}

/// The values of each path, sorted, as the reference reads them; `None` if the line is no object.
pub fn reference(paths: &[String], line: &[u8]) -> Option<Vec<Vec<String>>> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let json: Json = serde_json::from_slice(line).ok()?;
    let Json::Object(_) = json else { return None };
    let mut found = std::collections::BTreeMap::new();
    flatten(&json, None, &mut found);
    let values = |path: &String| {
        let mut values: Vec<String> = found.get(path).cloned().unwrap_or_default();
        values.sort();
        values
    };
    Some(paths.iter().map(values).collect())
}

fn flatten(json: &Json, path: Option<&str>, found: &mut std::collections::BTreeMap<String, Vec<String>>) {
    match json {
        Json::Nothing => {}
        Json::Scalar(value) => {
            found.entry(path.unwrap_or_default().to_owned()).or_default().push(value.clone());
        }
        Json::Array(values) => values.iter().for_each(|value| flatten(value, path, found)),
        Json::Object(entries) => {
            for (key, value) in entries {
                let below = path.map_or(key.clone(), |path| format!("{path}.{key}"));
                flatten(value, Some(&below), found);
            }
        }
    }
}

/// The values of each slot in the spelling of [`reference`].
pub fn collect(tree: &SlotTree<'_>, view: EventView<'_>) -> Vec<Vec<String>> {
    let slots = 0..tree.slots() as u16;
    slots
        .map(|slot| {
            let mut values: Vec<String> = view.values(Slot(slot)).map(spell).collect();
            assert_eq!(view.has(Slot(slot)), !values.is_empty());
            values.sort();
            values
        })
        .collect()
}

fn spell(scalar: Scalar<'_>) -> String {
    let text = |bytes| std::str::from_utf8(bytes).expect("values are UTF-8");
    match scalar {
        Scalar::Text(bytes) => format!("text {}", text(bytes)),
        Scalar::Number(bytes) => number(text(bytes)),
        Scalar::Bool(value) => format!("bool {value}"),
    }
}

/// `serde_json` rewrites exponents: `1E5` comes out as `1e+5`.
fn number(text: &str) -> String {
    format!("number {}", text.replace('E', "e").replace("e+", "e"))
}

/// The shared test data, when it is there.
#[allow(clippy::print_stderr)] // A skipped test says so.
pub fn shared(below: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let candidates = std::env::var_os("KILN_SHARED")
        .map(PathBuf::from)
        .into_iter()
        .chain([root.join("../shared"), root.join("../../shared")]);
    let found = candidates.map(|shared| shared.join(below)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: no shared test data ({below}); set KILN_SHARED");
    }
    found
}

/// All files below a folder whose names end so, sorted.
pub fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of test data") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The lines of all compressed event files below a folder of the shared data, each ended by a line feed.
pub fn events(below: &str) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    for file in files(&shared(below)?, ".ndjson.zst") {
        let file = std::fs::File::open(file).expect("an event file");
        let mut decoder = zstd::Decoder::new(file).expect("a zstd stream");
        decoder.window_log_max(27).expect("a window size");
        std::io::copy(&mut decoder, &mut text).expect("a sound zstd stream");
        if text.last().is_some_and(|&byte| byte != b'\n') {
            text.push(b'\n');
        }
    }
    Some(text)
}

/// The fields that the EQL rules of the corpus name: every word with a dot outside of strings, and a few without.
pub fn rule_fields() -> Option<Vec<String>> {
    let mut fields: BTreeSet<String> = ["@timestamp", "message", "tags"].map(str::to_owned).into();
    for file in files(&shared("corpus/detection-rules/rules")?, ".toml") {
        let text = std::fs::read_to_string(file).expect("a rule file");
        let Some((_, query)) = text.split_once("query = '''") else { continue };
        if !text.contains("language = \"eql\"") {
            continue;
        }
        let query = query.split("'''").next().unwrap_or_default();
        // Strings are every second piece between quotes; no query of the corpus escapes a quote in front of a word.
        for code in query.split('"').step_by(2) {
            let words = code.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '@')));
            fields.extend(words.filter(|word| is_path(word)).map(str::to_owned));
        }
    }
    Some(fields.into_iter().collect())
}

fn is_path(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| part.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// Small fixed generator of pseudo-random numbers (xorshift*), so that every run tests the same lines.
pub struct Random(pub u64);

impl Random {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }
}
