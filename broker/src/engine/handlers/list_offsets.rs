//! ListOffsets (key 2), v1–v11.
//!
//! Oracle: the special timestamps -1 to -6, each from the version on that knows it, other negative
//! ones UNSUPPORTED_VERSION; a timestamp beyond the end is answered with offset -1 and no error; a
//! partition named twice is INVALID_REQUEST. A topic takes DESCRIBE, or comes after all others. An isolation level that does not exist fails every
//! partition. A topic is answered once, unless all fails.

use std::collections::BTreeSet;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::java::{hash, scala};
use crate::engine::log::PartitionLog;
use crate::engine::repeats::grouped;
use crate::engine::replica::{self, Serves};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use crate::wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use crate::wire::messages::{ListOffsetsRequest, ListOffsetsResponse, TopicName};
use crate::wire::units::{LeaderEpoch, Offset, WallMillis};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// The replica id of consumers, who see what is replicated or committed; others see everything.
const CONSUMER: i32 = -1;

/// A replica id of tools, which any replica answers.
const DEBUGGING: i32 = -2;

/// Timestamp, offset and leader epoch of an answer.
type Found = (i64, i64, i32);

const NOWHERE: Found = (-1, -1, -1);

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: ListOffsetsRequest,
) -> Answer<ListOffsetsResponse> {
    let mut request = request;
    let may_see = |topic: &ListOffsetsTopic| cx.access().topic(Operation::Describe, &topic.name);
    let asked = std::mem::take(&mut request.topics).into_iter();
    let (seen, denied): (Vec<_>, Vec<_>) = asked.partition(|topic| may_see(topic).is_ok());
    request.topics = seen;
    let mut topics = if matches!(request.isolation_level, 0 | 1) {
        looked_up(cx, &request)
    } else {
        failed(&request.topics, ErrorCode::UnknownServerError)
    };
    topics.extend(failed(&denied, ErrorCode::TopicAuthorizationFailed));
    let topics = topics.into_iter().map(|(name, partitions)| {
        ListOffsetsTopicResponse::default()
            .with_name(name)
            .with_partitions(partitions)
    });
    Answer::Reply(ListOffsetsResponse::default().with_topics(topics.collect()))
}

type Row = (TopicName, Vec<ListOffsetsPartitionResponse>);

/// Topics as the request names them, with one error.
fn failed(topics: &[ListOffsetsTopic], code: ErrorCode) -> Vec<Row> {
    let rows = topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let rows = partitions.map(|asked| answer(asked.partition_index, Err(code)));
        (topic.name.clone(), rows.collect())
    });
    rows.collect()
}

/// Each topic and each partition once, in the order of the maps that gather them: topics by a trie, the partitions of
/// each in a table of their own.
fn looked_up(cx: ReadContext<'_>, request: &ListOffsetsRequest) -> Vec<Row> {
    let repeated = repeated(request);
    let mut rows = Vec::new();
    let mut told = BTreeSet::new();
    for topic in &request.topics {
        for asked in &topic.partitions {
            let key = TopicPartition::new(&topic.name, asked.partition_index);
            let result = if repeated.contains(&key) {
                if !told.insert(key) {
                    continue;
                }
                Err(ErrorCode::InvalidRequest)
            } else {
                look_up(cx, request, &topic.name, asked)
            };
            let row = answer(asked.partition_index, result);
            rows.push((topic.name.clone(), row));
        }
    }
    let mut topics = grouped(rows);
    scala::sort_trie(&mut topics, |(topic, _)| hash::of_str(topic));
    for (topic, partitions) in &mut topics {
        scala::sort_mutable(partitions, |row| {
            hash::of_partition(topic, row.partition_index)
        });
    }
    topics
}

/// Partitions that the request names more than once.
fn repeated(request: &ListOffsetsRequest) -> BTreeSet<TopicPartition> {
    let mut seen = BTreeSet::new();
    let all = request.topics.iter().flat_map(|topic| {
        topic
            .partitions
            .iter()
            .map(|asked| TopicPartition::new(&topic.name, asked.partition_index))
    });
    all.filter(|key| !seen.insert(key.clone())).collect()
}

fn look_up(
    cx: ReadContext<'_>,
    request: &ListOffsetsRequest,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> Result<Found, ErrorCode> {
    if !is_known(asked.timestamp, cx.call.version) {
        return Err(ErrorCode::UnsupportedVersion);
    }
    let serves = if request.replica_id.0 == DEBUGGING {
        Serves::Anyone
    } else {
        Serves::Leader
    };
    let epoch = (asked.current_leader_epoch != -1).then_some(asked.current_leader_epoch);
    let place = TopicPartition::at(topic, asked.partition_index);
    let partition = replica::find(&cx.state.cluster, place, cx.call.node, serves, epoch)?;
    let log = &partition.log;
    let end = match (request.replica_id.0, request.isolation_level) {
        (CONSUMER, 1) => log.last_stable_offset(),
        (CONSUMER, _) => log.high_watermark(),
        _ => log.end(),
    };
    Ok(find(log, partition.leader_epoch, asked.timestamp, end))
}

/// Which versions know a timestamp (KIP-734, KIP-405, KIP-1005, KIP-1023).
const fn is_known(timestamp: i64, version: i16) -> bool {
    match timestamp {
        MAX_TIMESTAMP => version >= 7,
        EARLIEST_LOCAL => version >= 8,
        LATEST_TIERED => version >= 9,
        EARLIEST_PENDING_UPLOAD => version >= 11,
        other => other >= EARLIEST,
    }
}

fn find(log: &PartitionLog, leader_epoch: LeaderEpoch, timestamp: i64, end: Offset) -> Found {
    let found = match timestamp {
        LATEST => return (-1, end.0, leader_epoch.0),
        EARLIEST | EARLIEST_LOCAL => return (-1, log.start().0, earliest_epoch(log, leader_epoch)),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => return NOWHERE,
        MAX_TIMESTAMP => log.offset_of_max_timestamp(),
        target => log.offset_at(WallMillis(target)),
    };
    // What lies beyond the end that the reader may see is not told.
    let visible = found.filter(|found| found.offset < end);
    visible.map_or(NOWHERE, |found| {
        (found.timestamp.0, found.offset.0, found.leader_epoch.0)
    })
}

/// The epoch of the first offset; that of the leader while the log is empty.
fn earliest_epoch(log: &PartitionLog, leader_epoch: LeaderEpoch) -> i32 {
    let empty = log.end() == Offset(0);
    log.epochs()
        .earliest(log.start())
        .map_or(if empty { leader_epoch.0 } else { -1 }, |e| e.0)
}

fn answer(index: i32, result: Result<Found, ErrorCode>) -> ListOffsetsPartitionResponse {
    let (code, (timestamp, offset, leader_epoch)) = match result {
        Ok(found) => (ErrorCode::None, found),
        Err(code) => (code, NOWHERE),
    };
    ListOffsetsPartitionResponse::default()
        .with_partition_index(index)
        .with_error_code(code.code())
        .with_timestamp(timestamp)
        .with_offset(offset)
        .with_leader_epoch(leader_epoch)
}
