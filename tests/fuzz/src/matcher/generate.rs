//! Queries and events from bytes: a small grammar that asks of the same few fields again and again.

use arbitrary::{Result, Unstructured};

const TEXTS: &[&str] = &["a", "A", "ab", "aB", "b", "", "abc", "é", "10", "true", "10.1.2.3", "2026-01-01"];
const PATTERNS: &[&str] = &["a*", "*b", "*", "?", "A?", "*é*", "a*c", "ab", "", "*a?", "??*"];
const NUMBERS: &[&str] = &["4", "10", "10.0", "0", "-1", "1.5", "9007199254740992", "9007199254740993"];
const REGEXES: &[&str] = &["a.*", "(a|b)+c?", "[a-b]{1,2}", ".*[0-9].*", "~(a.*)", "<1-20>", "@&~(ab)"];
const OTHERS: &[&str] = &[
    "cidrMatch(ip, \"10.0.0.0/8\")",
    "ip == \"10.1.2.3\"",
    "d > \"2026-01-01\"",
    "d == \"2026-01-01\"",
    "length(s) == 2",
    "length(s) > n",
    "startsWith~(s, \"A\")",
    "s == p.t",
    "endsWith(s, p.t)",
    "n + 1 == 3",
    "concat(s, n) == \"a1\"",
    "string(n) == \"10\"",
    "number(s) == 10",
    "indexOf(s, \"b\") != 0",
    "substring(s, 0, 1) in (\"a\", \"b\")",
    "(s == \"a\") == b",
    "u > 3",
    "n % 2 == 1",
    "true",
    "1 == 2",
    "b",
    "not b",
    "u == true",
    "between(s, \"a\", \"c\") == \"b\"",
];

/// One of the three kinds of query.
pub(crate) fn query(u: &mut Unstructured<'_>) -> Result<String> {
    match u.int_in_range(0..=7)? {
        0..=4 => Ok(format!("{} where {}", category(u)?, condition(u, 3)?)),
        5 | 6 => sequence(u),
        _ => sample(u),
    }
}

/// A sample.
pub(crate) fn sample(u: &mut Unstructured<'_>) -> Result<String> {
    let by = u.choose(&["by k", "by k, s", "by ?k, s"])?;
    Ok(format!("sample {by} {}", items(u, |_| Ok((String::new(), String::new())))?))
}

/// A sequence.
pub(crate) fn sequence(u: &mut Unstructured<'_>) -> Result<String> {
    let by = u.choose(&["", "by k", "by ?k", "by k, s"])?;
    let maxspan = u.choose(&["", " with maxspan=1ms", " with maxspan=4ms", " with maxspan=9ms"])?;
    let items = items(u, |u| {
        let (before, behind) = *u.choose(&[("", ""), ("", ""), ("", ""), ("!", ""), ("", " with runs=2")])?;
        Ok((before.to_owned(), behind.to_owned()))
    })?;
    let until = if u.ratio(1, 4)? { format!(" until {}", filter(u)?) } else { String::new() };
    Ok(format!("sequence {by}{maxspan} {items}{until}"))
}

fn items(
    u: &mut Unstructured<'_>,
    mut around: impl FnMut(&mut Unstructured<'_>) -> Result<(String, String)>,
) -> Result<String> {
    let mut items = Vec::new();
    for _ in 0..u.int_in_range(2..=3)? {
        let (before, behind) = around(u)?;
        items.push(format!("{before}{}{behind}", filter(u)?));
    }
    Ok(items.join(" "))
}

fn filter(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(format!("[{}]", events(u)?))
}

/// A query for events that many of them meet.
pub(crate) fn events(u: &mut Unstructured<'_>) -> Result<String> {
    let conditions =
        ["t == \"a\"", "t == \"b\"", "t : \"A*\"", "t in (\"a\", \"b\")", "true", "t == \"a\" and n > 0"];
    let condition = if u.ratio(4, 5)? { (*u.choose(&conditions)?).to_owned() } else { condition(u, 1)? };
    Ok(format!("{} where {condition}", category(u)?))
}

fn category(u: &mut Unstructured<'_>) -> Result<&'static str> {
    Ok(u.choose(&["any", "any", "process", "file"])?)
}

fn condition(u: &mut Unstructured<'_>, depth: usize) -> Result<String> {
    if depth == 0 || u.ratio(1, 3)? {
        return leaf(u);
    }
    if u.ratio(1, 6)? {
        return Ok(format!("not ({})", condition(u, depth - 1)?));
    }
    let op = u.choose(&[" and ", " or ", " or "])?;
    let parts: Vec<_> =
        (0..u.int_in_range(2..=4)?).map(|_| condition(u, depth - 1)).collect::<Result<_>>()?;
    Ok(format!("({})", parts.join(op)))
}

fn leaf(u: &mut Unstructured<'_>) -> Result<String> {
    let field = *u.choose(&["s", "s", "p.t", "u", "event.category", "?gone", "t"])?;
    Ok(match u.int_in_range(0..=6)? {
        0 | 1 => format!("{field} {} {:?}", u.choose(&["==", "!=", ":"])?, text(u)?),
        2 => format!("{field} {} ({})", u.choose(&["in", "in~", "not in"])?, list(u, text)?),
        3 => {
            let patterns = list(u, |u| Ok(u.choose(PATTERNS)?))?;
            format!("{field} {} ({patterns})", u.choose(&["like", "like~", ":"])?)
        }
        4 => format!("{field} {} {:?}", u.choose(&["regex", "regex~"])?, u.choose(REGEXES)?),
        5 => match u.int_in_range(0..=4)? {
            0 => format!(
                "{} {} null",
                u.choose(&["s", "n", "b", "u", "ip", "?gone"])?,
                u.choose(&["==", "!="])?
            ),
            1 => format!("n {} {}", u.choose(&["==", "!=", "<", ">="])?, u.int_in_range(-2..=12)?),
            2 => format!("{} == {}", u.choose(&["n", "u", "s"])?, u.choose(NUMBERS)?),
            3 => format!("u in ({:?}, {}, {})", text(u)?, u.choose(NUMBERS)?, u.choose(NUMBERS)?),
            _ => format!("n in ({}, {})", u.int_in_range(-1..=12)?, u.int_in_range(-1..=12)?),
        },
        _ => (*u.choose(OTHERS)?).to_owned(),
    })
}

fn text(u: &mut Unstructured<'_>) -> Result<&'static str> {
    Ok(u.choose(TEXTS)?)
}

fn list(
    u: &mut Unstructured<'_>,
    mut item: impl FnMut(&mut Unstructured<'_>) -> Result<&'static str>,
) -> Result<String> {
    let items: Vec<_> =
        (0..u.int_in_range(1..=3)?).map(|_| Ok(format!("{:?}", item(u)?))).collect::<Result<_>>()?;
    Ok(items.join(", "))
}

/// An event of this time in milliseconds.
pub(crate) fn event(time: Option<i64>, u: &mut Unstructured<'_>) -> Result<String> {
    let nested: bool = u.arbitrary()?;
    let (category, t, close) =
        if nested { ("event\":{\"category", "p\":{\"t", "}") } else { ("event.category", "p.t", "") };
    let mut members = Vec::from_iter(time.map(|time| format!("\"@timestamp\":{time}")));
    for (key, close, values) in [
        (category, close, &["\"process\"", "\"file\"", "\"a\""][..]),
        ("s", "", &[]),
        (t, close, &[]),
        ("t", "", &["\"a\"", "\"A\"", "\"b\""]),
        ("u", "", &["\"a\"", "4", "true", "1.5", "\"10\"", "1e1", "-0", "\"04\"", "9007199254740993"]),
        ("n", "", &["0", "1", "2", "-1", "10", "12", "10.0", "\"+10\"", "1e400", "9007199254740992.0"]),
        ("b", "", &["true", "false"]),
        ("ip", "", &["\"10.1.2.3\"", "\"::1\"", "\"10.1.2.3.4\"", "\"11.0.0.0\""]),
        ("d", "", &["\"2026-01-01\"", "\"2026-01-01T00:00:00.001Z\"", "1767225600000", "\"x\""]),
        ("k", "", &["\"x\"", "\"y\"", "1", "1.0"]),
    ] {
        if let Some(value) = value(values, u)? {
            members.push(format!("\"{key}\":{value}{close}"));
        }
    }
    Ok(format!("{{{}}}", members.join(",")))
}

/// A scalar, several, or none; of texts if there are no `values`.
fn value(values: &[&str], u: &mut Unstructured<'_>) -> Result<Option<String>> {
    let scalar = |u: &mut Unstructured<'_>| {
        Ok(if values.is_empty() { format!("{:?}", text(u)?) } else { (*u.choose(values)?).to_owned() })
    };
    Ok(match u.int_in_range(0..=11)? {
        0..=2 => None,
        3 => Some("null".to_owned()),
        4 => Some(format!("[{},{}]", scalar(u)?, scalar(u)?)),
        5 => Some("[]".to_owned()),
        _ => Some(scalar(u)?),
    })
}
