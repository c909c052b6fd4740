//! The sockets of all nodes: where each listens, and what holds it open.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::transport::memory::Entrance;
use crate::engine::ListenerId;
use crate::wire::units::NodeId;

/// Where a node listens.
#[derive(Debug)]
pub(crate) enum Listening {
    Socket(StdListener),
    /// Within the process: the address is what clients are told.
    Memory(SocketAddr),
}

/// The listeners of every node.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    nodes: Mutex<HashMap<NodeId, NodeSocket>>,
    /// What they are served on.
    pub(super) runtime: OnceLock<Handle>,
    /// All of them are served, and what the cluster begins with is there.
    pub(super) has_started: OnceLock<()>,
}

impl Sockets {
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, NodeSocket>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a node listens, by each of its listeners.
pub(crate) type NodeListening = Vec<(ListenerId, Listening)>;

/// One listener of a node.
#[derive(Debug)]
pub(super) struct NodePlace {
    pub(super) listener: ListenerId,
    pub(super) address: SocketAddr,
    /// Where clients connect within the process; none if there is a socket.
    pub(super) entrance: Option<Entrance>,
}

#[derive(Debug)]
pub(super) struct NodeSocket {
    /// In the order of its listeners.
    pub(super) places: Vec<NodePlace>,
    /// What holds the node's connections open: they end with it. None while the node is stopped.
    pub(super) open: Option<watch::Sender<()>>,
    /// The rule because of which nothing passes to or from the node.
    pub(super) paused: Option<u64>,
}

impl NodeSocket {
    /// Whether clients connect within the process.
    pub(super) fn is_in_memory(&self) -> bool {
        self.places.iter().any(|place| place.entrance.is_some())
    }
}

/// Sockets that are about to close.
#[derive(Debug, Default)]
#[must_use = "the sockets are closed once it was waited for"]
pub(crate) struct Closing(pub(super) Vec<watch::Sender<()>>);

impl Closing {
    /// Ends when none of them is open any more.
    pub(crate) async fn wait(self) {
        for open in self.0 {
            open.closed().await;
        }
    }

    /// Whether there is nothing to wait for.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why a node does not stop or start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeFault {
    #[error("there is no node {0}")]
    Unknown(NodeId),
    #[error("node {0} is the last one")]
    Last(NodeId),
    #[error("a new node cannot listen: {0}")]
    NewListener(#[from] io::Error),
    #[error("node {node} cannot listen on {address} again: {source}")]
    Listen {
        node: NodeId,
        address: SocketAddr,
        source: io::Error,
    },
}

/// Listens at an address again, or at a free port of it.
pub(super) fn bind(address: SocketAddr) -> io::Result<Listening> {
    let listener = StdListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(Listening::Socket(listener))
}
