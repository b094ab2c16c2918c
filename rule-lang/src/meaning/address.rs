//! IP addresses and blocks of them: text in, 128-bit numbers out.
//!
//! An IPv4 address is the IPv6 address `::ffff:a.b.c.d`, so both kinds compare and fall into blocks alike.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an IPv4 or IPv6 address; zone identifiers are not read.
pub fn parse(text: &str) -> Option<u128> {
    Some(match text.parse().ok()? {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    })
}

/// The text of an address; one that stands for an IPv4 address is written as such.
pub(crate) fn text(address: u128) -> String {
    let address = Ipv6Addr::from_bits(address);
    match address.to_ipv4_mapped() {
        Some(v4) => Ipv4Addr::to_string(&v4),
        None => address.to_string(),
    }
}

/// Whether an address lies in a block such as `10.0.0.0/8`; `None` if the block is not well-formed. Without a prefix
/// length the block is a single address; bits behind the prefix are ignored.
///
/// ```
/// use rule_lang::meaning::address::{in_block, parse};
/// let address = parse("10.6.48.1").unwrap();
/// assert_eq!(in_block(address, "10.6.48.157/8"), Some(true));
/// assert_eq!(in_block(address, "::/0"), Some(true));
/// assert_eq!(in_block(address, "10.0.0.0/33"), None);
/// ```
pub fn in_block(address: u128, block: &str) -> Option<bool> {
    let Some((base, length)) = block.split_once('/') else {
        return Some(parse(block)? == address);
    };
    if length.is_empty() || !length.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let length: u32 = length.parse().ok()?;
    let length = match base.parse().ok()? {
        IpAddr::V4(_) if length <= 32 => length + 96,
        IpAddr::V6(_) if length <= 128 => length,
        _ => return None,
    };
    let ignored = 128 - length;
    // A shift by all 128 bits leaves nothing to compare.
    let head = |bits: u128| bits.checked_shr(ignored).unwrap_or(0);
    Some(head(parse(base)?) == head(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_both_families() {
        let inside = |address: &str, block: &str| in_block(parse(address).unwrap(), block);
        assert_eq!(inside("10.6.48.200", "10.6.48.157/8"), Some(true));
        assert_eq!(inside("11.0.0.1", "10.6.48.157/8"), Some(false));
        assert_eq!(inside("1.2.3.4", "0.0.0.0/0"), Some(true));
        assert_eq!(inside("fe80::1", "0.0.0.0/0"), Some(false));
        assert_eq!(inside("fe80::1", "fe80::/10"), Some(true));
        assert_eq!(inside("1.2.3.4", "fe80::/10"), Some(false));
        assert_eq!(inside("1.2.3.4", "::ffff:1.2.3.0/120"), Some(true));
        assert_eq!(inside("1.2.3.4", "1.2.3.4"), Some(true));
        assert_eq!(inside("1.2.3.4", "1.2.3.4/32"), Some(true));
        assert_eq!(inside("::1", "::1/128"), Some(true));
    }

    #[test]
    fn what_is_no_block_is_none() {
        for block in
            ["", "x", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.0/8/8", "10.0.0.0/+8"]
        {
            assert_eq!(in_block(1, block), None, "{block}");
        }
    }

    #[test]
    fn text_of_addresses() {
        assert_eq!(text(parse("::ffff:10.0.0.1").unwrap()), "10.0.0.1");
        assert_eq!(text(parse("FE80:0::1").unwrap()), "fe80::1");
    }
}
