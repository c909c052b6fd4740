//! Errors that the framework finds, before any verb is asked: JSON like all others.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::wire::plain::plain;

/// The longest text of an error that is looked at.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Makes a JSON object of an error that is text, or nothing: of an unknown path, of a method that a path does not take,
/// of parameters and bodies that cannot be read.
pub(super) async fn as_json(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_json(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, TEXT_BYTES_MAX).await.unwrap_or_default();
    let why = match status {
        StatusCode::NOT_FOUND if text.is_empty() => {
            format!("there is no {path} here: GET /v1/openapi.json lists what there is")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            format!("{path} does not take {method}: GET /v1/openapi.json lists what it takes")
        }
        _ => plain(String::from_utf8_lossy(&text).trim()),
    };
    let told = Json(json!({ "error": why })).into_response();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(told.headers().clone());
    (parts.status, parts.headers, told.into_body()).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}
