use super::*;
use crate::event::{Event, EventView, Scalar, Slot, SlotTree};

const PATHS: [&str; 6] = ["a", "a.b", "a.b.c", "event.category", "n", "process.parent.name"];

/// Longer and deeper than any event. Miri is slow.
const FAR: usize = if cfg!(miri) { 1_500 } else { 150_000 };

/// The values of every slot that has some, in order, as short text.
fn read(line: &str) -> Result<String, ReadErrorKind> {
    read_bytes(line.as_bytes())
}

fn read_bytes(line: &[u8]) -> Result<String, ReadErrorKind> {
    let owned = SlotTree::build(&PATHS).unwrap();
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    read_line(&tree, line, &mut event).map_err(|error| error.kind)?;
    Ok(show_all(event.view(line)))
}

/// The same of each line of a block that is not blank.
fn read_block(reader: &mut BlockReader, block: &[u8]) -> Vec<Result<String, ReadError>> {
    let owned = SlotTree::build(&PATHS).unwrap();
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    let mut lines = reader.lines(block);
    let mut found = Vec::new();
    while let Some(line) = lines.next_line() {
        let read = lines.read(&tree, &mut event);
        found.push(read.map(|()| show_all(event.view(line.text))));
    }
    found
}

fn show_all(view: EventView<'_>) -> String {
    let mut out = Vec::new();
    for (index, path) in PATHS.iter().enumerate() {
        let values: Vec<String> = view.values(Slot(index as u16)).map(show).collect();
        if !values.is_empty() {
            out.push(format!("{path}={}", values.join(",")));
        }
    }
    out.join(" ")
}

fn show(scalar: Scalar<'_>) -> String {
    match scalar {
        Scalar::Text(text) => format!("'{}'", std::str::from_utf8(text).unwrap()),
        Scalar::Number(text) => std::str::from_utf8(text).unwrap().to_owned(),
        Scalar::Bool(value) => value.to_string(),
    }
}

/// Lines, and the values of their slots.
const EVENTS: &[(&str, &str)] = &[
    (r"{}", ""),
    (" \t{ } \r\n", ""),
    ("\u{FEFF}{\"n\":1}", "n=1"),
    (r#"{"a":{"b":1}}"#, "a.b=1"),
    (r#"{"a.b":1}"#, "a.b=1"),
    (r#"{"a.b":1,"a":{"b":2}}"#, "a.b=1,2"),
    (r#"{"a":{"b.c":1},"a.b":{"c":2},"a.b.c":3,"a":{"b":{"c":4}}}"#, "a.b.c=1,2,3,4"),
    (r#"{"a":[{"b":1},{"b":[2,null]}]}"#, "a.b=1,2"),
    (r#"{"a":[1,[2,[3]],{"b":[[4]]}]}"#, "a=1,2,3 a.b=4"),
    (r#"{"n":null,"a":[],"a.b":{},"event":{"category":[null]}}"#, ""),
    (r#"{"n":"","a":["x",null]}"#, "a='x' n=''"),
    (r#"{"n":{"x":1}}"#, ""),
    (r#"{"a":1,"a":{"b":{"x":{"c":9}}}}"#, "a=1"),
    (
        r#"{"n":[true,false,-0,1.0,1e3,9007199254740993,1E-7]}"#,
        "n=true,false,-0,1.0,1e3,9007199254740993,1E-7",
    ),
    (
        r#"{"n":"a\"b\\c\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"}"#,
        "n='a\"b\\c/\u{8}\u{c}\n\r\tA\u{e9}\u{1f600}'",
    ),
    (r#"{"\u006e":1,"ev\u0065nt":{"c\u0061tegory":"x"},"\u0061.b":2}"#, "a.b=2 event.category='x' n=1"),
    (r#"{"n\u0000":1,"\u006em":2,"\\u006e":3}"#, ""),
    (r#"{"event" : { "category" :	"x" } , "n" :[ 1 , 2 ] }"#, "event.category='x' n=1,2"),
    (r#"{"x":{"n":1,"a":{"b":"}{]["}},"n":2}"#, "n=2"),
    (r#"{"":{"n":1},".":2,"b":3,"bb":4,"category":5}"#, ""),
    ("{\"n\":\"\u{7f}\u{80}\u{10ffff}\\u0000\"}", "n='\u{7f}\u{80}\u{10ffff}\0'"),
];

/// Lines that are no events, and why.
const MISTAKES: &[(&str, ReadErrorKind)] = {
    use ReadErrorKind::*;
    &[
        ("", Empty),
        (" \r\n", Empty),
        ("[]", NotAnObject),
        ("1", NotAnObject),
        ("null", NotAnObject),
        ("{", Truncated),
        (r#"{"n""#, Truncated),
        (r#"{"n":"#, Truncated),
        (r#"{"n":tr"#, Truncated),
        (r#"{"n":1"#, Truncated),
        (r#"{"n":[1"#, Truncated),
        (r#"{"n":1}}"#, TrailingText),
        (r#"{"n":1} {}"#, TrailingText),
        (r#"{"n":"x}"#, OpenString),
        (r#"{"n":"x\"#, OpenString),
        (r#"{"n":"x\"}"#, OpenString),
        ("{\"n\":\"x\ty\"}", ControlCharacter),
        ("{\"n\":\"x\ny\"}", ControlCharacter),
        (r#"{"n":"\x"}"#, BadEscape),
        (r#"{"n":"\u12g4"}"#, BadEscape),
        (r#"{"n":"\u12"}"#, BadEscape),
        (r#"{"n":"\ud800"}"#, LoneSurrogate),
        (r#"{"n":"\ud800\u0041"}"#, LoneSurrogate),
        (r#"{"n":"\udc00"}"#, LoneSurrogate),
        (r#"{"n":01}"#, BadNumber),
        (r#"{"n":1.}"#, BadNumber),
        (r#"{"n":-}"#, BadNumber),
        (r#"{"n":1e}"#, BadNumber),
        (r#"{"n":1x}"#, BadNumber),
        (r#"{"n":+1}"#, ExpectedValue),
        (r#"{"n":.5}"#, ExpectedValue),
        (r#"{"n":nul}"#, ExpectedValue),
        (r#"{"n":True}"#, ExpectedValue),
        (r#"{"n":}"#, ExpectedValue),
        (r#"{"n":,"a":1}"#, ExpectedValue),
        (r#"{"n" 1}"#, ExpectedColon),
        (r"{n:1}", ExpectedKey),
        (r#"{"n":1,}"#, ExpectedKey),
        (r#"{"n":1 "a":2}"#, ExpectedComma),
        (r#"{"n":[1 2]}"#, ExpectedComma),
        (r#"{"n":[1}"#, ExpectedComma),
        (r#"{"n":{"x":1]}"#, ExpectedComma),
        (r#"{"n":[1,]}"#, ExpectedValue),
        (r#"{"n":truex}"#, ExpectedComma),
    ]
};

#[test]
fn lines_that_are_events() {
    for &(line, expected) in EVENTS {
        assert_eq!(read(line).as_deref(), Ok(expected), "{line}");
    }
}

#[test]
fn lines_that_are_none() {
    use ReadErrorKind::InvalidUtf8;
    for &(line, expected) in MISTAKES {
        assert_eq!(read(line), Err(expected), "{line}");
        assert_eq!(check_strict(line.as_bytes()).map_err(|error| error.kind), Err(expected), "{line}");
    }
    assert_eq!(read_bytes(b"{\"n\":\"\xC3(\"}"), Err(InvalidUtf8));
    assert_eq!(read_bytes(b"{\"n\":\"\xED\xA0\x80\"}"), Err(InvalidUtf8));
}

#[test]
fn an_error_says_where() {
    let error = check_strict(br#"{"n":"abc\x"}"#).unwrap_err();
    assert_eq!(error.offset, 9);
    assert_eq!(error.to_string(), "this backslash begins no JSON escape (byte 9)");
    assert_eq!(check_strict(br#"{"n":1,"a":tru}"#).unwrap_err().offset, 11);
    assert_eq!(check_strict(b"{\"n\":\"\xFF\"}").unwrap_err().offset, 6);
}

#[test]
fn depth_is_limited_but_not_by_the_stack() {
    let nested = |depth: usize| "{\"n\":".to_owned() + &"[".repeat(depth - 1) + &"]".repeat(depth - 1) + "}";
    let mut reader = StrictReader::with_depth_limit(5);
    assert_eq!(reader.check(nested(5).as_bytes()), Ok(()));
    assert_eq!(reader.check(nested(6).as_bytes()), Err(ReadErrorKind::TooDeep.at(9)));
    let mut reader = StrictReader::with_depth_limit(usize::MAX);
    assert_eq!(reader.check(nested(FAR * 10).as_bytes()), Ok(()));
    assert_eq!(check_strict(nested(512).as_bytes()), Ok(()));
    assert_eq!(check_strict(nested(513).as_bytes()).unwrap_err().kind, ReadErrorKind::TooDeep);
}

#[test]
fn blocks_of_events_have_the_values_of_their_lines() {
    for (name, mut reader) in BlockReader::all() {
        for ending in ["\n", "\r\n", "\n\n \t\r\n"] {
            let block: String = EVENTS.iter().map(|(line, _)| line.trim_end().to_owned() + ending).collect();
            let found = read_block(&mut reader, block.as_bytes());
            let expected: Vec<_> = EVENTS.iter().map(|&(_, values)| Ok(values.to_owned())).collect();
            assert_eq!(found, expected, "{name}");
        }
        // The end of the input needs no line end, and a short block has nothing behind it to load.
        for &(line, values) in EVENTS {
            assert_eq!(read_block(&mut reader, line.as_bytes()), [Ok(values.to_owned())], "{name}: {line}");
        }
        assert_eq!(read_block(&mut reader, b""), []);
        assert_eq!(read_block(&mut reader, b"\n \r\n\n"), []);
    }
}

#[test]
fn mistakes_in_what_is_read_are_found_and_stay_in_their_line() {
    use ReadErrorKind::{Empty, TrailingText};
    // Where no bracket or colon stands, the walk goes on to the next one; and an object is skipped where a scalar is wanted.
    let unseen = [r#"{"n":1 "a":2}"#, r#"{"n":1,}"#, "{n:1}", r#"{"n" 1}"#, r#"{"n":{"x":1]}"#];
    for (name, mut reader) in BlockReader::all() {
        for &(line, kind) in MISTAKES.iter().filter(|(line, kind)| *kind != Empty && !line.contains('\n')) {
            let block = format!("{{\"n\":1}}\n{line}\n{{\"n\":\"2\"}}\n{line}\n{{\"n\":3}}");
            let found = read_block(&mut reader, block.as_bytes());
            assert_eq!(found.len(), 5, "{name}: {line}");
            for (place, values) in [(0, "n=1"), (2, "n='2'"), (4, "n=3")] {
                assert_eq!(found[place].as_deref(), Ok(values), "{name}: {line}");
            }
            assert_eq!(found[1], found[3]);
            match (&found[1], check_strict(line.as_bytes())) {
                (Ok(_), _) => assert!(unseen.contains(&line), "{name}: {line}"),
                (Err(found), Err(strict)) if found.kind == strict.kind => assert!(found.offset <= line.len()),
                // A closing bracket too many is met in an object.
                (Err(found), _) => assert!(
                    matches!(
                        kind,
                        TrailingText | ReadErrorKind::ExpectedColon | ReadErrorKind::ExpectedComma
                    ),
                    "{name}: {line} {found:?}"
                ),
            }
        }
        let found = read_block(&mut reader, b"{\"n\":1}\n{\"n\":\"\xC3(\"}\n{\"n\":\"\xC3\xA9\"}\n");
        assert_eq!(
            found,
            [Ok("n=1".into()), Err(ReadErrorKind::InvalidUtf8.at(6)), Ok("n='\u{e9}'".into())],
            "{name}"
        );
    }
}

#[test]
fn what_is_skipped_is_checked_for_strings_brackets_and_encoding_only() {
    for (_, mut reader) in BlockReader::all() {
        let passes = |reader: &mut BlockReader, line: &[u8]| read_block(reader, line)[0].is_ok();
        assert!(passes(&mut reader, br#"{"x":[1,2},"y":01,"z":"\x"}"#));
        for line in [
            &br#"{"x":[1,2}"#[..],
            br#"{"x":[1,[2]"#,
            b"{\"x\":\"a\tb\"}",
            b"{\"x\":\"\xFF\"}",
            br#"{"x":"open}"#,
            br#"{"x":\"}"#,
        ] {
            assert!(!passes(&mut reader, line), "{}", String::from_utf8_lossy(line));
        }
    }
}

#[test]
fn long_and_deep_lines_are_read() {
    let deep = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
    for (name, reader) in BlockReader::all() {
        let mut reader = reader.depth_limit(20);
        let long = format!(r#"{{"x":"{}","n":1,"y":{}}}"#, "y".repeat(FAR), deep(FAR));
        let line = |depth: usize| format!(r#"{{"n":{}}}"#, deep(depth));
        let block = [long, line(19), line(20), line(1)].join("\n");
        let found = read_block(&mut reader, block.as_bytes());
        let kinds: Vec<_> = found.iter().map(|found| found.as_deref().map_err(|error| error.kind)).collect();
        assert_eq!(kinds, [Ok("n=1"), Ok("n=1"), Err(ReadErrorKind::TooDeep), Ok("n=1")], "{name}");
    }
}

#[test]
fn lines_are_numbered_and_located() {
    let block = b"\n{\"n\":1}\r\n\n  {\"n\":2}\n{\"n\":tru}";
    let mut reader = BlockReader::new();
    let mut lines = reader.lines(block);
    let places: Vec<_> =
        std::iter::from_fn(|| lines.next_line()).map(|line| (line.number, line.start, line.text)).collect();
    let expected: [(usize, usize, &[u8]); 3] =
        [(1, 1, b"{\"n\":1}"), (3, 11, b"  {\"n\":2}"), (4, 21, b"{\"n\":tru}")];
    assert_eq!(places, expected);
    assert_eq!(lines.count(), 5);
    let errors: Vec<_> = read_block(&mut reader, block).into_iter().filter_map(Result::err).collect();
    assert_eq!(errors, [ReadErrorKind::ExpectedValue.at(5)]);
}
