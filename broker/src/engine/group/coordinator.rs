//! Which node coordinates a group, and the check with which every request about a group begins.

use crate::engine::cluster::Cluster;
use crate::engine::context::ReadContext;
use crate::engine::java::{hash, hash_map};
use crate::engine::repeats::grouped;
use crate::engine::state_topic::{StateTopic, known_leader, partition_or_planned};
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// Refuses a group without a name, where Kafka does.
pub(crate) const fn check_name(group: &str) -> Result<(), ErrorCode> {
    if group.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    Ok(())
}

/// Refuses a request to a node that does not lead the group's partition of `__consumer_offsets`, or
/// still reads it; so does every node while there is no such topic, which only FindCoordinator makes.
pub(crate) fn check(cx: ReadContext<'_>, group: &str) -> Result<(), ErrorCode> {
    cx.state
        .check_coordinator(cx.call.node, StateTopic::Groups, group)
}

/// The same, of a request that makes the group if there is none. As many as `fauxka.max.groups` there may be: Kafka has no
/// such bound, and no error for it.
pub(crate) fn check_may_make(cx: ReadContext<'_>, group: &str) -> Result<(), ErrorCode> {
    check(cx, group)?;
    let groups = &cx.state.groups;
    let most = cx.state.broker_config(cx.call.node).groups_max;
    if groups.len() >= most && groups.get(group).is_none() {
        return Err(ErrorCode::PolicyViolation);
    }
    Ok(())
}

/// Who coordinates a group, if its partition has a leader.
pub(crate) fn leader(cluster: &Cluster, group: &str) -> Option<NodeId> {
    known_leader(cluster, StateTopic::Groups, group)
}

/// What a request names, by the partition of its group, in the order of a table of those partitions.
pub(crate) fn by_partition<T>(
    cx: ReadContext<'_>,
    named: Vec<T>,
    group: impl Fn(&T) -> &str,
) -> Vec<(i32, Vec<T>)> {
    let placed = named.into_iter().map(|named| {
        let partition = partition_or_planned(cx, StateTopic::Groups, group(&named));
        (partition, named)
    });
    let mut partitions = grouped(placed);
    hash_map::sort_computed(&mut partitions, |(partition, _)| {
        hash::of_partition(StateTopic::Groups.name(), *partition)
    });
    partitions
}
