//! Committing offsets for a group, as an admin client does.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::Command;
use crate::engine::commands::commits::OffsetToCommit;
use crate::server::shared::Shared;

/// Offsets to commit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOffsets {
    /// One offset per partition.
    offsets: Vec<NewOffset>,
}

/// An offset to commit for a partition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOffset {
    /// The topic.
    topic: String,
    /// The partition.
    partition: i32,
    /// The offset of the next record that the group reads.
    offset: i64,
    /// Any text that is kept with the offset.
    #[serde(default)]
    metadata: String,
}

/// Commit offsets for a group
///
/// The group must have no members, as with `kafka-consumer-groups.sh --reset-offsets`. A group that does not exist is
/// created.
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/offsets",
    tag = "groups",
    operation_id = "commit_offsets",
    params(("group" = String, Path, description = "The group id")),
    request_body = NewOffsets,
    responses(
        (status = NO_CONTENT, description = "The offsets are committed"),
        (status = NOT_FOUND, body = Refused, description = "A topic or partition does not exist"),
        (status = CONFLICT, body = Refused, description = "The group has members, or its coordinator is not available"),
    )
)]
pub(super) async fn commit(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Result<Json<NewOffsets>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let expected = r#"{"offsets":[{"topic":"orders","partition":0,"offset":5}]}"#;
    let NewOffsets { offsets } = read(body, expected)?;
    let offsets = offsets.into_iter().map(OffsetToCommit::from).collect();
    shared.carry_out(Command::CommitOffsets { group, offsets })?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<NewOffset> for OffsetToCommit {
    fn from(new: NewOffset) -> Self {
        let NewOffset {
            topic,
            partition,
            offset,
            metadata,
        } = new;
        Self {
            topic,
            partition,
            offset,
            metadata,
        }
    }
}
