//! Finding a transactional id at its coordinator, and keeping what was decided.

use std::collections::BTreeSet;

use super::Transactions;
use super::decisions::{Decision, End, Initialize};
use super::metadata::{Open, Producer, Transaction, TransactionState, TransactionVersion};
use crate::engine::producer_ids::ProducerIds;
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, known_leader, partition_of};
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::state_records::{StateRecord, TransactionLogValue, TransactionPartitions};
use crate::wire::units::{LeaderEpoch, NodeId, ProducerId};

/// Where a transactional id is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatePartitionEpoch {
    pub(super) partition: i32,
    /// The coordinator's epoch: that of the partition's leader.
    pub(super) epoch: LeaderEpoch,
}

impl State {
    /// The protocol that the cluster has agreed on.
    pub(super) fn transaction_version(&self) -> TransactionVersion {
        TransactionVersion::of_level(self.features.level(FEATURE))
    }

    /// Who coordinates a transactional id; nobody while the state topic or its partition's leader is
    /// missing.
    pub(crate) fn transaction_coordinator(&self, id: &str) -> Option<NodeId> {
        known_leader(&self.cluster, StateTopic::Transactions, id)
    }

    /// Where a transactional id is kept, if `node` coordinates it and has read what is written of it.
    pub(super) fn state_partition_of(
        &self,
        node: NodeId,
        id: &str,
    ) -> Result<StatePartitionEpoch, ErrorCode> {
        self.check_coordinator(node, StateTopic::Transactions, id)?;
        let find = || {
            let index = partition_of(&self.cluster, StateTopic::Transactions, id)?;
            let topic = self.cluster.topic(StateTopic::Transactions.name())?;
            Some(StatePartitionEpoch {
                partition: index,
                epoch: topic.partition(index)?.leader_epoch,
            })
        };
        find().ok_or(ErrorCode::NotCoordinator)
    }

    /// A transactional id as its coordinator knows it.
    pub(crate) fn transaction(
        &self,
        node: NodeId,
        id: &str,
    ) -> Result<Option<&Transaction>, ErrorCode> {
        self.state_partition_of(node, id)?;
        Ok(self.transactions.by_id.get(id))
    }

    /// InitProducerId with a transactional id.
    pub(crate) fn initialize_transaction(
        &mut self,
        (now, node): (Now, NodeId),
        id: &str,
        request: Initialize,
    ) -> Result<Producer, ErrorCode> {
        let server = self.transaction_version();
        self.state_partition_of(node, id)?;
        // Oracle: the id is known from now on, even if that cannot be written.
        if !self.transactions.by_id.contains_key(id) {
            // Kafka has no such bound, and no error for it.
            if self.transactions.by_id.len() >= self.broker_config(node).transactional_ids_max {
                return Err(ErrorCode::PolicyViolation);
            }
            let producer_id = self.producer_ids.next();
            let fresh = Transaction::new(producer_id, request.timeout_ms, now.wall);
            self.transactions.keep(id, fresh);
        }
        self.decide((now, node), id, |transaction, ids| {
            transaction.initialize(request, server, ids, now.wall)
        })
    }

    /// Makes partitions part of a transaction.
    pub(crate) fn add_to_transaction(
        &mut self,
        (now, node): (Now, NodeId),
        id: &str,
        producer: Producer,
        partitions: &BTreeSet<TopicPartition>,
        version: TransactionVersion,
    ) -> Result<(), ErrorCode> {
        let decided = self.decide((now, node), id, |transaction, _| {
            transaction.add(producer, partitions, version, now.wall)
        });
        decided.map(|_| ())
    }

    /// Whether a partition is part of a transaction.
    pub(crate) fn verify_in_transaction(
        &self,
        node: NodeId,
        id: &str,
        producer: Producer,
        partition: &TopicPartition,
    ) -> Result<(), ErrorCode> {
        let transaction = self.transaction(node, id)?;
        let transaction = transaction.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        transaction.verify(producer, partition)
    }

    /// EndTxn. Returns who holds the transactional id next.
    pub(crate) fn end_transaction(
        &mut self,
        (now, node): (Now, NodeId),
        id: &str,
        end: End,
    ) -> Result<Producer, ErrorCode> {
        self.decide((now, node), id, |transaction, ids| {
            transaction.end(end, ids, now.wall)
        })
    }

    /// Lets `act` decide on a copy of the transactional id, which takes the original's place when the
    /// state topic has it.
    pub(super) fn decide(
        &mut self,
        (now, node): (Now, NodeId),
        id: &str,
        act: impl FnOnce(&mut Transaction, &mut ProducerIds) -> Result<Decision, ErrorCode>,
    ) -> Result<Producer, ErrorCode> {
        let at = self.state_partition_of(node, id)?;
        let known = self.transactions.by_id.get(id).cloned();
        let mut copy = known.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        let decision = act(&mut copy, &mut self.producer_ids)?;
        let answer = match decision {
            Decision::Unchanged(producer) => return Ok(producer),
            Decision::Changed(producer) => Ok(producer),
            Decision::Fenced => Err(ErrorCode::ConcurrentTransactions),
        };
        if let Err(code) = self.append_transaction(now, at, id, &copy) {
            self.transactions.note_failure(id, code);
            return Err(code);
        }
        self.tell_transaction(id, &copy);
        self.transactions.keep(id, copy);
        answer
    }

    /// Writes what is known of a transactional id to the state topic. Records of a cluster that does not
    /// use the feature cannot tell the second protocol.
    pub(super) fn append_transaction(
        &mut self,
        now: Now,
        at: StatePartitionEpoch,
        id: &str,
        transaction: &Transaction,
    ) -> Result<(), ErrorCode> {
        let level = self.features.level(FEATURE);
        if level == 0 && transaction.version == TransactionVersion::V2 {
            return Err(ErrorCode::UnsupportedVersion);
        }
        let record = record(id, transaction, level);
        self.append_transaction_records(now, at, &[record])
    }

    /// Appends to the state topic, which wants as many replicas in sync as it is set to.
    pub(super) fn append_transaction_records(
        &mut self,
        now: Now,
        at: StatePartitionEpoch,
        records: &[StateRecord],
    ) -> Result<(), ErrorCode> {
        let name = StateTopic::Transactions.name();
        let wanted = self.topic_config(name).min_insync_replicas;
        let partition = self.cluster.partition_mut(name, at.partition);
        let partition = partition.ok_or(ErrorCode::NotCoordinator)?;
        if partition.isr.len() < wanted.min(partition.replicas.len()) {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let terms = self.batch_terms(StateTopic::Transactions);
        if !terms.allow(records.iter()) {
            return Err(ErrorCode::UnknownServerError);
        }
        let to = (StateTopic::Transactions, at.partition);
        self.append_state(now, to, records, None)
            .map_err(|_| ErrorCode::UnknownServerError)
    }
}

/// The feature that says which protocol clients use.
const FEATURE: &str = "transaction.version";

impl Transactions {
    /// A change that cannot be written as a record stays pending with Kafka's coordinator; one that the
    /// state topic does not take may be asked for again.
    fn note_failure(&mut self, id: &str, code: ErrorCode) {
        if let Some(transaction) = self.by_id.get_mut(id) {
            transaction.is_stuck = code == ErrorCode::UnsupportedVersion;
        }
    }

    pub(super) fn keep(&mut self, id: &str, transaction: Transaction) {
        if transaction.is_ending() {
            self.ending.insert(id.to_owned());
        }
        self.by_id.insert(id.to_owned(), transaction);
    }
}

/// The record of the state topic; `level` is that of the cluster's feature.
fn record(id: &str, transaction: &Transaction, level: i16) -> StateRecord {
    let Producer {
        id: producer_id,
        epoch,
    } = transaction.producer();
    let ending = transaction.ending();
    let next = ending.and_then(|(_, ending)| ending.next_producer_id);
    let value = TransactionLogValue {
        producer_id,
        previous_producer_id: transaction.previous_producer_id,
        next_producer_id: next.unwrap_or(ProducerId::NONE),
        epoch,
        timeout_ms: transaction.timeout_ms,
        status: transaction.state().id(),
        partitions: partitions(transaction),
        updated: transaction.updated,
        started: transaction.started(),
        client_version: transaction.version.level(),
    };
    value.record(id, level.min(1))
}

fn partitions(transaction: &Transaction) -> Option<Vec<TransactionPartitions<'_>>> {
    if *transaction.state() == TransactionState::Empty {
        return None;
    }
    let topics = transaction.open().map(Open::by_topic_name);
    let row = |(topic, partitions)| TransactionPartitions { topic, partitions };
    Some(topics.into_iter().flatten().map(row).collect())
}
