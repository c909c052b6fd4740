//! AlterConfigs (key 33), v0–v2.
//!
//! Oracle: replaces all settings of a resource; loggers cannot be changed this way; values are looked
//! at before a topic's existence. A resource named twice is refused as IncrementalAlterConfigs
//! refuses it: Apache Kafka 4.4 does not answer such a request at all.

use super::describe_configs::of_resource;
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::cluster::configs::{self, Editor};
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_configs_request::AlterConfigsResource;
use crate::wire::messages::alter_configs_response::AlterConfigsResourceResponse;
use crate::wire::messages::{AlterConfigsRequest, AlterConfigsResponse, StrBytes};

/// Answers at once; what changes acts at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterConfigsRequest,
) -> Answer<AlterConfigsResponse> {
    let resources = &request.resources;
    let named = resources
        .iter()
        .map(|r| (r.resource_type, r.resource_name.as_str()));
    let twice = configs::named_twice(&named.collect::<Vec<_>>());
    let mut responses = Vec::with_capacity(request.resources.len());
    for (resource, twice) in request.resources.into_iter().zip(twice) {
        let (kind, name) = (resource.resource_type, resource.resource_name.clone());
        let changed = if twice {
            Err(configs::refuse_repeated())
        } else {
            alter(cx, resource, request.validate_only)
        };
        let (code, message) = outcome(changed);
        responses.push(
            AlterConfigsResourceResponse::default()
                .with_error_code(code)
                .with_error_message(message)
                .with_resource_type(kind)
                .with_resource_name(name),
        );
    }
    Answer::Reply(AlterConfigsResponse::default().with_responses(responses))
}

fn alter(
    cx: &mut Context<'_>,
    resource: AlterConfigsResource,
    validate_only: bool,
) -> Result<(), ApiError> {
    let own = |text: StrBytes| text.to_string();
    let given = resource
        .configs
        .into_iter()
        .map(|config| (own(config.name), config.value.map(own)));
    let given = given.collect();
    let (kind, alteration) = configs::replacement(resource.resource_type, given)?;
    may_alter(cx, kind, &resource.resource_name)?;
    cx.state.refuse_altered(kind, &alteration)?;
    editor(cx, validate_only).alter(kind, &resource.resource_name, &alteration)
}

/// A resource takes ALTER_CONFIGS. Oracle: of brokers it is refused without words.
pub(super) fn may_alter(
    cx: &Context<'_>,
    kind: configs::ResourceKind,
    name: &str,
) -> Result<(), ApiError> {
    let allowed = of_resource(cx.access(), Operation::AlterConfigs, kind, name);
    allowed.map_err(|code| match kind {
        configs::ResourceKind::Broker | configs::ResourceKind::BrokerLogger => code.into(),
        configs::ResourceKind::Topic
        | configs::ResourceKind::Group
        | configs::ResourceKind::ClientMetrics => ApiError::with_text(code),
    })
}

/// Changes settings as the node that was asked.
pub(super) fn editor<'a>(
    cx: &'a mut Context<'_>,
    validate_only: bool,
) -> Editor<'a, crate::engine::cluster::Cluster> {
    let node = cx.call.node;
    let state = &mut *cx.state;
    Editor {
        configs: &mut state.configs,
        topics: &mut state.cluster,
        node,
        validate_only,
    }
}

/// The code and message of an answer; neither for a success.
pub(super) fn outcome(changed: Result<(), ApiError>) -> (i16, Option<StrBytes>) {
    match changed {
        Ok(()) => (ErrorCode::None.code(), None),
        Err(error) => (error.code.code(), error.wire_message()),
    }
}
