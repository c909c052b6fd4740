//! DescribeProducers (key 61), v0 (KIP-664).
//!
//! Oracle: the producers that a replica remembers, leader or not, with -1 for what is not there; a node without
//! a replica is NOT_LEADER_OR_FOLLOWER. A name that no topic can have is told so first. An unknown topic is told with a message, an unknown partition of a known
//! topic without. A topic takes READ.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::cluster::configs::topic_name_fault;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::log::{PartitionLog, ProducerState as Remembered};
use crate::engine::replica::{self, Serves};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use crate::wire::messages::{DescribeProducersRequest, DescribeProducersResponse};
use crate::wire::units::ProducerId;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeProducersRequest,
) -> Answer<DescribeProducersResponse> {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let response = PartitionResponse::default().with_partition_index(*index);
            match describe(cx, &topic.name, *index) {
                Ok(producers) => response.with_active_producers(producers),
                Err(error) => response
                    .with_error_code(error.code.code())
                    .with_error_message(error.wire_message()),
            }
        });
        let partitions = partitions.collect();
        let response = TopicResponse::default().with_name(topic.name);
        topics.push(response.with_partitions(partitions));
    }
    Answer::Reply(DescribeProducersResponse::default().with_topics(topics))
}

fn describe(cx: ReadContext<'_>, topic: &str, index: i32) -> Result<Vec<ProducerState>, ApiError> {
    if let Some(message) = topic_name_fault(topic) {
        return Err(ApiError::new(ErrorCode::InvalidTopicException, message));
    }
    let may_read = cx.access().topic(Operation::Read, topic);
    may_read.map_err(ApiError::with_text)?;
    let cluster = &cx.state.cluster;
    if cluster.topic(topic).is_none() {
        let message = "This server does not host this topic-partition.";
        return Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, message));
    }
    replica::find(
        cluster,
        TopicPartition::at(topic, index),
        cx.call.node,
        Serves::Anyone,
        None,
    )
    .map(|partition| producers(&partition.log))
    .map_err(ApiError::from)
}

fn producers(log: &PartitionLog) -> Vec<ProducerState> {
    log.producers()
        .iter()
        .map(|(id, state)| row(id, state))
        .collect()
}

fn row(id: ProducerId, state: &Remembered) -> ProducerState {
    ProducerState::default()
        .with_producer_id(id.0.into())
        .with_producer_epoch(i32::from(state.epoch.0))
        .with_last_sequence(state.last_sequence().0)
        .with_last_timestamp(state.last_timestamp.0)
        .with_coordinator_epoch(state.coordinator_epoch)
        .with_current_txn_start_offset(state.transaction_start.map_or(-1, |start| start.0))
}
