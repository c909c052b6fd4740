//! Reading answers: the header, and the body that may come in another layout than asked for.

use anyhow::Result;
use serde_json::Value;

use crate::codec::bytes::Reader;
use crate::codec::decode;
use crate::codec::schema::Message;

/// The response header's tagged fields, of which none is known.
fn skip_tags(bytes: &mut Reader<'_>) -> Result<()> {
    for _ in 0..bytes.uvarint()? {
        bytes.uvarint()?;
        let length = usize::try_from(bytes.uvarint()?)?;
        bytes.take(length)?;
    }
    Ok(())
}

/// The version, the body and the number of bytes left. ApiVersions answers in the layout of v0 when it does
/// not know the version asked for (KIP-511): told by version −1.
pub(crate) fn read_answer(
    message: &Message,
    api: &str,
    version: i16,
    bytes: &[u8],
) -> Result<(i16, Value, usize)> {
    let read = |version: i16| {
        let mut bytes = Reader(bytes);
        // ApiVersions' response header never has tagged fields.
        if message.flexible.contains(version) && api != "ApiVersions" {
            skip_tags(&mut bytes)?;
        }
        let body = decode(message, version, &mut bytes)?;
        Ok((version, body, bytes.0.len()))
    };
    if api == "ApiVersions" && version != 0 {
        match read(version) {
            Ok((version, body, 0)) => return Ok((version, body, 0)),
            _ => return read(0).map(|(_, body, rest)| (-1, body, rest)),
        }
    }
    read(version)
}
