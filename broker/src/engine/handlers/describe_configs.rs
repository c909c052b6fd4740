//! DescribeConfigs (key 32), v1–v4.
//!
//! Oracle: settings come in the order of Java's hash tables; one unknown resource type spoils the
//! whole request; a success carries an empty message, not a null one. A broker describes itself and,
//! under the empty name, what was set on all brokers while running.
//! A resource takes DESCRIBE_CONFIGS, or comes after all others.
//! v3 adds types and documentation (KIP-569).

use crate::engine::authorizer::{Access, Operation};
use crate::engine::cluster::configs::{Described, ResourceKind, Synonym, View};
use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_configs_request::DescribeConfigsResource;
use crate::wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use crate::wire::messages::{DescribeConfigsRequest, DescribeConfigsResponse, StrBytes, str_bytes};

/// Kafka's general words for INVALID_REQUEST.
const MALFORMED: &str = "This most likely occurs because of a request being malformed by the \
                         client library or the message was sent to an incompatible broker. See the \
                         broker logs for more details.";

/// Which parts of a description a request wants.
#[derive(Clone, Copy)]
struct Wanted {
    synonyms: bool,
    documentation: bool,
}

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeConfigsRequest,
) -> Answer<DescribeConfigsResponse> {
    let wanted = Wanted {
        synonyms: request.include_synonyms,
        documentation: request.include_documentation,
    };
    let view = View {
        configs: &cx.state.configs,
        topics: &cx.state.cluster,
        node: cx.call.node,
    };
    let kind = |asked: &DescribeConfigsResource| ResourceKind::from_wire(asked.resource_type);
    let all_known = request.resources.iter().all(|asked| kind(asked).is_some());
    let describe = |asked: DescribeConfigsResource| {
        let Some(kind) = kind(&asked).filter(|_| all_known) else {
            return refused(&asked, ErrorCode::InvalidRequest.code(), MALFORMED);
        };
        let keys = asked.configuration_keys.as_deref().unwrap_or_default();
        let keys: Vec<&str> = keys.iter().map(StrBytes::as_str).collect();
        match view.describe(kind, &asked.resource_name, &keys) {
            Ok(settings) => {
                let configs = settings.into_iter().map(|setting| result(setting, wanted));
                refused(&asked, ErrorCode::None.code(), "").with_configs(configs.collect())
            }
            Err(error) => {
                let message = error.message.unwrap_or_default();
                refused(&asked, error.code.code(), &message)
            }
        }
    };
    let may_see = |asked: &DescribeConfigsResource| {
        let kind = kind(asked).filter(|_| all_known);
        kind.is_none_or(|kind| {
            let access = cx.access();
            of_resource(
                access,
                Operation::DescribeConfigs,
                kind,
                &asked.resource_name,
            )
            .is_ok()
        })
    };
    let (seen, denied): (Vec<_>, Vec<_>) = request.resources.into_iter().partition(may_see);
    let mut results: Vec<_> = seen.into_iter().map(describe).collect();
    results.extend(denied.into_iter().map(|asked| {
        let code = kind(&asked).map_or(ErrorCode::InvalidRequest, denial_of);
        refused(&asked, code.code(), code.text().unwrap_or_default())
    }));
    Answer::Reply(DescribeConfigsResponse::default().with_results(results))
}

/// Refuses what a client may not do to a resource: settings of anything but topics and groups are the cluster's.
pub(super) fn of_resource(
    access: Access<'_>,
    operation: Operation,
    kind: ResourceKind,
    name: &str,
) -> Result<(), ErrorCode> {
    match kind {
        ResourceKind::Topic => access.topic(operation, name),
        ResourceKind::Group => access.group(operation, name),
        ResourceKind::Broker | ResourceKind::BrokerLogger | ResourceKind::ClientMetrics => {
            access.cluster(operation)
        }
    }
}

const fn denial_of(kind: ResourceKind) -> ErrorCode {
    match kind {
        ResourceKind::Topic => ErrorCode::TopicAuthorizationFailed,
        ResourceKind::Group => ErrorCode::GroupAuthorizationFailed,
        ResourceKind::Broker | ResourceKind::BrokerLogger | ResourceKind::ClientMetrics => {
            ErrorCode::ClusterAuthorizationFailed
        }
    }
}

/// A result without settings.
fn refused(asked: &DescribeConfigsResource, code: i16, why: &str) -> DescribeConfigsResult {
    DescribeConfigsResult::default()
        .with_error_code(code)
        .with_error_message(Some(str_bytes(why)))
        .with_resource_type(asked.resource_type)
        .with_resource_name(asked.resource_name.clone())
}

fn result(setting: Described, wanted: Wanted) -> DescribeConfigsResourceResult {
    let synonyms = if wanted.synonyms {
        setting.synonyms
    } else {
        Vec::new()
    };
    let documentation = setting.documentation.filter(|_| wanted.documentation);
    DescribeConfigsResourceResult::default()
        .with_name(str_bytes(setting.name))
        .with_value(setting.value.map(str_bytes))
        .with_read_only(setting.read_only)
        .with_config_source(setting.source as i8)
        .with_is_sensitive(setting.sensitive)
        .with_synonyms(synonyms.into_iter().map(synonym).collect())
        .with_config_type(setting.kind)
        .with_documentation(documentation.map(StrBytes::from_static_str))
}

fn synonym(synonym: Synonym) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym::default()
        .with_name(str_bytes(synonym.name))
        .with_value(synonym.value.map(str_bytes))
        .with_source(synonym.source as i8)
}
