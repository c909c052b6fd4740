//! Beginning anew.

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

/// How much is made anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    /// Everything, if this is left out.
    only: Option<Vec<Kind>>,
}

/// Makes the cluster what it was at its start. Connections stay, except for those that wait for an answer.
#[utoipa::path(
    post,
    path = "/v1/reset",
    tag = "cluster",
    request_body = Scope,
    responses(
        (status = NO_CONTENT),
        (status = CONFLICT, body = Refused, description = "A port was taken meanwhile, or nodes are missing"),
    )
)]
pub(super) async fn reset(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Scope>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Scope { only } = read(body, r#"{} or {"only":["topics","groups"]}"#)?;
    shared.reset(only.as_deref())?.wait().await;
    Ok(StatusCode::NO_CONTENT)
}
