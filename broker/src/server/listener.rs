//! Where a node listens, and whom it serves.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::connection::{self, Peer};
use super::link::door::Door;
use super::places::{Places, Taken};
use super::shared::Shared;
use super::transport::{Listener, Stream};

/// Wait after a failure to accept, such as too many open files: it does not pass at once.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Binds the socket of a node: on the wanted port and as many after it as there are nodes before this one, or on a free
/// port when 0 is wanted.
///
/// # Errors
/// The address that cannot be bound, and why.
pub(crate) fn bind(listen: &str, rank: u16) -> Result<StdListener, (String, io::Error)> {
    let failed = |at: &str| {
        let at = at.to_owned();
        move |error| (at, error)
    };
    let addresses: Vec<SocketAddr> = listen.to_socket_addrs().map_err(failed(listen))?.collect();
    let mut wanted = Vec::with_capacity(addresses.len());
    for address in &addresses {
        let port = match address.port() {
            0 => Some(0),
            first => first.checked_add(rank),
        };
        let Some(port) = port else {
            let none = io::Error::new(io::ErrorKind::InvalidInput, "no port is left");
            return Err((listen.to_owned(), none));
        };
        wanted.push(SocketAddr::new(address.ip(), port));
    }
    let shown = wanted.first().map_or_else(String::new, ToString::to_string);
    let listener = StdListener::bind(&*wanted).map_err(failed(&shown))?;
    listener.set_nonblocking(true).map_err(failed(&shown))?;
    Ok(listener)
}

/// Accepts the connections of a node's listener until it is `closed`, as they are then.
pub(super) async fn accept(
    shared: Arc<Shared>,
    mut places: Places,
    listener: impl Listener,
    mut closed: watch::Receiver<()>,
) {
    let (node, by) = (places.node(), places.listener());
    let mut listener = Door::new(listener, node, Arc::clone(&shared));
    loop {
        let accepted = tokio::select! {
            // In this order, so that chance has no part in it.
            biased;
            _ = closed.changed() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%node, %error, "cannot accept a connection");
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                continue;
            }
        };
        let ip = peer.ip().to_canonical();
        let taken = tokio::select! {
            biased;
            _ = closed.changed() => return,
            taken = places.take(ip) => taken,
        };
        let place = match taken {
            Taken::Place(place) => place,
            Taken::Full => {
                shared.warn_refused(node, peer);
                continue;
            }
            Taken::Throttled(wait) => {
                tracing::debug!(%node, %peer, ?wait, "connection held and then closed: its address is over connection_creation_rate");
                tokio::spawn(hold(stream, Arc::clone(&shared), wait, closed.clone()));
                continue;
            }
        };
        let shared = Arc::clone(&shared);
        let mut closed = closed.clone();
        tokio::spawn(async move {
            let peer = Peer {
                node,
                listener: by,
                address: peer,
            };
            tokio::select! {
                // What the node still has to say goes out before its sockets close.
                biased;
                () = connection::serve(shared, peer, stream) => {}
                _ = closed.changed() => {
                    tracing::debug!(%node, peer = %peer.address, "connection closed: the node stops");
                }
            }
            drop(place);
        });
    }
}

/// Keeps a connection that is not served, and closes it after a time.
async fn hold(
    stream: impl Stream,
    shared: Arc<Shared>,
    wait: Duration,
    mut closed: watch::Receiver<()>,
) {
    tokio::select! {
        () = shared.clock.sleep(wait) => {}
        _ = closed.changed() => {}
    }
    drop(stream);
}
