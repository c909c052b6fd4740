//! DescribeGroups (key 15), v0–v6 (KIP-430, KIP-1043).
//!
//! Oracle: metadata and the name of the protocol are told of a stable group only. A group that does
//! not exist is Dead, without an error before v6; so is one that is no classic group. A group takes DESCRIBE, or comes
//! before all others.

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::classic::{ClassicGroup, Member, State};
use crate::engine::group::{Group, coordinator};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use crate::wire::messages::{
    DescribeGroupsRequest, DescribeGroupsResponse, GroupId, StrBytes, str_bytes,
};

/// The first version that has an error for a group that does not exist.
const NOT_FOUND_SINCE: i16 = 6;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeGroupsRequest,
) -> Answer<DescribeGroupsResponse> {
    let operations = request.include_authorized_operations;
    let may_see = |id: &GroupId| cx.access().group(Operation::Describe, id).is_ok();
    let (seen, denied): (Vec<_>, Vec<_>) = request.groups.into_iter().partition(may_see);
    let denied = denied.into_iter().map(|id| {
        let code = ErrorCode::GroupAuthorizationFailed.code();
        let group = DescribedGroup::default().with_error_code(code);
        group.with_error_message(None).with_group_id(id)
    });
    let named = coordinator::by_partition(cx, seen, |id| id);
    let named = named.into_iter().flat_map(|(_, ids)| ids);
    let groups = named.map(|id| {
        let group = match describe(cx, &id) {
            Ok(group) if operations => {
                let bits = cx.access().operations(ResourceType::Group, &id);
                group.with_authorized_operations(bits)
            }
            Ok(group) => group,
            Err(group) => *group,
        };
        group.with_group_id(id)
    });
    let groups = denied.chain(groups).collect();
    Answer::Reply(DescribeGroupsResponse::default().with_groups(groups))
}

fn describe(cx: ReadContext<'_>, id: &str) -> Result<DescribedGroup, Box<DescribedGroup>> {
    coordinator::check(cx, id).map_err(|code| {
        let group = DescribedGroup::default().with_error_code(code.code());
        Box::new(group.with_error_message(None))
    })?;
    match cx.state.groups.get(id) {
        Some(Group::Classic(group)) => Ok(classic(group)),
        Some(Group::Consumer(_) | Group::Share(_) | Group::Streams(_)) => {
            not_found(cx, format!("Group {id} is not a classic group."))
        }
        None => not_found(cx, format!("Group {id} not found.")),
    }
}

fn not_found(cx: ReadContext<'_>, why: String) -> Result<DescribedGroup, Box<DescribedGroup>> {
    let dead = DescribedGroup::default().with_group_state(StrBytes::from_static_str("Dead"));
    if cx.call.version < NOT_FOUND_SINCE {
        return Ok(dead);
    }
    let dead = dead.with_error_code(ErrorCode::GroupIdNotFound.code());
    Err(Box::new(dead.with_error_message(Some(str_bytes(why)))))
}

fn classic(group: &ClassicGroup) -> DescribedGroup {
    let protocol = match group.state() {
        State::Stable(_) => group.protocol(),
        State::Empty
        | State::PreparingRebalance(_)
        | State::CompletingRebalance(_)
        | State::Dead => None,
    };
    let members = group.members_as_kept().into_iter();
    let members = members.map(|member| described(member, protocol));
    DescribedGroup::default()
        .with_error_message(None)
        .with_group_state(StrBytes::from_static_str(group.state().name()))
        .with_protocol_type(str_bytes(group.protocol_type().unwrap_or_default()))
        .with_protocol_data(str_bytes(protocol.unwrap_or_default()))
        .with_members(members.collect())
}

fn described(member: &Member, protocol: Option<&str>) -> DescribedGroupMember {
    let metadata = protocol.map(|protocol| member.metadata(protocol));
    DescribedGroupMember::default()
        .with_member_id(str_bytes(&*member.id))
        .with_group_instance_id(member.instance_id.as_deref().map(str_bytes))
        .with_client_id(str_bytes(&*member.client_id))
        .with_client_host(str_bytes(&*member.client_host))
        .with_member_metadata(metadata.unwrap_or_default())
        .with_member_assignment(member.assignment.clone())
}
