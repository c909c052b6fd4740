//! The share coordinators of a group's partitions, from a test.

use std::time::Duration;

use super::error::CommandError;
use super::group::Group;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::state_topic::StateTopic;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::NodeId;

impl Group {
    /// Moves the share coordinator of one of a share group's partitions (KIP-932) to another node, which knows what was
    /// written down. All share partitions in the same partition of the state topic move along.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 1).start_blocking()?;
    /// // … the application's share consumers run …
    /// let too_early = broker.group("billing").move_share_coordinator("orders", 0, 2);
    /// assert!(too_early.is_err(), "no member has joined here");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// No member has joined a share group yet, or there is no such partition or node, or the node does not run.
    pub fn move_share_coordinator(
        &self,
        topic: &str,
        partition: i32,
        node: i32,
    ) -> Result<(), CommandError> {
        let act = CoordinatorCommand::Move(NodeId(node));
        self.share_coordinator((topic, partition), act)
    }

    /// Has the share coordinator of a partition load what was written down, for this long on the cluster's clock, or until
    /// [`Group::release_share_coordinator`] if you give no time. Meanwhile acknowledgements wait: they are tried again for half
    /// a minute, then fail with COORDINATOR_NOT_AVAILABLE. No node can begin to serve the partition to the group.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// // … the application's share consumers run …
    /// let too_early = broker.group("billing").hold_share_coordinator("orders", 0, None);
    /// assert!(too_early.is_err(), "no member has joined here");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// No member has joined a share group yet, or there is no such partition.
    pub fn hold_share_coordinator(
        &self,
        topic: &str,
        partition: i32,
        wait: Option<Duration>,
    ) -> Result<(), CommandError> {
        self.share_coordinator((topic, partition), CoordinatorCommand::Load(wait))
    }

    /// Ends what [`Group::hold_share_coordinator`] began.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let too_early = broker.group("billing").release_share_coordinator("orders", 0);
    /// assert!(too_early.is_err(), "no member has joined here");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// No member has joined a share group yet, or there is no such partition.
    pub fn release_share_coordinator(
        &self,
        topic: &str,
        partition: i32,
    ) -> Result<(), CommandError> {
        self.share_coordinator((topic, partition), CoordinatorCommand::Loaded)
    }

    fn share_coordinator(
        &self,
        (topic, partition): (&str, i32),
        act: CoordinatorCommand,
    ) -> Result<(), CommandError> {
        let place = TopicPartition::at(topic, partition);
        let key = self
            .shared
            .look(|engine| engine.state.share_coordinator_key(&self.id, place));
        Ok(self.shared.carry_out(Command::Coordinator {
            topic: StateTopic::Shares,
            key: key?,
            act,
        })?)
    }
}
