//! The fuzz targets over fixed pseudo-random input: noise, and the project's own rules, queries and events with
//! mistakes in them. `FUZZ_ROUNDS` multiplies the rounds.

use std::fs;
use std::path::{Path, PathBuf};

use kiln_fuzz_targets::{exceptions, matcher, pattern, query, reader, regex, restore, rule_file, state};

/// Small fixed generator of pseudo-random numbers (xorshift*), so that every run tests the same inputs.
struct Random(u64);

impl Random {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let len = self.below(most);
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    /// A seed with a few mistakes in it: bytes changed, put in, taken out, stretches repeated or from another seed.
    fn mutated(&mut self, seeds: &[Vec<u8>], alphabet: &[u8]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len());
            let byte = alphabet[self.below(alphabet.len())];
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                2 if !bytes.is_empty() => drop(bytes.drain(at..bytes.len().min(at + 1 + self.below(9)))),
                3 => bytes.insert(at, byte),
                _ => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    let piece = other[from..other.len().min(from + self.below(40))].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        bytes
    }
}

fn rounds(usual: usize) -> usize {
    let times = std::env::var("FUZZ_ROUNDS").ok().and_then(|times| times.parse().ok());
    usual * times.unwrap_or(1)
}

/// The files below a folder of the workspace with this ending, in order.
fn files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(fs::read(path).expect("a file"));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn readers() {
    const NOISE: &[u8] = b"{}[]\"\"\"::,,\\ab.\n \t1-eu\xC3\xA9\x00\r";
    let mut random = Random(1);
    let events = files("examples/events", ".ndjson");
    let mut seeds: Vec<Vec<u8>> =
        events.iter().flat_map(|file| file.split(|&byte| byte == b'\n')).map(<[u8]>::to_vec).collect();
    seeds.extend(events.iter().map(|file| file[..file.len().min(4_000)].to_vec()));
    for line in [
        r#"{"a":{"b":1,"b.c":[{},"x\u00e9\\",null,{"c":2}]},"a.b":{"c":3},"\u0061":4,"event":{"category":["x"]}}"#,
        r#"{"host":{"os.type":"linux","os":{"type":"é"}},"né":1.5e3,"process.parent":{"name":"\ud83e\udd80"}}"#,
    ] {
        seeds.extend([line.as_bytes().to_vec(), format!("{line}\r\n{line}\n").into_bytes()]);
    }
    for _ in 0..rounds(3_000) {
        reader(&random.mutated(&seeds, NOISE));
        let len = random.below(150);
        reader(&(0..len).map(|_| NOISE[random.below(NOISE.len())]).collect::<Vec<_>>());
    }
}

/// Lines of an export.
const EXPORT: &str = r#"{"rule_id":"00000000-0000-4000-8000-000000000001","name":"A","type":"query","query":"a: \u00e9","language":"kuery","risk_score":1,"severity":"low","description":"d","author":[],"exceptions_list":[{"list_id":"l"}]}
{"list_id":"l","entries":[{"field":"a","type":"match_any","value":["x","y"],"operator":"included"}],"os_types":["linux"]}
{"exported_rules_count":1}
"#;

#[test]
fn rule_files() {
    let mut random = Random(2);
    let mut seeds = files("rules", ".toml");
    seeds.extend(files("rules", ".yml"));
    seeds.push(EXPORT.as_bytes().to_vec());
    for _ in 0..rounds(60) {
        rule_file(&random.mutated(&seeds, b"\"'[]{}=:-#\n\t ,\\\xC3|>&*!\x00"));
        rule_file(&random.bytes(200));
    }
}

#[test]
fn files_of_exceptions() {
    let mut random = Random(7);
    let mut seeds = files("tests/exceptions/lists", "");
    seeds.push(
        b"rules:\n- rule_id: [00000000-0000-4000-8000-000000000001]\n  enabled: true\n  add_tags: [a]\n  exceptions: [long]\n  \
            items:\n  - entries:\n    - {field: a.b, type: wildcard, value: 'C:\\\\*'}\n"
            .to_vec(),
    );
    for _ in 0..rounds(150) {
        exceptions(&random.mutated(&seeds, b"\"'[]{}=:-#\n\t ,\\\xC3|*?.0a\x00"));
        exceptions(&random.bytes(100));
    }
}

#[test]
fn queries() {
    let mut random = Random(3);
    let queries = |file: Vec<u8>| {
        let text = String::from_utf8(file).expect("rules are UTF-8");
        text.split("'''").nth(1).filter(|text| text.contains("where")).map(|text| text.as_bytes().to_vec())
    };
    let mut seeds: Vec<Vec<u8>> = files("rules", ".toml").into_iter().filter_map(queries).collect();
    for query in [
        "sequence by a, ?b with maxspan=1h [any where true] by c ![file where x] by d until [any where y] | head 5",
        "sample by a [any where b == 1.5e3] [any where `c d` : (\"x*\", \"y?\")] | tail 1",
        "\"odd\" where not a.b != -3 and (concat(a, b) in~ (\"x\", \"\"\"y\"\"\") or length(c) % 2 + 1 > 4)",
    ] {
        seeds.push(query.as_bytes().to_vec());
    }
    for _ in 0..rounds(600) {
        query(&random.mutated(&seeds, b"\"'[]()=:-#\n ,\\|!?`~*.0a/<>"));
    }
}

#[test]
fn matchers() {
    let mut random = Random(4);
    for _ in 0..rounds(500) {
        matcher(&random.bytes(1_200));
    }
}

#[test]
fn patterns() {
    let mut random = Random(5);
    for _ in 0..rounds(20_000) {
        pattern(&random.bytes(160));
    }
}

#[test]
fn regexes() {
    let mut random = Random(6);
    for _ in 0..rounds(20_000) {
        regex(&random.bytes(120));
    }
}

#[test]
fn rules_with_state() {
    let mut random = Random(8);
    for _ in 0..rounds(250) {
        state(&random.bytes(2_000));
    }
}

#[test]
fn restored_state() {
    let mut random = Random(9);
    for _ in 0..rounds(250) {
        restore(&random.bytes(2_000));
    }
}
