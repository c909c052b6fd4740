//! The cluster, in short.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::NodeListener;
use crate::server::shared::Shared;

/// A cluster, in brief.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClusterView {
    /// The cluster id.
    id: String,
    /// The id of the node that is the controller.
    controller: i32,
    /// The nodes, by id.
    nodes: Vec<NodeView>,
    /// The number of topics.
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

/// A node, in brief.
#[derive(Debug, Serialize, ToSchema)]
struct NodeView {
    /// The node id.
    id: i32,
    /// Where clients on this host are told to reach it by its first listener.
    address: Option<String>,
    /// Its listeners, the first one first.
    listeners: Vec<ListenerView>,
    /// The node's rack, if it has one.
    rack: Option<String>,
    /// Whether the node is running.
    up: bool,
}

/// A listener of a node.
#[derive(Debug, Serialize, ToSchema)]
struct ListenerView {
    /// The name.
    name: String,
    /// `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`: what clients set as `security.protocol`.
    protocol: &'static str,
    /// Where clients on this host that come by it are told to reach the node.
    address: String,
}

impl From<NodeListener> for ListenerView {
    fn from(listener: NodeListener) -> Self {
        Self {
            name: listener.name,
            protocol: listener.protocol.name(),
            address: listener.address,
        }
    }
}

/// Check that the control port answers
///
/// Says nothing of the cluster: `/v1/health` does. Needs no token.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "cluster",
    operation_id = "get_liveness",
    responses((status = OK, body = str, content_type = "text/plain", description = "`ok`")),
)]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the cluster is ready for clients.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Every running node accepts connections, and everything the cluster starts with is there.
    ready: bool,
    /// The nodes, by id.
    nodes: Vec<NodeHealth>,
}

/// A node's part in that.
#[derive(Debug, Serialize, ToSchema)]
struct NodeHealth {
    /// The node id.
    id: i32,
    /// Whether the node is running. A node that you stopped does not make the cluster unhealthy.
    up: bool,
    /// Whether the node accepts connections.
    listening: bool,
}

/// Check that the cluster is ready
///
/// Promises what the READY line promises: every running node accepts connections, and the topics, records, offsets, users and
/// fault rules that the cluster starts with are there. Use it as the health check of a container. Needs no token.
#[utoipa::path(
    get,
    path = "/v1/health",
    tag = "cluster",
    operation_id = "get_health",
    responses(
        (status = OK, body = Health, description = "The cluster is ready"),
        (
            status = SERVICE_UNAVAILABLE,
            body = Health,
            description = "The cluster is still starting, or a running node does not accept connections",
            example = json!({ "ready": false, "nodes": [{ "id": 1, "up": true, "listening": false }] }),
        ),
    )
)]
pub(super) async fn health(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Health>) {
    let health = Health::of(&shared);
    let status = if health.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health))
}

impl Health {
    fn of(shared: &Shared) -> Self {
        let nodes: Vec<NodeHealth> = shared
            .look(|engine| {
                let nodes = engine.state.cluster.nodes.values();
                nodes.map(|node| (node.id, node.up)).collect::<Vec<_>>()
            })
            .into_iter()
            .map(|(id, up)| NodeHealth {
                id: id.0,
                up,
                listening: shared.listens(id),
            })
            .collect();
        Self::new(shared.has_started(), nodes)
    }

    fn new(has_started: bool, nodes: Vec<NodeHealth>) -> Self {
        let ready = has_started && nodes.iter().all(|node| node.listening || !node.up);
        Self { ready, nodes }
    }
}

/// Show the cluster and its nodes
#[utoipa::path(
    get,
    path = "/v1/cluster",
    tag = "cluster",
    operation_id = "get_cluster",
    responses((status = OK, body = ClusterView, description = "The cluster")),
)]
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
                    listeners: {
                        let listeners = engine.state.listeners_of(node.id).into_iter();
                        listeners.map(ListenerView::from).collect()
                    },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_ready_once_it_has_started_and_running_nodes_listen() {
        #[track_caller]
        fn check(has_started: bool, nodes: &[(bool, bool)], ready: bool) {
            let nodes = (1..).zip(nodes).map(|(id, (up, listening))| NodeHealth {
                id,
                up: *up,
                listening: *listening,
            });
            let health = Health::new(has_started, nodes.collect());
            assert_eq!(health.ready, ready, "{health:?}");
        }
        check(true, &[(true, true), (true, true)], true);
        check(true, &[(true, true), (false, false)], true);
        check(true, &[(true, true), (true, false)], false);
        check(false, &[(true, true), (true, true)], false);
    }
}
