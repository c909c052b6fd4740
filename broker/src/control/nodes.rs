//! Stopping and starting nodes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Refusal, Refused};
use crate::server::nodes::NodeFault;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// What became of a node.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NodeState {
    id: i32,
    up: bool,
}

/// Stops a node; answers when its sockets are closed.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/stop",
    tag = "nodes",
    params(("id" = i32, Path, description = "The node's id")),
    responses(
        (status = OK, body = NodeState),
        (status = NOT_FOUND, body = Refused, description = "There is no such node"),
    )
)]
pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<Json<NodeState>, Refusal> {
    shared.stop_node(NodeId(id)).map_err(refusal)?.wait().await;
    Ok(Json(NodeState { id, up: false }))
}

/// Starts a stopped node; answers when it accepts connections.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/start",
    tag = "nodes",
    params(("id" = i32, Path, description = "The node's id")),
    responses(
        (status = OK, body = NodeState),
        (status = NOT_FOUND, body = Refused, description = "There is no such node"),
        (status = CONFLICT, body = Refused, description = "Its port is taken"),
    )
)]
pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<Json<NodeState>, Refusal> {
    shared.start_node(NodeId(id)).map_err(refusal)?;
    Ok(Json(NodeState { id, up: true }))
}

fn refusal(fault: NodeFault) -> Refusal {
    let status = match fault {
        NodeFault::Unknown(_) => StatusCode::NOT_FOUND,
        NodeFault::Listen { .. } => StatusCode::CONFLICT,
    };
    Refusal::new(status, fault)
}
