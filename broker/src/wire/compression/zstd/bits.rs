//! Bit streams that are read from their end, as zstd's Huffman and FSE codes are.

/// Bits in the container.
const WIDTH: u32 = u64::BITS;

/// A bit stream, read backwards through a container of 64 bits. Reading beyond the beginning gives
/// bits that mean nothing, and is found out by [`is_exhausted`](Self::is_exhausted).
#[derive(Debug, Clone)]
pub(super) struct BackwardBits<'a> {
    bytes: &'a [u8],
    /// Where the container was loaded from.
    at: usize,
    container: u64,
    consumed: u32,
}

impl<'a> BackwardBits<'a> {
    /// Nothing if there is no mark that says where the stream ends.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let last = *bytes.last()?;
        if last == 0 {
            return None;
        }
        let mut consumed = last.leading_zeros() + 1;
        let at = bytes.len().saturating_sub(8);
        let container = match bytes.last_chunk::<8>() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => {
                consumed += 8 * u32::try_from(8 - bytes.len()).ok()?;
                bytes
                    .iter()
                    .rev()
                    .fold(0, |value, byte| (value << 8) | u64::from(*byte))
            }
        };
        Some(Self {
            bytes,
            at,
            container,
            consumed,
        })
    }

    /// A stream that has been read down to `at`, of whose container `consumed` bits are gone.
    pub(super) fn resumed(bytes: &'a [u8], at: usize, consumed: u32) -> Self {
        let mut bits = Self {
            bytes,
            at,
            container: 0,
            consumed,
        };
        bits.load();
        bits
    }

    fn load(&mut self) {
        if let Some(chunk) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            self.container = u64::from_le_bytes(*chunk);
        }
    }

    /// The next `count` bits, at most 56, which stay.
    #[inline]
    pub(super) const fn peek(&self, count: u32) -> u64 {
        ((self.container << (self.consumed & (WIDTH - 1))) >> 1) >> ((WIDTH - 1) - count)
    }

    #[inline]
    pub(super) const fn skip(&mut self, count: u32) {
        self.consumed += count;
    }

    #[inline]
    pub(super) const fn read(&mut self, count: u32) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// Fills the container up; 57 bits are there afterwards unless the beginning is near. Says whether
    /// it is not.
    #[inline]
    pub(super) fn reload(&mut self) -> bool {
        if self.consumed > WIDTH {
            return false;
        }
        let bytes = usize::try_from(self.consumed >> 3).unwrap_or_default();
        if self.at >= 8 {
            self.at -= bytes;
            self.consumed &= 7;
            self.load();
            return true;
        }
        let possible = bytes.min(self.at);
        let plenty = self.at > 0 && possible == bytes;
        self.at -= possible;
        self.consumed -= 8 * u32::try_from(possible).unwrap_or_default();
        self.load();
        plenty
    }

    /// More bits were read than there are.
    pub(super) const fn is_overrun(&self) -> bool {
        self.consumed > WIDTH
    }

    /// All bits were read, and no more.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.at == 0 && self.consumed == WIDTH
    }

    /// Bits of the container that are gone.
    pub(super) const fn consumed(&self) -> u32 {
        self.consumed
    }

    /// Says that no bit of the container is left.
    pub(super) const fn drain(&mut self) {
        self.consumed = WIDTH;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_from_the_end() {
        // The mark is the highest bit that is set.
        let mut bits = BackwardBits::new(&[0b1010_1010, 0b0000_0101]).unwrap();
        assert_eq!(bits.read(2), 0b01);
        assert_eq!(bits.read(4), 0b1010);
        assert!(!bits.is_exhausted());
        assert_eq!(bits.read(4), 0b1010);
        assert!(bits.is_exhausted());
        bits.skip(1);
        assert!(bits.is_overrun());
    }

    #[test]
    fn a_long_stream_is_loaded_piece_by_piece() {
        let bytes: Vec<u8> = (1..=40).collect();
        let mut bits = BackwardBits::new(&bytes).unwrap();
        let mut read = vec![bits.read(5)];
        for _ in 1..40 {
            bits.reload();
            read.push(bits.read(8));
        }
        assert!(bits.is_exhausted());
        let want: Vec<u64> = (1..=39).rev().collect();
        assert_eq!(read[0], 40 & 0x1f);
        assert_eq!(read[1..], want);
    }

    #[test]
    fn a_stream_without_its_mark_is_none() {
        assert!(BackwardBits::new(&[]).is_none());
        assert!(BackwardBits::new(&[1, 0]).is_none());
    }
}
