//! CreateAcls (key 30), v1–v3.
//!
//! Oracle: takes ALTER on the cluster. Without an authorizer each binding is refused, whatever it names. One that leaves
//! something unknown (0) makes the whole no request: the connection is closed. One that stands for several is an
//! exception, of the whole request; numbers that mean nothing are refused one by one, and so is a resource without a name.
//! An ACL that is there already is no error.

use super::acl_messages::{acl_of, is_no_binding, is_unknown};
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::{Acl, CLUSTER, Operation, ResourceType, change};
use crate::engine::context::{Answer, Context};
use crate::engine::features::METADATA_VERSION;
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_acls_request::AclCreation;
use crate::wire::messages::create_acls_response::AclCreationResult;
use crate::wire::messages::{CreateAclsRequest, CreateAclsResponse};

/// What changes of ACLs are told where nobody authorizes.
pub(super) const NO_AUTHORIZER: &str = "No Authorizer is configured.";

/// `metadata.version` 4.4-IV1, since which hosts may be ranges.
const RANGES_SINCE: i16 = 32;

/// The most that one request adds.
const ADDED_MAX: usize = 10_000;

/// Answers at once; what is added holds at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: CreateAclsRequest,
) -> Answer<CreateAclsResponse> {
    let unknown = request.creations.iter().any(|acl| {
        is_unknown(&[
            acl.resource_type,
            acl.resource_pattern_type,
            acl.operation,
            acl.permission_type,
        ])
    });
    if unknown {
        return Answer::Close("CreateAcls with UNKNOWN elements".to_owned());
    }
    let results = match create(cx, &request.creations) {
        Ok(results) => results.into_iter().map(row).collect(),
        Err(error) => vec![row(Err(error)); request.creations.len()],
    };
    Answer::Reply(CreateAclsResponse::default().with_results(results))
}

fn create(
    cx: &mut Context<'_>,
    asked: &[AclCreation],
) -> Result<Vec<Result<(), ApiError>>, ApiError> {
    cx.access().cluster_or_ends(Operation::Alter)?;
    let disabled = || ApiError::new(ErrorCode::SecurityDisabled, NO_AUTHORIZER);
    let acls = cx.state.authorizer.acls().ok_or_else(disabled)?;
    if asked.iter().any(is_no_binding) {
        return Err(ErrorCode::UnknownServerError.into());
    }
    let knows_ranges = cx.state.features.level(METADATA_VERSION) >= RANGES_SINCE;
    let checked: Vec<_> = asked.iter().map(|acl| checked(acl, knows_ranges)).collect();
    let new = checked.iter().flatten().filter(|acl| !acls.has(acl));
    if new.count() > ADDED_MAX {
        return Err(ErrorCode::UnknownServerError.into());
    }
    let mut results = Vec::with_capacity(checked.len());
    for acl in checked {
        results.push(acl.map(|acl| cx.state.add_acl(acl)));
    }
    Ok(results)
}

/// What the broker says of an ACL, and then the controller.
fn checked(asked: &AclCreation, knows_ranges: bool) -> Result<Acl, ApiError> {
    let is_cluster = asked.resource_type == ResourceType::Cluster.number();
    if is_cluster && asked.resource_name.as_str() != CLUSTER {
        let why = format!("The only valid name for the CLUSTER resource is {CLUSTER}");
        return Err(ApiError::invalid_request(why));
    }
    if asked.resource_name.is_empty() {
        return Err(ApiError::invalid_request("Invalid empty resource name"));
    }
    let acl = acl_of(asked)?;
    change::check(&acl, knows_ranges)?;
    Ok(acl)
}

fn row(result: Result<(), ApiError>) -> AclCreationResult {
    let row = AclCreationResult::default();
    match result {
        // Oracle: the message is empty, not null.
        Ok(()) => row,
        Err(error) => row
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}
