//! DescribeShareGroupOffsets (key 90), v0–v1 (KIP-932).
//!
//! Oracle: nobody asks whether there is such a group, unless all its partitions are wanted; what is not known of a
//! partition is -1. The lag counts what is done with from the start on. Of a topic without partitions, or a partition
//! with a negative number, the share coordinator is not even asked: nothing of the group is known then. A partition that
//! is named several times is answered once, and a topic's partitions come in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::coordinator;
use crate::engine::repeats::gathered;
use crate::engine::share::SharePartitionKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestGroup;
use crate::wire::messages::describe_share_group_offsets_response::{
    DescribeShareGroupOffsetsResponseGroup, DescribeShareGroupOffsetsResponsePartition,
    DescribeShareGroupOffsetsResponseTopic,
};
use crate::wire::messages::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, GroupId, TopicName,
    str_bytes,
};

/// What is not known.
const UNKNOWN: i64 = -1;

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeShareGroupOffsetsRequest,
) -> Answer<DescribeShareGroupOffsetsResponse> {
    let groups = request.groups.into_iter().map(|group| describe(cx, group));
    Answer::Reply(DescribeShareGroupOffsetsResponse {
        groups: groups.collect(),
        ..DescribeShareGroupOffsetsResponse::default()
    })
}

fn describe(
    cx: ReadContext<'_>,
    asked: DescribeShareGroupOffsetsRequestGroup,
) -> DescribeShareGroupOffsetsResponseGroup {
    let described = |topics| DescribeShareGroupOffsetsResponseGroup {
        group_id: asked.group_id.clone(),
        topics,
        ..DescribeShareGroupOffsetsResponseGroup::default()
    };
    if !cx.state.has_share_groups() {
        return DescribeShareGroupOffsetsResponseGroup {
            error_code: ErrorCode::UnsupportedVersion.code(),
            ..described(Vec::new())
        };
    }
    let Some(topics) = &asked.topics else {
        return all_of(cx, &asked.group_id);
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for topic in topics {
        let name = &topic.topic_name;
        let partitions = topic.partitions.iter();
        let Some(found) = cx.state.cluster.topic(name) else {
            let rows = partitions.map(|index| DescribeShareGroupOffsetsResponsePartition {
                partition_index: *index,
                start_offset: UNKNOWN,
                ..DescribeShareGroupOffsetsResponsePartition::default()
            });
            unknown.push(DescribeShareGroupOffsetsResponseTopic {
                topic_name: name.clone(),
                partitions: rows.collect(),
                ..DescribeShareGroupOffsetsResponseTopic::default()
            });
            continue;
        };
        let cannot_be = topic.partitions.is_empty() || topic.partitions.iter().any(|p| *p < 0);
        if cannot_be || asked.group_id.is_empty() {
            let code = ErrorCode::UnknownServerError;
            return DescribeShareGroupOffsetsResponseGroup {
                error_code: code.code(),
                error_message: code.text().map(str_bytes),
                ..described(Vec::new())
            };
        }
        known.push(((name.clone(), found.id), topic.partitions.clone()));
    }
    let known = gathered(known).into_iter().map(|((name, id), partitions)| {
        let once: BTreeSet<i32> = partitions.into_iter().collect();
        let rows = once
            .into_iter()
            .map(|index| row(cx, &asked.group_id, id, index));
        DescribeShareGroupOffsetsResponseTopic {
            topic_name: name,
            topic_id: id,
            partitions: rows.collect(),
        }
    });
    described(known.chain(unknown).collect())
}

fn all_of(cx: ReadContext<'_>, group: &GroupId) -> DescribeShareGroupOffsetsResponseGroup {
    let answer = DescribeShareGroupOffsetsResponseGroup {
        group_id: group.clone(),
        ..DescribeShareGroupOffsetsResponseGroup::default()
    };
    if let Err(code) = coordinator::check(cx, group) {
        return DescribeShareGroupOffsetsResponseGroup {
            error_code: code.code(),
            error_message: code.text().map(str_bytes),
            ..answer
        };
    }
    let states = cx
        .state
        .groups
        .share(group)
        .ok()
        .and_then(|group| group.states.as_ref());
    let states = states.into_iter().flat_map(|states| &states.initialized);
    let topics = states.filter_map(|(id, topic)| {
        let name = cx.state.cluster.topic_name(*id)?;
        let rows = topic
            .partitions
            .iter()
            .map(|index| row(cx, group, *id, *index));
        Some(DescribeShareGroupOffsetsResponseTopic {
            topic_name: TopicName(str_bytes(name)),
            topic_id: *id,
            partitions: rows.collect(),
        })
    });
    DescribeShareGroupOffsetsResponseGroup {
        topics: topics.collect(),
        ..answer
    }
}

fn row(
    cx: ReadContext<'_>,
    group: &str,
    topic: uuid::Uuid,
    partition: i32,
) -> DescribeShareGroupOffsetsResponsePartition {
    let key = SharePartitionKey {
        group: Arc::from(group),
        topic,
        partition,
    };
    let row = DescribeShareGroupOffsetsResponsePartition {
        partition_index: partition,
        start_offset: UNKNOWN,
        ..DescribeShareGroupOffsetsResponsePartition::default()
    };
    let Ok(Some(kept)) = cx.state.kept_summary(&key) else {
        return row;
    };
    let mut row = DescribeShareGroupOffsetsResponsePartition {
        start_offset: kept.start,
        leader_epoch: kept.leader_epoch,
        ..row
    };
    if kept.start == UNKNOWN || kept.done == -1 {
        return row;
    }
    let found = cx
        .state
        .cluster
        .topic_by_id(topic)
        .and_then(|topic| topic.partition(partition));
    if let Some(found) = found {
        let end = found.log.high_watermark().0;
        row.lag = end
            .saturating_sub(kept.start)
            .saturating_sub(kept.done.into());
    }
    row
}
