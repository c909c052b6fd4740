//! DescribeQuorum (key 55), v0–v2 (KIP-595, KIP-836, KIP-853).
//!
//! Oracle: only one question has an answer, that for partition 0 of the metadata topic alone;
//! anything else asked for, be it that partition too, makes every partition
//! UNKNOWN_TOPIC_OR_PARTITION. Who votes no more observes, and its address is not told. All have read
//! as far as the leader wrote.

use std::time::Duration;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::listeners::ListenerId;
use crate::engine::voters::directory;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_quorum_request::TopicData as AskedTopic;
use crate::wire::messages::describe_quorum_response::{
    Listener, Node, PartitionData, ReplicaState, TopicData,
};
use crate::wire::messages::{DescribeQuorumRequest, DescribeQuorumResponse, StrBytes, str_bytes};
use crate::wire::units::NodeId;

/// Topic of the cluster's metadata; clients cannot read it.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// How often an idle controller writes to the metadata log (`metadata.max.idle.interval.ms`).
const IDLE_WRITES: Duration = Duration::from_millis(500);

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeQuorumRequest,
) -> Answer<DescribeQuorumResponse> {
    let response = DescribeQuorumResponse::default();
    if let Err(code) = cx.access().cluster(Operation::Describe) {
        let message = code.text().map(StrBytes::from_static_str);
        let response = response.with_error_code(code.code());
        return Answer::Reply(response.with_error_message(message));
    }
    if !asks_for_metadata(&request.topics) {
        let topics = request.topics.into_iter().map(unknown).collect();
        return Answer::Reply(response.with_topics(topics));
    }
    let topics = request.topics.into_iter().map(|topic| {
        TopicData::default()
            .with_topic_name(topic.topic_name)
            .with_partitions(vec![quorum(cx)])
    });
    let response = response.with_topics(topics.collect());
    Answer::Reply(if cx.call.version < 2 {
        response
    } else {
        response.with_nodes(controllers(cx))
    })
}

fn asks_for_metadata(topics: &[AskedTopic]) -> bool {
    let [topic] = topics else { return false };
    let [partition] = topic.partitions.as_slice() else {
        return false;
    };
    topic.topic_name.as_str() == METADATA_TOPIC && partition.partition_index == 0
}

fn unknown(asked: AskedTopic) -> TopicData {
    let partitions = asked.partitions.iter().map(|partition| {
        PartitionData::default()
            .with_partition_index(partition.partition_index)
            .with_error_code(ErrorCode::UnknownTopicOrPartition.code())
            .with_error_message(Some(StrBytes::from_static_str(
                "This server does not host this topic-partition.",
            )))
    });
    TopicData::default()
        .with_topic_name(asked.topic_name)
        .with_partitions(partitions.collect())
}

fn quorum(cx: ReadContext<'_>) -> PartitionData {
    let idle_writes = cx.now.elapsed.as_millis() / IDLE_WRITES.as_millis();
    let end = i64::try_from(idle_writes)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let replica = |node: NodeId| {
        ReplicaState::default()
            .with_replica_id(node.0.into())
            .with_replica_directory_id(directory(node))
            .with_log_end_offset(end)
            .with_last_fetch_timestamp(cx.now.wall.0)
            .with_last_caught_up_timestamp(cx.now.wall.0)
    };
    let cluster = &cx.state.cluster;
    let voters = cluster.voters().into_iter().map(replica);
    let observers = cluster.observers().into_iter().map(replica);
    PartitionData::default()
        .with_leader_id(cluster.active_controller().0.into())
        .with_leader_epoch(1)
        .with_high_watermark(end)
        .with_current_voters(voters.collect())
        .with_observers(observers.collect())
}

fn controllers(cx: ReadContext<'_>) -> Vec<Node> {
    let node = |id: NodeId| {
        let first = ListenerId::default();
        let endpoint = cx.state.endpoint(id, first, &cx.call.dialled_host)?;
        let listener = Listener::default()
            .with_name(StrBytes::from_static_str("CONTROLLER"))
            .with_host(str_bytes(endpoint.host))
            .with_port(u16::try_from(endpoint.port).unwrap_or_default());
        let node = Node::default().with_node_id(id.0.into());
        Some(node.with_listeners(vec![listener]))
    };
    let nodes = cx.state.cluster.voters();
    nodes.into_iter().filter_map(node).collect()
}
