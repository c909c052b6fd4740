//! Bytes to JSON, driven by the definitions.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};

use super::bytes::{Reader, hex, uuid_text};
use super::schema::{Field, Kind, Message};
use crate::records;

/// Reads this message at a version from the front of `bytes`. Tagged fields that no version knows come as
/// `_tags`; record batches come taken apart.
///
/// # Errors
/// When the bytes do not hold such a message.
pub fn decode(message: &Message, version: i16, bytes: &mut Reader<'_>) -> Result<Value> {
    let form = Form {
        version,
        flexible: message.flexible.contains(version),
    };
    form.structure(bytes, &message.fields)
        .with_context(|| format!("{} v{version}", message.name))
}

#[derive(Clone, Copy)]
struct Form {
    version: i16,
    flexible: bool,
}

impl Form {
    fn structure(self, bytes: &mut Reader<'_>, fields: &[Field]) -> Result<Value> {
        let mut map = Map::new();
        let present = |field: &&Field| field.versions.contains(self.version);
        for field in fields.iter().filter(present) {
            if !self.is_tagged(field) {
                map.insert(field.name.clone(), self.field(bytes, field)?);
            }
        }
        if self.flexible {
            self.tags(bytes, fields, &mut map)?;
        }
        Ok(Value::Object(map))
    }

    fn is_tagged(self, field: &Field) -> bool {
        field
            .tag
            .is_some_and(|(_, versions)| versions.contains(self.version))
    }

    fn tags(
        self,
        bytes: &mut Reader<'_>,
        fields: &[Field],
        map: &mut Map<String, Value>,
    ) -> Result<()> {
        let mut unknown = Map::new();
        for _ in 0..bytes.uvarint()? {
            let tag = bytes.uvarint()?;
            let length = usize::try_from(bytes.uvarint()?)?;
            let mut content = Reader(bytes.take(length)?);
            let known = fields.iter().find(|field| {
                self.is_tagged(field) && field.tag.is_some_and(|(known, _)| u64::from(known) == tag)
            });
            match known {
                Some(field) => {
                    map.insert(field.name.clone(), self.tagged(&mut content, field)?);
                    ensure!(
                        content.0.is_empty(),
                        "bytes are left in the tagged field {}",
                        field.name
                    );
                }
                None => drop(unknown.insert(tag.to_string(), Value::String(hex(content.0)))),
            }
        }
        if !unknown.is_empty() {
            map.insert("_tags".to_owned(), Value::Object(unknown));
        }
        Ok(())
    }

    /// Kafka writes the null of a tagged structure as 0, and 1 before one that is there.
    fn tagged(self, bytes: &mut Reader<'_>, field: &Field) -> Result<Value> {
        match &field.kind {
            Kind::Struct(fields) if field.nullable.contains(self.version) => {
                if bytes.uvarint()? == 0 {
                    return Ok(Value::Null);
                }
                self.structure(bytes, fields)
            }
            _ => self.field(bytes, field),
        }
    }

    fn field(self, bytes: &mut Reader<'_>, field: &Field) -> Result<Value> {
        let flexible = field
            .flexible
            .map_or(self.flexible, |versions| versions.contains(self.version));
        let nullable = field.nullable.contains(self.version);
        if matches!(field.kind, Kind::Struct(_)) && nullable && bytes.int(1)? < 0 {
            return Ok(Value::Null);
        }
        let value = Self { flexible, ..self }
            .value(bytes, &field.kind)
            .with_context(|| field.name.clone())?;
        ensure!(
            nullable || !value.is_null() || matches!(field.kind, Kind::Records),
            "{} is null, which v{} does not allow",
            field.name,
            self.version
        );
        Ok(value)
    }

    fn value(self, bytes: &mut Reader<'_>, kind: &Kind) -> Result<Value> {
        Ok(match kind {
            Kind::Bool => Value::Bool(bytes.int(1)? != 0),
            Kind::Int(width) => Value::from(bytes.int(*width)?),
            Kind::Uint(width) => Value::from(bytes.uint(*width)?),
            Kind::Float => Value::from(f64::from_be_bytes(bytes.take(8)?.try_into()?)),
            Kind::Uuid => Value::String(uuid_text(bytes.take(16)?)),
            Kind::String => match bytes.length(self.flexible, 2)? {
                None => Value::Null,
                Some(length) => Value::String(String::from_utf8(bytes.take(length)?.to_vec())?),
            },
            Kind::Bytes => match bytes.length(self.flexible, 4)? {
                None => Value::Null,
                Some(length) => Value::String(records::text(bytes.take(length)?)),
            },
            Kind::Records => match bytes.length(self.flexible, 4)? {
                None => Value::Null,
                Some(length) => records::describe(bytes.take(length)?),
            },
            Kind::Array(element) => match bytes.length(self.flexible, 4)? {
                None => Value::Null,
                Some(count) => (0..count)
                    .map(|_| self.value(bytes, element))
                    .collect::<Result<Vec<_>>>()?
                    .into(),
            },
            Kind::Struct(fields) => self.structure(bytes, fields)?,
        })
    }
}
