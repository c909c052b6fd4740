//! Steps over an encoded message as its schema says, and believes no length.

use super::error::Why;
use super::schema::{Field, Kind, Message, Struct};

/// Longest string of the protocol: lengths are signed 16-bit numbers, also where they are written
/// as a varint (KIP-482).
const STRING_BYTES_MAX: usize = 0x7FFF;

/// What one unknown tagged field costs in the map that the decoder keeps them in: key and value
/// take 40 bytes, and tree nodes filled in order stay half empty.
const TAGGED_FIELD_MEMORY: usize = 96;

/// What is wrong, and where: names and indexes from the innermost field outwards.
pub(super) struct Fault {
    pub(super) why: Why,
    path: Vec<Step>,
}

enum Step {
    Field(&'static str),
    Element(usize),
}

type Walked<T> = Result<T, Box<Fault>>;

fn fault<T>(why: Why) -> Walked<T> {
    Err(Box::new(Fault {
        why,
        path: Vec::new(),
    }))
}

impl Fault {
    fn at(mut self: Box<Self>, step: Step) -> Box<Self> {
        self.path.push(step);
        self
    }

    pub(super) fn path(&self) -> String {
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

pub(super) struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
    memory_limit: usize,
    memory_left: usize,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(
        message: &Message,
        version: i16,
        body: &'a [u8],
        memory: usize,
    ) -> Self {
        Self {
            rest: body,
            version,
            flexible: message.is_flexible(version),
            memory_limit: memory,
            memory_left: memory,
        }
    }

    /// For the request header, which belongs to no message.
    pub(super) const fn header(frame: &'a [u8]) -> Self {
        Self {
            rest: frame,
            version: 0,
            flexible: true,
            memory_limit: 0,
            memory_left: 0,
        }
    }

    pub(super) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Steps over one struct.
    pub(super) fn body(&mut self, body: &'static Struct) -> Walked<()> {
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

    fn field(&mut self, field: &'static Field) -> Walked<()> {
        let nullable = field.nullable.contains(self.version);
        self.value(field.kind, nullable)
            .map_err(|fault| fault.at(Step::Field(field.name)))
    }

    fn value(&mut self, kind: Kind, nullable: bool) -> Walked<()> {
        match kind {
            Kind::Fixed(bytes) => self.skip(bytes),
            Kind::String => match self.string_length()? {
                None if nullable => Ok(()),
                None => fault(Why::UnexpectedNull),
                Some(length) if length > STRING_BYTES_MAX => fault(Why::LongString(length)),
                Some(length) => self.skip(length),
            },
            Kind::Bytes => match self.length()? {
                None if nullable => Ok(()),
                None => fault(Why::UnexpectedNull),
                Some(length) => self.skip(length),
            },
            // A struct that may be null is preceded by one byte (KIP-893). Guard and decoder must
            // read the same, and the decoder takes any byte but 1 for null.
            Kind::Struct(body) if nullable => match self.int8()? {
                -1 => Ok(()),
                1 => self.body(body),
                marker => fault(Why::OddMarker(marker)),
            },
            Kind::Struct(body) => self.body(body),
            Kind::Array(element) => match self.length()? {
                None if nullable => Ok(()),
                None => fault(Why::UnexpectedNull),
                Some(count) => self.elements(*element, count),
            },
        }
    }

    fn elements(&mut self, element: Kind, count: usize) -> Walked<()> {
        let smallest = self.smallest(element, false).max(1);
        let remaining = self.remaining();
        if count > remaining / smallest {
            return fault(Why::TooManyElements {
                announced: count,
                smallest,
                remaining,
            });
        }
        self.account(count.saturating_mul(element.memory()))?;
        if let Kind::Fixed(bytes) = element {
            return self.skip(count.saturating_mul(bytes));
        }
        for index in 0..count {
            self.value(element, false)
                .map_err(|fault| fault.at(Step::Element(index)))?;
        }
        Ok(())
    }

    /// Kafka tolerates unknown tags in any order and more than once, so does the walk.
    fn tagged_fields(&mut self, body: &'static Struct) -> Walked<()> {
        let count = self.varint()?;
        let remaining = self.remaining();
        if count > remaining / 2 {
            return fault(Why::TooManyElements {
                announced: count,
                smallest: 2,
                remaining,
            });
        }
        for _ in 0..count {
            let tag = self.varint()?;
            let size = self.varint()?;
            let known = body.fields.iter().find(|field| {
                field
                    .tag
                    .is_some_and(|known| usize::try_from(known.number) == Ok(tag))
            });
            match known {
                // Kafka reads a known tag's value by its schema and ignores the announced size.
                Some(field) if field.is_tagged(self.version) => self.field(field)?,
                Some(field) => {
                    let number = field.tag.map_or(0, |known| known.number);
                    return fault(Why::ForeignTag(number));
                }
                None => {
                    self.account(TAGGED_FIELD_MEMORY)?;
                    self.skip(size)?;
                }
            }
        }
        Ok(())
    }

    /// Tagged fields of which none is known, and which nobody keeps: the request header's.
    pub(super) fn skip_tagged_fields(&mut self) -> Walked<()> {
        let count = self.varint()?;
        for _ in 0..count {
            self.varint()?;
            let size = self.varint()?;
            self.skip(size)?;
        }
        Ok(())
    }

    /// The fewest bytes that a value of this kind takes on the wire.
    fn smallest(&self, kind: Kind, nullable: bool) -> usize {
        match kind {
            Kind::Fixed(bytes) => bytes,
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

    fn account(&mut self, bytes: usize) -> Walked<()> {
        let Some(left) = self.memory_left.checked_sub(bytes) else {
            return fault(Why::Memory {
                limit: self.memory_limit,
            });
        };
        self.memory_left = left;
        Ok(())
    }

    /// The length of a string; `None` is null.
    fn string_length(&mut self) -> Walked<Option<usize>> {
        if self.flexible {
            return Ok(self.varint()?.checked_sub(1));
        }
        checked_length(i32::from(self.int16()?))
    }

    /// The length of bytes or of an array; `None` is null.
    fn length(&mut self) -> Walked<Option<usize>> {
        if self.flexible {
            return Ok(self.varint()?.checked_sub(1));
        }
        checked_length(self.int32()?)
    }

    /// An unsigned varint of at most 32 bits.
    fn varint(&mut self) -> Walked<usize> {
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.take::<1>()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return match u32::try_from(value).map(usize::try_from) {
                    Ok(Ok(value)) => Ok(value),
                    Ok(Err(_)) | Err(_) => fault(Why::LongVarint),
                };
            }
        }
        fault(Why::LongVarint)
    }

    fn int8(&mut self) -> Walked<i8> {
        Ok(i8::from_be_bytes(self.take()?))
    }

    pub(super) fn int16(&mut self) -> Walked<i16> {
        Ok(i16::from_be_bytes(self.take()?))
    }

    pub(super) fn int32(&mut self) -> Walked<i32> {
        Ok(i32::from_be_bytes(self.take()?))
    }

    /// A string with a 16-bit length, whatever the version.
    pub(super) fn old_string(&mut self) -> Walked<Option<&'a [u8]>> {
        let length = i32::from(self.int16()?);
        let Some(length) = checked_length(length)? else {
            return Ok(None);
        };
        let string = self.rest;
        self.skip(length)?;
        Ok(string.get(..length))
    }

    fn take<const N: usize>(&mut self) -> Walked<[u8; N]> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return fault(Why::Truncated {
                needed: N,
                remaining: self.rest.len(),
            });
        };
        self.rest = rest;
        Ok(*taken)
    }

    fn skip(&mut self, bytes: usize) -> Walked<()> {
        let Some(rest) = self.rest.get(bytes..) else {
            return fault(Why::Truncated {
                needed: bytes,
                remaining: self.rest.len(),
            });
        };
        self.rest = rest;
        Ok(())
    }
}

fn checked_length(length: i32) -> Walked<Option<usize>> {
    match usize::try_from(length) {
        Ok(length) => Ok(Some(length)),
        Err(_) if length == -1 => Ok(None),
        Err(_) => fault(Why::NegativeLength(length)),
    }
}
