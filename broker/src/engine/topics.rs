//! Making topics and placing their replicas.

pub(crate) mod assignment;
pub(crate) mod plan;

use std::cell::OnceCell;

use uuid::Uuid;

use super::cluster::configs::Overrides;
use super::cluster::{Partition, Topic};
use super::state::State;
use super::time::Now;
use crate::wire::units::NodeId;

impl State {
    /// Nodes for each partition: round robin from a node drawn by chance, the next ones following.
    /// Nodes that are stopped come in only where the others do not suffice, and never first; those whose
    /// log directories are all cordoned do not at all.
    pub(crate) fn place_replicas(&mut self, partitions: usize, factor: usize) -> Vec<Vec<NodeId>> {
        let mut nodes = self.cluster.live_ids();
        let mut stopped = self.cluster.node_ids();
        stopped.retain(|node| !nodes.contains(node) && self.takes_replicas(*node));
        if nodes.iter().any(|node| self.takes_replicas(*node)) {
            nodes.retain(|node| self.takes_replicas(*node));
        }
        let first = self.rng.below(nodes.len());
        let replicas = |partition: usize| {
            let start = first.saturating_add(partition);
            nodes
                .iter()
                .cycle()
                .skip(start.checked_rem(nodes.len()).unwrap_or_default())
                .take(factor.min(nodes.len()))
                .chain(&stopped)
                .take(factor)
                .copied()
                .collect()
        };
        (0..partitions).map(replicas).collect()
    }

    /// Adds a topic with these replicas by partition.
    pub(crate) fn create_topic(
        &mut self,
        now: Now,
        name: &str,
        assignments: Vec<Vec<NodeId>>,
        overrides: Overrides,
        internal: bool,
    ) -> Uuid {
        let topic = self.new_topic(now, name, assignments, overrides, internal);
        let id = topic.id;
        self.cluster.insert(topic);
        self.follow_leaders_of(now, name);
        id
    }

    pub(super) fn new_topic(
        &mut self,
        now: Now,
        name: &str,
        assignments: Vec<Vec<NodeId>>,
        overrides: Overrides,
        internal: bool,
    ) -> Topic {
        let id = self.rng.next_uuid();
        let live = self.cluster.live_ids();
        let partitions_at_first = assignments.len();
        let partitions = assignments
            .into_iter()
            .map(|replicas| Partition::new(replicas, &live, now.wall))
            .collect();
        Topic {
            name: name.to_owned(),
            id,
            internal,
            partitions,
            partitions_at_first,
            overrides,
            config: OnceCell::new(),
            wire_name: OnceCell::new(),
        }
    }

    /// Takes a topic away, with its records and with what groups have committed to it, also in open transactions; who waits for it is woken.
    pub(crate) fn delete_topic(&mut self, now: Now, name: &str) -> Option<Topic> {
        self.wake_topic(name);
        self.resign_coordinators(now, name);
        let topic = self.cluster.remove(name)?;
        let held = topic
            .partitions
            .iter()
            .map(|partition| partition.counted_bytes)
            .sum();
        self.log_bytes = self.log_bytes.saturating_sub(held);
        let node = self.cluster.controller();
        self.with_groups(now, node, |groups, turn| {
            groups.forget_topic(turn, name, topic.id);
        });
        self.forget_share_topic(now, topic.id);
        Some(topic)
    }
}
