//! Where clients are told to reach the nodes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::AdvertisedAddress;
use crate::engine::commands::Command;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// Advertised addresses. Nodes that are not listed keep theirs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Addresses {
    /// One address per node.
    nodes: Vec<NodeAddress>,
}

/// A node's advertised address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeAddress {
    /// The node id.
    id: i32,
    /// The listener's name. Needed if the cluster has several.
    listener: Option<String>,
    /// The host, such as `localhost`.
    host: String,
    /// The port, such as the one a container runtime mapped to the node's listener.
    port: u16,
}

/// Set the advertised addresses of nodes
///
/// Clients are told these addresses from the next response on, by Metadata, FindCoordinator, DescribeCluster and every
/// other API that names nodes. They override `--advertise`, and survive resets and restored snapshots. Use this
/// when you know the mapped ports of a container only after it has started.
#[utoipa::path(
    put,
    path = "/v1/advertise",
    tag = "cluster",
    operation_id = "set_advertised_addresses",
    request_body = Addresses,
    responses(
        (status = NO_CONTENT, description = "Clients are told the new addresses"),
        (status = NOT_FOUND, body = Refused, description = "A node or listener does not exist. No address has changed"),
        (status = CONFLICT, body = Refused, description = "A host or port is invalid, or a listener is not named. No address has changed"),
    )
)]
pub(super) async fn set(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Addresses>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let expected = r#"{"nodes":[{"id":1,"host":"localhost","port":32768}]}"#;
    let Addresses { nodes } = read(body, expected)?;
    let nodes = nodes.into_iter().map(|address| AdvertisedAddress {
        node: NodeId(address.id),
        listener: address.listener,
        host: address.host,
        port: address.port,
    });
    let nodes = nodes.collect();
    shared.carry_out(Command::Advertise { nodes })?;
    Ok(StatusCode::NO_CONTENT)
}
