//! SyncGroup (key 14), v0–v5 (KIP-345, KIP-559).
//!
//! A follower's is held until the leader's has come. From v5 on the protocol's type and name must be
//! given; Kafka says so before it looks at anything else. Then it takes READ on the group.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::classic::SyncRequest;
use crate::engine::group::coordinator;
use crate::engine::group::turn::SyncReply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{StrBytes, SyncGroupRequest, SyncGroupResponse, str_bytes};

/// First version that must name the protocol.
const NAMES_PROTOCOL: i16 = 5;

/// Hands it to the group.
pub(crate) fn handle(cx: &mut Context<'_>, request: SyncGroupRequest) -> Answer<SyncGroupResponse> {
    if let Err(error) = check(cx, &request) {
        return Answer::Reply(response(SyncReply::refused(error)));
    }
    let text = |text: &StrBytes| Arc::from(&**text);
    let assigned = request.assignments.iter();
    let sync = SyncRequest {
        ticket: cx.call.ticket,
        group: text(&request.group_id.0),
        member: text(&request.member_id),
        instance: request.group_instance_id.as_ref().map(text),
        generation: request.generation_id,
        protocol_type: request.protocol_type.as_ref().map(text),
        protocol: request.protocol_name.as_ref().map(text),
        // Copied, because an assignment outlives the request's buffer.
        assignments: assigned
            .map(|row| {
                (
                    text(&row.member_id),
                    Bytes::copy_from_slice(&row.assignment),
                )
            })
            .collect::<BTreeMap<Arc<str>, Bytes>>(),
    };
    cx.with_groups(|groups, turn| groups.sync(turn, sync));
    Answer::Held
}

fn check(cx: &Context<'_>, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
    let lacks_protocol = request.protocol_type.is_none() || request.protocol_name.is_none();
    if cx.call.version >= NAMES_PROTOCOL && lacks_protocol {
        return Err(ErrorCode::InconsistentGroupProtocol);
    }
    cx.access().group(Operation::Read, &request.group_id.0)?;
    coordinator::check_name(&request.group_id.0)?;
    coordinator::check(cx.read_only(), &request.group_id.0)
}

/// A group's answer.
pub(crate) fn response(reply: SyncReply) -> SyncGroupResponse {
    let text = |text: &Arc<str>| str_bytes(text.to_string());
    SyncGroupResponse::default()
        .with_error_code(reply.error.code())
        .with_protocol_type(reply.protocol_type.as_ref().map(text))
        .with_protocol_name(reply.protocol.as_ref().map(text))
        .with_assignment(reply.assignment)
}
