//! All readers over the same blocks, compared line by line.

use super::{collect, reference};
use rule_runtime::event::{Event, OwnedSlotTree, Slot, SlotTree, SlotTreeBuilder};
use rule_runtime::reader::{BlockReader, Lines, ReadError, StrictReader};

/// The values of each slot, or nothing for a line that is no event.
pub type Values = Option<Vec<Vec<String>>>;

/// How a line of a block is read.
#[derive(Clone, Copy, Debug)]
enum Way {
    Whole,
    TwoPhases,
}

/// All readers over one set of fields.
pub struct Readers {
    paths: Vec<String>,
    owned: OwnedSlotTree,
    strict: StrictReader,
    blocks: Vec<(String, BlockReader)>,
    event: Event,
}

impl Readers {
    pub fn new(paths: Vec<String>) -> Self {
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
    pub fn compare(&mut self, block: &[u8]) -> (usize, usize) {
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
    lines.read_rest(tree, event, &[])?;
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

pub fn some_fields() -> Vec<String> {
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
