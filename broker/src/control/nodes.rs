//! Stopping and starting nodes.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refusal::read;
use super::{Refusal, Refused};
use crate::server::shared::Shared;
use crate::server::sockets::NodeFault;
use crate::wire::units::NodeId;

/// A node's state.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NodeState {
    /// The node id.
    id: i32,
    /// Whether the node is running.
    up: bool,
}

/// Stop a node
///
/// Answers once its sockets are closed.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/stop",
    tag = "nodes",
    operation_id = "stop_node",
    params(("id" = i32, Path, description = "The node id")),
    responses(
        (status = OK, body = NodeState, description = "The stopped node"),
        (status = NOT_FOUND, body = Refused, description = "The node does not exist"),
    ),
)]
pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<Json<NodeState>, Refusal> {
    shared.stop_node(NodeId(id)).map_err(refusal)?.wait().await;
    Ok(Json(NodeState { id, up: false }))
}

/// Start a stopped node
///
/// Answers once it accepts connections.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/start",
    tag = "nodes",
    operation_id = "start_node",
    params(("id" = i32, Path, description = "The node id")),
    responses(
        (status = OK, body = NodeState, description = "The running node"),
        (status = NOT_FOUND, body = Refused, description = "The node does not exist"),
        (status = CONFLICT, body = Refused, description = "Another process has taken the node's port"),
    ),
)]
pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<Json<NodeState>, Refusal> {
    shared.start_node(NodeId(id)).map_err(refusal)?;
    Ok(Json(NodeState { id, up: true }))
}

/// Pause a node: nothing passes to or from it, as if its process were suspended
///
/// The other nodes do not take over from it.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/pause",
    tag = "nodes",
    operation_id = "pause_node",
    params(("id" = i32, Path, description = "The node id")),
    responses(
        (status = NO_CONTENT, description = "The node is paused"),
        (status = NOT_FOUND, body = Refused, description = "The node does not exist"),
    ),
)]
pub(super) async fn pause(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<StatusCode, Refusal> {
    shared.pause_node(NodeId(id), true).map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Resume a paused node
///
/// It handles what it was sent in the meantime.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/resume",
    tag = "nodes",
    operation_id = "resume_node",
    params(("id" = i32, Path, description = "The node id")),
    responses(
        (status = NO_CONTENT, description = "The node is running"),
        (status = NOT_FOUND, body = Refused, description = "The node does not exist"),
    ),
)]
pub(super) async fn resume(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<StatusCode, Refusal> {
    shared.pause_node(NodeId(id), false).map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A node to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNode {
    /// The node's rack, if it is to have one.
    rack: Option<String>,
}

/// A node that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Added {
    /// The node id.
    id: i32,
    /// The address that clients connect to.
    address: String,
}

/// Add a node on a free port
///
/// It has no replicas until you create topics or reassign partitions.
#[utoipa::path(
    post,
    path = "/v1/nodes",
    tag = "nodes",
    operation_id = "add_node",
    request_body = NewNode,
    responses(
        (status = CREATED, body = Added, description = "The new node"),
        (status = CONFLICT, body = Refused, description = "There is no free port"),
    ),
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NewNode>, JsonRejection>,
) -> Result<(StatusCode, Json<Added>), Refusal> {
    let NewNode { rack } = read(body, r#"{} or {"rack":"a"}"#)?;
    let (id, address) = shared.add_node(rack).map_err(refusal)?;
    Ok((StatusCode::CREATED, Json(Added { id: id.0, address })))
}

/// Remove a node for good
///
/// Answers once its sockets are closed.
#[utoipa::path(
    delete,
    path = "/v1/nodes/{id}",
    tag = "nodes",
    operation_id = "remove_node",
    params(("id" = i32, Path, description = "The node id")),
    responses(
        (status = NO_CONTENT, description = "The node is removed"),
        (status = NOT_FOUND, body = Refused, description = "The node does not exist"),
        (status = CONFLICT, body = Refused, description = "The node is the last one"),
    ),
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<StatusCode, Refusal> {
    shared
        .remove_node(NodeId(id))
        .map_err(refusal)?
        .wait()
        .await;
    Ok(StatusCode::NO_CONTENT)
}

/// Restart the nodes one after the other
///
/// Answers once the last one is back.
#[utoipa::path(
    post,
    path = "/v1/nodes/rolling-restart",
    tag = "nodes",
    operation_id = "restart_nodes",
    responses(
        (status = NO_CONTENT, description = "All nodes have restarted"),
        (status = CONFLICT, body = Refused, description = "Another process has taken a node's port"),
    ),
)]
pub(super) async fn restart_all(State(shared): State<Arc<Shared>>) -> Result<StatusCode, Refusal> {
    shared.restart_nodes().await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

fn refusal(fault: NodeFault) -> Refusal {
    let status = match fault {
        NodeFault::Unknown(_) => StatusCode::NOT_FOUND,
        NodeFault::Listen { .. } | NodeFault::NewListener(_) | NodeFault::Last(_) => {
            StatusCode::CONFLICT
        }
    };
    Refusal::new(status, fault)
}
