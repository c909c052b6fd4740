//! The primitives of the wire: numbers, variable-length numbers, lengths.

use anyhow::{Context as _, Result, ensure};

/// Appends the lowest `width` bytes of a number, most significant first.
pub fn put_int(out: &mut Vec<u8>, value: i64, width: usize) {
    out.extend(value.to_be_bytes().iter().skip(8 - width));
}

/// Appends an unsigned variable-length number.
pub fn put_uvarint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

/// Appends a zigzag-coded variable-length number.
pub fn put_varint(out: &mut Vec<u8>, value: i64) {
    put_uvarint(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Reads from the front of a slice.
#[derive(Debug, Clone)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `count` bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, tail) = self
            .0
            .split_at_checked(count)
            .with_context(|| format!("{count} bytes are announced, {} are left", self.0.len()))?;
        self.0 = tail;
        Ok(head)
    }

    /// A signed number of `width` bytes.
    ///
    /// # Errors
    /// When there are fewer bytes.
    pub fn int(&mut self, width: usize) -> Result<i64> {
        let bytes = self.take(width)?;
        let unsigned = bytes
            .iter()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let unused = u32::try_from(8 * (8 - width))?;
        Ok((unsigned << unused).cast_signed() >> unused)
    }

    /// An unsigned number of `width` bytes, at most 4.
    ///
    /// # Errors
    /// When there are fewer bytes.
    pub fn uint(&mut self, width: usize) -> Result<i64> {
        Ok(self
            .take(width)?
            .iter()
            .fold(0, |sum, byte| sum << 8 | i64::from(*byte)))
    }

    /// An unsigned variable-length number.
    ///
    /// # Errors
    /// When it does not end within ten bytes.
    pub fn uvarint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = u64::from(*self.take(1)?.first().context("a byte")?);
            value |= (byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        anyhow::bail!("a variable-length number does not end")
    }

    /// A zigzag-coded variable-length number.
    ///
    /// # Errors
    /// When it does not end within ten bytes.
    pub fn varint(&mut self) -> Result<i64> {
        let raw = self.uvarint()?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// A length or count: compact (plus one, 0 is null) or of `width` bytes (−1 is null).
    ///
    /// # Errors
    /// When it is cut short or below −1.
    pub fn length(&mut self, compact: bool, width: usize) -> Result<Option<usize>> {
        if compact {
            return Ok(usize::try_from(self.uvarint()?)?.checked_sub(1));
        }
        let length = self.int(width)?;
        ensure!(length >= -1, "a length of {length}");
        Ok(usize::try_from(length).ok())
    }
}

/// Appends a length or count, `None` as null.
pub fn put_length(out: &mut Vec<u8>, length: Option<usize>, compact: bool, width: usize) {
    let length = length.map_or(-1, |length| i64::try_from(length).unwrap_or(i64::MAX));
    if compact {
        put_uvarint(out, (length + 1).cast_unsigned());
    } else {
        put_int(out, length, width);
    }
}

/// Bytes as hexadecimal text with `0x` in front.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// Reads what [`hex`] writes; text without `0x` stands for its own bytes.
///
/// # Errors
/// When a digit is wrong.
pub fn unhex(text: &str) -> Result<Vec<u8>> {
    let Some(digits) = text.strip_prefix("0x") else {
        return Ok(text.as_bytes().to_vec());
    };
    ensure!(digits.len() % 2 == 0, "an odd number of digits");
    (0..digits.len())
        .step_by(2)
        .map(|at| {
            let pair = digits.get(at..at + 2).context("a digit pair")?;
            u8::from_str_radix(pair, 16).with_context(|| format!("the digits {pair}"))
        })
        .collect()
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// An id in the text form that Kafka prints: 22 characters of URL-safe base64.
#[must_use]
pub fn uuid_text(id: &[u8]) -> String {
    let number = id
        .iter()
        .fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    // The last character holds the two lowest bits, shifted left by four.
    let digit = |at: u32| {
        let bits = if at == 21 {
            (number & 3) << 4
        } else {
            number >> (122 - 6 * at) & 63
        };
        usize::try_from(bits)
            .ok()
            .and_then(|bits| BASE64.get(bits))
            .map_or('?', |b| char::from(*b))
    };
    (0..22).map(digit).collect()
}

/// Reads what [`uuid_text`] writes.
///
/// # Errors
/// When it is not 22 such characters.
pub fn uuid_bytes(text: &str) -> Result<[u8; 16]> {
    ensure!(text.len() == 22, "{text:?} is no id");
    let mut number = 0_u128;
    for (at, byte) in text.bytes().enumerate() {
        let digit = BASE64
            .iter()
            .position(|known| *known == byte)
            .context("a base64 digit")?;
        let digit = u128::try_from(digit)?;
        number = if at == 21 {
            number << 2 | digit >> 4
        } else {
            number << 6 | digit
        };
    }
    Ok(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip() {
        for value in [0, -1, 1, 300, -300, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(Reader(&out).varint().unwrap(), value);
            out.clear();
            put_int(&mut out, value, 8);
            assert_eq!(Reader(&out).int(8).unwrap(), value);
        }
        assert_eq!(Reader(&[0xff, 0xfe]).int(2).unwrap(), -2);
    }

    #[test]
    fn ids_round_trip() {
        let id: Vec<u8> = (0..16).map(|n| n * 15 + 1).collect();
        assert_eq!(uuid_bytes(&uuid_text(&id)).unwrap().to_vec(), id);
        assert_eq!(uuid_text(&[0; 16]), "A".repeat(22));
    }
}
