//! ACLs and filters as requests have them.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::{
    Acl, AclFilter, Operation, PatternSought, PatternType, Permission, ResourceType, Sought,
};
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_acls_request::AclCreation;
use crate::wire::messages::delete_acls_request::DeleteAclsFilter;
use crate::wire::messages::{DescribeAclsRequest, StrBytes};

/// What stands for "unknown" in each of Kafka's enumerations.
const UNKNOWN: i8 = 0;
/// What stands for "any", which no ACL has.
const ANY: i8 = 1;
/// What stands for "match" among pattern types.
const MATCH: i8 = 2;

/// Whether one of an entry's or a filter's numbers stands for "unknown".
pub(super) fn is_unknown(numbers: &[i8]) -> bool {
    numbers.contains(&UNKNOWN)
}

/// Whether an ACL is none that Kafka can speak of: one of its numbers stands for several.
pub(super) const fn is_no_binding(asked: &AclCreation) -> bool {
    asked.resource_type == ANY
        || asked.resource_pattern_type == ANY
        || asked.resource_pattern_type == MATCH
        || asked.operation == ANY
        || asked.permission_type == ANY
}

/// The ACL that is asked for.
///
/// # Errors
/// One of its numbers means nothing.
pub(super) fn acl_of(asked: &AclCreation) -> Result<Acl, ApiError> {
    let invalid = |what| {
        let why = format!("Invalid {what} UNKNOWN");
        ApiError::new(ErrorCode::InvalidRequest, why)
    };
    let resource_type = ResourceType::from_number(asked.resource_type);
    let pattern = PatternType::from_number(asked.resource_pattern_type);
    let operation = Operation::from_number(asked.operation);
    let permission = Permission::from_number(asked.permission_type);
    let resource_type = resource_type.ok_or_else(|| invalid("resourceType"))?;
    let pattern = pattern.ok_or_else(|| invalid("patternType"))?;
    let operation = operation.ok_or_else(|| invalid("operation"))?;
    let permission = permission.ok_or_else(|| invalid("permissionType"))?;
    let acl = Acl::allow(
        &asked.principal,
        operation,
        resource_type,
        &asked.resource_name,
    );
    Ok(Acl {
        permission,
        pattern,
        ..acl.from_host(&asked.host)
    })
}

/// The filter of DescribeAcls.
pub(super) fn described_filter(asked: &DescribeAclsRequest) -> AclFilter {
    AclFilter {
        resource_type: Sought::of(asked.resource_type_filter, ResourceType::from_number),
        resource: own(asked.resource_name_filter.as_ref()),
        pattern: PatternSought::of(asked.pattern_type_filter),
        principal: own(asked.principal_filter.as_ref()),
        host: own(asked.host_filter.as_ref()),
        operation: Sought::of(asked.operation, Operation::from_number),
        permission: Sought::of(asked.permission_type, Permission::from_number),
    }
}

/// A filter of DeleteAcls.
pub(super) fn deleting_filter(asked: &DeleteAclsFilter) -> AclFilter {
    AclFilter {
        resource_type: Sought::of(asked.resource_type_filter, ResourceType::from_number),
        resource: own(asked.resource_name_filter.as_ref()),
        pattern: PatternSought::of(asked.pattern_type_filter),
        principal: own(asked.principal_filter.as_ref()),
        host: own(asked.host_filter.as_ref()),
        operation: Sought::of(asked.operation, Operation::from_number),
        permission: Sought::of(asked.permission_type, Permission::from_number),
    }
}

fn own(text: Option<&StrBytes>) -> Option<String> {
    text.map(ToString::to_string)
}
