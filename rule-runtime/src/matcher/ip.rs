//! Addresses and blocks of addresses.
//!
//! An IPv4 address is its IPv4-mapped IPv6 form, so one kind of number orders and holds both.

use std::net::{IpAddr, Ipv6Addr};

/// The longest text an address can have.
const LONGEST: usize = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".len();

/// The address that a text names, as the 128 bits of its IPv6 form.
///
/// ```
/// use rule_runtime::matcher::ip;
/// assert_eq!(ip::parse(b"10.0.0.1"), ip::parse(b"::ffff:a00:1"));
/// assert_eq!(ip::parse(b"10.0.0.1/8"), None);
/// ```
pub fn parse(text: &[u8]) -> Option<u128> {
    if text.len() > LONGEST {
        return None;
    }
    let address: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(bits(address))
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The addresses that share their first `length` bits with `base`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// The first address.
    base: u128,
    /// 0 to 128; of an IPv4 block 96 more than written.
    length: u8,
}

impl Block {
    /// The block of `base` and as many leading bits; host bits are dropped. A length above 128 is 128.
    pub const fn new(base: u128, length: u8) -> Self {
        let length = if length > 128 { 128 } else { length };
        let mask = if length == 0 { 0 } else { u128::MAX << (128 - length) };
        Self { base: base & mask, length }
    }

    /// A block `address/length`, or an address as a block of one.
    ///
    /// ```
    /// use rule_runtime::matcher::ip::{self, Block};
    /// let block = Block::parse(b"10.6.48.157/8").unwrap();
    /// assert!(block.contains(ip::parse(b"10.1.2.3").unwrap()));
    /// assert_eq!(Block::parse(b"10.0.0.0/33"), None);
    /// ```
    pub fn parse(text: &[u8]) -> Option<Self> {
        let Some(slash) = text.iter().position(|byte| *byte == b'/') else {
            return parse(text).map(|base| Self::new(base, 128));
        };
        let address: IpAddr = std::str::from_utf8(&text[..slash]).ok()?.parse().ok()?;
        let length = prefix_length(&text[slash + 1..])?;
        match address {
            IpAddr::V4(_) if length > 32 => None,
            IpAddr::V4(_) => Some(Self::new(bits(address), 96 + length)),
            IpAddr::V6(_) if length > 128 => None,
            IpAddr::V6(_) => Some(Self::new(bits(address), length)),
        }
    }

    /// The first address.
    pub const fn base(self) -> u128 {
        self.base
    }

    /// How many leading bits are fixed.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// Whether the block has the address.
    pub const fn contains(self, address: u128) -> bool {
        self.length == 0 || (address ^ self.base) >> (128 - self.length) == 0
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv6Addr::from_bits(self.base), self.length)
    }
}

fn prefix_length(text: &[u8]) -> Option<u8> {
    if text.is_empty() || text.len() > 3 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(block: &str, address: &str) -> bool {
        Block::parse(block.as_bytes()).unwrap().contains(parse(address.as_bytes()).unwrap())
    }

    #[test]
    fn blocks_hold_their_addresses_only() {
        assert!(holds("10.0.0.0/8", "10.255.255.255"));
        assert!(!holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("10.0.0.1", "10.0.0.1"));
        assert!(!holds("10.0.0.1", "10.0.0.2"));
        assert!(holds("0.0.0.0/0", "255.255.255.255"));
        assert!(!holds("0.0.0.0/0", "fe80::1"));
        assert!(holds("::/0", "10.0.0.1"));
        assert!(!holds("fe80::/10", "10.0.0.1"));
        assert!(holds("fe80::/10", "febf::1"));
        assert!(!holds("::1/128", "::2"));
    }

    #[test]
    fn bad_blocks_and_addresses_are_rejected() {
        for text in
            ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "::/129", "10.0.0/8", "10.0.0.0/8/8"]
        {
            assert_eq!(Block::parse(text.as_bytes()), None, "{text}");
        }
        for text in ["", "10.0.0", "010.0.0.1", "1.2.3.256", "::g", "fe80::1%eth0", "localhost"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
