//! Who can log in.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::Command;
use crate::engine::commands::users::User;
use crate::server::shared::Shared;

/// A user to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    /// The user's name.
    name: String,
    /// The user's password.
    password: String,
}

/// What was expired.
#[derive(Serialize, ToSchema)]
pub(super) struct Sessions {
    /// The number of sessions.
    sessions: usize,
}

/// List the users who can log in
#[utoipa::path(
    get,
    path = "/v1/users",
    tag = "users",
    operation_id = "list_users",
    responses((status = OK, body = Vec<User>, description = "The users")),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<User>> {
    Json(shared.look(|engine| engine.state.users()))
}

/// Add a user who can log in by PLAIN and SCRAM, or change a user's password
#[utoipa::path(
    post,
    path = "/v1/users",
    tag = "users",
    operation_id = "add_user",
    request_body = NewUser,
    responses(
        (status = NO_CONTENT, description = "The user can log in"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The cluster was started without users, or the name or password is empty",
        ),
    ),
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NewUser>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let NewUser { name, password } = read(body, r#"{"name":"alice","password":"secret"}"#)?;
    shared.carry_out(Command::AddUser { name, password })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a user
///
/// Connections that have already logged in as this user stay open.
#[utoipa::path(
    delete,
    path = "/v1/users/{name}",
    tag = "users",
    operation_id = "remove_user",
    params(("name" = String, Path, description = "The user's name")),
    responses(
        (status = NO_CONTENT, description = "The user cannot log in any more"),
        (status = NOT_FOUND, body = Refused, description = "The user does not exist"),
    ),
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.carry_out(Command::RemoveUser { name })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Expire a user's sessions
///
/// The next request closes each of the user's connections, as when `connections.max.reauth.ms` is over. Clients connect and
/// log in again, if they can.
#[utoipa::path(
    post,
    path = "/v1/users/{name}/expire",
    tag = "users",
    operation_id = "expire_sessions",
    params(("name" = String, Path, description = "The user's name")),
    responses((status = OK, body = Sessions, description = "How many sessions were open")),
)]
pub(super) async fn expire(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Json<Sessions> {
    let sessions = shared.expire_sessions(name);
    Json(Sessions { sessions })
}
