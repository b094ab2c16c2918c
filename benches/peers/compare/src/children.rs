//! Runs the peers, each in a process of its own, pinned to one processor.
//!
//! In: the files to read. Out: what each answered, or what is missing and how to get it. Nothing here is skipped in
//! silence.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a peer answered, or why it did not.
pub(crate) type Answer = Result<Value, String>;

/// Where things are built and kept between runs.
#[derive(Debug)]
pub(crate) struct Workshop {
    /// The folder of this program, where Cargo puts the others as well.
    programs: PathBuf,
    /// The workspace.
    workspace: PathBuf,
    /// The processor that everything is pinned to; none without `taskset`.
    cpu: Option<usize>,
}

impl Workshop {
    pub(crate) fn new(cpu: Option<usize>) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let programs = program.parent().ok_or("this program lies in no folder")?.to_owned();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Ok(Self {
            programs,
            workspace,
            cpu: cpu.filter(|_| output(Command::new("taskset").arg("-V")).is_ok()),
        })
    }

    /// How the processes are pinned, for people.
    pub(crate) fn pinning(&self) -> String {
        match self.cpu {
            Some(cpu) => format!("pinned to processor {cpu}"),
            None => "not pinned (taskset of util-linux is missing, or --no-pin)".to_owned(),
        }
    }

    /// Runs this program again, to measure Kiln as the others are measured.
    pub(crate) fn kiln(&self, arguments: &[&str]) -> Answer {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        self.one(&program, arguments)
    }

    /// Builds a peer by itself, so that the features of its libraries are its own.
    pub(crate) fn build(&self, package: &str) -> Result<PathBuf, String> {
        let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        cargo
            .args(["build", "--quiet", "--package", package, "--manifest-path"])
            .arg(self.workspace.join("Cargo.toml"));
        if self.programs.ends_with("release") {
            cargo.arg("--release");
        }
        output(&mut cargo).map_err(|error| format!("{package} does not build: {error}"))?;
        Ok(self.programs.join(package))
    }

    /// The program that reads eight fields with simdjson.
    pub(crate) fn simdjson(&self) -> Result<PathBuf, String> {
        let program = self.programs.join("simdjson-fields");
        let source = self.workspace.join("simdjson/fields.cpp");
        let mut compiler = Command::new("g++");
        compiler.args(["-O3", "-march=native", "-o"]).arg(&program).arg(source).arg("-lsimdjson");
        output(&mut compiler).map_err(|_| {
            "missing: g++ and libsimdjson-dev (apt-get install g++ libsimdjson-dev)".to_owned()
        })?;
        Ok(program)
    }

    /// A Python with the package `eql`, in a virtual environment beside the programs.
    pub(crate) fn python(&self) -> Result<PathBuf, String> {
        let folder = self.programs.join("python-eql");
        let python = folder.join("bin/python");
        let has_eql = |python: &Path| output(Command::new(python).args(["-c", "import eql"])).is_ok();
        if has_eql(&python) {
            return Ok(python);
        }
        output(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .map_err(|_| "missing: python3 with venv (apt-get install python3-venv)".to_owned())?;
        let requirements = self.workspace.join("python/requirements.txt");
        output(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(requirements),
        )
        .map_err(|error| format!("missing: the Python package eql, pip cannot get it: {error}"))?;
        Ok(python)
    }

    /// The script that drives python-eql.
    pub(crate) fn python_script(&self) -> PathBuf {
        self.workspace.join("python/eql_peer.py")
    }

    /// Runs a program that answers with one JSON object.
    pub(crate) fn one(&self, program: &Path, arguments: &[&str]) -> Answer {
        self.many(program, arguments)?.pop().ok_or_else(|| format!("{} said nothing", program.display()))
    }

    /// Runs a program that answers with a JSON object a line.
    pub(crate) fn many(&self, program: &Path, arguments: &[&str]) -> Result<Vec<Value>, String> {
        let mut command = match self.cpu {
            Some(cpu) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &cpu.to_string()]).arg(program);
                command
            }
            None => Command::new(program),
        };
        let text =
            output(command.args(arguments)).map_err(|error| format!("{}: {error}", program.display()))?;
        let answers = text.lines().map(serde_json::from_str::<Value>);
        answers.collect::<Result<_, _>>().map_err(|error| format!("{}: {error}", program.display()))
    }
}

/// What a command writes, or the last line of what went wrong.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed").to_owned())
}
