//! Partitions, from a test: what happens to them, and what they hold.

mod records;

use std::sync::Arc;

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::{Command, PartitionCommand};
use crate::engine::inspect::PartitionView;
use crate::server::shared::Shared;
use crate::wire::units::{NodeId, Offset, ProducerId};

/// A partition of a running cluster; from [`Broker::partition`].
///
/// ```
/// let broker = fauxka::Broker::builder().nodes(3).topic("orders", 1, 3).start_blocking()?;
/// let orders = broker.partition("orders", 0);
/// orders.lead_uncleanly(3, Some(0))?;
/// orders.fall_behind(1)?;
/// assert!(orders.fall_behind(3).is_err(), "it leads");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Partition {
    shared: Arc<Shared>,
    topic: String,
    index: i32,
}

impl Broker {
    /// A partition, by its topic's name and its index.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 2, 1).start_blocking()?;
    /// assert!(broker.partition("orders", 1).describe().is_some());
    /// assert!(broker.partition("orders", 2).describe().is_none());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn partition(&self, topic: &str, index: i32) -> Partition {
        Partition {
            shared: self.shared(),
            topic: topic.to_owned(),
            index,
        }
    }
}

impl Partition {
    /// What the cluster knows of the partition: its leader, where its log begins and ends, its producers. Nothing if
    /// there is no such partition.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.partition("orders", 0).describe().unwrap().high_watermark, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Option<PartitionView> {
        self.shared
            .look(|engine| engine.state.partition_view(&self.topic, self.index))
    }

    /// Lets another replica lead that is in sync, in a new leader epoch.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 2).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// let leader = orders.describe().unwrap().leader;
    /// let follower = if leader == Some(1) { 2 } else { 1 };
    /// orders.move_leader(follower)?;
    /// assert_eq!(orders.describe().unwrap().leader, Some(follower));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or the node has no replica of it that runs and is in sync.
    pub fn move_leader(&self, node: i32) -> Result<(), CommandError> {
        self.command(PartitionCommand::MoveLeader(NodeId(node)))
    }

    /// Lets a replica lead though it lacks records: from now on the log ends at offset `end`, in a new
    /// leader epoch, and the records from there on are lost. Without `end` none are. Consumers that had read
    /// further learn of it by a diverging epoch, or by OFFSET_OUT_OF_RANGE.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 2).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// let leader = orders.describe().unwrap().leader;
    /// let follower = if leader == Some(1) { 2 } else { 1 };
    /// broker.produce("orders").value("kept").send()?;
    /// broker.produce("orders").value("lost").send()?;
    /// orders.lead_uncleanly(follower, Some(1))?;
    /// assert_eq!(orders.values()?, ["kept"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, the node has no replica of it that runs, or `end` is not an offset of
    /// its log.
    pub fn lead_uncleanly(&self, node: i32, end: Option<i64>) -> Result<(), CommandError> {
        let node = NodeId(node);
        let end = end.map(Offset);
        self.command(PartitionCommand::LeadUncleanly { node, end })
    }

    /// Takes a follower out of the in-sync replicas until you let it [catch up](Self::catch_up). With fewer
    /// than `min.insync.replicas` left, Produce with acks=all gets NOT_ENOUGH_REPLICAS.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 2).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// let leader = orders.describe().unwrap().leader;
    /// let follower = if leader == Some(1) { 2 } else { 1 };
    /// orders.fall_behind(follower)?;
    /// assert_eq!(orders.describe().unwrap().in_sync_replicas.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or the node leads it or has no replica of it.
    pub fn fall_behind(&self, node: i32) -> Result<(), CommandError> {
        self.command(PartitionCommand::FallBehind(NodeId(node)))
    }

    /// Lets a follower that fell behind be in sync again.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 2).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// let leader = orders.describe().unwrap().leader;
    /// let follower = if leader == Some(1) { 2 } else { 1 };
    /// orders.fall_behind(follower)?;
    /// orders.catch_up(follower)?;
    /// assert_eq!(orders.describe().unwrap().in_sync_replicas.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or the node has no replica of it that runs.
    pub fn catch_up(&self, node: i32) -> Result<(), CommandError> {
        self.command(PartitionCommand::CatchUp(NodeId(node)))
    }

    /// Keeps the high watermark where it is, as if followers did not fetch: consumers do not see what producers
    /// write until you [release](Self::release_high_watermark) it.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// orders.hold_high_watermark()?;
    /// broker.produce("orders").value("unseen").send()?;
    /// let view = orders.describe().unwrap();
    /// assert_eq!((view.high_watermark, view.log_end_offset), (0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn hold_high_watermark(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::HoldHighWatermark)
    }

    /// Lets the high watermark follow the end of the log again.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// orders.hold_high_watermark()?;
    /// broker.produce("orders").send()?;
    /// orders.release_high_watermark()?;
    /// assert_eq!(orders.describe().unwrap().high_watermark, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn release_high_watermark(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::ReleaseHighWatermark)
    }

    /// Keeps reassignments of the partition under way: replicas that AlterPartitionReassignments adds get no records, and
    /// none goes, until you [release](Self::release_reassignment) them. Clients can list and cancel them.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// orders.hold_reassignment()?;
    /// // … an operator reassigns the partition, and it takes its time …
    /// orders.release_reassignment()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn hold_reassignment(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::HoldReassignment)
    }

    /// Lets reassignments of the partition go on.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// orders.hold_reassignment()?;
    /// orders.release_reassignment()?;
    /// assert!(orders.describe().unwrap().adding_replicas.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn release_reassignment(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::ReleaseReassignment)
    }

    /// Drops the records before an offset, as retention does.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// broker.produce("orders").value("old").send()?;
    /// broker.produce("orders").value("new").send()?;
    /// orders.raise_log_start(1)?;
    /// assert_eq!(orders.values()?, ["new"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or the offset lies above its high watermark.
    pub fn raise_log_start(&self, offset: i64) -> Result<(), CommandError> {
        self.command(PartitionCommand::RaiseLogStart(Offset(offset)))
    }

    /// Damages the stored batch that holds an offset: one byte of its records changes, and its checksum no longer
    /// fits.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// broker.produce("orders").value("first").send()?;
    /// orders.damage(0)?;
    /// // A consumer that reads it now finds that the checksum is wrong.
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or no such offset in it.
    pub fn damage(&self, offset: i64) -> Result<(), CommandError> {
        self.command(PartitionCommand::Damage(Offset(offset)))
    }

    /// Forgets an idempotent producer, or all of them if you name none, as after `producer.id.expiration.ms`.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.partition("orders", 0);
    /// // … an idempotent producer writes …
    /// orders.expire_producer(None)?;
    /// assert!(orders.describe().unwrap().producers.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or no such producer.
    pub fn expire_producer(&self, producer_id: Option<i64>) -> Result<(), CommandError> {
        self.command(PartitionCommand::ExpireProducer(
            producer_id.map(ProducerId),
        ))
    }

    fn command(&self, act: PartitionCommand) -> Result<(), CommandError> {
        let command = Command::partition(&self.topic, self.index, act);
        Ok(self.shared.carry_out(command)?)
    }
}
