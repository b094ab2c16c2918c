//! The rows of the table.

use kiln_bench::measure::Spread;
use serde_json::Value;

use crate::children::Answer;

/// One engine over one data set.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    answer: Answer,
    /// What else is to be said.
    pub(crate) note: String,
}

/// Prints the names of the columns.
pub(crate) fn head() {
    println!(
        "{:<32} {:>8} {:>6} {:>8} {:>11} {:>22} {:>9} {:>8}",
        "engine", "version", "rules", "rejected", "events/s", "MB/s", "matches", "cand/ev"
    );
}

impl Row {
    pub(crate) fn new(name: &str, answer: Answer) -> Self {
        Self { name: name.to_owned(), answer, note: String::new() }
    }

    /// The answer, if there is one.
    pub(crate) fn answer(&self) -> Option<&Value> {
        self.answer.as_ref().ok()
    }

    /// A figure of the answer; 0 if there is none.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.answer().and_then(|answer| answer[name].as_f64()).unwrap_or_default()
    }

    /// The ids of the rules that were loaded.
    pub(crate) fn loaded(&self) -> Vec<&str> {
        let loaded = self.answer().and_then(|answer| answer["loaded"].as_array());
        loaded.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(crate) fn print(&self) {
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(reason) => {
                println!("{:<32} {reason}", self.name);
                return;
            }
        };
        let seconds: Vec<f64> =
            answer["seconds"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        if seconds.is_empty() {
            println!("{:<32} it told no times", self.name);
            return;
        }
        let rate = Spread::of(&seconds).per(self.number("bytes") / 1e6);
        let events = Spread::of(&seconds).per(self.number("events"));
        let count =
            |name: &str| answer[name].as_u64().map_or_else(|| "-".to_owned(), |count| count.to_string());
        let rejected = match answer["refused"].as_array() {
            Some(refused) => refused.len().to_string(),
            None => count("rejected"),
        };
        let candidates = if answer["candidates"].is_null() {
            "-".to_owned()
        } else {
            format!("{:.2}", self.number("candidates") / self.number("events").max(1.0))
        };
        println!(
            "{:<32} {:>8} {:>6} {rejected:>8} {:>11.0} {:>22} {:>9} {candidates:>8} {}",
            self.name,
            answer["version"].as_str().unwrap_or("?"),
            count("rules"),
            events.median,
            spread(rate),
            count("matches"),
            self.note
        );
    }
}

fn spread(rate: Spread) -> String {
    let digits = usize::from(rate.median < 100.0);
    format!("{:.digits$} ({:.digits$}-{:.digits$})", rate.median, rate.min, rate.max)
}
