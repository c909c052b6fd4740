//! Stopping and starting nodes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use super::Refusal;
use crate::server::nodes::NodeFault;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// What became of a node.
#[derive(Debug, Serialize)]
pub(super) struct NodeState {
    id: i32,
    up: bool,
}

/// Answers when the node's sockets are closed.
pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<Json<NodeState>, Refusal> {
    shared.stop_node(NodeId(id)).map_err(refusal)?.wait().await;
    Ok(Json(NodeState { id, up: false }))
}

/// Answers when the node accepts connections.
pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<Json<NodeState>, Refusal> {
    shared.start_node(NodeId(id)).map_err(refusal)?;
    Ok(Json(NodeState { id, up: true }))
}

#[expect(clippy::needless_pass_by_value, reason = "maps an error")]
fn refusal(fault: NodeFault) -> Refusal {
    let status = match fault {
        NodeFault::Unknown(_) => StatusCode::NOT_FOUND,
        NodeFault::Listen { .. } => StatusCode::CONFLICT,
    };
    Refusal {
        status,
        error: fault.to_string(),
    }
}
