//! Fields on the wire. What is inline is written for each partition of a cluster, by a program that is optimised for size.

use anyhow::{Result, bail};
use bytes::{BufMut as _, Bytes};
use kafka_protocol::messages::{BrokerId, GroupId, ProducerId, TopicName, TransactionalId};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::protocol::buf::ByteBuf;
use smallvec::{Array, SmallVec};
use uuid::Uuid;

use crate::wire::rope::{Rope, RopeMut};

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
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()>;
}

macro_rules! integers {
    ($($integer:ty: $get:ident, $put:ident;)*) => {$(
        impl Field for $integer {
            fn read<B: ByteBuf>(from: &mut B, _: Layout) -> Result<Self> {
                Ok(from.$get()?)
            }
            #[inline]
            fn write(&self, to: &mut RopeMut, _: Layout) -> Result<()> {
                to.written().$put(*self);
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
    fn write(&self, to: &mut RopeMut, _: Layout) -> Result<()> {
        to.written().put_u8(u8::from(*self));
        Ok(())
    }
}

impl Field for Uuid {
    fn read<B: ByteBuf>(from: &mut B, _: Layout) -> Result<Self> {
        Ok(Self::from_u128(from.try_get_u128()?))
    }
    fn write(&self, to: &mut RopeMut, _: Layout) -> Result<()> {
        to.written().put_u128(self.as_u128());
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
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_text(to, self.as_deref(), at)
    }
}

impl Field for StrBytes {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        not_null(Field::read(from, at)?)
    }
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_text(to, Some(self), at)
    }
}

macro_rules! named {
    ($($name:ident($inner:ty),)*) => {$(
        impl Field for $name {
            fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
                Ok(Self(<$inner>::read(from, at)?))
            }
            #[inline]
            fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
                self.0.write(to, at)
            }
        }
    )*};
}

named! {
    TopicName(StrBytes), GroupId(StrBytes), TransactionalId(StrBytes), ProducerId(i64), BrokerId(i32),
}

macro_rules! nullable {
    ($($name:ident,)*) => {$(
        impl Field for Option<$name> {
            fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
                let text: Option<StrBytes> = Field::read(from, at)?;
                Ok(text.map($name))
            }
            fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
                put_text(to, self.as_deref().map(StrBytes::as_str), at)
            }
        }
    )*};
}

nullable! { GroupId, TopicName, TransactionalId, }

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
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_length(to, self.as_ref().map(Bytes::len), at)?;
        self.iter().for_each(|bytes| to.put(bytes));
        Ok(())
    }
}

/// Bytes that go into a message by reference.
impl Field for Option<Rope> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let bytes: Option<Bytes> = Field::read(from, at)?;
        Ok(bytes.map(Rope::from))
    }
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_length(to, self.as_ref().map(Rope::len), at)?;
        self.iter()
            .flat_map(Rope::parts)
            .for_each(|part| to.put(part));
        Ok(())
    }
}

impl Field for Rope {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        not_null(Field::read(from, at)?)
    }
    #[inline]
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_length(to, Some(self.len()), at)?;
        self.parts().for_each(|part| to.put(part));
        Ok(())
    }
}

/// Fields that stand together.
pub(super) trait Struct: Field {}

/// A struct that may be null says first whether it is there.
impl<T: Struct> Field for Option<T> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let is_there = from.try_get_i8()? >= 0;
        is_there.then(|| T::read(from, at)).transpose()
    }
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        to.written().put_i8(if self.is_some() { 1 } else { -1 });
        self.iter().try_for_each(|value| value.write(to, at))
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
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_length(to, self.as_ref().map(Vec::len), at)?;
        self.iter()
            .flatten()
            .try_for_each(|element| element.write(to, at))
    }
}

impl<A: Array> Field for SmallVec<A>
where
    A::Item: Field,
{
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let elements: Vec<A::Item> = Field::read(from, at)?;
        Ok(elements.into_iter().collect())
    }
    #[inline]
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_length(to, Some(self.len()), at)?;
        self.iter().try_for_each(|element| element.write(to, at))
    }
}

impl<T: Field> Field for Vec<T> {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        not_null(Field::read(from, at)?)
    }
    #[inline]
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        put_length(to, Some(self.len()), at)?;
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

fn put_text(to: &mut RopeMut, text: Option<&str>, at: Layout) -> Result<()> {
    match text.map(|text| i16::try_from(text.len())).transpose()? {
        length if at.flexible => put_compact(to, length.map(i32::from))?,
        length => to.written().put_i16(length.unwrap_or(-1)),
    }
    to.written().put_slice(text.unwrap_or_default().as_bytes());
    Ok(())
}

/// How many bytes or elements follow; none if there is null.
#[inline]
fn put_length(to: &mut RopeMut, length: Option<usize>, at: Layout) -> Result<()> {
    // Most are short.
    if let Some(length @ 0..0x7F) = length
        && at.flexible
    {
        to.written().put_u8(u8::try_from(length)?.saturating_add(1));
        return Ok(());
    }
    match length.map(i32::try_from).transpose()? {
        length if at.flexible => put_compact(to, length)?,
        length => to.written().put_i32(length.unwrap_or(-1)),
    }
    Ok(())
}

#[inline]
fn put_compact(to: &mut RopeMut, length: Option<i32>) -> Result<()> {
    put_varint(
        to,
        u32::try_from(length.map_or(0, |length| length.saturating_add(1)))?,
    );
    Ok(())
}

pub(super) fn varint<B: ByteBuf>(from: &mut B) -> Result<u32> {
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

#[inline]
pub(super) fn put_varint(to: &mut RopeMut, mut value: u32) {
    while value >= 0x80 {
        let [low, ..] = value.to_le_bytes();
        to.written().put_u8(low | 0x80);
        value >>= 7;
    }
    let [low, ..] = value.to_le_bytes();
    to.written().put_u8(low);
}
