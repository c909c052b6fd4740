//! DeleteShareGroupOffsets (key 92), v0 (KIP-932).
//!
//! Oracle: only a group without members forgets where it is; each topic is answered as a whole.

use std::sync::Arc;

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponseTopic;
use crate::wire::messages::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, TopicName, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteShareGroupOffsetsRequest,
) -> Answer<DeleteShareGroupOffsetsResponse> {
    let response = DeleteShareGroupOffsetsResponse::default();
    Answer::Reply(match delete(cx, &request) {
        Ok(topics) => response.with_responses(topics),
        Err(error) => {
            let usual = || error.code.text().map(str_bytes);
            response
                .with_error_code(error.code.code())
                .with_error_message(error.wire_message().or_else(usual))
        }
    })
}

fn delete(
    cx: &mut Context<'_>,
    request: &DeleteShareGroupOffsetsRequest,
) -> Result<Vec<DeleteShareGroupOffsetsResponseTopic>, ApiError> {
    if !cx.has_share_groups() {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    let group: Arc<str> = (*request.group_id.0).into();
    coordinator::check_name(&group)?;
    coordinator::check(cx.read_only(), &group)?;
    let names: Vec<String> = request
        .topics
        .iter()
        .map(|topic| topic.topic_name.to_string())
        .collect();
    let begun =
        cx.with_groups(|groups, turn| groups.begin_deleting_share_offsets(turn, &group, &names))?;
    let ended = cx.state.end_share_states(cx.now, &group, &begun.partitions);
    let (done, mut failed): (Vec<_>, Vec<_>) =
        ended.into_iter().partition(|(_, ended)| ended.is_ok());
    let done: Vec<Uuid> = done.into_iter().map(|(topic, _)| topic).collect();
    if !done.is_empty() {
        cx.with_groups(|groups, turn| groups.end_deleting_share_offsets(turn, &group, &done));
    }
    let row = |topic: Uuid| {
        let name = cx.state.cluster.topic_name(topic).unwrap_or_default();
        DeleteShareGroupOffsetsResponseTopic::default()
            .with_topic_id(topic)
            .with_topic_name(TopicName(str_bytes(name)))
    };
    let mut rows: Vec<_> = done.into_iter().map(row).collect();
    let refused = begun.refused.into_iter().map(|(name, error)| {
        DeleteShareGroupOffsetsResponseTopic::default()
            .with_topic_name(TopicName(str_bytes(name)))
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message())
    });
    rows.extend(refused);
    rows.extend(failed.drain(..).filter_map(|(topic, ended)| {
        let error = ended.err()?;
        let code = error.code;
        Some(
            row(topic)
                .with_error_code(code.code())
                .with_error_message(code.text().map(str_bytes)),
        )
    }));
    Ok(rows)
}
