//! ElectLeaders (key 43), v0–v2 (KIP-183, KIP-460).
//!
//! Oracle: without topics, those of the whole cluster are tried and only the partitions for which
//! there is something to say are listed, their topics always. No time at all is REQUEST_TIMED_OUT
//! for everything; an unknown election type is INVALID_REQUEST for everything.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::elect_leaders_request::TopicPartitions;
use crate::wire::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use crate::wire::messages::{ElectLeadersRequest, ElectLeadersResponse, TopicName};
use crate::wire::units::NodeId;

/// Which leader is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Election {
    /// The first replica.
    Preferred,
    /// Any replica, even one out of sync, if there is no leader.
    Unclean,
}

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ElectLeadersRequest,
) -> Answer<ElectLeadersResponse> {
    let asked = request.topic_partitions;
    if let Err(error) = cx.access().cluster_or_ends(Operation::Alter) {
        return Answer::Reply(refuse_all(cx, &error, asked));
    }
    if asked.as_ref().is_some_and(Vec::is_empty) {
        return Answer::Reply(ElectLeadersResponse::default());
    }
    let election = match request.election_type {
        _ if request.timeout_ms <= 0 => Err(ApiError::without_message(ErrorCode::RequestTimedOut)),
        0 => Ok(Election::Preferred),
        1 => Ok(Election::Unclean),
        other => Err(ApiError::invalid_request(format!(
            "Unknown election type {other}"
        ))),
    };
    let election = match election {
        Ok(election) => election,
        Err(error) => return Answer::Reply(refuse_all(cx, &error, asked)),
    };
    let results = match asked {
        Some(topics) => elect_asked(cx, election, topics),
        None => elect_everywhere(cx, election),
    };
    Answer::Reply(ElectLeadersResponse::default().with_replica_election_results(results))
}

fn refuse_all(
    cx: &Context<'_>,
    error: &ApiError,
    asked: Option<Vec<TopicPartitions>>,
) -> ElectLeadersResponse {
    let results = asked.into_iter().flatten().map(|topic| {
        let partitions = topic.partitions.into_iter();
        let rows = partitions.map(|index| row(index, Err(error.clone())));
        ReplicaElectionResult::default()
            .with_topic(topic.topic)
            .with_partition_result(rows.collect())
    });
    let response = ElectLeadersResponse::default().with_replica_election_results(results.collect());
    // v0 has no error for the whole request.
    if cx.call.version == 0 {
        response
    } else {
        response.with_error_code(error.code.code())
    }
}

fn elect_asked(
    cx: &mut Context<'_>,
    election: Election,
    asked: Vec<TopicPartitions>,
) -> Vec<ReplicaElectionResult> {
    let mut elected = Vec::new();
    let mut results = Vec::with_capacity(asked.len());
    for topic in asked {
        let mut rows = Vec::with_capacity(topic.partitions.len());
        for index in topic.partitions {
            let outcome = candidate_of(cx, election, &topic.topic, index);
            if let Ok(leader) = outcome {
                elected.push((topic.topic.clone(), index, leader));
            }
            rows.push(row(index, outcome.map(|_| ())));
        }
        let result = ReplicaElectionResult::default().with_topic(topic.topic);
        results.push(result.with_partition_result(rows));
    }
    install(cx, elected);
    results
}

fn elect_everywhere(cx: &mut Context<'_>, election: Election) -> Vec<ReplicaElectionResult> {
    let mut elected = Vec::new();
    let mut results = Vec::new();
    for topic in cx.state.cluster.topics() {
        let name = topic.wire_name();
        let mut rows = Vec::new();
        for (index, partition) in (0..).zip(&topic.partitions) {
            let outcome = candidate(cx, election, partition);
            if let Ok(leader) = outcome {
                elected.push((name.clone(), index, leader));
            }
            let not_needed = |error: &ApiError| error.code == ErrorCode::ElectionNotNeeded;
            if !outcome.as_ref().is_err_and(not_needed) {
                rows.push(row(index, outcome.map(|_| ())));
            }
        }
        let result = ReplicaElectionResult::default().with_topic(name);
        results.push(result.with_partition_result(rows));
    }
    install(cx, elected);
    results
}

fn install(cx: &mut Context<'_>, elected: Vec<(TopicName, i32, NodeId)>) {
    for (topic, index, leader) in elected {
        if let Some(partition) = cx.state.cluster.partition_mut(&topic, index) {
            partition.elect(leader);
            cx.changed_topic(&topic);
        }
    }
}

fn candidate_of(
    cx: &Context<'_>,
    election: Election,
    name: &str,
    index: i32,
) -> Result<NodeId, ApiError> {
    let unknown = |what: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, what);
    let topic = cx.state.cluster.topic(name);
    let topic = topic.ok_or_else(|| unknown(format!("No such topic as {name}")))?;
    let partition = topic.partition(index);
    let partition =
        partition.ok_or_else(|| unknown(format!("No such partition as {name}-{index}")))?;
    candidate(cx, election, partition)
}

/// Who is to be the new leader.
fn candidate(
    cx: &Context<'_>,
    election: Election,
    partition: &Partition,
) -> Result<NodeId, ApiError> {
    let live = |node: &NodeId| cx.state.cluster.is_up(*node);
    let refused = |code, message: &str| ApiError::new(code, message);
    let not_needed = || {
        refused(
            ErrorCode::ElectionNotNeeded,
            "Leader election not needed for topic partition.",
        )
    };
    let mut replicas = partition.replicas.iter().copied();
    let first = partition.replicas.first().copied();
    match election {
        Election::Preferred if partition.leader.is_some() && partition.leader == first => {
            Err(not_needed())
        }
        Election::Preferred => first
            .filter(|node| partition.isr.contains(node))
            .ok_or_else(|| {
                refused(
                    ErrorCode::PreferredLeaderNotAvailable,
                    "The preferred leader was not available.",
                )
            }),
        Election::Unclean if partition.leader.is_some() => Err(not_needed()),
        Election::Unclean => replicas.find(live).ok_or_else(|| {
            refused(
                ErrorCode::EligibleLeadersNotAvailable,
                "Eligible topic partition leaders are not available.",
            )
        }),
    }
}

fn row(index: i32, outcome: Result<(), ApiError>) -> PartitionResult {
    let row = PartitionResult::default().with_partition_id(index);
    match outcome {
        Ok(()) => row.with_error_message(None),
        Err(error) => row
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}
