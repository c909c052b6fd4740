//! Starting over.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::refusal::read;
use super::{Refusal, Refused};
use crate::engine::reset::Kind;
use crate::server::shared::Shared;

/// How much to reset.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    /// What to reset. Default: everything.
    only: Option<Vec<Kind>>,
}

/// Reset the cluster to what it was at its start, or parts of it
///
/// Connections stay open, except those that wait for a response.
#[utoipa::path(
    post,
    path = "/v1/reset",
    tag = "cluster",
    operation_id = "reset_cluster",
    request_body = Scope,
    responses(
        (status = NO_CONTENT, description = "The cluster is reset"),
        (
            status = CONFLICT,
            body = Refused,
            description = "Another process has taken a node's port, or nodes are missing",
        ),
    ),
)]
pub(super) async fn reset(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Scope>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Scope { only } = read(body, r#"{} or {"only":["topics","groups"]}"#)?;
    shared.reset(only.as_deref())?.wait().await;
    Ok(StatusCode::NO_CONTENT)
}
