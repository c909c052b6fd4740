//! DeleteGroups (key 42), v0–v3 (KIP-229).
//!
//! Oracle: a group named twice is answered once, with those of its coordinator's partition; v3 has words for failures of
//! share groups alone. A group takes DELETE, or comes after all others.

use std::collections::BTreeSet;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::share::TopicPartitions;
use crate::engine::handlers::share_state::wait;
use crate::engine::java::{hash, hash_map};
use crate::engine::repeats::keep_last;
use crate::engine::share::gathering::{Asked, Asking};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse, GroupId,
};

/// Answers, or waits for the share coordinator to end the states of share groups.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteGroupsRequest,
) -> Answer<DeleteGroupsResponse> {
    let asked = match cx.state.shares.asking.remove(&cx.call.ticket) {
        Some(asked) => asked,
        None => delete(cx, request.groups_names.clone()),
    };
    let Asked::GroupsDeleted(deleted) = asked else {
        return Answer::Reply(DeleteGroupsResponse::default());
    };
    if deleted.iter().any(Option::is_none) {
        return wait(cx, Asked::GroupsDeleted(deleted), request);
    }
    let deleted: Vec<_> = deleted.into_iter().flatten().flatten().collect();
    let denied = denied(&request.groups_names, &deleted).into_iter();
    let denied = denied.map(|group| (group, Err(ErrorCode::GroupAuthorizationFailed)));
    let results = deleted.into_iter().chain(denied);
    let results = results.map(|(group_id, outcome)| DeletableGroupResult {
        group_id,
        error_code: outcome.err().unwrap_or(ErrorCode::None).code(),
        error_message: None,
    });
    Answer::Reply(DeleteGroupsResponse {
        results: results.collect(),
        ..DeleteGroupsResponse::default()
    })
}

/// Those that nobody was asked to delete, each once: the client may not.
fn denied<T>(named: &[GroupId], asked: &[(GroupId, T)]) -> Vec<GroupId> {
    let mut known: BTreeSet<&GroupId> = asked.iter().map(|(group, _)| group).collect();
    let denied = named.iter().filter(|group| known.insert(group));
    denied.cloned().collect()
}

/// Has the states of share groups end, and deletes groups whose states have: by the partition that coordinates them.
fn delete(cx: &mut Context<'_>, named: Vec<GroupId>) -> Asked {
    let asking = Asking {
        node: cx.call.node,
        ticket: cx.call.ticket,
    };
    let access = cx.access();
    let may_delete = |group: &GroupId| access.group(Operation::Delete, group).is_ok();
    let allowed = named.into_iter().filter(may_delete).collect();
    let mut deleted = Vec::new();
    for (place, groups) in ordered(cx, allowed).into_iter().enumerate() {
        let mut states = Vec::new();
        let mut begun = Vec::with_capacity(groups.len());
        for group in groups {
            let ends = begin(cx, &group);
            let outcome = ends.map(|partitions| states.push(((*group.0).into(), partitions)));
            begun.push((group, outcome));
        }
        let done = cx
            .state
            .delete_groups(cx.now, asking, (place, begun), &states);
        deleted.push(done);
    }
    Asked::GroupsDeleted(deleted)
}

/// Each group once, as a set of those of the same partition has them.
fn ordered(cx: &Context<'_>, groups: Vec<GroupId>) -> Vec<Vec<GroupId>> {
    let partitions = coordinator::by_partition(cx.read_only(), groups, |group| group);
    let partitions = partitions.into_iter().map(|(_, groups)| {
        let buckets = hash_map::of_set_copy(groups.len());
        let once = keep_last(groups.into_iter().map(|group| (group, ())));
        let mut once: Vec<GroupId> = once.into_iter().map(|(group, ())| group).collect();
        hash_map::sort_in(&mut once, buckets, |group| hash::of_str(group));
        once
    });
    partitions.collect()
}

/// Whether a group may be deleted, and which states of it have to end before (KIP-932).
fn begin(cx: &mut Context<'_>, group: &GroupId) -> Result<TopicPartitions, ErrorCode> {
    coordinator::check(cx.read_only(), group)?;
    let partitions =
        cx.with_groups(|groups, turn| groups.begin_deleting_share_group(turn, group))?;
    Ok(partitions.unwrap_or_default())
}
