//! The control port: HTTP for whoever tests through another process.

mod clock;
mod cluster;
mod coordinators;
mod faults;
mod inspect;
mod journal;
mod metrics;
mod named;
mod nodes;
mod openapi;
mod partitions;
mod refusal;
mod reset;

use std::io;
use std::net::{IpAddr, TcpListener as StdListener};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::shared::Shared;
use refusal::{Refusal, Refused};

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
    let (router, document) = verbs().split_for_parts();
    let mut router = openapi::serve(router, document).with_state(Arc::clone(shared));
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

/// Every verb; the OpenAPI document is made from the same list.
fn verbs() -> OpenApiRouter<Arc<Shared>> {
    openapi::router()
        .routes(routes!(cluster::healthz))
        .routes(routes!(cluster::show))
        .routes(routes!(nodes::stop))
        .routes(routes!(nodes::start))
        .routes(routes!(nodes::pause))
        .routes(routes!(nodes::resume))
        .routes(routes!(nodes::add))
        .routes(routes!(nodes::remove))
        .routes(routes!(nodes::restart_all))
        .routes(routes!(partitions::lead))
        .routes(routes!(partitions::replicas))
        .routes(routes!(partitions::high_watermark))
        .routes(routes!(partitions::log_start))
        .routes(routes!(partitions::damage))
        .routes(routes!(partitions::expire_producer))
        .routes(routes!(named::recreate))
        .routes(routes!(named::evict))
        .routes(routes!(named::rebalance))
        .routes(routes!(named::fence))
        .routes(routes!(coordinators::move_group))
        .routes(routes!(coordinators::release_group))
        .routes(routes!(coordinators::move_transaction))
        .routes(routes!(coordinators::release_transaction))
        .routes(routes!(named::hold_markers))
        .routes(routes!(named::freeze))
        .routes(routes!(inspect::topics))
        .routes(routes!(inspect::topic))
        .routes(routes!(inspect::records))
        .routes(routes!(inspect::groups))
        .routes(routes!(inspect::group))
        .routes(routes!(inspect::transactions))
        .routes(routes!(inspect::transaction))
        .routes(routes!(journal::show, journal::clear))
        .routes(routes!(journal::wait))
        .routes(routes!(metrics::show))
        .routes(routes!(reset::reset))
        .routes(routes!(clock::show))
        .routes(routes!(clock::advance))
        .routes(routes!(faults::mount, faults::list, faults::heal))
        .routes(routes!(faults::show, faults::remove))
        .routes(routes!(faults::release))
        .routes(routes!(faults::wait))
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
