//! LeaveGroup: members go, or an administrator removes them.

use std::sync::Arc;

use super::{ClassicGroup, ErrorCode, State, Turn};

/// Who is to leave a group.
#[derive(Debug, Clone)]
pub(crate) struct LeaveRequest {
    pub(crate) group: Arc<str>,
    pub(crate) members: Vec<Leaving>,
}

/// One who leaves, by member id or, where that is empty, by instance id.
#[derive(Debug, Clone)]
pub(crate) struct Leaving {
    pub(crate) member: Arc<str>,
    pub(crate) instance: Option<Arc<str>>,
    /// Why it leaves (KIP-800); noted, and nothing else.
    pub(crate) reason: Option<String>,
}

/// What became of one who was to leave.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    pub(crate) member: Arc<str>,
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) error: ErrorCode,
}

impl Leaving {
    pub(crate) fn with(self, outcome: Result<(), ErrorCode>) -> Left {
        Left {
            member: self.member,
            instance: self.instance,
            error: outcome.err().unwrap_or(ErrorCode::None),
        }
    }
}

impl ClassicGroup {
    /// Lets members leave, one after the other, and rebalances once.
    pub(crate) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        request: LeaveRequest,
    ) -> Result<Vec<Left>, ErrorCode> {
        if self.state == State::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let mut answers = Vec::with_capacity(request.members.len());
        let mut why = String::new();
        for leaving in request.members {
            let gone = self.member_to_leave(&leaving);
            if let Ok(id) = &gone {
                self.remove(turn, id);
                let reason = leaving.reason.as_deref().unwrap_or("not provided");
                why = format!("a member left; client reason: {reason}");
            }
            answers.push(leaving.with(gone.map(|_| ())));
        }
        if answers.iter().any(|left| left.error == ErrorCode::None) {
            match self.state {
                State::CompletingRebalance(_) | State::Stable(_) => {
                    self.prepare_rebalance(turn, &why);
                }
                State::PreparingRebalance(_) => self.complete_join_if_possible(turn),
                State::Empty | State::Dead => {}
            }
        }
        Ok(answers)
    }

    /// Sends everybody away, and tells who waits for an answer to join again.
    pub(crate) fn dismiss_members(&mut self, turn: &mut Turn<'_>) {
        self.refuse_all(turn, ErrorCode::UnknownMemberId);
        let ids: Vec<_> = self.members.keys().chain(&self.pending).cloned().collect();
        for id in &ids {
            self.remove(turn, id);
        }
        if self.state.is_preparing() {
            self.complete_join(turn);
        } else if self.state.may_rebalance() && !self.is_empty() {
            self.prepare_rebalance(turn, "the cluster starts over");
        }
    }

    fn member_to_leave(&self, leaving: &Leaving) -> Result<Arc<str>, ErrorCode> {
        if leaving.member.is_empty() {
            let instance = leaving.instance.as_ref();
            let id = instance.and_then(|instance| self.instances.get(instance));
            return id.cloned().ok_or(ErrorCode::UnknownMemberId);
        }
        if !self.pending.contains(&leaving.member) {
            self.check_member(&leaving.member, leaving.instance.as_deref())?;
        }
        Ok(leaving.member.clone())
    }
}
