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

/// Lets nothing pass to or from a node, as if its process stood still. Nobody takes its place.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/pause",
    tag = "nodes",
    params(("id" = i32, Path, description = "The node's id")),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such node"),
    )
)]
pub(super) async fn pause(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<StatusCode, Refusal> {
    shared.pause_node(NodeId(id), true).map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a paused node go on with what it was sent.
#[utoipa::path(
    post,
    path = "/v1/nodes/{id}/resume",
    tag = "nodes",
    params(("id" = i32, Path, description = "The node's id")),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such node"),
    )
)]
pub(super) async fn resume(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<i32>,
) -> Result<StatusCode, Refusal> {
    shared.pause_node(NodeId(id), false).map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a new node is like.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNode {
    rack: Option<String>,
}

/// A node that has been added.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Added {
    id: i32,
    /// Where clients reach it.
    address: String,
}

/// Adds a node on a free port; it holds no replicas yet.
#[utoipa::path(
    post,
    path = "/v1/nodes",
    tag = "nodes",
    request_body = NewNode,
    responses(
        (status = CREATED, body = Added),
        (status = CONFLICT, body = Refused, description = "There is no free port"),
    )
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NewNode>, JsonRejection>,
) -> Result<(StatusCode, Json<Added>), Refusal> {
    let NewNode { rack } = read(body, r#"{} or {"rack":"a"}"#)?;
    let (id, address) = shared.add_node(rack).map_err(refusal)?;
    Ok((StatusCode::CREATED, Json(Added { id: id.0, address })))
}

/// Removes a node for good; answers when its sockets are closed.
#[utoipa::path(
    delete,
    path = "/v1/nodes/{id}",
    tag = "nodes",
    params(("id" = i32, Path, description = "The node's id")),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such node"),
        (status = CONFLICT, body = Refused, description = "It is the last one"),
    )
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

/// Stops and starts one node after the other; answers when the last one is back.
#[utoipa::path(
    post,
    path = "/v1/nodes/rolling-restart",
    tag = "nodes",
    responses(
        (status = NO_CONTENT),
        (status = CONFLICT, body = Refused, description = "A port was taken meanwhile"),
    )
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
