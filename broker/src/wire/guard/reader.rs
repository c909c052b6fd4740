//! Reads lengths and numbers off a frame; believes no length.

use super::error::Why;

#[derive(Debug, Clone, Copy)]
pub(in crate::wire) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(in crate::wire) const fn new(frame: &'a [u8]) -> Self {
        Self { rest: frame }
    }

    pub(in crate::wire) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(in crate::wire) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Why> {
        let remaining = self.rest.len();
        let needed = count;
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(Why::Truncated { needed, remaining })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(in crate::wire) fn array<const N: usize>(&mut self) -> Result<[u8; N], Why> {
        let remaining = self.rest.len();
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Why::Truncated {
            needed: N,
            remaining,
        })?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(in crate::wire) fn int8(&mut self) -> Result<i8, Why> {
        self.array().map(i8::from_be_bytes)
    }

    pub(in crate::wire) fn int16(&mut self) -> Result<i16, Why> {
        self.array().map(i16::from_be_bytes)
    }

    pub(in crate::wire) fn int32(&mut self) -> Result<i32, Why> {
        self.array().map(i32::from_be_bytes)
    }

    /// An unsigned varint. As in Kafka, the fifth byte is the last, and its bits beyond the 32nd
    /// are dropped.
    pub(in crate::wire) fn varint(&mut self) -> Result<u32, Why> {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.array::<1>()?;
            value |= u32::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Why::LongVarint)
    }

    /// A varint that counts what follows; no more can follow than a signed number says.
    pub(in crate::wire) fn count(&mut self) -> Result<usize, Why> {
        let count = self.varint()?.cast_signed();
        usize::try_from(count).map_err(|_| Why::NegativeLength(count))
    }

    /// One more than a length; anything below it is null.
    pub(in crate::wire) fn compact_length(&mut self) -> Result<Option<usize>, Why> {
        let length = self.varint()?.cast_signed().wrapping_sub(1);
        Ok(usize::try_from(length).ok())
    }

    /// Bytes after a 16-bit length. As in Kafka, any negative length is null.
    pub(in crate::wire) fn old_string(&mut self) -> Result<Option<&'a [u8]>, Why> {
        let length = usize::try_from(self.int16()?).ok();
        length.map(|length| self.bytes(length)).transpose()
    }
}
