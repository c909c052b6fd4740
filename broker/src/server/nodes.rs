//! Nodes that stop and return: their sockets really close.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::link::rules::LinkSpec;
use super::listener;
use super::shared::Shared;
use crate::engine::commands::Refused;
use crate::engine::reset::Kind;
use crate::wire::units::NodeId;

/// The sockets of every node.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    nodes: DashMap<NodeId, NodeSocket>,
    /// What they are served on.
    runtime: OnceLock<Handle>,
}

#[derive(Debug)]
struct NodeSocket {
    address: SocketAddr,
    /// What holds the node's connections open: they end with it. None while the node is stopped.
    open: Option<watch::Sender<()>>,
    /// The rule because of which nothing passes to or from the node.
    paused: Option<u64>,
}

/// Sockets that are about to close.
#[derive(Debug)]
#[must_use = "the sockets are closed once it was waited for"]
pub(crate) struct Closing(Option<watch::Sender<()>>);

impl Closing {
    /// Ends when none of them is open any more.
    pub(crate) async fn wait(self) {
        if let Some(open) = self.0 {
            open.closed().await;
        }
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

impl Shared {
    /// Serves a node on its socket, on the runtime that the first node was served on.
    pub(super) fn open(self: &Arc<Self>, node: NodeId, listener: StdListener) -> io::Result<()> {
        let runtime = self.sockets.runtime.get_or_init(Handle::current);
        let _entered = runtime.enter();
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let (open, closed) = watch::channel(());
        runtime.spawn(listener::accept(Arc::clone(self), node, listener, closed));
        let socket = NodeSocket {
            address,
            open: Some(open),
            paused: None,
        };
        self.sockets.nodes.insert(node, socket);
        Ok(())
    }

    /// Stops a node: its socket and its connections close, and the others take over from it. One that is
    /// stopped stays so.
    pub(crate) fn stop_node(&self, node: NodeId) -> Result<Closing, NodeFault> {
        let open = self.socket(node)?.open.take();
        self.change(|engine, now, effects| engine.stop_node(now, node, effects));
        if let Some(open) = &open {
            open.send_replace(());
        }
        Ok(Closing(open))
    }

    /// Starts a stopped node again, at its old address.
    pub(crate) fn start_node(self: &Arc<Self>, node: NodeId) -> Result<(), NodeFault> {
        let address = {
            let socket = self.socket(node)?;
            if socket.open.is_some() {
                return Ok(());
            }
            socket.address
        };
        self.change(|engine, now, effects| engine.start_node(now, node, effects));
        let bound = StdListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            self.open(node, listener)
        });
        bound.map_err(|source| NodeFault::Listen {
            node,
            address,
            source,
        })
    }

    /// Makes the cluster what it was at its start, or only some of it. For all of it every node runs.
    pub(crate) fn reset(self: &Arc<Self>, only: Option<&[Kind]>) -> Result<(), Refused> {
        let result = match only {
            Some(kinds) => {
                self.change(|engine, now, effects| engine.reset_only(now, kinds, effects))
            }
            None => {
                for node in self.with_engine(|engine| engine.cluster.node_ids()) {
                    let started = self.start_node(node);
                    let running = started.and_then(|()| self.pause_node(node, false));
                    running.map_err(|fault| Refused::Impossible(fault.to_string()))?;
                }
                self.change(|engine, now, effects| engine.reset(now, effects))
            }
        };
        if only.is_none_or(|kinds| kinds.contains(&Kind::Faults)) {
            self.follow_byte_rules();
        }
        self.connections.notify_waiters();
        result
    }

    /// Lets nothing pass to or from a node, as if its process stood still; or everything that was held back.
    /// Nobody else takes notice.
    pub(crate) fn pause_node(&self, node: NodeId, pause: bool) -> Result<(), NodeFault> {
        let mut socket = self.socket(node)?;
        match (pause, socket.paused) {
            (true, None) => {
                let rule = self.links.mount(LinkSpec::pause(node));
                socket.paused = Some(rule.id);
            }
            (false, Some(rule)) => {
                self.links.retain(|known| known.id != rule);
                socket.paused = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
        Ok(())
    }

    /// Adds a node beside the others, on a free port. Says which it is, and where clients reach it.
    pub(crate) fn add_node(
        self: &Arc<Self>,
        rack: Option<String>,
    ) -> Result<(NodeId, String), NodeFault> {
        let first = self.sockets.nodes.iter().next();
        let ip = first.map_or_else(|| Ipv4Addr::LOCALHOST.into(), |socket| socket.address.ip());
        let listener = StdListener::bind((ip, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (id, address) = self.change(|engine, now, _| {
            let host = engine.first_host().unwrap_or_else(|| ip.to_string());
            let address = format!("{host}:{port}");
            (engine.add_node(now, rack, (host, port)), address)
        });
        self.open(id, listener)?;
        Ok((id, address))
    }

    /// Removes a node for good. The last one stays.
    pub(crate) fn remove_node(&self, node: NodeId) -> Result<Closing, NodeFault> {
        self.socket(node)?;
        if self.sockets.nodes.len() == 1 {
            return Err(NodeFault::Last(node));
        }
        let closing = self.stop_node(node)?;
        self.change(|engine, now, effects| engine.remove_node(now, node, effects));
        self.sockets.nodes.remove(&node);
        Ok(closing)
    }

    /// Stops and starts one node after the other, each when the one before it is back.
    pub(crate) async fn restart_nodes(self: &Arc<Self>) -> Result<(), NodeFault> {
        for node in self.with_engine(|engine| engine.cluster.node_ids()) {
            self.stop_node(node)?.wait().await;
            self.start_node(node)?;
        }
        Ok(())
    }

    /// Runs something beside the cluster, for as long as it runs.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = self.sockets.runtime.get() {
            runtime.spawn(work);
        }
    }

    fn socket(
        &self,
        node: NodeId,
    ) -> Result<dashmap::mapref::one::RefMut<'_, NodeId, NodeSocket>, NodeFault> {
        self.sockets
            .nodes
            .get_mut(&node)
            .ok_or(NodeFault::Unknown(node))
    }
}
