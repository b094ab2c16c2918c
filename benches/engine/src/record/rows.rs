//! The rows, one function for each group of targets.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use bumpalo::Bump;
use kiln::{EventRef, Matcher};
use kiln_bench::data::Data;
use kiln_bench::measure::Spread;
use kiln_bench::sets::{self, Planned};
use serde_json::Value;

use super::Bench;
use super::page::{Page, Target, with_spread};
use super::process::{answer, cargo, free_space, output, time, watch};

const fn at_least(must: f64, aim: f64) -> Target {
    Target::AtLeast { must, aim }
}

const fn at_most(must: f64, aim: f64) -> Target {
    Target::AtMost { must, aim }
}

/// Data set, what is asked of its throughput, and of the time of everything over reading.
const THROUGHPUT: [(&str, Target, Option<Target>); 5] = [
    ("mixed", at_least(0.6, 0.85), Some(at_most(1.5, 1.2))),
    ("endpoint", at_least(0.45, 0.65), None),
    ("winmix", at_least(0.35, 0.55), Some(at_most(2.2, 1.6))),
    ("winproc", at_least(0.2, 0.35), None),
    ("generated", at_least(0.6, 0.85), Some(at_most(1.5, 1.2))),
];

/// What rounds of the engine, and of the yardstick, told.
#[derive(Default)]
struct Rounds {
    /// MB/s.
    yardstick: Vec<f64>,
    /// MB/s.
    engine: Vec<f64>,
    /// Of the two of a round.
    share: Vec<f64>,
    /// Time of everything over time of reading.
    over_reading: Vec<f64>,
    last: Value,
}

/// The engine as a share of the yardstick, and over reading alone.
pub(crate) fn throughput(
    bench: &Bench<'_>,
    page: &mut Page,
    sets: &[String],
    yardstick: &Result<PathBuf, String>,
) {
    page.command(
        "kiln-bench --file DATA.ndjson --json --passes 3     # in turn with the yardstick, once a round",
    );
    page.command("simdjson-fields DATA.ndjson --json                  # 7 passes; benches/peers/simdjson");
    for name in sets {
        let Some((_, target, over)) = THROUGHPUT.iter().find(|(known, ..)| known == name) else { continue };
        let what = format!("throughput on {name} over simdjson On-Demand, 8 fields");
        match rounds(bench, &bench.file(name), yardstick.as_ref().ok()) {
            Ok(rounds) => {
                let engine = with_spread(Spread::of(&rounds.engine), "MB/s");
                let beside = format!("{engine}, {}", said(&rounds.last));
                if let Err(reason) = yardstick {
                    page.missing(&what, *target, &format!("{reason}; engine alone {beside}"));
                } else {
                    let beside = format!(
                        "yardstick {}, engine {beside}",
                        with_spread(Spread::of(&rounds.yardstick), "MB/s")
                    );
                    page.row(&what, *target, Spread::of(&rounds.share), "", &beside);
                }
                if let Some(over) = over {
                    let what = format!("time per event with all rules over reading the same slots, {name}");
                    page.row(&what, *over, Spread::of(&rounds.over_reading), "", &steps(&rounds.last));
                }
            }
            Err(reason) => page.missing(&what, *target, &reason),
        }
    }
}

fn rounds(bench: &Bench<'_>, file: &Path, yardstick: Option<&PathBuf>) -> Result<Rounds, String> {
    let mut rounds = Rounds::default();
    for _ in 0..bench.arguments.rounds.max(1) {
        if let Some(program) = yardstick {
            let said = answer(bench.pinned.command(program).arg(file).arg("--json"))?;
            rounds.yardstick.push(rate(&said, "seconds")?);
        }
        let said = bench.measure(file, &["--passes", "3"])?;
        let engine = rate(&said, "all")?;
        rounds.engine.push(engine);
        rounds.share.extend(rounds.yardstick.last().map(|yardstick| engine / yardstick));
        rounds.over_reading.push(rate(&said, "read")? / engine);
        rounds.last = said;
    }
    Ok(rounds)
}

/// MB/s of the median of the passes.
fn rate(said: &Value, seconds: &str) -> Result<f64, String> {
    let bytes = said["bytes"].as_f64().ok_or("no bytes were told")?;
    Ok(bytes / 1e6 / median(said, seconds)?)
}

fn median(said: &Value, name: &str) -> Result<f64, String> {
    let seconds: Vec<f64> = said[name].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    if seconds.is_empty() { Err(format!("no {name} were told")) } else { Ok(Spread::of(&seconds).median) }
}

/// Rules, matches and candidates.
fn said(answer: &Value) -> String {
    let events = answer["events"].as_f64().unwrap_or(1.0).max(1.0);
    format!(
        "{} rules {}, {} rejected, {} units; {} matches, {} groups, {:.2} candidates an event",
        answer["rules"],
        answer["form"].as_str().unwrap_or_default(),
        answer["rejected"],
        answer["units"],
        answer["matches"],
        answer["groups"],
        answer["candidates"].as_f64().unwrap_or_default() / events
    )
}

/// The steps in ns an event.
fn steps(answer: &Value) -> String {
    let events = answer["events"].as_f64().unwrap_or(1.0).max(1.0);
    let nanos = |name: &str| median(answer, name).map_or(0.0, |seconds| seconds * 1e9 / events);
    format!(
        "ns an event: reader {:.0} (first phase {:.0}), + dispatch {:.0}, + residuals {:.0}",
        nanos("read"),
        nanos("first_phase"),
        nanos("dispatch"),
        nanos("all")
    )
}

/// Ten times the rules.
pub(crate) fn ten_times(bench: &Bench<'_>, page: &mut Page, data: &str) {
    let what = format!("time per event with ten times the rules (texts altered) over once, {data}");
    let target = at_most(2.5, 1.6);
    page.command("kiln-bench --file mixed.ndjson --json --passes 3 --plan [--times 10]    # in turn");
    let mut ratios = Vec::new();
    let mut last = Value::Null;
    let mut round = || -> Result<(), String> {
        let once = bench.measure(&bench.file(data), &["--passes", "3", "--plan"])?;
        last = bench.measure(&bench.file(data), &["--passes", "3", "--plan", "--times", "10"])?;
        ratios.push(rate(&once, "all")? / rate(&last, "all")?);
        Ok(())
    };
    let done = (0..bench.arguments.rounds.clamp(1, 5)).try_for_each(|_| round());
    page.result(&what, target, done.map(|()| Spread::of(&ratios)), "", &said(&last));
}

/// The test that counts allocations.
pub(crate) fn allocations(bench: &Bench<'_>, page: &mut Page) {
    let arguments =
        ["test", "--release", "-p", "kiln-compiled-tests", "--test", "no_allocation", "--", "--nocapture"];
    page.command(&format!("cargo {}", arguments.join(" ")));
    let (what, target) = ("allocations per event after warm-up", at_most(0.0, 0.0));
    match output(cargo(&bench.root).args(arguments)) {
        Ok(text) => {
            let ran = text.lines().find(|line| line.contains(" events, ") || line.contains("skipped"));
            let ran = ran.unwrap_or_default();
            if ran.contains("skipped") {
                page.missing(what, target, ran);
            } else {
                page.row(what, target, Spread::of(&[0.0]), "", ran);
            }
        }
        Err(error) => page.missing(what, target, &format!("the test failed: {error}")),
    }
}

/// The command as a whole, and on two processors.
pub(crate) fn whole_command(bench: &Bench<'_>, page: &mut Page, data: &str, kiln: &Result<PathBuf, String>) {
    let over_engine = (
        format!("kiln scan {data} to a file over the engine on preloaded bytes, one processor"),
        at_least(0.8, 0.95),
    );
    let two = (format!("two threads over one, whole command, {data}, same output"), at_least(1.8, 1.95));
    let program = match kiln {
        Ok(program) => program,
        Err(reason) => {
            page.missing(&over_engine.0, over_engine.1, reason);
            page.missing(&two.0, two.1, reason);
            return;
        }
    };
    page.command(
        "kiln scan DATA.ndjson --quiet --threads 1 --output FILE    # pinned, 3 times a round, in turn with kiln-bench --file",
    );
    page.command(
        "kiln scan DATA.ndjson --quiet --threads N --output FILE    # N = 1, 2 in turn, 3 times a round, not pinned",
    );
    let file = bench.file(data);
    let outputs = [1, 2].map(|threads| bench.work.join(format!("alerts-{threads}.ndjson")));
    let scan = |mut command: Command, threads: usize| {
        let output = &outputs[threads - 1];
        // What an earlier run left takes time to be emptied.
        drop(fs::remove_file(output));
        time(
            command
                .args(["scan", "--quiet", "--threads", &threads.to_string()])
                .arg("--output")
                .arg(output)
                .arg(&file),
        )
    };
    let rounds = bench.arguments.rounds.max(1);
    let mut shares = Vec::new();
    let mut rates = Vec::new();
    let mut round = || -> Result<(), String> {
        cache(&file)?;
        let engine = bench.measure(&file, &["--passes", "3"])?;
        let seconds =
            (0..3).map(|_| scan(bench.pinned.command(program), 1)).collect::<Result<Vec<_>, _>>()?;
        let seconds = Spread::of(&seconds).median;
        shares.push(median(&engine, "all")? / seconds);
        rates.push(engine["bytes"].as_f64().unwrap_or_default() / 1e6 / seconds);
        Ok(())
    };
    let done = (0..rounds).try_for_each(|_| round()).map(|()| Spread::of(&shares));
    let beside = if rates.is_empty() { String::new() } else { with_spread(Spread::of(&rates), "MB/s") };
    page.result(
        &over_engine.0,
        over_engine.1,
        done,
        "",
        &format!("{beside}, start and end of the process included; file cached, written at once"),
    );
    if std::thread::available_parallelism().is_ok_and(|processors| processors.get() < 2) {
        page.missing(&two.0, two.1, "there is one processor");
        return;
    }
    let mut ratios = Vec::new();
    let mut round = || -> Result<(), String> {
        cache(&file)?;
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            one.push(scan(Command::new(program), 1)?);
            two.push(scan(Command::new(program), 2)?);
        }
        ratios.push(Spread::of(&one).median / Spread::of(&two).median);
        let same = fs::read(&outputs[0]).and_then(|one| Ok(one == fs::read(&outputs[1])?));
        if same.map_err(|error| error.to_string())? { Ok(()) } else { Err("the outputs differ".to_owned()) }
    };
    let done = (0..rounds).try_for_each(|_| round()).map(|()| Spread::of(&ratios));
    let alerts = fs::read(&outputs[0]).map_or(0, |alerts| alerts.split(|&byte| byte == b'\n').count() - 1);
    page.result(&two.0, two.1, done, "", &format!("{alerts} alerts, byte for byte the same"));
    for path in &outputs {
        drop(fs::remove_file(path));
    }
}

/// Writes a file anew, so that the system has it in its cache in one piece: between rounds it takes parts away.
fn cache(file: &Path) -> Result<(), String> {
    let write = |bytes: Vec<u8>| {
        let mut file = File::create(file)?;
        file.write_all(&bytes)?;
        file.sync_all()
    };
    fs::read(file).and_then(write).map_err(|error| format!("{}: {error}", file.display()))
}

/// The peak of memory over a file of many bytes.
pub(crate) fn large_file(bench: &Bench<'_>, page: &mut Page, data: &str, kiln: &Result<PathBuf, String>) {
    let wanted = bench.arguments.large * 1_000_000_000;
    let (what, target) =
        (format!("peak memory of scanning {} GB", bench.arguments.large), at_most(200.0, 64.0));
    let program = match kiln {
        _ if wanted == 0 => {
            return page.missing("peak memory of a large file", target, "left out by --large 0");
        }
        Ok(program) => program,
        Err(reason) => return page.missing(&what, target, reason),
    };
    let bytes = match fs::read(bench.file(data)) {
        Ok(bytes) => bytes,
        Err(error) => return page.missing(&what, target, &error.to_string()),
    };
    let large = bench.work.join("large.ndjson");
    let alerts = bench.work.join("alerts-large.ndjson");
    let times = wanted.div_ceil(bytes.len().max(1) as u64);
    let repeated = |out: &mut dyn Write| (0..times).try_for_each(|_| out.write_all(&bytes));
    let fits = free_space(&bench.work).is_some_and(|free| free > wanted + wanted / 2);
    let mut command = Command::new(program);
    command.args(["scan", "--quiet", "--output"]).arg(&alerts);
    let usage = if fits {
        page.command(
            "kiln scan LARGE.ndjson --quiet --output FILE    # the data over and over; all processors",
        );
        File::create(&large)
            .and_then(|file| repeated(&mut BufWriter::new(file)))
            .map_err(|error| error.to_string())
            .and_then(|()| watch(command.arg(&large), |_| Ok(())))
    } else {
        page.command(
            "kiln scan - --quiet --output FILE    # the data over and over on stdin: the disk is short",
        );
        watch(command.arg("-"), |input| repeated(input))
    };
    let _ = (fs::remove_file(&large), fs::remove_file(&alerts));
    let beside = usage.as_ref().map_or_else(
        |_| String::new(),
        |usage| {
            let from = if fits { "a file" } else { "stdin" };
            format!(
                "from {from}, {:.1} s, {:.0} MB/s",
                usage.seconds,
                (times * bytes.len() as u64) as f64 / 1e6 / usage.seconds
            )
        },
    );
    page.result(&what, target, usage.map(|usage| Spread::of(&[usage.peak])), "MB", &beside);
}

/// From the start of the process to its end, over one event that matches.
pub(crate) fn start(bench: &Bench<'_>, page: &mut Page, data: &str, kiln: &Result<PathBuf, String>) {
    let (what, target) = ("start-up, first event matched and process ended", at_most(30.0, 5.0));
    let measured = kiln.clone().and_then(|program| {
        let event = first_match(bench, data)?;
        let file = bench.work.join("first.ndjson");
        fs::write(&file, event).map_err(|error| error.to_string())?;
        let scan = || {
            let mut command = bench.pinned.command(&program);
            command.args(["scan", "--quiet", "--threads", "1"]).arg(&file);
            command
        };
        if output(&mut scan())?.is_empty() {
            return Err("the event raises no alert".to_owned());
        }
        let times = (0..21).map(|_| Ok(time(&mut scan())? * 1e3)).collect::<Result<Vec<_>, String>>()?;
        let _ = fs::remove_file(&file);
        Ok(Spread::of(&times))
    });
    page.command("kiln scan FIRST.ndjson --quiet --threads 1    # one event that matches; 21 times");
    page.result(what, target, measured, "ms", "an upper bound: loading and ending the process are in it");
}

/// The first line that a single-event rule matches.
fn first_match(bench: &Bench<'_>, data: &str) -> Result<Vec<u8>, String> {
    let data = Data::read(&bench.file(data)).map_err(|error| error.to_string())?;
    let arena = Bump::new();
    let set = sets::compiled().unwrap_or_else(|| Planned::default().plan(&bench.rules.set, &arena));
    let mut matcher = Matcher::new(&set);
    let mut fires =
        |line: &&[u8]| matcher.json(line, EventRef(0)).is_ok_and(|outcome| outcome.matches().len() > 0);
    let line = data.bytes.split_inclusive(|&byte| byte == b'\n').find(|line| fires(line));
    line.map(<[u8]>::to_vec).ok_or_else(|| "no event matches".to_owned())
}

/// What building a thousand rules costs, told by the benchmark of builds.
pub(crate) fn building(bench: &Bench<'_>, page: &mut Page) {
    let targets = [
        ("release build of a crate with 1,000 rules", at_most(60.0, 20.0), "s"),
        ("the same, memory", at_most(2_500.0, 2_500.0), "MB"),
        ("rebuild after one rule changed, dev profile", at_most(15.0, 4.0), "s"),
        ("binary growth per rule, descriptive metadata aside", at_most(4_000.0, 1_500.0), "bytes"),
    ];
    let said = if bench.arguments.no_build {
        Err("left out by --no-build".to_owned())
    } else if bench.root.join("benches/build/Cargo.toml").is_file() {
        page.command("cargo run --release -p kiln-bench-build -- --rules 1000");
        output(cargo(&bench.root).args([
            "run",
            "--release",
            "--quiet",
            "-p",
            "kiln-bench-build",
            "--",
            "--rules",
            "1000",
        ]))
    } else {
        Err("there is no benches/build here".to_owned())
    };
    let figures = said.and_then(|text| {
        page.section("Building", &text);
        build_figures(&text).ok_or_else(|| "not understood; see Building below".to_owned())
    });
    for (number, (what, target, unit)) in targets.into_iter().enumerate() {
        let figure = figures.as_ref().map(|figures| Spread::of(&[figures[number]])).map_err(Clone::clone);
        page.result(what, target, figure, unit, "");
    }
}

/// Of a line `1000 | s cpu MB | s cpu MB | s cpu MB | bytes lean | ..`: seconds and MB of the release build, seconds of
/// the rebuild, lean bytes per rule.
fn build_figures(text: &str) -> Option<[f64; 4]> {
    let line =
        text.lines().rfind(|line| line.split('|').next().is_some_and(|first| first.trim() == "1000"))?;
    let columns: Vec<Vec<f64>> = line
        .split('|')
        .map(|column| column.split_whitespace().filter_map(|word| word.parse().ok()).collect())
        .collect();
    let figure = |column: usize, number: usize| columns.get(column)?.get(number).copied();
    Some([figure(1, 0)?, figure(1, 2)?, figure(3, 0)?, figure(4, 1)?])
}

/// Where the time goes, by perf.
pub(crate) fn profile(bench: &Bench<'_>, page: &mut Page, sets: &[String]) {
    let first_and_last = [sets.first(), sets.last().filter(|_| sets.len() > 1)];
    for name in first_and_last.into_iter().flatten() {
        let title = format!("Profile of everything over {name}");
        page.section(
            &title,
            &perf(bench, &bench.file(name)).unwrap_or_else(|error| format!("none: {error}")),
        );
    }
}

fn perf(bench: &Bench<'_>, file: &Path) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let data = bench.work.join("perf.data");
    let mut record = bench.pinned.command(Path::new("perf"));
    record.args(["record", "--quiet", "-F", "1999", "-o"]).arg(&data).arg("--").arg(program);
    output(record.arg("--json").arg("--file").arg(file).args(["--passes", "5", "--only-all"]))?;
    let mut report = Command::new("perf");
    report.args([
        "report",
        "--stdio",
        "--no-children",
        "--percent-limit",
        "0.7",
        "-F",
        "overhead,symbol",
        "-i",
    ]);
    let text = output(report.arg(&data))?;
    let _ = fs::remove_file(&data);
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    Ok(lines.map(str::trim_end).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_builds_are_read_from_their_table() {
        let text = "rules: 841\n  1000 |  41.0  66.1  900 |  20.5  30.0  700 |  12.5  13.0  650 |     5000     2100 |     2100    9000\n";
        assert_eq!(build_figures(text), Some([41.0, 900.0, 12.5, 2100.0]));
        assert_eq!(build_figures("1000 | no"), None);
    }

    #[test]
    fn the_median_of_passes_gives_the_rate() {
        let said = serde_json::json!({"bytes": 3_000_000, "all": [1.0, 3.0, 2.0]});
        assert_eq!(rate(&said, "all"), Ok(1.5));
        assert!(rate(&said, "read").is_err());
    }
}
