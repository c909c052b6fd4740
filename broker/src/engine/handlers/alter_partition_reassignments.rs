//! AlterPartitionReassignments (key 45), v0–v1 (KIP-455, KIP-860).
//!
//! Replicas share one log, so that a reassignment is complete at once, unless it is throttled, held, or a new replica's
//! node is stopped. Oracle: replicas that stay keep their order in the ISR; a leader that stays keeps leading; the
//! leader epoch grows when the leader changes or a replica goes away. No time at all is REQUEST_TIMED_OUT for
//! everything, but not for nothing.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use crate::wire::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use crate::wire::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, TopicName,
};
use crate::wire::units::NodeId;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterPartitionReassignmentsRequest,
) -> Answer<AlterPartitionReassignmentsResponse> {
    let response = AlterPartitionReassignmentsResponse::default();
    if let Err(error) = cx.access().cluster_or_ends(Operation::Alter) {
        let topics = each(request.topics, |_, _| Err(error.clone()));
        let response = response.with_error_code(error.code.code());
        let response = response.with_error_message(error.wire_message());
        return Answer::Reply(response.with_responses(topics));
    }
    if request.topics.is_empty() {
        return Answer::Reply(response);
    }
    let response = response.with_error_message(None);
    if request.timeout_ms <= 0 {
        let code = ErrorCode::RequestTimedOut;
        let refuse = |_: &str, _: &ReassignablePartition| Err(ApiError::without_message(code));
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
    for (topic, index, target) in moves {
        carry_out(cx, &topic, index, target);
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
    mut serve: impl FnMut(&str, &ReassignablePartition) -> Result<(), ApiError>,
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

fn row(index: i32, outcome: Result<(), ApiError>) -> ReassignablePartitionResponse {
    let error = outcome.err().unwrap_or_else(|| ErrorCode::None.into());
    ReassignablePartitionResponse::default()
        .with_partition_index(index)
        .with_error_code(error.code.code())
        .with_error_message(error.wire_message())
}

/// Where a partition is to go.
enum Target {
    Replicas(Vec<NodeId>),
    /// Back to where it was.
    Before,
}

fn carry_out(cx: &mut Context<'_>, topic: &str, index: i32, target: Target) {
    let live = cx.state.cluster.live_ids();
    let unclean = cx.state.topic_config(topic).unclean_leader_election;
    let Some(partition) = cx.state.cluster.partition_mut(topic, index) else {
        return;
    };
    match target {
        Target::Replicas(replicas) => partition.reassign(replicas),
        Target::Before => {
            let back = partition.cancel_reassignment(&live, unclean);
            debug_assert!(back.is_ok(), "it was asked before");
        }
    }
    cx.state.watch_reassignment(topic, index);
    cx.changed_topic(topic);
}

/// What is to become of the partition.
fn check(
    cx: &Context<'_>,
    name: &str,
    asked: &ReassignablePartition,
    any_factor: bool,
) -> Result<Target, ApiError> {
    let index = asked.partition_index;
    let unknown = |what: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, what);
    let topic = cx.state.cluster.topic(name);
    let topic = topic.ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
    let partition = topic.partition(index);
    let partition =
        partition.ok_or_else(|| unknown(format!("Unable to find partition {name}:{index}.")))?;
    let Some(replicas) = &asked.replicas else {
        check_cancellation(cx, TopicPartition::at(name, index), partition)?;
        return Ok(Target::Before);
    };
    let replicas: Vec<_> = replicas.iter().map(|broker| NodeId(broker.0)).collect();
    check_assignment(&cx.state.cluster.node_ids(), &replicas)
        .map_err(|message| ApiError::new(ErrorCode::InvalidReplicaAssignment, message))?;
    let (before, after) = (partition.replication_factor(), replicas.len());
    if !any_factor && before != after {
        let message = format!("The replication factor is changed from {before} to {after}");
        return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
    }
    Ok(Target::Replicas(replicas))
}

fn check_cancellation(
    cx: &Context<'_>,
    place: TopicPartition<&str>,
    partition: &Partition,
) -> Result<(), ApiError> {
    if !partition.reassignment.is_under_way() {
        return Err(ApiError::without_message(
            ErrorCode::NoReassignmentInProgress,
        ));
    }
    let is_added = |node: &NodeId| partition.reassignment.adding.contains(node);
    if partition.isr.iter().all(is_added)
        && !cx.state.topic_config(place.topic).unclean_leader_election
    {
        let message = format!(
            "Unable to revert partition assignment for {}:{} because it would require an unclean \
             leader election.",
            place.topic, place.partition
        );
        return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    }
    Ok(())
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
