//! TxnOffsetCommit (key 28), v0–v6 (KIP-98, KIP-447, KIP-890, KIP-1319).
//!
//! Oracle: the transactional id takes WRITE, the group and each topic READ. Topics and partitions that do not exist are sorted out first, as by OffsetCommit. Then the
//! transaction's coordinator is asked about the group's partition of `__consumer_offsets`, which is
//! added from version 5 on, and last the group about its member. The offsets count once the
//! transaction is committed.

use std::collections::BTreeSet;

use super::offset_commit::{CommitTopic, Row, denied, measured, refuse_all, sorted};
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::offsets::{Committer, OffsetToCommit};
use crate::engine::log::FirstWrite;
use crate::engine::repeats::joined;
use crate::engine::replica::{self, Serves};
use crate::engine::state_log::TransactionalProducer;
use crate::engine::state_topic::{StateTopic, partition_or_planned};
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::{Producer, Support, Writer};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic, TxnOffsetCommitRequest,
    TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
};
use crate::wire::units::{ProducerEpoch, ProducerId, Sequence};

/// The first version whose clients know COORDINATOR_LOAD_IN_PROGRESS.
const LOADING_SINCE: i16 = 2;

/// The first version that knows TRANSACTION_ABORTABLE.
const ABORTABLE_SINCE: i16 = 4;

/// The first version that adds the partition itself.
const ADDS_SINCE: i16 = 5;

/// The first version that names topics by id, and knows two more errors of groups (KIP-1319).
const TOPIC_IDS_SINCE: i16 = 6;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    mut request: TxnOffsetCommitRequest,
) -> Answer<TxnOffsetCommitResponse> {
    let topics = std::mem::take(&mut request.topics);
    let topics = topics.into_iter().map(plain).collect();
    if let Err(code) = may_commit(cx, &request) {
        let topics = denied(topics, code).into_iter().map(answer).collect();
        return Answer::Reply(TxnOffsetCommitResponse {
            topics,
            ..TxnOffsetCommitResponse::default()
        });
    }
    let (refused, known) = sorted(cx, topics, cx.call.version >= TOPIC_IDS_SINCE);
    let decided = if known.is_empty() {
        Vec::new()
    } else {
        commit(cx, &request, known)
    };
    let topics = joined(refused, decided).into_iter().map(answer).collect();
    Answer::Reply(TxnOffsetCommitResponse {
        topics,
        ..TxnOffsetCommitResponse::default()
    })
}

fn may_commit(cx: &Context<'_>, request: &TxnOffsetCommitRequest) -> Result<(), ErrorCode> {
    let access = cx.access();
    access.transactional_id(Operation::Write, &request.transactional_id)?;
    access.group(Operation::Read, &request.group_id)
}

/// The topic as OffsetCommit has it.
fn plain(topic: TxnOffsetCommitRequestTopic) -> OffsetCommitRequestTopic {
    let partitions = topic.partitions.into_iter();
    let partitions = partitions.map(|partition| OffsetCommitRequestPartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        committed_metadata: partition.committed_metadata,
    });
    OffsetCommitRequestTopic {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

/// What the coordinators say.
fn commit(
    cx: &mut Context<'_>,
    request: &TxnOffsetCommitRequest,
    topics: Vec<CommitTopic>,
) -> Vec<Row> {
    let (mut rows, offsets) = measured(cx, topics, None);
    if let Err(code) = ask_coordinators(cx, request, offsets) {
        let code = told(code, cx.call.version);
        refuse_all(&mut rows, code);
    }
    rows
}

fn ask_coordinators(
    cx: &mut Context<'_>,
    request: &TxnOffsetCommitRequest,
    offsets: Vec<OffsetToCommit>,
) -> Result<(), ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let producer = Producer {
        id: ProducerId(request.producer_id.0),
        epoch: ProducerEpoch(request.producer_epoch),
    };
    verify(cx, request, producer)?;
    coordinator::check_may_make(cx.read_only(), &request.group_id)?;
    let committer = Committer {
        group: &request.group_id,
        connection: cx.call.connection,
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id_or_member_epoch,
        version: cx.call.version,
        producer: Some(TransactionalProducer {
            id: producer.id,
            epoch: producer.epoch,
        }),
    };
    cx.with_groups(|groups, turn| groups.commit_offsets(turn, &committer, offsets))
}

/// Asks the transaction's coordinator about the partition that holds the group's offsets.
fn verify(
    cx: &mut Context<'_>,
    request: &TxnOffsetCommitRequest,
    producer: Producer,
) -> Result<(), ErrorCode> {
    let index = partition_or_planned(cx.read_only(), StateTopic::Groups, &request.group_id);
    let place = TopicPartition::new(StateTopic::Groups.name(), index);
    let support = support(cx.call.version);
    let at = place.borrowed();
    replica::find(&cx.state.cluster, at, cx.call.node, Serves::Leader, None)?;
    let broker = cx.state.broker_config(cx.call.node);
    if support != Support::Adds && !broker.transaction_partition_verification {
        return Ok(());
    }
    let write = FirstWrite {
        id: producer.id,
        epoch: producer.epoch,
        sequence: Sequence::NONE,
        is_v2: support == Support::Adds,
    };
    if !cx.state.begin_write(cx.now, &place, write)? {
        return Ok(());
    }
    let writer = Writer {
        id: &request.transactional_id,
        producer,
        support,
    };
    let refused = cx
        .state
        .ask_coordinator(cx.now, writer, &BTreeSet::from([place]));
    refused.first().map_or(Ok(()), |(_, code)| Err(*code))
}

const fn support(version: i16) -> Support {
    if version >= ADDS_SINCE {
        Support::Adds
    } else if version >= ABORTABLE_SINCE {
        Support::Abortable
    } else {
        Support::Least
    }
}

/// What Kafka's group coordinator makes of errors that are not its own, and what older clients know.
fn told(code: ErrorCode, version: i16) -> ErrorCode {
    if version < TOPIC_IDS_SINCE && code == ErrorCode::StaleMemberEpoch {
        return ErrorCode::IllegalGeneration;
    }
    if code == ErrorCode::UnknownTopicOrPartition || code == ErrorCode::NotEnoughReplicas {
        return ErrorCode::CoordinatorNotAvailable;
    }
    if code == ErrorCode::CoordinatorLoadInProgress && version < LOADING_SINCE {
        return ErrorCode::CoordinatorNotAvailable;
    }
    if code == ErrorCode::NotLeaderOrFollower {
        return ErrorCode::NotCoordinator;
    }
    code
}

fn answer(((name, topic_id), partitions): Row) -> TxnOffsetCommitResponseTopic {
    let partition = |(partition_index, code): (i32, ErrorCode)| TxnOffsetCommitResponsePartition {
        partition_index,
        error_code: code.code(),
    };
    TxnOffsetCommitResponseTopic {
        name,
        topic_id,
        partitions: partitions.into_iter().map(partition).collect(),
    }
}
