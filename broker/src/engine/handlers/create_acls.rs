//! CreateAcls (key 30), v1–v3.
//!
//! Oracle: without an authorizer each binding is refused, whatever it names. One that leaves something
//! unknown (0) makes the whole no request: the connection is closed. Numbers that mean nothing pass.

use crate::engine::context::{Answer, ReadContext};
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_acls_response::AclCreationResult;
use crate::wire::messages::{CreateAclsRequest, CreateAclsResponse, StrBytes};

/// What changes of ACLs are told.
pub(super) const NO_AUTHORIZER: &str = "No Authorizer is configured.";

/// What stands for "unknown" in each of Kafka's enumerations.
const UNKNOWN: i8 = 0;

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(_: ReadContext<'_>, request: CreateAclsRequest) -> Answer<CreateAclsResponse> {
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
    let refused = AclCreationResult::default()
        .with_error_code(ErrorCode::SecurityDisabled.code())
        .with_error_message(Some(StrBytes::from_static_str(NO_AUTHORIZER)));
    let results = vec![refused; request.creations.len()];
    Answer::Reply(CreateAclsResponse::default().with_results(results))
}

/// Whether one of an entry's or a filter's numbers stands for "unknown".
pub(super) fn is_unknown(numbers: &[i8]) -> bool {
    numbers.contains(&UNKNOWN)
}
