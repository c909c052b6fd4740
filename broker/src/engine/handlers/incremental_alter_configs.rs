//! IncrementalAlterConfigs (key 44), v0–v1 (KIP-339).
//!
//! Oracle: sets, deletes, and appends to or subtracts from lists; every resource is answered for
//! itself, in the order of the request; one that is named twice is refused both times.

use super::alter_configs::{editor, may_alter, outcome};
use crate::engine::api_error::ApiError;
use crate::engine::cluster::configs::{self, Change, is_of_keys};
use crate::engine::context::{Answer, Context};
use crate::wire::messages::incremental_alter_configs_request::AlterConfigsResource;
use crate::wire::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use crate::wire::messages::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

/// Answers at once; what changes acts at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: IncrementalAlterConfigsRequest,
) -> Answer<IncrementalAlterConfigsResponse> {
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
            change(cx, resource, request.validate_only)
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
    Answer::Reply(IncrementalAlterConfigsResponse::default().with_responses(responses))
}

fn change(
    cx: &mut Context<'_>,
    resource: AlterConfigsResource,
    validate_only: bool,
) -> Result<(), ApiError> {
    let changes = resource.configs.into_iter().map(|config| Change {
        name: config.name.to_string(),
        operation: config.config_operation,
        value: config.value.map(|value| value.to_string()),
    });
    let changes: Vec<_> = changes.collect();
    let is_of_keys = changes.iter().any(|change| is_of_keys(&change.name));
    let (kind, alteration) = configs::changes(resource.resource_type, changes)?;
    may_alter(cx, kind, &resource.resource_name)?;
    cx.state.refuse_altered(kind, &alteration)?;
    if is_of_keys && let Some(why) = cx.state.take_refused_keys(cx.call.connection) {
        // Whatever else is wrong comes first.
        editor(cx, true).alter(kind, &resource.resource_name, &alteration)?;
        return Err(ApiError::invalid_request(format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: Validation of dynamic config update of \
             SSLFactory failed: {why} for configuration Invalid dynamic configuration"
        )));
    }
    editor(cx, validate_only).alter(kind, &resource.resource_name, &alteration)
}
