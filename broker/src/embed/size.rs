//! Numbers of bytes as people write them.

/// What the letter before `iB` or `B` stands for.
const UNITS: &[(&str, u64, u64)] = &[
    ("", 1, 1),
    ("k", 1 << 10, 1_000),
    ("m", 1 << 20, 1_000_000),
    ("g", 1 << 30, 1_000_000_000),
    ("t", 1 << 40, 1_000_000_000_000),
];

/// A number of bytes as people write it: `1073741824`, `64MiB`, `64M`, `1.5 GiB`. A letter alone and `iB` count in steps of
/// 1024, and `kB`, `MB`, `GB` in steps of 1000.
///
/// ```
/// assert_eq!(fauxka::parse_size("64MiB"), Ok(64 << 20));
/// assert_eq!(fauxka::parse_size("1.5GB"), Ok(1_500_000_000));
/// ```
///
/// # Errors
/// It is no number of bytes; the message says what would be one.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no number of bytes such as 1048576, 64MiB or 1.5GB");
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, unit) = lower.split_at(end.unwrap_or(lower.len()));
    let unit = unit.trim();
    let factor = UNITS.iter().find_map(|(letter, binary, decimal)| {
        let rest = unit.strip_prefix(letter)?;
        match rest {
            "" | "ib" => Some(*binary),
            "b" => Some(*decimal),
            _ => None,
        }
    });
    let factor = factor.ok_or_else(wrong)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let digits = u32::try_from(part.len()).unwrap_or(u32::MAX);
    let part: u64 = part.parse().map_err(|_| wrong())?;
    let of_part = 10_u64.checked_pow(digits).and_then(|scale| {
        let bytes = u128::from(part) * u128::from(factor) / u128::from(scale);
        u64::try_from(bytes).ok()
    });
    let bytes = whole
        .checked_mul(factor)
        .zip(of_part)
        .and_then(|(whole, part)| whole.checked_add(part));
    bytes.ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes_are_read() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1048576", Some(1 << 20)),
            ("64MiB", Some(64 << 20)),
            ("64 mib", Some(64 << 20)),
            ("64M", Some(64 << 20)),
            ("1.5GB", Some(1_500_000_000)),
            ("1.5G", Some(3 << 29)),
            ("10kB", Some(10_000)),
            ("7b", Some(7)),
            ("", None),
            ("M", None),
            ("1.", None),
            ("1.2.3", None),
            ("-1", None),
            ("64 Mbit", None),
            ("99999999999T", None),
        ] {
            assert_eq!(parse_size(text).ok(), expected, "{text}");
        }
    }
}
