use super::*;
use crate::event::{Event, Scalar, Slot, SlotTree};

const PATHS: [&str; 6] = ["a", "a.b", "a.b.c", "event.category", "n", "process.parent.name"];

/// The values of every slot that has some, in order, as short text.
fn read(line: &str) -> Result<String, ReadErrorKind> {
    read_bytes(line.as_bytes())
}

fn read_bytes(line: &[u8]) -> Result<String, ReadErrorKind> {
    let owned = SlotTree::build(&PATHS).unwrap();
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    read_line(&tree, line, &mut event).map_err(|error| error.kind)?;
    let view = event.view(line);
    let mut out = Vec::new();
    for (index, path) in PATHS.iter().enumerate() {
        let values: Vec<String> = view.values(Slot(index as u16)).map(show).collect();
        if !values.is_empty() {
            out.push(format!("{path}={}", values.join(",")));
        }
    }
    Ok(out.join(" "))
}

fn show(scalar: Scalar<'_>) -> String {
    match scalar {
        Scalar::Text(text) => format!("'{}'", std::str::from_utf8(text).unwrap()),
        Scalar::Number(text) => std::str::from_utf8(text).unwrap().to_owned(),
        Scalar::Bool(value) => value.to_string(),
    }
}

#[test]
fn lines_that_are_events() {
    for (line, expected) in [
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
    ] {
        assert_eq!(read(line).as_deref(), Ok(expected), "{line}");
    }
}

#[test]
fn lines_that_are_none() {
    use ReadErrorKind::*;
    for (line, expected) in [
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
    ] {
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
    assert_eq!(reader.check(nested(1_000_000).as_bytes()), Ok(()));
    assert_eq!(check_strict(nested(512).as_bytes()), Ok(()));
    assert_eq!(check_strict(nested(513).as_bytes()).unwrap_err().kind, ReadErrorKind::TooDeep);
}
