//! Finding the replica that a request means, with the errors that Kafka gives when it is not here.

use crate::wire::error::ErrorCode;
use crate::wire::units::{LeaderEpoch, NodeId};

use super::cluster::{Cluster, Partition};
use super::topic_partition::TopicPartition;

/// Which replica may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serves {
    Leader,
    /// Any replica, as for consumers of Fetch v11 and later (KIP-392), and for DescribeProducers.
    Anyone,
}

/// Checks that `node` may answer for the partition: it must host a replica, the leader epoch that
/// the client knows must be the current one (KIP-320), and the node must lead unless anyone serves.
pub(crate) fn check(
    partition: &Partition,
    node: NodeId,
    serves: Serves,
    known_epoch: Option<i32>,
) -> Result<(), ErrorCode> {
    if !partition.replicas.contains(&node) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    match known_epoch.map(LeaderEpoch) {
        Some(known) if known < partition.leader_epoch => return Err(ErrorCode::FencedLeaderEpoch),
        Some(known) if known > partition.leader_epoch => return Err(ErrorCode::UnknownLeaderEpoch),
        Some(_) | None => {}
    }
    if serves == Serves::Leader && partition.leader != Some(node) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    Ok(())
}

/// The partition of a topic by name, if `node` may answer for it.
pub(crate) fn find<'a>(
    cluster: &'a Cluster,
    place: TopicPartition<&str>,
    node: NodeId,
    serves: Serves,
    known_epoch: Option<i32>,
) -> Result<&'a Partition, ErrorCode> {
    let partition = cluster
        .topic(place.topic)
        .and_then(|topic| topic.partition(place.partition))
        .ok_or(ErrorCode::UnknownTopicOrPartition)?;
    check(partition, node, serves, known_epoch)?;
    Ok(partition)
}

/// An epoch in a request; negative stands for none.
pub(crate) const fn stated(epoch: i32) -> Option<i32> {
    if epoch < 0 { None } else { Some(epoch) }
}
