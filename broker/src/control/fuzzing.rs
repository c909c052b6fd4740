//! Requests that a fuzzer makes of the control port, without a port.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::guard::Guard;
use super::{SERVED, router};
use crate::server::shared::Shared;

/// What is served: each method with its path.
pub(crate) fn served() -> &'static [(&'static str, &'static str)] {
    SERVED
}

/// The status and the body of an answer; none if this is no request.
pub(crate) async fn ask(
    shared: Arc<Shared>,
    (method, path): (&str, &str),
    body: Vec<u8>,
) -> Option<(StatusCode, Vec<u8>)> {
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", "application/json");
    let request = request.body(Body::from(body)).ok()?;
    let guard = Guard {
        only_local: true,
        token: None,
    };
    let service = TowerToHyperService::new(router(shared, Arc::new(guard)));
    let Ok(answer) = service.call(request).await;
    let (head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.ok()?;
    Some((head.status, body.to_vec()))
}
