//! The control port: HTTP for whoever tests through another process.

mod clock;
mod nodes;

use std::io;
use std::net::{IpAddr, TcpListener as StdListener};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::server::shared::Shared;

/// Serves the control port on the current runtime, which ends it, and returns its URL. When the
/// port is taken and `or_any` is set, a free one is used.
///
/// # Errors
/// The address cannot be listened on.
pub(crate) fn spawn(shared: &Arc<Shared>, address: &str, or_any: bool) -> io::Result<String> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let listener = match StdListener::bind(address) {
        Err(error) if or_any && error.kind() == io::ErrorKind::AddrInUse => {
            StdListener::bind(format!("{host}:0"))?
        }
        other => other?,
    };
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    let listener = TcpListener::from_std(listener)?;
    let only_local = bound.ip().is_loopback();
    let mut router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/v1/cluster", get(cluster))
        .route("/v1/nodes/{id}/stop", post(nodes::stop))
        .route("/v1/nodes/{id}/start", post(nodes::start))
        .route("/v1/clock", get(clock::show))
        .route("/v1/clock/advance", post(clock::advance))
        .with_state(Arc::clone(shared));
    if only_local {
        router = router.layer(middleware::from_fn(refuse_foreign_hosts));
    }
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the control port ended");
        }
    });
    Ok(format!("http://{bound}"))
}

/// A page in a browser may reach a loopback port through a name of its own (DNS rebinding); it does
/// not get past here, since it cannot forge the Host header.
async fn refuse_foreign_hosts(request: Request, next: Next) -> Response {
    if is_local(request.headers()) {
        return next.run(request).await;
    }
    let why = "this port answers to localhost and loopback addresses only\n";
    (StatusCode::FORBIDDEN, why).into_response()
}

fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    let is_loopback = name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_loopback || name.eq_ignore_ascii_case("localhost")
}

/// Why a request could not be done, as JSON.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    error: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.error });
        (self.status, Json(body)).into_response()
    }
}

/// A cluster, in short.
#[derive(Debug, Serialize)]
struct ClusterView {
    id: String,
    controller: i32,
    nodes: Vec<NodeView>,
    topics: usize,
}

#[derive(Debug, Serialize)]
struct NodeView {
    id: i32,
    rack: Option<String>,
    up: bool,
}

async fn cluster(State(shared): State<Arc<Shared>>) -> Json<ClusterView> {
    Json(shared.with_engine(|engine| {
        let cluster = &engine.cluster;
        ClusterView {
            id: cluster.id.clone(),
            controller: cluster.controller().0,
            nodes: cluster
                .nodes
                .values()
                .map(|node| NodeView {
                    id: node.id.0,
                    rack: node.rack.clone(),
                    up: node.up,
                })
                .collect(),
            topics: cluster.topics().count(),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_names_are_answered() {
        #[track_caller]
        fn check(host: Option<&str>, expected: bool) {
            let mut headers = HeaderMap::new();
            if let Some(host) = host {
                headers.insert(header::HOST, host.parse().unwrap());
            }
            assert_eq!(is_local(&headers), expected, "{host:?}");
        }
        check(Some("localhost"), true);
        check(Some("LOCALHOST:9700"), true);
        check(Some("127.0.0.1:9700"), true);
        check(Some("[::1]:9700"), true);
        check(Some("[::1]"), true);
        check(Some("evil.example:9700"), false);
        check(Some("localhost.evil.example"), false);
        check(Some("192.0.2.1"), false);
        check(None, false);
    }
}
