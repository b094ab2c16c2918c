//! Other programs: run, pinned, timed and watched.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a command writes, or the last line of what went wrong.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed").to_owned())
}

/// Cargo, the one that runs this program if it does.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// The processor that single threads run on.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// None if nothing can be pinned here.
    cpu: Option<usize>,
}

impl Pinned {
    pub(crate) fn new(cpu: usize) -> Self {
        let works = output(Command::new("taskset").args(["-c", &cpu.to_string(), "true"])).is_ok();
        Self { cpu: works.then_some(cpu) }
    }

    pub(crate) fn describe(&self) -> String {
        match self.cpu {
            Some(cpu) => format!("pinned to processor {cpu} (taskset)"),
            None => "not pinned: taskset of util-linux is missing, or there is no such processor".to_owned(),
        }
    }

    /// A command that runs on that processor.
    pub(crate) fn command(&self, program: &Path) -> Command {
        match self.cpu {
            Some(cpu) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &cpu.to_string()]).arg(program);
                command
            }
            None => Command::new(program),
        }
    }

    /// Runs this program over a file, with more arguments; it answers with one JSON object.
    pub(crate) fn measure(&self, file: &Path, arguments: &[&str]) -> Result<Value, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        answer(self.command(&program).arg("--json").arg("--file").arg(file).args(arguments))
    }
}

/// What a program answers, in JSON.
pub(crate) fn answer(command: &mut Command) -> Result<Value, String> {
    let text = output(command)?;
    serde_json::from_str(&text).map_err(|error| format!("{error}: {}", text.trim()))
}

/// The program that reads eight fields with simdjson, or what is missing.
pub(crate) fn build_simdjson(root: &Path, work: &Path) -> Result<PathBuf, String> {
    let program = work.join("simdjson-fields");
    let mut compiler = Command::new("g++");
    compiler.args(["-O3", "-march=native", "-o"]).arg(&program);
    compiler.arg(root.join("benches/peers/simdjson/fields.cpp")).arg("-lsimdjson");
    output(&mut compiler).map_err(|_| "no yardstick: apt-get install g++ libsimdjson-dev".to_owned())?;
    Ok(program)
}

/// How long a command runs, from its start to its end.
pub(crate) fn time(command: &mut Command) -> Result<f64, String> {
    let start = Instant::now();
    let status =
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    // 1 is for lines that are no events; some data sets have them.
    if matches!(status.code(), Some(0 | 1)) { Ok(seconds) } else { Err(format!("it ended with {status}")) }
}

/// What a command needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) seconds: f64,
    /// The most memory it had, in units of 10^6 bytes.
    pub(crate) peak: f64,
}

/// Runs a command and asks the system now and then how much memory it has; `feed` may write to its input.
pub(crate) fn watch(
    command: &mut Command,
    feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
) -> Result<Usage, String> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let stdin = child.stdin.take();
    let mut peak = 0;
    let status = thread::scope(|scope| {
        scope.spawn(move || {
            // The command may end before it has read everything; then its status tells.
            let _ = stdin.map(|mut stdin| feed(&mut stdin));
        });
        loop {
            peak = peak.max(memory(&child).unwrap_or(0));
            match child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(5)),
                ended => return ended,
            }
        }
    });
    let usage = Usage { seconds: start.elapsed().as_secs_f64(), peak: peak as f64 * 1024.0 / 1e6 };
    match status {
        Ok(Some(status)) if matches!(status.code(), Some(0 | 1)) => Ok(usage),
        Ok(status) => Err(format!("it ended with {status:?}")),
        Err(error) => Err(error.to_string()),
    }
}

/// The most memory a process has had so far, in KiB.
fn memory(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Free bytes where `folder` lies.
pub(crate) fn free_space(folder: &Path) -> Option<u64> {
    let text = output(Command::new("df").args(["--output=avail", "-B1"]).arg(folder)).ok()?;
    text.lines().last()?.trim().parse().ok()
}
