//! rsigma over the lines of a file: `peer-rsigma RULES EVENTS PASSES [prefilters]`.
//!
//! In: Sigma rules, one JSON document a line (JSON is YAML), and NDJSON. Out: one JSON object with the seconds of each
//! pass, the rules that were loaded and the matches of each. Every line is parsed into a `serde_json::Value`, which is
//! what rsigma evaluates; that is part of the time, as reading is of Kiln's. One thread.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::time::Instant;

use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rules, events, passes, options @ ..] = &arguments[..] else {
        return Err("usage: peer-rsigma RULES EVENTS PASSES [prefilters]".into());
    };
    let mut engine = Engine::new();
    let mut refused = Vec::new();
    let mut loaded = Vec::new();
    for document in fs::read_to_string(rules)?.lines() {
        match parse_sigma_yaml(document) {
            Ok(collection) if collection.errors.is_empty() => loaded.extend(collection.rules),
            Ok(collection) => refused.push(format!("{:?}", collection.errors)),
            Err(error) => refused.push(error.to_string()),
        }
    }
    refused.extend(engine.add_rules(&loaded).into_iter().map(|(_, error)| error.to_string()));
    if options.iter().any(|option| option == "prefilters") {
        engine.set_bloom_prefilter(true);
        engine.set_cross_rule_ac(true);
    }
    let bytes = fs::read(events)?;
    let passes: usize = passes.parse()?;
    let mut seconds = Vec::new();
    let mut found = Found::default();
    for _ in 0..passes.max(1) {
        let start = Instant::now();
        found = run(&engine, &bytes);
        seconds.push(start.elapsed().as_secs_f64());
    }
    let answer = json!({
        "version": "0.23.0", "rules": engine.rule_count(), "refused": refused, "events": found.events,
        "bytes": bytes.len(), "seconds": seconds, "matches": found.by_rule.values().sum::<u64>(),
        "by_rule": found.by_rule,
    });
    println!("{answer}");
    Ok(())
}

#[derive(Default)]
struct Found {
    events: u64,
    by_rule: BTreeMap<String, u64>,
}

fn run(engine: &Engine, bytes: &[u8]) -> Found {
    let mut found = Found::default();
    for line in bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        found.events += 1;
        let Ok(event) = serde_json::from_slice::<Value>(line) else { continue };
        for result in engine.evaluate(&JsonEvent::borrow(&event)) {
            if let Some(id) = result.header.rule_id {
                *found.by_rule.entry(id).or_default() += 1;
            }
        }
    }
    found
}
