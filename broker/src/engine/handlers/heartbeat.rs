//! Heartbeat (key 12), v0–v4 (KIP-345). Takes READ on the group.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::classic::HeartbeatRequest as MemberHeartbeat;
use crate::engine::group::coordinator;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{HeartbeatRequest, HeartbeatResponse};

/// Answers at once.
pub(crate) fn handle(cx: &mut Context<'_>, request: HeartbeatRequest) -> Answer<HeartbeatResponse> {
    let error = beat(cx, &request).err();
    // Oracle: while the group is being read, its members are taken to be alive.
    let error = error.filter(|error| *error != ErrorCode::CoordinatorLoadInProgress);
    let error = error.unwrap_or(ErrorCode::None);
    Answer::Reply(HeartbeatResponse::default().with_error_code(error.code()))
}

fn beat(cx: &mut Context<'_>, request: &HeartbeatRequest) -> Result<(), ErrorCode> {
    let group: &str = &request.group_id.0;
    cx.access().group(Operation::Read, group)?;
    coordinator::check_name(group)?;
    coordinator::check(cx.read_only(), group)?;
    let beat = MemberHeartbeat {
        group,
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    cx.with_groups(|groups, turn| groups.heartbeat(turn, beat))
}
