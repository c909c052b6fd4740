//! A tree to bytes.

use std::borrow::Cow;

use bytes::{BufMut as _, Bytes, BytesMut};

use super::error::Misfit;
use super::value::{Row, Value};
use crate::wire::guard::schema::{Field, Kind, Message, Scalar, Struct};
use crate::wire::guard::walk::STRING_BYTES_MAX;

pub(super) struct Encoder {
    to: BytesMut,
    version: i16,
    flexible: bool,
}

type Encoded = Result<(), Misfit>;

impl Encoder {
    pub(super) fn new(message: &Message, version: i16) -> Self {
        Self {
            to: BytesMut::new(),
            version,
            flexible: message.is_flexible(version),
        }
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.to.freeze()
    }

    pub(super) fn row(&mut self, body: &'static Struct, value: &Value) -> Encoded {
        let Value::Struct(row) = value else {
            return Err(wrong(value, "a struct"));
        };
        self.refuse_strangers(body, row)?;
        for field in body.fields {
            if field.versions.contains(self.version) && !field.is_tagged(self.version) {
                let value = row.get(field.name).map_or_else(
                    || Cow::Owned(Value::initial(field, self.version)),
                    Cow::Borrowed,
                );
                self.field(field, &value)?;
            }
        }
        if self.flexible {
            self.tagged_fields(body, row)?;
        }
        Ok(())
    }

    fn refuse_strangers(&self, body: &'static Struct, row: &Row) -> Encoded {
        for (name, _) in row.iter() {
            let mut fields = body.fields.iter();
            let known = fields.any(|f| f.name == name && f.versions.contains(self.version));
            if !known {
                return Err(Misfit::new("this version has no such field").in_field(name));
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'static Field, value: &Value) -> Encoded {
        let nullable = field.nullable.contains(self.version);
        self.value(field.kind, nullable, value)
            .map_err(|misfit| misfit.in_field(field.name))
    }

    /// In the order of their numbers, as Kafka writes them.
    fn tagged_fields(&mut self, body: &'static Struct, row: &Row) -> Encoded {
        let mut tagged: Vec<(u32, Bytes)> = row.unknown.clone();
        for field in body.fields {
            let Some(tag) = field.tag.filter(|tag| tag.versions.contains(self.version)) else {
                continue;
            };
            let Some(value) = row.get(field.name) else {
                continue;
            };
            let mut own = Self {
                to: BytesMut::new(),
                version: self.version,
                flexible: self.flexible,
            };
            own.field(field, value)?;
            tagged.push((tag.number, own.into_bytes()));
        }
        tagged.sort_by_key(|(number, _)| *number);
        self.varint(tagged.len());
        for (number, bytes) in tagged {
            self.varint(usize::try_from(number).unwrap_or(usize::MAX));
            self.varint(bytes.len());
            self.to.put(bytes);
        }
        Ok(())
    }

    fn value(&mut self, kind: Kind, nullable: bool, value: &Value) -> Encoded {
        match (kind, value) {
            (Kind::Fixed(scalar), value) => self.scalar(scalar, value),
            (_, Value::Null) if nullable => {
                self.null(kind);
                Ok(())
            }
            (_, Value::Null) => Err(Misfit::new("may not be null in this version")),
            (Kind::Struct(body), value) => {
                if nullable {
                    self.to.put_u8(1);
                }
                self.row(body, value)
            }
            (Kind::String, Value::Text(text)) => {
                if text.len() > STRING_BYTES_MAX {
                    let why = format!("{} bytes are more than a string may have", text.len());
                    return Err(Misfit::new(why));
                }
                self.length(kind, text.len())?;
                self.to.put_slice(text.as_bytes());
                Ok(())
            }
            (Kind::Bytes, Value::Bytes(bytes)) => {
                self.length(kind, bytes.len())?;
                self.to.put_slice(bytes);
                Ok(())
            }
            (Kind::Array(element), Value::Array(elements)) => {
                self.length(kind, elements.len())?;
                for (index, value) in elements.iter().enumerate() {
                    self.value(*element, false, value)
                        .map_err(|misfit| misfit.in_element(index))?;
                }
                Ok(())
            }
            (Kind::String, _) => Err(wrong(value, "a string")),
            (Kind::Bytes, _) => Err(wrong(value, "bytes")),
            (Kind::Array(_), _) => Err(wrong(value, "an array")),
        }
    }

    fn scalar(&mut self, scalar: Scalar, value: &Value) -> Encoded {
        match (scalar, value) {
            (Scalar::Bool, Value::Bool(value)) => self.to.put_u8(u8::from(*value)),
            (Scalar::Bool, _) => return Err(wrong(value, "a boolean")),
            (Scalar::Uuid, Value::Uuid(uuid)) => self.to.put_slice(uuid.as_bytes()),
            (Scalar::Uuid, _) => return Err(wrong(value, "a uuid")),
            (Scalar::Float64, Value::Float(number)) => self.to.put_f64(*number),
            (Scalar::Float64, _) => return Err(wrong(value, "a number")),
            (_, Value::Int(number)) => self.int(scalar, *number)?,
            _ => return Err(wrong(value, "a whole number")),
        }
        Ok(())
    }

    fn int(&mut self, scalar: Scalar, number: i64) -> Encoded {
        let out_of_range = |_| Misfit::new(format!("{number} does not fit into its field"));
        match scalar {
            Scalar::Int8 => self.to.put_i8(number.try_into().map_err(out_of_range)?),
            Scalar::Int16 => self.to.put_i16(number.try_into().map_err(out_of_range)?),
            Scalar::Uint16 => self.to.put_u16(number.try_into().map_err(out_of_range)?),
            Scalar::Int32 => self.to.put_i32(number.try_into().map_err(out_of_range)?),
            Scalar::Int64 | Scalar::Bool | Scalar::Float64 | Scalar::Uuid => {
                self.to.put_i64(number);
            }
        }
        Ok(())
    }

    fn null(&mut self, kind: Kind) {
        match kind {
            Kind::Struct(_) => self.to.put_i8(-1),
            _ if self.flexible => self.to.put_u8(0),
            Kind::String => self.to.put_i16(-1),
            Kind::Fixed(_) | Kind::Bytes | Kind::Array(_) => self.to.put_i32(-1),
        }
    }

    fn length(&mut self, kind: Kind, length: usize) -> Encoded {
        let too_long = |_| Misfit::new(format!("{length} is too long"));
        match kind {
            _ if self.flexible => self.varint(length.saturating_add(1)),
            Kind::String => self.to.put_i16(length.try_into().map_err(too_long)?),
            Kind::Fixed(_) | Kind::Struct(_) | Kind::Bytes | Kind::Array(_) => {
                self.to.put_i32(length.try_into().map_err(too_long)?);
            }
        }
        Ok(())
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            let [low, ..] = value.to_le_bytes();
            self.to.put_u8(low | 0x80);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.to.put_u8(low);
    }
}

fn wrong(value: &Value, expected: &str) -> Misfit {
    Misfit::new(format!("{} where {expected} is expected", value.kind()))
}
