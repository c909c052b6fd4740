//! ListGroups (key 16), v0–v5 (KIP-518, KIP-848).
//!
//! Oracle: the groups whose coordinator was asked. Filters of states and types ignore case, and those of
//! states also blanks around a name; a state or a type that nobody knows fits no group. While some of the
//! node's groups are being read nothing is listed. Who may not DESCRIBE the cluster sees the groups that it may DESCRIBE.

use std::sync::Arc;

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::{Group, coordinator};
use crate::engine::java::{hash, hash_map, timeline};
use crate::engine::state_topic::StateTopic;
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_groups_response::ListedGroup;
use crate::wire::messages::{ListGroupsRequest, ListGroupsResponse, StrBytes, str_bytes};

/// The first version that shows states (KIP-518).
const STATES_SINCE: i16 = 4;

/// The first version that shows types (KIP-848).
const TYPES_SINCE: i16 = 5;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: ListGroupsRequest,
) -> Answer<ListGroupsResponse> {
    let response = ListGroupsResponse::default();
    let coordinators = &cx.state.coordinators;
    if coordinators.is_loading(cx.call.node, StateTopic::Groups) {
        let code = ErrorCode::CoordinatorLoadInProgress.code();
        return Answer::Reply(response.with_error_code(code));
    }
    let lowered = |name: &StrBytes| name.to_lowercase();
    let states = request.states_filter.iter();
    let states: Vec<_> = states.map(|name| name.trim().to_lowercase()).collect();
    let types: Vec<_> = request.types_filter.iter().map(lowered).collect();
    let fits =
        |wanted: &[String], name: &str| wanted.is_empty() || wanted.contains(&name.to_lowercase());
    let access = cx.access();
    let sees_all = access.allows_cluster_quietly(Operation::Describe);
    let may_see =
        |id: &str| sees_all || access.allows_quietly(Operation::Describe, ResourceType::Group, id);
    let groups = cx.state.groups.iter().filter(|(id, group)| {
        may_see(id)
            && coordinator::leader(&cx.state.cluster, id) == Some(cx.call.node)
            && fits(&states, group.state_in_filters())
            && fits(&types, group.type_name())
    });
    let version = cx.call.version;
    let groups = ordered(cx, groups.collect()).into_iter();
    let groups = groups.map(|(id, group)| listed(id, group, version));
    let groups = groups.collect();
    Answer::Reply(response.with_groups(groups))
}

/// By the coordinators of partitions, in the order of a table of them, and then as each has its groups.
fn ordered<'a>(
    cx: ReadContext<'_>,
    groups: Vec<(&'a Arc<str>, &'a Group)>,
) -> Vec<(&'a Arc<str>, &'a Group)> {
    let topic = StateTopic::Groups.name();
    let partitions = cx.state.cluster.topic(topic);
    let partitions = partitions.map_or(&[][..], |topic| &topic.partitions);
    let is_led = |partition: &&Partition| partition.leader == Some(cx.call.node);
    let buckets = hash_map::concurrent(partitions.iter().filter(is_led).count());
    let mut by_partition = coordinator::by_partition(cx, groups, |(id, _)| id);
    hash_map::sort_in(&mut by_partition, buckets, |(partition, _)| {
        hash::of_partition(topic, *partition)
    });
    for (_, groups) in &mut by_partition {
        timeline::sort(groups, |(id, _)| hash::of_str(id));
    }
    by_partition
        .into_iter()
        .flat_map(|(_, groups)| groups)
        .collect()
}

fn listed(id: &str, group: &Group, version: i16) -> ListedGroup {
    let text = |text: &str| str_bytes(text);
    let mut listed = ListedGroup::default()
        .with_group_id(text(id).into())
        .with_protocol_type(text(group.protocol_type()));
    if version >= STATES_SINCE {
        listed = listed.with_group_state(text(group.state_name()));
    }
    if version >= TYPES_SINCE {
        listed = listed.with_group_type(text(group.type_name()));
    }
    listed
}
