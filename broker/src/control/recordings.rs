//! Recordings: begun, ended and fetched while the cluster runs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use utoipa::ToSchema;

use super::refusal::read;
use super::{Refusal, Refused};
use crate::server::recorder::BYTES_MAX;
use crate::server::recording::{Status, Wanted};
use crate::server::shared::Shared;

/// How much of a file is read at a time.
const PIECE_BYTES: u64 = 64 * 1024;

/// A recording to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// The path of the file, on the cluster's machine. Default: a temporary file, which is deleted with the cluster or with the
    /// next recording.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
    /// Whether to overwrite the file if it exists.
    #[serde(default)]
    force: bool,
    /// The maximum size of the file in bytes. The recording ends there, and the cluster goes on. Default: 1 GiB.
    max_bytes: Option<u64>,
    /// Whether to reset the cluster first.
    #[serde(default)]
    reset: bool,
}

/// The contents of a recording's file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "only the document has a word for it")]
struct RecordingBytes(Vec<u8>);

/// Start recording everything that happens
///
/// Every coordinator loads its groups and transactions again, as after a restart of all nodes. Connections stay open, except
/// those that wait for a response. Passwords and tokens are not recorded.
#[utoipa::path(
    post,
    path = "/v1/recording",
    tag = "recordings",
    operation_id = "start_recording",
    request_body(content = Start, example = json!({ "file": "/tmp/orders.run", "reset": true })),
    responses(
        (status = OK, body = Status, description = "The recording"),
        (
            status = CONFLICT,
            body = Refused,
            description = "A recording is running, a coordinator is held loading, or the file exists or cannot be written",
        ),
    ),
)]
pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Start>, JsonRejection>,
) -> Result<Json<Status>, Refusal> {
    let Start {
        file,
        force,
        max_bytes,
        reset,
    } = read(body, r#"{} or {"file":"/tmp/orders.run"}"#)?;
    let wanted = Wanted {
        path: file,
        force,
        bytes_max: max_bytes.unwrap_or(BYTES_MAX),
        reset,
    };
    let (status, closing) = beside(move || Ok(shared.start_recording(&wanted)?)).await?;
    closing.wait().await;
    Ok(Json(status))
}

/// Stop recording
///
/// Answers once all of it is on disk.
#[utoipa::path(
    post,
    path = "/v1/recording/stop",
    tag = "recordings",
    operation_id = "stop_recording",
    responses(
        (status = OK, body = Status, description = "The recording"),
        (status = CONFLICT, body = Refused, description = "No recording is running"),
    )
)]
pub(super) async fn stop(State(shared): State<Arc<Shared>>) -> Result<Json<Status>, Refusal> {
    beside(move || Ok(Json(shared.stop_recording()?))).await
}

/// Show the running recording, or the last one
#[utoipa::path(
    get,
    path = "/v1/recording",
    tag = "recordings",
    operation_id = "get_recording",
    responses(
        (status = OK, body = Status, description = "The recording"),
        (status = NOT_FOUND, body = Refused, description = "There has been no recording"),
    )
)]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Result<Json<Status>, Refusal> {
    let recording = beside(move || Ok(shared.recording())).await?;
    recording.map(Json).ok_or_else(none)
}

/// Download the recording
///
/// It has everything that has happened so far, and `fauxka rerun` takes it while the recording goes on.
#[utoipa::path(
    get,
    path = "/v1/recording/file",
    tag = "recordings",
    operation_id = "download_recording",
    responses(
        (status = OK, body = RecordingBytes, content_type = "application/gzip", description = "The contents of the file"),
        (status = NOT_FOUND, body = Refused, description = "There has been no recording, or its file is gone"),
    )
)]
pub(super) async fn fetch(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    let opened = beside(move || open(shared.settled_recording())).await?;
    // What comes later is left out, so that the answer ends.
    let pieces = stream::unfold(Some(opened), async |opened| {
        let (mut file, left) = opened?;
        let piece = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            let most = PIECE_BYTES.min(left);
            let read = (&mut file).take(most).read_to_end(&mut piece);
            read.map(|_| (piece, file))
        });
        match piece
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
        {
            Ok((piece, file)) if !piece.is_empty() => {
                let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                let left = left.saturating_sub(bytes);
                Some((Ok(Bytes::from(piece)), Some((file, left))))
            }
            Ok(_) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    let kind = [(header::CONTENT_TYPE, "application/gzip")];
    Ok((kind, Body::from_stream(pieces)).into_response())
}

/// The file of a recording, and how many bytes it has by now.
fn open(recording: Option<Status>) -> Result<(File, u64), Refusal> {
    let recording = recording.ok_or_else(none)?;
    let file = File::open(&recording.file).map_err(|error| {
        let why = format!("{} cannot be read: {error}", recording.file.display());
        Refusal::new(StatusCode::NOT_FOUND, why)
    })?;
    Ok((file, recording.bytes))
}

fn none() -> Refusal {
    let why = "nothing was recorded: start a recording first";
    Refusal::new(StatusCode::NOT_FOUND, why)
}

/// Waits for the disk where no connection waits for it.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error))?
}
