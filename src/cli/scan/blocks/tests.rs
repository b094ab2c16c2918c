use std::io::{Cursor, Write as _};

use super::*;

/// The lines of a file cut into ranges at `cuts`.
fn ranges(text: &[u8], cuts: &[u64]) -> Vec<(u64, Vec<u8>)> {
    let path = std::env::temp_dir().join(format!("kiln-ranges-{}-{:p}", std::process::id(), text));
    File::create(&path).unwrap().write_all(text).unwrap();
    let file = Arc::new(File::open(&path).unwrap());
    let mut blocks = Vec::new();
    for pair in cuts.windows(2) {
        let left = Left::Range(Range { next: pair[0], end: pair[1], started: false });
        let mut block = Block { file: Some(Arc::clone(&file)), left, ..Block::default() };
        while block.read() {
            blocks.push((block.offset, block.lines().to_vec()));
        }
        assert_eq!(block.failure, None);
    }
    std::fs::remove_file(&path).unwrap();
    blocks
}

#[test]
fn every_line_is_in_the_range_it_starts_in() {
    let text = b"one\ntwo\n\nfour\nfive";
    let len = text.len() as u64;
    for first in 1..len {
        for second in first + 1..len {
            let blocks = ranges(text, &[0, first, second, len]);
            let joined: Vec<u8> = blocks.iter().flat_map(|(_, text)| text.clone()).collect();
            assert_eq!(joined, text, "cut at {first} and {second}");
            for (offset, piece) in blocks.iter().filter(|(_, piece)| !piece.is_empty()) {
                let at = *offset as usize;
                assert_eq!(&text[at..at + piece.len()], &piece[..]);
                assert!(at == 0 || text[at - 1] == b'\n');
            }
        }
    }
}

#[test]
fn lines_are_whole_in_whatever_slices_they_come() {
    let mut text = Vec::new();
    for line in 0..60_usize {
        // From no byte at all to several slices.
        let len = (line * line * 7919) % (line % 5 * SLICE / 2 + 3);
        text.extend(std::iter::repeat_n(b'a' + (line % 26) as u8, len));
        text.push(b'\n');
    }
    text.extend_from_slice(b"no end");
    let len = text.len() as u64;
    for cut in [SLICE as u64, 3 * SLICE as u64 + 1, 1_000_003, 2_000_000] {
        let cuts: Vec<_> = (0..len).step_by(cut as usize).chain([len]).collect();
        let blocks = ranges(&text, &cuts);
        let mut next = 0;
        for (offset, lines) in &blocks {
            assert_eq!(*offset, next, "cut every {cut}");
            assert!(lines.ends_with(b"\n") || offset + lines.len() as u64 == len);
            assert_eq!(&text[next as usize..next as usize + lines.len()], &lines[..]);
            next += lines.len() as u64;
        }
        assert_eq!(next, len);
        assert!(cut < 4 * SLICE as u64 || blocks.len() > cuts.len(), "slices are smaller than ranges");
    }
}

fn stream(text: &[u8], live: bool) -> Vec<Block> {
    /// Gives a few bytes at a time.
    struct Slow(Cursor<Vec<u8>>);
    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let few = buffer.len().min(7);
            self.0.read(&mut buffer[..few])
        }
    }
    let reader = Box::new(Slow(Cursor::new(text.to_vec())));
    let mut stream = Stream { reader, live, rest: Text::default(), offset: 0 };
    let mut blocks = Vec::new();
    loop {
        let mut block = Block::default();
        if !stream.next(&mut block) {
            return blocks;
        }
        blocks.push(block);
    }
}

#[test]
fn a_live_stream_gives_lines_as_they_come() {
    let text = b"one\ntwo\nthree is longer than a piece\nfour";
    let blocks = stream(text, true);
    assert!(blocks.len() > 2, "{blocks:?}");
    let joined: Vec<u8> = blocks.iter().flat_map(|block| block.text.to_vec()).collect();
    assert_eq!(joined, text);
    for block in &blocks {
        assert!(text[block.offset as usize..].starts_with(&block.text));
        assert!(block.text.ends_with(b"\n") || block.text.ends_with(b"four"));
    }
    assert_eq!(stream(text, false).len(), 1);
    assert!(stream(b"", true).is_empty());
}

#[test]
fn a_line_without_end_is_left_out() {
    let mut text = b"one\n".to_vec();
    text.resize(text.len() + LONGEST_LINE + 3 * STREAM, b'x');
    text.extend_from_slice(b"\nlast\n");
    let mut blocks = Vec::new();
    let mut stream =
        Stream { reader: Box::new(Cursor::new(text)), live: false, rest: Text::default(), offset: 0 };
    loop {
        let mut block = Block::default();
        if !stream.next(&mut block) {
            break;
        }
        blocks.push((block.offset, block.too_long, block.text.to_vec()));
    }
    let last = 4 + (LONGEST_LINE + 3 * STREAM) as u64 + 1;
    let lines: Vec<_> = blocks.iter().map(|(_, _, text)| text.as_slice()).collect();
    assert_eq!(lines, [b"one\n".as_slice(), b"".as_slice(), b"last\n".as_slice()][..lines.len()].to_vec());
    assert!(blocks.iter().any(|(_, too_long, _)| *too_long == Some(4)));
    assert_eq!(blocks.last().unwrap().0, last);
}
