//! ShareGroupDescribe (key 77), v1 (KIP-932).
//!
//! Oracle: a group of another kind is not found, in words of its own; an unnamed group comes without any, and before the
//! others. A topic that is gone is left out of assignments. A group takes DESCRIBE, or comes before all others, and so does
//! each topic that is assigned in it.

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::cluster::Cluster;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::coordinator;
use crate::engine::group::share::{ASSIGNOR, Member, ShareGroup};
use crate::engine::java::{hash, hash_map, hash_set};
use crate::wire::error::ErrorCode;
use crate::wire::messages::share_group_describe_response::{
    Assignment, DescribedGroup, Member as DescribedMember, TopicPartitions,
};
use crate::wire::messages::{
    GroupId, ShareGroupDescribeRequest, ShareGroupDescribeResponse, StrBytes, TopicName, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: ShareGroupDescribeRequest,
) -> Answer<ShareGroupDescribeResponse> {
    let enabled = cx.state.has_share_groups();
    let may_see = |id: &GroupId| !enabled || cx.access().group(Operation::Describe, id).is_ok();
    let (seen, denied): (Vec<_>, Vec<_>) = request.group_ids.into_iter().partition(may_see);
    let denied = denied.into_iter().map(|id| {
        let code = ErrorCode::GroupAuthorizationFailed.code();
        let group = DescribedGroup::default().with_error_code(code);
        group.with_group_id(id)
    });
    let (named, unnamed): (Vec<_>, Vec<_>) = seen
        .into_iter()
        .partition(|id| !enabled || !id.0.is_empty());
    let named = if enabled {
        let named = coordinator::by_partition(cx, named, |id| id);
        named.into_iter().flat_map(|(_, ids)| ids).collect()
    } else {
        named
    };
    let groups = unnamed.into_iter().chain(named).map(|id| {
        let mut group = if enabled {
            describe(cx, &id.0)
        } else {
            DescribedGroup::default().with_error_code(ErrorCode::UnsupportedVersion.code())
        };
        if request.include_authorized_operations && group.error_code == ErrorCode::None.code() {
            group.authorized_operations = cx.access().operations(ResourceType::Group, &id);
        }
        without_unseen(cx, group).with_group_id(id)
    });
    let groups = denied.chain(groups).collect();
    Answer::Reply(ShareGroupDescribeResponse::default().with_groups(groups))
}

/// The group, unless its members have a topic that the client may not see.
fn without_unseen(cx: ReadContext<'_>, group: DescribedGroup) -> DescribedGroup {
    let members = group.members.iter();
    let topics = members.flat_map(|member| &member.assignment.topic_partitions);
    let names = topics.map(|topic| topic.topic_name.as_str());
    match cx.access().all_topics(Operation::Describe, names) {
        Ok(()) => group,
        Err(code) => {
            let why =
                "The group has described topic(s) that the client is not authorized to describe.";
            DescribedGroup::default()
                .with_error_code(code.code())
                .with_error_message(Some(StrBytes::from_static_str(why)))
        }
    }
}

fn describe(cx: ReadContext<'_>, id: &str) -> DescribedGroup {
    let refused = |code: ErrorCode| DescribedGroup::default().with_error_code(code.code());
    if let Err(code) = coordinator::check_name(id) {
        return refused(code);
    }
    if let Err(code) = coordinator::check(cx, id) {
        return refused(code).with_error_message(code.text().map(str_bytes));
    }
    match cx.state.groups.share(id) {
        Ok(group) => described(group, &cx.state.cluster),
        Err(error) => refused(error.code).with_error_message(error.wire_message()),
    }
}

fn described(group: &ShareGroup, cluster: &Cluster) -> DescribedGroup {
    let members = group.members_as_kept().into_iter();
    let members = members.map(|member| member_row(member, cluster));
    DescribedGroup::default()
        .with_group_state(StrBytes::from_static_str(group.state_name()))
        .with_group_epoch(group.epoch)
        .with_assignment_epoch(group.target_epoch)
        .with_assignor_name(StrBytes::from_static_str(ASSIGNOR))
        .with_members(members.collect())
}

fn member_row(member: &Member, cluster: &Cluster) -> DescribedMember {
    let description = &member.description;
    let mut names: Vec<&String> = description.topics.iter().collect();
    let buckets = hash_map::of_set_copy(names.len());
    hash_map::sort_in(&mut names, buckets, |name| hash::of_str(name));
    let names = names
        .into_iter()
        .map(|name| TopicName(str_bytes(name.clone())));
    let topics = hash_set::topics(member.current.assigned.keys()).into_iter();
    let assigned = topics.filter_map(|id| {
        let name = cluster.topic_name(id)?;
        let partitions = member.current.assigned.get(&id)?.iter().copied();
        let row = TopicPartitions::default()
            .with_topic_id(id)
            .with_topic_name(TopicName(str_bytes(name)))
            .with_partitions(hash_set::partitions(partitions));
        Some(row)
    });
    let assignment = Assignment::default().with_topic_partitions(assigned.collect());
    DescribedMember::default()
        .with_member_id(str_bytes(member.id.to_string()))
        .with_rack_id(description.rack_id.clone().map(str_bytes))
        .with_member_epoch(member.current.epoch)
        .with_client_id(str_bytes(description.client_id.clone()))
        .with_client_host(str_bytes(description.client_host.to_string()))
        .with_subscribed_topic_names(names.collect())
        .with_assignment(assignment)
}
