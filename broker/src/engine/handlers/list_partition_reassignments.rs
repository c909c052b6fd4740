//! ListPartitionReassignments (key 46), v0 (KIP-455).
//!
//! Oracle: a topic or partition that does not exist, or of which nothing is under way, is left out without an error, and
//! a timeout of zero means nothing. No topics at all (null) stand for all.

use crate::engine::authorizer::Operation;
use crate::engine::cluster::{Partition, Topic};
use crate::engine::context::{Answer, ReadContext};
use crate::engine::handlers::metadata::broker_ids;
use crate::wire::messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics;
use crate::wire::messages::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use crate::wire::messages::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: ListPartitionReassignmentsRequest,
) -> Answer<ListPartitionReassignmentsResponse> {
    if let Err(error) = cx.access().cluster_or_ends(Operation::Describe) {
        let topics = request.topics.unwrap_or_default().into_iter().map(denied);
        let response = ListPartitionReassignmentsResponse::default()
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message());
        return Answer::Reply(response.with_topics(topics.collect()));
    }
    let cluster = &cx.state.cluster;
    let topics = match &request.topics {
        None => cluster
            .topics()
            .filter_map(|topic| under_way(topic, 0..count(topic)))
            .collect(),
        Some(asked) => asked
            .iter()
            .filter_map(|asked| {
                let indexes = asked.partition_indexes.iter().copied();
                under_way(cluster.topic(&asked.name)?, indexes)
            })
            .collect(),
    };
    let response = ListPartitionReassignmentsResponse::default();
    Answer::Reply(response.with_error_message(None).with_topics(topics))
}

/// What the request names, and nothing about it.
fn denied(asked: ListPartitionReassignmentsTopics) -> OngoingTopicReassignment {
    let rows = asked.partition_indexes.iter();
    let rows =
        rows.map(|index| OngoingPartitionReassignment::default().with_partition_index(*index));
    OngoingTopicReassignment::default()
        .with_partitions(rows.collect())
        .with_name(asked.name)
}

fn count(topic: &Topic) -> i32 {
    i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX)
}

fn under_way(
    topic: &Topic,
    indexes: impl Iterator<Item = i32>,
) -> Option<OngoingTopicReassignment> {
    let partitions: Vec<_> = indexes
        .filter_map(|index| row(index, topic.partition(index)?))
        .collect();
    let name = str_bytes(topic.name.clone());
    let listed = OngoingTopicReassignment::default().with_name(name.into());
    (!partitions.is_empty()).then(|| listed.with_partitions(partitions))
}

fn row(index: i32, partition: &Partition) -> Option<OngoingPartitionReassignment> {
    let under_way = &partition.reassignment;
    let row = OngoingPartitionReassignment::default()
        .with_partition_index(index)
        .with_replicas(broker_ids(&partition.replicas))
        .with_adding_replicas(broker_ids(&under_way.adding))
        .with_removing_replicas(broker_ids(&under_way.removing));
    under_way.is_under_way().then_some(row)
}
