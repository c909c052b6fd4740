//! Which group's machine takes a request, and what is said where there is none.

use super::classic::{HeartbeatRequest, JoinRequest, LeaveRequest, Left, SyncRequest};
use super::turn::Turn;
use super::{Group, Groups};
use crate::wire::error::ErrorCode;

impl Groups {
    /// Takes a JoinGroup. Only who is new makes a group; it stays even if the member is refused.
    pub(crate) fn join(&mut self, turn: &mut Turn<'_>, request: JoinRequest) {
        let is_new = !self.by_id.contains_key(&request.group);
        if is_new && !request.member.is_empty() {
            let member = request.member.clone();
            request.refuse(turn, ErrorCode::UnknownMemberId, member);
            return;
        }
        match self.classic_or_new(&request.group, turn.now) {
            Some(group) => {
                if is_new {
                    group.persist(turn);
                }
                group.join(turn, request);
            }
            None => request.refuse(turn, ErrorCode::InconsistentGroupProtocol, "".into()),
        }
    }

    /// Takes a SyncGroup.
    pub(crate) fn sync(&mut self, turn: &mut Turn<'_>, request: SyncRequest) {
        match self.by_id.get_mut(&request.group) {
            Some(Group::Classic(group)) => group.sync(turn, request),
            Some(Group::Consumer(_)) | None => request.refuse(turn, ErrorCode::UnknownMemberId),
        }
    }

    /// Takes a heartbeat.
    pub(crate) fn heartbeat(
        &self,
        turn: &mut Turn<'_>,
        request: &HeartbeatRequest,
    ) -> Result<(), ErrorCode> {
        match self.by_id.get(&request.group) {
            Some(Group::Classic(group)) => group.heartbeat(turn, request),
            Some(Group::Consumer(_)) | None => Err(ErrorCode::UnknownMemberId),
        }
    }

    /// Takes a LeaveGroup.
    pub(crate) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        request: LeaveRequest,
    ) -> Result<Vec<Left>, ErrorCode> {
        match self.by_id.get_mut(&request.group) {
            Some(Group::Classic(group)) => group.leave(turn, request),
            Some(Group::Consumer(_)) | None => {
                let members = request.members.into_iter();
                let unknown = members.map(|leaving| leaving.with(Err(ErrorCode::UnknownMemberId)));
                Ok(unknown.collect())
            }
        }
    }
}
