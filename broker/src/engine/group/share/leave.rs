//! How members go: they leave, or are not heard of.

use std::sync::Arc;

use super::ShareGroup;
use super::change::Change;
use crate::engine::api_error::ApiError;
use crate::engine::group::consumer::hash;
use crate::engine::group::turn::{Turn, WANTED};

impl ShareGroup {
    /// Takes a member's good-bye.
    pub(super) fn leave(&mut self, turn: &mut Turn<'_>, member: &str) -> Result<(), ApiError> {
        let member = Arc::clone(&self.member(member)?.id);
        let changes = self.removal(turn, &member);
        self.check_size(turn, &changes)?;
        self.remove(turn, &member);
        Ok(())
    }

    /// Removes a member, which bumps the epoch.
    pub(crate) fn remove(&mut self, turn: &mut Turn<'_>, member: &Arc<str>) {
        if !self.members.contains_key(member) {
            return;
        }
        let changes = self.removal(turn, member);
        turn.cancel(self.session_of(member));
        self.commit(turn, changes);
    }

    fn removal(&self, turn: &Turn<'_>, member: &Arc<str>) -> Vec<Change> {
        let id = || Arc::clone(member);
        let epoch = self.epoch.saturating_add(1);
        let left = self.members.values().filter(|other| other.id != *member);
        let mut topics: Vec<&String> = left.flat_map(|left| &left.description.topics).collect();
        topics.sort_unstable();
        topics.dedup();
        let mut changes = vec![
            Change::CurrentGone(id()),
            Change::TargetGone(id()),
            Change::MemberGone(id()),
            Change::Epoch {
                epoch,
                metadata_hash: hash::of_topics(turn.cluster, topics.into_iter()),
            },
        ];
        if self.members.len() == 1 {
            changes.push(Change::TargetEpoch {
                epoch,
                assigned_at: 0,
            });
        }
        changes
    }

    /// Raises the epoch though nothing has changed; says whether there is anybody to follow.
    pub(crate) fn raise_epoch(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.members.is_empty() {
            return false;
        }
        let epoch = self.epoch.saturating_add(1);
        let metadata_hash = self.metadata_hash;
        let change = Change::Epoch {
            epoch,
            metadata_hash,
        };
        self.commit_because(turn, vec![change], WANTED.to_owned());
        true
    }
}
