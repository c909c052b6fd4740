//! DeleteGroups (key 42), v0–v3 (KIP-229).
//!
//! Oracle: a group named twice is answered once, with those of its coordinator's partition; v3 has words for failures of
//! share groups alone.

use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::java::{hash, hash_map};
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
    let mut results = Vec::new();
    for group_id in ordered(cx, request.groups_names) {
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

/// Each group once, as a set of those of the same partition has them.
fn ordered(cx: &Context<'_>, groups: Vec<GroupId>) -> Vec<GroupId> {
    let partitions = coordinator::by_partition(cx.read_only(), groups, |group| group);
    let partitions = partitions.into_iter().flat_map(|(_, groups)| {
        let buckets = hash_map::of_set_copy(groups.len());
        let once = keep_last(groups.into_iter().map(|group| (group, ())));
        let mut once: Vec<GroupId> = once.into_iter().map(|(group, ())| group).collect();
        hash_map::sort_in(&mut once, buckets, |group| hash::of_str(group));
        once
    });
    partitions.collect()
}

fn delete(cx: &mut Context<'_>, group: &GroupId) -> Result<(), ErrorCode> {
    coordinator::check(cx.read_only(), group)?;
    end_share_states(cx, group)?;
    cx.with_groups(|groups, turn| groups.delete_group(turn, group))
}

/// A share group's states end before the group does (KIP-932).
fn end_share_states(cx: &mut Context<'_>, group: &GroupId) -> Result<(), ErrorCode> {
    let partitions =
        cx.with_groups(|groups, turn| groups.begin_deleting_share_group(turn, group))?;
    let id = (*group.0).into();
    let ended = cx
        .state
        .end_share_states(cx.now, &id, &partitions.unwrap_or_default());
    let failed = ended.into_iter().find_map(|(_, ended)| ended.err());
    failed.map_or(Ok(()), |error| Err(error.code))
}
