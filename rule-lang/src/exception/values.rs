//! Value lists: files of one value a line, which `list` entries ask for by the name of the file.
//!
//! In: the text of a file and what its lines are. Out: texts, or blocks of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ValueType;
use crate::check::is_block;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Sources};
use crate::span::Span;

/// The endings of names of files that are value lists.
const ENDINGS: [&str; 3] = ["txt", "csv", "list"];

/// A value list: a file with one value a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueList {
    /// The file.
    pub file: FileId,
    /// Its id: the name of the file, without its folders.
    pub id: String,
}

/// The value lists of a set of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueLists {
    lists: Vec<ValueList>,
}

impl ValueLists {
    /// Whether a file is a value list by its name.
    pub fn is_one(path: &str) -> bool {
        ENDINGS.contains(&crate::file::extension(path).as_str())
    }

    /// Adds a file. Two files of one name are an error: nobody could say which one is meant.
    pub(crate) fn add(&mut self, file: FileId, sources: &Sources) -> Option<Diagnostic> {
        let id = file_name(sources.get(file).path()).to_owned();
        if let Some(first) = self.lists.iter().find(|list| list.id == id) {
            let message = format!("there is another value list called `{id}`");
            let finding = Diagnostic::error(codes::exception::DUPLICATE_LIST, file, Span::at(0), message);
            return Some(finding.also(first.file, Span::at(0), "the first one"));
        }
        self.lists.push(ValueList { file, id });
        None
    }

    /// The list that an entry means: the file of that name, or the first one of that name without its ending.
    pub fn find(&self, id: &str) -> Option<&ValueList> {
        let stem = |list: &&ValueList| list.id.rsplit_once('.').is_some_and(|(stem, _)| stem == id);
        self.lists.iter().find(|list| list.id == id).or_else(|| self.lists.iter().find(stem))
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The values of a list, in order, each once: for addresses, the blocks that they make up. Lines that are no address are
/// told and left out.
pub(super) fn values(list: &ValueList, ty: ValueType, sources: &Sources) -> (Vec<String>, Vec<Diagnostic>) {
    let (mut values, mut findings) = (Vec::new(), Vec::new());
    let text = sources.get(list.file).text();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let value = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if !value.is_empty() {
            let found = match ty {
                ValueType::Keyword => Some(vec![value.to_owned()]),
                ValueType::Ip => value.parse::<IpAddr>().ok().map(|_| vec![value.to_owned()]),
                ValueType::IpRange => blocks(value),
            };
            match found {
                Some(found) => values.extend(found),
                None => findings.push(no_address(list.file, line, value, start, ty)),
            }
        }
        start += line.len();
    }
    values.sort_unstable();
    values.dedup();
    (values, findings)
}

fn no_address(file: FileId, line: &str, value: &str, start: usize, ty: ValueType) -> Diagnostic {
    let at = start + line.find(value).unwrap_or(0);
    let span = Span::new(at as u32, (at + value.len()) as u32);
    let (what, form) = match ty {
        ValueType::IpRange => {
            ("range of addresses", "write `10.0.0.1-10.0.0.9`, `10.0.0.0/24` or an address")
        }
        _ => ("address", "a list of ranges has the type `ip_range`"),
    };
    let message = format!("`{value}` is no {what}; the line is left out");
    Diagnostic::warning(codes::exception::VALUE_LINE, file, span, message).help(form)
}

/// The blocks that make up `a-b`, a block or an address.
fn blocks(text: &str) -> Option<Vec<String>> {
    let Some((first, last)) = text.split_once('-') else {
        return is_block(text).then(|| vec![text.to_owned()]);
    };
    match (first.trim().parse().ok()?, last.trim().parse().ok()?) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            let show = |bits: u128, prefix| format!("{}/{prefix}", Ipv4Addr::from_bits(bits as u32));
            cover(u32::from(first).into(), u32::from(last).into(), 32, show)
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => cover(first.into(), last.into(), 128, |bits, prefix| {
            format!("{}/{prefix}", Ipv6Addr::from_bits(bits))
        }),
        _ => None,
    }
}

/// The fewest blocks that hold `first` to `last` and nothing else.
fn cover(mut first: u128, last: u128, width: u32, show: impl Fn(u128, u32) -> String) -> Option<Vec<String>> {
    if first > last {
        return None;
    }
    let mut blocks = Vec::new();
    loop {
        // As many low bits as are zero in the first address and still fit below the last one.
        let aligned = first.trailing_zeros().min(width);
        let fits = (last - first).checked_add(1).map_or(width, u128::ilog2);
        let bits = aligned.min(fits);
        blocks.push(show(first, width - bits));
        match 1u128.checked_shl(bits).and_then(|size| first.checked_add(size)) {
            Some(next) if next <= last => first = next,
            _ => return Some(blocks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(text: &str) -> Vec<String> {
        blocks(text).unwrap_or_default()
    }

    #[test]
    fn a_range_is_the_fewest_blocks() {
        assert_eq!(ranges("10.0.0.1-10.0.0.6"), ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32"]);
        assert_eq!(ranges("10.0.0.0-10.0.0.255"), ["10.0.0.0/24"]);
        assert_eq!(ranges("10.0.0.7 - 10.0.0.7"), ["10.0.0.7/32"]);
        assert_eq!(ranges("0.0.0.0-255.255.255.255"), ["0.0.0.0/0"]);
        assert_eq!(ranges("255.255.255.254-255.255.255.255"), ["255.255.255.254/31"]);
        assert_eq!(ranges("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ["::/0"]);
        assert_eq!(ranges("2001:db8::1-2001:db8::2"), ["2001:db8::1/128", "2001:db8::2/128"]);
        assert_eq!(ranges("10.0.0.0/8"), ["10.0.0.0/8"]);
        for bad in ["10.0.0.9-10.0.0.1", "10.0.0.1-::1", "host", "10.0.0.0/33", "-", "10.0.0.1-"] {
            assert_eq!(blocks(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_list_goes_by_its_file() {
        use crate::source::{SourceFile, Sources};
        let mut sources = Sources::new();
        let mut lists = ValueLists::default();
        for path in ["lists/hosts.txt", "b/hosts.csv", "c/hosts.txt"] {
            let file = sources.add(SourceFile::new(path, "b\r\n\n a \nb\n"));
            let finding = lists.add(file, &sources);
            assert_eq!(finding.is_some(), path == "c/hosts.txt");
        }
        assert_eq!(lists.find("hosts.csv").map(|list| list.file), Some(FileId(1)));
        assert_eq!(lists.find("hosts").map(|list| list.file), Some(FileId(0)));
        assert_eq!(lists.find("host"), None);
        let list = lists.find("hosts").unwrap();
        assert_eq!(
            values(list, ValueType::Keyword, &sources),
            (vec!["a".to_owned(), "b".to_owned()], vec![])
        );
        let (found, findings) = values(list, ValueType::Ip, &sources);
        assert_eq!((found.len(), findings.len()), (0, 3));
        assert_eq!(findings[1].primary.span, Span::new(5, 6));
    }
}
