//! The control port: HTTP for tests in another process.

mod access_keys;
mod acls;
mod advertise;
mod certificates;
mod clock;
mod cluster;
mod commits;
mod coordinators;
#[cfg(test)]
mod document;
mod door;
mod errors;
mod faults;
#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "oauth", feature = "tls"))]
pub(crate) mod fuzzing;
mod guard;
mod inspect;
mod journal;
mod metrics;
mod msk;
mod named;
mod nodes;
#[cfg(feature = "oauth")]
mod oauth;
pub(crate) mod openapi;
mod partitions;
mod policies;
mod produce;
mod recordings;
mod refusal;
mod report;
mod reset;
mod snapshots;
mod topics;
mod users;

use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;

use axum::routing::MethodRouter;
use axum::{Router, middleware};
use tokio::net::TcpListener;
#[cfg(test)]
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::server::shared::Shared;
use door::Door;
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
    let guard = Arc::new(Guard { only_local, token });
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        // Many clusters are never asked, and the router takes as long as a quarter of all else until one is ready.
        let listener = Door::opened(listener).await;
        if let Err(error) = axum::serve(listener, router(shared, guard)).await {
            tracing::error!(%error, "the control port ended");
        }
    });
    Ok(format!("http://{bound}"))
}

fn router(shared: Arc<Shared>, guard: Arc<Guard>) -> Router {
    let router = msk::serve(openapi::serve(verbs()));
    #[cfg(feature = "oauth")]
    let router = oauth::serve(router);
    router
        .with_state(shared)
        .layer(middleware::from_fn(errors::as_json))
        .layer(middleware::from_fn_with_state(guard, guard::pass))
}

/// Makes the router of a list of paths with their methods and handlers. Tests get two things more from the same list: what the
/// document is derived from, which a program that serves the file need not carry, and what is served.
macro_rules! verbs {
    ($($path:literal: $($method:ident $module:ident::$handler:ident),+;)+) => {
        fn verbs() -> Router<Arc<Shared>> {
            Router::new()$(.route($path, MethodRouter::new()$(.$method($module::$handler))+))+
        }

        #[cfg(test)]
        fn described() -> OpenApiRouter<Arc<Shared>> {
            document::description::without_verbs()$(.routes(routes!($($module::$handler),+)))+
        }

        #[cfg(any(test, fuzzing))]
        const SERVED: &[(&str, &str)] = &[$($((stringify!($method), $path)),+),+];
    };
}

verbs! {
    "/healthz": get cluster::healthz;
    "/v1/health": get cluster::health;
    "/v1/advertise": put advertise::set;
    "/v1/cluster": get cluster::show;
    "/v1/nodes/{id}/stop": post nodes::stop;
    "/v1/nodes/{id}/start": post nodes::start;
    "/v1/nodes/{id}/pause": post nodes::pause;
    "/v1/nodes/{id}/resume": post nodes::resume;
    "/v1/nodes": post nodes::add;
    "/v1/nodes/{id}": delete nodes::remove;
    "/v1/nodes/rolling-restart": post nodes::restart_all;
    "/v1/topics/{topic}/{partition}/leader": post partitions::lead;
    "/v1/topics/{topic}/{partition}/replicas": post partitions::replicas;
    "/v1/topics/{topic}/{partition}/high-watermark": post partitions::high_watermark;
    "/v1/topics/{topic}/{partition}/reassignment": post partitions::reassignment;
    "/v1/topics/{topic}/{partition}/log-start": post partitions::log_start;
    "/v1/topics/{topic}/{partition}/damage": post partitions::damage;
    "/v1/topics/{topic}/{partition}/expire-producer": post partitions::expire_producer;
    "/v1/topics/{topic}/recreate": post named::recreate;
    "/v1/groups/{group}/evict": post named::evict;
    "/v1/groups/{group}/rebalance": post named::rebalance;
    "/v1/transactions/{id}/fence": post named::fence;
    "/v1/groups/{group}/move-coordinator": post coordinators::move_group;
    "/v1/groups/{group}/release-coordinator": post coordinators::release_group;
    "/v1/groups/{group}/move-share-coordinator": post coordinators::move_share;
    "/v1/groups/{group}/release-share-coordinator": post coordinators::release_share;
    "/v1/transactions/{id}/move-coordinator": post coordinators::move_transaction;
    "/v1/transactions/{id}/release-coordinator": post coordinators::release_transaction;
    "/v1/transaction-markers": post named::hold_markers;
    "/v1/metadata/freeze": post named::freeze;
    "/v1/acls": get acls::list, post acls::add, delete acls::remove;
    "/v1/acls/why": get acls::why;
    "/v1/topics": get inspect::topics, post topics::create;
    "/v1/topics/{topic}": get inspect::topic, patch topics::alter, delete topics::delete;
    "/v1/topics/{topic}/records": post produce::produce;
    "/v1/topics/{topic}/{partition}/records": get inspect::records;
    "/v1/groups": get inspect::groups;
    "/v1/groups/{group}": get inspect::group;
    "/v1/groups/{group}/offsets": post commits::commit;
    "/v1/transactions": get inspect::transactions;
    "/v1/transactions/{id}": get inspect::transaction;
    "/v1/journal": get journal::show, delete journal::clear;
    "/v1/journal/wait": get journal::wait;
    "/metrics": get metrics::show;
    "/v1/report": get report::show;
    "/v1/reset": post reset::reset;
    "/v1/recording": get recordings::show, post recordings::start;
    "/v1/recording/stop": post recordings::stop;
    "/v1/recording/file": get recordings::fetch;
    "/v1/snapshot": get snapshots::show, put snapshots::restore;
    "/v1/snapshots": get snapshots::list;
    "/v1/snapshots/{name}": post snapshots::take, delete snapshots::forget;
    "/v1/snapshots/{name}/restore": post snapshots::restore_kept;
    "/v1/users": get users::list, post users::add;
    "/v1/users/{name}": delete users::remove;
    "/v1/users/{name}/expire": post users::expire;
    "/v1/certificates": get certificates::list;
    "/v1/certificates/expire": post certificates::expire;
    "/v1/certificates/renew": post certificates::renew;
    "/v1/access-keys": get access_keys::list, post access_keys::add;
    "/v1/access-keys/{id}": delete access_keys::remove;
    "/v1/policies": get policies::list;
    "/v1/policies/{name}": put policies::put, delete policies::remove;
    "/v1/policies/{name}/attach": post policies::attach;
    "/v1/policies/{name}/detach": post policies::detach;
    "/v1/clock": get clock::show;
    "/v1/clock/advance": post clock::advance;
    "/v1/faults": post faults::mount, get faults::list, delete faults::heal;
    "/v1/faults/{rule}": get faults::show, delete faults::remove;
    "/v1/faults/{rule}/release": post faults::release;
    "/v1/faults/{rule}/wait": get faults::wait;
}
