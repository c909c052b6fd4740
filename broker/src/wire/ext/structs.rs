//! Messages as lists of fields.

use anyhow::Result;
use bytes::Bytes;
use kafka_protocol::protocol::buf::ByteBuf;

use super::codec::{Field, Layout, put_varint, varint};
use crate::wire::rope::RopeMut;

/// The fields of a struct that have tags (KIP-482), as they stand behind all others.
#[derive(Debug, Default)]
pub(super) struct Tagged(Vec<(u32, RopeMut)>);

impl Tagged {
    /// With one more, if it is said.
    pub(super) fn with<T: Field>(mut self, tag: u32, said: Option<&T>, at: Layout) -> Result<Self> {
        if let Some(value) = said {
            let mut field = RopeMut::default();
            value.write(&mut field, at)?;
            self.0.push((tag, field));
        }
        Ok(self)
    }

    #[inline]
    pub(super) fn write(self, to: &mut RopeMut) -> Result<()> {
        put_varint(to, u32::try_from(self.0.len())?);
        for (tag, field) in self.0 {
            put_varint(to, tag);
            put_varint(to, u32::try_from(field.len())?);
            to.append(&field);
        }
        Ok(())
    }
}

/// How many tagged fields follow.
pub(super) fn read_tagged_count<B: ByteBuf>(from: &mut B, at: Layout) -> Result<u32> {
    if at.flexible { varint(from) } else { Ok(0) }
}

/// The next tagged field, which nobody may know, and its tag.
pub(super) fn read_tagged<B: ByteBuf>(from: &mut B) -> Result<(u32, Bytes)> {
    let (tag, size) = (varint(from)?, varint(from)?);
    Ok((tag, from.try_get_bytes(usize::try_from(size)?)?))
}

/// Structs of a message; each field says its default, in which versions it exists, and its tag if it has one. Fields
/// with tags come last, in the order of their tags.
macro_rules! structs {
    ($($(#[$doc:meta])* struct $name:ident {
        $($field:ident: $kind:ty = $default:expr, $since:literal..=$until:literal $(, tag $tag:literal)?;)*
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
                    $crate::wire::ext::structs::untagged! { $(tag $tag)?
                        read.$field = $crate::wire::ext::codec::Field::read(from, at)?;
                    }
                })*
                for _ in 0..$crate::wire::ext::structs::read_tagged_count(from, at)? {
                    let (tag, value) = $crate::wire::ext::structs::read_tagged(from)?;
                    $($(if tag == $tag && ($since..=$until).contains(&at.version) {
                        read.$field = $crate::wire::ext::codec::Field::read(&mut value.clone(), at)?;
                    })?)*
                    let _others_are_dropped = (tag, value);
                }
                Ok(read)
            }

            fn write(
                &self,
                to: &mut $crate::wire::rope::RopeMut,
                at: $crate::wire::ext::codec::Layout,
            ) -> ::anyhow::Result<()> {
                $(if ($since..=$until).contains(&at.version) {
                    $crate::wire::ext::structs::untagged! { $(tag $tag)?
                        $crate::wire::ext::codec::Field::write(&self.$field, to, at)?;
                    }
                })*
                if at.flexible {
                    let tagged = $crate::wire::ext::structs::Tagged::default();
                    $($(
                        let said = ($since..=$until).contains(&at.version) && self.$field != $default;
                        let tagged = tagged.with($tag, said.then_some(&self.$field), at)?;
                    )?)*
                    tagged.write(to)?;
                }
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
                let mut body = $crate::wire::rope::RopeMut::default();
                self.write_body(&mut body, version)?;
                body.slices().iter().for_each(|part| to.put_slice(part));
                Ok(())
            }

            fn compute_size(&self, version: i16) -> ::anyhow::Result<usize> {
                let mut body = $crate::wire::rope::RopeMut::default();
                self.write_body(&mut body, version)?;
                Ok(body.len())
            }
        }

        impl $name {
            /// Writes the body; bytes go into it by reference.
            pub(crate) fn write_body(
                &self,
                to: &mut $crate::wire::rope::RopeMut,
                version: i16,
            ) -> ::anyhow::Result<()> {
                let flexible = version >= $flexible;
                let at = $crate::wire::ext::codec::Layout { version, flexible };
                $crate::wire::ext::codec::Field::write(self, to, at)
            }
        }
    };
}

/// What is done to fields without a tag.
macro_rules! untagged {
    (tag $tag:literal $($ignored:tt)*) => {};
    ($($done:tt)*) => { $($done)* };
}

pub(super) use {message, structs, untagged};
