//! What happens to topics, groups, transactions and the cluster's metadata.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::partitions::Held;
use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::Command;
use crate::server::shared::Shared;

/// A member of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichMember {
    /// The member id or group instance id.
    member: String,
}

/// How many responses are stale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    /// The number of responses; 0 makes them up to date again.
    answers: u64,
}

type Body<T> = Result<Json<T>, JsonRejection>;
type Done = Result<StatusCode, Refusal>;

/// Delete a topic and create it again at once
///
/// It is empty and has a new topic id.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/recreate",
    tag = "topics",
    operation_id = "recreate_topic",
    params(("topic" = String, Path, description = "The topic's name")),
    responses(
        (status = NO_CONTENT, description = "The topic is new"),
        (status = NOT_FOUND, body = Refused, description = "The topic does not exist"),
        (status = CONFLICT, body = Refused, description = "The topic is internal"),
    ),
)]
pub(super) async fn recreate(State(shared): State<Arc<Shared>>, Path(topic): Path<String>) -> Done {
    shared.carry_out(Command::RecreateTopic { topic })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a member from a group, as if its session had timed out
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/evict",
    tag = "groups",
    operation_id = "evict_member",
    params(("group" = String, Path, description = "The group id")),
    request_body = WhichMember,
    responses(
        (status = NO_CONTENT, description = "The member is removed"),
        (status = NOT_FOUND, body = Refused, description = "The group or member does not exist"),
    ),
)]
pub(super) async fn evict(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Body<WhichMember>,
) -> Done {
    let WhichMember { member } = read(body, r#"{"member":"id or group instance id"}"#)?;
    shared.carry_out(Command::EvictMember { group, member })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start a rebalance of a group
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/rebalance",
    tag = "groups",
    operation_id = "rebalance_group",
    params(("group" = String, Path, description = "The group id")),
    responses(
        (status = NO_CONTENT, description = "The rebalance has started"),
        (status = NOT_FOUND, body = Refused, description = "The group does not exist"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The group has no members, or is already rebalancing",
        ),
    ),
)]
pub(super) async fn rebalance(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
) -> Done {
    shared.carry_out(Command::RebalanceGroup { group })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fence the producer that uses a transactional id
///
/// As a new producer with the same id does: an open transaction is aborted.
#[utoipa::path(
    post,
    path = "/v1/transactions/{id}/fence",
    tag = "transactions",
    operation_id = "fence_producer",
    params(("id" = String, Path, description = "The transactional id")),
    responses(
        (status = NO_CONTENT, description = "The producer is fenced"),
        (status = NOT_FOUND, body = Refused, description = "The transactional id does not exist"),
        (status = CONFLICT, body = Refused, description = "The coordinator is not running"),
    ),
)]
pub(super) async fn fence(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Done {
    let transactional_id = id;
    shared.carry_out(Command::FenceProducer { transactional_id })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hold back transaction markers, or let them be written
#[utoipa::path(
    post,
    path = "/v1/transaction-markers",
    tag = "transactions",
    operation_id = "hold_transaction_markers",
    request_body = Held,
    responses((status = NO_CONTENT, description = "Markers are held back, or written")),
)]
pub(super) async fn hold_markers(State(shared): State<Arc<Shared>>, body: Body<Held>) -> Done {
    let Held { held } = read(body, r#"{"held":true}"#)?;
    shared.carry_out(Command::HoldMarkers { hold: held })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make the next Metadata responses stale
///
/// They show the nodes, leaders and in-sync replicas as they are now, whatever happens meanwhile.
#[utoipa::path(
    post,
    path = "/v1/metadata/freeze",
    tag = "cluster",
    operation_id = "freeze_metadata",
    request_body = Answers,
    responses((status = NO_CONTENT, description = "Metadata is frozen, or up to date again")),
)]
pub(super) async fn freeze(State(shared): State<Arc<Shared>>, body: Body<Answers>) -> Done {
    let Answers { answers } = read(body, r#"{"answers":3}, or 0 to thaw it"#)?;
    shared.carry_out(Command::FreezeMetadata { answers })?;
    Ok(StatusCode::NO_CONTENT)
}
