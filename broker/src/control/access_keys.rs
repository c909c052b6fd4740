//! Who can log in as AWS's clients do.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::{Command, IamCommand};
use crate::engine::fault::duration;
use crate::engine::inspect::iam::AccessKeyView;
use crate::engine::sasl::aws::AccessKey;
use crate::server::shared::Shared;
use crate::wire::units::WallMillis;

/// An access key to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccessKey {
    /// The access key id.
    id: String,
    /// The secret access key.
    secret: String,
    /// Whose it is: the ARN of an IAM user, or of a role's session.
    principal: String,
    /// What requests must carry, if the key is a role session's.
    session_token: Option<String>,
    /// How long the session lasts on the cluster's clock, such as `15m`; without end if you leave it out.
    expires_in: Option<String>,
}

/// List the access keys that clients can log in with
#[utoipa::path(
    get,
    path = "/v1/access-keys",
    tag = "users",
    operation_id = "list_access_keys",
    responses((status = OK, body = Vec<AccessKeyView>, description = "The keys, without their secrets")),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<AccessKeyView>> {
    Json(shared.look(|engine| engine.state.access_keys()))
}

/// Add an access key
///
/// Clients log in with it as they do to MSK: by AWS_MSK_IAM, or by OAUTHBEARER with a token of one of AWS's signers. A key of
/// the same id is replaced.
#[utoipa::path(
    post,
    path = "/v1/access-keys",
    tag = "users",
    operation_id = "add_access_key",
    request_body = NewAccessKey,
    responses(
        (status = NO_CONTENT, description = "Clients can log in with the key"),
        (
            status = CONFLICT,
            body = Refused,
            description = "No listener takes such log-ins, or the key is not one",
        ),
    ),
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NewAccessKey>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let example =
        r#"{"id":"AKIAEXAMPLE","secret":"…","principal":"arn:aws:iam::123456789012:user/alice"}"#;
    let new = read(body, example)?;
    let lasts = new.expires_in.as_deref().map(duration).transpose();
    let lasts = lasts.map_err(|why| {
        Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("expires_in: {why}"),
        )
    })?;
    let now = shared.clock.now().wall;
    let key = AccessKey {
        id: new.id,
        secret: new.secret,
        session_token: new.session_token,
        expires: lasts.map(|lasts| after(now, lasts)),
        arn: new.principal,
    };
    shared.carry_out(Command::Iam(IamCommand::AddKey(key)))?;
    Ok(StatusCode::NO_CONTENT)
}

fn after(now: WallMillis, lasts: Duration) -> WallMillis {
    let millis = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
    WallMillis(now.0.saturating_add(millis))
}

/// Remove an access key
///
/// Connections that have already logged in with the key stay open until their session ends.
#[utoipa::path(
    delete,
    path = "/v1/access-keys/{id}",
    tag = "users",
    operation_id = "remove_access_key",
    params(("id" = String, Path, description = "The access key id")),
    responses(
        (status = NO_CONTENT, description = "Clients cannot log in with the key any more"),
        (status = NOT_FOUND, body = Refused, description = "The key does not exist"),
    ),
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.carry_out(Command::Iam(IamCommand::RemoveKey { id }))?;
    Ok(StatusCode::NO_CONTENT)
}
