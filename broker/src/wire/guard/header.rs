//! The request header, versions 1 and 2.

use bytes::{Buf as _, Bytes};
use kafka_protocol::protocol::StrBytes;

use super::error::{GuardError, Why};
use super::reader::Reader;
use crate::wire::text::str_bytes;

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
    let mut from = Reader::new(frame);
    let mut api = (-1, -1);
    let header = read(frame, &mut from, &mut api).map_err(|(field, why)| GuardError {
        api: super::api_name(api.0),
        version: api.1,
        path: field.to_owned(),
        why,
    })?;
    frame.advance(frame.len() - from.remaining());
    Ok(header)
}

/// Names the field where it fails; `api` is key and version as far as they are read.
fn read(
    frame: &Bytes,
    from: &mut Reader<'_>,
    api: &mut (i16, i16),
) -> Result<RequestHeader, Refused> {
    let header = |why| ("header", why);
    api.0 = from.int16().map_err(header)?;
    api.1 = from.int16().map_err(header)?;
    let (api_key, api_version) = *api;
    let message = super::request(api_key).ok_or(("", Why::UnknownApi))?;
    let correlation_id = from.int32().map_err(header)?;
    let client_id = from
        .old_string()
        .map_err(|why| ("ClientId", why))?
        .map(|bytes| client_id_text(frame, bytes));
    if message.is_flexible(api_version) {
        skip_tagged_fields(from).map_err(|why| ("tagged fields", why))?;
    }
    Ok(RequestHeader {
        api_key,
        api_version,
        correlation_id,
        client_id,
    })
}

type Refused = (&'static str, Why);

/// None is known, and nobody keeps them.
fn skip_tagged_fields(from: &mut Reader<'_>) -> Result<(), Why> {
    for _ in 0..from.count()? {
        from.varint()?;
        let size = from.count()?;
        from.bytes(size)?;
    }
    Ok(())
}

/// A part of the frame. Java replaces what is not UTF-8; so Kafka serves such clients.
fn client_id_text(frame: &Bytes, bytes: &[u8]) -> StrBytes {
    StrBytes::try_from(frame.slice_ref(bytes))
        .unwrap_or_else(|_| str_bytes(String::from_utf8_lossy(bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::type_complexity,
        reason = "a header's parts, written only here"
    )]
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
        check(b"\0\x12\0\0\0\0\0\x05\xff\xfea", Ok((18, 0, 5, None, b"a")));
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
            b"\0\x12\0\x03\0\0\0\x05\0\0\xff\xff\xff\xff\x0f",
            Err("ApiVersions v3: tagged fields: negative length -1"),
        );
        check(
            b"\0\x12\0\x03\0\0\0\x05\0\0\xff\xff\xff\xff\xff\x01",
            Err("ApiVersions v3: tagged fields: varint of more than five bytes"),
        );
    }
}
