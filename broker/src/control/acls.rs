//! Who may do what.

#![expect(
    unused_qualifications,
    reason = "the macro that describes parameters writes them"
)]

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Refusal, Refused, refusal::read};
use crate::engine::authorizer::{Acl, Operation, Question, ResourceType};
use crate::engine::commands::Command;
use crate::engine::commands::acls::{AclQuery, Explained};
use crate::server::shared::Shared;
use crate::wire::plain::plain;

/// Where clients on the same machine come from.
fn loopback() -> String {
    "127.0.0.1".to_owned()
}

/// What somebody wants to do.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The principal, such as `User:alice`.
    principal: String,
    /// The operation.
    operation: Operation,
    /// What kind of resource it is about.
    resource_type: ResourceType,
    /// The resource's name.
    resource: String,
    /// The client's address.
    #[serde(default = "loopback")]
    #[param(default = "127.0.0.1")]
    host: String,
}

/// List ACLs
///
/// Without conditions all are listed. Names are compared as they are written in the ACL: a prefixed ACL is found by its
/// prefix.
#[utoipa::path(
    get,
    path = "/v1/acls",
    tag = "acls",
    operation_id = "list_acls",
    params(AclQuery),
    responses(
        (status = OK, body = Vec<Acl>, description = "The ACLs that meet all conditions"),
        (status = BAD_REQUEST, body = Refused, description = "A condition is unknown"),
    ),
)]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<AclQuery>, QueryRejection>,
) -> Result<Json<Vec<Acl>>, Refusal> {
    let query = conditions(query)?;
    Ok(Json(shared.look(|engine| engine.state.acls(&query))))
}

/// Add an ACL
///
/// It holds from the next request on. An ACL that exists already is no error.
#[utoipa::path(
    post,
    path = "/v1/acls",
    tag = "acls",
    operation_id = "add_acl",
    request_body = Acl,
    responses(
        (status = NO_CONTENT, description = "The ACL exists"),
        (status = BAD_REQUEST, body = Refused, description = "Kafka would not take the ACL"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The cluster was started without authorizer.class.name",
        ),
    ),
)]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Acl>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let expected = r#"{"principal":"User:alice","operation":"Read","resource_type":"Topic","resource":"orders"}"#;
    let acl = read(body, expected)?;
    shared.carry_out(Command::AddAcl { acl })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove ACLs
///
/// Without conditions all are removed. Requests that are under way go on.
#[utoipa::path(
    delete,
    path = "/v1/acls",
    tag = "acls",
    operation_id = "remove_acls",
    params(AclQuery),
    responses(
        (status = OK, body = Vec<Acl>, description = "The ACLs that were removed"),
        (status = BAD_REQUEST, body = Refused, description = "A condition is unknown"),
        (
            status = CONFLICT,
            body = Refused,
            description = "The cluster was started without authorizer.class.name",
        ),
    ),
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<AclQuery>, QueryRejection>,
) -> Result<Json<Vec<Acl>>, Refusal> {
    let query = conditions(query)?;
    let removed = shared.command(Command::RemoveAcls { query })?;
    Ok(Json(removed.acls()))
}

/// Explain why something is allowed or denied
#[utoipa::path(
    get,
    path = "/v1/acls/why",
    tag = "acls",
    operation_id = "explain_acl",
    params(Wanted),
    responses(
        (status = OK, body = Explained, description = "The decision, and what decides"),
        (status = BAD_REQUEST, body = Refused, description = "A parameter is missing or unknown"),
    ),
)]
pub(super) async fn why(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Explained>, Refusal> {
    let wanted = conditions(query)?;
    let question = Question {
        principal: &wanted.principal,
        host: &wanted.host,
        operation: wanted.operation,
        resource_type: wanted.resource_type,
        resource: &wanted.resource,
    };
    Ok(Json(shared.look(|engine| engine.state.why(&question))))
}

fn conditions<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    let read = query.map(|Query(query)| query);
    read.map_err(|rejection| Refusal::new(rejection.status(), plain(&rejection.body_text())))
}
