//! The control port: HTTP for tests in another process.

mod advertise;
mod clock;
mod cluster;
mod commits;
mod coordinators;
#[cfg(test)]
mod document;
mod errors;
mod faults;
mod guard;
mod inspect;
mod journal;
mod metrics;
mod named;
mod nodes;
pub(crate) mod openapi;
mod partitions;
mod produce;
mod recordings;
mod refusal;
mod reset;
mod snapshots;
mod topics;
mod users;

use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;

use axum::middleware;
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::shared::Shared;
use guard::Guard;
use refusal::{Refusal, Refused};

/// Serves the control port on the current runtime, which ends it, and returns its URL. When the
/// port is taken and `or_any` is set, a free one is used. With a token, every request must show it.
///
/// # Errors
/// The address cannot be listened on, or it is not a loopback address and there is no token.
pub(crate) fn spawn(
    shared: &Arc<Shared>,
    (address, or_any): (&str, bool),
    token: Option<String>,
) -> io::Result<String> {
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
    if !only_local && token.is_none() {
        let why = "a control port that others can reach needs a token (--control-token)";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let (router, _) = verbs().split_for_parts();
    let guard = Arc::new(Guard { only_local, token });
    let router = openapi::serve(router)
        .with_state(Arc::clone(shared))
        .layer(middleware::from_fn(errors::as_json))
        .layer(middleware::from_fn_with_state(guard, guard::pass));
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
        .routes(routes!(cluster::health))
        .routes(routes!(advertise::set))
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
        .routes(routes!(partitions::reassignment))
        .routes(routes!(partitions::log_start))
        .routes(routes!(partitions::damage))
        .routes(routes!(partitions::expire_producer))
        .routes(routes!(named::recreate))
        .routes(routes!(named::evict))
        .routes(routes!(named::rebalance))
        .routes(routes!(named::fence))
        .routes(routes!(coordinators::move_group))
        .routes(routes!(coordinators::release_group))
        .routes(routes!(coordinators::move_share))
        .routes(routes!(coordinators::release_share))
        .routes(routes!(coordinators::move_transaction))
        .routes(routes!(coordinators::release_transaction))
        .routes(routes!(named::hold_markers))
        .routes(routes!(named::freeze))
        .routes(routes!(inspect::topics, topics::create))
        .routes(routes!(inspect::topic, topics::alter, topics::delete))
        .routes(routes!(produce::produce))
        .routes(routes!(inspect::records))
        .routes(routes!(inspect::groups))
        .routes(routes!(inspect::group))
        .routes(routes!(commits::commit))
        .routes(routes!(inspect::transactions))
        .routes(routes!(inspect::transaction))
        .routes(routes!(journal::show, journal::clear))
        .routes(routes!(journal::wait))
        .routes(routes!(metrics::show))
        .routes(routes!(reset::reset))
        .routes(routes!(recordings::show, recordings::start))
        .routes(routes!(recordings::stop))
        .routes(routes!(recordings::fetch))
        .routes(routes!(snapshots::show, snapshots::restore))
        .routes(routes!(snapshots::list))
        .routes(routes!(snapshots::take, snapshots::forget))
        .routes(routes!(snapshots::restore_kept))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::remove))
        .routes(routes!(clock::show))
        .routes(routes!(clock::advance))
        .routes(routes!(faults::mount, faults::list, faults::heal))
        .routes(routes!(faults::show, faults::remove))
        .routes(routes!(faults::release))
        .routes(routes!(faults::wait))
}
