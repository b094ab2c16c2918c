//! Made-up events, for those who have no corpus.
//!
//! In: a seed and a size. Out: NDJSON of process, file, registry, network, DNS and authentication events of machines
//! with three operating systems, the same for the same seed; among them, one in fifty, the events beside the
//! shipped rules, which do fire them. They are plainer and more alike than what real machines send, so figures over
//! them are no headline.

use kiln_test_support::shipped;
use serde_json::{Value, json};

/// A generator of numbers that is the same everywhere: xorshift64*.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// One that starts from a seed.
    pub fn new(seed: u64) -> Self {
        // Seeds of few bits would give small numbers at first, and zero nothing else.
        Self((seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// Puts `items` into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(self.pick(b"0123456789abcdef"))).collect()
    }
}

/// At least `size` bytes of whole lines.
pub fn lines(seed: u64, size: usize) -> Vec<u8> {
    let mut world = World::new(seed);
    let firing = firing();
    let mut bytes = Vec::with_capacity(size + (1 << 16));
    while bytes.len() < size {
        if world.random.below(FIRING) == 0 && !firing.is_empty() {
            for line in &firing[world.random.below(firing.len())] {
                push(&mut bytes, line);
            }
        } else {
            push(&mut bytes, &world.event().to_string());
        }
    }
    bytes
}

/// One in so many is made to fire a rule; such a case may be several events.
const FIRING: usize = 50;

fn push(bytes: &mut Vec<u8>, line: &str) {
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
}

/// The events beside the shipped rules that must fire them.
fn firing() -> Vec<Vec<String>> {
    let rules = shipped::rules();
    let cases = rules.rules.iter().flat_map(|rule| shipped::cases(&rules, rule));
    cases.filter(|case| case.fires).map(|case| case.events).collect()
}

/// A machine that sends events.
struct Machine {
    os: &'static Os,
    name: String,
    id: String,
    address: String,
    user: &'static str,
}

/// What machines of a kind have on them.
struct Os {
    kind: &'static str,
    name: &'static str,
    version: &'static str,
    separator: &'static str,
    start: &'static str,
    /// Folder, program, and what it may be started with.
    programs: &'static [(&'static str, &'static str, &'static [&'static str])],
    folders: &'static [&'static str],
    users: &'static [&'static str],
}

const SYSTEMS: [Os; 3] = [
    Os {
        kind: "windows",
        name: "Windows Server 2022",
        version: "10.0.20348",
        separator: "\\",
        start: "start",
        programs: &[
            (r"C:\Windows\System32", "svchost.exe", &["-k", "netsvcs", "-p", "-s", "Schedule"]),
            (r"C:\Windows\System32", "conhost.exe", &["0xffffffff", "-ForceV1"]),
            (r"C:\Windows\System32", "cmd.exe", &["/c", "echo", "%TEMP%", "dir", "/s", r"C:\Reports\*.csv"]),
            (
                r"C:\Windows\System32\WindowsPowerShell\v1.0",
                "powershell.exe",
                &["-NoProfile", "-File", r"C:\Ops\inventory.ps1"],
            ),
            (
                r"C:\Program Files\Contoso\Agent",
                "agentd.exe",
                &["--config", r"C:\ProgramData\Contoso\agent.yml"],
            ),
            (
                r"C:\Windows",
                "explorer.exe",
                &["/factory,{75dff2b7-6936-4c06-a8bb-676a7b00b24b}", "-Embedding"],
            ),
            (r"C:\Program Files\Git\cmd", "git.exe", &["fetch", "--prune", "origin", "status", "--short"]),
        ],
        folders: &[
            r"C:\Users\public\Documents",
            r"C:\ProgramData\Contoso\cache",
            r"C:\Windows\Temp",
            r"C:\Reports",
        ],
        users: &["SYSTEM", "maria", "jonas", "svc-backup"],
    },
    Os {
        kind: "linux",
        name: "Debian GNU/Linux",
        version: "12.8",
        separator: "/",
        start: "exec",
        programs: &[
            ("/usr/bin", "bash", &["-c", "uptime; df -h | sort -k 5 -n", "--login"]),
            (
                "/usr/bin",
                "python3",
                &["-m", "reports.daily", "--since", "yesterday", "--out", "/srv/reports"],
            ),
            ("/usr/sbin", "cron", &["-f", "-P"]),
            ("/usr/bin", "curl", &["-sS", "--retry", "3", "https://updates.example.com/index.json"]),
            ("/usr/lib/systemd", "systemd-udevd", &["--daemon", "--resolve-names=early"]),
            ("/usr/bin", "rsync", &["-a", "--delete", "/srv/www/", "mirror.example.net::www"]),
            ("/usr/bin", "grep", &["-rn", "--include=*.conf", "listen", "/etc/nginx"]),
        ],
        folders: &["/var/log/app", "/tmp", "/srv/reports", "/home/deploy/build", "/var/lib/app/queue"],
        users: &["root", "deploy", "www-data", "postgres"],
    },
    Os {
        kind: "macos",
        name: "macOS",
        version: "15.1",
        separator: "/",
        start: "exec",
        programs: &[
            ("/bin", "zsh", &["-l", "-c", "brew outdated"]),
            ("/usr/libexec", "mdworker_shared", &["-s", "mdworker", "-c", "MDSImporterWorker"]),
            ("/Applications/Mail.app/Contents/MacOS", "Mail", &["-psn_0_45067"]),
            ("/usr/bin", "swift", &["build", "-c", "release", "--arch", "arm64"]),
            ("/usr/sbin", "softwareupdate", &["--list", "--no-scan"]),
        ],
        folders: &[
            "/Users/nina/Library/Caches",
            "/private/tmp",
            "/Users/nina/Projects/site",
            "/Library/Logs",
        ],
        users: &["nina", "root", "_spotlight"],
    },
];

const EXTENSIONS: [&str; 8] = ["log", "tmp", "csv", "json", "dll", "so", "plist", "pdf"];
const DOMAINS: [&str; 6] = [
    "updates.example.com",
    "mirror.example.net",
    "ntp.example.org",
    "login.example.com",
    "telemetry.example.net",
    "cdn-7.example.org",
];
const REGISTRY_KEYS: [&str; 4] = [
    r"SOFTWARE\Contoso\Agent\State",
    r"SYSTEM\ControlSet001\Services\W32Time\Config",
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs",
    r"SOFTWARE\Policies\Contoso\Update",
];

/// Where events come from: some machines, and a clock.
struct World {
    random: Random,
    machines: Vec<Machine>,
    /// Milliseconds since the day began.
    clock: u64,
    sequence: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let machines = (0..40)
            .map(|number| {
                // Half of them Windows.
                let os = &SYSTEMS[[0, 0, 1, 2][number % 4]];
                Machine {
                    os,
                    name: format!("{}-{number:02}.example.com", &os.kind[..3]),
                    id: random.hex(32),
                    address: format!(
                        "10.{}.{}.{}",
                        random.below(8),
                        random.below(256),
                        1 + random.below(254)
                    ),
                    user: random.pick(os.users),
                }
            })
            .collect();
        Self { random, machines, clock: 0, sequence: 0 }
    }

    fn event(&mut self) -> Value {
        self.clock += 1 + self.random.below(40) as u64;
        self.sequence += 1;
        let machine = self.random.below(self.machines.len());
        let kind = match self.random.below(20) {
            0..=6 => "process",
            7..=11 => "file",
            12..=13 if self.machines[machine].os.kind == "windows" => "registry",
            12..=16 => "network",
            17..=18 => "dns",
            _ => "authentication",
        };
        let (mut event, category, (kind_of_change, action)) = self.of_kind(machine, kind);
        let machine = &self.machines[machine];
        let time = time(self.clock);
        let dataset = format!("endpoint.events.{kind}");
        event["@timestamp"] = json!(time);
        event["agent"] = json!({"id": &machine.id[..12], "type": "endpoint", "version": "1.4.2"});
        event["data_stream"] = json!({"dataset": dataset, "namespace": "default", "type": "logs"});
        event["ecs"] = json!({"version": "8.17.0"});
        event["event"] = json!({
            "action": action, "category": category, "type": [kind_of_change], "dataset": dataset, "kind": "event",
            "id": self.random.hex(20), "ingested": time, "sequence": self.sequence, "outcome": "success",
        });
        event["host"] = json!({
            "id": machine.id, "name": machine.name, "hostname": machine.name, "ip": [machine.address, "127.0.0.1"],
            "architecture": "x86_64",
            "os": {
                "type": machine.os.kind, "name": machine.os.name, "version": machine.os.version,
                "full": format!("{} {}", machine.os.name, machine.os.version),
            },
        });
        event["user"] = json!({"name": machine.user, "domain": "EXAMPLE", "id": format!("S-1-5-{}", self.random.below(5000))});
        event["message"] = json!(format!("{kind} event on {}: {action}", machine.name));
        event
    }

    /// The part that differs by kind, its categories, and the type and action that go together.
    fn of_kind(
        &mut self,
        machine: usize,
        kind: &str,
    ) -> (Value, Vec<&'static str>, (&'static str, &'static str)) {
        let start = self.machines[machine].os.start;
        let process = self.process(machine, kind == "process");
        let mut event = json!({"process": process});
        match kind {
            "process" => (
                event,
                vec!["process"],
                self.random.pick(&[("start", start), ("start", start), ("end", "end")]),
            ),
            "file" => {
                event["file"] = self.file(machine);
                let changes = [
                    ("creation", "creation"),
                    ("change", "overwrite"),
                    ("deletion", "deletion"),
                    ("change", "rename"),
                ];
                (event, vec!["file"], self.random.pick(&changes))
            }
            "registry" => {
                event["registry"] = self.registry();
                (
                    event,
                    vec!["registry"],
                    self.random.pick(&[("change", "modification"), ("access", "query")]),
                )
            }
            "network" => {
                event["source"] =
                    json!({"ip": self.machines[machine].address, "port": 49_152 + self.random.below(16_000)});
                event["destination"] =
                    json!({"ip": self.outside(), "port": self.random.pick(&[443, 80, 22, 8443, 123])});
                event["network"] = json!({"transport": "tcp", "type": "ipv4", "direction": "egress", "bytes": self.random.below(90_000)});
                (
                    event,
                    vec!["network"],
                    self.random.pick(&[("start", "connection_attempted"), ("end", "disconnect_received")]),
                )
            }
            "dns" => {
                let name = self.random.pick(&DOMAINS);
                event["dns"] = json!({
                    "question": {"name": name, "type": self.random.pick(&["A", "AAAA"]), "registered_domain": &name[name.find('.').map_or(0, |dot| dot + 1)..]},
                    "resolved_ip": [self.outside()],
                });
                (event, vec!["network"], ("info", "lookup_requested"))
            }
            _ => {
                event["source"] = json!({"ip": self.outside()});
                event["related"] = json!({"user": [self.machines[machine].user]});
                (
                    event,
                    vec!["authentication"],
                    self.random.pick(&[("start", "logged-in"), ("info", "logon-failed")]),
                )
            }
        }
    }

    fn process(&mut self, machine: usize, whole: bool) -> Value {
        let os = self.machines[machine].os;
        let (folder, name, arguments) = self.random.pick(os.programs);
        let executable = format!("{folder}{}{name}", os.separator);
        let mut process = json!({
            "name": name, "executable": executable, "pid": 300 + self.random.below(30_000), "entity_id": self.random.hex(16),
        });
        if !whole {
            return process;
        }
        let count = 1 + self.random.below(arguments.len());
        let mut all = vec![name];
        all.extend(&arguments[..count]);
        process["args"] = json!(all);
        process["args_count"] = json!(all.len());
        process["command_line"] = json!(all.join(" "));
        process["working_directory"] = json!(self.random.pick(os.folders));
        process["hash"] = json!({"sha256": self.random.hex(64), "md5": self.random.hex(32)});
        process["code_signature"] =
            json!({"exists": true, "status": "trusted", "trusted": true, "subject_name": "Contoso Ltd"});
        process["pe"] = json!({"original_file_name": name});
        let (folder, name, arguments) = self.random.pick(os.programs);
        process["parent"] = json!({
            "name": name, "executable": format!("{folder}{}{name}", os.separator), "pid": 1 + self.random.below(300),
            "entity_id": self.random.hex(16), "args": [name, arguments[0]],
            "command_line": format!("{name} {}", arguments[0]),
        });
        process
    }

    fn file(&mut self, machine: usize) -> Value {
        let os = self.machines[machine].os;
        let extension = self.random.pick(&EXTENSIONS);
        let name = format!("{}.{extension}", self.random.hex(8));
        let folder = self.random.pick(os.folders);
        json!({
            "name": name, "extension": extension, "directory": folder, "path": format!("{folder}{}{name}", os.separator),
            "size": self.random.below(1 << 22), "owner": self.machines[machine].user,
        })
    }

    fn registry(&mut self) -> Value {
        let key = self.random.pick(&REGISTRY_KEYS);
        let value = self.random.pick(&["State", "Enabled", "LastRun", "Path"]);
        json!({
            "hive": "HKLM", "key": key, "value": value, "path": format!(r"HKLM\{key}\{value}"),
            "data": {"type": "REG_SZ", "strings": [self.random.hex(12)]},
        })
    }

    /// An address of those that are set aside for documentation.
    fn outside(&mut self) -> String {
        format!(
            "{}.{}",
            self.random.pick(&["192.0.2", "198.51.100", "203.0.113"]),
            1 + self.random.below(254)
        )
    }
}

fn time(clock: u64) -> String {
    let (seconds, millis) = (clock / 1_000, clock % 1_000);
    let (days, hours, minutes) = (1 + seconds / 86_400 % 28, seconds / 3_600 % 24, seconds / 60 % 60);
    format!("2026-11-{days:02}T{hours:02}:{minutes:02}:{:02}.{millis:03}Z", seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KINDS: [&str; 6] = ["process", "file", "registry", "network", "dns", "authentication"];

    fn parsed(bytes: &[u8]) -> Vec<Value> {
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(lines(7, 100_000), lines(7, 100_000));
        assert_ne!(lines(7, 100_000), lines(8, 100_000));
    }

    #[test]
    fn every_kind_and_system_occurs_and_rules_are_fired() {
        let bytes = lines(1, 1_000_000);
        assert!(bytes.ends_with(b"\n"));
        let events = parsed(&bytes);
        let made: Vec<_> = events.iter().filter(|event| event["agent"]["version"] == "1.4.2").collect();
        let datasets: BTreeSet<_> =
            made.iter().filter_map(|event| event["data_stream"]["dataset"].as_str()).collect();
        let wanted: BTreeSet<_> = KINDS.iter().map(|kind| format!("endpoint.events.{kind}")).collect();
        assert_eq!(datasets, wanted.iter().map(String::as_str).collect());
        let systems: BTreeSet<_> =
            made.iter().filter_map(|event| event["host"]["os"]["type"].as_str()).collect();
        assert_eq!(systems, BTreeSet::from(["linux", "macos", "windows"]));
        let firing = events.len() - made.len();
        assert!(firing * 200 > events.len() && firing * 20 < events.len(), "{firing} of {}", events.len());
    }

    #[test]
    fn clocks_go_round() {
        assert_eq!(time(0), "2026-11-01T00:00:00.000Z");
        assert_eq!(time(86_400_000 + 3_661_007), "2026-11-02T01:01:01.007Z");
    }
}
