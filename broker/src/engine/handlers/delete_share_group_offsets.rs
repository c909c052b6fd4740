//! DeleteShareGroupOffsets (key 92), v0 (KIP-932).
//!
//! Oracle: only a group without members forgets where it is; each topic is answered as a whole. The group takes DELETE, a
//! topic READ, or it comes before all others.

use std::sync::Arc;

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::group::coordinator;
use crate::engine::handlers::share_state::wait;
use crate::engine::share::gathering::{Asked, Asking, Ended};
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponseTopic;
use crate::wire::messages::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, TopicName, str_bytes,
};

/// Answers, or waits for the share coordinator.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteShareGroupOffsetsRequest,
) -> Answer<DeleteShareGroupOffsetsResponse> {
    let response = DeleteShareGroupOffsetsResponse::default();
    let asked = match cx.state.shares.asking.remove(&cx.call.ticket) {
        Some(asked) => Ok(asked),
        None => delete(cx, &request),
    };
    Answer::Reply(match asked {
        Ok(Asked::OffsetsDeleted {
            denied,
            refused,
            ended: Some(ended),
        }) => {
            let denied = denied.iter().map(unread);
            let rows = denied.chain(rows(cx, refused, ended));
            response.with_responses(rows.collect())
        }
        Ok(asked) => return wait(cx, asked, request),
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
) -> Result<Asked, ApiError> {
    if !cx.has_share_groups() {
        return Err(ErrorCode::UnsupportedVersion.into());
    }
    let group: Arc<str> = (*request.group_id.0).into();
    cx.access().group(Operation::Delete, &group)?;
    let access = cx.access();
    let names = request.topics.iter().map(|topic| &topic.topic_name);
    let (names, denied): (Vec<_>, Vec<_>) =
        names.partition(|name| access.topic(Operation::Read, name).is_ok());
    let denied = denied.into_iter().cloned().collect();
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    coordinator::check_name(&group)?;
    coordinator::check(cx.read_only(), &group)?;
    let begun =
        cx.with_groups(|groups, turn| groups.begin_deleting_share_offsets(turn, &group, &names))?;
    let asking = Asking {
        node: cx.call.node,
        ticket: cx.call.ticket,
    };
    let meant = (&group, &begun.partitions);
    Ok(Asked::OffsetsDeleted {
        denied,
        refused: begun.refused,
        ended: cx.state.delete_share_offsets(cx.now, asking, meant),
    })
}

/// Oracle: what is deleted comes first, then what is not known, then what the share coordinator did not do.
fn rows(
    cx: &Context<'_>,
    refused: Vec<(String, ApiError)>,
    ended: Ended,
) -> Vec<DeleteShareGroupOffsetsResponseTopic> {
    let row = |topic: Uuid| {
        let name = cx.state.cluster.topic_name(topic).unwrap_or_default();
        DeleteShareGroupOffsetsResponseTopic::default()
            .with_topic_id(topic)
            .with_topic_name(TopicName(str_bytes(name)))
    };
    let (done, failed): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(_, ended)| ended.is_ok());
    let mut rows: Vec<_> = done.into_iter().map(|(topic, _)| row(topic)).collect();
    let refused = refused.into_iter().map(|(name, error)| {
        DeleteShareGroupOffsetsResponseTopic::default()
            .with_topic_name(TopicName(str_bytes(name)))
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message())
    });
    rows.extend(refused);
    rows.extend(failed.into_iter().filter_map(|(topic, ended)| {
        let code = ended.err()?.code;
        Some(
            row(topic)
                .with_error_code(code.code())
                .with_error_message(code.text().map(str_bytes)),
        )
    }));
    rows
}

/// A topic that the client may not read.
fn unread(name: &TopicName) -> DeleteShareGroupOffsetsResponseTopic {
    let code = ErrorCode::TopicAuthorizationFailed;
    DeleteShareGroupOffsetsResponseTopic::default()
        .with_topic_name(name.clone())
        .with_error_code(code.code())
        .with_error_message(code.text().map(str_bytes))
}
