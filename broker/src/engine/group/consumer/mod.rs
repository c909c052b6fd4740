//! Consumer groups (KIP-848): the coordinator assigns, members reconcile.
//!
//! An input is answered from the group as it is and leaves [`change::Change`]s, which are the records
//! that Kafka writes; `commit` makes and writes them. Rules are those of the oracle's group
//! coordinator; where it differs from the KIP, the oracle is right:
//!
//! - A group begins in epoch 1 with an empty target of epoch 1, so its first member gets epoch 2, and 1
//!   if it comes with a regular expression only, which is resolved after the join.
//! - A new target is computed by a heartbeat alone, never by time itself, and not sooner than the
//!   assignment interval after the last one. Until then members follow the old target.

pub(crate) mod assignor;
mod change;
mod classic;
mod current;
pub(crate) mod hash;
mod loading;
pub(crate) mod member;
mod migrate;
mod patterns;
mod subscription;
mod target;

mod heartbeat;
mod leave;
mod offsets;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::cluster::Cluster;
use crate::engine::group::refusals::not_a_member;
use crate::engine::java::timeline::TimelineMap;
use change::Resolved;
use member::{Current, Description, Member, OwnedPartitions, TopicPartitions};

pub(crate) use assignor::Assignor;
pub(crate) use heartbeat::{HeartbeatReply, HeartbeatUpdate};
pub(crate) use requests::is_enabled;

/// A consumer group.
#[derive(Debug, Clone)]
pub(crate) struct ConsumerGroup {
    pub(crate) id: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) members: BTreeMap<Arc<str>, Member>,
    /// The order in which Kafka's table of them walks them.
    member_order: TimelineMap<Arc<str>, ()>,
    /// Who holds an instance id.
    static_members: BTreeMap<String, Arc<str>>,
    pub(crate) target_epoch: i32,
    /// When the target was computed; 0 if it never was.
    assigned_at: i64,
    pub(crate) target: BTreeMap<Arc<str>, TopicPartitions>,
    /// The epoch of the member that owns a partition or is giving it up.
    partition_epochs: BTreeMap<Uuid, BTreeMap<i32, i32>>,
    /// What the regular expressions of members match.
    resolved: BTreeMap<String, Resolved>,
    metadata_hash: i64,
    /// Members that speak the classic protocol and were told to join again.
    rejoining: BTreeSet<Arc<str>>,
    /// The cluster's metadata that the hash was last compared with.
    metadata_seen: Option<u64>,
}

/// How far a group has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupState {
    Empty,
    Assigning,
    Reconciling,
    Stable,
}

impl GroupState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
        }
    }
}

impl ConsumerGroup {
    pub(crate) const fn new(id: Arc<str>) -> Self {
        Self {
            id,
            epoch: 1,
            members: BTreeMap::new(),
            member_order: TimelineMap::new(),
            static_members: BTreeMap::new(),
            target_epoch: 1,
            assigned_at: 0,
            target: BTreeMap::new(),
            partition_epochs: BTreeMap::new(),
            resolved: BTreeMap::new(),
            metadata_hash: 0,
            rejoining: BTreeSet::new(),
            metadata_seen: None,
        }
    }

    pub(crate) fn state(&self) -> GroupState {
        if self.members.is_empty() {
            GroupState::Empty
        } else if self.epoch > self.target_epoch {
            GroupState::Assigning
        } else if (self.members.values()).any(|member| !member.is_reconciled_to(self.target_epoch))
        {
            GroupState::Reconciling
        } else {
            GroupState::Stable
        }
    }

    /// A member that is there.
    pub(crate) fn member(&self, id: &str) -> Result<&Member, ApiError> {
        let member = self.members.get(id);
        member.ok_or_else(|| not_a_member(&self.id, id))
    }

    /// Who holds an instance id.
    pub(crate) fn static_member(&self, instance: &str) -> Option<&Member> {
        self.members.get(self.static_members.get(instance)?)
    }

    /// The members in the order of Kafka's table of them.
    pub(crate) fn members_as_kept(&self) -> Vec<&Member> {
        let order = self.member_order.walk().into_iter();
        order.filter_map(|(id, ())| self.members.get(id)).collect()
    }

    /// What the present target gives a member, or gave the one whose instance id it has.
    fn target_of(&self, member: &Member) -> TopicPartitions {
        let id = match member.instance_id() {
            Some(instance) => self.static_members.get(instance),
            None => Some(&member.id),
        };
        let target = id.and_then(|id| self.target.get(id));
        target.cloned().unwrap_or_default()
    }

    /// The epoch in which somebody holds the partition.
    fn partition_epoch(&self, topic: Uuid, partition: i32) -> Option<i32> {
        let partitions = self.partition_epochs.get(&topic)?;
        partitions.get(&partition).copied()
    }

    fn set_description(&mut self, id: &Arc<str>, description: Description) {
        self.member_order.insert(Arc::clone(id), ());
        let new = || Member::new(Arc::clone(id));
        let member = self.members.entry(Arc::clone(id)).or_insert_with(new);
        if let Some(instance) = member.instance_id() {
            self.static_members.remove(instance);
        }
        if let Some(instance) = description.instance_id.clone() {
            self.static_members.insert(instance, Arc::clone(id));
        }
        member.description = description;
    }

    fn set_current(&mut self, id: &Arc<str>, current: Current) {
        self.member_order.insert(Arc::clone(id), ());
        let new = || Member::new(Arc::clone(id));
        let member = self.members.entry(Arc::clone(id)).or_insert_with(new);
        let old = std::mem::replace(&mut member.current, current);
        release(&mut self.partition_epochs, &old);
        hold(&mut self.partition_epochs, &member.current);
    }

    fn remove_member(&mut self, id: &str) {
        let Some(member) = self.members.remove(id) else {
            return;
        };
        self.member_order.remove(id);
        self.rejoining.remove(id);
        release(&mut self.partition_epochs, &member.current);
        if let Some(instance) = member.instance_id() {
            self.static_members.remove(instance);
        }
    }
}

type PartitionEpochs = BTreeMap<Uuid, BTreeMap<i32, i32>>;

fn release(epochs: &mut PartitionEpochs, current: &Current) {
    for (topic, partitions) in held(current) {
        let Some(held) = epochs.get_mut(topic) else {
            continue;
        };
        // Anyone who took it over in another epoch keeps it.
        held.retain(|index, epoch| !partitions.contains_key(index) || *epoch != current.epoch);
        if held.is_empty() {
            epochs.remove(topic);
        }
    }
}

fn hold(epochs: &mut PartitionEpochs, current: &Current) {
    for (topic, partitions) in held(current) {
        let held = epochs.entry(*topic).or_default();
        held.extend(partitions.keys().map(|index| (*index, current.epoch)));
    }
}

fn held(current: &Current) -> impl Iterator<Item = (&Uuid, &BTreeMap<i32, i32>)> {
    let both: [&OwnedPartitions; 2] = [&current.assigned, &current.revoking];
    both.into_iter().flatten()
}

/// A topic's id, if there is one of that name.
fn topic_id(cluster: &Cluster, name: &str) -> Option<Uuid> {
    cluster.topic(name).map(|topic| topic.id)
}
