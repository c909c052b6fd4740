//! ShareGroupHeartbeat (key 76), v1 (KIP-932).
//!
//! Oracle: the group takes READ; then a member's id is looked at, without words; then each topic takes DESCRIBE; then
//! comes the request's content, and last who coordinates the group.

use std::sync::Arc;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::share::{ShareHeartbeat, ShareHeartbeatReply};
use crate::engine::java::text::is_blank;
use crate::wire::error::ErrorCode;
use crate::wire::messages::share_group_heartbeat_response::{Assignment, TopicPartitions};
use crate::wire::messages::{
    ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, StrBytes, str_bytes,
};

/// What a member that joins sends as its epoch, and one that leaves.
const JOINING: i32 = 0;
const LEAVING: i32 = -1;

/// A member's id has as many UTF-16 units at most.
const MEMBER_ID_MAX: usize = 36;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ShareGroupHeartbeatRequest,
) -> Answer<ShareGroupHeartbeatResponse> {
    let response = ShareGroupHeartbeatResponse::default();
    Answer::Reply(match answer(cx, request) {
        Ok(reply) => described(response, reply),
        Err(error) => response
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    })
}

fn answer(
    cx: &mut Context<'_>,
    request: ShareGroupHeartbeatRequest,
) -> Result<ShareHeartbeatReply, ApiError> {
    if !cx.has_share_groups() {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    may_join(cx, &request)?;
    check(&request)?;
    let group: Arc<str> = (*request.group_id.0).into();
    coordinator::check_may_make(cx.read_only(), &group)?;
    let member: Arc<str> = (*request.member_id).into();
    if request.member_epoch == LEAVING {
        cx.with_groups(|groups, turn| groups.share_leave(turn, &group, &member))?;
        return Ok(ShareHeartbeatReply {
            member,
            epoch: LEAVING,
            heartbeat_interval_ms: 0,
            assigned: None,
        });
    }
    let topics = request.subscribed_topic_names;
    let update = ShareHeartbeat {
        member,
        epoch: request.member_epoch,
        rack_id: request.rack_id.map(|rack: StrBytes| rack.to_string()),
        topics: topics.map(|topics| topics.iter().map(|name| name.0.to_string()).collect()),
    };
    let call = cx.call;
    cx.with_groups(|groups, turn| groups.share_heartbeat(turn, call, &group, &update))
}

/// What the client may not do, and a member's id that cannot be.
fn may_join(cx: &Context<'_>, request: &ShareGroupHeartbeatRequest) -> Result<(), ErrorCode> {
    let access = cx.access();
    access.group(Operation::Read, &request.group_id.0)?;
    let member = &*request.member_id;
    if member.is_empty() || member.encode_utf16().count() > MEMBER_ID_MAX {
        return Err(ErrorCode::InvalidRequest);
    }
    let topics = request.subscribed_topic_names.iter().flatten();
    access.all_topics(Operation::Describe, topics.map(|name| name.as_str()))
}

/// What can be said of a request without looking at the group, in the oracle's order.
fn check(request: &ShareGroupHeartbeatRequest) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::invalid_request(message));
    if is_blank(&request.member_id) {
        return invalid("MemberId can't be empty.");
    }
    if is_blank(&request.group_id.0) {
        return invalid("GroupId can't be empty.");
    }
    if request.rack_id.as_deref().is_some_and(is_blank) {
        return invalid("RackId can't be empty.");
    }
    if request.member_epoch == JOINING {
        if request
            .subscribed_topic_names
            .as_ref()
            .is_none_or(Vec::is_empty)
        {
            return invalid("SubscribedTopicNames must be set in first request.");
        }
    } else if request.member_epoch < LEAVING {
        return invalid("MemberEpoch is invalid.");
    }
    Ok(())
}

fn described(
    response: ShareGroupHeartbeatResponse,
    reply: ShareHeartbeatReply,
) -> ShareGroupHeartbeatResponse {
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
