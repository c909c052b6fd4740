//! Values that are written from Kafka's definitions ([`crate::wire::ext::generated`]), with their schema version ahead of them.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use kafka_protocol::protocol::{Decodable, Encodable, Message};

use super::reader::Unreadable;

/// The only version of all of them.
const VERSION: i16 = 0;

/// Reads a value.
pub(crate) fn read_value<T: Decodable + Message>(value: &[u8]) -> Result<T, Unreadable> {
    let mut value = Bytes::copy_from_slice(value);
    let version = value.try_get_i16().map_err(|_| Unreadable::TooShort)?;
    if !(T::VERSIONS.min..=T::VERSIONS.max).contains(&version) {
        return Err(Unreadable::Version(version));
    }
    T::decode(&mut value, version).map_err(|_| Unreadable::Malformed)
}

/// Writes a value. Texts that came from the wire are never too long for their length fields.
pub(crate) fn value_bytes<T: Encodable>(value: &T) -> Bytes {
    let mut to = BytesMut::new();
    to.put_i16(VERSION);
    match value.encode(&mut to, VERSION) {
        Ok(()) => to.freeze(),
        Err(_) => Bytes::new(),
    }
}
