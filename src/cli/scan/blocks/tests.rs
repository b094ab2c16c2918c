use std::fs::File;
use std::io::{self, Cursor, Read, Write as _};

use super::*;
use crate::cli::mapped::Mapped;

/// The lines of a file cut into ranges at `cuts`, the same whether it is read or mapped.
fn ranges(text: &[u8], cuts: &[u64]) -> Vec<(u64, Vec<u8>)> {
    let read = slices(text, cuts, false);
    if cfg!(target_os = "linux") {
        let lines = |slices: &[(u64, Vec<u8>)]| {
            slices.iter().flat_map(|(_, lines)| lines.clone()).collect::<Vec<_>>()
        };
        let mapped = slices(text, cuts, true);
        assert_eq!(lines(&mapped), lines(&read));
        for (offset, lines) in &mapped {
            let at = *offset as usize;
            assert!(lines.is_empty() || text[at..at + lines.len()] == lines[..]);
            assert!(lines.is_empty() || at == 0 || text[at - 1] == b'\n');
        }
    }
    read
}

/// The slices of a file that is mapped or read.
fn slices(text: &[u8], cuts: &[u64], map: bool) -> Vec<(u64, Vec<u8>)> {
    let path = std::env::temp_dir().join(format!("kiln-ranges-{}-{:p}", std::process::id(), text));
    File::create(&path).unwrap().write_all(text).unwrap();
    let file = File::open(&path).unwrap();
    let mapped = map.then(|| Mapped::new(&file, text.len() as u64).unwrap());
    let file = Arc::new(Plain::with_map(file, text.len() as u64, mapped));
    let mut blocks = Vec::new();
    for pair in cuts.windows(2) {
        let left = Left::Range(Range { next: pair[0], end: pair[1], started: false });
        let mut block = Block { file: Some(Arc::clone(&file)), left, ..Block::default() };
        while if map { map_next(&mut block) } else { block.read() } {
            blocks.push((block.offset, block.lines().to_vec()));
        }
        assert_eq!(block.failure, None);
    }
    std::fs::remove_file(&path).unwrap();
    blocks
}

/// As [`Block::read`], whether or not the system has the file in its cache.
fn map_next(block: &mut Block) -> bool {
    let Left::Range(range) = std::mem::take(&mut block.left) else { return false };
    let file = block.file.clone().unwrap();
    block.mapped = true;
    block.map_slice(&file, file.map().unwrap(), range).unwrap();
    block.lines > 0
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
    let mut stream = Stream::new(reader, live);
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
    let mut stream = Stream::new(Box::new(Cursor::new(text)), false);
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

#[test]
fn a_file_that_is_cut_short_is_read_to_its_new_end() {
    let path = std::env::temp_dir().join(format!("kiln-cut-{}", std::process::id()));
    let line = [b"x".repeat(99), b"\n".to_vec()].concat();
    for map in [false, true] {
        std::fs::write(&path, line.repeat(60_000)).unwrap();
        let mut blocks = Blocks::new(vec![Input::File(path.clone())], map);
        let mut failures = Vec::new();
        let (mut bytes, mut block, mut count) = (0, Block::default(), 0);
        while blocks.next(&mut block) {
            while block.read() {
                assert_eq!(block.lines().len() % 100, 0);
                assert!(block.lines().iter().all(|byte| b"x\n".contains(byte)), "whole lines, nothing else");
                bytes += block.lines().len();
            }
            failures.extend(block.failure.take());
            count += 1;
            if count == 2 {
                // In the middle of a line.
                File::options().write(true).open(&path).unwrap().set_len(3_000_050).unwrap();
            }
        }
        let [failure] = &failures[..] else { panic!("told once: {failures:?}") };
        assert!(
            failure.starts_with("the file was cut short while it was read; nothing is left from"),
            "{failure}"
        );
        assert!((2_990_000..=3_000_100).contains(&bytes), "{bytes} bytes, map: {map}");
    }
    std::fs::remove_file(&path).unwrap();
}
