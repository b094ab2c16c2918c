//! What JSON libraries take to read the lines of a file, without any rule: `peer-json EVENTS PASSES`.
//!
//! Out: a JSON object a line, one for each library and way, with the seconds of each pass. No detector that is built on
//! one of these ways can be faster. One thread.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use sonic_rs::{LazyValue, PointerTree};

/// The fields that simdjson's program reads, too.
const FIELDS: [&[&str]; 8] = [
    &["event", "category"],
    &["event", "type"],
    &["event", "action"],
    &["host", "os", "type"],
    &["process", "name"],
    &["process", "executable"],
    &["process", "command_line"],
    &["user", "name"],
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [events, passes] = &arguments[..] else { return Err("usage: peer-json EVENTS PASSES".into()) };
    let bytes = fs::read(events)?;
    let passes: usize = passes.parse()?;
    let measure = |name: &str, version: &str, each: &mut dyn FnMut(&[u8]) -> bool| {
        let mut counts = (0_u64, 0_u64);
        let seconds: Vec<f64> = (0..passes.max(1))
            .map(|_| {
                counts = (0, 0);
                let start = Instant::now();
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    if end > 0 {
                        counts.0 += 1;
                        counts.1 += u64::from(!each(&rest[..end]));
                    }
                    rest = rest.get(end + 1..).unwrap_or_default();
                }
                start.elapsed().as_secs_f64()
            })
            .collect();
        let answer = json!({
            "name": name, "version": version, "events": counts.0, "errors": counts.1, "bytes": bytes.len(),
            "seconds": seconds,
        });
        println!("{answer}");
    };
    measure("serde_json, IgnoredAny", version("serde_json"), &mut |line| {
        black_box(serde_json::from_slice::<IgnoredAny>(line)).is_ok()
    });
    measure("serde_json, Value", version("serde_json"), &mut |line| {
        black_box(serde_json::from_slice::<Value>(line)).is_ok()
    });
    let mut tree = PointerTree::new();
    for path in FIELDS {
        tree.add_path(path.iter());
    }
    measure("sonic-rs, 8 paths", version("sonic-rs"), &mut |line| {
        black_box(sonic_rs::get_many(line, &tree)).is_ok()
    });
    measure("sonic-rs, struct of 8 fields", version("sonic-rs"), &mut |line| {
        black_box(sonic_rs::from_slice::<Event<'_>>(line)).is_ok()
    });
    Ok(())
}

/// The version of a package that was built in.
fn version(package: &str) -> &'static str {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let entry = LOCK.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")));
    entry.and_then(|entry| entry.split('"').nth(3)).unwrap_or("?")
}

/// Scalars and arrays alike are borrowed as they stand.
type Field<'a> = Option<LazyValue<'a>>;

#[derive(Deserialize)]
#[allow(
    dead_code,
    clippy::struct_field_names,
    reason = "read and thrown away; the names are those of the events"
)]
struct Event<'a> {
    #[serde(borrow)]
    event: Option<EventPart<'a>>,
    #[serde(borrow)]
    host: Option<Host<'a>>,
    #[serde(borrow)]
    process: Option<Process<'a>>,
    #[serde(borrow)]
    user: Option<User<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and thrown away")]
struct EventPart<'a> {
    #[serde(borrow)]
    category: Field<'a>,
    #[serde(borrow)]
    r#type: Field<'a>,
    #[serde(borrow)]
    action: Field<'a>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and thrown away")]
struct Host<'a> {
    #[serde(borrow)]
    os: Option<Os<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and thrown away")]
struct Os<'a> {
    #[serde(borrow)]
    r#type: Field<'a>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and thrown away")]
struct Process<'a> {
    #[serde(borrow)]
    name: Field<'a>,
    #[serde(borrow)]
    executable: Field<'a>,
    #[serde(borrow)]
    command_line: Field<'a>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and thrown away")]
struct User<'a> {
    #[serde(borrow)]
    name: Field<'a>,
}
