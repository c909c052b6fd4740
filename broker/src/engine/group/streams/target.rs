//! The target assignment: computed anew when the group's epoch has risen, the interval is over and nobody is waited for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::StreamsGroup;
use super::assignor::{self, MemberSpec, Spec, SubtopologySpec};
use super::change::Change;
use super::member::Member;
use super::status::Status;
use super::tasks::Tasks;
use super::topics::Configured;
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::Turn;
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;

/// The target that a member is to follow.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) epoch: i32,
    pub(super) tasks: Tasks,
    /// Why it is not the newest.
    pub(super) status: Option<Status>,
}

/// What tasks are assigned by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Basis<'a> {
    pub(super) epoch: i32,
    pub(super) settings: &'a BTreeMap<String, String>,
    pub(super) configured: &'a Configured,
}

impl StreamsGroup {
    /// The target for a member as it is about to be, computed anew if it is due.
    pub(super) fn target_for(
        &self,
        turn: &Turn<'_>,
        basis: &Basis<'_>,
        member: Option<&Member>,
        changes: &mut Vec<Change>,
    ) -> Result<Target, ApiError> {
        let Basis {
            epoch,
            settings,
            configured,
        } = *basis;
        let known = |tasks, status| Target {
            epoch: self.target_epoch,
            tasks,
            status,
        };
        if self.is_delayed {
            return Ok(known(Tasks::default(), Some(Status::delayed_at_first())));
        }
        let present = || {
            member
                .map(|member| self.target_of(member))
                .unwrap_or_default()
        };
        if self.target_epoch >= epoch {
            return Ok(known(present(), None));
        }
        if !self.may_assign(turn) {
            return Ok(known(present(), Some(Status::delayed())));
        }
        let specs = self.specs(member);
        let mut assigned = assigned(&specs, settings, configured).map_err(|reason| {
            let message =
                format!("Failed to compute a new target assignment for epoch {epoch}: {reason}");
            ApiError::new(ErrorCode::UnknownServerError, message)
        })?;
        for spec in &specs {
            let new = assigned.get(&spec.id).cloned().unwrap_or_default();
            if self.target_before(&spec.id, member) != Some(&new) {
                changes.push(Change::Target(Arc::clone(&spec.id), new));
            }
        }
        changes.push(Change::TargetEpoch {
            epoch,
            assigned_at: turn.now.wall.0,
        });
        let own = member.and_then(|member| assigned.remove(&member.id));
        Ok(Target {
            epoch,
            tasks: own.unwrap_or_default(),
            status: None,
        })
    }

    /// Whether enough time has passed since the last assignment.
    fn may_assign(&self, turn: &Turn<'_>) -> bool {
        self.assignment_wait(turn).is_zero()
    }

    /// How long it takes until the group may assign again.
    fn assignment_wait(&self, turn: &Turn<'_>) -> Duration {
        let setting = "streams.assignment.interval.ms";
        turn.assignment_wait(&self.id, setting, self.assigned_at)
    }

    /// Has an assignment that members wait for be seen among the deadlines.
    pub(super) fn expect_assignment(&self, turn: &mut Turn<'_>) {
        let is_awaited = self.epoch > self.target_epoch && !self.members.is_empty();
        let wait = self.assignment_wait(turn);
        turn.expect_assignment(&self.id, is_awaited, wait);
    }

    /// Assigns tasks once the first members have been waited for. Oracle: not if only one has been heard, and only once.
    pub(super) fn assign_after_delay(&mut self, turn: &mut Turn<'_>) {
        self.is_delayed = false;
        let Some(configured) = self.soft.configured.clone() else {
            return;
        };
        if self.members.is_empty() || self.epoch <= self.target_epoch {
            return;
        }
        let mut changes = Vec::new();
        let basis = Basis {
            epoch: self.epoch,
            settings: &self.assignment_settings,
            configured: &configured,
        };
        let computed = self.target_for(turn, &basis, None, &mut changes);
        if computed.is_ok() && self.check_size(turn, &changes).is_ok() {
            self.commit(turn, changes);
        }
    }

    /// What the present target gives a member, or gave the one whose instance id it has.
    fn target_of(&self, member: &Member) -> Tasks {
        self.target_before(&member.id, Some(member))
            .cloned()
            .unwrap_or_default()
    }

    /// What the present target gives to `id`; a static member has its predecessor's.
    fn target_before(&self, id: &Arc<str>, member: Option<&Member>) -> Option<&Tasks> {
        let speaking = member.filter(|member| member.id == *id);
        let replaced = speaking
            .and_then(Member::instance_id)
            .and_then(|instance| self.static_members.get(instance));
        let before = replaced.and_then(|replaced| self.target.get(replaced));
        before.or_else(|| self.target.get(id))
    }

    /// All members as the assignor is to see them, in the order in which it walks them.
    fn specs(&self, member: Option<&Member>) -> Vec<MemberSpec> {
        let replaced = member
            .and_then(Member::instance_id)
            .and_then(|instance| self.static_members.get(instance));
        let mut specs = Vec::with_capacity(self.members.len().saturating_add(1));
        for other in self.members_as_kept() {
            match member {
                Some(member) if other.id == member.id => specs.push(self.spec(member)),
                _ if Some(&other.id) == replaced => {}
                _ => specs.push(self.spec(other)),
            }
        }
        if let Some(member) = member.filter(|member| !self.members.contains_key(&member.id)) {
            specs.push(self.spec(member));
        }
        hash_map::sort_by_name(&mut specs, |spec| &spec.id);
        specs
    }

    fn spec(&self, member: &Member) -> MemberSpec {
        let assigned = &member.current.assigned;
        MemberSpec {
            id: Arc::clone(&member.id),
            process_id: member.description.process_id.clone(),
            active: assigned.active_ids(),
            standby: assigned.standby.clone(),
            offsets: self.offsets_of(&member.id).reached,
        }
    }
}

/// What members get; nothing while topics are missing.
fn assigned(
    members: &[MemberSpec],
    settings: &BTreeMap<String, String>,
    configured: &Configured,
) -> Result<BTreeMap<Arc<str>, Tasks>, String> {
    let (true, Some(subtopologies)) = (configured.is_ready(), &configured.subtopologies) else {
        return Ok(BTreeMap::new());
    };
    let rows = subtopologies.iter().map(|(id, row)| {
        let spec = SubtopologySpec {
            tasks: row.tasks,
            is_stateful: !row.state_changelog_topics.is_empty(),
        };
        (id.clone(), spec)
    });
    let replicas = settings.get("num.standby.replicas");
    let replicas = replicas.and_then(|replicas| replicas.parse().ok());
    assignor::assign(&Spec {
        members,
        subtopologies: &rows.collect(),
        standby_replicas: replicas.unwrap_or_default(),
    })
}
