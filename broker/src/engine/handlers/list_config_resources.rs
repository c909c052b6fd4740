//! ListConfigResources (key 74), v0–v1 (KIP-1142).
//!
//! Oracle: v0 lists client metrics subscriptions only; v1 takes kinds, none of them meaning all, and
//! answers UNSUPPORTED_VERSION to a kind that it does not know. Groups and subscriptions are listed
//! only while they have settings, topics and brokers always.

use crate::engine::authorizer::Operation;
use crate::engine::cluster::configs::{ResourceKind, View};
use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_config_resources_response::ConfigResource;
use crate::wire::messages::{ListConfigResourcesRequest, ListConfigResourcesResponse, str_bytes};

const ALL: [ResourceKind; 5] = [
    ResourceKind::Topic,
    ResourceKind::Broker,
    ResourceKind::BrokerLogger,
    ResourceKind::ClientMetrics,
    ResourceKind::Group,
];

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: ListConfigResourcesRequest,
) -> Answer<ListConfigResourcesResponse> {
    if let Err(code) = cx.access().cluster(Operation::DescribeConfigs) {
        let response = ListConfigResourcesResponse::default();
        return Answer::Reply(response.with_error_code(code.code()));
    }
    let asked = request
        .resource_types
        .iter()
        .map(|kind| ResourceKind::from_wire(*kind));
    let Some(asked) = asked.collect::<Option<Vec<_>>>() else {
        let code = ErrorCode::UnsupportedVersion.code();
        return Answer::Reply(ListConfigResourcesResponse::default().with_error_code(code));
    };
    let kinds = match asked.as_slice() {
        _ if cx.call.version == 0 => &[ResourceKind::ClientMetrics],
        [] => &ALL[..],
        asked => asked,
    };
    let view = View {
        configs: &cx.state.configs,
        topics: &cx.state.cluster,
        node: cx.call.node,
    };
    let resource = |(kind, name): (ResourceKind, String)| {
        ConfigResource::default()
            .with_resource_name(str_bytes(name))
            .with_resource_type(kind as i8)
    };
    let listed = view.list(kinds, &cx.state.cluster.node_ids());
    let resources = listed.into_iter().map(resource).collect();
    Answer::Reply(ListConfigResourcesResponse::default().with_config_resources(resources))
}
