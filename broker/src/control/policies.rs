//! What principals of IAM may do.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::authorizer::policy::KeptPolicy;
use crate::engine::commands::{Command, IamCommand};
use crate::engine::inspect::iam::PolicyView;
use crate::server::shared::Shared;

/// A policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPolicy {
    /// The policy in IAM's JSON, as a text.
    document: String,
    /// The ARNs of those who get it, beside those who have it.
    #[serde(default)]
    principals: Vec<String>,
}

/// Whose policy it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    /// The ARN of an IAM user, a role or a role's session.
    principal: String,
}

/// List the policies
#[utoipa::path(
    get,
    path = "/v1/policies",
    tag = "users",
    operation_id = "list_policies",
    responses((status = OK, body = Vec<PolicyView>, description = "The policies, and who has each")),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<PolicyView>> {
    Json(shared.look(|engine| engine.state.policies()))
}

/// Add a policy, or change it
///
/// As soon as there is a policy, principals of IAM connect and act only as policies allow.
#[utoipa::path(
    put,
    path = "/v1/policies/{name}",
    tag = "users",
    operation_id = "put_policy",
    params(("name" = String, Path, description = "The policy's name")),
    request_body = NewPolicy,
    responses(
        (status = NO_CONTENT, description = "The policy counts from now on"),
        (status = CONFLICT, body = Refused, description = "The policy cannot be read; the error names the line"),
    ),
)]
pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    body: Result<Json<NewPolicy>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let NewPolicy {
        document,
        principals,
    } = read(
        body,
        r#"{"document":"{\"Statement\":[…]}","principals":["arn:…"]}"#,
    )?;
    let policy = KeptPolicy {
        name,
        document,
        principals,
    };
    shared.carry_out(Command::Iam(IamCommand::PutPolicy(policy)))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a policy
#[utoipa::path(
    delete,
    path = "/v1/policies/{name}",
    tag = "users",
    operation_id = "remove_policy",
    params(("name" = String, Path, description = "The policy's name")),
    responses(
        (status = NO_CONTENT, description = "Nobody has the policy any more"),
        (status = NOT_FOUND, body = Refused, description = "The policy does not exist"),
    ),
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.carry_out(Command::Iam(IamCommand::RemovePolicy { name }))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a policy to a principal
#[utoipa::path(
    post,
    path = "/v1/policies/{name}/attach",
    tag = "users",
    operation_id = "attach_policy",
    params(("name" = String, Path, description = "The policy's name")),
    request_body = Whose,
    responses(
        (status = NO_CONTENT, description = "The principal has the policy"),
        (status = NOT_FOUND, body = Refused, description = "The policy does not exist"),
        (status = CONFLICT, body = Refused, description = "The principal is no ARN"),
    ),
)]
pub(super) async fn attach(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    body: Result<Json<Whose>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Whose { principal } = read(body, EXAMPLE)?;
    let act = IamCommand::Attach { name, principal };
    shared.carry_out(Command::Iam(act))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a policy from a principal
#[utoipa::path(
    post,
    path = "/v1/policies/{name}/detach",
    tag = "users",
    operation_id = "detach_policy",
    params(("name" = String, Path, description = "The policy's name")),
    request_body = Whose,
    responses(
        (status = NO_CONTENT, description = "The principal does not have the policy any more"),
        (status = NOT_FOUND, body = Refused, description = "The principal does not have it"),
    ),
)]
pub(super) async fn detach(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    body: Result<Json<Whose>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Whose { principal } = read(body, EXAMPLE)?;
    let act = IamCommand::Detach { name, principal };
    shared.carry_out(Command::Iam(act))?;
    Ok(StatusCode::NO_CONTENT)
}

const EXAMPLE: &str = r#"{"principal":"arn:aws:iam::123456789012:user/alice"}"#;
