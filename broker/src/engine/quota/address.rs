//! Addresses as Java reads them. They are values here; sockets are not the engine's.

use core::net::{IpAddr, Ipv4Addr};

/// The address that a text stands for; none if it is a host that would have to be looked up.
pub(crate) fn parse(text: &str) -> Option<IpAddr> {
    if text == "localhost" {
        return Some(Ipv4Addr::LOCALHOST.into());
    }
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let v6 = inner.unwrap_or(text).parse().ok().filter(IpAddr::is_ipv6);
    let v4 = || v4(text).map(IpAddr::V4);
    v6.or_else(v4).map(|address: IpAddr| address.to_canonical())
}

/// Up to four numbers; the last fills what the others leave.
fn v4(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = text.split('.').collect();
    let (last, first) = parts.split_last()?;
    let mut bits = 0_u32;
    for part in first {
        bits = (bits << 8) | u32::from(number(part)?.to_owned().parse::<u8>().ok()?);
    }
    let left = 32_u32.checked_sub(u32::try_from(first.len()).ok()?.checked_mul(8)?)?;
    let last: u64 = number(last)?.parse().ok()?;
    (left > 0 && last < 1_u64.checked_shl(left)?).then_some(())?;
    let bits = u64::from(bits).checked_shl(left)? | last;
    u32::try_from(bits).ok().map(Ipv4Addr::from)
}

fn number(text: &str) -> Option<&str> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn addresses_are_read_as_java_reads_them() {
        for (text, expected) in [
            ("10.1.2.3", Some("10.1.2.3")),
            ("10.9", Some("10.0.0.9")),
            ("10.1.515", Some("10.1.2.3")),
            ("167772161", Some("10.0.0.1")),
            ("localhost", Some("127.0.0.1")),
            ("2001:db8::7", Some("2001:db8::7")),
            ("[2001:db8::7]", Some("2001:db8::7")),
            ("::ffff:10.1.2.3", Some("10.1.2.3")),
            ("10.1.2.256", None),
            ("10.256.1", None),
            ("10.1.2.3.4", None),
            ("4294967296", None),
            ("[10.1.2.3]", None),
            ("10.", None),
            ("", None),
            ("1:2", None),
            ("-1.2.3.4", None),
            ("example.org", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }
}
