//! The parts of a token that nobody has signed, as Java's decoder and Jackson read them.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

/// Java's own decoder: padding may be there, and bits that are left over are not looked at.
pub(super) const JAVA: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of a part, as Java's decoder reads it.
pub(super) fn java_base64(part: &str) -> Option<Vec<u8>> {
    JAVA.decode(part).ok()
}

/// A JSON object, as Jackson reads it: of anything else there are no entries, and what follows it is not looked at.
pub(super) fn jackson_object(bytes: &[u8]) -> Option<Map<String, Value>> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Some(Map::new());
    }
    let first = serde_json::Deserializer::from_slice(bytes)
        .into_iter::<Value>()
        .next()?;
    match first.ok()? {
        Value::Object(map) => Some(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Some(Map::new())
        }
    }
}
