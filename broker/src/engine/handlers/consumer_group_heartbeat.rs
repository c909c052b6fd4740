//! ConsumerGroupHeartbeat (key 68), v0–v1 (KIP-848).
//!
//! Oracle: the request's own content is checked before it is known who coordinates the group. An unknown
//! coordinator and a protocol that is not in use come without words. From v1 on clients make their id.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::consumer::{self, Assignor, HeartbeatReply, HeartbeatUpdate};
use crate::engine::group::coordinator;
use crate::engine::java::text::is_blank;
use crate::wire::error::ErrorCode;
use crate::wire::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use crate::wire::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, StrBytes, str_bytes,
};

/// What a member that joins sends as its epoch.
const JOINING: i32 = 0;
/// The epoch of a member that leaves, and of a static one that leaves for a while.
const LEAVING: i32 = -1;
const LEAVING_STATIC: i32 = -2;
/// The first version whose clients make their id.
const CLIENTS_MAKE_IDS: i16 = 1;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ConsumerGroupHeartbeatRequest,
) -> Answer<ConsumerGroupHeartbeatResponse> {
    let response = ConsumerGroupHeartbeatResponse::default();
    Answer::Reply(match answer(cx, request) {
        Ok(reply) => described(response, reply),
        Err(error) => response
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    })
}

fn answer(
    cx: &mut Context<'_>,
    request: ConsumerGroupHeartbeatRequest,
) -> Result<HeartbeatReply, ApiError> {
    if !consumer::is_enabled(cx) {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    may_join(cx, &request)?;
    check(cx, &request)?;
    let group: Arc<str> = (*request.group_id.0).into();
    coordinator::check_may_make(cx.read_only(), &group)?;
    let member: Arc<str> = (*request.member_id).into();
    let instance = request.instance_id.as_deref();
    if request.member_epoch < JOINING {
        let epoch = request.member_epoch;
        cx.with_groups(|groups, turn| {
            groups.consumer_leave(turn, &group, &member, instance, epoch)
        })?;
        return Ok(HeartbeatReply {
            member,
            epoch,
            heartbeat_interval_ms: 0,
            assigned: None,
        });
    }
    let call = cx.call;
    let update = update(request, member);
    cx.with_groups(|groups, turn| groups.consumer_heartbeat(turn, call, &group, update))
}

/// The group takes READ, and each topic that is named DESCRIBE.
fn may_join(cx: &Context<'_>, request: &ConsumerGroupHeartbeatRequest) -> Result<(), ErrorCode> {
    let access = cx.access();
    access.group(Operation::Read, &request.group_id.0)?;
    let topics = request.subscribed_topic_names.iter().flatten();
    access.all_topics(Operation::Describe, topics.map(|name| name.as_str()))
}

fn update(request: ConsumerGroupHeartbeatRequest, member: Arc<str>) -> HeartbeatUpdate {
    let own = |text: Option<StrBytes>| text.map(|text| text.to_string());
    let topics = request.subscribed_topic_names;
    let reported = request.topic_partitions.map(|topics| {
        let mut reported: BTreeMap<_, Vec<i32>> = BTreeMap::new();
        for topic in topics {
            let partitions = reported.entry(topic.topic_id).or_default();
            partitions.extend(topic.partitions);
        }
        reported
    });
    HeartbeatUpdate {
        member,
        epoch: request.member_epoch,
        instance_id: own(request.instance_id),
        rack_id: own(request.rack_id),
        rebalance_timeout_ms: Some(request.rebalance_timeout_ms).filter(|timeout| *timeout != -1),
        topics: topics.map(|topics| topics.iter().map(|name| name.0.to_string()).collect()),
        pattern: own(request.subscribed_topic_regex),
        assignor: own(request.server_assignor),
        reported,
    }
}

/// What can be said of a request without looking at the group, in the oracle's order.
fn check(cx: &Context<'_>, request: &ConsumerGroupHeartbeatRequest) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    let blank = |text: Option<&str>| text.is_some_and(is_blank);
    let epoch = request.member_epoch;
    let needs_id = cx.call.version >= CLIENTS_MAKE_IDS || epoch > JOINING || epoch == LEAVING;
    if needs_id && blank(Some(&request.member_id)) {
        return invalid("MemberId can't be empty.");
    }
    if blank(Some(&request.group_id.0)) {
        return invalid("GroupId can't be empty.");
    }
    if blank(request.instance_id.as_deref()) {
        return invalid("InstanceId can't be empty.");
    }
    if blank(request.rack_id.as_deref()) {
        return invalid("RackId can't be empty.");
    }
    if epoch == JOINING {
        check_join(request)?;
    } else if epoch == LEAVING_STATIC && request.instance_id.is_none() {
        return invalid("InstanceId can't be null.");
    } else if epoch < LEAVING_STATIC {
        return invalid("MemberEpoch is invalid.");
    }
    let offered = &cx
        .state
        .broker_config(cx.call.node)
        .consumer_group_assignors;
    let offered: Vec<&str> = offered
        .iter()
        .map(|name| match Assignor::named(name) {
            Some(assignor) => assignor.name(),
            None => name.as_str(),
        })
        .collect();
    match request.server_assignor.as_deref() {
        Some(name) if !offered.contains(&name) => {
            let message = format!(
                "ServerAssignor {name} is not supported. Supported assignors: {}.",
                offered.join(", ")
            );
            Err(ApiError::new(ErrorCode::UnsupportedAssignor, message))
        }
        _ => Ok(()),
    }
}

fn check_join(request: &ConsumerGroupHeartbeatRequest) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    if request.rebalance_timeout_ms == -1 {
        return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    if request
        .topic_partitions
        .as_ref()
        .is_none_or(|owned| !owned.is_empty())
    {
        return invalid("TopicPartitions must be empty when (re-)joining.");
    }
    if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
        return invalid(
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when \
             (re-)joining.",
        );
    }
    Ok(())
}

fn described(
    response: ConsumerGroupHeartbeatResponse,
    reply: HeartbeatReply,
) -> ConsumerGroupHeartbeatResponse {
    let assignment = reply.assigned.map(|assigned| {
        let topics = assigned.into_iter().map(|(topic, partitions)| {
            TopicPartitions::default()
                .with_topic_id(topic)
                .with_partitions(partitions)
        });
        Assignment::default().with_topic_partitions(topics.collect())
    });
    response
        .with_member_id(Some(str_bytes(reply.member.to_string())))
        .with_member_epoch(reply.epoch)
        .with_heartbeat_interval_ms(reply.heartbeat_interval_ms)
        .with_assignment(assignment)
}
