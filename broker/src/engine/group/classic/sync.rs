//! SyncGroup: the leader brings the assignment, the others fetch it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{ClassicGroup, ErrorCode, GroupTimerKind, Reply, State, SyncReply, Turn};
use crate::engine::context::Ticket;

/// A SyncGroup that passed the checks of its own content.
#[derive(Debug, Clone)]
pub(crate) struct SyncRequest {
    pub(crate) ticket: Ticket,
    pub(crate) group: Arc<str>,
    pub(crate) member: Arc<str>,
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    /// What the leader gives to whom.
    pub(crate) assignments: BTreeMap<Arc<str>, Bytes>,
}

impl SyncRequest {
    pub(crate) fn refuse(&self, turn: &mut Turn<'_>, error: ErrorCode) {
        turn.reply(self.ticket, Reply::Sync(SyncReply::refused(error)));
    }
}

impl ClassicGroup {
    /// Takes a SyncGroup, and answers it now or once the leader has brought the assignment.
    pub(crate) fn sync(&mut self, turn: &mut Turn<'_>, request: SyncRequest) {
        if let Err(error) = self.check_sync(&request) {
            request.refuse(turn, error);
            return;
        }
        if let Some(unsynced) = self.state.unsynced() {
            unsynced.remove(&request.member);
            if unsynced.is_empty() {
                turn.cancel(self.timer(GroupTimerKind::Sync));
            }
        }
        let Some(member) = self.members.get_mut(&request.member) else {
            return;
        };
        if matches!(self.state, State::Stable(_)) {
            let reply = SyncReply {
                error: ErrorCode::None,
                protocol_type: self.protocol_type.clone(),
                protocol: self.protocol.clone(),
                assignment: member.assignment.clone(),
            };
            turn.reply(request.ticket, Reply::Sync(reply));
            return;
        }
        if let Some(ticket) = member.waiting_sync.replace(request.ticket) {
            turn.abandon(ticket);
        }
        if self.is_leader(&request.member) {
            self.assign(turn, request.assignments);
        }
    }

    fn check_sync(&self, request: &SyncRequest) -> Result<(), ErrorCode> {
        let differs = |asked: Option<&Arc<str>>, own: Option<&Arc<str>>| {
            asked.is_some_and(|asked| own.is_some_and(|own| own != asked))
        };
        match self.state {
            State::Empty => return Err(ErrorCode::UnknownMemberId),
            State::Dead => return Err(ErrorCode::CoordinatorNotAvailable),
            State::PreparingRebalance(_) | State::CompletingRebalance(_) | State::Stable(_) => {}
        }
        self.check_member(&request.member, request.instance.as_deref())?;
        if request.generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        if differs(request.protocol_type.as_ref(), self.protocol_type.as_ref())
            || differs(request.protocol.as_ref(), self.protocol.as_ref())
        {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        if self.state.is_preparing() {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// Gives everyone what the leader says; nothing to whom it left out.
    fn assign(&mut self, turn: &mut Turn<'_>, mut assignments: BTreeMap<Arc<str>, Bytes>) {
        for (id, member) in &mut self.members {
            member.assignment = assignments.remove(id).unwrap_or_default();
        }
        if let Err(error) = self.persist(turn) {
            self.forget_assignments(turn, error);
            self.rebalance_or_complete(turn, "the assignment cannot be kept");
            return;
        }
        self.propagate(turn, ErrorCode::None);
        let unsynced = self.state.unsynced().map(std::mem::take);
        let stable = State::Stable(unsynced.unwrap_or_default());
        self.enter(turn, stable, "the leader assigned");
    }
}
