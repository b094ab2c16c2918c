//! The sentence that says why there is an alert.

use std::fmt::Write as _;

use kiln::info::Severity;

use super::source::{Source, text_of};

/// Such as `process event with process curl, parent process bash, by root on web1 created low alert Curl Proxy.`
pub(super) fn reason(event: &Source<'_>, severity: Severity, name: &str) -> String {
    let mut out = String::new();
    if let Some(category) = joined(event, "event.category") {
        out.push_str(&category);
        out.push(' ');
    }
    out.push_str("event");
    let mut subjects = String::new();
    for (label, path) in
        [("process", "process.name"), ("parent process", "process.parent.name"), ("file", "file.name")]
    {
        if let Some(value) = joined(event, path) {
            // Writing to a string cannot fail.
            let _ = write!(subjects, " {label} {value},");
        }
    }
    for label in ["source", "destination"] {
        let address =
            joined(event, &format!("{label}.address")).or_else(|| joined(event, &format!("{label}.ip")));
        let Some(address) = address else { continue };
        let _ = write!(subjects, " {label} {address}");
        if let Some(port) = joined(event, &format!("{label}.port")) {
            let _ = write!(subjects, ":{port}");
        }
        subjects.push(',');
    }
    if !subjects.is_empty() {
        out.push_str(" with");
        out.push_str(&subjects);
    }
    for (label, path) in [("by", "user.name"), ("on", "host.name")] {
        if let Some(value) = joined(event, path) {
            let _ = write!(out, " {label} {value}");
        }
    }
    let _ = write!(out, " created {} alert {name}.", severity.as_str());
    out
}

/// The values of a field with commas between; `None` if there is none, or only the dash of an empty field.
fn joined(event: &Source<'_>, path: &str) -> Option<String> {
    let values: Vec<_> = event.values(path).iter().map(text_of).collect();
    (!values.is_empty() && values != ["-"] && values != [""]).then(|| values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_what_the_event_has() {
        let event = Source::new(
            br#"{"event":{"category":["process"]},"process":{"name":"curl","parent":{"name":"bash"}},"user":{"name":"root"},
                "host.name":"web1","destination":{"ip":"192.0.2.7","port":1080}}"#,
        );
        assert_eq!(
            reason(&event, Severity::Low, "Curl Proxy"),
            "process event with process curl, parent process bash, destination 192.0.2.7:1080, by root on web1 \
             created low alert Curl Proxy."
        );
        assert_eq!(reason(&Source::new(b"{}"), Severity::High, "R"), "event created high alert R.");
    }
}
