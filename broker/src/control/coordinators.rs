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
    let Move { node, loading } = read(
        body,
        r#"{"node":3}, {"node":3,"loading":"5s"} or {"loading":"held"}"#,
    )?;
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
