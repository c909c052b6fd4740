//! The target assignment: computed again when the group's epoch has risen and the interval is over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::assignor::{self, MemberSpec, Spec};
use super::change::Change;
use super::{Member, ShareGroup, TopicPartitions};
use crate::engine::api_error::ApiError;
use crate::engine::group::turn::Turn;
use crate::engine::java::hash_map;

/// The target that a member is to follow.
pub(super) struct Target {
    pub(super) epoch: i32,
    pub(super) partitions: TopicPartitions,
}

/// Which topics members subscribe to.
pub(super) struct Subscriptions {
    /// How many members name a topic.
    pub(super) counts: BTreeMap<String, usize>,
    /// Whether all name the same.
    pub(super) is_homogeneous: bool,
}

impl ShareGroup {
    /// What is subscribed to, with a member as it is about to be.
    pub(super) fn subscriptions_with(&self, member: &Member) -> Subscriptions {
        let others = self.members.values().filter(|other| other.id != member.id);
        let mut counts = BTreeMap::new();
        let mut total = 0_usize;
        for member in others.chain([member]) {
            total += 1;
            for topic in &member.description.topics {
                *counts.entry(topic.clone()).or_default() += 1;
            }
        }
        Subscriptions {
            is_homogeneous: counts.values().all(|count| *count == total),
            counts,
        }
    }

    /// The target for a member as it is about to be, computed again if it is due.
    pub(super) fn renewed_target(
        &self,
        turn: &Turn<'_>,
        epoch: i32,
        (member, subscriptions): (&Member, &Subscriptions),
        changes: &mut Vec<Change>,
    ) -> Result<Target, ApiError> {
        if self.target_epoch >= epoch || !self.may_assign(turn) {
            let partitions = self.target.get(&member.id).cloned();
            return Ok(Target {
                epoch: self.target_epoch,
                partitions: partitions.unwrap_or_default(),
            });
        }
        let specs = self.specs(turn, member);
        let states = self.states.as_ref();
        let assignable = states.map(super::States::initialized).unwrap_or_default();
        let spec = Spec {
            members: &specs,
            is_homogeneous: subscriptions.is_homogeneous,
            assignable: &assignable,
        };
        let mut assigned = assignor::assign(&spec);
        for spec in &specs {
            let new = assigned.get(&spec.id).cloned().unwrap_or_default();
            if self.target.get(&spec.id) != Some(&new) {
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
        self.assignment_wait(turn).is_zero()
    }

    /// How long it takes until the group may assign again.
    fn assignment_wait(&self, turn: &Turn<'_>) -> Duration {
        turn.assignment_wait(&self.id, "share.assignment.interval.ms", self.assigned_at)
    }

    /// Has an assignment that members wait for be seen among the deadlines.
    pub(super) fn expect_assignment(&self, turn: &mut Turn<'_>) {
        let is_awaited = self.epoch > self.target_epoch && !self.members.is_empty();
        let wait = self.assignment_wait(turn);
        turn.expect_assignment(&self.id, is_awaited, wait);
    }

    /// All members as the assignor is to see them, in the order in which it walks them.
    fn specs(&self, turn: &Turn<'_>, member: &Member) -> Vec<MemberSpec> {
        let spec = |member: &Member| {
            let topics = member.description.topics.iter();
            MemberSpec {
                id: Arc::clone(&member.id),
                topics: topics
                    .filter_map(|name| Some(turn.cluster.topic(name)?.id))
                    .collect(),
                target: self.target.get(&member.id).cloned().unwrap_or_default(),
            }
        };
        let kept = self.members_as_kept().into_iter();
        let mut specs: Vec<MemberSpec> = kept
            .map(|other| spec(if other.id == member.id { member } else { other }))
            .collect();
        if !self.members.contains_key(&member.id) {
            specs.push(spec(member));
        }
        hash_map::sort_by_name(&mut specs, |spec| &spec.id);
        specs
    }
}
