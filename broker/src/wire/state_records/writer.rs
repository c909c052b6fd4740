//! Writing Kafka's message encoding: plain, or flexible (KIP-482) with compact lengths.

use bytes::{BufMut, Bytes};
use uuid::Uuid;

/// Bytes that begin with a schema version.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    flexible: bool,
}

impl Writer {
    /// A message of fixed layout.
    pub(super) fn plain(version: i16) -> Self {
        Self::new(version, false)
    }

    /// A message with compact lengths and tagged fields.
    pub(super) fn flexible(version: i16) -> Self {
        Self::new(version, true)
    }

    fn new(version: i16, flexible: bool) -> Self {
        // Most keys and values fit.
        let mut bytes = Vec::with_capacity(64);
        bytes.put_i16(version);
        Self { bytes, flexible }
    }

    pub(super) fn int8(&mut self, value: i8) -> &mut Self {
        self.bytes.put_i8(value);
        self
    }

    pub(super) fn int16(&mut self, value: i16) -> &mut Self {
        self.bytes.put_i16(value);
        self
    }

    pub(super) fn int32(&mut self, value: i32) -> &mut Self {
        self.bytes.put_i32(value);
        self
    }

    pub(super) fn int64(&mut self, value: i64) -> &mut Self {
        self.bytes.put_i64(value);
        self
    }

    pub(super) fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.bytes.put_u128(value.as_u128());
        self
    }

    /// A text; one that came from the wire is never too long for its length field.
    pub(super) fn string(&mut self, text: &str) -> &mut Self {
        self.nullable_string(Some(text))
    }

    pub(super) fn nullable_string(&mut self, text: Option<&str>) -> &mut Self {
        let length = text.map(str::len);
        if self.flexible {
            self.compact_length(length);
        } else {
            let length = length.map_or(-1, |length| i16::try_from(length).unwrap_or(i16::MAX));
            self.bytes.put_i16(length);
        }
        self.bytes.put_slice(text.unwrap_or_default().as_bytes());
        self
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(bytes.len());
        self.bytes.put_slice(bytes);
        self
    }

    /// An array's length and its elements.
    pub(super) fn array<T>(
        &mut self,
        elements: &[T],
        mut write: impl FnMut(&mut Self, &T),
    ) -> &mut Self {
        self.length(elements.len());
        for element in elements {
            write(self, element);
        }
        self
    }

    pub(super) fn nullable_array<T>(
        &mut self,
        elements: Option<&[T]>,
        write: impl FnMut(&mut Self, &T),
    ) -> &mut Self {
        match elements {
            Some(elements) => self.array(elements, write),
            None if self.flexible => {
                self.compact_length(None);
                self
            }
            None => self.int32(-1),
        }
    }

    /// The end of a struct with those tagged fields that are not at their default, by rising tag.
    pub(super) fn tagged(&mut self, fields: &[(u32, Self)]) -> &mut Self {
        self.varint(fields.len());
        for (tag, field) in fields {
            self.varint(usize::try_from(*tag).unwrap_or(usize::MAX));
            self.varint(field.bytes.len());
            self.bytes.put_slice(&field.bytes);
        }
        self
    }

    /// The content of a tagged field, to be filled.
    pub(super) const fn field() -> Self {
        Self {
            bytes: Vec::new(),
            flexible: true,
        }
    }

    pub(super) fn finish(self) -> Bytes {
        self.bytes.into()
    }

    fn length(&mut self, length: usize) {
        if self.flexible {
            self.compact_length(Some(length));
        } else {
            self.int32(i32::try_from(length).unwrap_or(i32::MAX));
        }
    }

    fn compact_length(&mut self, length: Option<usize>) {
        self.varint(length.map_or(0, |length| length.saturating_add(1)));
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            let [low, ..] = value.to_le_bytes();
            self.bytes.put_u8(low | 0x80);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.bytes.put_u8(low);
    }
}
