//! How measurements are printed.

use kiln::RuleSet;
use kiln_bench::data::Data;
use kiln_bench::measure::{Measured, Spread};
use serde_json::{Value, json};

pub(crate) fn head() {
    println!(
        "{:<9} {:>8} {:>8} {:>7} | {:>9} {:>7} {:>8} {:>20} {:>8} | {:>9} {:>8} {:>7}",
        "data",
        "events",
        "distinct",
        "B/event",
        "read MB/s",
        "phase 1",
        "dispatch",
        "all rules (min-max)",
        "all/read",
        "matches",
        "cand/ev",
        "groups"
    );
}

pub(crate) fn row(data: &Data, measured: &Measured) {
    println!(
        "{:<9} {:>8} {:>8} {:>7} | {:>9.0} {:>7.0} {:>8.0} {:>20} {:>8.2} | {:>9} {:>8.2} {:>7}",
        data.name,
        data.events,
        data.distinct,
        data.bytes.len() / data.events.max(1),
        rate(data, &measured.read).median,
        rate(data, &measured.first_phase).median,
        rate(data, &measured.dispatch).median,
        with_spread(rate(data, &measured.all)),
        Spread::of(&measured.all).median / Spread::of(&measured.read).median,
        measured.matches,
        measured.candidates as f64 / data.events.max(1) as f64,
        measured.groups
    );
}

pub(crate) fn matrix_head() {
    println!(
        "{:<9} {:>7} {:>7} | {:>18} {:>6} | {:>18} {:>6} | {:>18} {:>6} | {:>8} {:>9}",
        "data",
        "rules",
        "units",
        "reader",
        "ns",
        "+ dispatch",
        "ns",
        "+ residual",
        "ns",
        "cand/ev",
        "matches"
    );
}

pub(crate) fn matrix_row(data: &Data, set: &RuleSet<'_>, measured: &Measured) {
    let step = |seconds: &[f64]| {
        let nanos = Spread::of(seconds).median * 1e9 / data.events.max(1) as f64;
        format!("{:>18} {nanos:>6.0}", with_spread(rate(data, seconds)))
    };
    println!(
        "{:<9} {:>7} {:>7} | {} | {} | {} | {:>8.2} {:>9}",
        data.name,
        set.rules.len(),
        set.units.len(),
        step(&measured.read),
        step(&measured.dispatch),
        step(&measured.all),
        measured.candidates as f64 / data.events.max(1) as f64,
        measured.matches
    );
}

pub(crate) fn json(
    data: &Data,
    measured: &Measured,
    set: &RuleSet<'_>,
    rejected: usize,
    form: &str,
) -> Value {
    json!({
        "data": data.name, "events": data.events, "distinct": data.distinct, "bytes": data.bytes.len(),
        "rules": set.rules.len(), "rejected": rejected, "units": set.units.len(), "form": form,
        "read": measured.read, "first_phase": measured.first_phase, "dispatch": measured.dispatch, "all": measured.all,
        "matches": measured.matches, "groups": measured.groups, "candidates": measured.candidates,
    })
}

fn rate(data: &Data, seconds: &[f64]) -> Spread {
    Spread::of(seconds).per(data.bytes.len() as f64 / 1e6)
}

fn with_spread(spread: Spread) -> String {
    format!("{:.0} ({:.0}-{:.0})", spread.median, spread.min, spread.max)
}
