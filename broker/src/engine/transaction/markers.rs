//! Ending transactions in the partitions that they wrote to.

use super::coordinator::StatePartitionEpoch;
use super::metadata::{Producer, Transaction, TransactionVersion};
use crate::engine::coordinators::StatePartition;
use crate::engine::log::{AppendContext, AppendError, Marker, MarkerKind, Origin, ProducerError};
use crate::engine::state::State;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;

/// A marker, and by which protocol its producer's epochs are judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TransactionMarker {
    pub(crate) producer: Producer,
    pub(crate) kind: MarkerKind,
    pub(crate) coordinator_epoch: i32,
    pub(crate) version: TransactionVersion,
}

/// What came of the markers of one transaction.
enum Progress {
    /// Every partition has its marker.
    Done,
    /// Some partition cannot take its marker yet.
    Waits,
    /// A partition has seen a later epoch. This coordinator then sends no more, as Kafka's takes the
    /// transaction out of its queues, and the transaction stays as it is until the next one comes.
    GivenUp,
}

impl State {
    /// Writes the markers that are due. What cannot have one yet is tried again with the next input.
    pub(in crate::engine) fn write_due_markers(&mut self, now: Now) {
        if self.transactions.markers_are_held || self.transactions.ending.is_empty() {
            return;
        }
        for id in self.transactions.ending.clone() {
            let Some(at) = self
                .transaction_coordinator(&id)
                .and_then(|node| self.state_partition_of(node, &id).ok())
            else {
                continue;
            };
            if self.end_in_partitions(now, &id, at) {
                self.transactions.ending.remove(&id);
            }
        }
    }

    /// Returns whether nothing is left to do for the transaction.
    fn end_in_partitions(&mut self, now: Now, id: &str, at: StatePartitionEpoch) -> bool {
        let Some(known) = self.transactions.by_id.get(id) else {
            return true;
        };
        let mut transaction = known.clone();
        let progress = self.mark_all(now, &mut transaction, at);
        let is_done = match progress {
            Progress::GivenUp => true,
            Progress::Waits => false,
            Progress::Done => {
                let mut complete = transaction.clone();
                complete.complete();
                let appended = self.append_transaction(now, at, id, &complete);
                if appended.is_ok() {
                    transaction = complete;
                }
                appended.is_ok()
            }
        };
        self.tell_transaction(id, &transaction);
        self.transactions.keep(id, transaction);
        is_done
    }

    fn mark_all(
        &mut self,
        now: Now,
        transaction: &mut Transaction,
        at: StatePartitionEpoch,
    ) -> Progress {
        let Some((kind, ending)) = transaction.ending() else {
            return Progress::GivenUp;
        };
        let partitions = ending.open.partitions.clone();
        let marker = TransactionMarker {
            producer: transaction.producer(),
            kind,
            coordinator_epoch: at.epoch.0,
            version: transaction.version,
        };
        let mut is_overtaken = false;
        for partition in partitions {
            match self.write_marker(now, &partition, marker) {
                Ok(()) | Err(ErrorCode::UnknownTopicOrPartition) => {
                    transaction.forget_partition(&partition);
                }
                // The other partitions' markers were sent with this one.
                Err(ErrorCode::InvalidProducerEpoch | ErrorCode::TransactionCoordinatorFenced) => {
                    is_overtaken = true;
                }
                Err(_) => {}
            }
        }
        if is_overtaken {
            return Progress::GivenUp;
        }
        match transaction.open() {
            Some(open) if !open.partitions.is_empty() => Progress::Waits,
            _ => Progress::Done,
        }
    }

    /// Ends a producer's transaction in one partition.
    pub(crate) fn write_marker(
        &mut self,
        now: Now,
        place: &TopicPartition,
        marker: TransactionMarker,
    ) -> Result<(), ErrorCode> {
        let config = self.topic_config(&place.topic);
        let is_unread = self.is_unread(place);
        let partition = self.cluster.partition_mut(&place.topic, place.partition);
        let partition = partition.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if partition.leader.is_none() || is_unread {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        if partition.isr.len() < config.min_insync_replicas.min(partition.replicas.len()) {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let context = AppendContext {
            config: &config.log,
            topic: &place.topic,
            partition: place.partition,
            leader_epoch: partition.leader_epoch,
            origin: Origin::Coordinator,
            now,
            record_bytes_max: config.max_decompressed_message_bytes,
            transaction_v2: marker.version == TransactionVersion::V2,
        };
        let Producer { id, epoch } = marker.producer;
        let record = Marker {
            kind: marker.kind,
            coordinator_epoch: marker.coordinator_epoch,
        };
        let appended = partition.log.append_marker((id, epoch), record, &context);
        appended.map_err(|error| code(&error))?;
        self.end_pending_offsets(place, id, marker.kind);
        self.appended(&place.topic, place.partition);
        Ok(())
    }
}

impl State {
    /// Whether the groups of a partition of `__consumer_offsets` are still to be read by their coordinator,
    /// who writes the markers of offsets itself.
    fn is_unread(&self, place: &TopicPartition) -> bool {
        let topic = StateTopic::Groups;
        let index = place.partition;
        place.topic == topic.name() && !self.coordinators.is_active(StatePartition { topic, index })
    }
}

const fn code(error: &AppendError) -> ErrorCode {
    match error {
        AppendError::Producer(ProducerError::StaleEpoch) => ErrorCode::InvalidProducerEpoch,
        AppendError::Producer(ProducerError::CoordinatorFenced) => {
            ErrorCode::TransactionCoordinatorFenced
        }
        AppendError::Producer(_) | AppendError::Validation(_) => ErrorCode::UnknownServerError,
        AppendError::LargerThanSegment => ErrorCode::RecordListTooLarge,
    }
}
