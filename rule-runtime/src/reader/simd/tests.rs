use super::super::classes::{Classes, Task, Vector};
use super::Isa;

/// Random numbers, the same ones each time.
struct Random(u32);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 24) as u8
    }

    fn mask(&mut self) -> u64 {
        let [few, many] = [0; 2].map(|_: u64| (0..8).fold(0, |mask, _| mask << 8 | u64::from(self.byte())));
        match self.byte() % 6 {
            0 => 0,
            1 => u64::MAX,
            2 => few & many,
            3 => few | many,
            _ => few,
        }
    }
}

struct Sort<'t>(&'t [u8; 512]);

impl Task for Sort<'_> {
    type Output = Classes;

    #[inline(always)]
    #[allow(clippy::inline_always)] // Else it would not be compiled for the instruction set.
    fn run<V: Vector>(self) -> Classes {
        let mut classes = Classes::default();
        V::sort(self.0, &mut classes);
        keep_what_is_meant(classes)
    }
}

/// The same, byte by byte.
fn sort_slowly(bytes: &[u8; 512]) -> Classes {
    let masks = |test: &dyn Fn(u8) -> bool| {
        std::array::from_fn(|word| {
            (0..64).fold(0, |mask, bit| mask | u64::from(test(bytes[word * 64 + bit])) << bit)
        })
    };
    Classes {
        quote: masks(&|byte| byte == b'"'),
        backslash: masks(&|byte| byte == b'\\'),
        colon: masks(&|byte| byte == b':'),
        open: masks(&|byte| matches!(byte, b'{' | b'[')),
        close: masks(&|byte| matches!(byte, b'}' | b']')),
        control: masks(&|byte| byte < 0x20),
        newline: masks(&|byte| byte == b'\n'),
        u: masks(&|byte| byte == b'u'),
        non_ascii: masks(&|byte| byte >= 0x80),
    }
}

/// Without the bits that are left open: a `u` that does not stand behind a backslash, and which bytes are not ASCII.
fn keep_what_is_meant(mut classes: Classes) -> Classes {
    for word in 0..8 {
        let before = if word == 0 { 1 } else { classes.backslash[word - 1] >> 63 };
        classes.u[word] &= classes.backslash[word] << 1 | before;
    }
    classes.non_ascii = classes.non_ascii.map(|mask| u64::from(mask != 0));
    classes
}

/// Everything else a vector offers: masks, and what is told of them in bits.
struct Calculate<'t>(&'t [u64; 8], &'t [u64; 8]);

impl Task for Calculate<'_> {
    type Output = ([[u64; 8]; 8], [u8; 2]);

    #[inline(always)]
    #[allow(clippy::inline_always)] // As above.
    fn run<V: Vector>(self) -> Self::Output {
        let (left, right) = (V::load(self.0), V::load(self.1));
        let found = [
            V::and(left, right),
            V::or(left, right),
            V::xor(left, right),
            V::and_not(left, right),
            V::double(left),
            V::sub(left, right),
            V::prefix_parities(left),
            V::spread(self.1[0], 3),
        ];
        let mut masks = [[0; 8]; 8];
        for (found, masks) in found.into_iter().zip(&mut masks) {
            V::store(found, masks);
        }
        (masks, [V::highest(left), V::non_zero(left)])
    }
}

/// The same, mask by mask and bit by bit.
fn calculate_slowly(left: &[u64; 8], right: &[u64; 8]) -> ([[u64; 8]; 8], [u8; 2]) {
    let each = |calculate: &dyn Fn(u64, u64) -> u64| std::array::from_fn(|i| calculate(left[i], right[i]));
    let bits = |test: &dyn Fn(u64) -> bool| (0..8).fold(0, |bits, i| bits | u8::from(test(left[i])) << i);
    let parities = |mask: u64| {
        (0..64).fold(0, |parity, bit| parity | u64::from((mask << (63 - bit)).count_ones() % 2) << bit)
    };
    let masks = [
        each(&|left, right| left & right),
        each(&|left, right| left | right),
        each(&|left, right| left ^ right),
        each(&|left, right| left & !right),
        each(&|left, _| left << 1),
        each(&|left, right| left.wrapping_sub(right)),
        each(&|left, _| parities(left)),
        std::array::from_fn(|i| if right[0] >> (24 + i) & 1 == 1 { u64::MAX } else { 0 }),
    ];
    (masks, [bits(&|mask| mask >> 63 == 1), bits(&|mask| mask != 0)])
}

#[test]
fn loads_stay_inside_the_text() {
    let bytes: Vec<u8> = (0..20).collect();
    for len in 0..bytes.len() {
        let text = super::Text::new(&bytes[..len]);
        for at in (0..30).chain(usize::MAX - 10..=usize::MAX) {
            let inside = |count: usize| at.checked_add(count).is_some_and(|end| end <= len);
            assert_eq!(text.eight(at).is_some(), inside(8));
            assert_eq!(text.byte(at), if inside(1) { at as u8 } else { b'\n' });
        }
    }
    assert_eq!(super::Text::new(&bytes).eight(12), Some(0x1312_1110_0F0E_0D0C));
}

#[test]
fn all_instruction_sets_sort_bytes_as_defined() {
    let mut random = Random(1);
    for round in 0..if cfg!(miri) { 60 } else { 1_000 } {
        let bytes = std::array::from_fn(|at| match random.byte() {
            // Every byte value at every position, and stretches of special bytes.
            _ if round < 256 => (round + at) as u8,
            byte @ 0..128 => b"\"\\:{}[]\n\x1F u\x80;"[usize::from(byte) % 13],
            byte => byte,
        });
        let expected = keep_what_is_meant(sort_slowly(&bytes));
        for isa in Isa::available() {
            assert_eq!(isa.run(Sort(&bytes)), expected, "{isa:?}");
        }
    }
}

#[test]
fn all_instruction_sets_calculate_as_defined() {
    let mut random = Random(2);
    for _ in 0..if cfg!(miri) { 100 } else { 4_000 } {
        let [left, right] = [0; 2].map(|_| std::array::from_fn(|_| random.mask()));
        let expected = calculate_slowly(&left, &right);
        for isa in Isa::available() {
            assert_eq!(isa.run(Calculate(&left, &right)), expected, "{isa:?}");
        }
    }
}
