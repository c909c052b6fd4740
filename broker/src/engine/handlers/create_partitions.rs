//! CreatePartitions (key 37), v0–v3.
//!
//! Oracle: a topic named twice does not grow at all, others do; a topic that does not exist gets
//! no message. New partitions have as many replicas as the first one.

use std::collections::BTreeSet;

use super::create_topics::repeated_in_order;
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::engine::java::{hash, hash_map};
use crate::engine::state::State;
use crate::engine::topics::{assignment, plan};
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use crate::wire::messages::create_partitions_response::CreatePartitionsTopicResult;
use crate::wire::messages::{CreatePartitionsRequest, CreatePartitionsResponse, TopicName};
use crate::wire::units::NodeId;

/// The first version that is refused beyond a quota, not throttled (KIP-599).
const QUOTA_REFUSES_SINCE: i16 = 3;

/// How many partitions one request may add.
const BATCH: usize = 10_000;

/// Answers at once: the partitions are there when the answer is.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: CreatePartitionsRequest,
) -> Answer<CreatePartitionsResponse> {
    let results = match whole_request(cx.state, &request) {
        Err(error) => {
            let topics = request.topics.into_iter();
            topics
                .map(|topic| result(topic.name, Err(error.clone())))
                .collect()
        }
        Ok(()) => create(cx, request),
    };
    let response = CreatePartitionsResponse::default().with_results(results);
    Answer::Reply(response.with_throttle_time_ms(cx.throttle_ms))
}

/// What spoils all of a request.
fn whole_request(state: &State, request: &CreatePartitionsRequest) -> Result<(), ApiError> {
    if request.timeout_ms <= 0 {
        return Err(ApiError::without_message(ErrorCode::RequestTimedOut));
    }
    let more = |asked: &CreatePartitionsTopic| {
        let topic = state.cluster.topic(&asked.name)?;
        usize::try_from(asked.count)
            .ok()?
            .checked_sub(topic.partitions.len())
    };
    if request.topics.iter().filter_map(more).sum::<usize>() > BATCH {
        return Err(ApiError::new(
            ErrorCode::PolicyViolation,
            "Excessively large number of additional partitions per request.",
        ));
    }
    Ok(())
}

fn create(
    cx: &mut Context<'_>,
    mut request: CreatePartitionsRequest,
) -> Vec<CreatePartitionsTopicResult> {
    let twice = repeated_in_order(request.topics.iter().map(|topic| topic.name.clone()));
    let duplicate = ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name.");
    // The names, once each, are in a set, and those that come again in another.
    let names = request.topics.iter().map(|topic| &topic.name);
    let buckets = hash_map::grown(names.collect::<BTreeSet<_>>().len());
    let of_name = |topic: &CreatePartitionsTopic| hash::of_str(&topic.name);
    hash_map::sort_in(&mut request.topics, buckets, of_name);
    let refused = twice.iter().cloned();
    let mut results: Vec<_> = refused
        .map(|name| result(name, Err(duplicate.clone())))
        .collect();
    let wanted = request.topics.into_iter();
    let wanted = wanted.filter(|topic| !twice.contains(&topic.name));
    let mut allowed = Vec::new();
    for topic in wanted {
        match cx.access().topic(Operation::Alter, &topic.name) {
            Ok(()) => allowed.push(topic),
            Err(code) => results.push(result(topic.name, Err(code.into()))),
        }
    }
    for topic in allowed {
        let growth = Growth::of(cx, &topic);
        let outcome = growth.map(|growth| {
            if !request.validate_only {
                growth.carry_out(cx, &topic.name);
            }
        });
        results.push(result(topic.name, outcome));
    }
    results
}

/// The partitions that a topic gets.
enum Growth {
    Assigned(Vec<Vec<NodeId>>),
    Counts { partitions: usize, factor: usize },
}

impl Growth {
    fn of(cx: &mut Context<'_>, asked: &CreatePartitionsTopic) -> Result<Self, ApiError> {
        let topic = cx.state.cluster.topic(&asked.name);
        let topic = topic.ok_or(ApiError::without_message(
            ErrorCode::UnknownTopicOrPartition,
        ))?;
        let partitions = additional(asked, topic.partitions.len())?;
        let factor = topic
            .partitions
            .first()
            .map_or(1, |partition| partition.replicas.len());
        if let Some(given) = &asked.assignments
            && given.len() != partitions
        {
            return Err(assignment::invalid(format!(
                "Attempted to add {partitions} additional partition(s), but only {} assignment(s) \
                 were specified.",
                given.len()
            )));
        }
        let first = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        cx.state.refuse_more(&asked.name, partitions)?;
        plan::check_room(cx.state, cx.call.node, partitions)?;
        cx.charge_mutations(partitions, QUOTA_REFUSES_SINCE)?;
        let state = &*cx.state;
        let check = |(index, given): (i32, &CreatePartitionsAssignment)| {
            assignment::check(state, index, &given.broker_ids, Some(factor))
        };
        match &asked.assignments {
            Some(given) => (first..)
                .zip(given)
                .map(check)
                .collect::<Result<_, _>>()
                .map(Self::Assigned),
            None => {
                plan::check_factor(state, factor)?;
                Ok(Self::Counts { partitions, factor })
            }
        }
    }

    fn carry_out(self, cx: &mut Context<'_>, topic: &str) {
        let assignments = match self {
            Self::Assigned(assignments) => assignments,
            Self::Counts { partitions, factor } => cx.state.place_replicas(partitions, factor),
        };
        let created = cx.now.wall;
        let live = cx.state.cluster.live_ids();
        let new = assignments.into_iter();
        let new = new.map(|replicas| Partition::new(replicas, &live, created));
        cx.state.cluster.add_partitions(topic, new);
        cx.changed_topic(topic);
    }
}

/// How many partitions there are to add.
fn additional(asked: &CreatePartitionsTopic, now: usize) -> Result<usize, ApiError> {
    let wanted = usize::try_from(asked.count).unwrap_or(0);
    match wanted.checked_sub(now) {
        Some(0) => Err(ApiError::new(
            ErrorCode::InvalidPartitions,
            format!("Topic already has {now} partition(s)."),
        )),
        Some(more) => Ok(more),
        None => Err(ApiError::new(
            ErrorCode::InvalidPartitions,
            format!(
                "The topic {} currently has {now} partition(s); {} would not be an increase.",
                asked.name.as_str(),
                asked.count
            ),
        )),
    }
}

fn result(name: TopicName, outcome: Result<(), ApiError>) -> CreatePartitionsTopicResult {
    let result = CreatePartitionsTopicResult::default().with_name(name);
    match outcome {
        Ok(()) => result.with_error_message(None),
        Err(error) => result
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}
