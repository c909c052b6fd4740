//! Requests over a connection, several of them under way at once.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use protocol_tests::codec::bytes::Reader;
use protocol_tests::codec::{decode, encode, schema};
use serde_json::{Value, json};

/// Requests that wait for their answers at once.
const UNDER_WAY: usize = 4;

/// A server that is silent for so long will not answer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
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

/// Sends one request and reads its answer, without looking at it.
pub(crate) fn exchanged(stream: &mut TcpStream, request: &[u8]) -> Result<Vec<u8>> {
    let mut answered = Vec::new();
    pipelined(stream, std::iter::once(request), |answer| {
        answered = answer.to_vec();
        Ok(())
    })?;
    Ok(answered)
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

/// An answer, its header taken off.
pub(crate) fn decoded(api: &str, version: i16, answer: &[u8]) -> Result<Value> {
    let mut bytes = Reader(answer);
    let _correlation_id = bytes.int(4)?;
    let message = schema::message(&format!("{api}Response"))?;
    // Whoever asks for the versions does not know yet which ones the server has.
    if message.flexible.contains(version) && api != "ApiVersions" {
        let _no_tags = bytes.uvarint()?;
    }
    decode(message, version, &mut bytes)
}

/// Asks one thing.
pub(crate) fn ask(address: &str, api: &str, version: i16, body: &Value) -> Result<Value> {
    let request = frame(api, version, body)?;
    let answer = exchanged(&mut connect(address)?, &request)?;
    decoded(api, version, &answer)
}

/// What a server understands.
#[derive(Debug, Clone)]
pub(crate) struct Versions(BTreeMap<i64, (i64, i64)>);

impl Versions {
    /// Asks a server.
    pub(crate) fn of(address: &str) -> Result<Self> {
        let answer = ask(address, "ApiVersions", 0, &json!({}))?;
        let rows = answer.get("apiKeys").and_then(Value::as_array);
        let rows = rows.context("ApiVersions has rows")?.iter();
        let row = |row: &Value| {
            let number = |name| row.get(name).and_then(Value::as_i64);
            Some((
                number("apiKey")?,
                (number("minVersion")?, number("maxVersion")?),
            ))
        };
        Ok(Self(rows.filter_map(row).collect()))
    }

    /// The newest version that the server has, up to the one that is wanted.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn newest(&self, api: &str, wanted: i16) -> Result<i16> {
        let message = schema::message(&format!("{api}Request"))?;
        let key = message.api_key.context("a request has a key")?;
        let found = self.0.get(&i64::from(key));
        let (least, most) = found.with_context(|| format!("it has no {api}"))?;
        let version = i64::from(wanted).min(*most);
        ensure!(
            version >= *least,
            "its {api} begins with version {least}, and {wanted} is what is asked"
        );
        Ok(i16::try_from(version)?)
    }
}
