//! One step of a member towards its target: it gives up first, and gets what is free.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::member::{Member, MemberState, OwnedPartitions, TopicPartitions, has};
use super::{ConsumerGroup, topic_id};
use crate::engine::cluster::Cluster;

/// What a member reports to own, by topic.
pub(super) type Reported = BTreeMap<Uuid, Vec<i32>>;

/// What a step depends on besides the member.
pub(super) struct Step<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) target_epoch: i32,
    pub(super) target: &'a TopicPartitions,
    pub(super) subscription_changed: bool,
    /// None if the member did not say.
    pub(super) reported: Option<&'a Reported>,
}

/// What becomes of a member's partitions.
#[derive(Default)]
struct Plan {
    keeps: OwnedPartitions,
    gives_up: OwnedPartitions,
    gets: TopicPartitions,
    /// Some of the target is still somebody else's.
    waits: bool,
}

impl ConsumerGroup {
    /// The member after the step.
    pub(super) fn reconciled(&self, member: &Member, step: &Step<'_>) -> Member {
        if !step.subscription_changed && member.is_reconciled_to(step.target_epoch) {
            return member.clone();
        }
        match member.current.state {
            MemberState::Stable if member.current.epoch != step.target_epoch => {
                self.towards_target(member, step)
            }
            MemberState::UnrevokedPartitions if !holds(step.reported, &member.current.revoking) => {
                self.towards_target(member, step)
            }
            MemberState::UnreleasedPartitions => self.towards_target(member, step),
            MemberState::Stable | MemberState::UnrevokedPartitions if step.subscription_changed => {
                self.without_unsubscribed(member, step)
            }
            MemberState::Stable | MemberState::UnrevokedPartitions => member.clone(),
        }
    }

    /// Takes topics away that the member no longer subscribes to, ahead of a new target.
    fn without_unsubscribed(&self, member: &Member, step: &Step<'_>) -> Member {
        let subscribed = self.subscribed_ids(member, step.cluster);
        let mut current = member.current.clone();
        let lost: Vec<Uuid> = (current.assigned.keys().copied())
            .filter(|topic| !subscribed.contains(topic))
            .collect();
        // Oracle: who subscribes to no topic and has none is written down once more.
        let is_idle =
            subscribed.is_empty() && current.assigned.is_empty() && current.revoking.is_empty();
        if lost.is_empty() && !is_idle {
            return member.clone();
        }
        for topic in lost {
            let partitions = current.assigned.remove(&topic).unwrap_or_default();
            current
                .revoking
                .entry(topic)
                .or_default()
                .extend(partitions);
        }
        if !current.revoking.is_empty() && holds(step.reported, &current.revoking) {
            current.state = MemberState::UnrevokedPartitions;
        } else {
            current.revoking = member.current.revoking.clone();
        }
        let epoch = current.epoch;
        Member {
            current: current.at_epoch(epoch),
            ..member.clone()
        }
    }

    fn towards_target(&self, member: &Member, step: &Step<'_>) -> Member {
        let plan = self.plan(member, step);
        let mut current = member.current.clone();
        if !plan.gives_up.is_empty() && holds(step.reported, &plan.gives_up) {
            let epoch = current.epoch;
            current.state = MemberState::UnrevokedPartitions;
            current.assigned = plan.keeps;
            current.revoking = plan.gives_up;
            current = current.at_epoch(epoch);
        } else {
            current.state = if plan.waits {
                MemberState::UnreleasedPartitions
            } else {
                MemberState::Stable
            };
            current.assigned = plan.keeps;
            current.revoking = OwnedPartitions::new();
            for (topic, partitions) in plan.gets {
                let gets = partitions.iter().map(|index| (*index, step.target_epoch));
                current.assigned.entry(topic).or_default().extend(gets);
            }
            current = current.at_epoch(step.target_epoch);
        }
        Member {
            current,
            ..member.clone()
        }
    }

    fn plan(&self, member: &Member, step: &Step<'_>) -> Plan {
        let subscribed = self.subscribed_ids(member, step.cluster);
        let (none_wanted, none_owned) = (BTreeSet::new(), BTreeMap::new());
        let assigned = &member.current.assigned;
        let topics: BTreeSet<&Uuid> = step.target.keys().chain(assigned.keys()).collect();
        let mut plan = Plan::default();
        for topic in topics {
            let wanted = step
                .target
                .get(topic)
                .filter(|_| subscribed.contains(topic));
            let wanted = wanted.unwrap_or(&none_wanted);
            let owned = assigned.get(topic).unwrap_or(&none_owned);
            for (index, epoch) in owned {
                let to = if wanted.contains(index) {
                    &mut plan.keeps
                } else {
                    &mut plan.gives_up
                };
                to.entry(*topic).or_default().insert(*index, *epoch);
            }
            for index in wanted.iter().filter(|index| !owned.contains_key(index)) {
                // What it is itself giving up, it may keep.
                let free = self.partition_epoch(*topic, *index).is_none()
                    || has(&member.current.revoking, *topic, *index);
                if free {
                    plan.gets.entry(*topic).or_default().insert(*index);
                } else {
                    plan.waits = true;
                }
            }
        }
        plan
    }

    /// The topics that the member subscribes to, by name or by its regular expression.
    pub(super) fn subscribed_ids(&self, member: &Member, cluster: &Cluster) -> BTreeSet<Uuid> {
        let found = member
            .pattern()
            .and_then(|pattern| self.resolved.get(pattern));
        let found = found.into_iter().flat_map(|resolved| &resolved.topics);
        let names = member.description.topics.iter().chain(found);
        names.filter_map(|name| topic_id(cluster, name)).collect()
    }
}

/// Whether the member may still hold some of the partitions: it said so, or it did not say.
fn holds(reported: Option<&Reported>, partitions: &OwnedPartitions) -> bool {
    let Some(reported) = reported else {
        return true;
    };
    let mut topics = reported.iter();
    topics.any(|(topic, indexes)| indexes.iter().any(|index| has(partitions, *topic, *index)))
}
