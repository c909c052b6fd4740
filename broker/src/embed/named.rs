//! Groups, topics and transactional ids that a test does something to.

use std::sync::Arc;

use super::CommandError;
use crate::server::shared::Shared;

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
        Ok(self
            .shared
            .change(|engine, now, effects| engine.evict_member(now, &self.id, member, effects))?)
    }

    /// Begins a rebalance: a classic group gathers its members anew, a consumer group (KIP-848) gets a new
    /// epoch.
    ///
    /// # Errors
    /// There is no such group, or nobody in it who is not in a rebalance already.
    pub fn rebalance(&self) -> Result<(), CommandError> {
        Ok(self
            .shared
            .change(|engine, now, effects| engine.rebalance_group(now, &self.id, effects))?)
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
        Ok(self
            .shared
            .change(|engine, now, effects| engine.recreate_topic(now, &self.name, effects))?)
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
        Ok(self
            .shared
            .change(|engine, now, effects| engine.fence_producer(now, &self.id, effects))?)
    }
}
