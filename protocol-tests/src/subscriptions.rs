//! What members of consumer groups tell each other in bytes that the broker passes on.

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::codec::bytes::{Reader, hex, put_int, unhex};
use crate::codec::{decode, encode, schema};

const SUBSCRIPTION: &str = "ConsumerProtocolSubscription";
const ASSIGNMENT: &str = "ConsumerProtocolAssignment";

/// A subscription: topics, user data, owned partitions (v1+), generation (v2+), rack (v3+).
///
/// # Errors
/// When `body` does not fit the definition.
pub fn subscription(version: i16, body: &Value) -> Result<Value> {
    written(SUBSCRIPTION, version, body)
}

/// An assignment: partitions and user data.
///
/// # Errors
/// When `body` does not fit the definition.
pub fn assignment(version: i16, body: &Value) -> Result<Value> {
    written(ASSIGNMENT, version, body)
}

fn written(name: &str, version: i16, body: &Value) -> Result<Value> {
    let mut bytes = Vec::new();
    put_int(&mut bytes, version.into(), 2);
    bytes.extend(encode(schema::message(name)?, version, body)?);
    Ok(json!(hex(&bytes)))
}

/// The bytes of such a field taken apart; `None` when the field is another, or its bytes are of another kind.
#[must_use]
pub(crate) fn describe(field: &str, bytes: &str) -> Option<Value> {
    let message = match field {
        "metadata" | "memberMetadata" | "subscription" => SUBSCRIPTION,
        "assignment" | "memberAssignment" => ASSIGNMENT,
        _ => return None,
    };
    let bytes = unhex(bytes).ok()?;
    let mut rest = Reader(&bytes);
    let version = i16::try_from(rest.int(2).ok()?).ok()?;
    let message = schema::message(message).ok()?;
    if !message.valid.contains(version) {
        return None;
    }
    let body = decode(message, version, &mut rest).ok()?;
    let mut shown = Map::from_iter([("version".to_owned(), json!(version))]);
    shown.extend(body.as_object().cloned().unwrap_or_default());
    rest.0.is_empty().then_some(Value::Object(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_described() {
        let bytes = subscription(1, &json!({"topics": ["a"]})).unwrap();
        let expected =
            json!({"version": 1, "topics": ["a"], "userData": null, "ownedPartitions": []});
        assert_eq!(
            describe("metadata", bytes.as_str().unwrap()),
            Some(expected)
        );
    }

    #[test]
    fn other_bytes_stay() {
        for bytes in ["", "m", "mm", "0x0000", "0x000000000000ffffffff00"] {
            assert_eq!(describe("metadata", bytes), None, "{bytes}");
        }
    }
}
