//! Every reader against `serde_json`, form by form: how keys, values and lines can be written.

mod support;

use rule_runtime::event::{Event, Scalar, Slot, SlotTree};
use rule_runtime::reader::{BlockReader, DEFAULT_DEPTH_LIMIT, ReadErrorKind, StrictReader};
use std::fmt::Write;
use support::readers::{Readers, some_fields};
use support::{Random, collect};

/// Miri is slow.
const MIRI: bool = cfg!(miri);

/// A JSON object of fields that are wanted and others, written in any of the ways there are.
fn object(random: &mut Random, depth: usize, out: &mut String) {
    out.push('{');
    for entry in 0..random.below(if depth == 0 { 9 } else { 4 }) {
        if entry > 0 {
            out.push(',');
        }
        blanks(random, out);
        // Fields are met whole, in parts, twice, and in front of others that begin like them.
        let keys = [
            "a",
            "b",
            "a.b",
            "event",
            "category",
            "event.category",
            "host",
            "os",
            "host.os",
            "type",
            "os.type",
            "host.os.type",
            "process",
            "args",
            "name",
            "process.args",
            "",
            ".",
            "a.",
            ".b",
            "x",
            "aa",
            "event.",
            "x.event.category",
            "process.nam",
            "process.name.x",
            "né",
        ];
        let key = keys[random.below(keys.len())];
        text(random, key, out);
        blanks(random, out);
        out.push(':');
        blanks(random, out);
        value(random, depth + 1, out);
        blanks(random, out);
    }
    blanks(random, out);
    out.push('}');
}

fn value(random: &mut Random, depth: usize, out: &mut String) {
    let texts =
        ["", "linux", "{\"a\":1}", "]},", "C:\\x\\", "\"", "é🦀", "\u{1}\n\t", "\u{7f}\u{80}", "\\u0061"];
    match random.below(if depth > 6 { 4 } else { 8 }) {
        0 => out.push_str(["true", "false", "null"][random.below(3)]),
        1 => out.push_str(NUMBERS[random.below(NUMBERS.len())]),
        2 | 3 => {
            let chosen = texts[random.below(texts.len())];
            text(random, chosen, out);
        }
        4 | 5 => object(random, depth, out),
        _ => {
            out.push('[');
            for element in 0..random.below(4) {
                if element > 0 {
                    out.push(',');
                }
                blanks(random, out);
                value(random, depth + 1, out);
                blanks(random, out);
            }
            out.push(']');
        }
    }
}

/// A string, some characters of which are escaped though they need not be.
fn text(random: &mut Random, text: &str, out: &mut String) {
    let often = random.below(4) == 0;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => _ = write!(out, "\\{c}"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '/' if often => out.push_str("\\/"),
            _ if c < ' ' || (often && random.below(2) == 0) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = if random.below(2) == 0 {
                        write!(out, "\\u{unit:04x}")
                    } else {
                        write!(out, "\\u{unit:04X}")
                    };
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn blanks(random: &mut Random, out: &mut String) {
    if random.below(8) == 0 {
        out.push_str([" ", "\t", "  \t ", "\r"][random.below(4)]);
    }
}

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "7",
    "-1",
    "10",
    "4624",
    "0.0",
    "-0.0",
    "1.0",
    "1.50",
    "0.1",
    "1e3",
    "1E3",
    "1e+3",
    "1E-3",
    "-1.5e10",
    "0e0",
    "0E+00",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775809",
    "1e400",
    "123456789012345678901234567890.123456789012345678901234567890",
];

const NO_NUMBERS: &[&str] = &[
    "01",
    "-01",
    "00",
    "1.",
    ".5",
    "-",
    "+1",
    "-+1",
    "1e",
    "1e+",
    "1.e3",
    "1.5.5",
    "0x1F",
    "1_000",
    "1e3.5",
    "NaN",
    "Infinity",
    "-Infinity",
    "1a",
    "--1",
    "١",
    "1-1",
    "1e5e5",
];

#[test]
fn objects_written_in_any_way_have_the_same_values() {
    let mut readers = Readers::new(some_fields());
    let mut random = Random(3);
    let (mut sound, mut lines) = (0, 0);
    for _ in 0..if MIRI { 30 } else { 6_000 } {
        let mut block = String::new();
        for _ in 0..=random.below(6) {
            if random.below(6) == 0 {
                block.push('\u{FEFF}');
            }
            blanks(&mut random, &mut block);
            object(&mut random, 0, &mut block);
            block.push_str(["\n", "\r\n", "\n\n", "\n \t\r\n"][random.below(4)]);
            lines += 1;
        }
        sound += readers.compare(block.as_bytes()).0;
    }
    assert_eq!(sound, lines);
}

#[test]
fn keys_come_twice_split_anywhere_and_escaped() {
    let mut readers = Readers::new(some_fields());
    let spellings = [
        r#""host.os.type":V"#,
        r#""host":{"os.type":V}"#,
        r#""host.os":{"type":V}"#,
        r#""host":{"os":{"type":V}}"#,
        r#""h\u006fst":{"\u006fs":{"typ\u0065":V}}"#,
        r#""host\u002eos.type":V"#,
        r#""\u0068\u006F\u0073\u0074":[{"os":[{"type":V},{"type":V}]},V]"#,
    ];
    let mut block = String::new();
    let mut count = 0;
    for one in spellings {
        for other in spellings {
            let (one, other) = (one.replace('V', "\"x\""), other.replace('V', "[1,\"x\"]"));
            let _ = writeln!(block, "{{{one},\"a\":0,{other},{one}}}");
            count += 1;
        }
    }
    assert_eq!(readers.compare(block.as_bytes()).0, count);
    // The reference has been asked the right question.
    let tree = SlotTree::build(&["host.os.type"]).expect("one path");
    let mut event = Event::with_slots(1);
    for line in block.lines() {
        StrictReader::default().read(&tree.as_ref(), line.as_bytes(), &mut event).expect("JSON");
        assert!(event.view(line.as_bytes()).values(Slot(0)).count() >= 4, "{line}");
    }
}

#[test]
fn numbers_of_every_form() {
    let mut readers = Readers::new(some_fields());
    let mut block = String::new();
    let mut sound = 0;
    for (numbers, good) in [(NUMBERS, true), (NO_NUMBERS, false)] {
        for number in numbers {
            for line in [
                format!("{{\"a\":{number}}}"),
                format!("{{\"a\":[{number},{number} ],\"b\":\t{number} }}"),
                format!("{{\"x\":[{number}],\"process\":{{\"args\":[[{number}]]}}}}"),
                format!("{{\"event\":{{\"category\":{number}}}}}"),
            ] {
                block.push_str(&line);
                block.push('\n');
                sound += usize::from(good);
            }
        }
    }
    assert_eq!(readers.compare(block.as_bytes()), (sound, NO_NUMBERS.len() * 4), "wanted ones are checked");
    let texts: Vec<_> = NUMBERS.iter().map(|number| format!("{{\"n\":{number}}}")).collect();
    let tree = SlotTree::build(&["n"]).expect("one path");
    for (_, mut reader) in BlockReader::all() {
        let text = texts.join("\n");
        let mut lines = reader.lines(text.as_bytes());
        let mut event = Event::with_slots(1);
        for number in NUMBERS {
            let line = lines.next_line().expect("a line for each number");
            lines.read(&tree.as_ref(), &mut event).expect("JSON");
            assert_eq!(event.view(line.text).first(Slot(0)), Some(Scalar::Number(number.as_bytes())));
        }
    }
}

#[test]
fn what_is_not_utf8_is_named_wherever_it_stands() {
    // Stray, cut, overlong, surrogate, beyond the end of Unicode; and what is right.
    let bad: [&[u8]; 9] = [
        b"\x80",
        b"\xC3",
        b"\xC0\x80",
        b"\xE2\x82",
        b"\xE0\x80\x80",
        b"\xED\xA0\x80",
        b"\xF0\x9F\xA6",
        b"\xF4\x90\x80\x80",
        b"\xFF",
    ];
    let good: [&[u8]; 3] = ["é".as_bytes(), "€".as_bytes(), "🦀".as_bytes()];
    let mut readers = Readers::new(some_fields());
    let offsets = if MIRI { 60..66 } else { 0..130 };
    for offset in offsets.clone() {
        let mut block = Vec::new();
        for piece in bad.into_iter().chain(good) {
            for (before, behind) in
                [("{\"a\":\"", "\"}"), ("{\"x\":\"", "\",\"a\":1}"), ("{\"", "\":1,\"b\":2}")]
            {
                for part in [before.as_bytes(), &b"x".repeat(offset), piece, behind.as_bytes(), b"\n"] {
                    block.extend_from_slice(part);
                }
                block.extend_from_slice("{\"b\":\"ü\"}\n".as_bytes());
            }
        }
        let lines = (bad.len() + good.len()) * 3;
        assert_eq!(readers.compare(&block), (lines + good.len() * 3, bad.len() * 3), "{offset}");
    }
}

#[test]
fn an_open_string_does_not_spoil_its_neighbours() {
    let mut readers = Readers::new(some_fields());
    let good = r#"{"a":"x{\"}","b":[1,{"y":"\\"}],"event":{"category":"é"}}"#;
    for offset in (0..130).step_by(if MIRI { 43 } else { 1 }) {
        let padding = "x".repeat(offset);
        for open in
            ["\"a\":\"PAD}", "\"PAD\":\"a\\\"}", "\"x\":\"PAD\\", "PAD\"", "\"a\":\"PAD\t\"}", "\"aPAD:1}"]
        {
            let open = format!("{{{}", open.replace("PAD", &padding));
            for place in 0..3 {
                let mut lines = vec![good; 6];
                // One alone, and two that close each other.
                lines.insert(place, &open);
                assert_eq!(readers.compare(lines.join("\n").as_bytes()), (6, 1), "{open}");
                lines.insert(place + 2, &open);
                assert_eq!(readers.compare((lines.join("\r\n") + "\n").as_bytes()), (6, 2), "{open}");
            }
        }
    }
}

#[test]
fn brackets_without_a_partner_do_not_spoil_their_neighbours() {
    let mut readers = Readers::new(some_fields());
    let good = r#"{"x":{"a":1},"a":{"b":["y",{"z":[2]}]},"event":{"category":"e"},"b":{"x":[]}}"#;
    // Depth is counted modulo eight.
    for count in (0..20).step_by(if MIRI { 8 } else { 1 }) {
        let (open, close) = ("[".repeat(count), "]".repeat(count));
        let sound = [format!("{{\"x\":{open}1{close},\"a\":{open}2{close},\"b\":3}}"), good.into()];
        let broken = [
            format!("{{\"x\":[{open}1,\"a\":2}}"),
            format!("{{\"a\":{{\"b\":[{open}2}}"),
            format!("{{\"a\":1}}{open}]{{\"b\":2}}"),
            format!("{{\"a\":1}}}}{close}"),
            format!("{{\"a\":1}} {{\"b\":{open}2{close}}}"),
            format!("{open}}}{{\"a\":1{close}}}"),
        ];
        for broken in &broken {
            let lines = [good, broken, &sound[0], broken, broken, &sound[1], &sound[0]];
            assert_eq!(readers.compare(lines.join("\n").as_bytes()), (4, 3), "{broken}");
        }
        assert_eq!(readers.compare(sound.concat().as_bytes()), (0, 1));
        assert_eq!(readers.compare(sound.join("\r\n").as_bytes()), (2, 0));
    }
}

#[test]
fn a_line_is_read_again_as_the_first_time() {
    let tree = SlotTree::build(&["a", "b.c"]).expect("two paths");
    let tree = tree.as_ref();
    let mut event = Event::with_slots(2);
    let block = b"{\"a\":1,\"b\":{\"c\":2}}\n{\"a\":}\n\n{\"b.c\":3}\n{\"a\":\"x\n{\"x\":[4],\"a\":5}";
    for block in [&block[..], &block[..38]] {
        for (name, mut reader) in BlockReader::all() {
            let mut lines = reader.lines(block);
            let mut number = 0;
            while let Some(line) = lines.next_line() {
                // Some lines not at all, and some more often than others.
                let mut found = Vec::new();
                for time in 0..number % 3 * 2 {
                    let read = if time % 2 == 0 {
                        lines.read(&tree, &mut event)
                    } else {
                        lines.read_dispatch(&tree, &mut event)
                    };
                    found.push(read.map(|()| collect(&tree, event.view(line.text))));
                }
                assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{name}: {found:?}");
                let alone = reader_alone(&tree, line.text);
                assert!(found.iter().all(|found| found.as_ref().ok() == alone.as_ref()), "{name}: {found:?}");
                number += 1;
            }
        }
    }
}

fn reader_alone(tree: &SlotTree<'_>, line: &[u8]) -> Option<Vec<Vec<String>>> {
    let mut event = Event::with_slots(tree.slots());
    StrictReader::default().read(tree, line, &mut event).ok()?;
    Some(collect(tree, event.view(line)))
}

#[test]
fn nesting_is_limited_where_it_is_read() {
    let limit = DEFAULT_DEPTH_LIMIT;
    let tree = SlotTree::build(&["a", "a.b"]).expect("two paths");
    let tree = tree.as_ref();
    let mut event = Event::with_slots(2);
    let nested = |key: &str, levels: usize| {
        let (mut open, mut close) = (String::new(), String::new());
        for level in 1..levels {
            let object = level % 3 == 0;
            open.push_str(if object { "{\"a\":" } else { "[" });
            close.insert(0, if object { '}' } else { ']' });
        }
        format!("{{\"{key}\":{open}1{close}}}")
    };
    let arrays = |key: &str, levels: usize| {
        format!("{{\"{key}\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
    };
    for (name, mut reader) in BlockReader::all() {
        for levels in [1, 2, 63, 64, 65, 128, limit - 1, limit, limit + 1, limit * 9] {
            for (line, skipped) in
                [(arrays("a", levels), false), (arrays("x", levels), true), (nested("x", levels), true)]
            {
                let block = format!("{{\"a\":1}}\n{line}\n{{\"a\":2}}");
                let mut lines = reader.lines(block.as_bytes());
                let mut results = Vec::new();
                while lines.next_line().is_some() {
                    results.push(lines.read(&tree, &mut event).map_err(|error| error.kind));
                }
                let expected = if skipped || levels <= limit { Ok(()) } else { Err(ReadErrorKind::TooDeep) };
                assert_eq!(results, [Ok(()), expected, Ok(())], "{name}, {levels} levels");
                let strict = StrictReader::default().check(line.as_bytes()).map_err(|error| error.kind);
                assert_eq!(strict, if levels <= limit { Ok(()) } else { Err(ReadErrorKind::TooDeep) });
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "too much for Miri")]
fn huge_lines_are_read_like_small_ones() {
    let mut readers = Readers::new(some_fields());
    let mut keys = String::new();
    for number in 0..2_549 {
        let _ = write!(keys, "\"k{number}\":{{\"a\":[{number},\"{}\"]}},", "y".repeat(number % 90));
    }
    let values = format!("[{}\"é\\n\"]", "\"some \\\"text\\\" \\u00e9\",".repeat(200_000));
    let text = "\\\\x".repeat(1_000_000);
    let block = [
        format!("{{{keys}\"a.b\":1}}"),
        format!("{{\"a.b\":2,{keys}\"b\":{values},\"a\":\"{text}\",\"event\":{{\"category\":3}}}}"),
        "{\"a\":1}".to_owned(),
        format!("{{\"x\":{values},\"y\":\"{text}\",\"event\":{{\"category\":\"{text}\"}}}}"),
        format!("{{\"x\":{values},\"y\":\"{text}}}"),
        "{\"b\":2}".to_owned(),
    ];
    assert!(block[0].len() > 150_000 && block[1].len() > 5_000_000);
    assert_eq!(readers.compare(block.join("\n").as_bytes()), (5, 1));
    for line in block {
        readers.compare(line.as_bytes());
    }
}

#[test]
fn byte_order_marks_blanks_and_line_ends_around_lines() {
    let mut readers = Readers::new(some_fields());
    let (mut block, mut sound) = (String::new(), 0);
    for mark in ["", "\u{FEFF}", "\u{FEFF}\u{FEFF}", " \u{FEFF}"] {
        for before in ["", " ", "\t \r"] {
            for behind in ["", " ", " \t\r", "\r\r"] {
                for end in ["\n", "\r\n", "\n\n\n", "\n \n\r\n\t\n"] {
                    let _ = write!(block, "{mark}{before}{{\"a\":\"x\"}}{behind}{end}");
                    sound += usize::from(mark.chars().count() < 2);
                }
            }
        }
    }
    assert_eq!(readers.compare(block.as_bytes()), (sound, sound), "a second mark is no blank");
    for line in block.split_inclusive('\n') {
        readers.compare(line.as_bytes());
    }
}
