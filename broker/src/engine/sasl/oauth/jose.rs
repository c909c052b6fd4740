//! The parts of a token that is signed, as jose4j reads them, which Kafka has for that.

use std::fmt;

use base64::Engine as _;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::json::JAVA;

/// The bytes of a part, as the decoder in jose4j reads it: both alphabets are the same to it, what is in neither is passed over,
/// and so is a digit too many.
pub(super) fn lenient_base64(part: &str) -> Vec<u8> {
    let digit = |letter: char| match letter {
        '+' => Some('-'),
        '/' => Some('_'),
        '-' | '_' => Some(letter),
        _ => letter.is_ascii_alphanumeric().then_some(letter),
    };
    let mut digits: String = part.chars().filter_map(digit).collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    JAVA.decode(digits).unwrap_or_default()
}

/// A JSON object, as jose4j reads it: a whole one, in which no member is there twice.
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let Once(value) = serde_json::from_slice(bytes).ok()?;
    match value {
        Value::Object(map) => Some(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

/// A value in which no member of an object is there twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Once, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(value)) = all.next_element()? {
            list.push(value);
        }
        Ok(Once(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Once, A::Error> {
        let mut map = Map::new();
        while let Some((name, Once(value))) = all.next_entry::<String, Once>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom("a member is there twice"));
            }
            map.insert(name, value);
        }
        Ok(Once(Value::Object(map)))
    }
}

/// What Java's `String.trim` leaves.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter| letter <= ' ')
}
