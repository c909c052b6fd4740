//! Produce (key 0), v3–v13; advertised from v0 on, as the oracle does.
//!
//! Oracle: a transactional batch takes WRITE on its transactional id, or all is refused; each topic takes WRITE.
//! The order of the checks is the topic, the form of the batch, acks, the leader, the
//! in-sync replicas, then what the log itself checks. A partition named twice gets one answer, for
//! its last batch. Failures found before the log answer with log start -1. With acks=0 nothing is
//! answered, and an error closes the connection. With acks=-1 the answer waits for the high watermark.

mod answers;
mod merged;
#[cfg(test)]
mod recorded_codecs;
mod replication;
mod transactions;

use answers::{FailedBatch, WrittenBatch};
use merged::{MergedPartition, merged};
pub(crate) use replication::Replicating;
use transactions::{Verification, Verified};
use uuid::Uuid;

use crate::engine::applied::Applied;
use crate::engine::authorizer::Operation;
use crate::engine::cluster::configs::TopicConfig;
use crate::engine::context::{Answer, Context};
use crate::engine::log::{AppendContext, Origin};
use crate::engine::outbox::{Notice, Unreadable};
use crate::engine::replica::{self, Serves};
use crate::engine::room::Full;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::batch::Survey;
use crate::wire::batch::{BatchView, ProducedRecords, UnverifiedBatch};
use crate::wire::compression::Codec;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{PartitionProduceData, ProduceRequest, ProduceResponse, TopicName};

/// The client id whose requests may write to internal topics.
const ADMIN_CLIENT: &str = "__admin_client";

/// The first version that names topics by id (KIP-516).
const TOPIC_IDS_SINCE: i16 = 13;

const ALL: i16 = -1;
const NONE: i16 = 0;

/// Writes once; a request that waits for its replicas is not written again when it goes on.
pub(crate) fn handle(cx: &mut Context<'_>, request: ProduceRequest) -> Answer<ProduceResponse> {
    match produce(cx, request) {
        Answer::Reply(response) => {
            cx.charge_produce();
            Answer::Reply(response.with_throttle_time_ms(cx.throttle_ms))
        }
        Answer::Nothing => {
            cx.charge_produce();
            Answer::Nothing
        }
        other @ (Answer::Park(..) | Answer::Held | Answer::Close(_) | Answer::Refuse(..)) => other,
    }
}

fn produce(cx: &mut Context<'_>, request: ProduceRequest) -> Answer<ProduceResponse> {
    if let Some(waiting) = cx.state.replicating.remove(&cx.call.ticket) {
        return replication::go_on(cx, waiting, request);
    }
    let unauthorized = has_transactional_batch(&request) && !may_use_id(cx, &request);
    let verified = if unauthorized {
        Verified::default()
    } else {
        match transactions::verify(cx, &request) {
            Verification::Waits(parking) => return Answer::Park(parking, Box::new(request.into())),
            Verification::Done(verified) => verified,
        }
    };
    let refused = error_of_all(unauthorized, &verified);
    let (acks, timeout_ms) = (request.acks, request.timeout_ms);
    let bytes = request_bytes(&request);
    let mut written = Vec::new();
    for (topic, partitions) in merged(request.topic_data, cx.call.version) {
        let name = topic_name(cx, &topic).and_then(|name| may_write(cx, name));
        let name = name.map_err(FailedBatch::early);
        let name = refused.clone().map_or(name, Err);
        let write = name.as_deref().map(|topic| Write {
            topic,
            acks,
            bytes,
            verified: &verified,
        });
        let mut outcomes = Vec::with_capacity(partitions.len());
        for named in &partitions {
            let outcome = match &write {
                Ok(write) => write.merged(cx, named),
                Err(failed) => Err((*failed).clone()),
            };
            outcomes.push((named.data.index, outcome));
        }
        written.push(Written {
            outcomes,
            topic,
            name: name.unwrap_or_default(),
        });
    }
    if acks == ALL {
        return replication::begin(cx, written, timeout_ms);
    }
    answer(cx, acks, written)
}

/// Whether the client may write to transactions of the id that it names, which it has to.
fn may_use_id(cx: &Context<'_>, request: &ProduceRequest) -> bool {
    let id = request.transactional_id.as_deref();
    let access = cx.access();
    id.is_some_and(|id| access.transactional_id(Operation::Write, id).is_ok())
}

/// The topic, if the client may write to it.
fn may_write(cx: &Context<'_>, topic: String) -> Result<String, ErrorCode> {
    cx.access().topic(Operation::Write, &topic)?;
    Ok(topic)
}

/// What is said of every partition, if the request as a whole may not be.
fn error_of_all(unauthorized: bool, verified: &Verified) -> Option<FailedBatch> {
    if unauthorized {
        let code = ErrorCode::TransactionalIdAuthorizationFailed;
        return Some(FailedBatch::early(code));
    }
    let message = "Transactional records contained more than one producer ID";
    let code = ErrorCode::InvalidProducerIdMapping;
    verified
        .producers_differ
        .then(|| FailedBatch::with_message(code, message.to_owned()))
}

/// What became of the writes to one topic.
#[derive(Debug)]
struct Written {
    topic: TopicKey,
    name: String,
    outcomes: Vec<(i32, Result<WrittenBatch, FailedBatch>)>,
}

/// Tells the journal what is in the log, which no answer says yet, or ever.
fn tell_applied(cx: &mut Context<'_>, written: &[Written]) {
    let outcomes = || written.iter().flat_map(|topic| &topic.outcomes);
    let stored = outcomes().filter(|(_, outcome)| outcome.is_ok()).count();
    let applied = match stored {
        0 => Applied::No,
        _ if stored < outcomes().count() => Applied::Partly,
        _ => Applied::Yes,
    };
    let notice = Notice::Applied(cx.call.connection, applied);
    cx.state.outbox.push(notice);
}

fn answer(cx: &mut Context<'_>, acks: i16, written: Vec<Written>) -> Answer<ProduceResponse> {
    if acks == NONE {
        tell_applied(cx, &written);
    }
    let mut response = answers::Answers::default();
    for topic in written {
        response.add(cx, topic.topic, &topic.name, topic.outcomes);
    }
    match response.first_error() {
        Some(code) if acks == NONE => {
            Answer::Close(format!("Produce with acks=0 failed: {code:?}"))
        }
        None if acks == NONE => Answer::Nothing,
        Some(_) | None => Answer::Reply(response.reply(cx)),
    }
}

/// A topic as the request names it, by name or by id.
type TopicKey = (TopicName, Uuid);

/// Record bytes of the whole request: the buffer that any of its batches could keep alive.
fn request_bytes(request: &ProduceRequest) -> usize {
    let partitions = request
        .topic_data
        .iter()
        .flat_map(|topic| &topic.partition_data);
    partitions
        .filter_map(|data| data.records.bytes())
        .map(bytes::Bytes::len)
        .sum()
}

fn has_transactional_batch(request: &ProduceRequest) -> bool {
    let partitions = request
        .topic_data
        .iter()
        .flat_map(|topic| &topic.partition_data);
    partitions
        .map(|data| &data.records)
        .any(ProducedRecords::looks_transactional)
}

fn topic_name(cx: &Context<'_>, (name, id): &TopicKey) -> Result<String, ErrorCode> {
    if cx.call.version < TOPIC_IDS_SINCE {
        return Ok(name.to_string());
    }
    let known = cx.state.cluster.topic_by_id(*id);
    known
        .map(|topic| topic.name.to_string())
        .ok_or(ErrorCode::UnknownTopicId)
}

/// A write to one partition.
struct Write<'a> {
    topic: &'a str,
    acks: i16,
    /// Record bytes that arrived with this write.
    bytes: usize,
    verified: &'a Verified,
}

impl Write<'_> {
    fn merged(
        &self,
        cx: &mut Context<'_>,
        named: &MergedPartition,
    ) -> Result<WrittenBatch, FailedBatch> {
        let written = self.to(cx, &named.data);
        match &named.malformed {
            Some(failed) if self.known(cx, named.data.index).is_ok() => Err(failed.clone()),
            Some(_) | None => written,
        }
    }

    fn to(
        &self,
        cx: &mut Context<'_>,
        data: &PartitionProduceData,
    ) -> Result<WrittenBatch, FailedBatch> {
        let internal = self.known(cx, data.index).map_err(FailedBatch::early)?;
        let batch = UnverifiedBatch::from_produce(&data.records, cx.call.version)?;
        self.verified.check(self.topic, data.index)?;
        if !matches!(self.acks, -1..=1) {
            return Err(FailedBatch::early(ErrorCode::InvalidRequiredAcks));
        }
        if internal && *cx.call.client_id != *ADMIN_CLIENT {
            return Err(FailedBatch::early(ErrorCode::InvalidTopicException));
        }
        let config = cx.state.topic_config(self.topic);
        self.check_leader(cx, data.index, &config)?;
        self.check_room(cx, data.index)?;
        let start = self.log_start(cx, data.index);
        let survey = batch.survey();
        let batch = batch
            .verify(config.log.max_message_bytes)
            .map_err(|error| FailedBatch::from(error).at(start))?;
        self.append(cx, data.index, (batch, survey), &config)
    }

    /// Whether the topic is internal, if it has the partition.
    fn known(&self, cx: &Context<'_>, index: i32) -> Result<bool, ErrorCode> {
        let topic = cx.state.cluster.topic(self.topic);
        let topic = topic.filter(|topic| topic.partition(index).is_some());
        topic
            .map(|topic| topic.internal)
            .ok_or(ErrorCode::UnknownTopicOrPartition)
    }

    fn log_start(&self, cx: &Context<'_>, index: i32) -> i64 {
        let topic = cx.state.cluster.topic(self.topic);
        topic
            .and_then(|topic| topic.partition(index))
            .map_or(-1, |p| p.log.start().0)
    }

    fn check_leader(
        &self,
        cx: &Context<'_>,
        index: i32,
        config: &TopicConfig,
    ) -> Result<(), FailedBatch> {
        let place = TopicPartition::at(self.topic, index);
        let partition = replica::find(&cx.state.cluster, place, cx.call.node, Serves::Leader, None)
            .map_err(FailedBatch::early)?;
        // A topic with fewer replicas than that is content with all of them.
        let wanted = config.min_insync_replicas.min(partition.replicas.len());
        if self.acks == ALL && partition.isr.len() < wanted {
            return Err(
                FailedBatch::early(ErrorCode::NotEnoughReplicas).at(partition.log.start().0)
            );
        }
        Ok(())
    }

    /// Kafka has no such bound: its disk is full then, and it says the same.
    fn check_room(&self, cx: &mut Context<'_>, index: i32) -> Result<(), FailedBatch> {
        if cx.state.has_room(cx.now) {
            return Ok(());
        }
        let full = Full {
            connection: cx.call.connection,
            topic: self.topic.to_owned(),
            partition: index,
            bytes_max: cx.state.log_bytes_max(),
        };
        let reason = full.reason();
        cx.state.outbox.push(Notice::Full(full));
        Err(FailedBatch::with_message(
            ErrorCode::KafkaStorageError,
            reason,
        ))
    }

    fn append(
        &self,
        cx: &mut Context<'_>,
        index: i32,
        (batch, survey): (BatchView, Option<Survey>),
        config: &TopicConfig,
    ) -> Result<WrittenBatch, FailedBatch> {
        let now = cx.now;
        let partition = cx
            .state
            .cluster
            .partition_mut(self.topic, index)
            .ok_or(FailedBatch::early(ErrorCode::UnknownTopicOrPartition))?;
        let context = AppendContext {
            config: &config.log,
            topic: self.topic,
            partition: index,
            leader_epoch: partition.leader_epoch,
            origin: Origin::Client,
            now,
            record_bytes_max: config.max_decompressed_message_bytes,
            transaction_v2: cx.call.version >= transactions::ADDS_SINCE,
        };
        let codec = batch.codec();
        let batch = batch.detached(self.bytes);
        let appended = partition.log.append_surveyed(batch, survey, &context);
        let log_start = partition.log.start().0;
        let appended = match appended {
            Ok(appended) => appended,
            Err(error) => {
                let failed = FailedBatch::from(error.clone()).at(log_start);
                if let Some(reason) = error.unreadable() {
                    self.explain(cx, (index, failed.code), codec, &reason.to_string());
                }
                return Err(failed);
            }
        };
        let replicated = partition.log.high_watermark() > appended.last_offset;
        if !appended.duplicate {
            cx.state.appended(self.topic, index);
        }
        Ok(WrittenBatch {
            appended,
            log_start,
            waits: self.acks == ALL && !replicated,
            error: None,
        })
    }

    /// Says why records cannot be read, which the answer does not.
    fn explain(
        &self,
        cx: &mut Context<'_>,
        (index, error): (i32, ErrorCode),
        codec: Codec,
        reason: &str,
    ) {
        cx.state.outbox.push(Notice::Unreadable(Unreadable {
            connection: cx.call.connection,
            topic: self.topic.to_owned(),
            partition: index,
            error,
            codec,
            reason: reason.to_owned(),
        }));
    }
}
