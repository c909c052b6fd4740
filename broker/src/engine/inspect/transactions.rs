//! Transactional ids and their transactions.

use crate::engine::state::State;
use crate::engine::transaction::Transaction;

/// A transactional id and its latest transaction.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for transaction in broker.transactions() {
///     println!("{} is {}", transaction.transactional_id, transaction.state);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct TransactionView {
    /// The transactional id.
    pub transactional_id: String,
    /// The state, such as `Ongoing` or `CompleteCommit`.
    pub state: String,
    /// The id of the node that coordinates it, if there is one.
    pub coordinator: Option<i32>,
    /// The producer id.
    pub producer_id: i64,
    /// The producer epoch.
    pub producer_epoch: i16,
    /// The transaction timeout in milliseconds.
    pub timeout_ms: i32,
    /// When the latest transaction started, in milliseconds since 1970; -1 before the first.
    pub started_ms: i64,
    /// The partitions in the open transaction, as `topic-partition`.
    pub partitions: Vec<String>,
}

impl State {
    fn transaction_view_of(&self, id: &str, transaction: &Transaction) -> TransactionView {
        let producer = transaction.producer();
        let open = transaction.open().into_iter();
        let partitions = open.flat_map(|open| &open.partitions);
        TransactionView {
            transactional_id: id.to_owned(),
            state: transaction.state().name().to_owned(),
            coordinator: self.transaction_coordinator(id).map(|node| node.0),
            producer_id: producer.id.0,
            producer_epoch: producer.epoch.0,
            timeout_ms: transaction.timeout_ms,
            started_ms: transaction.started().0,
            partitions: partitions
                .map(|at| format!("{}-{}", at.topic, at.partition))
                .collect(),
        }
    }

    /// Every transactional id, by name.
    pub(crate) fn transaction_views(&self) -> Vec<TransactionView> {
        let all = self.transactions.iter();
        all.map(|(id, known)| self.transaction_view_of(id, known))
            .collect()
    }

    /// One transactional id.
    pub(crate) fn transaction_view(&self, id: &str) -> Option<TransactionView> {
        let (_, known) = self.transactions.iter().find(|(known, _)| *known == id)?;
        Some(self.transaction_view_of(id, known))
    }
}
