//! Steps over an encoded message as its schema says.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "all kinds but strings have lengths of four bytes"
)]

use super::error::Why;
use super::reader::Reader;
use super::schema::{Field, Kind, Message, Struct};

/// Longest string of the protocol: lengths are signed 16-bit numbers, also where they are written
/// as a varint (KIP-482).
pub(in crate::wire) const STRING_BYTES_MAX: usize = 0x7FFF;

/// What one unknown tagged field costs in the map that the decoder keeps them in: key and value
/// take 40 bytes, and tree nodes filled in order stay half empty.
const TAGGED_FIELD_MEMORY: usize = 96;

/// What is wrong, and where: names and indexes from the innermost field outwards.
pub(in crate::wire) struct Fault {
    pub(in crate::wire) why: Why,
    path: Vec<Step>,
}

pub(in crate::wire) enum Step {
    Field(&'static str),
    Element(usize),
}

type Walked = Result<(), Box<Fault>>;

impl From<Why> for Box<Fault> {
    fn from(why: Why) -> Self {
        Self::new(Fault {
            why,
            path: Vec::new(),
        })
    }
}

impl Fault {
    pub(in crate::wire) fn at(mut self: Box<Self>, step: Step) -> Box<Self> {
        self.path.push(step);
        self
    }

    pub(in crate::wire) fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Field(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Step::Element(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

/// A walk over one message. It sees what Kafka reads differently from the decoder behind this
/// guard, and can copy the message so that the decoder reads it as Kafka does.
pub(super) struct Walk<'a> {
    from: Reader<'a>,
    version: i16,
    flexible: bool,
    memory_limit: usize,
    memory_left: usize,
    odd: bool,
    copy: Option<Vec<u8>>,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(
        message: &Message,
        version: i16,
        body: &'a [u8],
        memory: usize,
    ) -> Self {
        Self {
            from: Reader::new(body),
            version,
            flexible: message.is_flexible(version),
            memory_limit: memory,
            memory_left: memory,
            odd: false,
            copy: None,
        }
    }

    pub(super) fn copying(mut self) -> Self {
        self.copy = Some(Vec::with_capacity(self.from.remaining()));
        self
    }

    pub(super) const fn remaining(&self) -> usize {
        self.from.remaining()
    }

    /// Whether the decoder would not read this message as Kafka does.
    pub(super) const fn is_odd(&self) -> bool {
        self.odd
    }

    pub(super) fn into_copy(self) -> Vec<u8> {
        self.copy.unwrap_or_default()
    }

    /// Steps over one struct.
    pub(super) fn body(&mut self, body: &'static Struct) -> Walked {
        for field in body.fields {
            if field.versions.contains(self.version) && !field.is_tagged(self.version) {
                self.field(field)?;
            }
        }
        if self.flexible {
            self.tagged_fields(body)
        } else {
            Ok(())
        }
    }

    fn field(&mut self, field: &'static Field) -> Walked {
        let nullable = field.nullable.contains(self.version);
        self.value(field.kind, nullable)
            .map_err(|fault| fault.at(Step::Field(field.name)))
    }

    fn value(&mut self, kind: Kind, nullable: bool) -> Walked {
        match kind {
            Kind::Fixed(scalar) => self.fixed(scalar.bytes()),
            Kind::Struct(body) if nullable => self.nullable_struct(body),
            Kind::Struct(body) => self.body(body),
            Kind::String | Kind::Bytes | Kind::Array(_) => match self.length(kind)? {
                None if nullable => Ok(()),
                None => Err(Why::UnexpectedNull.into()),
                Some(length) => match kind {
                    Kind::Array(element) => self.elements(*element, length),
                    Kind::String => self.string(length),
                    Kind::Fixed(_) | Kind::Struct(_) | Kind::Bytes => {
                        let bytes = self.from.bytes(length)?;
                        self.put_length(kind, length);
                        self.put(bytes);
                        Ok(())
                    }
                },
            },
        }
    }

    fn fixed(&mut self, count: usize) -> Walked {
        let bytes = self.from.bytes(count)?;
        self.put(bytes);
        Ok(())
    }

    /// Java replaces what is not UTF-8, and so does Kafka.
    fn string(&mut self, length: usize) -> Walked {
        if length > STRING_BYTES_MAX {
            return Err(Why::LongString(length).into());
        }
        let bytes = self.from.bytes(length)?;
        if std::str::from_utf8(bytes).is_ok() {
            self.put_length(Kind::String, length);
            self.put(bytes);
            return Ok(());
        }
        let text = String::from_utf8_lossy(bytes);
        self.odd = true;
        if text.len() > STRING_BYTES_MAX {
            return Err(Why::LongString(text.len()).into());
        }
        self.put_length(Kind::String, text.len());
        self.put(text.as_bytes());
        Ok(())
    }

    /// A struct that may be null is preceded by one byte, negative for null (KIP-893). The decoder
    /// takes every byte but 1 for null.
    fn nullable_struct(&mut self, body: &'static Struct) -> Walked {
        let marker = self.from.int8()?;
        if marker < 0 {
            self.put(&[0xFF]);
            return Ok(());
        }
        self.odd |= marker != 1;
        self.put(&[1]);
        self.body(body)
    }

    fn elements(&mut self, element: Kind, count: usize) -> Walked {
        let smallest = self.smallest(element, false).max(1);
        let remaining = self.remaining();
        if count > remaining / smallest {
            return Err(Why::TooManyElements {
                announced: count,
                smallest,
                remaining,
            }
            .into());
        }
        self.account(count.saturating_mul(element.memory()))?;
        self.put_length(Kind::Array(&Kind::String), count);
        if let Kind::Fixed(scalar) = element {
            return self.fixed(count.saturating_mul(scalar.bytes()));
        }
        for index in 0..count {
            self.value(element, false)
                .map_err(|fault| fault.at(Step::Element(index)))?;
        }
        Ok(())
    }

    /// Kafka tolerates unknown tags in any order and more than once, and so does the walk.
    fn tagged_fields(&mut self, body: &'static Struct) -> Walked {
        let count = self.from.count()?;
        let remaining = self.remaining();
        if count > remaining / 2 {
            return Err(Why::TooManyElements {
                announced: count,
                smallest: 2,
                remaining,
            }
            .into());
        }
        self.put_varint(count);
        for _ in 0..count {
            let tag = self.from.varint()?;
            let size = self.from.count()?;
            self.put_varint(usize::try_from(tag).unwrap_or(usize::MAX));
            self.put_varint(size);
            let known = body
                .fields
                .iter()
                .find(|field| field.tag.is_some_and(|t| t.number == tag));
            match known {
                // The value is read by its schema; nobody looks at the announced size.
                Some(field) if field.is_tagged(self.version) => self.field(field)?,
                Some(_) => return Err(Why::ForeignTag(tag).into()),
                None => {
                    self.account(TAGGED_FIELD_MEMORY)?;
                    self.fixed(size)?;
                }
            }
        }
        Ok(())
    }

    /// The fewest bytes that a value of this kind takes on the wire.
    fn smallest(&self, kind: Kind, nullable: bool) -> usize {
        match kind {
            Kind::Fixed(scalar) => scalar.bytes(),
            Kind::String if !self.flexible => 2,
            Kind::Bytes | Kind::Array(_) if !self.flexible => 4,
            Kind::String | Kind::Bytes | Kind::Array(_) => 1,
            Kind::Struct(_) if nullable => 1,
            Kind::Struct(body) => {
                let fields = body.fields.iter().filter(|field| {
                    field.versions.contains(self.version) && !field.is_tagged(self.version)
                });
                let sizes = fields
                    .map(|field| self.smallest(field.kind, field.nullable.contains(self.version)));
                sizes.sum::<usize>() + usize::from(self.flexible)
            }
        }
    }

    fn account(&mut self, bytes: usize) -> Result<(), Why> {
        let limit = self.memory_limit;
        self.memory_left = self
            .memory_left
            .checked_sub(bytes)
            .ok_or(Why::Memory { limit })?;
        Ok(())
    }

    /// The length of a string, of bytes or of an array; `None` is null. As in Kafka, any negative
    /// length is null; the decoder knows only -1.
    fn length(&mut self, kind: Kind) -> Result<Option<usize>, Why> {
        let mut lengths = self.from;
        let length = match kind {
            _ if self.flexible => self.from.compact_length()?,
            Kind::String => usize::try_from(self.from.int16()?).ok(),
            _ => usize::try_from(self.from.int32()?).ok(),
        };
        if length.is_none() {
            self.odd |= match kind {
                _ if self.flexible => lengths.varint()? != 0,
                Kind::String => lengths.int16()? != -1,
                _ => lengths.int32()? != -1,
            };
            self.put_null(kind);
        }
        Ok(length)
    }

    fn put(&mut self, bytes: &[u8]) {
        if let Some(copy) = &mut self.copy {
            copy.extend_from_slice(bytes);
        }
    }

    fn put_null(&mut self, kind: Kind) {
        match kind {
            _ if self.flexible => self.put(&[0]),
            Kind::String => self.put(&(-1_i16).to_be_bytes()),
            _ => self.put(&(-1_i32).to_be_bytes()),
        }
    }

    /// The length was read in the same form, so it fits.
    fn put_length(&mut self, kind: Kind, length: usize) {
        match kind {
            _ if self.flexible => self.put_varint(length.saturating_add(1)),
            Kind::String => self.put(&i16::try_from(length).unwrap_or(i16::MAX).to_be_bytes()),
            _ => self.put(&i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes()),
        }
    }

    fn put_varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            let [low, ..] = value.to_le_bytes();
            self.put(&[low | 0x80]);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.put(&[low]);
    }
}
