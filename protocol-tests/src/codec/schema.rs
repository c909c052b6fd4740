//! Kafka's message definitions, read from `fixtures/messages/definitions.jsonl`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

static MESSAGES: LazyLock<Result<BTreeMap<String, Message>>> = LazyLock::new(load);

/// One message: a request, a response, a header or a stored record.
#[derive(Debug)]
pub struct Message {
    /// The name in the definition, `FetchRequest`.
    pub name: String,
    /// The API key; headers and records have none.
    pub api_key: Option<i16>,
    /// The versions that exist.
    pub valid: Versions,
    /// The versions with compact lengths and tagged fields.
    pub flexible: Versions,
    /// The fields, in the order they are written.
    pub fields: Arc<Vec<Field>>,
}

/// One field of a message or of a structure in it.
#[derive(Debug)]
pub struct Field {
    /// The name in lower camel case: `errorCode`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The versions that have it.
    pub versions: Versions,
    /// The versions in which it may be null.
    pub nullable: Versions,
    /// Overrides the message's flexible versions (one field of the request header).
    pub flexible: Option<Versions>,
    /// The value it has when nobody sets it, as the definition spells it.
    pub default: Option<String>,
    /// The tag and the versions in which the field is tagged.
    pub tag: Option<(u32, Versions)>,
    /// What the value stands for: `topicName`, `brokerId`, …
    pub entity: Option<String>,
}

/// The type of a field.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A byte that is 0 or 1.
    Bool,
    /// A signed number of this many bytes.
    Int(usize),
    /// An unsigned number of this many bytes.
    Uint(usize),
    /// A 64-bit floating point number.
    Float,
    /// UTF-8 text.
    String,
    /// Bytes.
    Bytes,
    /// Record batches.
    Records,
    /// A 16-byte id.
    Uuid,
    /// Elements of one type.
    Array(Box<Self>),
    /// A structure.
    Struct(Arc<Vec<Field>>),
}

/// An inclusive range of versions; empty when `min > max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The lowest.
    pub min: i16,
    /// The highest.
    pub max: i16,
}

impl Versions {
    const NONE: Self = Self { min: 0, max: -1 };

    /// Whether `version` is one of them.
    #[must_use]
    pub fn contains(self, version: i16) -> bool {
        (self.min..=self.max).contains(&version)
    }

    /// Reads `3`, `3+`, `3-5` or `none`.
    fn parse(text: &str) -> Result<Self> {
        if text == "none" {
            return Ok(Self::NONE);
        }
        if let Some(min) = text.strip_suffix('+') {
            return Ok(Self {
                min: min.parse()?,
                max: i16::MAX,
            });
        }
        let (min, max) = text.split_once('-').unwrap_or((text, text));
        Ok(Self {
            min: min.parse()?,
            max: max.parse()?,
        })
    }
}

/// The message of this name.
///
/// # Errors
/// When there is none, or the definitions do not load.
pub fn message(name: &str) -> Result<&'static Message> {
    match &*MESSAGES {
        Ok(messages) => messages
            .get(name)
            .with_context(|| format!("no message {name}")),
        Err(error) => bail!("the message definitions: {error:#}"),
    }
}

fn load() -> Result<BTreeMap<String, Message>> {
    let text = include_str!("../../../fixtures/messages/definitions.jsonl");
    let mut messages = BTreeMap::new();
    for line in text.lines() {
        let definition: Value = serde_json::from_str(line)?;
        let message = read_message(&definition)?;
        messages.insert(message.name.clone(), message);
    }
    Ok(messages)
}

fn read_message(definition: &Value) -> Result<Message> {
    let mut commons = BTreeMap::new();
    for common in list(definition, "commonStructs") {
        commons.insert(text(common, "name")?.to_owned(), common);
    }
    let name = text(definition, "name")?.to_owned();
    Ok(Message {
        api_key: definition
            .get("apiKey")
            .and_then(Value::as_i64)
            .map(i16::try_from)
            .transpose()?,
        valid: versions(definition, "validVersions")?,
        flexible: versions(definition, "flexibleVersions")?,
        fields: read_fields(definition, &commons).with_context(|| name.clone())?,
        name,
    })
}

type Commons<'a> = BTreeMap<String, &'a Value>;

fn read_fields(owner: &Value, commons: &Commons<'_>) -> Result<Arc<Vec<Field>>> {
    list(owner, "fields")
        .iter()
        .map(|field| read_field(field, commons))
        .collect::<Result<_>>()
        .map(Arc::new)
}

fn read_field(field: &Value, commons: &Commons<'_>) -> Result<Field> {
    let name = text(field, "name")?;
    let tag = match field.get("tag").and_then(Value::as_u64) {
        Some(tag) => Some((u32::try_from(tag)?, versions(field, "taggedVersions")?)),
        None => None,
    };
    let default = field.get("default").map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Ok(Field {
        name: lower_camel(name),
        kind: read_kind(text(field, "type")?, field, commons).with_context(|| name.to_owned())?,
        versions: versions(field, "versions")?,
        nullable: versions(field, "nullableVersions")?,
        flexible: field
            .get("flexibleVersions")
            .and_then(Value::as_str)
            .map(Versions::parse)
            .transpose()?,
        default,
        tag,
        entity: field
            .get("entityType")
            .and_then(Value::as_str)
            .map(str::to_owned),
    })
}

fn read_kind(kind: &str, field: &Value, commons: &Commons<'_>) -> Result<Kind> {
    if let Some(element) = kind.strip_prefix("[]") {
        return Ok(Kind::Array(Box::new(read_kind(element, field, commons)?)));
    }
    Ok(match kind {
        "bool" => Kind::Bool,
        "int8" => Kind::Int(1),
        "int16" => Kind::Int(2),
        "int32" => Kind::Int(4),
        "int64" => Kind::Int(8),
        "uint16" => Kind::Uint(2),
        "uint32" => Kind::Uint(4),
        "float64" => Kind::Float,
        "string" => Kind::String,
        "bytes" => Kind::Bytes,
        "records" => Kind::Records,
        "uuid" => Kind::Uuid,
        name => {
            let owner = commons.get(name).copied().unwrap_or(field);
            Kind::Struct(read_fields(owner, commons)?)
        }
    })
}

fn list<'a>(owner: &'a Value, key: &str) -> &'a [Value] {
    owner
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(owner: &'a Value, key: &str) -> Result<&'a str> {
    owner
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("no {key}"))
}

fn versions(owner: &Value, key: &str) -> Result<Versions> {
    owner
        .get(key)
        .and_then(Value::as_str)
        .map_or(Ok(Versions::NONE), Versions::parse)
}

fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(chars)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_load() {
        let produce = message("ProduceRequest").unwrap();
        assert_eq!(produce.api_key, Some(0));
        assert_eq!(produce.valid, Versions { min: 3, max: 13 });
        assert!(
            message("StreamsGroupHeartbeatResponse")
                .unwrap()
                .fields
                .len()
                > 5
        );
    }
}
