//! ConsumerGroupDescribe (key 69), v0–v1 (KIP-848, KIP-1099).
//!
//! Oracle: a group of another kind is not found, in words of its own; an unnamed group comes without
//! any, and before the others. A topic that is gone is left out of assignments. A group takes DESCRIBE, and so does each
//! topic that is assigned in it.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::cluster::Cluster;
use crate::engine::context::{Answer, Context};
use crate::engine::group::consumer::member::{Member, TopicPartitions, without_epochs};
use crate::engine::group::consumer::{self, ConsumerGroup};
use crate::engine::group::coordinator;
use crate::engine::group::turn::Turn;
use crate::engine::java::{hash, hash_map};
use crate::wire::error::ErrorCode;
use crate::wire::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup, Member as DescribedMember, TopicPartitions as DescribedTopic,
};
use crate::wire::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, GroupId, StrBytes, TopicName,
    str_bytes,
};

/// The first version that says which protocol a member speaks.
const MEMBER_TYPES: i16 = 1;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ConsumerGroupDescribeRequest,
) -> Answer<ConsumerGroupDescribeResponse> {
    let enabled = consumer::is_enabled(cx);
    let may_see = |id: &GroupId| !enabled || cx.access().group(Operation::Describe, id).is_ok();
    let (seen, denied): (Vec<_>, Vec<_>) = request.group_ids.into_iter().partition(may_see);
    let (named, unnamed): (Vec<_>, Vec<_>) = seen
        .into_iter()
        .partition(|id| !enabled || !id.0.is_empty());
    let denied = denied.into_iter().map(|id| {
        let code = ErrorCode::GroupAuthorizationFailed.code();
        DescribedGroup::default()
            .with_error_code(code)
            .with_group_id(id)
    });
    let mut groups: Vec<DescribedGroup> = denied.collect();
    let named = coordinator::by_partition(cx.read_only(), named, |id| id);
    let named = named.into_iter().flat_map(|(_, ids)| ids);
    for id in unnamed.into_iter().chain(named) {
        let mut group = if enabled {
            describe(cx, &id.0)
        } else {
            DescribedGroup::default().with_error_code(ErrorCode::UnsupportedVersion.code())
        };
        if request.include_authorized_operations && group.error_code == ErrorCode::None.code() {
            group.authorized_operations = cx.access().operations(ResourceType::Group, &id);
        }
        groups.push(without_unseen(cx, group).with_group_id(id));
    }
    Answer::Reply(ConsumerGroupDescribeResponse::default().with_groups(groups))
}

/// The group, unless its members have a topic that the client may not see.
fn without_unseen(cx: &Context<'_>, group: DescribedGroup) -> DescribedGroup {
    let members = group.members.iter();
    let assignments = members.flat_map(|member| [&member.assignment, &member.target_assignment]);
    let topics = assignments.flat_map(|assignment| &assignment.topic_partitions);
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

fn describe(cx: &mut Context<'_>, id: &str) -> DescribedGroup {
    let refused = |code: ErrorCode| DescribedGroup::default().with_error_code(code.code());
    let checked = coordinator::check_name(id).and_then(|()| coordinator::check(cx.read_only(), id));
    if let Err(code) = checked {
        return refused(code);
    }
    let version = cx.call.version;
    cx.with_groups(|groups, turn| match groups.consumer(id) {
        Ok(group) => described(group, turn, version),
        Err(error) => refused(error.code).with_error_message(error.wire_message()),
    })
}

fn described(group: &ConsumerGroup, turn: &Turn<'_>, version: i16) -> DescribedGroup {
    let members = group.members_as_kept().into_iter().map(|member| {
        let target = group.target.get(&member.id).cloned().unwrap_or_default();
        let row = member_row(member, target, turn.cluster);
        if version < MEMBER_TYPES {
            row
        } else {
            row.with_member_type(i8::from(!member.is_classic()))
        }
    });
    DescribedGroup::default()
        .with_group_state(StrBytes::from_static_str(group.state().name()))
        .with_group_epoch(group.epoch)
        .with_assignment_epoch(group.target_epoch)
        .with_assignor_name(StrBytes::from_static_str(group.assignor(turn).name()))
        .with_members(members.collect())
}

fn member_row(member: &Member, target: TopicPartitions, cluster: &Cluster) -> DescribedMember {
    let description = &member.description;
    let text = |text: &str| str_bytes(text);
    let optional = |given: &Option<String>| given.as_deref().map(text);
    let mut names: Vec<&String> = description.topics.iter().collect();
    let buckets = hash_map::of_set_copy(names.len());
    hash_map::sort_in(&mut names, buckets, |name| hash::of_str(name));
    let names = names.into_iter().map(|name| TopicName(text(name)));
    let mut owned = without_epochs(&member.current.assigned);
    for (topic, partitions) in without_epochs(&member.current.revoking) {
        owned.entry(topic).or_default().extend(partitions);
    }
    DescribedMember::default()
        .with_member_id(text(&member.id))
        .with_instance_id(optional(&description.instance_id))
        .with_rack_id(optional(&description.rack_id))
        .with_member_epoch(member.current.epoch)
        .with_client_id(text(&description.client_id))
        .with_client_host(text(&description.client_host))
        .with_subscribed_topic_names(names.collect())
        .with_subscribed_topic_regex(Some(text(&description.pattern)))
        .with_assignment(assignment(owned, cluster))
        .with_target_assignment(assignment(target, cluster))
}

fn assignment(
    topics: BTreeMap<Uuid, std::collections::BTreeSet<i32>>,
    cluster: &Cluster,
) -> Assignment {
    let rows = topics.into_iter().filter_map(|(id, partitions)| {
        let name = &cluster.topic_by_id(id)?.name;
        let row = DescribedTopic::default()
            .with_topic_id(id)
            .with_topic_name(TopicName(str_bytes(name.clone())))
            .with_partitions(partitions.into_iter().collect());
        Some(row)
    });
    Assignment::default().with_topic_partitions(rows.collect())
}
