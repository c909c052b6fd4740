//! DeleteAcls (key 31), v1–v3.
//!
//! Oracle: takes ALTER on the cluster. Without an authorizer each filter is refused, whatever it names; what is no request
//! is the same as of CreateAcls. A filter whose numbers mean nothing is refused for itself. An ACL that several filters
//! mean is answered with each.

use super::acl_messages::{deleting_filter, is_unknown};
use super::create_acls::NO_AUTHORIZER;
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::{Acl, AclFilter, Operation, change};
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_acls_response::{DeleteAclsFilterResult, DeleteAclsMatchingAcl};
use crate::wire::messages::{DeleteAclsRequest, DeleteAclsResponse, str_bytes};

/// Answers at once; what is removed holds no more.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteAclsRequest,
) -> Answer<DeleteAclsResponse> {
    let unknown = request.filters.iter().any(|filter| {
        is_unknown(&[
            filter.resource_type_filter,
            filter.pattern_type_filter,
            filter.operation,
            filter.permission_type,
        ])
    });
    if unknown {
        return Answer::Close("DeleteAcls with UNKNOWN elements".to_owned());
    }
    let filters: Vec<_> = request.filters.iter().map(deleting_filter).collect();
    let results = match delete(cx, &filters) {
        Ok(results) => results.into_iter().map(row).collect(),
        Err(error) => vec![row(Err(error)); filters.len()],
    };
    Answer::Reply(DeleteAclsResponse::default().with_filter_results(results))
}

/// What each filter has removed.
type Removed = Vec<Result<Vec<Acl>, ApiError>>;

fn delete(cx: &mut Context<'_>, filters: &[AclFilter]) -> Result<Removed, ApiError> {
    cx.access().cluster_or_ends(Operation::Alter)?;
    let disabled = || ApiError::new(ErrorCode::SecurityDisabled, NO_AUTHORIZER);
    let acls = cx.state.authorizer.acls().ok_or_else(disabled)?;
    let meant = change::to_remove(acls, filters)?;
    for acl in meant.iter().flatten() {
        cx.state.remove_acl(acl);
    }
    let checked = filters.iter().map(change::check_filter);
    let results = checked.zip(meant);
    Ok(results
        .map(|(checked, meant)| checked.map(|()| meant))
        .collect())
}

fn row(result: Result<Vec<Acl>, ApiError>) -> DeleteAclsFilterResult {
    let row = DeleteAclsFilterResult::default();
    match result {
        Ok(removed) => {
            let removed = removed.iter().map(matching);
            row.with_error_message(None)
                .with_matching_acls(removed.collect())
        }
        Err(error) => row
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}

fn matching(acl: &Acl) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl::default()
        .with_error_message(None)
        .with_resource_type(acl.resource_type.number())
        .with_resource_name(str_bytes(acl.resource.clone()))
        .with_pattern_type(acl.pattern.number())
        .with_principal(str_bytes(acl.principal.clone()))
        .with_host(str_bytes(acl.host.clone()))
        .with_operation(acl.operation.number())
        .with_permission_type(acl.permission.number())
}
