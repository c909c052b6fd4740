//! The cluster, in short.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::shared::Shared;

/// A cluster, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClusterView {
    /// Its id, as clients are told.
    id: String,
    /// The node that they are told is the controller.
    controller: i32,
    nodes: Vec<NodeView>,
    /// How many there are.
    topics: usize,
    /// Fauxka's own version.
    version: &'static str,
    /// `real` or `manual`.
    clock: &'static str,
    /// What decides every random choice.
    seed: u64,
    /// How many bytes of records all logs hold.
    log_bytes: u64,
    /// How many they may hold.
    log_bytes_max: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct NodeView {
    id: i32,
    /// Where clients on this host are told to reach it.
    address: Option<String>,
    rack: Option<String>,
    /// In service.
    up: bool,
}

/// Answers as soon as the control port does.
#[utoipa::path(get, path = "/healthz", tag = "cluster", responses((status = OK, body = str, content_type = "text/plain")))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The cluster and its nodes.
#[utoipa::path(get, path = "/v1/cluster", tag = "cluster", responses((status = OK, body = ClusterView)))]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Json<ClusterView> {
    let clock = if shared.clock.is_manual() {
        "manual"
    } else {
        "real"
    };
    Json(shared.look(|engine| {
        let cluster = &engine.state.cluster;
        ClusterView {
            id: cluster.id.clone(),
            controller: cluster.controller().0,
            nodes: cluster
                .nodes
                .values()
                .map(|node| NodeView {
                    id: node.id.0,
                    address: engine.state.address(node.id),
                    rack: node.rack.clone(),
                    up: node.up,
                })
                .collect(),
            topics: cluster.topics().count(),
            version: env!("CARGO_PKG_VERSION"),
            clock,
            seed: engine.state.seed(),
            log_bytes: engine.state.log_bytes(),
            log_bytes_max: engine.state.log_bytes_max(),
        }
    }))
}
