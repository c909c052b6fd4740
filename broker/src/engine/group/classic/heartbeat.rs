//! Heartbeat: a member says that it lives, and learns of a rebalance.

use super::{ClassicGroup, ErrorCode, State, Turn};

/// A heartbeat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeartbeatRequest<'a> {
    pub(crate) group: &'a str,
    pub(crate) member: &'a str,
    pub(crate) instance: Option<&'a str>,
    pub(crate) generation: i32,
}

impl ClassicGroup {
    /// Takes a heartbeat; a rebalance is an error that does not end the session.
    pub(crate) fn heartbeat(
        &self,
        turn: &mut Turn<'_>,
        request: HeartbeatRequest<'_>,
    ) -> Result<(), ErrorCode> {
        if self.state == State::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        self.check_member(request.member, request.instance)?;
        if request.generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        if let Some(member) = self.members.get(request.member) {
            self.expect(turn, &member.id, member.session_timeout);
        }
        if self.state.is_preparing() {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }
}
