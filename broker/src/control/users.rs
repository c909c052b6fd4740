//! Who can log in.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::Command;
use crate::engine::commands::users::User;
use crate::server::shared::Shared;

/// Somebody who is to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    name: String,
    password: String,
}

/// Everybody who can log in.
#[utoipa::path(
    get,
    path = "/v1/users",
    tag = "users",
    responses((status = OK, body = Vec<User>))
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<User>> {
    Json(shared.look(|engine| engine.state.users()))
}

/// Lets somebody log in from now on, by PLAIN and SCRAM, or with another password than before.
#[utoipa::path(
    post,
    path = "/v1/users",
    tag = "users",
    request_body = NewUser,
    responses(
        (status = NO_CONTENT),
        (status = CONFLICT, body = Refused, description = "Nobody has to log in, or name or password is empty"),
    )
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NewUser>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let NewUser { name, password } = read(body, r#"{"name":"alice","password":"secret"}"#)?;
    shared.carry_out(Command::AddUser { name, password })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets somebody log in no more. Who has logged in stays so.
#[utoipa::path(
    delete,
    path = "/v1/users/{name}",
    tag = "users",
    params(("name" = String, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Refused, description = "There is no such user"),
    )
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.carry_out(Command::RemoveUser { name })?;
    Ok(StatusCode::NO_CONTENT)
}
