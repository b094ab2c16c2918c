//! Every reader against `serde_json`, over real events and over broken ones.

mod support;

use std::fmt::Write;
use support::readers::{Readers, some_fields};
use support::{Random, events, rule_fields};

/// The text in blocks of whole lines.
fn blocks(text: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let cut = size.min(rest.len());
        let end =
            rest[cut..].iter().position(|&byte| byte == b'\n').map_or(rest.len(), |more| cut + more + 1);
        let (block, later) = rest.split_at(end);
        rest = later;
        Some(block)
    })
}

#[test]
#[cfg_attr(miri, ignore = "too much for Miri")]
fn corpus_events_have_the_same_values() {
    let (Some(paths), Some(text)) = (rule_fields(), events("corpus/events")) else { return };
    assert!(paths.len() > 150, "only {} fields found in the rules", paths.len());
    let mut readers = Readers::new(paths);
    let count: usize = blocks(&text, 200_000).map(|block| readers.compare(block).0).sum();
    assert_eq!(count, 30_208);
}

#[test]
#[cfg_attr(miri, ignore = "too much for Miri")]
fn windows_events_have_the_same_values() {
    let (Some(paths), Some(text)) = (rule_fields(), events("corpus/windows")) else { return };
    let mut readers = Readers::new(paths);
    let text = &text[..text.len().min(20_000_000)];
    let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let count: usize = blocks(&text[..end], 200_000).map(|block| readers.compare(block).0).sum();
    assert!(count > 4_000, "{count}");
}

#[test]
fn runs_of_backslashes_at_every_offset() {
    let mut readers = Readers::new(some_fields());
    let mut good = 0;
    let runs = if cfg!(miri) { 1..=4 } else { 1..=130 };
    for run in runs.clone() {
        let mut block = String::new();
        for offset in 0..64 {
            let before = "x".repeat(offset);
            let run = "\\".repeat(run);
            for tail in ["", "u0061", "\"", "n", "\",\"b\":\"2"] {
                let _ = writeln!(block, r#"{{"x":"{before}","a":"{run}{tail}","b":1}}"#);
            }
            // The same in a key and a skipped string, before a slot's name that is spelled with an escape.
            let _ = writeln!(block, r#"{{"{before}{run}":"{run}\u0061","\u0062":1}}"#);
        }
        good += readers.compare(block.as_bytes()).0;
        for line in block.lines() {
            readers.compare(line.as_bytes());
        }
    }
    assert!(good > runs.count() * 115, "{good}");
}

/// A sound line that holds a bit of everything.
const SEED: &str = r#"{"@timestamp":"2024-01-01T00:00:00Z","event":{"category":["process","file"],"type":"start"},"host.os":{"type":"linux"},"process":{"args":["a\"b","\\","c\u0061d",7,true,null,[1.5e3]],"name":"\u00e9t\u00e9 ü","x":{"y":[{"z":"}{"}]}},"a":[{"b":1},{"b":[2,{}]}],"a.b":-0.0,"b":"C:\\Windows\\\\x\/","\u0062":3}"#;

#[test]
fn cut_lines_have_the_same_fate() {
    let mut readers = Readers::new(some_fields());
    for end in (0..=SEED.len()).step_by(if cfg!(miri) { 13 } else { 1 }) {
        readers.compare(&SEED.as_bytes()[..end]);
        let cut = [&SEED.as_bytes()[..end], b"\n", SEED.as_bytes(), b"\n"].concat();
        assert!(readers.compare(&cut).0 >= 1);
    }
}

#[test]
fn broken_lines_have_the_same_fate_and_do_not_touch_their_neighbours() {
    let mut readers = Readers::new(some_fields());
    let mut random = Random(7);
    let (mut sound, mut refused) = (0, 0);
    let rounds = if cfg!(miri) { 30 } else { 6_000 };
    for _ in 0..rounds {
        let mut block = Vec::new();
        for _ in 0..=random.below(12) {
            let mut line = SEED.as_bytes().to_vec();
            for _ in 0..random.below(4) {
                mutate(&mut line, &mut random);
            }
            block.extend_from_slice(&line);
            block.extend_from_slice([&b"\n"[..], b"\r\n", b"\n\n", b" \n"][random.below(4)]);
        }
        if random.below(3) == 0 {
            block.truncate(block.len() - 1);
        }
        let counts = readers.compare(&block);
        sound += counts.0;
        refused += counts.1;
    }
    assert!(sound > rounds && refused > rounds, "{sound} sound, {refused} refused");
}

#[test]
fn noise_is_read_alike_by_all() {
    const BYTES: &[u8] = b"{}[]\"\"\"::,,\\ab.\n \t1-et\xC3\xA9\x00u";
    let mut readers = Readers::new(some_fields());
    let mut random = Random(11);
    let (mut sound, mut refused) = (0, 0);
    let rounds = if cfg!(miri) { 100 } else { 20_000 };
    for _ in 0..rounds {
        let len = random.below(200);
        // Now and then something that looks like an event, so that the noise stands inside of one.
        let mut block = if random.below(2) == 0 { br#"{"a":{"b":"#.to_vec() } else { Vec::new() };
        block.extend((0..len).map(|_| BYTES[random.below(BYTES.len())]));
        let counts = readers.compare(&block);
        sound += counts.0;
        refused += counts.1;
    }
    assert!(cfg!(miri) || sound > 0, "{sound}");
    assert!(refused > rounds / 2, "{refused}");
}

fn mutate(line: &mut Vec<u8>, random: &mut Random) {
    const BYTES: &[u8] = b"\"\\{}[],: \tu0\x01\x80\xC3-.e1n";
    let at = random.below(line.len());
    let byte = BYTES[random.below(BYTES.len())];
    match random.below(5) {
        0 => line[at] = byte,
        1 => line[at] ^= 1 << random.below(8),
        2 => line.insert(at, byte),
        3 => drop(line.remove(at)),
        _ => {
            let piece: Vec<u8> = line[at..line.len().min(at + random.below(40))].to_vec();
            let to = random.below(line.len());
            line.splice(to..to, piece);
        }
    }
}
