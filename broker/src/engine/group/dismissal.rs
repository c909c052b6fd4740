//! Sending all members away, since what they have read so far is gone; and what they are told when they speak up.

use std::sync::Arc;

use super::offsets::Committer;
use super::turn::Turn;
use super::{Group, Groups};
use crate::engine::context::ConnectionId;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;

impl State {
    /// Sends the members of all groups away. Says whether anybody is, now or since before, who has not joined again.
    pub(in crate::engine) fn dismiss_members(&mut self, now: Now) -> bool {
        let node = self.cluster.controller();
        self.with_groups(now, node, Groups::dismiss_members);
        !self.groups.former.is_empty()
    }
}

impl Groups {
    fn dismiss_members(&mut self, turn: &mut Turn<'_>) {
        for (id, group) in &mut self.by_id {
            for (member, connection) in group.member_ids() {
                self.former.remember(id, &member, connection);
            }
            group.dismiss_members(turn);
        }
    }

    /// Forgets all groups and offsets, and keeps in mind whom it sent away.
    pub(in crate::engine) fn start_over(&mut self) {
        let former = std::mem::take(&mut self.former);
        *self = Self {
            former,
            ..Self::default()
        };
    }

    /// Refuses commits of members of before: with their member id, and without one by the connection on which they
    /// were members, until they have joined.
    pub(super) fn check_former(&self, committer: &Committer<'_>) -> Result<(), ErrorCode> {
        let Committer {
            group,
            member,
            connection,
            ..
        } = *committer;
        let is_former = if member.is_empty() {
            self.former.has_joined_by(group, connection)
        } else {
            self.former.has(group, member)
        };
        if is_former {
            return Err(ErrorCode::UnknownMemberId);
        }
        Ok(())
    }
}

impl Group {
    /// The members, and where they joined, if that is known.
    pub(super) fn member_ids(&self) -> Vec<(Arc<str>, Option<ConnectionId>)> {
        match self {
            Self::Classic(group) => {
                let members = group.members();
                let ids = members.map(|member| (Arc::clone(&member.id), member.connection));
                ids.collect()
            }
            Self::Consumer(group) => {
                let ids = group.members.keys();
                ids.map(|id| (Arc::clone(id), None)).collect()
            }
            Self::Share(group) => {
                let ids = group.members.keys();
                ids.map(|id| (Arc::clone(id), None)).collect()
            }
            Self::Streams(group) => {
                let ids = group.members.keys();
                ids.map(|id| (Arc::clone(id), None)).collect()
            }
        }
    }

    /// Sends the members away. Who waits for an answer is told to join again.
    fn dismiss_members(&mut self, turn: &mut Turn<'_>) {
        match self {
            Self::Classic(group) => group.dismiss_members(turn),
            Self::Consumer(group) => {
                let members: Vec<_> = group.members.keys().cloned().collect();
                // Nobody stays who could make another group of it.
                drop(group.remove(turn, &members));
            }
            Self::Share(group) => {
                let members: Vec<_> = group.members.keys().cloned().collect();
                members.iter().for_each(|member| group.remove(turn, member));
            }
            Self::Streams(group) => {
                let members: Vec<_> = group.members.keys().cloned().collect();
                group.remove(turn, &members);
            }
        }
    }
}
