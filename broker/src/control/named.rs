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
    /// Its member id or its group instance id.
    member: String,
}

/// How many answers are out of date.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    answers: u64,
}

type Body<T> = Result<Json<T>, JsonRejection>;
type Done = Result<StatusCode, Refusal>;

/// Deletes a topic and creates it again at once, empty and with another id.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/recreate",
    tag = "topics",
    params(("topic" = String, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such topic"),
        (status = CONFLICT, body = Refused, description = "It is one of Kafka's own"),
    )
)]
pub(super) async fn recreate(State(shared): State<Arc<Shared>>, Path(topic): Path<String>) -> Done {
    shared.carry_out(Command::RecreateTopic { topic })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a member of a group, as if its session had ended.
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/evict",
    tag = "groups",
    params(("group" = String, Path)),
    request_body = WhichMember,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such group or member"),
    )
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

/// Begins a rebalance of a group.
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/rebalance",
    tag = "groups",
    params(("group" = String, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such group"),
        (status = CONFLICT, body = Refused, description = "It has no members, or is in a rebalance"),
    )
)]
pub(super) async fn rebalance(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
) -> Done {
    shared.carry_out(Command::RebalanceGroup { group })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fences the producer with a transactional id, as another one that starts with it does.
#[utoipa::path(
    post,
    path = "/v1/transactions/{id}/fence",
    tag = "transactions",
    params(("id" = String, Path, description = "The transactional id")),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such transactional id"),
        (status = CONFLICT, body = Refused, description = "Its coordinator is stopped"),
    )
)]
pub(super) async fn fence(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Done {
    let transactional_id = id;
    shared.carry_out(Command::FenceProducer { transactional_id })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps transaction markers back, or lets them be written.
#[utoipa::path(
    post,
    path = "/v1/transaction-markers",
    tag = "transactions",
    request_body = Held,
    responses((status = NO_CONTENT))
)]
pub(super) async fn hold_markers(State(shared): State<Arc<Shared>>, body: Body<Held>) -> Done {
    let Held { held } = read(body, r#"{"held":true}"#)?;
    shared.carry_out(Command::HoldMarkers { hold: held })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the next answers to Metadata tell of the nodes and leaders of now.
#[utoipa::path(
    post,
    path = "/v1/metadata/freeze",
    tag = "cluster",
    request_body = Answers,
    responses((status = NO_CONTENT))
)]
pub(super) async fn freeze(State(shared): State<Arc<Shared>>, body: Body<Answers>) -> Done {
    let Answers { answers } = read(body, r#"{"answers":3}, or 0 to thaw it"#)?;
    shared.carry_out(Command::FreezeMetadata { answers })?;
    Ok(StatusCode::NO_CONTENT)
}
