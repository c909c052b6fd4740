//! Which group's machine takes a request, and what is said where there is none.

use std::sync::Arc;

use super::classic::{HeartbeatRequest, JoinRequest, LeaveRequest, Left, SyncRequest};
use super::turn::{JoinReply, Reply, Turn};
use super::{Group, Groups};
use crate::wire::error::ErrorCode;

impl Groups {
    /// Takes a JoinGroup. Only who is new makes a group; it stays even if the member is refused.
    pub(crate) fn join(&mut self, turn: &mut Turn<'_>, request: JoinRequest) {
        if request.member.is_empty() {
            let (group, connection) = (&request.group, request.connection);
            self.former.returned_by(group, connection);
        }
        if let Some(Group::Share(_)) = self.by_id.get(&request.group) {
            request.refuse(turn, ErrorCode::InconsistentGroupProtocol, "".into());
            return;
        }
        if let Some(Group::Consumer(group)) = self.by_id.get_mut(&request.group) {
            if !group.members.is_empty() {
                let heir = group.classic_join(turn, &request);
                self.inherit(heir);
                return;
            }
            if request.member.is_empty() {
                // Nobody is left in it, so that it may be of either kind again.
                group.take_back(turn, None);
                self.by_id.remove(&request.group);
            }
        }
        if let Some(Group::Streams(group)) = self.by_id.get(&request.group) {
            if !group.members.is_empty() {
                request.refuse(turn, ErrorCode::InconsistentGroupProtocol, "".into());
                return;
            }
            if request.member.is_empty() {
                self.bury(turn, &Arc::clone(&request.group));
            }
        }
        let is_new = !self.by_id.contains_key(&request.group);
        if is_new && !request.member.is_empty() {
            let member = request.member.clone();
            request.refuse(turn, ErrorCode::UnknownMemberId, member);
            return;
        }
        match self.classic_or_new(&request.group, turn.now) {
            Some(group) => {
                let written = if is_new { group.persist(turn) } else { Ok(()) };
                let (id, ticket) = (Arc::clone(&request.group), request.ticket);
                group.join(turn, request);
                if let Err(error) = written {
                    // There is no such group after all. Anyone who got its id has its answer already.
                    group.cancel_timers(turn);
                    self.by_id.remove(&id);
                    let refused = JoinReply::refused(error, "".into());
                    turn.reply(ticket, Reply::Join(refused));
                }
            }
            // An empty group of another kind knows no member.
            None => {
                let member = request.member.clone();
                request.refuse(turn, ErrorCode::UnknownMemberId, member);
            }
        }
    }

    /// Takes a SyncGroup.
    pub(crate) fn sync(&mut self, turn: &mut Turn<'_>, request: SyncRequest) {
        match self.by_id.get_mut(&request.group) {
            Some(Group::Classic(group)) => group.sync(turn, request),
            Some(Group::Consumer(group)) => group.classic_sync(turn, &request),
            Some(Group::Share(_)) => request.refuse(turn, ErrorCode::InconsistentGroupProtocol),
            Some(Group::Streams(_)) | None => request.refuse(turn, ErrorCode::UnknownMemberId),
        }
    }

    /// Takes a heartbeat.
    pub(crate) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        request: HeartbeatRequest<'_>,
    ) -> Result<(), ErrorCode> {
        match self.by_id.get_mut(request.group) {
            Some(Group::Classic(group)) => group.heartbeat(turn, request),
            Some(Group::Consumer(group)) => group.classic_heartbeat(turn, request),
            Some(Group::Share(_) | Group::Streams(_)) | None => Err(ErrorCode::UnknownMemberId),
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
            Some(Group::Consumer(group)) => {
                let (left, heir) = group.classic_leave(turn, request);
                self.inherit(heir);
                Ok(left)
            }
            Some(Group::Share(_) | Group::Streams(_)) | None => {
                let members = request.members.into_iter();
                let unknown = members.map(|leaving| leaving.with(Err(ErrorCode::UnknownMemberId)));
                Ok(unknown.collect())
            }
        }
    }
}
