//! JoinGroup (key 11), v0–v9 (KIP-62, KIP-345, KIP-394, KIP-559, KIP-800, KIP-814).
//!
//! Takes READ on the group. Held until the rebalance is complete, unless the group has something to say at once. Kafka checks
//! the group's name, then the session timeout, and only then whether it coordinates the group.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::classic::{JoinRequest, Protocol};
use crate::engine::group::coordinator;
use crate::engine::group::turn::{JoinReply, JoinedMember};
use crate::wire::error::ErrorCode;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::join_group_response::JoinGroupResponseMember;
use crate::wire::messages::{JoinGroupRequest, JoinGroupResponse, str_bytes};

/// First version with a rebalance timeout; before it the session timeout stands for it.
const REBALANCE_TIMEOUT: i16 = 1;

/// First version whose dynamic members come back with the id they are given.
const MEMBER_ID_REQUIRED: i16 = 4;

/// First version that may have no protocol name, instead of an empty one.
const NULL_PROTOCOL: i16 = 7;

/// First version that knows of assignments that are left as they are.
const SKIPS_ASSIGNMENT: i16 = 9;

/// Hands it to the group.
pub(crate) fn handle(cx: &mut Context<'_>, request: JoinGroupRequest) -> Answer<JoinGroupResponse> {
    match join_request(cx, &request) {
        Ok(join) => {
            cx.with_groups(|groups, turn| groups.join(turn, join));
            Answer::Held
        }
        Err((error, member)) => {
            let reply = JoinReply::refused(error, member.into());
            Answer::Reply(response(reply, cx.call.version))
        }
    }
}

/// What the group is given, or why it is given nothing and which member id the answer names.
fn join_request<'a>(
    cx: &Context<'_>,
    request: &'a JoinGroupRequest,
) -> Result<JoinRequest, (ErrorCode, &'a str)> {
    let version = cx.call.version;
    let group: &str = &request.group_id.0;
    let may_join = cx.access().group(Operation::Read, group);
    may_join.map_err(|error| (error, ""))?;
    coordinator::check_name(group).map_err(|error| (error, &*request.member_id))?;
    let session_timeout = session_timeout(cx, request.session_timeout_ms)
        .ok_or((ErrorCode::InvalidSessionTimeout, &*request.member_id))?;
    coordinator::check_may_make(cx.read_only(), group).map_err(|error| (error, ""))?;
    let rebalance_timeout = if version < REBALANCE_TIMEOUT {
        session_timeout
    } else {
        Duration::from_millis(request.rebalance_timeout_ms.max(0).unsigned_abs().into())
    };
    Ok(JoinRequest {
        ticket: cx.call.ticket,
        connection: cx.call.connection,
        group: group.into(),
        member: (*request.member_id).into(),
        instance: request.group_instance_id.as_deref().map(Arc::from),
        client_id: Arc::clone(&cx.call.client_id),
        client_host: cx.call.client_host.clone(),
        session_timeout,
        rebalance_timeout,
        protocol_type: (*request.protocol_type).into(),
        protocols: request.protocols.iter().map(protocol).collect(),
        reason: request.reason.as_deref().map(str::to_owned),
        takes_id_first: version >= MEMBER_ID_REQUIRED,
        may_skip_assignment: version >= SKIPS_ASSIGNMENT,
    })
}

/// The session timeout, if the coordinator's settings allow it.
fn session_timeout(cx: &Context<'_>, millis: i32) -> Option<Duration> {
    let config = cx.state.broker_config(cx.call.node);
    let timeout = Duration::from_millis(u64::try_from(millis).ok()?);
    let allowed = config.group_min_session_timeout..=config.group_max_session_timeout;
    allowed.contains(&timeout).then_some(timeout)
}

/// Copied, because a member outlives the request's buffer.
fn protocol(row: &JoinGroupRequestProtocol) -> Protocol {
    Protocol {
        name: (*row.name).into(),
        metadata: Bytes::copy_from_slice(&row.metadata),
    }
}

/// A group's answer as the version has it.
pub(crate) fn response(reply: JoinReply, version: i16) -> JoinGroupResponse {
    let text = |text: &Arc<str>| str_bytes(text.to_string());
    let protocol = reply.protocol.as_ref().map(text);
    let leader = reply.leader.as_ref().map(text);
    let members = reply.members.iter().map(|member: &JoinedMember| {
        JoinGroupResponseMember::default()
            .with_member_id(text(&member.id))
            .with_group_instance_id(member.instance_id.as_ref().map(text))
            .with_metadata(member.metadata.clone())
    });
    JoinGroupResponse::default()
        .with_error_code(reply.error.code())
        .with_generation_id(reply.generation)
        .with_protocol_type(reply.protocol_type.as_ref().map(text))
        .with_protocol_name(protocol.filter(|name| version < NULL_PROTOCOL || !name.is_empty()))
        .with_leader(leader.unwrap_or_default())
        .with_skip_assignment(reply.skip_assignment)
        .with_member_id(text(&reply.member))
        .with_members(members.collect())
}
