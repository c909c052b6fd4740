//! DeleteRecords (key 21), v0–v2.
//!
//! Oracle: -1 stands for the high watermark; an offset behind the log start changes nothing; one
//! beyond the high watermark, or below -1, is OFFSET_OUT_OF_RANGE; a topic that is only compacted
//! refuses with POLICY_VIOLATION. A topic takes DELETE. A partition named twice is served once, with its last offset.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::java::{hash, scala};
use crate::engine::repeats::{grouped, keep_last};
use crate::engine::replica::{self, Serves};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_records_request::DeleteRecordsPartition;
use crate::wire::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use crate::wire::messages::{DeleteRecordsRequest, DeleteRecordsResponse, TopicName};
use crate::wire::units::Offset;

/// Stands for "everything that may be deleted".
const HIGH_WATERMARK: i64 = -1;

/// Answers at once: all replicas move together.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteRecordsRequest,
) -> Answer<DeleteRecordsResponse> {
    let mut topics = Vec::new();
    for (name, partitions) in merged(cx, request) {
        let mut results = Vec::with_capacity(partitions.len());
        for asked in partitions {
            let (code, low_watermark) = match delete(cx, &name, &asked) {
                Ok(start) => (ErrorCode::None, start.0),
                Err(code) => (code, -1),
            };
            let result = DeleteRecordsPartitionResult::default()
                .with_partition_index(asked.partition_index)
                .with_low_watermark(low_watermark)
                .with_error_code(code.code());
            results.push(result);
        }
        let topic = DeleteRecordsTopicResult::default().with_name(name);
        topics.push(topic.with_partitions(results));
    }
    Answer::Reply(DeleteRecordsResponse::default().with_topics(topics))
}

/// The partitions by topic, each once. They come from a mutable map; if none of them is there it is added to an
/// immutable one.
fn merged(
    cx: &Context<'_>,
    request: DeleteRecordsRequest,
) -> Vec<(TopicName, Vec<DeleteRecordsPartition>)> {
    let all = request.topics.into_iter().flat_map(|topic| {
        let name = topic.name;
        let partitions = topic.partitions.into_iter();
        partitions.map(move |asked| ((name.clone(), asked.partition_index), asked))
    });
    let once = keep_last(all).into_iter();
    let mut once: Vec<_> = once.map(|((topic, _), asked)| (topic, asked)).collect();
    let of_place = |topic: &TopicName, asked: &DeleteRecordsPartition| {
        hash::of_partition(topic, asked.partition_index)
    };
    let is_there = |(topic, asked): &(TopicName, DeleteRecordsPartition)| {
        let may_delete = cx.access().topic(Operation::Delete, topic).is_ok();
        let topic = cx.state.cluster.topic(topic).filter(|_| may_delete);
        topic.is_some_and(|topic| topic.partition(asked.partition_index).is_some())
    };
    let some_are_there = once.iter().any(is_there);
    scala::sort_mutable(&mut once, |(topic, asked)| of_place(topic, asked));
    // Four or fewer stay as they came, as do the partitions of each topic then.
    let is_small = once.len() <= scala::SMALL_MAX;
    if !some_are_there {
        scala::sort_immutable(&mut once, |(topic, asked)| of_place(topic, asked));
    }
    let mut topics = grouped(once);
    scala::sort_trie(&mut topics, |(topic, _)| hash::of_str(topic));
    for (topic, partitions) in &mut topics {
        if some_are_there {
            scala::sort_mutable(partitions, |asked| of_place(topic, asked));
        } else if !is_small {
            scala::sort_trie(partitions, |asked| of_place(topic, asked));
        }
    }
    topics
}

fn delete(
    cx: &mut Context<'_>,
    topic: &str,
    asked: &DeleteRecordsPartition,
) -> Result<Offset, ErrorCode> {
    cx.access().topic(Operation::Delete, topic)?;
    let place = TopicPartition::at(topic, asked.partition_index);
    replica::find(&cx.state.cluster, place, cx.call.node, Serves::Leader, None)?;
    if !cx.state.topic_config(topic).log.delete {
        return Err(ErrorCode::PolicyViolation);
    }
    let partition = cx
        .state
        .cluster
        .partition_mut(topic, asked.partition_index)
        .ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let before = match asked.offset {
        HIGH_WATERMARK => partition.log.high_watermark(),
        offset => Offset(offset),
    };
    let old = partition.log.start();
    partition
        .log
        .delete_records(before)
        .map_err(|_| ErrorCode::OffsetOutOfRange)?;
    let start = partition.log.start();
    let outbox = &mut cx.state.outbox;
    outbox.log_start_moved(place, (old.0, start.0));
    cx.state.appended(topic, asked.partition_index);
    Ok(start)
}
