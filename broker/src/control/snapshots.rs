//! Snapshots: taken and put back as bytes, or kept by name.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Refusal, Refused};
use crate::engine::snapshot::{BadSnapshot, Snapshot, SnapshotView};
use crate::server::shared::Shared;

/// What a snapshot that is put may have beside the records that the cluster may hold (`--max-log-bytes`).
const BYTES_BESIDE_RECORDS: u64 = 256 * 1024 * 1024;

const CONTENT_TYPE: &str = "application/octet-stream";

/// What the cluster is now, as the bytes of a file.
#[utoipa::path(
    get,
    path = "/v1/snapshot",
    tag = "snapshots",
    responses((status = OK, body = String, content_type = "application/octet-stream"))
)]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    let snapshot = shared.snapshot();
    let bytes = beside(move || snapshot.to_bytes()).await?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], bytes).into_response())
}

/// Makes the cluster what it was when the snapshot was taken, all of it or nothing. Connections stay, except for those
/// that wait for an answer. At most 256 MiB more than --max-log-bytes are taken.
#[utoipa::path(
    put,
    path = "/v1/snapshot",
    tag = "snapshots",
    request_body(content = String, content_type = "application/octet-stream"),
    responses(
        (status = NO_CONTENT),
        (status = BAD_REQUEST, body = Refused, description = "The bytes are not a snapshot, or a damaged one"),
        (status = PAYLOAD_TOO_LARGE, body = Refused, description = "The bytes are too many"),
        (status = CONFLICT, body = Refused, description = "The snapshot needs what is not here"),
    )
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

/// Lists the snapshots that are kept by name.
#[utoipa::path(
    get,
    path = "/v1/snapshots",
    tag = "snapshots",
    responses((status = OK, body = [SnapshotView]))
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<SnapshotView>> {
    Json(shared.kept_snapshots())
}

/// Takes a snapshot and keeps it in memory, in the place of one of the same name. At most 16 are kept.
#[utoipa::path(
    post,
    path = "/v1/snapshots/{name}",
    tag = "snapshots",
    params(("name" = String, Path, description = "Letters, digits, - and _")),
    responses(
        (status = OK, body = SnapshotView),
        (status = CONFLICT, body = Refused, description = "No such name can be, or too many are kept"),
    )
)]
pub(super) async fn take(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<Json<SnapshotView>, Refusal> {
    Ok(Json(shared.keep_snapshot(&name)?))
}

/// Puts back a snapshot that is kept. Connections stay, except for those that wait for an answer.
#[utoipa::path(
    post,
    path = "/v1/snapshots/{name}/restore",
    tag = "snapshots",
    params(("name" = String, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such snapshot"),
        (status = CONFLICT, body = Refused, description = "The snapshot needs what is not here any more"),
    )
)]
pub(super) async fn restore_kept(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.restore_kept(&name)?.wait().await;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a snapshot that is kept.
#[utoipa::path(
    delete,
    path = "/v1/snapshots/{name}",
    tag = "snapshots",
    params(("name" = String, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such snapshot"),
    )
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
