//! Runs the command as a user would.
#![allow(dead_code, reason = "no test file uses all of it")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The command with arguments.
pub(crate) struct Kiln {
    command: Command,
    input: Option<Vec<u8>>,
}

/// What a run of it printed and how it ended.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

pub(crate) fn kiln<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Kiln {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("COLUMNS").env("NO_COLOR", "1");
    Kiln { command, input: None }
}

impl Kiln {
    /// What it reads from stdin.
    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    pub(crate) fn run(mut self) -> Run {
        self.command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the command starts");
        let writer = self.input.map(|input| {
            let mut stdin = child.stdin.take().expect("stdin is piped");
            // It may stop reading early, which is its right.
            std::thread::spawn(move || stdin.write_all(&input))
        });
        let Output { status, stdout, stderr } = child.wait_with_output().expect("the command ends");
        if let Some(writer) = writer {
            let _ = writer.join().expect("the writer does not panic");
        }
        let stderr = String::from_utf8(stderr).expect("messages are UTF-8");
        assert!(!stderr.contains("panicked"), "{stderr}");
        let code = status.code().expect("the command is not killed");
        Run { stdout: String::from_utf8(stdout).expect("output is UTF-8"), stderr, code }
    }
}

impl Run {
    /// Fails unless it ended with `code`.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Its output as JSON, line by line.
    pub(crate) fn json(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// A folder for the files of one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the target folder is writable");
        Self(folder)
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("files have a folder"))
            .expect("the target folder is writable");
        fs::write(&path, content).expect("the target folder is writable");
        path.to_str().expect("test paths are UTF-8").to_owned()
    }

    pub(crate) fn path(&self) -> String {
        self.0.to_str().expect("test paths are UTF-8").to_owned()
    }
}

/// An event that the rule about curl and SOCKS proxies matches.
pub(crate) const CURL: &str = r#"{"@timestamp":"2026-02-03T04:05:06.000Z","event":{"kind":"event","category":["process"],"type":["start"],"action":"exec","id":"curl-1"},"host":{"name":"web-01","os":{"type":"linux"}},"process":{"name":"curl","args":["curl","-x","socks5h://192.0.2.9:1080"],"parent":{"name":"bash"}},"user":{"name":"alice"},"labels":{"n":1.50}}"#;

/// An event that no rule matches.
pub(crate) const DULL: &str =
    r#"{"@timestamp":"2026-02-03T04:05:07.000Z","event":{"category":["process"],"type":["end"]}}"#;

/// Attempts to guess a password, then a login: all events of one sequence.
pub(crate) fn guessing(host: &str) -> Vec<String> {
    let event = |second: usize, outcome: &str| {
        format!(
            r#"{{"@timestamp":"2026-02-03T05:00:{second:02}.000Z","event":{{"category":["authentication"],"action":"ssh_login","outcome":"{outcome}","id":"{host}-{second}"}},"host":{{"id":"{host}","name":"{host}","os":{{"type":"linux"}}}},"source":{{"ip":"198.51.100.7"}}}}"#
        )
    };
    let mut events: Vec<_> = (0..5).map(|second| event(second, "failure")).collect();
    events.push(event(9, "success"));
    events
}
