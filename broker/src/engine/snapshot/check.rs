//! Whether what a file says of a cluster can be.

use std::collections::BTreeSet;

use super::Kept;
use crate::engine::cluster::configs::{check_topic, topic_name_fault};
use crate::engine::cluster::{KeptTopic, Partition};
use crate::engine::state_topic::StateTopic;
use crate::wire::units::{LeaderEpoch, NodeId, ProducerId};

/// How far the ids of nodes may lie apart: a cluster that starts from the snapshot has all nodes in between.
const NODES_MAX: i32 = 1000;

impl Kept {
    /// What holds of every cluster.
    ///
    /// # Errors
    /// What does not, in words.
    pub(super) fn check(&self) -> Result<(), String> {
        self.check_nodes()?;
        if self.next_producer_id < ProducerId(0) {
            return Err(format!("the next producer id is {}", self.next_producer_id));
        }
        self.settings.check()?;
        for quotas in &self.quotas {
            quotas.check()?;
        }
        let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for topic in &self.topics {
            let named = |why: String| format!("topic {}: {why}", topic.name);
            if !names.insert(&topic.name) || !ids.insert(topic.id) || topic.id.is_nil() {
                return Err(named("its name or id is another's".to_owned()));
            }
            self.check_topic(topic).map_err(named)?;
        }
        Ok(())
    }

    fn check_nodes(&self) -> Result<(), String> {
        let ids: Vec<NodeId> = self.nodes.iter().map(|node| node.id).collect();
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Err("there is no node".to_owned());
        };
        let ascend = ids.is_sorted_by(|one, next| one < next);
        let fit = last.0.saturating_sub(first.0) < NODES_MAX;
        if !ascend || !fit || first.0 < 0 || last.0 == i32::MAX {
            return Err(format!("nodes cannot have the ids {ids:?}"));
        }
        Ok(())
    }

    fn check_topic(&self, topic: &KeptTopic) -> Result<(), String> {
        if let Some(fault) = topic_name_fault(&topic.name) {
            return Err(fault);
        }
        if topic.internal != StateTopic::named(&topic.name).is_some() {
            return Err("Kafka's own topics are internal, and no others".to_owned());
        }
        if topic.partitions.is_empty() {
            return Err("it has no partition".to_owned());
        }
        if !(1..=topic.partitions.len()).contains(&topic.partitions_at_first) {
            return Err("it has fewer partitions than at first".to_owned());
        }
        check_topic(&topic.overrides)?;
        for (index, partition) in topic.partitions.iter().enumerate() {
            self.check_partition(partition)
                .map_err(|why| format!("partition {index}: {why}"))?;
        }
        Ok(())
    }

    fn check_partition(&self, partition: &Partition) -> Result<(), String> {
        let replicas: BTreeSet<_> = partition.replicas.iter().collect();
        if replicas.is_empty() || replicas.len() < partition.replicas.len() {
            return Err("its replicas are none, or the same".to_owned());
        }
        let in_sync: BTreeSet<_> = partition.isr.iter().collect();
        if !in_sync.is_subset(&replicas) || in_sync.len() < partition.isr.len() {
            return Err("others are in sync than its replicas".to_owned());
        }
        let reassignment = &partition.reassignment;
        let mut moving = reassignment.adding.iter().chain(&reassignment.removing);
        let copying = reassignment.copying.iter();
        let may_copy = |node| replicas.contains(node) && !in_sync.contains(node);
        if !moving.all(|node| replicas.contains(node))
            || !copying.map(|copying| &copying.node).all(may_copy)
        {
            return Err("others are reassigned than its replicas".to_owned());
        }
        let leads = |leader| {
            let mut nodes = self.nodes.iter();
            let runs = nodes.any(|node| node.id == leader && node.up);
            runs && in_sync.contains(&leader)
        };
        if !partition.leader.is_none_or(leads) {
            return Err("its leader does not run, or is not in sync".to_owned());
        }
        let written = partition.log.epochs().latest();
        if partition.leader_epoch < written.unwrap_or(LeaderEpoch(0)) {
            return Err("its log has records of a later leader".to_owned());
        }
        Ok(())
    }
}
