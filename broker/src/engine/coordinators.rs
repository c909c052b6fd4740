//! Coordinators that come and go: the node that leads a partition of a state topic coordinates what the
//! partition holds, and knows of it what the partition's records say.
//!
//! As in Kafka, the old coordinator forgets everything, and the new one reads the whole partition. That
//! takes no time here, unless the load is held: then the coordinator stays in the state in which it
//! answers COORDINATOR_LOAD_IN_PROGRESS. Oracle: a group or share coordinator that is elected again where
//! it is goes on with what it knows, a transaction coordinator reads again.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cluster::Cluster;
use super::state::{State, StateTimer};
use super::state_topic::{StateTopic, partition_of};
use super::time::Now;
use crate::wire::batch::BatchView;
use crate::wire::error::ErrorCode;
use crate::wire::records::RecordsError;
use crate::wire::state_records::Unreadable;
use crate::wire::units::{LeaderEpoch, NodeId};

/// The topics whose partitions are loaded.
const LOADED: [StateTopic; 3] = StateTopic::ALL;

/// A partition of a state topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StatePartition {
    pub(crate) topic: StateTopic,
    pub(crate) index: i32,
}

/// Every partition that somebody coordinates, and which of them may not finish loading.
#[derive(Debug, Default)]
pub(crate) struct Coordinators {
    known: BTreeMap<StatePartition, Coordinator>,
    held: BTreeSet<StatePartition>,
}

#[derive(Debug, Clone, Copy)]
struct Coordinator {
    node: NodeId,
    epoch: LeaderEpoch,
    progress: Progress,
}

/// How far a coordinator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Loading,
    Active,
    /// The partition holds something that cannot be read.
    Failed,
}

/// Why a partition cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error("a record without a key")]
    NoKey,
    #[error(transparent)]
    Record(#[from] Unreadable),
    #[error("a batch of a share partition's state that ends before it begins")]
    InvertedBatch,
}

impl Coordinators {
    /// Whether any load is held.
    pub(crate) fn holds_loads(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether the load of a partition is held.
    pub(crate) fn is_held(&self, place: StatePartition) -> bool {
        self.held.contains(&place)
    }

    /// What a node answers to who takes it for the coordinator of a partition.
    fn check(&self, node: NodeId, place: StatePartition) -> Result<(), ErrorCode> {
        let known = self.known.get(&place);
        match known.filter(|known| known.node == node) {
            Some(known) if known.progress == Progress::Active => Ok(()),
            Some(known) if known.progress == Progress::Loading => {
                Err(ErrorCode::CoordinatorLoadInProgress)
            }
            Some(_) | None => Err(ErrorCode::NotCoordinator),
        }
    }

    /// Whether a node still loads one of a topic's partitions.
    pub(crate) fn is_loading(&self, node: NodeId, topic: StateTopic) -> bool {
        let mut known = self.known.iter();
        known.any(|(place, known)| {
            place.topic == topic && known.node == node && known.progress == Progress::Loading
        })
    }

    /// Whether a partition is loaded, wherever that is.
    pub(crate) fn is_active(&self, place: StatePartition) -> bool {
        let known = self.known.get(&place);
        known.is_some_and(|known| known.progress == Progress::Active)
    }
}

/// The partition of a state topic that holds what is about `key`; none while there is no such topic.
pub(crate) fn place_of(cluster: &Cluster, topic: StateTopic, key: &str) -> Option<StatePartition> {
    let index = partition_of(cluster, topic, key)?;
    Some(StatePartition { topic, index })
}

/// Who leads a partition, and since which epoch.
fn leader(cluster: &Cluster, place: StatePartition) -> Option<(NodeId, LeaderEpoch)> {
    let topic = cluster.topic(place.topic.name())?;
    let partition = topic.partition(place.index)?;
    Some((partition.leader?, partition.leader_epoch))
}

impl State {
    /// What a node answers to who takes it for the coordinator of `key`. While there is no state topic
    /// no node coordinates.
    pub(crate) fn check_coordinator(
        &self,
        node: NodeId,
        topic: StateTopic,
        key: &str,
    ) -> Result<(), ErrorCode> {
        let place = place_of(&self.cluster, topic, key);
        let place = place.ok_or(ErrorCode::NotCoordinator)?;
        self.coordinators.check(node, place)
    }

    /// Brings the coordinators in line with who leads the partitions of their topics. Whatever changes
    /// leaders calls this.
    pub(super) fn follow_leaders(&mut self, now: Now) {
        for topic in LOADED {
            let count = self.cluster.topic(topic.name());
            let count = count.map_or(0, |topic| topic.partitions.len());
            let mut places: BTreeSet<_> = (0_i32..)
                .take(count)
                .map(|index| StatePartition { topic, index })
                .collect();
            let known = self.coordinators.known.keys();
            places.extend(known.filter(|place| place.topic == topic));
            for place in places {
                self.follow_leader(now, place);
            }
        }
    }

    /// The same for one topic that is new.
    pub(super) fn follow_leaders_of(&mut self, now: Now, topic: &str) {
        if StateTopic::named(topic).is_some() {
            self.follow_leaders(now);
        }
    }

    fn follow_leader(&mut self, now: Now, place: StatePartition) {
        let leader = leader(&self.cluster, place);
        let known = self.coordinators.known.get(&place).copied();
        match (known, leader) {
            (Some(known), Some((node, epoch))) if known.node == node => {
                if known.epoch == epoch {
                    return;
                }
                let stays =
                    known.progress != Progress::Failed && place.topic != StateTopic::Transactions;
                if stays {
                    let known = Coordinator { epoch, ..known };
                    self.coordinators.known.insert(place, known);
                    return;
                }
            }
            (None, None) => return,
            (Some(_), _) | (None, Some(_)) => {}
        }
        if let Some(known) = known {
            self.unload(now, place, known.node);
        }
        if let Some((node, epoch)) = leader {
            let progress = Progress::Loading;
            let known = Coordinator {
                node,
                epoch,
                progress,
            };
            self.coordinators.known.insert(place, known);
            self.load(now, place);
        }
    }

    /// Lets go of a state topic that is about to be deleted.
    pub(super) fn resign_coordinators(&mut self, now: Now, topic: &str) {
        let known = self.coordinators.known.iter();
        let gone: Vec<_> = known
            .filter(|(place, _)| place.topic.name() == topic)
            .map(|(place, known)| (*place, known.node))
            .collect();
        for (place, node) in gone {
            self.unload(now, place, node);
        }
    }

    fn unload(&mut self, now: Now, place: StatePartition, node: NodeId) {
        self.coordinators.known.remove(&place);
        match place.topic {
            StateTopic::Groups => self.unload_groups(now, place.index, node),
            StateTopic::Transactions => self.unload_transactions(place.index),
            StateTopic::Shares => self.unload_shares(place.index),
        }
    }

    /// Reads a partition, unless that is held.
    fn load(&mut self, now: Now, place: StatePartition) {
        if self.coordinators.held.contains(&place) {
            return;
        }
        let Some(known) = self.coordinators.known.get(&place).copied() else {
            return;
        };
        if known.progress != Progress::Loading {
            return;
        }
        let batches = self.batches_of(place);
        let loaded = match place.topic {
            StateTopic::Groups => self.load_groups(now, (place.index, known.node), &batches),
            StateTopic::Transactions => self.load_transactions(&batches),
            StateTopic::Shares => self.load_shares(place.index, &batches),
        };
        let progress = match loaded {
            Ok(()) => Progress::Active,
            Err(_) => {
                self.unload(now, place, known.node);
                Progress::Failed
            }
        };
        let known = Coordinator { progress, ..known };
        self.coordinators.known.insert(place, known);
    }

    fn batches_of(&self, place: StatePartition) -> Vec<BatchView> {
        let topic = self.cluster.topic(place.topic.name());
        let partition = topic.and_then(|topic| topic.partition(place.index));
        let Some(log) = partition.map(|partition| &partition.log) else {
            return Vec::new();
        };
        let is_there = |batch: &&BatchView| batch.last_offset() >= log.start();
        log.batches().filter(is_there).cloned().collect()
    }

    /// Lets a coordinator load until it is released, or for a while: it forgets what it knows, and
    /// answers COORDINATOR_LOAD_IN_PROGRESS. So does the node that takes over from it.
    pub(crate) fn hold_load(&mut self, now: Now, place: StatePartition, wait: Option<Duration>) {
        self.coordinators.held.insert(place);
        let timer = StateTimer::Load(place);
        match wait {
            Some(wait) => self.timers.schedule(timer, now.plus(wait).elapsed),
            None => self.timers.cancel(&timer),
        }
        let known = self.coordinators.known.get(&place).copied();
        if let Some(known) = known.filter(|known| known.progress != Progress::Loading) {
            self.unload(now, place, known.node);
            let progress = Progress::Loading;
            let known = Coordinator { progress, ..known };
            self.coordinators.known.insert(place, known);
        }
    }

    /// Lets a load that was held go on.
    pub(crate) fn release_load(&mut self, now: Now, place: StatePartition) {
        self.timers.cancel(&StateTimer::Load(place));
        self.end_hold(now, place);
    }

    /// A load is held no longer.
    pub(super) fn end_hold(&mut self, now: Now, place: StatePartition) {
        if self.coordinators.held.remove(&place) {
            self.load(now, place);
        }
    }

    /// Moves a coordinator to a node that is in service, which leads the partition from then on; a
    /// stranger takes the place of the leader among the replicas. Says whether there is such a
    /// partition and such a node.
    pub(crate) fn move_coordinator(
        &mut self,
        now: Now,
        place: StatePartition,
        node: NodeId,
    ) -> bool {
        if !self.cluster.is_up(node) {
            return false;
        }
        let name = place.topic.name();
        let Some(partition) = self.cluster.partition_mut(name, place.index) else {
            return false;
        };
        if !partition.replicas.contains(&node) {
            let old = partition
                .leader
                .or_else(|| partition.replicas.first().copied());
            let leaving = |replica: &&mut NodeId| Some(**replica) == old;
            for replica in partition.replicas.iter_mut().filter(leaving) {
                *replica = node;
            }
            partition.isr.retain(|replica| Some(*replica) != old);
            partition.isr.push(node);
        }
        if partition.leader != Some(node) {
            partition.elect(node);
            self.cluster.changed();
            self.follow_leaders(now);
            self.wake_topic(name);
        }
        true
    }
}
