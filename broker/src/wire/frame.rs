//! A frame's bytes to a typed request, and a typed response to a frame's bytes.

use bytes::{BufMut as _, Bytes};

use super::api::Api;
use super::apis::{Request, Response};
use super::ext::{ApiVersionsRequest, DecodeError, EncodeError, TooNew};
use super::guard::{self, GuardError, RequestHeader};
use super::releases::Release;
use super::rope::RopeMut;

const API_VERSIONS: i16 = Api::ApiVersions.key();
/// The newest ApiVersions that is served.
const API_VERSIONS_MAX: i16 = Api::ApiVersions.versions().1;

/// What a frame holds.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) header: RequestHeader,
    /// The version that it is read and answered in.
    pub(crate) version: i16,
    pub(crate) request: Request,
    /// What the request was decoded from.
    pub(crate) body: Bytes,
    /// It is an ApiVersions request of a version to come, whose body was not read.
    pub(crate) too_new: Option<TooNew>,
}

/// A frame that Kafka closes the connection for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("{0}")]
    Header(#[from] GuardError),
    #[error("API {api_key} v{version} is not served")]
    NotServed { api_key: i16, version: i16 },
    #[error("{0}")]
    Body(#[from] DecodeError),
    #[error("API {api_key} v{version} has no such answer: {source}")]
    Answer {
        api_key: i16,
        version: i16,
        source: EncodeError,
    },
}

/// Decodes a frame, without the four bytes of its size. Of a `release`, only what it has is served.
pub(crate) fn decode(mut frame: Bytes, release: Option<&Release>) -> Result<Decoded, FrameError> {
    let header = guard::parse_header(&mut frame)?;
    let (api_key, version) = (header.api_key, header.api_version);
    let newest = release.and_then(|release| release.newest(API_VERSIONS));
    let newest = newest.unwrap_or(API_VERSIONS_MAX);
    if api_key == API_VERSIONS && !(0..=newest).contains(&version) {
        let asked = version;
        return Ok(Decoded {
            header,
            version: 0,
            request: ApiVersionsRequest::default().into(),
            body: Bytes::new(),
            too_new: Some(TooNew { asked, newest }),
        });
    }
    if release.is_some_and(|release| !release.serves(api_key, version)) {
        return Err(FrameError::NotServed { api_key, version });
    }
    let body = frame.clone();
    let request = Request::decode(api_key, version, frame)
        .ok_or(FrameError::NotServed { api_key, version })??;
    Ok(Decoded {
        header,
        version,
        request,
        body,
        too_new: None,
    })
}

/// What is to be sent.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Response(Response),
    /// A body that is encoded already.
    Body(Bytes),
}

/// A whole request, as a client sends it: of this key and version, under this correlation id.
#[cfg_attr(
    not(any(feature = "server", benching)),
    expect(dead_code, reason = "only the server's side sends requests")
)]
pub(crate) fn request(
    (api_key, version, correlation_id): (i16, i16, i32),
    client_id: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut frame = vec![0; 4];
    frame.put_i16(api_key);
    frame.put_i16(version);
    frame.put_i32(correlation_id);
    frame.put_i16(i16::try_from(client_id.len()).unwrap_or(i16::MAX));
    let name = client_id.as_bytes().iter().copied();
    frame.extend(name.take(usize::from(i16::MAX.cast_unsigned())));
    if guard::request(api_key).is_some_and(|api| api.is_flexible(version)) {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    let size = u32::try_from(frame.len() - 4).unwrap_or(u32::MAX);
    if let Some(place) = frame.first_chunk_mut::<4>() {
        *place = size.to_be_bytes();
    }
    frame
}

/// Encodes a response with its size and header, in place of what `frame` held.
pub(crate) fn encode(
    (api_key, version): (i16, i16),
    correlation_id: i32,
    outgoing: Outgoing,
    frame: &mut RopeMut,
) -> Result<(), FrameError> {
    begin(correlation_id, frame);
    // The header of ApiVersions has no tagged fields at any version, so that old clients can read it.
    let tagged = guard::request(api_key).is_some_and(|api| api.is_flexible(version));
    if tagged && api_key != API_VERSIONS {
        frame.written().put_u8(0);
    }
    match outgoing {
        Outgoing::Body(body) => frame.put(&body),
        Outgoing::Response(mut response) => {
            response
                .encode(version, frame)
                .map_err(|source| FrameError::Answer {
                    api_key,
                    version,
                    source,
                })?;
        }
    }
    finish(frame);
    Ok(())
}

/// A token with its size and nothing else, in place of what `frame` held.
pub(crate) fn encode_token(token: &[u8], frame: &mut RopeMut) {
    frame.clear();
    frame.written().put_i32(0);
    frame.written().put_slice(token);
    finish(frame);
}

fn begin(correlation_id: i32, frame: &mut RopeMut) {
    frame.clear();
    let head = frame.written();
    head.reserve(256);
    head.put_i32(0);
    head.put_i32(correlation_id);
}

fn finish(frame: &mut RopeMut) {
    let size = u32::try_from(frame.len() - 4).unwrap_or(u32::MAX);
    if let Some(place) = frame.written().first_chunk_mut::<4>() {
        *place = size.to_be_bytes();
    }
}
