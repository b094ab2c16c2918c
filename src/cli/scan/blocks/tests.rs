use std::io::{Cursor, Write as _};

use super::*;

/// The lines of a file cut into ranges at `cuts`.
fn ranges(text: &[u8], cuts: &[u64]) -> Vec<(u64, Vec<u8>)> {
    let path = std::env::temp_dir().join(format!("kiln-ranges-{}-{:p}", std::process::id(), text));
    File::create(&path).unwrap().write_all(text).unwrap();
    let file = Arc::new(File::open(&path).unwrap());
    let mut blocks = Vec::new();
    for pair in cuts.windows(2) {
        let range = Some((pair[0], pair[1]));
        let mut block = Block { file: Some(Arc::clone(&file)), range, ..Block::default() };
        block.read();
        assert_eq!(block.failure, None);
        blocks.push((block.offset, block.text.to_vec()));
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
    let mut stream = Stream { reader, live, rest: Text::default(), offset: 0, first: true };
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
    text.resize(text.len() + LONGEST_LINE + 3 * BLOCK, b'x');
    text.extend_from_slice(b"\nlast\n");
    let mut blocks = Vec::new();
    let mut stream = Stream {
        reader: Box::new(Cursor::new(text)),
        live: false,
        rest: Text::default(),
        offset: 0,
        first: true,
    };
    loop {
        let mut block = Block::default();
        if !stream.next(&mut block) {
            break;
        }
        blocks.push((block.offset, block.too_long, block.text.to_vec()));
    }
    let last = 4 + (LONGEST_LINE + 3 * BLOCK) as u64 + 1;
    let lines: Vec<_> = blocks.iter().map(|(_, _, text)| text.as_slice()).collect();
    assert_eq!(lines, [b"one\n".as_slice(), b"".as_slice(), b"last\n".as_slice()][..lines.len()].to_vec());
    assert!(blocks.iter().any(|(_, too_long, _)| *too_long == Some(4)));
    assert_eq!(blocks.last().unwrap().0, last);
}
