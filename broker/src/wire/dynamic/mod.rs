//! Messages as trees of named values, for anyone who looks at or changes any message without knowing
//! its type: the journal, fault rules, replay.
//!
//! The schemas are the guard's. What is read here may come straight from the wire: nothing is
//! reserved by an announced length, and a tree takes at most [`DECODED_BYTES_MAX`].
//!
//! ```text
//! let shape = Shape::response(1, 12)?;
//! let mut body = shape.decode(&bytes)?;
//! shape.set(&mut body, "responses[0].partitions[0].errorCode", Value::Int(6))?;
//! let bytes = shape.encode(&body)?;
//! ```

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value is of the kind that is asked for, or of any other"
)]

mod decode;
mod encode;
mod error;
mod json;
mod path;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use error::Misfit;
pub(crate) use value::{Row, Value};

use bytes::Bytes;

use super::guard::schema::{Field, Kind, Message};
use super::guard::{self, DECODED_BYTES_MAX, GuardError};
use decode::Decoder;
use encode::Encoder;

/// A request or response at one version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    message: &'static Message,
    version: i16,
}

impl Shape {
    /// The request of an API.
    pub(crate) fn request(api_key: i16, version: i16) -> Result<Self, GuardError> {
        let message = guard::at_version(guard::request(api_key), api_key, version)?;
        Ok(Self { message, version })
    }

    /// The answer to it.
    pub(crate) fn response(api_key: i16, version: i16) -> Result<Self, GuardError> {
        let message = guard::at_version(guard::response(api_key), api_key, version)?;
        Ok(Self { message, version })
    }

    /// Reads a body. Bytes after it are tolerated, as Kafka tolerates them.
    pub(crate) fn decode(self, body: &Bytes) -> Result<Value, GuardError> {
        let mut decoder = Decoder::new(self.message, self.version, body, DECODED_BYTES_MAX);
        decoder
            .row(self.message.body)
            .map(Value::Struct)
            .map_err(|fault| GuardError {
                api: self.message.name.to_owned(),
                version: self.version,
                path: fault.path(),
                why: fault.why,
            })
    }

    /// Writes a body. A field that is not there is written as it is where nobody has set it; a
    /// tagged one is left out.
    pub(crate) fn encode(self, body: &Value) -> Result<Bytes, Misfit> {
        let mut encoder = Encoder::new(self.message, self.version);
        encoder.row(self.message.body, body)?;
        Ok(encoder.into_bytes())
    }

    /// A body in which nobody has set anything.
    pub(crate) fn initial(self) -> Value {
        Value::Struct(Row::initial(self.message.body, self.version))
    }

    /// A new element of the array that stands at a path without indexes: `topics.partitions`.
    /// `None` if there is none, or not in this version.
    pub(crate) fn element(self, path: &str) -> Option<Value> {
        let mut kind = Kind::Struct(self.message.body);
        for name in path.split('.') {
            while let Kind::Array(element) = kind {
                kind = *element;
            }
            let Kind::Struct(body) = kind else {
                return None;
            };
            kind = self.field(body.fields, name)?.kind;
        }
        let Kind::Array(element) = kind else {
            return None;
        };
        Some(Value::zero(*element, self.version))
    }

    fn field(self, fields: &'static [Field], name: &str) -> Option<&'static Field> {
        let in_version = |field: &&Field| field.versions.contains(self.version);
        let mut fields = fields.iter().filter(in_version);
        fields.find(|field| value::same_name(field.name, name))
    }
}
