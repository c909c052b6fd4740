//! DescribeCluster (key 60), v0–v2 (KIP-700, KIP-919).
//!
//! Oracle: a broker listener answers for endpoint type 1 alone: type 2, controllers, is
//! MISMATCHED_ENDPOINT_TYPE, any other UNSUPPORTED_ENDPOINT_TYPE. No broker is ever fenced here.

use super::metadata::cluster_operations;
use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_cluster_response::DescribeClusterBroker;
use crate::wire::messages::{DescribeClusterRequest, DescribeClusterResponse, StrBytes, str_bytes};
use crate::wire::units::NodeId;

/// Endpoint type of brokers.
const BROKERS: i8 = 1;

/// Endpoint type of controllers.
const CONTROLLERS: i8 = 2;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeClusterRequest,
) -> Answer<DescribeClusterResponse> {
    let response = DescribeClusterResponse::default();
    Answer::Reply(match request.endpoint_type {
        BROKERS => described(cx, &request),
        CONTROLLERS => response
            .with_error_code(ErrorCode::MismatchedEndpointType.code())
            .with_error_message(Some(StrBytes::from_static_str(
                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of \
                 type CONTROLLER",
            ))),
        other => response
            .with_error_code(ErrorCode::UnsupportedEndpointType.code())
            .with_error_message(Some(str_bytes(format!(
                "Unsupported endpoint type {other}"
            )))),
    })
}

fn described(cx: ReadContext<'_>, request: &DescribeClusterRequest) -> DescribeClusterResponse {
    let cluster = &cx.state.cluster;
    let nodes = cluster.node_ids().into_iter();
    let wanted = |node: &NodeId| request.include_fenced_brokers || cluster.is_up(*node);
    let brokers = nodes.filter(wanted).filter_map(|node| broker(cx, node));
    let response = DescribeClusterResponse::default()
        .with_cluster_id(str_bytes(cluster.id.clone()))
        .with_controller_id(cluster.controller().0.into())
        .with_brokers(brokers.collect());
    if request.include_cluster_authorized_operations {
        response.with_cluster_authorized_operations(cluster_operations(cx.access()))
    } else {
        response
    }
}

fn broker(cx: ReadContext<'_>, node: NodeId) -> Option<DescribeClusterBroker> {
    let endpoint = cx.registered_endpoint(node)?;
    let broker = DescribeClusterBroker::default()
        .with_broker_id(node.0.into())
        .with_host(str_bytes(endpoint.host))
        .with_port(endpoint.port)
        .with_rack(endpoint.rack.map(str_bytes))
        .with_is_fenced(!cx.state.cluster.is_up(node));
    Some(broker)
}
