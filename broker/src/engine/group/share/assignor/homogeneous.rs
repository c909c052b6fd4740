//! All members subscribe to the same topics.

use uuid::Uuid;

use super::table::{Set, Table};
use super::{Spec, TopicPartitions, desired, sharing};
use crate::engine::java::{hash, hash_set};

type Partition = (Uuid, i32);

fn of_partition(partition: &Partition) -> u32 {
    hash::of_topic_id_partition(partition.0, partition.1)
}

fn of_index(index: &usize) -> u32 {
    u32::try_from(*index).unwrap_or(u32::MAX)
}

struct Builder<'a> {
    spec: &'a Spec<'a>,
    sharing: usize,
    desired: Vec<usize>,
    targets: Vec<TopicPartitions>,
    by_partition: Table<Partition, Set<usize>>,
    by_member: Table<usize, Set<Partition>>,
    unfilled: Set<usize>,
    overfilled: Set<usize>,
}

/// A target for each member; none if nobody subscribes to anything.
pub(super) fn assign(spec: &Spec<'_>) -> Option<Vec<TopicPartitions>> {
    let topics = &spec.members.first()?.topics;
    if topics.is_empty() {
        return None;
    }
    let topics = hash_set::topics(topics).into_iter();
    let partitions = topics.flat_map(|topic| {
        let indexes = spec.assignable.get(&topic).into_iter().flatten();
        indexes.map(move |index| (topic, *index))
    });
    let partitions: Vec<Partition> = partitions.collect();
    let members = spec.members.len();
    let sharing = sharing(members, partitions.len());
    let assignments = sharing.saturating_mul(partitions.len());
    let mut builder = Builder {
        spec,
        sharing,
        desired: (0..members)
            .map(|index| desired(assignments, members, index))
            .collect(),
        targets: spec
            .members
            .iter()
            .map(|member| member.target.clone())
            .collect(),
        by_partition: Table::with_room(partitions.len(), of_partition),
        by_member: Table::with_room(members, of_index),
        unfilled: Set::with_room(members, of_index),
        overfilled: Set::with_room(members, of_index),
    };
    builder.keep();
    builder.revoke_overfilled();
    builder.revoke_overshared();
    for partition in &partitions {
        builder.by_partition.entry(partition, || Set::new(of_index));
    }
    builder.fill();
    Some(builder.targets)
}

impl Builder<'_> {
    fn desired(&self, member: usize) -> usize {
        self.desired.get(member).copied().unwrap_or_default()
    }

    /// Notes what members have of the topics to which they subscribe.
    fn keep(&mut self) {
        for (index, member) in self.spec.members.iter().enumerate() {
            let mut count = 0_usize;
            for topic in hash_set::topics(member.target.keys()) {
                if !member.topics.contains(&topic) {
                    if let Some(target) = self.targets.get_mut(index) {
                        target.remove(&topic);
                    }
                    continue;
                }
                let partitions = member.target.get(&topic).into_iter().flatten().copied();
                for partition in hash_set::partitions(partitions) {
                    let partition = (topic, partition);
                    count += 1;
                    let members = self.by_partition.entry(&partition, || Set::new(of_index));
                    members.entry(&index, || ());
                    let partitions = self.by_member.entry(&index, || Set::new(of_partition));
                    partitions.entry(&partition, || ());
                }
            }
            match count.cmp(&self.desired(index)) {
                std::cmp::Ordering::Less => drop(self.unfilled.entry(&index, || ())),
                std::cmp::Ordering::Greater => drop(self.overfilled.entry(&index, || ())),
                std::cmp::Ordering::Equal => {}
            }
        }
    }

    fn revoke_overfilled(&mut self) {
        for member in self.overfilled.keys() {
            let desired = self.desired(member);
            let Some(partitions) = self.by_member.get_mut(&member) else {
                continue;
            };
            let too_many = partitions.len().saturating_sub(desired);
            let revoked: Vec<Partition> = partitions.keys().into_iter().take(too_many).collect();
            for partition in revoked {
                partitions.remove(&partition);
                if let Some(members) = self.by_partition.get_mut(&partition) {
                    members.remove(&member);
                }
                take(&mut self.targets, member, partition);
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
                if take(&mut self.targets, member, partition) {
                    members.remove(&member);
                    if let Some(partitions) = self.by_member.get_mut(&member) {
                        partitions.remove(&partition);
                    }
                    self.unfilled.entry(&member, || ());
                }
            }
        }
    }

    /// Gives what is left to those who have too little, in turn.
    fn fill(&mut self) {
        if self.unfilled.is_empty() {
            return;
        }
        let mut turn = self.unfilled.keys().into_iter();
        let mut gave = false;
        for partition in self.by_partition.keys() {
            let has = self.by_partition.get(&partition).map_or(0, Set::len);
            let mut missing = self.sharing.saturating_sub(has);
            while missing > 0 {
                let Some(member) = turn.next() else {
                    if !gave {
                        break;
                    }
                    turn = self.unfilled.keys().into_iter();
                    gave = false;
                    if self.unfilled.is_empty() {
                        break;
                    }
                    continue;
                };
                if self.give(member, partition) {
                    missing -= 1;
                    gave = true;
                }
            }
            if self.unfilled.is_empty() {
                break;
            }
        }
    }

    /// Gives a partition to a member that does not have it yet.
    fn give(&mut self, member: usize, partition: Partition) -> bool {
        let members = self.by_partition.entry(&partition, || Set::new(of_index));
        if members.get(&member).is_some() {
            return false;
        }
        if let Some(target) = self.targets.get_mut(member) {
            target.entry(partition.0).or_default().insert(partition.1);
        }
        let desired = self.desired(member);
        let partitions = self.by_member.entry(&member, || Set::new(of_partition));
        partitions.entry(&partition, || ());
        // Kafka does not note here who has the partition now, but asks nobody twice in one round.
        if partitions.len() >= desired {
            self.unfilled.remove(&member);
        }
        true
    }
}

/// Takes a partition from a member; says whether it had it.
fn take(targets: &mut [TopicPartitions], member: usize, (topic, partition): Partition) -> bool {
    let partitions = targets
        .get_mut(member)
        .and_then(|target| target.get_mut(&topic));
    partitions.is_some_and(|partitions| partitions.remove(&partition))
}
