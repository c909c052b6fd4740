//! A topic and its partitions.

use std::cell::OnceCell;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::configs::{Overrides, TopicConfig};
use crate::engine::log::PartitionLog;
use crate::engine::reassignment::Reassignment;
use crate::wire::messages::{TopicName, str_bytes};
use crate::wire::units::{LeaderEpoch, NodeId, WallMillis};

/// A topic.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) id: Uuid,
    /// Kafka's own, such as `__consumer_offsets`.
    pub(crate) internal: bool,
    pub(crate) partitions: Vec<Partition>,
    /// How many partitions it had when it was made: into these a coordinator's keys fall, however many there are
    /// by now.
    pub(crate) partitions_at_first: usize,
    /// What is set on the topic itself.
    pub(crate) overrides: Overrides,
    /// The settings in force; emptied when any setting changes.
    pub(crate) config: OnceCell<Arc<TopicConfig>>,
    /// Its name as answers hold it, once one has.
    pub(crate) wire_name: OnceCell<TopicName>,
}

/// What lasts of a topic.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptTopic {
    pub(crate) name: String,
    pub(crate) id: Uuid,
    pub(crate) internal: bool,
    pub(crate) partitions_at_first: usize,
    pub(crate) overrides: Overrides,
    pub(crate) partitions: Vec<Partition>,
}

impl KeptTopic {
    pub(crate) fn into_topic(self) -> Topic {
        let Self {
            name,
            id,
            internal,
            partitions_at_first,
            overrides,
            partitions,
        } = self;
        Topic {
            name,
            id,
            internal,
            partitions,
            partitions_at_first,
            overrides,
            config: OnceCell::new(),
            wire_name: OnceCell::new(),
        }
    }
}

impl Topic {
    /// What lasts of it. The batches are shared.
    pub(crate) fn keep(&self) -> KeptTopic {
        let Self {
            name,
            id,
            internal,
            partitions,
            partitions_at_first,
            overrides,
            config: _,
            wire_name: _,
        } = self;
        KeptTopic {
            name: name.clone(),
            id: *id,
            internal: *internal,
            partitions_at_first: *partitions_at_first,
            overrides: overrides.clone(),
            partitions: partitions.iter().map(Partition::keep).collect(),
        }
    }

    /// Its name for an answer; all of them share one text.
    pub(crate) fn wire_name(&self) -> TopicName {
        let make = || str_bytes(self.name.clone()).into();
        self.wire_name.get_or_init(make).clone()
    }

    pub(crate) fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    pub(crate) fn partition_mut(&mut self, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(index).ok()?)
    }
}

/// A partition: who holds it, who leads it, and its log, which all replicas share.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Partition {
    pub(crate) leader: Option<NodeId>,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) replicas: Vec<NodeId>,
    pub(crate) isr: Vec<NodeId>,
    /// Eligible leader replicas (KIP-966).
    pub(crate) elr: Vec<NodeId>,
    pub(crate) last_known_elr: Vec<NodeId>,
    /// Replicas that a test keeps out of sync.
    pub(crate) lagging: Vec<NodeId>,
    #[serde(default, skip_serializing_if = "Reassignment::is_nothing")]
    pub(crate) reassignment: Reassignment,
    pub(crate) log: PartitionLog,
    /// What the log was last counted to hold, in the engine's total.
    #[serde(skip)]
    pub(crate) counted_bytes: u64,
}

impl Partition {
    /// An empty partition, led in epoch 0 by the first replica whose node is `live`.
    pub(crate) fn new(replicas: Vec<NodeId>, live: &[NodeId], created: WallMillis) -> Self {
        let mut log = PartitionLog::new(created);
        log.begin_epoch(LeaderEpoch(0));
        let mut isr = replicas.clone();
        isr.retain(|node| live.contains(node));
        Self {
            leader: isr.first().copied(),
            leader_epoch: LeaderEpoch(0),
            isr,
            replicas,
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            lagging: Vec::new(),
            reassignment: Reassignment::default(),
            log,
            counted_bytes: 0,
        }
    }

    fn keep(&self) -> Self {
        let Self {
            leader,
            leader_epoch,
            replicas,
            isr,
            elr,
            last_known_elr,
            lagging,
            reassignment,
            log,
            counted_bytes: _,
        } = self;
        Self {
            leader: *leader,
            leader_epoch: *leader_epoch,
            replicas: replicas.clone(),
            isr: isr.clone(),
            elr: elr.clone(),
            last_known_elr: last_known_elr.clone(),
            lagging: lagging.clone(),
            reassignment: reassignment.clone(),
            log: log.lasting(),
            counted_bytes: 0,
        }
    }

    /// Nobody leads, which is an epoch of its own, too.
    pub(crate) fn resign(&mut self) {
        self.leader = None;
        self.leader_epoch = LeaderEpoch(self.leader_epoch.0.saturating_add(1));
    }

    /// Makes a node the leader, in an epoch of its own. One that is out of sync becomes the only one
    /// that is in sync.
    pub(crate) fn elect(&mut self, leader: NodeId) {
        if !self.isr.contains(&leader) {
            self.isr = vec![leader];
            self.elr.clear();
            self.last_known_elr.clear();
        }
        self.reassignment.caught_up(leader);
        self.leader = Some(leader);
        self.leader_epoch = LeaderEpoch(self.leader_epoch.0.saturating_add(1));
        self.log.begin_epoch(self.leader_epoch);
    }
}
