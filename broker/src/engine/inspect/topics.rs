//! Topics, their partitions, and who writes to them.

use crate::engine::cluster::{Partition, Topic};
use crate::engine::state::State;
use crate::wire::batch::BatchView;
use crate::wire::units::NodeId;

/// A topic.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// let orders = broker.topic("orders").describe().unwrap();
/// assert_eq!((orders.name.as_str(), orders.internal), ("orders", false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct TopicView {
    /// The name.
    pub name: String,
    /// The topic id.
    pub id: String,
    /// Whether it is one of Kafka's own, such as `__consumer_offsets`.
    pub internal: bool,
    /// The partitions, by index.
    pub partitions: Vec<PartitionView>,
}

/// A partition.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let view = broker.partition("orders", 0).describe().unwrap();
/// assert_eq!((view.leader, view.high_watermark, view.log_end_offset), (Some(1), 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct PartitionView {
    /// The index.
    pub partition: i32,
    /// The id of the leader, if there is one.
    pub leader: Option<i32>,
    /// The leader epoch.
    pub leader_epoch: i32,
    /// The ids of the replicas' nodes; the first is the preferred leader.
    pub replicas: Vec<i32>,
    /// The ids of the in-sync replicas' nodes.
    pub in_sync_replicas: Vec<i32>,
    /// The replicas that a reassignment in progress adds.
    pub adding_replicas: Vec<i32>,
    /// The replicas that a reassignment in progress removes.
    pub removing_replicas: Vec<i32>,
    /// The offset of the first record.
    pub log_start_offset: i64,
    /// The offset up to which consumers of committed data read.
    pub last_stable_offset: i64,
    /// The offset up to which consumers read.
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
    /// The size as Kafka reports it: the sum of its segments' files.
    pub size_bytes: u64,
    /// The idempotent and transactional producers that the partition remembers.
    pub producers: Vec<ProducerView>,
}

/// What a partition remembers of a producer.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// let view = broker.partition("orders", 0).describe().unwrap();
/// let open = view.producers.iter().filter(|producer| producer.transaction_start_offset.is_some());
/// assert_eq!(open.count(), 0, "no transaction is open");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct ProducerView {
    /// The producer id.
    pub producer_id: i64,
    /// The producer epoch.
    pub producer_epoch: i16,
    /// The sequence number of its last record; -1 if none is remembered.
    pub last_sequence: i32,
    /// The timestamp of its last batch.
    pub last_timestamp: i64,
    /// The epoch of the coordinator that wrote its last marker; -1 before the first.
    pub coordinator_epoch: i32,
    /// The offset at which its open transaction starts, if it has one.
    pub transaction_start_offset: Option<i64>,
}

impl PartitionView {
    fn of(index: i32, partition: &Partition) -> Self {
        let log = &partition.log;
        let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect();
        let producers = log.producers().iter().map(|(id, state)| ProducerView {
            producer_id: id.0,
            producer_epoch: state.epoch.0,
            last_sequence: state.last_sequence().0,
            last_timestamp: state.last_timestamp.0,
            coordinator_epoch: state.coordinator_epoch,
            transaction_start_offset: state.transaction_start.map(|offset| offset.0),
        });
        Self {
            partition: index,
            leader: partition.leader.map(|node| node.0),
            leader_epoch: partition.leader_epoch.0,
            replicas: ids(&partition.replicas),
            in_sync_replicas: ids(&partition.isr),
            adding_replicas: ids(&partition.reassignment.adding),
            removing_replicas: ids(&partition.reassignment.removing),
            log_start_offset: log.start().0,
            last_stable_offset: log.last_stable_offset().0,
            high_watermark: log.high_watermark().0,
            log_end_offset: log.end().0,
            size_bytes: log.size(),
            producers: producers.collect(),
        }
    }
}

impl TopicView {
    fn of(topic: &Topic) -> Self {
        let partitions = (0_i32..).zip(&topic.partitions);
        Self {
            name: topic.name.clone(),
            id: topic.id.to_string(),
            internal: topic.internal,
            partitions: partitions.map(|(i, p)| PartitionView::of(i, p)).collect(),
        }
    }
}

impl State {
    /// Every topic, by name.
    pub(crate) fn topic_views(&self) -> Vec<TopicView> {
        self.cluster.topics().map(TopicView::of).collect()
    }

    /// One topic.
    pub(crate) fn topic_view(&self, name: &str) -> Option<TopicView> {
        self.cluster.topic(name).map(TopicView::of)
    }

    /// One partition.
    pub(crate) fn partition_view(&self, topic: &str, index: i32) -> Option<PartitionView> {
        let partition = self.cluster.topic(topic)?.partition(index)?;
        Some(PartitionView::of(index, partition))
    }

    /// The batches of a partition, and where its log begins.
    pub(crate) fn log_of(&self, topic: &str, index: i32) -> Option<(Vec<BatchView>, i64)> {
        let log = &self.cluster.topic(topic)?.partition(index)?.log;
        Some((log.batches().cloned().collect(), log.start().0))
    }
}
