use super::super::simd::Isa;
use super::{Index, IndexBlock};

/// What an index tells of a block, found byte by byte. Depth is counted modulo eight, as there.
#[derive(Debug, Default, PartialEq)]
struct Told {
    masks: Vec<[u64; 5]>,
    tops: Vec<u32>,
    line_ends: Vec<usize>,
    unicode_escapes: Vec<usize>,
    deep: Vec<usize>,
    non_ascii: Vec<usize>,
    uneven: bool,
    flawed: bool,
}

fn look(text: &[u8]) -> Told {
    let mut told = Told { masks: vec![[0; 5]; text.len().div_ceil(64) + 1], ..Told::default() };
    let (mut escaped, mut string, mut depth) = (false, false, 0_u8);
    for (at, &byte) in text.iter().enumerate() {
        let word = at / 64;
        let mut put = |mask: usize| told.masks[word][mask] |= 1 << (at % 64);
        let list = |words: &mut Vec<usize>| {
            if words.last() != Some(&word) {
                words.push(word);
            }
        };
        if byte == b'\\' {
            put(4);
            told.flawed |= !string;
        }
        told.flawed |= string && byte < 0x20;
        if byte >= 0x80 {
            list(&mut told.non_ascii);
        }
        if byte == b'u' && escaped {
            list(&mut told.unicode_escapes);
        }
        if byte == b'\n' {
            put(0);
            told.line_ends.push(at);
            told.uneven |= depth != 0;
        }
        if byte == b'"' && !escaped {
            put(3);
            string = !string;
        }
        escaped = byte == b'\\' && !escaped;
        if string {
            continue;
        }
        if depth == 1 && matches!(byte, b':' | b'}' | b']') {
            told.tops.push(at as u32);
        }
        match byte {
            b':' => put(0),
            b'{' | b'[' => {
                put(0);
                put(1);
                if depth == 7 {
                    list(&mut told.deep);
                }
                depth = (depth + 1) % 8;
            }
            b'}' | b']' => {
                put(0);
                put(2);
                depth = (depth + 7) % 8;
            }
            _ => {}
        }
    }
    told.masks[text.len().div_ceil(64)][0] |= 1;
    told.flawed |= string;
    told.uneven |= depth != 0;
    if text.last().is_some_and(|&byte| byte != b'\n') {
        told.line_ends.push(text.len());
    }
    told
}

fn told(index: &Index, text: &[u8]) -> Told {
    let bitmaps = index.bitmaps();
    let masks = |word| {
        let structure = bitmaps.structure(word).unwrap();
        [
            structure,
            bitmaps.open(word),
            bitmaps.close(word),
            bitmaps.quote(word).unwrap(),
            bitmaps.backslash(word),
        ]
    };
    let behind = text.len().div_ceil(64) + 1;
    for word in (behind..).take_while(|&word| bitmaps.quote(word).is_some()) {
        assert_eq!(masks(word), [0; 5], "word {word} behind a block of {}", text.len());
    }
    Told {
        masks: (0..behind).map(masks).collect(),
        tops: index.tops().to_vec(),
        line_ends: index.line_ends.clone(),
        unicode_escapes: index.unicode_escapes.clone(),
        deep: index.deep.clone(),
        non_ascii: index.non_ascii.clone(),
        uneven: index.uneven,
        flawed: index.flawed,
    }
}

/// Pieces of JSON, and of what is none, in no order.
fn jumble(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 20
    };
    let pieces: &[&[u8]] = match seed % 4 {
        0 => &[b"\"", b"\\", b"\\\\", b":", b"{", b"[", b"}", b"]", b"\n", b"u", b"\x01", b"\xC3\xA9", b"a"],
        1 => &[
            b"{\"a\":1}\n",
            b"{\"a\":{\"b\":[1,2]},\"c\":\"\\u0041\"}\n",
            b"{\"a\":[[[[[[[[1]]]]]]]]}\n",
            b"\n",
        ],
        2 => &[b"\"a\":1,", b"{\"b\":", b"}", b"[", b"]", b"\"\\\\\\\"x\",", b":", b":"],
        _ => &[
            b"\\",
            b"\\",
            b"\\",
            b"\\",
            b"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\",
            b"\"u",
        ],
    };
    let mut text = Vec::new();
    while text.len() < len {
        text.extend_from_slice(pieces[random() as usize % pieces.len()]);
    }
    text.truncate(len);
    text
}

#[test]
fn every_instruction_set_finds_what_is_there() {
    // Used again and again, for longer and shorter blocks.
    let mut indices: Vec<(Isa, Index)> =
        Isa::available().into_iter().map(|isa| (isa, Index::default())).collect();
    let rounds = if cfg!(miri) { 24 } else { 1_200 };
    for round in 0..rounds {
        let len = match round % 3 {
            0 => round as usize % 130,
            1 => 2_048 * (1 + round as usize % 3) + round as usize % 5 - 2,
            _ => 1_000 + round as usize * 7 % 9_000,
        };
        let text = jumble(round, if cfg!(miri) { len % 2_100 } else { len });
        let expected = look(&text);
        for (isa, index) in &mut indices {
            isa.run(IndexBlock { text: &text, index });
            assert_eq!(told(index, &text), expected, "{isa:?}: {:?}", String::from_utf8_lossy(&text));
        }
    }
}
