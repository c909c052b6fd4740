//! OffsetCommit, as far as it concerns the members.

use super::{ClassicGroup, ErrorCode, State, Turn};
use crate::engine::group::offsets::Committer;

impl ClassicGroup {
    /// Whether offsets may be committed by who says to be this member; if so, that counts as a sign
    /// of life. A group without members takes them from anyone who claims no generation.
    pub(crate) fn check_committer(
        &self,
        turn: &mut Turn<'_>,
        committer: &Committer<'_>,
    ) -> Result<(), ErrorCode> {
        let is_transactional = committer.producer.is_some();
        let claims_nothing = committer.member.is_empty() && committer.instance.is_none();
        if self.state == State::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        if committer.generation < 0 && self.state == State::Empty {
            return Ok(());
        }
        if committer.generation >= 0 || !claims_nothing {
            self.check_member(committer.member, committer.instance)?;
            if committer.generation != self.generation {
                return Err(ErrorCode::IllegalGeneration);
            }
        } else if !is_transactional && self.state != State::Empty {
            return Err(ErrorCode::UnknownMemberId);
        }
        if is_transactional {
            return Ok(());
        }
        if matches!(self.state, State::CompletingRebalance(_)) {
            return Err(ErrorCode::RebalanceInProgress);
        }
        if let Some(member) = self.member(committer.member) {
            self.expect(turn, &member.id, member.session_timeout);
        }
        Ok(())
    }
}
