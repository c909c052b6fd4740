//! DescribeAcls (key 29), v1–v3.
//!
//! Oracle: takes DESCRIBE on the cluster. A broker without an authorizer says so, whatever is asked. A filter that leaves
//! something unknown (0) is no request: the connection is closed; numbers that mean nothing find nothing. Patterns and
//! their entries come in no order that a client could know.

use super::acl_messages::{described_filter, is_unknown};
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::{Acl, AclFilter, Operation, PatternType, ResourceType};
use crate::engine::context::{Answer, ReadContext};
use crate::engine::repeats::grouped;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_acls_response::{AclDescription, DescribeAclsResource};
use crate::wire::messages::{DescribeAclsRequest, DescribeAclsResponse, str_bytes};

/// What is said where nobody authorizes.
const NO_AUTHORIZER: &str = "No Authorizer is configured on the broker";

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeAclsRequest,
) -> Answer<DescribeAclsResponse> {
    if is_unknown(&[
        request.resource_type_filter,
        request.pattern_type_filter,
        request.operation,
        request.permission_type,
    ]) {
        return Answer::Close("DescribeAcls with UNKNOWN elements".to_owned());
    }
    let response = DescribeAclsResponse::default();
    Answer::Reply(match describe(cx, &described_filter(&request)) {
        // Oracle: the message is empty, not null.
        Ok(resources) => response.with_resources(resources),
        Err(error) => response
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    })
}

fn describe(
    cx: ReadContext<'_>,
    filter: &AclFilter,
) -> Result<Vec<DescribeAclsResource>, ApiError> {
    cx.access().cluster_or_ends(Operation::Describe)?;
    let disabled = || ApiError::new(ErrorCode::SecurityDisabled, NO_AUTHORIZER);
    let acls = cx.state.authorizer.acls().ok_or_else(disabled)?;
    let found = acls.matching(filter).map(|acl| {
        let pattern = (acl.resource_type, acl.pattern, acl.resource.as_str());
        (pattern, description(acl))
    });
    Ok(grouped(found).into_iter().map(resource).collect())
}

type Pattern<'a> = (ResourceType, PatternType, &'a str);

fn resource((pattern, acls): (Pattern<'_>, Vec<AclDescription>)) -> DescribeAclsResource {
    let (resource_type, pattern, name) = pattern;
    DescribeAclsResource::default()
        .with_resource_type(resource_type.number())
        .with_pattern_type(pattern.number())
        .with_resource_name(str_bytes(name.to_owned()))
        .with_acls(acls)
}

fn description(acl: &Acl) -> AclDescription {
    AclDescription::default()
        .with_principal(str_bytes(acl.principal.clone()))
        .with_host(str_bytes(acl.host.clone()))
        .with_operation(acl.operation.number())
        .with_permission_type(acl.permission.number())
}
