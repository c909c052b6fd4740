//! AlterShareGroupOffsets (key 91), v0 (KIP-932).
//!
//! Oracle: only a group without members may begin elsewhere; who asks makes the group. The answer waits for the share
//! coordinator. Rows of one topic are put together. The group and each topic take READ.

use std::sync::Arc;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::share::AlteredTopic;
use crate::engine::handlers::share_state::wait;
use crate::engine::repeats::gathered;
use crate::engine::share::SharePartitionKey;
use crate::engine::share::gathering::{Asked, Asking, Gathered};
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestTopic;
use crate::wire::messages::alter_share_group_offsets_response::{
    AlterShareGroupOffsetsResponsePartition, AlterShareGroupOffsetsResponseTopic,
};
use crate::wire::messages::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, str_bytes,
};

/// Answers, or waits for the share coordinator.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    mut request: AlterShareGroupOffsetsRequest,
) -> Answer<AlterShareGroupOffsetsResponse> {
    let response = AlterShareGroupOffsetsResponse::default();
    let asked = match cx.state.shares.asking.remove(&cx.call.ticket) {
        Some(asked) => Ok(asked),
        None => {
            request.topics = each_once(request.topics);
            alter(cx, &request).map(Asked::Altered)
        }
    };
    Answer::Reply(match asked {
        Ok(Asked::Altered(Some(begun))) => response.with_responses(rows(cx, &request, &begun)),
        Ok(asked) => return wait(cx, asked, request),
        Err(error) => {
            let usual = || error.code.text().map(str_bytes);
            response
                .with_error_code(error.code.code())
                .with_error_message(error.wire_message().or_else(usual))
        }
    })
}

fn each_once(
    topics: Vec<AlterShareGroupOffsetsRequestTopic>,
) -> Vec<AlterShareGroupOffsetsRequestTopic> {
    let topics = topics.into_iter();
    let topics = gathered(topics.map(|topic| (topic.topic_name, topic.partitions)));
    let topic = |(name, partitions)| {
        AlterShareGroupOffsetsRequestTopic::default()
            .with_topic_name(name)
            .with_partitions(partitions)
    };
    topics.into_iter().map(topic).collect()
}

/// Has the states begin; what came of each, unless that takes a while.
fn alter(
    cx: &mut Context<'_>,
    request: &AlterShareGroupOffsetsRequest,
) -> Result<Option<Gathered>, ApiError> {
    if !cx.has_share_groups() {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    let group: Arc<str> = (*request.group_id.0).into();
    cx.access().group(Operation::Read, &group)?;
    coordinator::check_name(&group)?;
    coordinator::check(cx.read_only(), &group)?;
    let access = cx.access();
    let may_read = |topic: &&AlterShareGroupOffsetsRequestTopic| {
        access.topic(Operation::Read, &topic.topic_name).is_ok()
    };
    let allowed = request.topics.iter().filter(may_read);
    let found = allowed.filter_map(|topic| altered(cx, topic));
    let found: Vec<AlteredTopic> = found.collect();
    let wanted = cx.with_groups(|groups, turn| groups.alter_share_offsets(turn, &group, &found))?;
    let negative = found.iter().find_map(|topic| {
        let (partition, _) = topic.starts.iter().find(|(partition, _)| **partition < 0)?;
        Some((topic.id, *partition))
    });
    if let Some((topic, partition)) = negative {
        let topic = SharePartitionKey::topic_text(topic);
        let text = format!(
            "Initialize share group parameters has invalid partitionId - {group} {topic} {partition}"
        );
        return Err(ApiError::new(ErrorCode::UnknownServerError, text));
    }
    let asking = Asking {
        node: cx.call.node,
        ticket: cx.call.ticket,
    };
    Ok(cx.state.begin_altered(cx.now, asking, &wanted))
}

/// Oracle: topics that nobody is asked to begin come first, unless they have no partitions.
fn rows(
    cx: &Context<'_>,
    request: &AlterShareGroupOffsetsRequest,
    begun: &Gathered,
) -> Vec<AlterShareGroupOffsetsResponseTopic> {
    let group: Arc<str> = (*request.group_id.0).into();
    let access = cx.access();
    let (mut refused, mut asked) = (Vec::new(), Vec::new());
    for topic in &request.topics {
        let name = &topic.topic_name;
        let (rows, otherwise) =
            if !access.allows_quietly(Operation::Read, ResourceType::Topic, name) {
                (&mut refused, ErrorCode::TopicAuthorizationFailed)
            } else if cx.state.cluster.topic(name).is_none() {
                (&mut refused, ErrorCode::UnknownTopicOrPartition)
            } else {
                (&mut asked, ErrorCode::UnknownTopicOrPartition)
            };
        rows.push(row(cx, (&group, topic), begun, otherwise));
    }
    refused.retain(|topic| !topic.partitions.is_empty());
    refused.into_iter().chain(asked).collect()
}

fn altered(cx: &Context<'_>, asked: &AlterShareGroupOffsetsRequestTopic) -> Option<AlteredTopic> {
    let topic = cx.state.cluster.topic(&asked.topic_name)?;
    let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
    let partitions = asked.partitions.iter();
    let partitions = partitions.filter(|partition| partition.partition_index < count);
    Some(AlteredTopic {
        id: topic.id,
        name: topic.name.to_string(),
        starts: partitions
            .map(|partition| (partition.partition_index, partition.start_offset))
            .collect(),
    })
}

/// A topic's row, with `otherwise` for partitions that nobody was asked to begin.
fn row(
    cx: &Context<'_>,
    (group, asked): (&Arc<str>, &AlterShareGroupOffsetsRequestTopic),
    begun: &Gathered,
    otherwise: ErrorCode,
) -> AlterShareGroupOffsetsResponseTopic {
    let id = cx
        .state
        .cluster
        .topic(&asked.topic_name)
        .map(|topic| topic.id);
    let partitions = asked.partitions.iter().map(|partition| {
        let index = partition.partition_index;
        let row = AlterShareGroupOffsetsResponsePartition::default().with_partition_index(index);
        let key = id.map(|topic| SharePartitionKey {
            group: Arc::clone(group),
            topic,
            partition: index,
        });
        let error = match key.and_then(|key| begun.get(&key)) {
            Some(Ok(_)) => return row,
            Some(Err(error)) => error.clone(),
            None => ApiError::with_text(otherwise),
        };
        row.with_error_code(error.code.code())
            .with_error_message(error.wire_message())
    });
    AlterShareGroupOffsetsResponseTopic::default()
        .with_topic_name(asked.topic_name.clone())
        .with_topic_id(id.unwrap_or_default())
        .with_partitions(partitions.collect())
}
