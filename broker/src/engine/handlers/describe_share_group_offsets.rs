//! DescribeShareGroupOffsets (key 90), v0–v1 (KIP-932).
//!
//! Oracle: nobody asks whether there is such a group, unless all its partitions are wanted; what is not known of a
//! partition is -1. The lag counts what is done with from the start on. Of a topic without partitions, or a partition
//! with a negative number, the share coordinator is not even asked: nothing of the group is known then. A partition that
//! is named several times is answered once, and a topic's partitions come in order. The group takes DESCRIBE, and so does
//! each topic: it comes last, or, if all are wanted, is left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::context::{Answer, Context, ReadContext};
use crate::engine::group::coordinator;
use crate::engine::handlers::share_state::wait;
use crate::engine::repeats::gathered;
use crate::engine::share::SharePartitionKey;
use crate::engine::share::gathering::{Asked, Asking, Gathered};
use crate::engine::share::kept::KeptState;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_share_group_offsets_request::{
    DescribeShareGroupOffsetsRequestGroup, DescribeShareGroupOffsetsRequestTopic,
};
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

/// Answers, or waits for the share coordinator.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DescribeShareGroupOffsetsRequest,
) -> Answer<DescribeShareGroupOffsetsResponse> {
    let ticket = cx.call.ticket;
    let asked = cx.state.shares.asking.remove(&ticket);
    let (mut groups, told) = match asked {
        Some(Asked::Described { groups, told }) => (groups, told),
        Some(_) | None => {
            let view = cx.read_only();
            let groups = request.groups.iter().map(|group| describe(view, group));
            let groups: Vec<_> = groups.collect();
            let keys: Vec<_> = groups.iter().flat_map(keys_of).collect();
            let asking = Asking {
                node: cx.call.node,
                ticket,
            };
            let told = cx.state.summarize_shares(cx.now, asking, keys);
            (groups, told)
        }
    };
    let Some(told) = told else {
        return wait(cx, Asked::Described { groups, told }, request);
    };
    fill(cx.read_only(), &mut groups, &told);
    Answer::Reply(DescribeShareGroupOffsetsResponse {
        groups,
        ..DescribeShareGroupOffsetsResponse::default()
    })
}

/// The partitions of which something may be known.
fn keys_of(
    group: &DescribeShareGroupOffsetsResponseGroup,
) -> impl Iterator<Item = SharePartitionKey> {
    let id: Arc<str> = (*group.group_id.0).into();
    let known = group.topics.iter().filter(|topic| !topic.topic_id.is_nil());
    let places = known.flat_map(|topic| {
        let rows = topic.partitions.iter();
        rows.map(|row| (topic.topic_id, row.partition_index))
    });
    let keys = places.map(move |(topic, partition)| SharePartitionKey {
        group: Arc::clone(&id),
        topic,
        partition,
    });
    keys.collect::<Vec<_>>().into_iter()
}

/// Says what the share coordinator has said.
fn fill(
    cx: ReadContext<'_>,
    groups: &mut [DescribeShareGroupOffsetsResponseGroup],
    told: &Gathered,
) {
    for group in groups {
        let id: Arc<str> = (*group.group_id.0).into();
        for topic in &mut group.topics {
            for row in &mut topic.partitions {
                let key = SharePartitionKey {
                    group: Arc::clone(&id),
                    topic: topic.topic_id,
                    partition: row.partition_index,
                };
                if let Some(Ok(Some(kept))) = told.get(&key) {
                    fill_row(cx, row, (&key, kept));
                }
            }
        }
    }
}

fn describe(
    cx: ReadContext<'_>,
    asked: &DescribeShareGroupOffsetsRequestGroup,
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
    if let Err(code) = cx.access().group(Operation::Describe, &asked.group_id) {
        return DescribeShareGroupOffsetsResponseGroup {
            error_code: code.code(),
            ..described(Vec::new())
        };
    }
    let Some(topics) = &asked.topics else {
        return all_of(cx, &asked.group_id);
    };
    let may_see = |topic: &&DescribeShareGroupOffsetsRequestTopic| {
        cx.access()
            .topic(Operation::Describe, &topic.topic_name)
            .is_ok()
    };
    let (topics, denied): (Vec<_>, Vec<_>) = topics.iter().partition(may_see);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for topic in topics {
        let name = &topic.topic_name;
        let partitions = topic.partitions.iter();
        let Some(found) = cx.state.cluster.topic(name) else {
            let rows = partitions.map(|index| row(*index));
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
        DescribeShareGroupOffsetsResponseTopic {
            topic_name: name,
            topic_id: id,
            partitions: once.into_iter().map(row).collect(),
        }
    });
    let denied = denied.into_iter().map(refused);
    described(known.chain(unknown).chain(denied).collect())
}

/// A topic that the client may not see.
fn refused(
    asked: &DescribeShareGroupOffsetsRequestTopic,
) -> DescribeShareGroupOffsetsResponseTopic {
    let code = ErrorCode::TopicAuthorizationFailed;
    let rows = asked.partitions.iter();
    let rows = rows.map(|index| DescribeShareGroupOffsetsResponsePartition {
        partition_index: *index,
        start_offset: UNKNOWN,
        error_code: code.code(),
        error_message: code.text().map(str_bytes),
        ..DescribeShareGroupOffsetsResponsePartition::default()
    });
    DescribeShareGroupOffsetsResponseTopic {
        topic_name: asked.topic_name.clone(),
        partitions: rows.collect(),
        ..DescribeShareGroupOffsetsResponseTopic::default()
    }
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
        let access = cx.access();
        if !access.allows_quietly(Operation::Describe, ResourceType::Topic, &name) {
            return None;
        }
        let rows = topic.partitions.iter().map(|index| row(*index));
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

/// A partition of which nothing is known.
fn row(index: i32) -> DescribeShareGroupOffsetsResponsePartition {
    DescribeShareGroupOffsetsResponsePartition {
        partition_index: index,
        start_offset: UNKNOWN,
        ..DescribeShareGroupOffsetsResponsePartition::default()
    }
}

fn fill_row(
    cx: ReadContext<'_>,
    row: &mut DescribeShareGroupOffsetsResponsePartition,
    (key, kept): (&SharePartitionKey, &KeptState),
) {
    row.start_offset = kept.start;
    row.leader_epoch = kept.leader_epoch;
    if kept.start == UNKNOWN || kept.done == -1 {
        return;
    }
    let topic = cx.state.cluster.topic_by_id(key.topic);
    if let Some(found) = topic.and_then(|topic| topic.partition(key.partition)) {
        let end = found.log.high_watermark().0;
        row.lag = end
            .saturating_sub(kept.start)
            .saturating_sub(kept.done.into());
    }
}
