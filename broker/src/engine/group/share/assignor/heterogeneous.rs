//! Members subscribe to different topics: each topic is assigned by itself.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::table::{Set, Table};
use super::{Spec, TopicPartitions, desired, sharing};
use crate::engine::java::{hash, hash_set};

fn of_partition(partition: &i32) -> u32 {
    hash::of_int(*partition)
}

fn of_index(index: &usize) -> u32 {
    u32::try_from(*index).unwrap_or(u32::MAX)
}

/// One topic.
struct Builder<'a> {
    topic: Uuid,
    sharing: usize,
    desired: Vec<usize>,
    targets: &'a mut [TopicPartitions],
    subscribed: Vec<usize>,
    by_partition: Table<i32, Set<usize>>,
    by_member: Table<usize, Set<i32>>,
}

/// A target for each member; none if nobody subscribes to anything.
pub(super) fn assign(spec: &Spec<'_>) -> Option<Vec<TopicPartitions>> {
    let topics: BTreeSet<Uuid> = spec
        .members
        .iter()
        .flat_map(|m| &m.topics)
        .copied()
        .collect();
    if topics.is_empty() {
        return None;
    }
    let mut targets: Vec<TopicPartitions> = spec
        .members
        .iter()
        .map(|member| member.target.clone())
        .collect();
    for topic in hash_set::topics(&topics) {
        assign_topic(spec, topic, &mut targets);
    }
    Some(targets)
}

fn assign_topic(spec: &Spec<'_>, topic: Uuid, targets: &mut [TopicPartitions]) {
    let none = BTreeSet::new();
    let partitions = spec.assignable.get(&topic).unwrap_or(&none);
    let members = spec.members.iter().enumerate();
    let subscribed = members.filter(|(_, member)| member.topics.contains(&topic));
    let subscribed: Vec<usize> = subscribed.map(|(index, _)| index).collect();
    let sharing = sharing(subscribed.len(), partitions.len());
    let assignments = sharing.saturating_mul(partitions.len());
    let mut wanted = vec![0; spec.members.len()];
    for (place, member) in subscribed.iter().enumerate() {
        if let Some(wanted) = wanted.get_mut(*member) {
            *wanted = desired(assignments, subscribed.len(), place);
        }
    }
    let mut builder = Builder {
        topic,
        sharing,
        desired: wanted,
        targets,
        by_partition: Table::with_room(partitions.len(), of_partition),
        by_member: Table::with_room(subscribed.len(), of_index),
        subscribed,
    };
    builder.keep(spec);
    builder.revoke_overfilled();
    builder.revoke_overshared();
    for partition in partitions {
        builder.by_partition.entry(partition, || Set::new(of_index));
    }
    builder.fill(spec.members.len());
}

impl Builder<'_> {
    fn desired(&self, member: usize) -> usize {
        self.desired.get(member).copied().unwrap_or_default()
    }

    /// Notes what members have of the topic, whether they still subscribe to it or not.
    fn keep(&mut self, spec: &Spec<'_>) {
        for (index, member) in spec.members.iter().enumerate() {
            let partitions = member
                .target
                .get(&self.topic)
                .into_iter()
                .flatten()
                .copied();
            for partition in hash_set::partitions(partitions) {
                let members = self.by_partition.entry(&partition, || Set::new(of_index));
                members.entry(&index, || ());
                let partitions = self.by_member.entry(&index, || Set::new(of_partition));
                partitions.entry(&partition, || ());
            }
        }
    }

    fn revoke_overfilled(&mut self) {
        for member in self.by_member.keys() {
            let desired = self.desired(member);
            let Some(partitions) = self.by_member.get_mut(&member) else {
                continue;
            };
            let too_many = partitions.len().saturating_sub(desired);
            let revoked: Vec<i32> = partitions.keys().into_iter().take(too_many).collect();
            for partition in revoked {
                partitions.remove(&partition);
                if let Some(members) = self.by_partition.get_mut(&partition) {
                    members.remove(&member);
                }
                take(self.targets, member, (self.topic, partition));
            }
        }
    }

    fn revoke_overshared(&mut self) {
        for partition in self.by_partition.keys() {
            let Some(members) = self.by_partition.get_mut(&partition) else {
                continue;
            };
            for member in members.keys() {
                if members.len() <= self.sharing {
                    break;
                }
                if take(self.targets, member, (self.topic, partition)) {
                    members.remove(&member);
                    if let Some(partitions) = self.by_member.get_mut(&member) {
                        partitions.remove(&partition);
                    }
                }
            }
        }
    }

    /// Gives what is left to those who have too little, in turn.
    fn fill(&mut self, members: usize) {
        let mut unfilled: Set<usize> = Set::with_room(members, of_index);
        for member in &self.subscribed {
            let has = self.by_member.get(member).map_or(0, Set::len);
            if has < self.desired(*member) {
                unfilled.entry(member, || ());
            }
        }
        let mut turn = unfilled.keys().into_iter();
        let mut gave = false;
        for partition in self.by_partition.keys() {
            let has = self.by_partition.get(&partition).map_or(0, Set::len);
            let mut missing = self.sharing.saturating_sub(has);
            while missing > 0 {
                let Some(member) = turn.next() else {
                    if !gave || unfilled.is_empty() {
                        break;
                    }
                    turn = unfilled.keys().into_iter();
                    gave = false;
                    continue;
                };
                let had = self.by_partition.get(&partition);
                if had.is_some_and(|members| members.get(&member).is_some()) {
                    continue;
                }
                if self.give(member, partition) {
                    unfilled.remove(&member);
                }
                missing -= 1;
                gave = true;
            }
            if unfilled.is_empty() {
                break;
            }
        }
    }

    /// Gives a partition to a member; says whether that one has enough now.
    fn give(&mut self, member: usize, partition: i32) -> bool {
        if let Some(target) = self.targets.get_mut(member) {
            target.entry(self.topic).or_default().insert(partition);
        }
        let desired = self.desired(member);
        let partitions = self.by_member.entry(&member, || Set::new(of_partition));
        partitions.entry(&partition, || ());
        partitions.len() >= desired
    }
}

/// Takes a partition from a member; says whether it had it.
fn take(targets: &mut [TopicPartitions], member: usize, (topic, partition): (Uuid, i32)) -> bool {
    let partitions = targets
        .get_mut(member)
        .and_then(|target| target.get_mut(&topic));
    partitions.is_some_and(|partitions| partitions.remove(&partition))
}
