//! Bytes to a tree.

use std::collections::BTreeMap;

use bytes::Bytes;
use uuid::Uuid;

use super::value::{Row, Value};
use crate::wire::guard::error::Why;
use crate::wire::guard::reader::Reader;
use crate::wire::guard::schema::{Field, Kind, Message, Scalar, Struct};
use crate::wire::guard::walk::{Fault, STRING_BYTES_MAX, Step};

/// What a value costs in its array or struct, where vectors that grow stay half empty.
const VALUE_MEMORY: usize = 2 * (size_of::<Value>() + size_of::<&str>());

pub(super) struct Decoder<'a> {
    body: &'a Bytes,
    from: Reader<'a>,
    version: i16,
    flexible: bool,
    memory_limit: usize,
    memory_left: usize,
}

type Decoded<T> = Result<T, Box<Fault>>;

impl<'a> Decoder<'a> {
    pub(super) fn new(message: &Message, version: i16, body: &'a Bytes, memory: usize) -> Self {
        Self {
            body,
            from: Reader::new(body),
            version,
            flexible: message.is_flexible(version),
            memory_limit: memory,
            memory_left: memory,
        }
    }

    pub(super) fn row(&mut self, body: &'static Struct) -> Decoded<Row> {
        let mut row = Row::default();
        for field in body.fields {
            if field.versions.contains(self.version) && !field.is_tagged(self.version) {
                let value = self.field(field)?;
                row.fields.push((field.name, value));
            }
        }
        if self.flexible {
            self.tagged_fields(body, &mut row)?;
        }
        Ok(row)
    }

    fn field(&mut self, field: &'static Field) -> Decoded<Value> {
        let nullable = field.nullable.contains(self.version);
        self.value(field.kind, nullable)
            .map_err(|fault| fault.at(Step::Field(field.name)))
    }

    /// Tags may come in any order; a known one that is repeated replaces the one before, as in Kafka. They are kept in the
    /// order of their numbers, in which they are written.
    fn tagged_fields(&mut self, body: &'static Struct, row: &mut Row) -> Decoded<()> {
        let mut known = BTreeMap::new();
        for _ in 0..self.from.count()? {
            let tag = self.from.varint()?;
            let size = self.from.count()?;
            let mut fields = body.fields.iter();
            match fields.find(|field| field.tag.is_some_and(|known| known.number == tag)) {
                Some(field) if field.is_tagged(self.version) => {
                    let value = self.field(field)?;
                    known.insert(tag, (field.name, value));
                }
                Some(_) => return Err(Why::ForeignTag(tag).into()),
                None => {
                    self.account(VALUE_MEMORY)?;
                    let value = self.slice(size)?;
                    row.unknown.push((tag, value));
                }
            }
        }
        row.fields.extend(known.into_values());
        row.unknown.sort_by_key(|(tag, _)| *tag);
        Ok(())
    }

    fn value(&mut self, kind: Kind, nullable: bool) -> Decoded<Value> {
        self.account(VALUE_MEMORY)?;
        Ok(match kind {
            Kind::Fixed(scalar) => self.scalar(scalar)?,
            Kind::Struct(_) if nullable && self.from.int8()? < 0 => Value::Null,
            Kind::Struct(body) => Value::Struct(self.row(body)?),
            Kind::String | Kind::Bytes | Kind::Array(_) => match self.length(kind)? {
                None if nullable => Value::Null,
                None => return Err(Why::UnexpectedNull.into()),
                Some(length) => match kind {
                    Kind::Array(element) => self.elements(*element, length)?,
                    Kind::String => self.text(length)?,
                    Kind::Fixed(_) | Kind::Struct(_) | Kind::Bytes => {
                        Value::Bytes(self.slice(length)?)
                    }
                },
            },
        })
    }

    fn scalar(&mut self, scalar: Scalar) -> Result<Value, Why> {
        Ok(match scalar {
            Scalar::Bool => Value::Bool(self.from.int8()? != 0),
            Scalar::Int8 => Value::Int(self.from.int8()?.into()),
            Scalar::Int16 => Value::Int(self.from.int16()?.into()),
            Scalar::Uint16 => Value::Int(self.from.int16()?.cast_unsigned().into()),
            Scalar::Int32 => Value::Int(self.from.int32()?.into()),
            Scalar::Int64 => Value::Int(i64::from_be_bytes(self.from.array()?)),
            Scalar::Float64 => Value::Float(f64::from_be_bytes(self.from.array()?)),
            Scalar::Uuid => Value::Uuid(Uuid::from_bytes(self.from.array()?)),
        })
    }

    fn elements(&mut self, element: Kind, count: usize) -> Decoded<Value> {
        let mut elements = Vec::new();
        for index in 0..count {
            let value = self
                .value(element, false)
                .map_err(|fault| fault.at(Step::Element(index)))?;
            elements.push(value);
        }
        Ok(Value::Array(elements))
    }

    /// Java replaces what is not UTF-8, and so does Kafka.
    fn text(&mut self, length: usize) -> Decoded<Value> {
        if length > STRING_BYTES_MAX {
            return Err(Why::LongString(length).into());
        }
        let bytes = self.from.bytes(length)?;
        self.account(length)?;
        Ok(Value::Text(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn slice(&mut self, length: usize) -> Result<Bytes, Why> {
        Ok(self.body.slice_ref(self.from.bytes(length)?))
    }

    /// As in Kafka, any negative length is null.
    fn length(&mut self, kind: Kind) -> Result<Option<usize>, Why> {
        match kind {
            _ if self.flexible => self.from.compact_length(),
            Kind::String => Ok(usize::try_from(self.from.int16()?).ok()),
            _ => Ok(usize::try_from(self.from.int32()?).ok()),
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
}
