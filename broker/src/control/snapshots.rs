//! Snapshots: taken and put back as bytes, or kept by name.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use super::{Refusal, Refused};
use crate::engine::snapshot::{BadSnapshot, Snapshot, SnapshotView};
use crate::server::shared::Shared;

/// What a snapshot that is put may have beside the records that the cluster may hold (`--max-log-bytes`).
const BYTES_BESIDE_RECORDS: u64 = 256 * 1024 * 1024;

const CONTENT_TYPE: &str = "application/octet-stream";

/// The contents of a snapshot's file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "only the document has a word for it")]
struct SnapshotBytes(Vec<u8>);

/// Take a snapshot and download it
#[utoipa::path(
    get,
    path = "/v1/snapshot",
    tag = "snapshots",
    operation_id = "download_snapshot",
    responses(
        (
            status = OK,
            body = SnapshotBytes,
            content_type = "application/octet-stream",
            description = "The snapshot, as the contents of a file",
        ),
    ),
)]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    let snapshot = shared.snapshot();
    let bytes = beside(move || snapshot.to_bytes()).await?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], bytes).into_response())
}

/// Restore a snapshot from its bytes
///
/// All of it is restored or nothing. Connections stay open, except those that wait for a response. A snapshot may be up to
/// 256 MiB larger than `--max-log-bytes`.
#[utoipa::path(
    put,
    path = "/v1/snapshot",
    tag = "snapshots",
    operation_id = "upload_snapshot",
    request_body(content = SnapshotBytes, content_type = "application/octet-stream"),
    responses(
        (status = NO_CONTENT, description = "The snapshot is restored"),
        (status = BAD_REQUEST, body = Refused, description = "The bytes are not a snapshot, or are damaged"),
        (status = PAYLOAD_TOO_LARGE, body = Refused, description = "The snapshot is too large"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The snapshot does not fit this cluster: nodes or ports are missing",
        ),
    ),
)]
pub(super) async fn restore(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let held = shared.look(|engine| engine.state.log_bytes_max());
    let most = held.saturating_add(BYTES_BESIDE_RECORDS);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let bytes = to_bytes(body, most).await.map_err(|error| {
        let why = format!("at most {most} bytes, and all of them: {error}");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why)
    })?;
    let snapshot = beside(move || Snapshot::decode(&bytes)).await?;
    shared.restore(&snapshot)?.wait().await;
    Ok(StatusCode::NO_CONTENT)
}

/// List the snapshots that are kept in memory
#[utoipa::path(
    get,
    path = "/v1/snapshots",
    tag = "snapshots",
    operation_id = "list_snapshots",
    responses((status = OK, body = [SnapshotView], description = "The snapshots")),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<SnapshotView>> {
    Json(shared.kept_snapshots())
}

/// Take a snapshot and keep it in memory
///
/// It replaces a snapshot of the same name. At most 16 are kept.
#[utoipa::path(
    post,
    path = "/v1/snapshots/{name}",
    tag = "snapshots",
    operation_id = "take_snapshot",
    params(
        ("name" = String, Path, description = "The snapshot's name: letters, digits, `-` and `_`"),
    ),
    responses(
        (status = OK, body = SnapshotView, description = "The snapshot"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The name is invalid, or too many snapshots are kept",
        ),
    ),
)]
pub(super) async fn take(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<Json<SnapshotView>, Refusal> {
    Ok(Json(shared.keep_snapshot(&name)?))
}

/// Restore a snapshot from memory
///
/// Connections stay open, except those that wait for a response.
#[utoipa::path(
    post,
    path = "/v1/snapshots/{name}/restore",
    tag = "snapshots",
    operation_id = "restore_snapshot",
    params(("name" = String, Path, description = "The snapshot's name")),
    responses(
        (status = NO_CONTENT, description = "The snapshot is restored"),
        (status = NOT_FOUND, body = Refused, description = "The snapshot does not exist"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The snapshot does not fit this cluster any more: nodes or ports are missing",
        ),
    ),
)]
pub(super) async fn restore_kept(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.restore_kept(&name)?.wait().await;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a snapshot from memory
#[utoipa::path(
    delete,
    path = "/v1/snapshots/{name}",
    tag = "snapshots",
    operation_id = "forget_snapshot",
    params(("name" = String, Path, description = "The snapshot's name")),
    responses(
        (status = NO_CONTENT, description = "The snapshot is gone"),
        (status = NOT_FOUND, body = Refused, description = "The snapshot does not exist"),
    ),
)]
pub(super) async fn forget(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.forget_snapshot(&name)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does what takes time where no connection waits for it.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BadSnapshot> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    done.map_err(|bad| Refusal::new(StatusCode::BAD_REQUEST, bad))
}
