//! Texts as messages have them.

use kafka_protocol::protocol::StrBytes;

/// A text of a message. Names of topics, groups and transactional ids are made `into()` of one.
pub(crate) fn str_bytes(text: impl Into<String>) -> StrBytes {
    StrBytes::from_string(text.into())
}
