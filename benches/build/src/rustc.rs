//! Measures one run of rustc.
//!
//! Cargo calls this program in place of rustc for the crate under test (`RUSTC_WORKSPACE_WRAPPER`); it runs rustc, watches
//! the process through `/proc` and writes what it saw to a file. Where there is no `/proc`, processor time and memory
//! are not known.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::krate::NAME;

/// The variable that tells where to write; also what makes this program a wrapper.
pub(crate) const RECORD: &str = "KILN_BENCH_RUSTC_RECORD";

/// What one run took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// Seconds from start to end.
    pub seconds: f64,
    /// Seconds of processor time, over all threads; without the linker.
    pub cpu: f64,
    /// The most resident memory, in MB.
    pub peak: f64,
}

/// Runs `arguments`, a rustc and its arguments, and adds what it took to the record.
pub(crate) fn wrap(arguments: &[OsString], record: &OsString) -> ExitCode {
    let Some((rustc, rest)) = arguments.split_first() else { return ExitCode::FAILURE };
    let start = Instant::now();
    let Ok(mut child) = Command::new(rustc).args(rest).spawn() else { return ExitCode::FAILURE };
    let mut usage = Usage::default();
    let status = loop {
        observe(child.id(), &mut usage);
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Err(_) => return ExitCode::FAILURE,
        }
    };
    usage.seconds = start.elapsed().as_secs_f64();
    let is_subject = rest.windows(2).any(|pair| pair[0] == "--crate-name" && pair[1] == NAME);
    if is_subject {
        let line = format!("{} {} {}\n", usage.seconds, usage.cpu, usage.peak);
        let _ = fs::write(record, line);
    }
    ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
}

/// What a record says, if there is one.
pub(crate) fn read(record: &Path) -> Option<Usage> {
    let text = fs::read_to_string(record).ok()?;
    let mut numbers = text.split_whitespace().map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some(Usage { seconds: next()?, cpu: next()?, peak: next()? })
}

fn observe(process: u32, usage: &mut Usage) {
    if let Ok(status) = fs::read_to_string(format!("/proc/{process}/status"))
        && let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        && let Ok(kilobytes) = peak.trim().trim_end_matches(" kB").parse::<f64>()
    {
        usage.peak = kilobytes / 1000.0;
    }
    if let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat"))
        && let Some((_, fields)) = stat.rsplit_once(") ")
    {
        let ticks = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
        // Every Linux counts these in hundredths of a second.
        usage.cpu = ticks.sum::<f64>() / 100.0;
    }
}
