//! How a script writes answers: the error unless there is none, then what the answer says.

use std::collections::BTreeMap;

use super::Membership;
use crate::wire::apis::Response;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{JoinGroupResponse, LeaveGroupResponse, SyncGroupResponse};

/// Member ids' names.
type Names = BTreeMap<String, String>;

/// What an answer tells a client of itself.
pub(super) fn member_told(response: &Response) -> Option<Membership> {
    let Response::JoinGroup(join) = response else {
        return None;
    };
    let tells = join.error_code == 0 || join.error_code == ErrorCode::MemberIdRequired.code();
    tells.then(|| Membership {
        member: join.member_id.to_string(),
        generation: join.generation_id,
    })
}

/// An answer in words.
pub(super) fn text(response: &Response, names: &Names) -> String {
    if let Response::JoinGroup(join) = response {
        joined(join, names)
    } else if let Response::SyncGroup(sync) = response {
        synced(sync)
    } else if let Response::Heartbeat(beat) = response {
        error(beat.error_code)
    } else if let Response::LeaveGroup(leave) = response {
        left(leave, names)
    } else {
        format!("{response:?}")
    }
}

fn name<'a>(id: &'a str, names: &'a Names) -> &'a str {
    names.get(id).map_or(id, String::as_str)
}

/// Kafka's name of an error.
fn error(code: i16) -> String {
    let known = [
        ErrorCode::UnknownServerError,
        ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotCoordinator,
        ErrorCode::IllegalGeneration,
        ErrorCode::InconsistentGroupProtocol,
        ErrorCode::InvalidGroupId,
        ErrorCode::UnknownMemberId,
        ErrorCode::InvalidSessionTimeout,
        ErrorCode::RebalanceInProgress,
        ErrorCode::MemberIdRequired,
        ErrorCode::GroupMaxSizeReached,
        ErrorCode::FencedInstanceId,
    ];
    if code == 0 {
        return "ok".to_owned();
    }
    let known = known.iter().find(|known| known.code() == code);
    known.map_or_else(|| code.to_string(), |known| format!("{known:?}"))
}

fn joined(join: &JoinGroupResponse, names: &Names) -> String {
    if join.error_code != 0 {
        let mut text = error(join.error_code);
        if !join.member_id.is_empty() {
            text = format!("{text} as {}", name(&join.member_id, names));
        }
        return text;
    }
    let mut text = format!(
        "generation {}, {}, leader {}",
        join.generation_id,
        join.protocol_name.as_deref().unwrap_or("no protocol"),
        name(&join.leader, names),
    );
    if name(&join.member_id, names).contains('\'') {
        text = format!("{text}, as {}", name(&join.member_id, names));
    }
    let mut members: Vec<_> = join
        .members
        .iter()
        .map(|row| {
            let metadata = String::from_utf8_lossy(&row.metadata);
            format!("{}:{metadata}", name(&row.member_id, names))
        })
        .collect();
    members.sort();
    if !members.is_empty() {
        text = format!("{text}, members {}", members.join(" "));
    }
    if join.skip_assignment {
        text.push_str(", skips the assignment");
    }
    text
}

fn synced(sync: &SyncGroupResponse) -> String {
    if sync.error_code != 0 {
        return error(sync.error_code);
    }
    format!("assigned {:?}", String::from_utf8_lossy(&sync.assignment))
}

fn left(leave: &LeaveGroupResponse, names: &Names) -> String {
    let rows = leave.members.iter().map(|row| {
        let who = match &row.group_instance_id {
            Some(instance) if row.member_id.is_empty() => format!("instance {instance}"),
            Some(_) | None => name(&row.member_id, names).to_owned(),
        };
        format!("{who} {}", error(row.error_code))
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() || leave.error_code != 0 {
        return error(leave.error_code);
    }
    rows.join(", ")
}
