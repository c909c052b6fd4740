//! How members go: they leave, time out, or are fenced.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ConsumerGroup;
use super::change::Change;
use super::hash;
use super::heartbeat::gone;
use super::member::{Current, LEAVING_STATIC, Member, OwnedPartitions};
use crate::engine::api_error::ApiError;
use crate::engine::cluster::Cluster;
use crate::engine::group::classic::ClassicGroup;
use crate::engine::group::turn::{GroupTimer, GroupTimerKind, Turn};

impl ConsumerGroup {
    /// Takes a member's good-bye, for a while or for good; also, the classic group that comes of it.
    pub(crate) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        member: &str,
        instance: Option<&str>,
        epoch: i32,
    ) -> Result<Option<ClassicGroup>, ApiError> {
        let member = match instance {
            None => self.member(member)?,
            Some(instance) => self.owner_of(instance, member)?,
        };
        if instance.is_some() && epoch == LEAVING_STATIC {
            let change = away(member);
            self.commit(turn, vec![change]);
            Ok(None)
        } else {
            let leaving = [Arc::clone(&member.id)];
            if !self.may_downgrade(turn, &leaving, 0) {
                let changes = self.removal(turn.cluster, &leaving);
                self.check_size(turn, &changes)?;
            }
            Ok(self.remove(turn, &leaving))
        }
    }

    /// Removes members, which bumps the epoch; or makes the classic group of those that stay, if the last
    /// ones that spoke the consumer protocol go.
    pub(crate) fn remove(
        &mut self,
        turn: &mut Turn<'_>,
        leaving: &[Arc<str>],
    ) -> Option<ClassicGroup> {
        if leaving.is_empty() {
            return None;
        }
        if self.may_downgrade(turn, leaving, 0) {
            let why = format!(
                "Downgrade group {} from consumer to classic for member leaving.",
                self.id
            );
            return Some(self.downgraded(turn, leaving, None, Some(&why)));
        }
        for member in leaving {
            self.cancel_timers(turn, member);
        }
        let changes = self.removal(turn.cluster, leaving);
        self.commit(turn, changes);
        None
    }

    /// What it changes that members go, and others stay or nobody.
    fn removal(&self, cluster: &Cluster, leaving: &[Arc<str>]) -> Vec<Change> {
        let mut changes: Vec<Change> = leaving.iter().flat_map(gone).collect();
        let ids: Vec<&str> = leaving.iter().map(|id| &**id).collect();
        let left = self.patterns(&ids, None);
        let mut lost: BTreeMap<&str, ()> = BTreeMap::new();
        let members = leaving.iter().filter_map(|id| self.members.get(id));
        for pattern in members.filter_map(Member::pattern) {
            if !left.contains_key(pattern) && lost.insert(pattern, ()).is_none() {
                changes.push(Change::PatternGone(pattern.to_owned()));
            }
        }
        let resolved = self.resolved.iter();
        let resolved = resolved.filter(|(pattern, _)| !lost.contains_key(pattern.as_str()));
        let counts = self.topic_counts(&ids, None, resolved.map(|(_, found)| found));
        let epoch = self.epoch.saturating_add(1);
        changes.push(Change::Epoch {
            epoch,
            metadata_hash: hash::of_topics(cluster, counts.keys()),
        });
        if self.members.len() == leaving.len() {
            changes.push(Change::TargetEpoch {
                epoch,
                assigned_at: 0,
            });
        }
        changes
    }

    /// Lets go of everything that was to happen to a member.
    pub(crate) fn cancel_timers(&self, turn: &mut Turn<'_>, member: &Arc<str>) {
        let kinds: [fn(Arc<str>) -> GroupTimerKind; 4] = [
            GroupTimerKind::Session,
            GroupTimerKind::Revocation,
            GroupTimerKind::ClassicRejoin,
            GroupTimerKind::ClassicSync,
        ];
        for kind in kinds {
            turn.cancel(self.timer(kind(Arc::clone(member))));
        }
    }

    pub(super) fn timer(&self, kind: GroupTimerKind) -> GroupTimer {
        GroupTimer {
            group: Arc::clone(&self.id),
            kind,
        }
    }
}

/// A static member that will be back: it keeps what it has, and nobody else gets it.
fn away(member: &Member) -> Change {
    let mut assigned = member.current.assigned.clone();
    for epoch in assigned.values_mut().flat_map(BTreeMap::values_mut) {
        *epoch = 0;
    }
    let current = Current {
        epoch: LEAVING_STATIC,
        assigned,
        revoking: OwnedPartitions::new(),
        ..member.current.clone()
    };
    Change::Current(Arc::clone(&member.id), current)
}
