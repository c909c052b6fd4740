//! JSON to bytes, driven by the definitions.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use super::bytes::{put_int, put_length, put_uvarint, unhex, uuid_bytes};
use super::schema::{Field, Kind, Message};

/// Writes `body` as this message at a version. Fields that are not given take their defaults; fields
/// that this version lacks are left out; names that no version knows are refused.
///
/// `_tags` in any structure adds tagged fields by number: `{"_tags": {"99": "0x00"}}`.
///
/// # Errors
/// When `body` does not fit the definition.
pub fn encode(message: &Message, version: i16, body: &Value) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let form = Form {
        version,
        flexible: message.flexible.contains(version),
    };
    form.structure(&mut out, &message.fields, body)
        .with_context(|| format!("{} v{version}", message.name))?;
    Ok(out)
}

/// How the fields of one message are written.
#[derive(Clone, Copy)]
struct Form {
    version: i16,
    flexible: bool,
}

impl Form {
    fn structure(self, out: &mut Vec<u8>, fields: &[Field], value: &Value) -> Result<()> {
        let empty = Map::new();
        let given = match value {
            Value::Null => &empty,
            Value::Object(map) => map,
            other => bail!("{other} is not an object"),
        };
        for name in given.keys().filter(|name| *name != "_tags") {
            ensure!(
                fields.iter().any(|field| field.name == *name),
                "no field {name}"
            );
        }
        let mut tagged = Vec::new();
        for field in fields
            .iter()
            .filter(|field| field.versions.contains(self.version))
        {
            let value = given.get(&field.name);
            match field.tag {
                Some((tag, versions)) if versions.contains(self.version) => {
                    let Some(value) = value else { continue };
                    let mut bytes = Vec::new();
                    self.field(&mut bytes, field, value)?;
                    tagged.push((tag, bytes));
                }
                _ => self.field(out, field, value.unwrap_or(&default(field, self.version)?))?,
            }
        }
        if self.flexible {
            for (tag, bytes) in given
                .get("_tags")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                tagged.push((tag.parse()?, unhex(bytes.as_str().context("tag bytes")?)?));
            }
            put_tags(out, &tagged);
        }
        Ok(())
    }

    fn field(self, out: &mut Vec<u8>, field: &Field, value: &Value) -> Result<()> {
        let flexible = field
            .flexible
            .map_or(self.flexible, |versions| versions.contains(self.version));
        let nullable = field.nullable.contains(self.version);
        if matches!(field.kind, Kind::Struct(_)) && nullable {
            put_int(out, if value.is_null() { -1 } else { 1 }, 1);
            if value.is_null() {
                return Ok(());
            }
        }
        Self { flexible, ..self }
            .value(out, &field.kind, value)
            .with_context(|| field.name.clone())
    }

    fn value(self, out: &mut Vec<u8>, kind: &Kind, value: &Value) -> Result<()> {
        match kind {
            Kind::Bool => out.push(u8::from(value.as_bool().context("a boolean is due")?)),
            Kind::Int(width) | Kind::Uint(width) => {
                put_int(
                    out,
                    value
                        .as_i64()
                        .with_context(|| format!("a number is due, not {value}"))?,
                    *width,
                );
            }
            Kind::Float => {
                // JSON has no text for what is infinite or no number.
                let named = || value.as_str()?.parse().ok();
                let number: Option<f64> = value.as_f64().or_else(named);
                out.extend(number.context("a number is due")?.to_be_bytes());
            }
            Kind::Uuid => out.extend(uuid_bytes(value.as_str().context("an id is due")?)?),
            Kind::String => {
                let text = optional_text(value)?;
                put_length(out, text.map(str::len), self.flexible, 2);
                out.extend(text.unwrap_or_default().as_bytes());
            }
            Kind::Bytes | Kind::Records => {
                let bytes = optional_text(value)?.map(unhex).transpose()?;
                put_length(out, bytes.as_ref().map(Vec::len), self.flexible, 4);
                out.extend(bytes.unwrap_or_default());
            }
            Kind::Array(element) => {
                let items = match value {
                    Value::Null => None,
                    other => Some(other.as_array().context("an array is due")?),
                };
                put_length(out, items.map(Vec::len), self.flexible, 4);
                for item in items.into_iter().flatten() {
                    self.value(out, element, item)?;
                }
            }
            Kind::Struct(fields) => self.structure(out, fields, value)?,
        }
        Ok(())
    }
}

fn optional_text(value: &Value) -> Result<Option<&str>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => bail!("text is due, not {other}"),
    }
}

fn put_tags(out: &mut Vec<u8>, tagged: &[(u32, Vec<u8>)]) {
    put_uvarint(out, tagged.len() as u64);
    for (tag, bytes) in tagged {
        put_uvarint(out, u64::from(*tag));
        put_uvarint(out, bytes.len() as u64);
        out.extend(bytes);
    }
}

/// The value of a field that is not given.
fn default(field: &Field, version: i16) -> Result<Value> {
    let text = field.default.as_deref();
    if text == Some("null") && field.nullable.contains(version) {
        return Ok(Value::Null);
    }
    let text = text.filter(|text| *text != "null").unwrap_or_default();
    Ok(match &field.kind {
        Kind::Bool => Value::Bool(text == "true"),
        Kind::Int(_) | Kind::Uint(_) => Value::from(number(text)?),
        Kind::Float => Value::from(text.parse().unwrap_or(0.0)),
        Kind::Uuid => Value::String("A".repeat(22)),
        Kind::String => Value::String(text.to_owned()),
        Kind::Bytes | Kind::Records => Value::String(String::new()),
        Kind::Array(_) => Value::Array(Vec::new()),
        Kind::Struct(_) => Value::Object(Map::new()),
    })
}

fn number(text: &str) -> Result<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => Ok(i64::from_str_radix(digits, 16)?),
        None if text.is_empty() => Ok(0),
        None => Ok(text.parse()?),
    }
}
