//! Requests over a connection, several of them under way at once.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result};
use protocol_tests::codec::bytes::Reader;
use protocol_tests::codec::{decode, encode, schema};
use serde_json::{Value, json};

/// Requests that wait for their answers at once.
const UNDER_WAY: usize = 4;

pub(crate) fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends the requests on one connection and looks at each answer.
pub(crate) fn pipelined<'a>(
    stream: &mut TcpStream,
    mut requests: impl Iterator<Item = &'a [u8]>,
    mut look: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut answer = Vec::new();
    let mut under_way = 0;
    loop {
        while under_way < UNDER_WAY
            && let Some(request) = requests.next()
        {
            stream.write_all(request)?;
            under_way += 1;
        }
        if under_way == 0 {
            return Ok(());
        }
        let mut length = [0; 4];
        stream.read_exact(&mut length).context("an answer is due")?;
        answer.resize(usize::try_from(u32::from_be_bytes(length))?, 0);
        stream.read_exact(&mut answer)?;
        under_way -= 1;
        look(&answer)?;
    }
}

/// A request with its length and header.
pub(crate) fn frame(api: &str, version: i16, body: &Value) -> Result<Vec<u8>> {
    let message = schema::message(&format!("{api}Request"))?;
    let header = json!({
        "requestApiKey": message.api_key, "requestApiVersion": version,
        "correlationId": 1, "clientId": "bench",
    });
    let flexible = message.flexible.contains(version);
    let header_version = if flexible { 2 } else { 1 };
    let header = encode(schema::message("RequestHeader")?, header_version, &header)?;
    let body = encode(message, version, body)?;
    let length = u32::try_from(header.len() + body.len())?;
    Ok([length.to_be_bytes().as_slice(), &header, &body].concat())
}

/// An answer of a flexible version, its header taken off.
pub(crate) fn decoded(api: &str, version: i16, answer: &[u8]) -> Result<Value> {
    let mut bytes = Reader(answer);
    let _correlation_id = bytes.int(4)?;
    let _no_tags = bytes.uvarint()?;
    decode(
        schema::message(&format!("{api}Response"))?,
        version,
        &mut bytes,
    )
}

/// Asks one thing of a flexible version.
pub(crate) fn ask(address: &str, api: &str, version: i16, body: &Value) -> Result<Value> {
    let request = frame(api, version, body)?;
    let mut answered = Value::Null;
    let mut stream = connect(address)?;
    pipelined(&mut stream, std::iter::once(request.as_slice()), |answer| {
        answered = decoded(api, version, answer)?;
        Ok(())
    })?;
    Ok(answered)
}
