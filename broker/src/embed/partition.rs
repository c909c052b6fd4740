//! A partition that a test does something to.

use std::sync::Arc;

use super::CommandError;
use crate::engine::commands::{Command, PartitionCommand};
use crate::server::shared::Shared;
use crate::wire::units::{NodeId, Offset, ProducerId};

/// A partition of a running cluster; from [`Broker::partition`](super::Broker::partition).
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
    pub(super) shared: Arc<Shared>,
    pub(super) topic: String,
    pub(super) index: i32,
}

impl Partition {
    /// Has another replica lead that is in sync, in a new leader epoch.
    ///
    /// # Errors
    /// There is no such partition, or the node has no replica of it that runs and is in sync.
    pub fn move_leader(&self, node: i32) -> Result<(), CommandError> {
        self.command(PartitionCommand::MoveLeader(NodeId(node)))
    }

    /// Has a replica lead though it lacks records: the log ends at offset `end` from now on, in a new
    /// leader epoch, and what came after it is lost. Without `end` nothing is. Consumers that had read
    /// further learn of it by a diverging epoch, or by OFFSET_OUT_OF_RANGE.
    ///
    /// # Errors
    /// There is no such partition, the node has no replica of it that runs, or `end` is not an offset of
    /// its log.
    pub fn lead_uncleanly(&self, node: i32, end: Option<i64>) -> Result<(), CommandError> {
        let node = NodeId(node);
        let end = end.map(Offset);
        self.command(PartitionCommand::LeadUncleanly { node, end })
    }

    /// Takes a follower out of the in-sync replicas until it may [catch up](Self::catch_up). With fewer
    /// than `min.insync.replicas` left, Produce with acks=all gets NOT_ENOUGH_REPLICAS.
    ///
    /// # Errors
    /// There is no such partition, or the node leads it or has no replica of it.
    pub fn fall_behind(&self, node: i32) -> Result<(), CommandError> {
        self.command(PartitionCommand::FallBehind(NodeId(node)))
    }

    /// Lets a follower that fell behind be in sync again.
    ///
    /// # Errors
    /// There is no such partition, or the node has no replica of it that runs.
    pub fn catch_up(&self, node: i32) -> Result<(), CommandError> {
        self.command(PartitionCommand::CatchUp(NodeId(node)))
    }

    /// Keeps the high watermark where it is, as if followers did not fetch: consumers do not see what is
    /// written from now on, until it is [released](Self::release_high_watermark).
    ///
    /// # Errors
    /// There is no such partition.
    pub fn hold_high_watermark(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::HoldHighWatermark)
    }

    /// Lets the high watermark follow the end of the log again.
    ///
    /// # Errors
    /// There is no such partition.
    pub fn release_high_watermark(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::ReleaseHighWatermark)
    }

    /// Keeps reassignments of it under way: replicas that AlterPartitionReassignments adds get no records, and none goes,
    /// until they are [released](Self::release_reassignment). They are listed, and can be cancelled.
    ///
    /// # Errors
    /// There is no such partition.
    pub fn hold_reassignment(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::HoldReassignment)
    }

    /// Lets its reassignment go on.
    ///
    /// # Errors
    /// There is no such partition.
    pub fn release_reassignment(&self) -> Result<(), CommandError> {
        self.command(PartitionCommand::ReleaseReassignment)
    }

    /// Drops the records before an offset, as retention does.
    ///
    /// # Errors
    /// There is no such partition, or the offset lies above its high watermark.
    pub fn raise_log_start(&self, offset: i64) -> Result<(), CommandError> {
        self.command(PartitionCommand::RaiseLogStart(Offset(offset)))
    }

    /// Damages the batch in which an offset is, where it is stored: a byte of its records is another, and
    /// its checksum no longer fits.
    ///
    /// # Errors
    /// There is no such partition, or no such offset in it.
    pub fn damage(&self, offset: i64) -> Result<(), CommandError> {
        self.command(PartitionCommand::Damage(Offset(offset)))
    }

    /// Forgets an idempotent producer, or all of them, as after `producer.id.expiration.ms`.
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
