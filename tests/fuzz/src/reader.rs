//! The readers.

use rule_lang::meaning;
use rule_runtime::event::{Event, EventView, Scalar, Slot, SlotTree, SlotTreeBuilder};
use rule_runtime::reader::{BlockReader, Lines, ReadError, ReadErrorKind, StrictReader};

const PATHS: [&str; 8] =
    ["a", "a.b", "a.b.c", "event.category", "event.type", "host.os.type", "process.parent.name", "n\u{e9}"];
/// Places of the dispatch fields among them.
const DISPATCH: [Slot; 3] = [Slot(1), Slot(3), Slot(5)];
/// Deeper lines are not compared with the reference, which stops earlier than the readers do.
const DEPTH: usize = 100;

/// The values of each slot, sorted.
type Values = Vec<Vec<String>>;

/// Reads the bytes as a block of lines in every way.
///
/// * All instruction sets agree, and so do reading at once and in two phases.
/// * A line is read as it would be alone.
/// * The strict reader takes what `serde_json` takes, and gives the values of the reference evaluator.
/// * The block reader gives the same for those lines. Of others it refuses at least those whose strings or brackets do
///   not end, with raw control characters in strings, or that are not UTF-8.
///
/// # Panics
/// If one of that does not hold.
pub fn reader(bytes: &[u8]) {
    let owned = SlotTreeBuilder::new(&PATHS).dispatch(&DISPATCH).build().expect("distinct paths");
    let tree = owned.as_ref();
    let mut first: Option<Vec<Option<Values>>> = None;
    for (name, mut reader) in BlockReader::all() {
        for two_phases in [false, true] {
            let found = read_block(&mut reader, &tree, bytes, two_phases);
            let first = first.get_or_insert_with(|| found.clone());
            assert_eq!(*first, found, "{name}, two phases: {two_phases}");
        }
    }
    let found = first.unwrap_or_default();
    let blank = |line: &&[u8]| !line.iter().all(|byte| b" \t\r".contains(byte));
    let lines: Vec<_> = bytes.split(|&byte| byte == b'\n').filter(blank).collect();
    assert_eq!(lines.len(), found.len());
    let mut reader = BlockReader::new();
    for (line, found) in lines.into_iter().zip(found) {
        assert_eq!(
            read_block(&mut reader, &tree, line, false),
            std::slice::from_ref(&found),
            "alone: {}",
            quote(line)
        );
        check_line(&tree, line, found.as_ref());
    }
}

fn check_line(tree: &SlotTree<'_>, line: &[u8], found: Option<&Values>) {
    let mut event = Event::with_slots(PATHS.len());
    let strict = StrictReader::default().read(tree, line, &mut event);
    let values = strict.is_ok().then(|| collect(event.view(line)));
    let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    match strict {
        Err(error) if error.kind == ReadErrorKind::TooDeep => return,
        Err(error) => assert!(error.offset <= line.len(), "{error} in {}", quote(line)),
        Ok(()) if depth(text) > DEPTH => return,
        Ok(()) => {}
    }
    let reference = meaning::Event::from_slice(text).ok().map(|event| reference(&event));
    assert_eq!(values, reference, "strict: {}", quote(line));
    if values.is_some() {
        assert_eq!(found, values.as_ref(), "block: {}", quote(line));
    } else if found.is_some() {
        assert!(is_bracketed(text), "block: {}", quote(line));
    }
}

fn read_block(
    reader: &mut BlockReader,
    tree: &SlotTree<'_>,
    block: &[u8],
    two_phases: bool,
) -> Vec<Option<Values>> {
    let mut event = Event::with_slots(PATHS.len());
    let mut lines = reader.lines(block);
    let mut found = Vec::new();
    while let Some(line) = lines.next_line() {
        assert!(block[line.start..].starts_with(line.text));
        let read = if two_phases {
            read_in_two_phases(&mut lines, tree, line.text, &mut event)
        } else {
            lines.read(tree, &mut event)
        };
        if let Err(error) = read {
            assert!(error.offset <= line.text.len() + 1, "{error} in {}", quote(line.text));
        }
        found.push(read.is_ok().then(|| collect(event.view(line.text))));
    }
    found
}

/// What the first phase tells of the second is true.
fn read_in_two_phases(
    lines: &mut Lines<'_>,
    tree: &SlotTree<'_>,
    text: &[u8],
    event: &mut Event,
) -> Result<(), ReadError> {
    lines.read_dispatch(tree, event)?;
    let view = event.view(text);
    let maybe: Vec<u64> =
        view.present().iter().zip(view.deferred()).map(|(some, later)| some | later).collect();
    let early = collect(view);
    lines.read_rest(tree, event, &[])?;
    let late = collect(event.view(text));
    for (slot, values) in late.iter().enumerate() {
        let dispatch = DISPATCH.contains(&Slot(slot as u16));
        assert!(!dispatch || *values == early[slot], "dispatch slot {slot}: {}", quote(text));
        let expected = maybe[slot / 64] >> (slot % 64) & 1 == 1;
        assert!(values.is_empty() || expected, "slot {slot}: {}", quote(text));
    }
    Ok(())
}

fn collect(view: EventView<'_>) -> Values {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).expect("values are UTF-8").to_owned();
    let spell = |scalar: Scalar<'_>| match scalar {
        Scalar::Text(bytes) => format!("text {}", text(bytes)),
        Scalar::Number(bytes) => format!("number {}", text(bytes)),
        Scalar::Bool(value) => format!("bool {value}"),
    };
    let values = |slot: usize| sorted(view.values(Slot(slot as u16)).map(spell));
    (0..PATHS.len()).map(values).collect()
}

fn reference(event: &meaning::Event) -> Values {
    let spell = |scalar: meaning::Scalar<'_>| match scalar {
        meaning::Scalar::Text(text) => format!("text {text}"),
        meaning::Scalar::Number(text) => format!("number {text}"),
        meaning::Scalar::Bool(value) => format!("bool {value}"),
    };
    PATHS.iter().map(|path| sorted(event.values(path).into_iter().map(spell))).collect()
}

fn sorted(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut values: Vec<_> = values.collect();
    values.sort();
    values
}

/// The deepest nesting of brackets outside strings of sound JSON.
fn depth(line: &[u8]) -> usize {
    let mut depths = Brackets::default();
    line.iter().map(|&byte| depths.step(byte)).max().unwrap_or(0)
}

/// Whether strings and brackets end where the line does, with nothing but blanks around them.
fn is_bracketed(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let mut brackets = Brackets::default();
    let inner_end = text.len().saturating_sub(1);
    std::str::from_utf8(line).is_ok()
        && text.starts_with(b"{")
        && text.iter().enumerate().all(|(at, &byte)| brackets.step(byte) > 0 || at == inner_end)
        && brackets.depth == 0
        && !brackets.string
        && !brackets.broken
}

/// Counts brackets, byte by byte.
#[derive(Default)]
struct Brackets {
    depth: usize,
    string: bool,
    escaped: bool,
    broken: bool,
}

impl Brackets {
    /// The depth behind the byte.
    fn step(&mut self, byte: u8) -> usize {
        if self.string {
            self.broken |= byte < 0x20;
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.string = false,
                _ => {}
            }
            return self.depth;
        }
        match byte {
            b'"' => self.string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'\\' => self.broken = true,
            _ => {}
        }
        self.depth
    }
}

fn quote(line: &[u8]) -> String {
    line[..line.len().min(2000)].escape_ascii().to_string()
}
