//! Filling the replicas that a reassignment adds.
//!
//! All replicas share one log, so what moves is an offset: how much of the log a new replica has. It moves as a follower
//! fetches: up to `replica.fetch.max.bytes` at a time and a batch at least, at once and on, unless the replica or
//! its leader is throttled. One that has come to the high watermark is in sync, and the controller is asked whether
//! that completes the reassignment.

use std::collections::BTreeSet;
use std::time::Duration;

use super::throttles::{Limit, Throttles, as_float};
use crate::engine::cluster::Partition;
use crate::engine::log::PartitionLog;
use crate::engine::state::{State, StateTimer};
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::{NodeId, Offset};

/// What the cluster keeps of its reassignments beside the partitions.
#[derive(Debug, Default)]
pub(crate) struct Reassignments {
    /// Where there may be one.
    under_way: BTreeSet<TopicPartition>,
    throttles: Throttles,
}

/// A copy that may go on.
struct Step {
    place: TopicPartition,
    node: NodeId,
    limits: Vec<Limit>,
}

impl State {
    /// Says that there may be a reassignment under way.
    pub(crate) fn watch_reassignment(&mut self, topic: &str, index: i32) {
        let place = TopicPartition::new(topic, index);
        self.reassignments.under_way.insert(place);
    }

    /// Has replicas fetch what they can by now, and completes reassignments.
    pub(in crate::engine) fn go_on_reassigning(&mut self, now: Now) {
        if self.reassignments.under_way.is_empty() {
            return;
        }
        self.timers
            .cancel_all(|key| matches!(key, StateTimer::Copy(..)));
        while self.copy_some(now) {}
        for place in self.reassignments.under_way.clone() {
            self.complete(now, &place);
            self.plan_next_copy(now, &place);
        }
    }

    /// Each replica that may fetch does so once. Says whether any did.
    fn copy_some(&mut self, now: Now) -> bool {
        let steps = self.steps(now);
        for step in &steps {
            self.copy(now, step);
        }
        !steps.is_empty()
    }

    /// Who may fetch now, as their limits are before anybody does.
    fn steps(&mut self, now: Now) -> Vec<Step> {
        let mut steps = Vec::new();
        for place in self.reassignments.under_way.clone() {
            for (node, limits) in self.waiting_copies(place.borrowed()) {
                let throttles = &mut self.reassignments.throttles;
                let mut limits_now = limits.iter();
                if limits_now.all(|limit| throttles.free_at(*limit, now.elapsed) <= now.elapsed) {
                    let place = place.clone();
                    steps.push(Step {
                        place,
                        node,
                        limits,
                    });
                }
            }
        }
        steps
    }

    /// Replicas of a partition that run and lack records, and what limits them.
    fn waiting_copies(&self, place: TopicPartition<&str>) -> Vec<(NodeId, Vec<Limit>)> {
        let found = self.cluster.topic(place.topic);
        let Some(partition) = found.and_then(|topic| topic.partition(place.partition)) else {
            return Vec::new();
        };
        let Some(leader) = partition.leader.filter(|_| !partition.reassignment.held) else {
            return Vec::new();
        };
        let copying = partition.reassignment.copying.iter();
        copying
            .map(|copying| copying.node)
            .filter(|node| self.cluster.is_up(*node) && !partition.lagging.contains(node))
            .map(|node| (node, self.limits_of(place, leader, node)))
            .collect()
    }

    /// One fetch of a replica, and what its leader makes of it.
    fn copy(&mut self, now: Now, step: &Step) {
        let TopicPartition {
            topic,
            partition: index,
        } = step.place.borrowed();
        let most = if step.limits.is_empty() {
            u64::MAX
        } else {
            self.fetch_bytes_max(step.node)
        };
        let terms = self.terms(topic);
        let Some(partition) = self.cluster.partition_mut(topic, index) else {
            return;
        };
        let Some((bytes, is_in_sync)) = partition.fetch_to(step.node, most) else {
            return;
        };
        if is_in_sync {
            partition.join(step.node, terms);
            self.cluster.changed();
            self.wake_topic(topic);
        }
        for limit in &step.limits {
            let throttles = &mut self.reassignments.throttles;
            throttles.record(*limit, now.elapsed, as_float(bytes));
        }
    }

    fn fetch_bytes_max(&self, node: NodeId) -> u64 {
        let setting = self.configs.broker_value(node, "replica.fetch.max.bytes");
        let bytes = setting.to_text().and_then(|text| text.parse().ok());
        bytes.unwrap_or(1 << 20)
    }

    fn complete(&mut self, now: Now, place: &TopicPartition) {
        let live = self.cluster.live_ids();
        let topic = place.topic.as_str();
        let Some(partition) = self.cluster.partition_mut(topic, place.partition) else {
            self.reassignments.under_way.remove(place);
            return;
        };
        let is_done = partition.complete_reassignment(&live);
        if partition.reassignment.is_idle() {
            self.reassignments.under_way.remove(place);
        }
        if is_done {
            self.changed_topic(now, topic);
        }
    }

    fn plan_next_copy(&mut self, now: Now, place: &TopicPartition) {
        let waiting = self.waiting_copies(place.borrowed());
        let throttles = &mut self.reassignments.throttles;
        let free_at = |limits: Vec<Limit>| {
            let each = limits.into_iter();
            each.map(|limit| throttles.free_at(limit, now.elapsed))
                .max()
        };
        let next = waiting.into_iter().map(|(_, limits)| limits);
        let Some(next) = next.filter_map(free_at).min() else {
            return;
        };
        // What is not free by now is free a little later.
        let next = next.max(now.elapsed.saturating_add(Duration::from_millis(1)));
        let key = StateTimer::Copy(place.clone());
        self.timers.schedule(key, next);
    }

    /// Looks for reassignments in all partitions: they come from a snapshot.
    pub(in crate::engine) fn find_reassignments(&mut self) {
        let topics = self.cluster.topics();
        let places = topics.flat_map(|topic| {
            let partitions = (0_i32..).zip(&topic.partitions);
            let moving = partitions.filter(|(_, p)| !p.reassignment.is_idle());
            moving.map(|(index, _)| TopicPartition::new(&topic.name, index))
        });
        self.reassignments.under_way = places.collect();
    }
}

impl Partition {
    /// A replica that lacks records fetches: how many bytes came, and whether it has all now. Nothing if it lacks none.
    fn fetch_to(&mut self, node: NodeId, most: u64) -> Option<(u64, bool)> {
        let Self {
            log, reassignment, ..
        } = self;
        let mut copying = reassignment.copying.iter_mut();
        let copying = copying.find(|copying| copying.node == node)?;
        let (bytes, end) = bytes_from(log, copying.end, most);
        copying.end = end;
        Some((bytes, end >= log.high_watermark()))
    }

    /// What a node holds of it, in bytes.
    pub(crate) fn size_at(&self, node: NodeId) -> u64 {
        let mut copying = self.reassignment.copying.iter();
        match copying.find(|copying| copying.node == node) {
            Some(copying) => {
                let before = self.log.batches();
                let before = before.take_while(|batch| batch.next_offset() <= copying.end);
                before.map(|batch| bytes(batch.size())).sum()
            }
            None => self.log.size(),
        }
    }
}

/// How many bytes of whole batches come after an offset, up to `most` but for the first, and where they end.
fn bytes_from(log: &PartitionLog, from: Offset, most: u64) -> (u64, Offset) {
    let from = from.max(log.start());
    let batches = log.batches();
    let batches = batches.skip_while(|batch| batch.next_offset() <= from);
    let (mut sum, mut end) = (0_u64, from);
    for batch in batches {
        let size = bytes(batch.size());
        if end > from && sum.saturating_add(size) > most {
            return (sum, end);
        }
        sum = sum.saturating_add(size);
        end = batch.next_offset();
    }
    (sum, log.end())
}

fn bytes(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
