//! Adding and removing ACLs, as Kafka's controller does (`AclControlManager`), whoever asks for it.

use super::acl::{Acl, WILDCARD};
use super::acls::Acls;
use super::filter::AclFilter;
use super::hosts::{Range, is_range};
use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;

/// The most ACLs that one request removes.
const REMOVED_MAX: usize = 10_000;

/// Checks an ACL that is to be added.
///
/// # Errors
/// What Kafka says to one that cannot be.
pub(crate) fn check(acl: &Acl, knows_ranges: bool) -> Result<(), ApiError> {
    let invalid = |why: String| ApiError::new(ErrorCode::InvalidRequest, why);
    if acl.resource.is_empty() {
        return Err(invalid("Resource name should not be empty".to_owned()));
    }
    if acl.principal_parts().is_none() {
        let principal = &acl.principal;
        return Err(invalid(format!(
            "Could not parse principal from `{principal}` (no colon is present separating the principal type from the \
             principal name)"
        )));
    }
    let host = acl.host.as_str();
    if host.is_empty() {
        return Err(invalid("Host pattern cannot be null or empty".to_owned()));
    }
    if host == WILDCARD || !is_range(host) {
        return Ok(());
    }
    if !knows_ranges {
        let why = "CIDR-based ACL host patterns require metadata version 4.4-IV1 or higher.";
        return Err(ApiError::new(ErrorCode::UnsupportedVersion, why));
    }
    let range = Range::parse(host).map(|_| ());
    range.map_err(|why| invalid(format!("Invalid CIDR notation '{host}': {why}")))
}

/// Checks a filter by which ACLs are to be removed.
///
/// # Errors
/// What Kafka says to one that means nothing.
pub(crate) fn check_filter(filter: &AclFilter) -> Result<(), ApiError> {
    let unknown = |part| {
        let why = format!("Unknown {part}.");
        Err(ApiError::new(ErrorCode::InvalidRequest, why))
    };
    if filter.has_unknown_pattern() {
        return unknown("patternFilter");
    }
    if filter.has_unknown_entry() {
        return unknown("entryFilter");
    }
    Ok(())
}

/// What filters remove of ACLs, each ACL for every filter that means it.
///
/// # Errors
/// They would remove too many.
pub(crate) fn to_remove(acls: &Acls, filters: &[AclFilter]) -> Result<Vec<Vec<Acl>>, ApiError> {
    let mut all = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for filter in filters {
        let mut meant = Vec::new();
        if check_filter(filter).is_ok() {
            for acl in acls.matching(filter) {
                if all.len() >= REMOVED_MAX {
                    let why = "Cannot remove more than 10000 acls in a single delete operation.";
                    return Err(ApiError::new(ErrorCode::InvalidRequest, why));
                }
                all.insert(acl);
                meant.push(Acl::clone(acl));
            }
        }
        found.push(meant);
    }
    Ok(found)
}
