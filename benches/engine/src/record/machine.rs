//! What the figures were taken on.

use std::fs;
use std::process::Command;

use super::process::{Pinned, output};

/// More than this many processes that want to run make figures worth little.
const BUSY: f64 = 0.5;

/// The load average as the system tells it.
pub(crate) fn load() -> String {
    fs::read_to_string("/proc/loadavg").map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// Whether something else runs.
pub(crate) fn is_busy() -> bool {
    load().split(' ').next().and_then(|minute| minute.parse::<f64>().ok()).is_some_and(|minute| minute > BUSY)
}

/// The day, `YYYY-MM-DD`.
pub(crate) fn date() -> String {
    said(Command::new("date").args(["-u", "+%F"])).unwrap_or_else(|| "undated".to_owned())
}

/// Lines about the machine and the tools.
pub(crate) fn describe(pinned: &Pinned) -> Vec<String> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let entry = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let flags = entry("flags").unwrap_or_default();
    let wanted = ["avx2", "bmi2", "avx512f", "avx512bw", "avx512vbmi", "gfni", "vpclmulqdq"];
    let has: Vec<_> =
        wanted.into_iter().filter(|flag| flags.split(' ').any(|known| known == *flag)).collect();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().next().and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let or_unknown = |said: Option<String>| said.unwrap_or_else(|| "unknown".to_owned());
    vec![
        format!(
            "processor: {}, {} cores, {}",
            or_unknown(entry("model name")),
            cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            has.join(" ")
        ),
        format!("memory: {} MB", memory.unwrap_or_default() / 1024),
        format!("system: {}", or_unknown(said(Command::new("uname").args(["-srm"])))),
        format!(
            "compiler: {}, release profile of this workspace",
            or_unknown(said(Command::new("rustc").arg("-V")))
        ),
        format!("Kiln: {}", or_unknown(said(Command::new("git").args(["describe", "--always", "--dirty"])))),
        format!("single threads are {}", pinned.describe()),
    ]
}

fn said(command: &mut Command) -> Option<String> {
    output(command).ok().map(|text| text.trim().to_owned())
}
