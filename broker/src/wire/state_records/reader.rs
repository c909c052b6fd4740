//! Reading Kafka's message encoding: plain, or flexible (KIP-482) with compact lengths.
//!
//! Nothing is allocated by an announced length: an array grows with the elements that are really there.

use bytes::Buf as _;
use uuid::Uuid;

/// Why a record of a state topic is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it ends before its last field")]
    TooShort,
    #[error("a length is negative")]
    Length,
    #[error("a text is not UTF-8")]
    Text,
    #[error("a field that must be there is null")]
    Null,
    #[error("it is not laid out as its version says")]
    Malformed,
    #[error("nobody knows the version {0}")]
    Version(i16),
    #[error("nobody knows the number {0}")]
    Number(i8),
}

/// Fields of a message, one after the other.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    flexible: bool,
}

type Read<T> = Result<T, Unreadable>;

impl<'a> Reader<'a> {
    /// The version at the beginning, and what follows it.
    pub(super) fn begin(mut bytes: &'a [u8]) -> Read<(i16, Self)> {
        let version = bytes.try_get_i16().map_err(|_| Unreadable::TooShort)?;
        let reader = Self {
            rest: bytes,
            flexible: false,
        };
        Ok((version, reader))
    }

    /// The same of a message that must have one of these versions; those from `flexible` on have compact
    /// lengths and tagged fields.
    pub(super) fn of_version(
        bytes: &'a [u8],
        versions: std::ops::RangeInclusive<i16>,
        flexible: i16,
    ) -> Read<(i16, Self)> {
        let (version, mut reader) = Self::begin(bytes)?;
        if !versions.contains(&version) {
            return Err(Unreadable::Version(version));
        }
        reader.flexible = version >= flexible;
        Ok((version, reader))
    }

    /// The content of a tagged field.
    const fn field(rest: &'a [u8]) -> Self {
        Self {
            rest,
            flexible: true,
        }
    }

    pub(super) fn int8(&mut self) -> Read<i8> {
        self.rest.try_get_i8().map_err(|_| Unreadable::TooShort)
    }

    pub(super) fn int16(&mut self) -> Read<i16> {
        self.rest.try_get_i16().map_err(|_| Unreadable::TooShort)
    }

    pub(super) fn int32(&mut self) -> Read<i32> {
        self.rest.try_get_i32().map_err(|_| Unreadable::TooShort)
    }

    pub(super) fn int64(&mut self) -> Read<i64> {
        self.rest.try_get_i64().map_err(|_| Unreadable::TooShort)
    }

    pub(super) fn uuid(&mut self) -> Read<Uuid> {
        let bits = self.rest.try_get_u128();
        bits.map(Uuid::from_u128).map_err(|_| Unreadable::TooShort)
    }

    pub(super) fn string(&mut self) -> Read<&'a str> {
        self.nullable_string()?.ok_or(Unreadable::Null)
    }

    pub(super) fn nullable_string(&mut self) -> Read<Option<&'a str>> {
        let length = if self.flexible {
            self.compact_length()?
        } else {
            announced(self.int16()?.into())?
        };
        let Some(length) = length else {
            return Ok(None);
        };
        let text = str::from_utf8(self.take(length)?);
        text.map(Some).map_err(|_| Unreadable::Text)
    }

    pub(super) fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.length()?.ok_or(Unreadable::Null)?;
        self.take(length)
    }

    /// An array, element by element.
    pub(super) fn array<T>(&mut self, read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.nullable_array(read)?.ok_or(Unreadable::Null)
    }

    pub(super) fn nullable_array<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Option<Vec<T>>> {
        let Some(count) = self.length()? else {
            return Ok(None);
        };
        let mut elements = Vec::new();
        for _ in 0..count {
            elements.push(read(self)?);
        }
        Ok(Some(elements))
    }

    /// The end of a flexible struct; `read` gets each tagged field, and leaves those that it does not know.
    pub(super) fn tagged(&mut self, mut read: impl FnMut(u32, &mut Self) -> Read<()>) -> Read<()> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = usize::try_from(self.varint()?).map_err(|_| Unreadable::Length)?;
            let mut field = Self::field(self.take(length)?);
            read(tag, &mut field)?;
        }
        Ok(())
    }

    /// The end of a struct without tagged fields of its own.
    pub(super) fn end(&mut self) -> Read<()> {
        self.tagged(|_, _| Ok(()))
    }

    fn length(&mut self) -> Read<Option<usize>> {
        if self.flexible {
            self.compact_length()
        } else {
            announced(self.int32()?)
        }
    }

    fn compact_length(&mut self) -> Read<Option<usize>> {
        let length = self.varint()?.checked_sub(1);
        let length = length.map(usize::try_from).transpose();
        length.map_err(|_| Unreadable::Length)
    }

    fn varint(&mut self) -> Read<u32> {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.rest.try_get_u8().map_err(|_| Unreadable::TooShort)?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Unreadable::Length)
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let split = self.rest.split_at_checked(length);
        let (taken, rest) = split.ok_or(Unreadable::TooShort)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// A length as it stands in a plain message: -1 is null.
fn announced(length: i32) -> Read<Option<usize>> {
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length);
    length.map(Some).map_err(|_| Unreadable::Length)
}
