//! Coordinators of groups and transactional ids: moving them, and letting them load.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::fault::duration;
use crate::engine::state_topic::StateTopic;
use crate::engine::topic_partition::TopicPartition;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// Where a coordinator moves, and how long it loads there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    /// The id of the new coordinator. Default: the coordinator stays where it is.
    node: Option<i32>,
    /// How long it responds with COORDINATOR_LOAD_IN_PROGRESS: a duration such as `5s`, or `held` until you release it.
    /// Default: loading takes no time.
    loading: Option<String>,
}

type Body = Result<Json<Move>, JsonRejection>;
type Done = Result<StatusCode, Refusal>;

/// Move a group's coordinator, or have it load for a while
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/move-coordinator",
    tag = "groups",
    operation_id = "move_group_coordinator",
    params(("group" = String, Path, description = "The group id")),
    request_body = Move,
    responses(
        (status = NO_CONTENT, description = "The coordinator has moved"),
        (
            status = NOT_FOUND,
            body = Refused,
            description = "No client has looked up the coordinator yet, or the node does not exist",
        ),
        (status = CONFLICT, body = Refused, description = "The node is not running"),
    ),
)]
pub(super) async fn move_group(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Body,
) -> Done {
    change(&shared, (StateTopic::Groups, &group), body)
}

/// Finish loading a group's coordinator
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/release-coordinator",
    tag = "groups",
    operation_id = "release_group_coordinator",
    params(("group" = String, Path, description = "The group id")),
    responses(
        (status = NO_CONTENT, description = "The coordinator has finished loading"),
        (status = NOT_FOUND, body = Refused, description = "No client has looked up the coordinator yet"),
    ),
)]
pub(super) async fn release_group(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
) -> Done {
    run(
        &shared,
        (StateTopic::Groups, &group),
        CoordinatorCommand::Loaded,
    )
}

/// A partition of a share group whose share coordinator moves, and how long that one loads.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveShare {
    /// The topic.
    topic: String,
    /// The partition.
    partition: i32,
    /// The id of the new coordinator. Default: the coordinator stays where it is.
    node: Option<i32>,
    /// How long nobody can read or write what it keeps: a duration such as `5s`, or `held` until you release it. Default:
    /// loading takes no time.
    loading: Option<String>,
}

/// Move the share coordinator of a group's partition, or have it load for a while
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/move-share-coordinator",
    tag = "groups",
    operation_id = "move_share_coordinator",
    params(("group" = String, Path, description = "The group id")),
    request_body = MoveShare,
    responses(
        (status = NO_CONTENT, description = "The coordinator has moved"),
        (
            status = NOT_FOUND,
            body = Refused,
            description = "No share group has begun yet, or the partition or node does not exist",
        ),
        (status = CONFLICT, body = Refused, description = "The node is not running"),
    ),
)]
pub(super) async fn move_share(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Result<Json<MoveShare>, JsonRejection>,
) -> Done {
    let told = read(
        body,
        r#"{"topic":"orders","partition":0,"node":3} or {"topic":"orders","partition":0,"loading":"held"}"#,
    )?;
    let key = share_key(&shared, &group, (&told.topic, told.partition))?;
    let to = Move {
        node: told.node,
        loading: told.loading,
    };
    act(&shared, (StateTopic::Shares, &key), to)
}

/// A partition of a share group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedPartition {
    /// The topic.
    topic: String,
    /// The partition.
    partition: i32,
}

/// Finish loading the share coordinator of a group's partition
#[utoipa::path(
    post,
    path = "/v1/groups/{group}/release-share-coordinator",
    tag = "groups",
    operation_id = "release_share_coordinator",
    params(("group" = String, Path, description = "The group id")),
    request_body = SharedPartition,
    responses(
        (status = NO_CONTENT, description = "The coordinator has finished loading"),
        (
            status = NOT_FOUND,
            body = Refused,
            description = "No share group has begun yet, or the partition does not exist",
        ),
    ),
)]
pub(super) async fn release_share(
    State(shared): State<Arc<Shared>>,
    Path(group): Path<String>,
    body: Result<Json<SharedPartition>, JsonRejection>,
) -> Done {
    let told = read(body, r#"{"topic":"orders","partition":0}"#)?;
    let key = share_key(&shared, &group, (&told.topic, told.partition))?;
    run(
        &shared,
        (StateTopic::Shares, &key),
        CoordinatorCommand::Loaded,
    )
}

fn share_key(
    shared: &Shared,
    group: &str,
    (topic, partition): (&str, i32),
) -> Result<String, Refusal> {
    let place = TopicPartition::at(topic, partition);
    let key = shared.look(|engine| engine.state.share_coordinator_key(group, place));
    Ok(key?)
}

/// Move a transactional id's coordinator, or have it load for a while
#[utoipa::path(
    post,
    path = "/v1/transactions/{id}/move-coordinator",
    tag = "transactions",
    operation_id = "move_transaction_coordinator",
    params(("id" = String, Path, description = "The transactional id")),
    request_body = Move,
    responses(
        (status = NO_CONTENT, description = "The coordinator has moved"),
        (
            status = NOT_FOUND,
            body = Refused,
            description = "No client has looked up the coordinator yet, or the node does not exist",
        ),
        (status = CONFLICT, body = Refused, description = "The node is not running"),
    ),
)]
pub(super) async fn move_transaction(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Body,
) -> Done {
    change(&shared, (StateTopic::Transactions, &id), body)
}

/// Finish loading a transactional id's coordinator
#[utoipa::path(
    post,
    path = "/v1/transactions/{id}/release-coordinator",
    tag = "transactions",
    operation_id = "release_transaction_coordinator",
    params(("id" = String, Path, description = "The transactional id")),
    responses(
        (status = NO_CONTENT, description = "The coordinator has finished loading"),
        (status = NOT_FOUND, body = Refused, description = "No client has looked up the coordinator yet"),
    ),
)]
pub(super) async fn release_transaction(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Done {
    run(
        &shared,
        (StateTopic::Transactions, &id),
        CoordinatorCommand::Loaded,
    )
}

fn change(shared: &Shared, at: (StateTopic, &str), body: Body) -> Done {
    let to = read(
        body,
        r#"{"node":3}, {"node":3,"loading":"5s"} or {"loading":"held"}"#,
    )?;
    act(shared, at, to)
}

fn act(shared: &Shared, at: (StateTopic, &str), Move { node, loading }: Move) -> Done {
    if let Some(loading) = loading {
        let wait = match loading.as_str() {
            "held" => None,
            text => Some(duration(text).map_err(|why| Refusal::new(StatusCode::BAD_REQUEST, why))?),
        };
        run(shared, at, CoordinatorCommand::Load(wait))?;
    }
    match node {
        Some(node) => run(shared, at, CoordinatorCommand::Move(NodeId(node))),
        None => Ok(StatusCode::NO_CONTENT),
    }
}

fn run(shared: &Shared, (topic, key): (StateTopic, &str), act: CoordinatorCommand) -> Done {
    let key = key.to_owned();
    shared.carry_out(Command::Coordinator { topic, key, act })?;
    Ok(StatusCode::NO_CONTENT)
}
