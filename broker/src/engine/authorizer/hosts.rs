//! Which clients' hosts an ACL is about: all, one address, or a range of addresses (KIP-1276).
//!
//! Oracle: a range of IPv4 is four numbers and a length, each of as many digits as it may have; a range of IPv6 is whatever
//! Java reads as such an address. 0.0.0.0 is in no range. A client of the other family is in no range.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::acl::WILDCARD;

/// Whether a pattern is about a host, as Java writes its address.
pub(crate) fn matches(pattern: &str, host: &str) -> bool {
    pattern == WILDCARD || pattern == host || is_in_range(pattern, host)
}

/// Whether a pattern stands for a range.
pub(crate) fn is_range(pattern: &str) -> bool {
    pattern.contains('/')
}

fn is_in_range(pattern: &str, host: &str) -> bool {
    if !is_range(pattern) {
        return false;
    }
    let Ok(range) = Range::parse(pattern) else {
        return false;
    };
    match range {
        Range::V4(network, mask) => {
            four(host).is_ok_and(|address| address != 0 && address & mask == network)
        }
        Range::V6(network, mask) => six(host).is_some_and(|address| address & mask == network),
    }
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    V4(u32, u32),
    V6(u128, u128),
}

impl Range {
    /// Reads a range.
    ///
    /// # Errors
    /// It is none; the words are Kafka's.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.contains(':') {
            return Self::parse_six(text);
        }
        let unread = || format!("Could not parse [{text}]");
        let (address, length) = text.split_once('/').ok_or_else(unread)?;
        if !digits(length, 2) {
            return Err(unread());
        }
        let network = four(address).map_err(|why| why.unwrap_or_else(unread))?;
        let length: u32 = length.parse().map_err(|_| unread())?;
        if length > 32 {
            return Err(out_of_range(length, 32));
        }
        let mask = u32::MAX
            .checked_shl(32_u32.saturating_sub(length))
            .unwrap_or(0);
        Ok(Self::V4(network & mask, mask))
    }

    fn parse_six(text: &str) -> Result<Self, String> {
        let unread = |text: &str, why: &str| format!("Could not parse [{text}]{why}");
        let (address, length) = text
            .split_once('/')
            .ok_or_else(|| unread(text, " - missing prefix length"))?;
        let length: i32 = length
            .parse()
            .map_err(|_| unread(text, " - invalid prefix length"))?;
        let length = u32::try_from(length).ok().filter(|length| *length <= 128);
        let length =
            length.ok_or_else(|| unread(text, " - prefix length must be between 0 and 128"))?;
        let network = six(address).ok_or_else(|| {
            let is_other = address.parse::<Ipv6Addr>().is_ok();
            unread(
                address,
                if is_other {
                    " - not an IPv6 address"
                } else {
                    ""
                },
            )
        })?;
        let mask = u128::MAX
            .checked_shl(128_u32.saturating_sub(length))
            .unwrap_or(0);
        Ok(Self::V6(network & mask, mask))
    }
}

/// An address of IPv4; else what is wrong, if it looks like one.
fn four(text: &str) -> Result<u32, Option<String>> {
    let parts: Vec<_> = text.split('.').collect();
    if parts.len() != 4 || !parts.iter().all(|part| digits(part, 3)) {
        return Err(None);
    }
    let mut octets = [0_u8; 4];
    for (octet, part) in octets.iter_mut().zip(parts) {
        let number: u32 = part.parse().map_err(|_| None)?;
        *octet = u8::try_from(number).map_err(|_| Some(out_of_range(number, 255)))?;
    }
    Ok(Ipv4Addr::from(octets).into())
}

fn six(text: &str) -> Option<u128> {
    let address = text
        .split_once('%')
        .map_or(text, |(address, _scope)| address);
    let address: Ipv6Addr = address.parse().ok()?;
    // Java takes it for the address of IPv4 in it.
    let is_mapped = address.to_ipv4_mapped().is_some();
    (!is_mapped).then(|| address.into())
}

fn digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn out_of_range(value: u32, most: u32) -> String {
    format!("Value [{value}] not in range [0,{most}]")
}

#[cfg(test)]
mod tests {
    use super::{Range, matches};

    #[test]
    fn a_host_is_all_or_itself_or_in_its_range() {
        for (pattern, host, is_meant) in [
            ("*", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.0.0/16", "10.1.2.3", true),
            ("10.1.9.9/16", "10.1.2.3", true),
            ("10.1.0.0/16", "10.2.0.1", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("0.0.0.0/0", "10.1.2.3", true),
            ("0.0.0.0/0", "0.0.0.0", false),
            ("10.1.0.0/33", "10.1.2.3", false),
            ("::/0", "10.1.2.3", false),
            ("0.0.0.0/0", "0:0:0:0:0:0:0:1", false),
            ("::1/128", "0:0:0:0:0:0:0:1", true),
            ("fe80::/10", "fe80:0:0:0:1:2:3:4%eth0", true),
            ("fe80::/10", "fec0:0:0:0:1:2:3:4", false),
        ] {
            assert_eq!(matches(pattern, host), is_meant, "{pattern} {host}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused_in_kafkas_words() {
        for (text, why) in [
            ("10.0.0/8", "Could not parse [10.0.0/8]"),
            ("10.0.0.0/", "Could not parse [10.0.0.0/]"),
            ("10.0.0.0/100", "Could not parse [10.0.0.0/100]"),
            ("10.0.0.0/33", "Value [33] not in range [0,32]"),
            ("10.0.0.256/8", "Value [256] not in range [0,255]"),
            (
                "::1/129",
                "Could not parse [::1/129] - prefix length must be between 0 and 128",
            ),
            (
                "::ffff:10.0.0.1/8",
                "Could not parse [::ffff:10.0.0.1] - not an IPv6 address",
            ),
            ("::1/x", "Could not parse [::1/x] - invalid prefix length"),
        ] {
            assert_eq!(Range::parse(text), Err(why.to_owned()));
        }
    }
}
