//! How members go: they leave, time out, or are fenced.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StreamsGroup;
use super::change::Change;
use super::member::{Current, LEAVING_STATIC, Member};
use super::tasks::OwnedTasks;
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::{GroupTimerKind, Turn, WANTED};
use crate::wire::error::ErrorCode;

impl StreamsGroup {
    /// Takes a member's good-bye, for a while or for good.
    pub(crate) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        member: &str,
        instance: Option<&str>,
        (epoch, shuts_down): (i32, bool),
    ) -> Result<(), ApiError> {
        if shuts_down {
            self.shut_down(&member.into());
        }
        let member = match instance {
            None => self.member(member)?,
            Some(instance) => self.owner_of(instance, member)?,
        };
        if instance.is_some() && epoch == LEAVING_STATIC {
            let change = away(member);
            self.commit(turn, vec![change]);
            return Ok(());
        }
        let id = Arc::clone(&member.id);
        let changes = self.removal(&[id]);
        self.check_size(turn, &changes)?;
        self.commit(turn, changes);
        Ok(())
    }

    /// Who holds an instance id, if that is the member that speaks.
    pub(super) fn owner_of(&self, instance: &str, member: &str) -> Result<&Member, ApiError> {
        let owner = self.static_member(instance).ok_or_else(|| {
            let message = format!("Instance id {instance} is unknown.");
            ApiError::new(ErrorCode::UnknownMemberId, message)
        })?;
        if &*owner.id == member {
            return Ok(owner);
        }
        let message = format!(
            "Static member {member} with instance id {instance} was fenced by member {}.",
            owner.id
        );
        Err(ApiError::new(ErrorCode::FencedInstanceId, message))
    }

    /// The id of the member with this id or group instance id.
    pub(crate) fn id_of(&self, member: &str) -> Option<Arc<str>> {
        let by_instance = || self.static_members.get(member).cloned();
        let known = self.members.get_key_value(member);
        known.map(|(id, _)| Arc::clone(id)).or_else(by_instance)
    }

    /// Removes members, which raises the epoch.
    pub(crate) fn remove(&mut self, turn: &mut Turn<'_>, leaving: &[Arc<str>]) {
        if !leaving.is_empty() {
            let changes = self.removal(leaving);
            self.commit(turn, changes);
        }
    }

    fn removal(&self, leaving: &[Arc<str>]) -> Vec<Change> {
        let mut changes: Vec<Change> = leaving.iter().flat_map(gone).collect();
        let epoch = self.epoch.saturating_add(1);
        changes.push(Change::Epoch(self.at_epoch(epoch)));
        if self.members.len() == leaving.len() {
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
        let change = Change::Epoch(self.at_epoch(epoch));
        self.commit_because(turn, vec![change], WANTED.to_owned());
        true
    }

    /// Lets go of everything that was to happen to a member.
    pub(super) fn cancel_timers(&self, turn: &mut Turn<'_>, member: &Arc<str>) {
        turn.cancel(self.timer(GroupTimerKind::Session(Arc::clone(member))));
        turn.cancel(self.timer(GroupTimerKind::Revocation(Arc::clone(member))));
    }

    /// Does what is due.
    pub(crate) fn on_timer(&mut self, turn: &mut Turn<'_>, kind: &GroupTimerKind) {
        match kind {
            GroupTimerKind::Session(member) if self.members.contains_key(member) => {
                self.remove(turn, &[Arc::clone(member)]);
            }
            GroupTimerKind::Revocation(member) => {
                // Who is away for a while need not give up anything.
                let known = self.members.get(member);
                if known.is_some_and(|member| member.current.epoch != LEAVING_STATIC) {
                    self.remove(turn, &[Arc::clone(member)]);
                }
            }
            GroupTimerKind::InitialRebalance => self.assign_after_delay(turn),
            GroupTimerKind::Session(_)
            | GroupTimerKind::Join
            | GroupTimerKind::Sync
            | GroupTimerKind::ClassicRejoin(_)
            | GroupTimerKind::ClassicSync(_)
            | GroupTimerKind::Assignment => {}
        }
    }
}

/// The records that take a member back.
pub(super) fn gone(id: &Arc<str>) -> [Change; 3] {
    [
        Change::CurrentGone(Arc::clone(id)),
        Change::TargetGone(Arc::clone(id)),
        Change::MemberGone(Arc::clone(id)),
    ]
}

/// A static member that will be back: it keeps what it has, and nobody else gets it.
fn away(member: &Member) -> Change {
    let mut assigned = member.current.assigned.clone();
    for epoch in assigned.active.values_mut().flat_map(BTreeMap::values_mut) {
        *epoch = 0;
    }
    let current = Current {
        epoch: LEAVING_STATIC,
        assigned,
        revoking: OwnedTasks::default(),
        ..member.current.clone()
    };
    Change::Current(Arc::clone(&member.id), current)
}
