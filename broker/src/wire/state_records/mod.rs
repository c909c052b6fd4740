//! The records of Kafka's state topics, `__consumer_offsets` first: keys and values with a schema
//! version ahead of them, as Kafka's own formatters read them.

use bytes::Bytes;

/// A record of a state topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateRecord {
    pub(crate) key: Bytes,
    /// None takes back what the key stood for.
    pub(crate) value: Option<Bytes>,
}
