//! Transactional ids, from a test.

use std::sync::Arc;
use std::time::Duration;

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::inspect::TransactionView;
use crate::engine::state_topic::StateTopic;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// A transactional id of a running cluster; from [`Broker::transaction`].
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// let shop = broker.transaction("shop-1");
/// assert!(shop.describe().is_none(), "no producer has used it yet");
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Transaction {
    shared: Arc<Shared>,
    id: String,
}

impl Broker {
    /// A transactional id.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.transaction("shop-1").fence().is_err(), "no producer has used it yet");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn transaction(&self, transactional_id: &str) -> Transaction {
        Transaction {
            shared: self.shared(),
            id: transactional_id.to_owned(),
        }
    }

    /// Every transactional id, by name.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// for transaction in broker.transactions() {
    ///     assert_ne!(transaction.state, "Ongoing", "{} is open", transaction.transactional_id);
    /// }
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn transactions(&self) -> Vec<TransactionView> {
        self.look(|engine| engine.state.transaction_views())
    }
}

impl Transaction {
    /// What the cluster knows of it: its state, producer and partitions. Nothing before its first use.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// if let Some(shop) = broker.transaction("shop-1").describe() {
    ///     assert_eq!(shop.state, "CompleteCommit");
    /// }
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Option<TransactionView> {
        self.shared
            .look(|engine| engine.state.transaction_view(&self.id))
    }

    /// Fences its producer as another one does that starts with the same transactional id: an open
    /// transaction is aborted, and from now on the producer's epoch is too old.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application begins a transaction …
    /// # let fenced =
    /// broker.transaction("shop-1").fence()
    /// # ;
    /// # assert!(fenced.is_err(), "nobody has used it here");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such transactional id, or its coordinator is stopped.
    pub fn fence(&self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::FenceProducer {
            transactional_id: self.id.clone(),
        })?)
    }

    /// Moves its coordinator to another node, which knows what was written down: a request that was under way is
    /// lost, as in Kafka. All transactional ids in the same partition of the state topic move along.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).start_blocking()?;
    /// let too_early = broker.transaction("shop-1").move_coordinator(2);
    /// assert!(too_early.is_err(), "no client has looked for it yet");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// No client has looked for its coordinator yet, or there is no such node, or it does not run.
    pub fn move_coordinator(&self, node: i32) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Move(NodeId(node)))
    }

    /// Has its coordinator load what was written down, for this long on the cluster's clock, or until
    /// [`Transaction::release_coordinator`] if you give no time. Meanwhile it answers COORDINATOR_LOAD_IN_PROGRESS, and
    /// so does any node that takes over from it.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let too_early = broker.transaction("shop-1").hold_coordinator(None);
    /// assert!(too_early.is_err(), "no client has looked for it yet");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// No client has looked for its coordinator yet.
    pub fn hold_coordinator(&self, wait: Option<Duration>) -> Result<(), CommandError> {
        self.coordinator(CoordinatorCommand::Load(wait))
    }

    /// Ends what [`Transaction::hold_coordinator`] began.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let too_early = broker.transaction("shop-1").release_coordinator();
    /// assert!(too_early.is_err(), "no client has looked for it yet");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
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
