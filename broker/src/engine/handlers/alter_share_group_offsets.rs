//! AlterShareGroupOffsets (key 91), v0 (KIP-932).
//!
//! Oracle: only a group without members may begin elsewhere; who asks makes the group. The answer waits for the share
//! coordinator.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::api_error::ApiError;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::group::share::AlteredTopic;
use crate::engine::share::SharePartitionKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestTopic;
use crate::wire::messages::alter_share_group_offsets_response::{
    AlterShareGroupOffsetsResponsePartition, AlterShareGroupOffsetsResponseTopic,
};
use crate::wire::messages::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterShareGroupOffsetsRequest,
) -> Answer<AlterShareGroupOffsetsResponse> {
    let response = AlterShareGroupOffsetsResponse::default();
    Answer::Reply(match alter(cx, request) {
        Ok(topics) => response.with_responses(topics),
        Err(error) => {
            let usual = || error.code.text().map(str_bytes);
            response
                .with_error_code(error.code.code())
                .with_error_message(error.wire_message().or_else(usual))
        }
    })
}

fn alter(
    cx: &mut Context<'_>,
    request: AlterShareGroupOffsetsRequest,
) -> Result<Vec<AlterShareGroupOffsetsResponseTopic>, ApiError> {
    if !cx.has_share_groups() {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    let group: Arc<str> = (*request.group_id.0).into();
    coordinator::check_name(&group)?;
    coordinator::check(cx.read_only(), &group)?;
    let found = request.topics.iter().filter_map(|topic| altered(cx, topic));
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
    let begun = cx.state.begin_wanted(cx.now, &wanted);
    if begun.iter().all(|(_, begun)| begun.is_ok()) {
        let partitions = wanted.partitions();
        cx.with_groups(|groups, turn| groups.note_states(turn, &group, &partitions, true));
    }
    let begun: BTreeMap<SharePartitionKey, Result<(), ApiError>> = begun.into_iter().collect();
    Ok(request
        .topics
        .iter()
        .map(|topic| row(cx, &group, topic, &begun))
        .collect())
}

/// The partitions of a topic that there are.
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

fn row(
    cx: &Context<'_>,
    group: &Arc<str>,
    asked: &AlterShareGroupOffsetsRequestTopic,
    begun: &BTreeMap<SharePartitionKey, Result<(), ApiError>>,
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
            Some(Ok(())) => return row,
            Some(Err(error)) => error.clone(),
            None => {
                let code = ErrorCode::UnknownTopicOrPartition;
                ApiError::new(code, code.text().unwrap_or_default())
            }
        };
        row.with_error_code(error.code.code())
            .with_error_message(error.wire_message())
    });
    AlterShareGroupOffsetsResponseTopic::default()
        .with_topic_name(asked.topic_name.clone())
        .with_topic_id(id.unwrap_or_default())
        .with_partitions(partitions.collect())
}
