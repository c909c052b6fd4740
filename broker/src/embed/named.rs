//! Groups, topics and transactional ids that a test does something to.

use std::sync::Arc;
use std::time::Duration;

use super::CommandError;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::state_topic::StateTopic;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// A consumer group of a running cluster; from [`Broker::group`](super::Broker::group).
#[derive(Debug, Clone)]
pub struct Group {
    pub(super) shared: Arc<Shared>,
    pub(super) id: String,
}

impl Group {
    /// Removes a member, named by its member id or its group instance id, as if its session had ended.
    ///
    /// # Errors
    /// There is no such group or member.
    pub fn evict(&self, member: &str) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::EvictMember {
            group: self.id.clone(),
            member: member.to_owned(),
        })?)
    }

    /// Begins a rebalance: a classic group gathers its members anew, a consumer group (KIP-848) gets a new
    /// epoch.
    ///
    /// # Errors
    /// There is no such group, or nobody in it who is not in a rebalance already.
    pub fn rebalance(&self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::RebalanceGroup {
            group: self.id.clone(),
        })?)
    }

    /// Moves its coordinator to another node, which knows what was written down: a rebalance or a request that
    /// was under way is lost, as in Kafka. All groups in the same partition of the state topic move along.
    ///
    /// # Errors
    /// No client has looked for its coordinator yet, or there is no such node, or it does not run.
    pub fn move_coordinator(&self, node: i32) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Move(NodeId(node)))
    }

    /// Has its coordinator load what was written down for a while on the cluster's clock, or until
    /// [`Self::release_coordinator`]: it answers COORDINATOR_LOAD_IN_PROGRESS meanwhile, and so does whoever
    /// takes over from it.
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn hold_coordinator(&self, wait: Option<Duration>) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Load(wait))
    }

    /// Lets its coordinator be loaded.
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn release_coordinator(&self) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Loaded)
    }

    fn coordinator(&self, act: CoordinatorCommand) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::Coordinator {
            topic: StateTopic::Groups,
            key: self.id.clone(),
            act,
        })?)
    }
}

/// A topic of a running cluster; from [`Broker::topic`](super::Broker::topic).
#[derive(Debug, Clone)]
pub struct Topic {
    pub(super) shared: Arc<Shared>,
    pub(super) name: String,
}

impl Topic {
    /// Deletes the topic and creates it again at once: with as many partitions, on the same replicas, with
    /// the same settings, without records, and with another topic id.
    ///
    /// # Errors
    /// There is no such topic, or it is one of Kafka's own.
    pub fn recreate(&self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::RecreateTopic {
            topic: self.name.clone(),
        })?)
    }
}

/// A transactional id of a running cluster; from [`Broker::transaction`](super::Broker::transaction).
#[derive(Debug, Clone)]
pub struct Transaction {
    pub(super) shared: Arc<Shared>,
    pub(super) id: String,
}

impl Transaction {
    /// Fences its producer as another one does that starts with the same transactional id: an open
    /// transaction is aborted, and the producer's epoch is too old from now on.
    ///
    /// # Errors
    /// There is no such transactional id, or its coordinator is stopped.
    pub fn fence(&self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::FenceProducer {
            transactional_id: self.id.clone(),
        })?)
    }

    /// Moves its coordinator to another node, which knows what was written down: a rebalance or a request that
    /// was under way is lost, as in Kafka. All transactional ids in the same partition of the state topic move along.
    ///
    /// # Errors
    /// No client has looked for its coordinator yet, or there is no such node, or it does not run.
    pub fn move_coordinator(&self, node: i32) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Move(NodeId(node)))
    }

    /// Has its coordinator load what was written down for a while on the cluster's clock, or until
    /// [`Self::release_coordinator`]: it answers COORDINATOR_LOAD_IN_PROGRESS meanwhile, and so does whoever
    /// takes over from it.
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn hold_coordinator(&self, wait: Option<Duration>) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Load(wait))
    }

    /// Lets its coordinator be loaded.
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn release_coordinator(&self) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Loaded)
    }

    fn coordinator(&self, act: CoordinatorCommand) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::Coordinator {
            topic: StateTopic::Transactions,
            key: self.id.clone(),
            act,
        })?)
    }
}
