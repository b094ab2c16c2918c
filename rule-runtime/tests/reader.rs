//! Every reader against `serde_json`, over real events and over broken ones.

mod support;

use rule_runtime::event::{Event, OwnedSlotTree, Slot, SlotTree, SlotTreeBuilder};
use rule_runtime::reader::{BlockReader, Lines, ReadError, StrictReader};
use std::fmt::Write;
use support::{Random, collect, events, reference, rule_fields};

/// The values of each slot, or nothing for a line that is no event.
type Values = Option<Vec<Vec<String>>>;

/// How a line of a block is read.
#[derive(Clone, Copy, Debug)]
enum Way {
    Whole,
    TwoPhases,
}

/// All readers over one set of fields.
struct Readers {
    paths: Vec<String>,
    owned: OwnedSlotTree,
    strict: StrictReader,
    blocks: Vec<(String, BlockReader)>,
    event: Event,
}

impl Readers {
    fn new(paths: Vec<String>) -> Self {
        let texts: Vec<&str> = paths.iter().map(String::as_str).collect();
        let dispatch = ["event.category", "host.os.type", "a.b"];
        let slots = texts.iter().enumerate().filter(|(_, path)| dispatch.contains(path));
        let slots: Vec<Slot> = slots.map(|(slot, _)| Slot(slot as u16)).collect();
        let owned = SlotTreeBuilder::new(&texts).dispatch(&slots).build().expect("distinct paths");
        let event = Event::with_slots(paths.len());
        let blocks = BlockReader::all();
        Self { paths, owned, strict: StrictReader::default(), blocks, event }
    }

    /// Reads a block in every way and compares each line with the reference. The strict reader has to agree; a block
    /// reader has to agree on sound lines, and all of them with each other on broken ones. The result is the number of
    /// sound lines, and of broken ones that the block readers refuse.
    fn compare(&mut self, block: &[u8]) -> (usize, usize) {
        let tree = self.owned.as_ref();
        let mut first: Option<Vec<Values>> = None;
        for (name, reader) in &mut self.blocks {
            for way in [Way::Whole, Way::TwoPhases] {
                let found = read_block(reader, way, &tree, block, &mut self.event);
                let first = first.get_or_insert_with(|| found.clone());
                assert!(*first == found, "{name}, {way:?}: {}", difference(first, &found, block));
            }
        }
        let mut counts = (0, 0);
        let lines = block.split(|&byte| byte == b'\n').filter(|line| !is_blank(line));
        let found = first.unwrap_or_default();
        assert_eq!(lines.clone().count(), found.len());
        for (line, found) in lines.zip(found) {
            let expected = reference(&self.paths, line);
            let strict = self.strict.read(&tree, line, &mut self.event).is_ok();
            let strict = strict.then(|| collect(&tree, self.event.view(line)));
            assert_eq!(strict, expected, "strict: {}", quote(line));
            if expected.is_some() {
                assert_eq!(found, expected, "block: {}", quote(line));
                counts.0 += 1;
            } else {
                counts.1 += usize::from(found.is_none());
            }
        }
        counts
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| b" \t\r".contains(byte))
}

fn read_block(
    reader: &mut BlockReader,
    way: Way,
    tree: &SlotTree<'_>,
    block: &[u8],
    event: &mut Event,
) -> Vec<Values> {
    let mut found = Vec::new();
    let mut lines = reader.lines(block);
    while let Some(line) = lines.next_line() {
        assert!(block[line.start..].starts_with(line.text));
        let read = read_current(&mut lines, way, tree, line.text, event);
        found.push(read.is_ok().then(|| collect(tree, event.view(line.text))));
    }
    found
}

fn read_current(
    lines: &mut Lines<'_>,
    way: Way,
    tree: &SlotTree<'_>,
    text: &[u8],
    event: &mut Event,
) -> Result<(), ReadError> {
    if let Way::Whole = way {
        return lines.read(tree, event);
    }
    lines.read_dispatch(tree, event)?;
    let view = event.view(text);
    let maybe: Vec<u64> =
        view.present().iter().zip(view.deferred()).map(|(some, later)| some | later).collect();
    let early: Vec<usize> = (0..tree.slots()).map(|slot| view.values(Slot(slot as u16)).count()).collect();
    lines.read_rest(tree, event)?;
    let view = event.view(text);
    assert!(view.deferred().iter().all(|&word| word == 0));
    for (slot, early) in early.into_iter().enumerate() {
        let late = view.values(Slot(slot as u16)).count();
        assert!(
            late == early || !tree.is_dispatch(Slot(slot as u16)),
            "dispatch slot {slot}: {}",
            quote(text)
        );
        assert!(
            late == 0 || maybe[slot / 64] >> (slot % 64) & 1 == 1,
            "surprising slot {slot}: {}",
            quote(text)
        );
    }
    Ok(())
}

fn some_fields() -> Vec<String> {
    let fields =
        ["event.category", "event.type", "host.os.type", "process.args", "process.name", "a", "a.b", "b"];
    fields.map(str::to_owned).into()
}

fn quote(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(2000)]).into_owned()
}

fn difference(one: &[Values], other: &[Values], block: &[u8]) -> String {
    let mut lines = block.split(|&byte| byte == b'\n').filter(|line| !is_blank(line));
    let place =
        one.iter().zip(other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()));
    format!("{:?}\n{:?}\n{}", one.get(place), other.get(place), quote(lines.nth(place).unwrap_or_default()))
}

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
fn corpus_events_have_the_same_values() {
    let (Some(paths), Some(text)) = (rule_fields(), events("corpus/events")) else { return };
    assert!(paths.len() > 150, "only {} fields found in the rules", paths.len());
    let mut readers = Readers::new(paths);
    let count: usize = blocks(&text, 200_000).map(|block| readers.compare(block).0).sum();
    assert_eq!(count, 30_208);
}

#[test]
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
    for run in 1..=130 {
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
    assert!(good > 15_000, "{good}");
}

/// A sound line that holds a bit of everything.
const SEED: &str = r#"{"@timestamp":"2024-01-01T00:00:00Z","event":{"category":["process","file"],"type":"start"},"host.os":{"type":"linux"},"process":{"args":["a\"b","\\","c\u0061d",7,true,null,[1.5e3]],"name":"\u00e9t\u00e9 ü","x":{"y":[{"z":"}{"}]}},"a":[{"b":1},{"b":[2,{}]}],"a.b":-0.0,"b":"C:\\Windows\\\\x\/","\u0062":3}"#;

#[test]
fn cut_lines_have_the_same_fate() {
    let mut readers = Readers::new(some_fields());
    for end in 0..=SEED.len() {
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
    for _ in 0..6_000 {
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
    assert!(sound > 10_000 && refused > 10_000, "{sound} sound, {refused} refused");
}

#[test]
fn noise_is_read_alike_by_all() {
    const BYTES: &[u8] = b"{}[]\"\"\"::,,\\ab.\n \t1-et\xC3\xA9\x00u";
    let mut readers = Readers::new(some_fields());
    let mut random = Random(11);
    let (mut sound, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let len = random.below(200);
        // Now and then something that looks like an event, so that the noise stands inside of one.
        let mut block = if random.below(2) == 0 { br#"{"a":{"b":"#.to_vec() } else { Vec::new() };
        block.extend((0..len).map(|_| BYTES[random.below(BYTES.len())]));
        let counts = readers.compare(&block);
        sound += counts.0;
        refused += counts.1;
    }
    assert!(sound > 0 && refused > 10_000, "{sound} sound, {refused} refused");
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
