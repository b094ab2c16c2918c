//! Values of every type through the packed form and back, and bytes that are no packed set.

use super::*;
use crate::engine::Matcher;

/// A set that is as small as it gets.
fn empty() -> Packed {
    pack(&RuleSet::EMPTY, |_| false)
}

#[test]
fn numbers_of_every_length_come_back() {
    use super::basic::Pack;
    let numbers = [0u64, 1, 0x7F, 0x80, 0x3FFF, 0x4000, u64::from(u32::MAX), 1 << 63, u64::MAX];
    let mut never = |_: &[Step]| false;
    let mut writer = Writer::new(&mut never);
    numbers.iter().for_each(|number| number.write(&mut writer));
    (-5i64).write(&mut writer);
    i128::MIN.write(&mut writer);
    let (texts, content) = writer.finish();
    let arena = Bump::new();
    let mut reader = Reader::new(&texts, &content, &[], &arena).unwrap();
    assert_eq!(numbers.map(|_| u64::read(&mut reader).unwrap()), numbers);
    assert_eq!(i64::read(&mut reader), Ok(-5));
    assert_eq!(i128::read(&mut reader), Ok(i128::MIN));
    assert_eq!(reader.finish(), Ok(()));
}
