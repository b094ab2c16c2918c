//! What compiling rules costs, against their number.
//!
//! `cargo run --release -p kiln-bench-build -- [--rules N,N,..] [--residuals code|program] [--macro-opt-level N]
//! [--no-release] [--no-dev] [--stages] [--folder PATH]`
//!
//! For each number of rules it writes a crate that bakes them in, with Cargo's own profiles, and tells of it: a release
//! build, a dev build and a dev build after one rule was changed (seconds of `cargo build` from end to end, and of rustc:
//! processor seconds and peak memory), how much the program grew per rule over one without rules, with and without
//! what only describes a rule, and the time from start to the first matched event. All that the crate depends on is
//! built before. With `--stages` it builds nothing, but tells where the time of the macro and the bytes go. Needs Cargo, and Linux for processor time and memory.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints rounded figures")]

mod krate;
mod rules;
mod rustc;
mod stages;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use krate::{Crate, NAME, Setup};
use rules::{RuleFile, Rules};
use rustc::Usage;

/// Cargo compares times in whole seconds on some file systems.
const TICK: Duration = Duration::from_millis(1100);

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if let Some(record) = env::var_os(rustc::RECORD) {
        return rustc::wrap(&arguments, &record);
    }
    match Arguments::read().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    counts: Vec<usize>,
    setup: Setup,
    release: bool,
    dev: bool,
    stages: bool,
    folder: PathBuf,
}

impl Arguments {
    fn read() -> io::Result<Self> {
        let mut arguments = Self {
            counts: Vec::new(),
            setup: Setup::default(),
            release: true,
            dev: true,
            stages: false,
            folder: env::temp_dir().join("kiln-bench-build"),
        };
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| io::Error::other(format!("{word} wants a value")));
            match word.as_str() {
                "--rules" => {
                    let counts = value()?;
                    let number = |count: &str| count.parse().map_err(io::Error::other);
                    arguments.counts = counts.split(',').map(number).collect::<Result<_, _>>()?;
                }
                "--residuals" => arguments.setup.residuals = Some(value()?),
                "--macro-opt-level" => arguments.setup.macro_opt_level = Some(value()?),
                "--no-release" => arguments.release = false,
                "--no-dev" => arguments.dev = false,
                "--stages" => arguments.stages = true,
                "--folder" => arguments.folder = value()?.into(),
                _ => return Err(io::Error::other(format!("unknown argument {word}"))),
            }
        }
        Ok(arguments)
    }
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let rules = Rules::load();
    println!("rules: {} from {}", rules.len(), rules.origin);
    let mut counts = arguments.counts.clone();
    if counts.is_empty() {
        counts = vec![10, 100, 500, rules.len(), 1000];
        counts.sort_unstable();
        counts.dedup();
    }
    if arguments.stages {
        for &count in &counts {
            stages::print(&rules.take(count));
        }
        return Ok(());
    }
    let bench = Bench::prepare(arguments)?;
    println!(
        "{:>6} | {:>16} | {:>16} | {:>16} | {:>17} | {:>16}",
        "", "release", "dev", "dev, one changed", "bytes per rule", "start, us"
    );
    println!(
        "{:>6} | {:>5} {:>5} {:>4} | {:>5} {:>5} {:>4} | {:>5} {:>5} {:>4} | {:>8} {:>8} | {:>8} {:>7}",
        "rules", "s", "cpu", "MB", "s", "cpu", "MB", "s", "cpu", "MB", "all", "lean", "release", "dev"
    );
    for count in counts {
        bench.measure(&rules.take(count))?;
    }
    Ok(())
}

struct Bench<'a> {
    arguments: &'a Arguments,
    subject: Crate,
    /// Size of the release build without rules.
    floor: u64,
}

impl<'a> Bench<'a> {
    /// Builds everything that the crate depends on.
    fn prepare(arguments: &'a Arguments) -> io::Result<Self> {
        let subject = Crate::create(arguments.folder.clone(), &arguments.setup)?;
        subject.set_rules([])?;
        let mut bench = Self { arguments, subject, floor: 0 };
        if arguments.dev {
            bench.build(false, true)?;
        }
        if arguments.release {
            bench.build(true, true)?;
            bench.floor = bench.size()?;
        }
        Ok(bench)
    }

    fn measure(&self, rules: &[RuleFile]) -> io::Result<()> {
        let Arguments { release, dev, .. } = *self.arguments;
        let per_rule = |size: u64| (size as f64 - self.floor as f64) / rules.len() as f64;
        let (mut built, mut developed, mut changed) = Default::default();
        let (mut full, mut lean, mut start, mut dev_start) = Default::default();
        if release {
            self.subject.set_rules(rules.iter().map(|rule| rule.lean.as_str()))?;
            self.build(true, true)?;
            lean = per_rule(self.size()?);
        }
        self.subject.set_rules(rules.iter().map(|rule| rule.full.as_str()))?;
        if release {
            built = self.build(true, true)?;
            full = per_rule(self.size()?);
            start = self.start_up("release")?;
        }
        if dev {
            developed = self.build(false, true)?;
            dev_start = self.start_up("debug")?;
            changed = self.rebuild(rules)?;
        }
        println!(
            "{:>6} | {} | {} | {} | {full:>8.0} {lean:>8.0} | {start:>8} {dev_start:>7}",
            rules.len(),
            shown(built),
            shown(developed),
            shown(changed)
        );
        Ok(())
    }

    /// The middle one of three builds that each follow a change of one rule.
    fn rebuild(&self, rules: &[RuleFile]) -> io::Result<Build> {
        let simple = |rule: &RuleFile| rule.lean.matches(" where ").count() == 1;
        let index = rules.iter().position(simple).unwrap_or(0);
        let mut builds = Vec::new();
        for round in 0..3 {
            thread::sleep(TICK);
            self.subject.edit(index, &rules[index], round)?;
            builds.push(self.build(false, false)?);
        }
        builds.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        Ok(builds[1])
    }

    fn build(&self, release: bool, anew: bool) -> io::Result<Build> {
        if anew {
            self.cargo(&["clean", "-p", NAME], release)?;
        }
        let _ = fs::remove_file(self.record());
        let start = Instant::now();
        self.cargo(&["build"], release)?;
        let seconds = start.elapsed().as_secs_f64();
        Ok(Build { seconds, rustc: rustc::read(&self.record()).unwrap_or_default() })
    }

    fn cargo(&self, words: &[&str], release: bool) -> io::Result<()> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(words)
            .args(["--quiet", "--offline"])
            .args(release.then_some("--release"))
            .current_dir(&self.subject.folder)
            .env("CARGO_TARGET_DIR", self.target())
            .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
            .env(rustc::RECORD, self.record())
            .env_remove("RUSTFLAGS")
            .output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(io::Error::other(error)) }
    }

    /// Microseconds inside the program from its start to the first match, the middle of several runs.
    fn start_up(&self, profile: &str) -> io::Result<u64> {
        let mut times = Vec::new();
        for _ in 0..11 {
            let output = Command::new(self.target().join(profile).join(NAME)).output()?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            times.push(text.trim().parse::<u64>().map_err(io::Error::other)?);
        }
        times.sort_unstable();
        Ok(times[times.len() / 2])
    }

    fn size(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.target().join("release").join(NAME))?.len())
    }

    fn target(&self) -> PathBuf {
        self.subject.folder.join("target")
    }

    fn record(&self) -> PathBuf {
        self.subject.folder.join("rustc.txt")
    }
}

/// One `cargo build`.
#[derive(Clone, Copy, Debug, Default)]
struct Build {
    /// From end to end.
    seconds: f64,
    rustc: Usage,
}

fn shown(build: Build) -> String {
    format!("{:>5.1} {:>5.1} {:>4.0}", build.seconds, build.rustc.cpu, build.rustc.peak)
}
