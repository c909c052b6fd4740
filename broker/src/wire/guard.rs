//! Stands before the decoder: a frame that announces more than it holds is refused here.
//!
//! The decoder of `kafka-protocol` reserves memory for as many elements as an array announces, and
//! a failed reservation aborts the process. So a request's body is first walked by its schema,
//! without allocating, and only handed on if
//!
//! - every array fits into the bytes that remain, at its elements' smallest size,
//! - every string, byte string and nested struct ends inside the body,
//! - nothing is null that may not be, no length is negative and no varint too long,
//! - what the decoder will allocate stays below [`DECODED_BYTES_MAX`].
//!
//! Bytes after the body are tolerated, as Kafka tolerates them. The tables come from Kafka's own
//! message definitions (`fixtures/messages`), through `protocol-tests/src/bin/generate_wire`.

pub(super) mod error;
mod header;
pub(super) mod reader;
#[rustfmt::skip]
mod response_tables;
#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "control", feature = "oauth", feature = "tls"))]
pub(crate) mod chosen;
#[cfg(test)]
pub(crate) mod sample;
pub(super) mod schema;
#[rustfmt::skip]
mod tables;
#[cfg(test)]
mod tests;
pub(super) mod walk;

pub(crate) use error::{GuardError, Why};
pub(crate) use header::{RequestHeader, parse_header};
pub(crate) use schema::Message;

use bytes::Bytes;
use walk::Walk;

/// The most memory that decoding one request may take, besides the frame itself: decoded strings
/// and records are slices of the frame, but an element of one byte becomes a struct of some eighty.
/// This allows a Metadata request 900 thousand topics, and a frame of 100 MiB full of one-byte
/// elements, which would take gigabytes, nothing.
pub(crate) const DECODED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The largest body that is rewritten for the decoder.
const REWRITTEN_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Refuses the body of a request that must not be decoded, and gives back what to decode.
///
/// That is the body itself, except for the few that Kafka reads otherwise than the decoder would:
/// strings that are not UTF-8, lengths below -1, odd null markers. These are written again.
pub(crate) fn admit(api_key: i16, version: i16, body: Bytes) -> Result<Bytes, GuardError> {
    let refuse = |path, why| Err(GuardError::of(api_key, version, path, why));
    let message = at_version(request(api_key), api_key, version)?;
    let mut walk = Walk::new(message, version, &body, DECODED_BYTES_MAX);
    if let Err(fault) = walk.body(message.body) {
        return refuse(fault.path(), fault.why);
    }
    if !walk.is_odd() {
        return Ok(body);
    }
    if body.len() > REWRITTEN_BYTES_MAX {
        return refuse(String::new(), Why::LongRewrite(body.len()));
    }
    let mut walk = Walk::new(message, version, &body, DECODED_BYTES_MAX).copying();
    match walk.body(message.body) {
        Ok(()) => Ok(walk.into_copy().into()),
        Err(fault) => refuse(fault.path(), fault.why),
    }
}

/// The first thing in an encoded response that its version does not allow, such as a null in a
/// version that has none there; bytes left over are wrong too.
#[cfg(any(test, debug_assertions))]
pub(crate) fn check_response(api_key: i16, version: i16, body: &[u8]) -> Result<(), GuardError> {
    let refuse = |path, why| Err(GuardError::of(api_key, version, path, why));
    let message = at_version(response(api_key), api_key, version)?;
    let mut walk = Walk::new(message, version, body, usize::MAX);
    match walk.body(message.body) {
        Ok(()) if walk.remaining() > 0 => {
            let (needed, remaining) = (0, walk.remaining());
            refuse("end".to_owned(), Why::Truncated { needed, remaining })
        }
        Ok(()) => Ok(()),
        Err(fault) => refuse(fault.path(), fault.why),
    }
}

/// The request of that key, if there is one.
pub(crate) fn request(api_key: i16) -> Option<&'static Message> {
    find(&tables::REQUESTS, api_key)
}

/// Every request at every version.
#[cfg(test)]
pub(crate) fn requests() -> impl Iterator<Item = (&'static Message, i16)> {
    tables::REQUESTS.iter().flat_map(|message| {
        (message.versions.first..=message.versions.last).map(move |version| (message, version))
    })
}

/// The answer to the request of that key.
pub(crate) fn response(api_key: i16) -> Option<&'static Message> {
    find(&response_tables::RESPONSES, api_key)
}

/// The message of an API, if the API is known and has that version.
pub(super) fn at_version(
    message: Option<&'static Message>,
    api_key: i16,
    version: i16,
) -> Result<&'static Message, GuardError> {
    let refused = |why| GuardError::of(api_key, version, String::new(), why);
    let message = message.ok_or_else(|| refused(Why::UnknownApi))?;
    if message.versions.contains(version) {
        Ok(message)
    } else {
        Err(refused(Why::UnknownVersion))
    }
}

impl GuardError {
    fn of(api_key: i16, version: i16, path: String, why: Why) -> Self {
        Self {
            api: api_name(api_key),
            version,
            path,
            why,
        }
    }
}

/// The tables are sorted by key.
fn find(table: &'static [Message], api_key: i16) -> Option<&'static Message> {
    let index = table
        .binary_search_by_key(&api_key, |message| message.key)
        .ok()?;
    table.get(index)
}

fn api_name(api_key: i16) -> String {
    request(api_key).map_or_else(|| api_key.to_string(), |message| message.name.to_owned())
}
