//! What the group coordinator says where there is no such group or member, as all kinds but the classic one say it.

use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;

/// A group does not know the member.
pub(super) fn not_a_member(group: &str, member: &str) -> ApiError {
    let message = format!("Member {member} is not a member of group {group}.");
    ApiError::new(ErrorCode::UnknownMemberId, message)
}

/// The group is of another kind than this one, such as `consumer`.
pub(super) fn other_kind(id: &str, kind: &str) -> ApiError {
    not_found(format!("Group {id} is not a {kind} group."))
}

/// There is no group of that name.
pub(super) fn no_group(id: &str) -> ApiError {
    not_found(format!("Group {id} not found."))
}

/// The same, said to a member that goes on with its heartbeats; the kind begins with a capital letter.
pub(super) fn no_group_of_kind(id: &str, kind: &str) -> ApiError {
    not_found(format!("{kind} group {id} not found."))
}

/// The group has as many members as it may have.
pub(super) fn full(kind: &str, members_max: usize) -> ApiError {
    let message =
        format!("The {kind} group has reached its maximum capacity of {members_max} members.");
    ApiError::new(ErrorCode::GroupMaxSizeReached, message)
}

fn not_found(message: String) -> ApiError {
    ApiError::new(ErrorCode::GroupIdNotFound, message)
}
