//! Asking the coordinator whether a partition belongs to a transaction, before it is written to
//! (KIP-890).

use std::collections::BTreeSet;

use super::{Producer, TransactionVersion};
use crate::engine::log::{FirstWrite, ProducerError};
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;

/// What a version of Produce or TxnOffsetCommit knows of transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Support {
    /// Not even TRANSACTION_ABORTABLE: INVALID_TXN_STATE stands for it.
    Least,
    Abortable,
    /// The request itself adds the partitions that it writes to.
    Adds,
}

/// A transaction as who writes to it names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) id: &'a str,
    pub(crate) producer: Producer,
    pub(crate) support: Support,
}

impl State {
    /// Whether the coordinator must be asked: not if the transaction is open in the partition.
    pub(crate) fn begin_write(
        &mut self,
        now: Now,
        place: &TopicPartition,
        write: FirstWrite,
    ) -> Result<bool, ErrorCode> {
        let partition = self.cluster.partition_mut(&place.topic, place.partition);
        let partition = partition.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let begun = partition.log.begin_verification(write, now);
        begun.map_err(|error| match error {
            ProducerError::StaleEpoch => ErrorCode::InvalidProducerEpoch,
            ProducerError::OutOfOrder => ErrorCode::OutOfOrderSequenceNumber,
            ProducerError::TransactionOpen => ErrorCode::InvalidTxnState,
            ProducerError::CoordinatorFenced => ErrorCode::TransactionCoordinatorFenced,
        })
    }

    /// What the coordinator has against writing to these partitions.
    pub(crate) fn ask_coordinator(
        &mut self,
        now: Now,
        writer: Writer<'_>,
        places: &BTreeSet<TopicPartition>,
    ) -> Vec<(TopicPartition, ErrorCode)> {
        let Writer {
            id,
            producer,
            support,
        } = writer;
        let all = |code: ErrorCode| {
            let code = told(code, support);
            places.iter().map(|place| (place.clone(), code)).collect()
        };
        if places.is_empty() {
            return Vec::new();
        }
        let Some(node) = self.transaction_coordinator(id) else {
            return all(ErrorCode::CoordinatorNotAvailable);
        };
        if id.is_empty() {
            return all(ErrorCode::InvalidRequest);
        }
        if support == Support::Adds {
            let version = TransactionVersion::V2;
            let added = self.add_to_transaction((now, node), id, producer, places, version);
            return added.err().map_or_else(Vec::new, all);
        }
        let verify = |place: &TopicPartition| {
            let verified = self.verify_in_transaction(node, id, producer, place);
            Some((place.clone(), told(verified.err()?, support)))
        };
        places.iter().filter_map(verify).collect()
    }
}

/// What Kafka's leaders make of the coordinator's codes.
fn told(code: ErrorCode, support: Support) -> ErrorCode {
    if code == ErrorCode::ProducerFenced {
        return ErrorCode::InvalidProducerEpoch;
    }
    if code == ErrorCode::TransactionAbortable && support == Support::Least {
        return ErrorCode::InvalidTxnState;
    }
    code
}
