//! Certificates: which ones nodes serve with, and having them expire.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::certificates::ServedCertificate;
use crate::engine::commands::Command;
use crate::server::shared::Shared;

/// A certificate by its name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// The distinguished name, such as `CN=client,O=Example`. A single word stands for a common name.
    certificate: String,
}

/// List the certificates that nodes serve with
#[utoipa::path(
    get,
    path = "/v1/certificates",
    tag = "certificates",
    operation_id = "list_certificates",
    responses((status = OK, body = Vec<ServedCertificate>, description = "The certificates, of each listener with TLS")),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<ServedCertificate>> {
    Json(shared.served_certificates())
}

/// Have a certificate expire now
///
/// A broker's or a client's. New handshakes with it fail, with the alert `certificate_expired`. Open connections stay.
#[utoipa::path(
    post,
    path = "/v1/certificates/expire",
    tag = "certificates",
    operation_id = "expire_certificate",
    request_body = Named,
    responses(
        (status = NO_CONTENT, description = "The certificate has expired"),
        (status = CONFLICT, body = Refused, description = "No listener has TLS, or the name is empty"),
    ),
)]
pub(super) async fn expire(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Named>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    set(&shared, body, true)
}

/// Have an expired certificate be good again
///
/// Its own dates count from then on.
#[utoipa::path(
    post,
    path = "/v1/certificates/renew",
    tag = "certificates",
    operation_id = "renew_certificate",
    request_body = Named,
    responses(
        (status = NO_CONTENT, description = "The certificate is good again"),
        (status = NOT_FOUND, body = Refused, description = "Nobody has had the certificate expire"),
        (status = CONFLICT, body = Refused, description = "No listener has TLS, or the name is empty"),
    ),
)]
pub(super) async fn renew(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Named>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    set(&shared, body, false)
}

fn set(
    shared: &Shared,
    body: Result<Json<Named>, JsonRejection>,
    expires: bool,
) -> Result<StatusCode, Refusal> {
    let Named { certificate: name } = read(body, r#"{"certificate":"CN=client"}"#)?;
    shared.carry_out(Command::ExpireCertificate { name, expires })?;
    Ok(StatusCode::NO_CONTENT)
}
