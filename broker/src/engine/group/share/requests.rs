//! Which share group takes a request, and what is said where there is none.

use std::sync::Arc;

use super::{ShareGroup, ShareHeartbeat, ShareHeartbeatReply, TopicPartitions};
use crate::engine::api_error::ApiError;
use crate::engine::context::{Call, Context};
use crate::engine::group::refusals::{no_group, no_group_of_kind, not_a_member, other_kind};
use crate::engine::group::turn::{GroupTimerKind, Turn};
use crate::engine::group::{Group, Groups};

impl Context<'_> {
    /// Whether share groups are in use, by the cluster's feature.
    pub(crate) fn has_share_groups(&self) -> bool {
        self.state.has_share_groups()
    }
}

impl Groups {
    /// Takes a heartbeat of a member that joins or stays. Who joins may make the group.
    pub(crate) fn share_heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        id: &Arc<str>,
        update: &ShareHeartbeat,
    ) -> Result<ShareHeartbeatReply, ApiError> {
        let joins = update.epoch == 0;
        if joins {
            self.former.returned(id, &update.member);
        }
        let is_former = self.former.has(id, &update.member);
        let (reply, wanted) = match self.get_mut(id) {
            Some(Group::Share(group)) => group.heartbeat(turn, call, update)?,
            Some(_) | None if is_former => return Err(not_a_member(id, &update.member)),
            Some(_) => return Err(other_kind(id, "share")),
            None if joins => {
                let mut group = ShareGroup::new(Arc::clone(id));
                let taken = group.heartbeat(turn, call, update)?;
                self.insert(Arc::clone(id), Group::Share(group));
                taken
            }
            None => return Err(no_group_of_kind(id, "Share")),
        };
        if let Some(wanted) = wanted {
            turn.want_states(wanted);
        }
        Ok(reply)
    }

    /// Takes a member's good-bye.
    pub(crate) fn share_leave(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        member: &str,
    ) -> Result<(), ApiError> {
        let is_former = self.former.has(id, member);
        match self.get_mut(id) {
            Some(Group::Share(group)) => group.leave(turn, member),
            Some(_) | None if is_former => Err(not_a_member(id, member)),
            Some(_) => Err(other_kind(id, "share")),
            None => Err(no_group(id)),
        }
    }

    /// The share coordinator has begun these states, or could not.
    pub(crate) fn note_states(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        partitions: &TopicPartitions,
        has_begun: bool,
    ) {
        if let Ok(group) = self.share_mut(id) {
            if has_begun {
                group.note_initialized(turn, partitions);
            } else {
                group.note_uninitialized(turn, partitions);
            }
        }
    }

    /// The share group of that name.
    pub(crate) fn share(&self, id: &str) -> Result<&ShareGroup, ApiError> {
        match self.get(id) {
            Some(Group::Share(group)) => Ok(group),
            Some(_) => Err(other_kind(id, "share")),
            None => Err(no_group(id)),
        }
    }

    pub(super) fn share_mut(&mut self, id: &str) -> Result<&mut ShareGroup, ApiError> {
        match self.get_mut(id) {
            Some(Group::Share(group)) => Ok(group),
            Some(_) => Err(other_kind(id, "share")),
            None => Err(no_group(id)),
        }
    }
}

impl ShareGroup {
    /// Does what is due.
    pub(crate) fn on_timer(&mut self, turn: &mut Turn<'_>, kind: &GroupTimerKind) {
        if let GroupTimerKind::Session(member) = kind {
            self.remove(turn, member);
        }
    }
}
