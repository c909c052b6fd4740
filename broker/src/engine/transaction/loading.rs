//! What a coordinator knows of transactional ids: what the records of its partition of
//! `__transaction_state` say. Transactions whose end is written down get their markers then.
//!
//! Oracle: the records do not tell the epoch before the last, nor which partitions have their marker.

use crate::engine::coordinators::LoadError;
use crate::engine::log::MarkerKind;
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::wire::batch::BatchView;
use crate::wire::state_records::{TransactionLogValue, Unreadable, transactional_id};
use crate::wire::units::ProducerId;

use super::metadata::{Ending, Open, Transaction, TransactionState, TransactionVersion};
use crate::engine::topic_partition::TopicPartition;

impl State {
    /// Forgets the transactional ids of a partition.
    pub(in crate::engine) fn unload_transactions(&mut self, index: i32) {
        let cluster = &self.cluster;
        let stays = |id: &str| partition_of(cluster, StateTopic::Transactions, id) != Some(index);
        self.transactions.by_id.retain(|id, _| stays(id));
        self.transactions.ending.retain(|id| stays(id));
    }

    /// Reads the transactional ids of a partition.
    pub(in crate::engine) fn load_transactions(
        &mut self,
        batches: &[BatchView],
    ) -> Result<(), LoadError> {
        for batch in batches.iter().filter(|batch| !batch.is_control()) {
            let unfolded = batch.unfold()?;
            for record in unfolded.iter() {
                let record = record?;
                let key = record.key.ok_or(LoadError::NoKey)?;
                // What a later Kafka has written means nothing here.
                let Some(id) = transactional_id(key)? else {
                    continue;
                };
                self.transactions.ending.remove(id);
                match record.value {
                    Some(value) => {
                        let value = TransactionLogValue::read(value)?;
                        self.transactions.keep(id, restored(&value)?);
                    }
                    None => drop(self.transactions.by_id.remove(id)),
                }
            }
        }
        Ok(())
    }
}

fn restored(value: &TransactionLogValue<'_>) -> Result<Transaction, Unreadable> {
    let mut transaction = Transaction::new(value.producer_id, value.timeout_ms, value.updated);
    transaction.previous_producer_id = value.previous_producer_id;
    transaction.epoch = value.epoch;
    transaction.version = TransactionVersion::of_level(value.client_version);
    transaction.restore(state(value)?);
    Ok(transaction)
}

fn state(value: &TransactionLogValue<'_>) -> Result<TransactionState, Unreadable> {
    let open = || {
        let topics = value.partitions.iter().flatten();
        let partitions = topics.flat_map(|topic| {
            let indexes = topic.partitions.iter();
            indexes.map(|index| TopicPartition::new(topic.topic, *index))
        });
        Open {
            partitions: partitions.collect(),
            started: value.started,
        }
    };
    let ending = || {
        let next = value.next_producer_id;
        Ending {
            open: open(),
            next_producer_id: (next != ProducerId::NONE).then_some(next),
        }
    };
    Ok(match value.status {
        0 => TransactionState::Empty,
        1 => TransactionState::Ongoing(open()),
        2 => TransactionState::prepare(MarkerKind::Commit, ending()),
        3 => TransactionState::prepare(MarkerKind::Abort, ending()),
        4 => TransactionState::CompleteCommit(value.started),
        5 => TransactionState::CompleteAbort(value.started),
        6 => TransactionState::Dead,
        other => return Err(Unreadable::Number(other)),
    })
}
