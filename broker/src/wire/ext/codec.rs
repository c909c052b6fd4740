//! Fields on the wire, and messages as lists of fields.

use anyhow::{Result, bail};
use bytes::Bytes;
use kafka_protocol::messages::{GroupId, ProducerId, TopicName, TransactionalId};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::protocol::buf::{ByteBuf, ByteBufMut};
use uuid::Uuid;

/// What decides about a field's encoding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) version: i16,
    /// Compact lengths and tagged fields (KIP-482).
    pub(super) flexible: bool,
}

/// A value of a field.
pub(super) trait Field: Sized {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self>;
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()>;
}

/// A struct inside a message.
pub(super) trait Struct: Field {}

macro_rules! integers {
    ($($integer:ty: $get:ident, $put:ident;)*) => {$(
        impl Field for $integer {
            fn read<B: ByteBuf>(from: &mut B, _: Layout) -> Result<Self> {
                Ok(from.$get()?)
            }
            fn write<B: ByteBufMut>(&self, to: &mut B, _: Layout) -> Result<()> {
                to.$put(*self);
                Ok(())
            }
        }
    )*};
}

integers! {
    i8: try_get_i8, put_i8;
    i16: try_get_i16, put_i16;
    u16: try_get_u16, put_u16;
    i32: try_get_i32, put_i32;
    i64: try_get_i64, put_i64;
}

impl Field for bool {
    fn read<B: ByteBuf>(from: &mut B, _: Layout) -> Result<Self> {
        Ok(from.try_get_i8()? != 0)
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, _: Layout) -> Result<()> {
        to.put_u8(u8::from(*self));
        Ok(())
    }
}

impl Field for Uuid {
    fn read<B: ByteBuf>(from: &mut B, _: Layout) -> Result<Self> {
        Ok(Self::from_u128(from.try_get_u128()?))
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, _: Layout) -> Result<()> {
        to.put_u128(self.as_u128());
        Ok(())
    }
}

impl Field for Option<StrBytes> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let length = if at.flexible {
            compact(from)?
        } else {
            signed(from.try_get_i16()?.into())?
        };
        let Some(length) = length else {
            return Ok(None);
        };
        Ok(Some(StrBytes::from_utf8(from.try_get_bytes(length)?)?))
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
        let length = self.as_ref().map(|text| text.len());
        match length.map(i16::try_from).transpose()? {
            length if at.flexible => put_compact(to, length.map(i32::from))?,
            length => to.put_i16(length.unwrap_or(-1)),
        }
        if let Some(text) = self {
            to.put_slice(text.as_bytes());
        }
        Ok(())
    }
}

impl Field for StrBytes {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        not_null(Field::read(from, at)?)
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
        Some(self.clone()).write(to, at)
    }
}

macro_rules! named {
    ($($name:ident($inner:ty),)*) => {$(
        impl Field for $name {
            fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
                Ok(Self(<$inner>::read(from, at)?))
            }
            fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
                self.0.write(to, at)
            }
        }
    )*};
}

named! { TopicName(StrBytes), GroupId(StrBytes), TransactionalId(StrBytes), ProducerId(i64), }

impl Field for Option<TransactionalId> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let text: Option<StrBytes> = Field::read(from, at)?;
        Ok(text.map(TransactionalId))
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
        self.as_ref().map(|id| id.0.clone()).write(to, at)
    }
}

impl Field for Option<Bytes> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let length = if at.flexible {
            compact(from)?
        } else {
            signed(from.try_get_i32()?)?
        };
        Ok(length
            .map(|length| from.try_get_bytes(length))
            .transpose()?)
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
        match self
            .as_ref()
            .map(|bytes| i32::try_from(bytes.len()))
            .transpose()?
        {
            length if at.flexible => put_compact(to, length)?,
            length => to.put_i32(length.unwrap_or(-1)),
        }
        if let Some(bytes) = self {
            to.put_slice(bytes);
        }
        Ok(())
    }
}

impl<T: Field> Field for Option<Vec<T>> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let length = if at.flexible {
            compact(from)?
        } else {
            signed(from.try_get_i32()?)?
        };
        // The wire guard has proved that so many elements are there; trust it only so far.
        length
            .map(|length| (0..length).map(|_| T::read(from, at)).collect())
            .transpose()
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
        match self
            .as_ref()
            .map(|elements| i32::try_from(elements.len()))
            .transpose()?
        {
            length if at.flexible => put_compact(to, length)?,
            length => to.put_i32(length.unwrap_or(-1)),
        }
        self.iter()
            .flatten()
            .try_for_each(|element| element.write(to, at))
    }
}

impl<T: Field> Field for Vec<T> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        not_null(Field::read(from, at)?)
    }
    fn write<B: ByteBufMut>(&self, to: &mut B, at: Layout) -> Result<()> {
        match i32::try_from(self.len())? {
            length if at.flexible => put_compact(to, Some(length))?,
            length => to.put_i32(length),
        }
        self.iter().try_for_each(|element| element.write(to, at))
    }
}

fn not_null<T>(value: Option<T>) -> Result<T> {
    let Some(value) = value else {
        bail!("null where there is none")
    };
    Ok(value)
}

fn signed(length: i32) -> Result<Option<usize>> {
    if length == -1 {
        Ok(None)
    } else {
        Ok(Some(usize::try_from(length)?))
    }
}

fn compact<B: ByteBuf>(from: &mut B) -> Result<Option<usize>> {
    Ok(usize::try_from(varint(from)?)?.checked_sub(1))
}

fn put_compact<B: ByteBufMut>(to: &mut B, length: Option<i32>) -> Result<()> {
    put_varint(
        to,
        u32::try_from(length.map_or(0, |length| length.saturating_add(1)))?,
    );
    Ok(())
}

fn varint<B: ByteBuf>(from: &mut B) -> Result<u32> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = from.try_get_u8()?;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(u32::try_from(value)?);
        }
    }
    bail!("variable-length number of more than 32 bits")
}

fn put_varint<B: ByteBufMut>(to: &mut B, mut value: u32) {
    while value >= 0x80 {
        let [low, ..] = value.to_le_bytes();
        to.put_u8(low | 0x80);
        value >>= 7;
    }
    let [low, ..] = value.to_le_bytes();
    to.put_u8(low);
}

/// None of the messages written here has a tag of its own, and unknown ones are dropped.
pub(super) fn skip_tagged_fields<B: ByteBuf>(from: &mut B, at: Layout) -> Result<()> {
    if at.flexible {
        for _ in 0..varint(from)? {
            varint(from)?;
            let size = usize::try_from(varint(from)?)?;
            let _: Bytes = from.try_get_bytes(size)?;
        }
    }
    Ok(())
}

pub(super) fn put_no_tagged_fields<B: ByteBufMut>(to: &mut B, at: Layout) {
    if at.flexible {
        to.put_u8(0);
    }
}

/// Structs of a message; each field says its default and in which versions it exists.
macro_rules! structs {
    ($($(#[$doc:meta])* struct $name:ident {
        $($field:ident: $kind:ty = $default:expr, $since:literal..=$until:expr;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name {
            $(pub(crate) $field: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::wire::ext::codec::Struct for $name {}

        impl $crate::wire::ext::codec::Field for $name {
            fn read<B: ::kafka_protocol::protocol::buf::ByteBuf>(
                from: &mut B,
                at: $crate::wire::ext::codec::Layout,
            ) -> ::anyhow::Result<Self> {
                let mut read = Self::default();
                $(if ($since..=$until).contains(&at.version) {
                    read.$field = $crate::wire::ext::codec::Field::read(from, at)?;
                })*
                $crate::wire::ext::codec::skip_tagged_fields(from, at)?;
                Ok(read)
            }

            fn write<B: ::kafka_protocol::protocol::buf::ByteBufMut>(
                &self,
                to: &mut B,
                at: $crate::wire::ext::codec::Layout,
            ) -> ::anyhow::Result<()> {
                $(if ($since..=$until).contains(&at.version) {
                    $crate::wire::ext::codec::Field::write(&self.$field, to, at)?;
                })*
                $crate::wire::ext::codec::put_no_tagged_fields(to, at);
                Ok(())
            }
        }
    )*};
}

/// Makes a struct a message that is encoded and decoded as the crate's own are.
macro_rules! message {
    ($name:ident, $first:literal..=$last:literal, flexible from $flexible:literal) => {
        impl ::kafka_protocol::protocol::Message for $name {
            const VERSIONS: ::kafka_protocol::protocol::VersionRange =
                ::kafka_protocol::protocol::VersionRange {
                    min: $first,
                    max: $last,
                };
            const DEPRECATED_VERSIONS: Option<::kafka_protocol::protocol::VersionRange> = None;
        }

        impl ::kafka_protocol::protocol::Decodable for $name {
            fn decode<B: ::kafka_protocol::protocol::buf::ByteBuf>(
                from: &mut B,
                version: i16,
            ) -> ::anyhow::Result<Self> {
                let flexible = version >= $flexible;
                let at = $crate::wire::ext::codec::Layout { version, flexible };
                $crate::wire::ext::codec::Field::read(from, at)
            }
        }

        impl ::kafka_protocol::protocol::Encodable for $name {
            fn encode<B: ::kafka_protocol::protocol::buf::ByteBufMut>(
                &self,
                to: &mut B,
                version: i16,
            ) -> ::anyhow::Result<()> {
                let flexible = version >= $flexible;
                let at = $crate::wire::ext::codec::Layout { version, flexible };
                $crate::wire::ext::codec::Field::write(self, to, at)
            }

            fn compute_size(&self, version: i16) -> ::anyhow::Result<usize> {
                let mut bytes = ::bytes::BytesMut::new();
                ::kafka_protocol::protocol::Encodable::encode(self, &mut bytes, version)?;
                Ok(bytes.len())
            }
        }
    };
}

pub(super) use {message, structs};
