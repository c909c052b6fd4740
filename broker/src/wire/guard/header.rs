//! The request header, versions 1 and 2.

use bytes::{Buf as _, Bytes};
use kafka_protocol::protocol::StrBytes;

use super::error::{GuardError, Why};
use super::walk::{Fault, Walk};

/// What stands before every request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestHeader {
    pub(crate) api_key: i16,
    pub(crate) api_version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) client_id: Option<StrBytes>,
}

/// Takes the header off the frame and leaves the body.
///
/// A version that the API does not have is not refused here: Kafka answers a too new ApiVersions
/// (KIP-511), and reads its header like the newest known one's.
pub(crate) fn parse_header(frame: &mut Bytes) -> Result<RequestHeader, GuardError> {
    let mut walk = Walk::header(frame);
    let (api_key, api_version) = fixed(&mut walk, (-1, -1), Walk::int16)
        .and_then(|key| Ok((key, fixed(&mut walk, (key, -1), Walk::int16)?)))?;
    let at = (api_key, api_version);
    let Some(message) = super::request(api_key) else {
        return Err(refused(at, String::new(), Why::UnknownApi));
    };
    let correlation_id = fixed(&mut walk, at, Walk::int32)?;
    let client_id = walk
        .old_string()
        .map_err(|fault| header_fault(at, "ClientId", &fault))?;
    let client_id = client_id.map(client_id_text);
    if message.is_flexible(api_version) {
        walk.skip_tagged_fields()
            .map_err(|fault| header_fault(at, "tagged fields", &fault))?;
    }
    let header_bytes = frame.len() - walk.remaining();
    frame.advance(header_bytes);
    Ok(RequestHeader {
        api_key,
        api_version,
        correlation_id,
        client_id,
    })
}

/// Java replaces what is not UTF-8; so Kafka serves such clients.
fn client_id_text(bytes: &[u8]) -> StrBytes {
    StrBytes::from_string(String::from_utf8_lossy(bytes).into_owned())
}

fn fixed<'a, T>(
    walk: &mut Walk<'a>,
    at: (i16, i16),
    read: impl FnOnce(&mut Walk<'a>) -> Result<T, Box<Fault>>,
) -> Result<T, GuardError> {
    read(walk).map_err(|fault| header_fault(at, "header", &fault))
}

fn header_fault(at: (i16, i16), field: &str, fault: &Fault) -> GuardError {
    refused(at, field.to_owned(), fault.why)
}

fn refused((key, version): (i16, i16), path: String, why: Why) -> GuardError {
    GuardError {
        api: super::api_name(key),
        version,
        path,
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(frame: &[u8], expected: Result<(i16, i16, i32, Option<&str>, &[u8]), &str>) {
        let mut rest = Bytes::copy_from_slice(frame);
        match (parse_header(&mut rest), expected) {
            (Ok(header), Ok((key, version, correlation, client, body))) => {
                let client_id = header.client_id.as_ref().map(|id| id.as_str());
                assert_eq!((header.api_key, header.api_version), (key, version));
                assert_eq!((header.correlation_id, client_id), (correlation, client));
                assert_eq!(rest, body);
            }
            (Err(error), Err(text)) => assert_eq!(error.to_string(), text),
            (got, expected) => panic!("{got:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn headers_are_read_by_the_apis_version() {
        check(
            b"\0\x12\0\0\0\0\0\x05\0\x02me",
            Ok((18, 0, 5, Some("me"), b"")),
        );
        check(
            b"\0\x12\0\x03\0\0\0\x05\xff\xff\0body",
            Ok((18, 3, 5, None, b"body")),
        );
        check(
            b"\0\x12\0\x03\0\0\0\x05\0\0\x02\x07\x01a\x07\x01bX",
            Ok((18, 3, 5, Some(""), b"X")),
        );
        check(
            b"\0\x12\x7f\xff\0\0\0\x05\0\0\0",
            Ok((18, i16::MAX, 5, Some(""), b"")),
        );
        check(
            b"\0\x11\0\x01\0\0\0\x05\0\0X",
            Ok((17, 1, 5, Some(""), b"X")),
        );
        check(
            b"\0\x12\0\0\0\0\0\x05\0\x01\xff",
            Ok((18, 0, 5, Some("\u{fffd}"), b"")),
        );
    }

    #[test]
    fn broken_headers_are_refused() {
        check(b"", Err("-1 v-1: header: 2 bytes announced, 0 left"));
        check(
            b"\0\x12\0",
            Err("ApiVersions v-1: header: 2 bytes announced, 1 left"),
        );
        check(
            b"\0\x12\0\0\0\0\0",
            Err("ApiVersions v0: header: 4 bytes announced, 3 left"),
        );
        check(b"\x7f\0\0\0\0\0\0\x05\0\0", Err("32512 v0: no such API"));
        check(
            b"\0\x12\0\0\0\0\0\x05\x7f\xffab",
            Err("ApiVersions v0: ClientId: 32767 bytes announced, 2 left"),
        );
        check(
            b"\0\x12\0\0\0\0\0\x05\xff\xfeab",
            Err("ApiVersions v0: ClientId: negative length -2"),
        );
        check(
            b"\0\x12\0\x03\0\0\0\x05\0\0\xff\xff\xff\xff\x0f",
            Err("ApiVersions v3: tagged fields: 1 bytes announced, 0 left"),
        );
        check(
            b"\0\x12\0\x03\0\0\0\x05\0\0\xff\xff\xff\xff\xff\x01",
            Err("ApiVersions v3: tagged fields: variable-length number of more than 32 bits"),
        );
    }
}
