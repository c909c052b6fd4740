//! The target assignment: computed again when the group's epoch has risen and the interval is over.

use std::sync::Arc;

use uuid::Uuid;

use super::ConsumerGroup;
use super::assignor::{Assignor, MemberSpec, Spec, SubscriptionType};
use super::change::Change;
use super::member::{Member, TopicPartitions};
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::Turn;
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;

/// The target that a member is to follow.
pub(super) struct Target {
    pub(super) epoch: i32,
    pub(super) partitions: TopicPartitions,
}

impl ConsumerGroup {
    /// The target for a member as it is about to be, computed again if it is due.
    pub(super) fn target_for(
        &self,
        turn: &Turn<'_>,
        (epoch, kind): (i32, Option<SubscriptionType>),
        member: &Member,
        changes: &mut Vec<Change>,
    ) -> Result<Target, ApiError> {
        if self.target_epoch >= epoch || !self.may_assign(turn) {
            return Ok(Target {
                epoch: self.target_epoch,
                partitions: self.target_of(member),
            });
        }
        let kind = kind.unwrap_or_else(|| self.subscription_type());
        let assignor = self.assignor_with(turn, member);
        let specs = self.specs(turn, member);
        let taken = self.target.values().flat_map(|target| {
            let topics = target.iter();
            topics.flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, *index)))
        });
        let partition_count = |topic: Uuid| turn.cluster.topic_by_id(topic).map(count_of);
        let spec = Spec {
            members: &specs,
            kind,
            taken: &taken.collect(),
            partition_count: &partition_count,
        };
        let mut assigned = assignor.assign(&spec).map_err(|reason| {
            let message =
                format!("Failed to compute a new target assignment for epoch {epoch}: {reason}");
            ApiError::new(ErrorCode::UnknownServerError, message)
        })?;
        for spec in &specs {
            let new = assigned.get(&spec.id).cloned().unwrap_or_default();
            let old = self.target_before(&spec.id, member);
            if old != Some(&new) {
                changes.push(Change::Target(Arc::clone(&spec.id), new));
            }
        }
        changes.push(Change::TargetEpoch {
            epoch,
            assigned_at: turn.now.wall.0,
        });
        let partitions = assigned.remove(&member.id).unwrap_or_default();
        Ok(Target { epoch, partitions })
    }

    /// Whether enough time has passed since the last assignment.
    fn may_assign(&self, turn: &Turn<'_>) -> bool {
        let setting = "consumer.assignment.interval.ms";
        let wait = turn.assignment_wait(&self.id, setting, self.assigned_at);
        wait.is_zero()
    }

    /// The assignor that most members prefer, uniform if as many prefer the other.
    fn assignor_with(&self, turn: &Turn<'_>, member: &Member) -> Assignor {
        let without = self.standing_for(member);
        let others = self.others(&without);
        let preferred = others.chain([member]).filter_map(preference);
        most(preferred).unwrap_or_else(|| default_assignor(turn))
    }

    /// Whether a member's change makes another assignor the preferred one.
    pub(super) fn changes_assignor(&self, turn: &Turn<'_>, new: &Member) -> bool {
        let now = self.assignor(turn);
        now != self.assignor_with(turn, new)
    }

    /// The preferred assignor.
    pub(crate) fn assignor(&self, turn: &Turn<'_>) -> Assignor {
        most(self.members.values().filter_map(preference)).unwrap_or_else(|| default_assignor(turn))
    }

    /// All members as the assignor is to see them, in the order in which it walks them.
    fn specs(&self, turn: &Turn<'_>, member: &Member) -> Vec<MemberSpec> {
        let replaced = member
            .instance_id()
            .and_then(|id| self.static_members.get(id));
        let spec = |member: &Member, target: Option<&TopicPartitions>| MemberSpec {
            id: Arc::clone(&member.id),
            instance_id: member.description.instance_id.clone(),
            topics: self.subscribed_ids(member, turn.cluster),
            target: target.cloned().unwrap_or_default(),
        };
        let own = || spec(member, self.target_before(&member.id, member));
        let mut specs = Vec::with_capacity(self.members.len().saturating_add(1));
        for other in self.members_as_kept() {
            if other.id == member.id {
                specs.push(own());
            } else if Some(&other.id) != replaced {
                specs.push(spec(other, self.target.get(&other.id)));
            }
        }
        if !self.members.contains_key(&member.id) {
            specs.push(own());
        }
        hash_map::sort_by_name(&mut specs, |spec| &spec.id);
        specs
    }

    /// What the present target gives to `id`; a static member has its predecessor's.
    fn target_before(&self, id: &Arc<str>, member: &Member) -> Option<&TopicPartitions> {
        let replaced = (member.instance_id().filter(|_| *id == member.id))
            .and_then(|instance| self.static_members.get(instance));
        let before = replaced.and_then(|replaced| self.target.get(replaced));
        before.or_else(|| self.target.get(id))
    }
}

fn preference(member: &Member) -> Option<Assignor> {
    Assignor::named(member.description.assignor.as_deref()?)
}

fn most(preferred: impl Iterator<Item = Assignor>) -> Option<Assignor> {
    let (mut uniform, mut range) = (0_usize, 0_usize);
    for assignor in preferred {
        match assignor {
            Assignor::Uniform => uniform += 1,
            Assignor::Range => range += 1,
        }
    }
    match (uniform, range) {
        (0, 0) => None,
        (uniform, range) if range > uniform => Some(Assignor::Range),
        _ => Some(Assignor::Uniform),
    }
}

/// The first of those that the broker offers.
fn default_assignor(turn: &Turn<'_>) -> Assignor {
    let mut offered = turn.config.consumer_group_assignors.iter();
    let first = offered.find_map(|name| Assignor::named(name));
    first.unwrap_or(Assignor::Uniform)
}

fn count_of(topic: &crate::engine::cluster::Topic) -> i32 {
    i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX)
}
