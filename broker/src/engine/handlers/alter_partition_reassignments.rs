//! AlterPartitionReassignments (key 45), v0–v1 (KIP-455, KIP-860).
//!
//! Replicas share one log, so that a reassignment is complete at once: nothing is ever left to
//! cancel. Oracle: replicas that stay keep their order in the ISR; a leader that stays keeps
//! leading; the leader epoch grows when the leader changes or a replica goes away. No time at all
//! is REQUEST_TIMED_OUT for everything, but not for nothing.

use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use crate::wire::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use crate::wire::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, StrBytes, TopicName,
};
use crate::wire::units::NodeId;

/// Why a partition stays where it is.
type Refused = (ErrorCode, Option<String>);

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterPartitionReassignmentsRequest,
) -> Answer<AlterPartitionReassignmentsResponse> {
    let response = AlterPartitionReassignmentsResponse::default();
    if request.topics.is_empty() {
        return Answer::Reply(response);
    }
    let response = response.with_error_message(None);
    if request.timeout_ms <= 0 {
        let code = ErrorCode::RequestTimedOut;
        let refuse = |_: &str, _: &ReassignablePartition| Err((code, None));
        let topics = each(request.topics, refuse);
        return Answer::Reply(response.with_error_code(code.code()).with_responses(topics));
    }
    let any_factor = cx.call.version == 0 || request.allow_replication_factor_change;
    let mut moves = Vec::new();
    let topics = each(request.topics, |topic, asked| {
        let replicas = check(cx, topic, asked, any_factor)?;
        moves.push((topic.to_owned(), asked.partition_index, replicas));
        Ok(())
    });
    for (topic, index, replicas) in moves {
        if let Some(partition) = cx.engine.cluster.partition_mut(&topic, index) {
            reassign(partition, replicas);
            cx.changed_topic(&topic);
        }
    }
    let response = response.with_responses(topics);
    Answer::Reply(if cx.call.version == 0 {
        response
    } else {
        response.with_allow_replication_factor_change(any_factor)
    })
}

fn each(
    topics: Vec<ReassignableTopic>,
    mut serve: impl FnMut(&str, &ReassignablePartition) -> Result<(), Refused>,
) -> Vec<ReassignableTopicResponse> {
    let mut topic_of = |topic: ReassignableTopic| {
        let name: TopicName = topic.name;
        let rows = topic
            .partitions
            .iter()
            .map(|asked| row(asked.partition_index, serve(&name, asked)))
            .collect();
        ReassignableTopicResponse::default()
            .with_name(name)
            .with_partitions(rows)
    };
    topics.into_iter().map(&mut topic_of).collect()
}

fn row(index: i32, outcome: Result<(), Refused>) -> ReassignablePartitionResponse {
    let (code, message) = outcome.err().unwrap_or((ErrorCode::None, None));
    ReassignablePartitionResponse::default()
        .with_partition_index(index)
        .with_error_code(code.code())
        .with_error_message(message.map(StrBytes::from_string))
}

/// The replicas that the partition is to have.
fn check(
    cx: &Context<'_>,
    name: &str,
    asked: &ReassignablePartition,
    any_factor: bool,
) -> Result<Vec<NodeId>, Refused> {
    let index = asked.partition_index;
    let unknown = |what: String| (ErrorCode::UnknownTopicOrPartition, Some(what));
    let topic = cx.engine.cluster.topic(name);
    let topic = topic.ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
    let partition = topic.partition(index);
    let partition =
        partition.ok_or_else(|| unknown(format!("Unable to find partition {name}:{index}.")))?;
    let Some(replicas) = &asked.replicas else {
        return Err((ErrorCode::NoReassignmentInProgress, None));
    };
    let replicas: Vec<_> = replicas.iter().map(|broker| NodeId(broker.0)).collect();
    check_assignment(&cx.engine.cluster.node_ids(), &replicas)
        .map_err(|message| (ErrorCode::InvalidReplicaAssignment, Some(message)))?;
    let (before, after) = (partition.replicas.len(), replicas.len());
    if !any_factor && before != after {
        let message = format!("The replication factor is changed from {before} to {after}");
        return Err((ErrorCode::InvalidReplicationFactor, Some(message)));
    }
    Ok(replicas)
}

fn check_assignment(nodes: &[NodeId], replicas: &[NodeId]) -> Result<(), String> {
    if replicas.is_empty() {
        return Err("The manual partition assignment includes an empty replica list.".to_owned());
    }
    // Kafka looks at the lowest ids first.
    let mut sorted = replicas.to_vec();
    sorted.sort_unstable();
    let mut previous = None;
    for node in sorted {
        if !nodes.contains(&node) {
            return Err(format!(
                "The manual partition assignment includes broker {node}, but no such broker is \
                 registered."
            ));
        }
        if previous == Some(node) {
            return Err(format!(
                "The manual partition assignment includes the broker {node} more than once."
            ));
        }
        previous = Some(node);
    }
    Ok(())
}

fn reassign(partition: &mut Partition, replicas: Vec<NodeId>) {
    let stays = |node: &NodeId| replicas.contains(node);
    let someone_leaves = !partition.replicas.iter().all(stays);
    let mut isr: Vec<_> = partition.isr.iter().copied().filter(stays).collect();
    let joining: Vec<_> = replicas
        .iter()
        .copied()
        .filter(|node| !isr.contains(node))
        .collect();
    isr.extend(joining);
    let leader = partition.leader.filter(stays);
    let first = replicas.first().copied();
    partition.isr = isr;
    partition.replicas = replicas;
    let elected = leader.or(first);
    if let Some(elected) = elected.filter(|_| someone_leaves || leader.is_none()) {
        partition.elect(elected);
    }
}
