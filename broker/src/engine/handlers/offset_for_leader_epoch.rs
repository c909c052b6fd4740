//! OffsetForLeaderEpoch (key 23), v2–v4.
//!
//! Oracle: the end of the largest epoch that is not above the one asked for; an epoch above all
//! known ones is answered with -1 and -1, without an error. Only the leader answers (KIP-320). Brokers take CLUSTER_ACTION,
//! everybody else DESCRIBE on each topic.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::replica::{self, Serves};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use crate::wire::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use crate::wire::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use crate::wire::units::LeaderEpoch;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: OffsetForLeaderEpochRequest,
) -> Answer<OffsetForLeaderEpochResponse> {
    let mut topics = Vec::with_capacity(request.topics.len());
    let access = cx.access();
    let is_broker = access.allows_cluster_quietly(Operation::ClusterAction);
    let may_see = |topic: &OffsetForLeaderTopic| {
        is_broker || access.topic(Operation::Describe, &topic.topic).is_ok()
    };
    let (seen, denied): (Vec<_>, Vec<_>) = request.topics.into_iter().partition(may_see);
    for topic in seen {
        let ends = topic.partitions.iter().map(|asked| {
            let (code, epoch, offset) = match end_of(cx, &topic.topic, asked) {
                Ok((epoch, offset)) => (ErrorCode::None, epoch, offset),
                Err(code) => (code, -1, -1),
            };
            EpochEndOffset::default()
                .with_partition(asked.partition)
                .with_error_code(code.code())
                .with_leader_epoch(epoch)
                .with_end_offset(offset)
        });
        let ends = ends.collect();
        let result = OffsetForLeaderTopicResult::default().with_topic(topic.topic);
        topics.push(result.with_partitions(ends));
    }
    topics.extend(denied.into_iter().map(refused));
    Answer::Reply(OffsetForLeaderEpochResponse::default().with_topics(topics))
}

/// A topic that the client may not see.
fn refused(topic: OffsetForLeaderTopic) -> OffsetForLeaderTopicResult {
    let code = ErrorCode::TopicAuthorizationFailed;
    let ends = topic.partitions.iter().map(|asked| {
        EpochEndOffset::default()
            .with_partition(asked.partition)
            .with_error_code(code.code())
    });
    let result = OffsetForLeaderTopicResult::default().with_partitions(ends.collect());
    result.with_topic(topic.topic)
}

fn end_of(
    cx: ReadContext<'_>,
    topic: &str,
    asked: &OffsetForLeaderPartition,
) -> Result<(i32, i64), ErrorCode> {
    let known = (asked.current_leader_epoch != -1).then_some(asked.current_leader_epoch);
    let place = TopicPartition::at(topic, asked.partition);
    let partition = replica::find(
        &cx.state.cluster,
        place,
        cx.call.node,
        Serves::Leader,
        known,
    )?;
    let log = &partition.log;
    let asked = LeaderEpoch(asked.leader_epoch);
    // A leader that has not written yet knows its own epoch all the same.
    if asked == partition.leader_epoch {
        return Ok((asked.0, log.end().0));
    }
    Ok(log
        .epochs()
        .end_of(asked, log.end())
        .map_or((-1, -1), |(epoch, end)| (epoch.0, end.0)))
}
