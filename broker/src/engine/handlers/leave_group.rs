//! LeaveGroup (key 13), v0–v5 (KIP-345, KIP-800).
//!
//! From v3 on it lists members, each with an error of its own; before that it names one, whose error
//! is the answer's. Takes READ on the group.

use std::sync::Arc;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::classic::{LeaveRequest, Leaving, Left};
use crate::engine::group::coordinator;
use crate::wire::error::ErrorCode;
use crate::wire::messages::leave_group_response::MemberResponse;
use crate::wire::messages::{LeaveGroupRequest, LeaveGroupResponse, str_bytes};

/// First version that lists members.
const LISTS: i16 = 3;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: LeaveGroupRequest,
) -> Answer<LeaveGroupResponse> {
    let response = LeaveGroupResponse::default();
    Answer::Reply(match leave(cx, request) {
        Err(error) => response.with_error_code(error.code()),
        Ok(left) if cx.call.version < LISTS => {
            let error = left.first().map_or(ErrorCode::None, |left| left.error);
            response.with_error_code(error.code())
        }
        Ok(left) => response.with_members(left.iter().map(row).collect()),
    })
}

fn leave(cx: &mut Context<'_>, request: LeaveGroupRequest) -> Result<Vec<Left>, ErrorCode> {
    let group: &str = &request.group_id.0;
    cx.access().group(Operation::Read, group)?;
    coordinator::check_name(group)?;
    coordinator::check(cx.read_only(), group)?;
    let members = if cx.call.version < LISTS {
        let only = Leaving {
            member: (*request.member_id).into(),
            instance: None,
            reason: None,
        };
        vec![only]
    } else {
        let listed = request.members.iter().map(|row| Leaving {
            member: (*row.member_id).into(),
            instance: row.group_instance_id.as_deref().map(Arc::from),
            reason: row.reason.as_deref().map(str::to_owned),
        });
        listed.collect()
    };
    let group = group.into();
    cx.with_groups(|groups, turn| groups.leave(turn, LeaveRequest { group, members }))
}

fn row(left: &Left) -> MemberResponse {
    let text = |text: &Arc<str>| str_bytes(text.to_string());
    MemberResponse::default()
        .with_member_id(text(&left.member))
        .with_group_instance_id(left.instance.as_ref().map(text))
        .with_error_code(left.error.code())
}
