//! What Produce answers: per partition a place in the log, or an error with Kafka's fields.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::engine::context::Context;
use crate::engine::java::{hash, hash_map, scala};
use crate::engine::log::{AppendError, Appended, ProducerError, RecordErrors, ValidationError};
use crate::engine::repeats::grouped;
use crate::wire::batch::BatchError;
use crate::wire::compression::CodecError;
use crate::wire::error::ErrorCode;
use crate::wire::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
    TopicProduceResponse,
};
use crate::wire::messages::{ProduceResponse, TopicName, str_bytes};
use crate::wire::records::RecordsError;
use crate::wire::units::NodeId;

/// The first version that says who leads (KIP-951).
const LEADER_HINTS_SINCE: i16 = 10;

/// How many of the refused records the message quotes.
const QUOTED_RECORDS: usize = 3;

/// A batch that is in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenBatch {
    pub(super) appended: Appended,
    pub(super) log_start: i64,
    /// It is not in the log of enough replicas yet.
    pub(super) waits: bool,
    /// What kept it from its replicas.
    pub(super) error: Option<ErrorCode>,
}

/// A batch that is not, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FailedBatch {
    pub(super) code: ErrorCode,
    log_start: i64,
    message: Option<String>,
    records: Vec<(i32, String)>,
}

impl FailedBatch {
    /// Refused before the log was asked.
    pub(super) const fn early(code: ErrorCode) -> Self {
        Self {
            code,
            log_start: -1,
            message: None,
            records: Vec::new(),
        }
    }

    /// The same, with the log start that Kafka tells along with what the log itself refuses; sizes
    /// and damage it tells without.
    pub(super) fn at(mut self, log_start: i64) -> Self {
        let untold = [
            ErrorCode::MessageTooLarge,
            ErrorCode::RecordListTooLarge,
            ErrorCode::CorruptMessage,
        ];
        self.log_start = if untold.contains(&self.code) {
            -1
        } else {
            log_start
        };
        self
    }

    pub(super) fn with_message(code: ErrorCode, message: String) -> Self {
        Self {
            message: Some(message),
            ..Self::early(code)
        }
    }
}

impl From<BatchError> for FailedBatch {
    fn from(error: BatchError) -> Self {
        let code = match error {
            BatchError::Empty
            | BatchError::OldMagic(_)
            | BatchError::Several
            | BatchError::BaseOffset(_) => ErrorCode::InvalidRecord,
            BatchError::UnknownMagic(magic) => {
                let message = format!("Invalid magic found in record: {magic}");
                return Self::with_message(ErrorCode::CorruptMessage, message);
            }
            BatchError::Length(length) => {
                let message =
                    format!("Record size {length} is less than the minimum record overhead (14)");
                return Self::with_message(ErrorCode::CorruptMessage, message);
            }
            BatchError::Checksum => ErrorCode::CorruptMessage,
            BatchError::CodecTooNew => ErrorCode::UnsupportedCompressionType,
            BatchError::UnknownCodec(_) => ErrorCode::UnknownServerError,
            BatchError::TooLarge(_) => ErrorCode::MessageTooLarge,
        };
        Self::early(code)
    }
}

impl From<AppendError> for FailedBatch {
    fn from(error: AppendError) -> Self {
        Self::early(match error {
            AppendError::Validation(ValidationError::Records(errors)) => return errors.into(),
            AppendError::Validation(error) => validation_code(&error),
            AppendError::LargerThanSegment => ErrorCode::RecordListTooLarge,
            AppendError::Producer(error) => match error {
                ProducerError::StaleEpoch => ErrorCode::InvalidProducerEpoch,
                ProducerError::OutOfOrder => ErrorCode::OutOfOrderSequenceNumber,
                ProducerError::TransactionOpen => ErrorCode::InvalidTxnState,
                ProducerError::CoordinatorFenced => ErrorCode::TransactionCoordinatorFenced,
            },
        })
    }
}

/// Kafka meets damaged compression, and numbers that are none, with an error that it did not
/// expect; everything else about the records is an invalid record.
const fn validation_code(error: &ValidationError) -> ErrorCode {
    match error {
        ValidationError::Header | ValidationError::Records(_) => ErrorCode::InvalidRecord,
        ValidationError::TooLarge(_)
        | ValidationError::Unreadable(RecordsError::Codec(CodecError::TooLarge(_))) => {
            ErrorCode::MessageTooLarge
        }
        ValidationError::OutOfSequence
        | ValidationError::Unreadable(
            RecordsError::Number
            | RecordsError::Codec(CodecError::Damaged(_) | CodecError::Underflow),
        ) => ErrorCode::UnknownServerError,
        ValidationError::Unreadable(
            RecordsError::Structure | RecordsError::Fewer | RecordsError::Remaining,
        ) => ErrorCode::InvalidRecord,
    }
}

impl From<RecordErrors> for FailedBatch {
    fn from(refused: RecordErrors) -> Self {
        if refused.invalid_timestamp {
            let message = "One or more records have been rejected due to invalid timestamp";
            let failed = Self::with_message(ErrorCode::InvalidTimestamp, message.to_owned());
            return Self {
                records: refused.errors,
                ..failed
            };
        }
        let quoted: Vec<_> = refused
            .errors
            .iter()
            .take(QUOTED_RECORDS)
            .map(quote)
            .collect();
        let message = format!(
            "One or more records have been rejected due to {} record errors in total, and only \
             showing the first three errors at most: [{}]",
            refused.errors.len(),
            quoted.join(", ")
        );
        Self {
            records: refused.errors,
            ..Self::with_message(ErrorCode::InvalidRecord, message)
        }
    }
}

fn quote((index, message): &(i32, String)) -> String {
    format!("RecordError(batchIndex={index}, message='{message}')")
}

/// The response as it grows.
#[derive(Debug, Default)]
pub(super) struct Answers {
    response: ProduceResponse,
    leaders: BTreeSet<NodeId>,
    first_error: Option<ErrorCode>,
}

impl Answers {
    pub(super) fn add(
        &mut self,
        cx: &Context<'_>,
        (topic, id): (TopicName, Uuid),
        name: &str,
        outcomes: Vec<(i32, Result<WrittenBatch, FailedBatch>)>,
    ) {
        let rows = outcomes.into_iter().map(|(index, outcome)| match outcome {
            Ok(outcome) => self.with_hint(cx, name, written(index, outcome)),
            Err(failed) => {
                self.first_error.get_or_insert(failed.code);
                self.with_hint(cx, name, failed_row(index, failed))
            }
        });
        let rows = rows.collect();
        let topic = TopicProduceResponse::default()
            .with_name(topic)
            .with_topic_id(id)
            .with_partition_responses(rows);
        self.response.responses.push(topic);
    }

    pub(super) const fn first_error(&self) -> Option<ErrorCode> {
        self.first_error
    }

    /// Tells a client that asked the wrong node who leads.
    fn with_hint(
        &mut self,
        cx: &Context<'_>,
        topic: &str,
        row: PartitionProduceResponse,
    ) -> PartitionProduceResponse {
        let misled = row.error_code == ErrorCode::NotLeaderOrFollower.code();
        let topic = cx.state.cluster.topic(topic);
        let partition = topic.and_then(|topic| topic.partition(row.index));
        let Some(partition) = partition.filter(|_| misled && cx.call.version >= LEADER_HINTS_SINCE)
        else {
            return row;
        };
        let leader_id = partition.leader.map_or(-1, |leader| leader.0);
        if let Some(leader) = partition.leader
            && self.leaders.insert(leader)
            && let Some(place) = cx.read_only().endpoint(leader)
        {
            let endpoint = NodeEndpoint::default()
                .with_node_id(leader.0.into())
                .with_host(str_bytes(place.host))
                .with_port(place.port)
                .with_rack(place.rack.map(str_bytes));
            self.response.node_endpoints.push(endpoint);
        }
        let leader = LeaderIdAndEpoch::default()
            .with_leader_id(leader_id.into())
            .with_leader_epoch(partition.leader_epoch.0);
        row.with_current_leader(leader)
    }
}

impl Answers {
    /// The response, in the order of Kafka's maps: partitions that are there have been through tables of Scala's and
    /// Java's before the others are added in an immutable one, and a topic comes with its first partition.
    pub(super) fn reply(mut self, cx: &Context<'_>) -> ProduceResponse {
        let cluster = &cx.state.cluster;
        let topics = std::mem::take(&mut self.response.responses);
        let rows = topics.into_iter().flat_map(|topic| {
            let known = if topic.topic_id.is_nil() {
                cluster.topic(&topic.name)
            } else {
                cluster.topic_by_id(topic.topic_id)
            };
            let id = known.map_or(topic.topic_id, |known| known.id);
            let name = known.map_or_else(|| topic.name.to_string(), |known| known.name.to_string());
            let key = (topic.name, topic.topic_id);
            let rows = topic.partition_responses.into_iter();
            rows.map(move |row| {
                let is_there = known.is_some_and(|topic| topic.partition(row.index).is_some());
                let hash = hash::of_id_partition(id, &name, row.index);
                (is_there, hash, (key.clone(), row))
            })
        });
        let (mut rows, mut missing): (Vec<_>, Vec<_>) = rows.partition(|(there, _, _)| *there);
        scala::sort_mutable(&mut rows, |(_, hash, _)| *hash);
        hash_map::sort(&mut rows, |(_, hash, _)| *hash);
        scala::sort_mutable(&mut missing, |(_, hash, _)| *hash);
        rows.append(&mut missing);
        scala::sort_immutable(&mut rows, |(_, hash, _)| *hash);
        let topics = grouped(rows.into_iter().map(|(_, _, row)| row));
        let topics = topics.into_iter().map(|((name, id), rows)| {
            TopicProduceResponse::default()
                .with_name(name)
                .with_topic_id(id)
                .with_partition_responses(rows)
        });
        self.response.responses = topics.collect();
        self.response
    }
}

fn written(index: i32, outcome: WrittenBatch) -> PartitionProduceResponse {
    PartitionProduceResponse::default()
        .with_index(index)
        .with_error_code(outcome.error.map_or(0, ErrorCode::code))
        .with_base_offset(outcome.appended.base_offset.0)
        .with_log_append_time_ms(outcome.appended.log_append_time.0)
        .with_log_start_offset(outcome.log_start)
}

fn failed_row(index: i32, failed: FailedBatch) -> PartitionProduceResponse {
    let records = failed.records.into_iter().map(|(index, message)| {
        BatchIndexAndErrorMessage::default()
            .with_batch_index(index)
            .with_batch_index_error_message(Some(str_bytes(message)))
    });
    PartitionProduceResponse::default()
        .with_index(index)
        .with_error_code(failed.code.code())
        .with_base_offset(-1)
        .with_log_append_time_ms(-1)
        .with_log_start_offset(failed.log_start)
        .with_record_errors(records.collect())
        .with_error_message(failed.message.map(str_bytes))
}
