//! DeleteAcls (key 31), v1–v3.
//!
//! Oracle: without an authorizer each filter is refused, whatever it names; what is no request is the
//! same as of CreateAcls.

use super::create_acls::{NO_AUTHORIZER, is_unknown};
use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_acls_response::DeleteAclsFilterResult;
use crate::wire::messages::{DeleteAclsRequest, DeleteAclsResponse, StrBytes};

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(_: ReadContext<'_>, request: DeleteAclsRequest) -> Answer<DeleteAclsResponse> {
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
    let refused = DeleteAclsFilterResult::default()
        .with_error_code(ErrorCode::SecurityDisabled.code())
        .with_error_message(Some(StrBytes::from_static_str(NO_AUTHORIZER)));
    let results = vec![refused; request.filters.len()];
    Answer::Reply(DeleteAclsResponse::default().with_filter_results(results))
}
