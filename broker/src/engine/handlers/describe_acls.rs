//! DescribeAcls (key 29), v1–v3.
//!
//! Oracle: a broker without an authorizer says so, whatever is asked. A filter that leaves something
//! unknown (0) is no request: the connection is closed.

use super::create_acls::is_unknown;
use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{DescribeAclsRequest, DescribeAclsResponse, StrBytes};

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    _: ReadContext<'_>,
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
    let message = StrBytes::from_static_str("No Authorizer is configured on the broker");
    let response = DescribeAclsResponse::default()
        .with_error_code(ErrorCode::SecurityDisabled.code())
        .with_error_message(Some(message));
    Answer::Reply(response)
}
