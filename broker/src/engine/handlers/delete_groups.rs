//! DeleteGroups (key 42), v0–v3 (KIP-229).
//!
//! Oracle: a group named twice is answered once, where it first stood; v3 has words for failures of
//! share groups alone.

use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::repeats::keep_last;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse, GroupId,
};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteGroupsRequest,
) -> Answer<DeleteGroupsResponse> {
    let named = request.groups_names.into_iter().map(|group| (group, ()));
    let mut results = Vec::new();
    for (group_id, ()) in keep_last(named) {
        let error = delete(cx, &group_id).err().unwrap_or(ErrorCode::None);
        results.push(DeletableGroupResult {
            group_id,
            error_code: error.code(),
            error_message: None,
        });
    }
    Answer::Reply(DeleteGroupsResponse {
        results,
        ..DeleteGroupsResponse::default()
    })
}

fn delete(cx: &mut Context<'_>, group: &GroupId) -> Result<(), ErrorCode> {
    coordinator::check(cx, group)?;
    cx.with_groups(|groups, turn| groups.delete_group(turn, group))
}
