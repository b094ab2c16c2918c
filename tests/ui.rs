//! What people see of the macro: its messages about mistakes in rule files, and that it works where code is unusual.
//!
//! `tests/ui/err` holds calls that must fail, with the messages of the compiler beside them; `tests/ui/ok` holds calls
//! that must work. Both use the files of `tests/ui/rules`. `TRYBUILD=overwrite` writes the messages anew.

use std::fs;
use std::path::Path;

/// Patterns start from the folder of the crate, and the cases are built in one that `trybuild` makes: the rule files
/// are put there.
fn put_rules() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let to = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME")).join("rules");
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).expect("the target folder is writable");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/rules");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().expect("a file name");
        let text = fs::read_to_string(&path).expect("a readable file");
        // Whatever Git makes of line ends, these are certain.
        let text = text.replace('\r', "");
        let text = if name == "crlf.toml" { text.replace('\n', "\r\n") } else { text };
        fs::write(to.join(name), text).expect("the target folder is writable");
    }
    let not_utf8 = b"[rule]\nname = \"caf\xe9\"\n";
    fs::write(to.join("not_utf8.toml"), not_utf8).expect("the target folder is writable");
}

// One test, as both build in the same folder.
#[test]
fn messages_and_unusual_surroundings() {
    put_rules();
    {
        let cases = trybuild::TestCases::new();
        cases.compile_fail("tests/ui/err/*.rs");
    }
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/ok/*.rs");
}

#[test]
fn no_message_tells_where_the_machine_keeps_its_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/err");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("a readable entry").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            count += 1;
            let text = fs::read_to_string(&path).expect("a readable file");
            let place = ["$WORKSPACE", "$DIR", env!("CARGO_MANIFEST_DIR"), "/target/"];
            assert!(!place.iter().any(|place| text.contains(place)), "{}:\n{text}", path.display());
        }
    }
    assert!(count >= 14, "only {count} messages");
}

#[test]
fn ten_mistakes_in_a_file_are_told_at_once() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/err/ten_mistakes.stderr");
    let text = fs::read_to_string(path).expect("the messages are there");
    assert_eq!(text.matches("error: rules/ten_mistakes.toml:").count(), 10);
    assert_eq!(text.matches("error").count(), 10);
}
