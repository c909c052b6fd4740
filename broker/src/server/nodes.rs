//! Nodes that stop and return: their listeners and connections really close.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, mpsc};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{oneshot, watch};

use super::links::LinkSpec;
use super::listener;
use super::places::{Places, Room};
use super::shared::Shared;
use super::sockets::{Closing, Listening, NodeFault, NodeListening, NodePlace, NodeSocket, bind};
use super::transport::Socket;
use super::transport::memory::{self, MemoryStream};
use crate::engine::commands::{Command, CommandFailure};
use crate::engine::input::{Input, Reply};
use crate::engine::reset::Kind;
use crate::engine::{ListenerId, host_port};
use crate::wire::units::NodeId;

impl Shared {
    /// Serves a node where it listens, on the runtime that the first node was served on.
    pub(super) fn open(self: &Arc<Self>, node: NodeId, listening: NodeListening) -> io::Result<()> {
        let runtime = self.sockets.runtime.get_or_init(Handle::current);
        let _entered = runtime.enter();
        let (open, closed) = watch::channel(());
        let room = Arc::new(Room::new(self, node));
        let mut places = Vec::with_capacity(listening.len());
        for (listener, listening) in listening {
            let door = Places::new(&room, listener);
            let closed = closed.clone();
            let (address, entrance) = match listening {
                Listening::Socket(socket) => {
                    let address = socket.local_addr()?;
                    let socket = Socket::new(socket)?;
                    runtime.spawn(listener::accept(Arc::clone(self), door, socket, closed));
                    (address, None)
                }
                Listening::Memory(address) => {
                    let (entrance, queue) = memory::listen();
                    runtime.spawn(listener::accept(Arc::clone(self), door, queue, closed));
                    (address, Some(entrance))
                }
            };
            places.push(NodePlace {
                listener,
                address,
                entrance,
            });
        }
        let socket = NodeSocket {
            places,
            open: Some(open),
            paused: None,
        };
        self.sockets.lock().insert(node, socket);
        Ok(())
    }

    /// A connection within the process to a node that clients are told to reach there.
    pub(crate) async fn dial(&self, address: &str) -> io::Result<MemoryStream> {
        let parts = address.rsplit_once(':');
        let parts = parts.and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        let Some((host, port)) = parts else {
            let why = format!("{address:?} is not HOST:PORT");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        };
        let host = host.trim_matches(['[', ']']);
        match self.look(|engine| engine.state.node_at(host, port)) {
            Some((node, listener)) => self.connect((node, listener), Some(host)).await,
            None => Err(refused(format!("no node is at {address}"))),
        }
    }

    /// A connection within the process to a listener of a node, as from a client that dialled `host`, or else the one
    /// that the node listens at.
    pub(crate) async fn connect(
        &self,
        (node, listener): (NodeId, ListenerId),
        host: Option<&str>,
    ) -> io::Result<MemoryStream> {
        if self.links.refuses(node) {
            // The node's own task, which is on this runtime, counts what the rule has done.
            tokio::task::yield_now().await;
            return Err(refused(format!(
                "a rule has node {node} refuse connections"
            )));
        }
        let found = self.with_socket(node, |socket| {
            let place = socket.places.iter().find(|at| at.listener == listener)?;
            let is_open = socket.open.is_some();
            let entrance = place.entrance.clone().filter(|_| is_open);
            Some((place.address, entrance))
        });
        let found = found.map_err(|fault| refused(fault.to_string()))?;
        let (address, entrance) =
            found.ok_or_else(|| refused(format!("node {node} has no such listener")))?;
        let host = host.map_or_else(|| address.ip().to_string(), str::to_owned);
        let stream = entrance.and_then(|entrance| entrance.connect(host));
        stream.ok_or_else(|| refused(format!("node {node} is stopped")))
    }

    /// Whether a node accepts connections.
    pub(crate) fn listens(&self, node: NodeId) -> bool {
        let nodes = self.sockets.lock();
        nodes.get(&node).is_some_and(|socket| socket.open.is_some())
    }

    /// Says that all of the cluster runs, as anyone who starts it is about to hear.
    pub(crate) fn set_started(&self) {
        let _ = self.sockets.has_started.set(());
    }

    pub(crate) fn has_started(&self) -> bool {
        self.sockets.has_started.get().is_some()
    }

    /// Closes all listeners and connections for good.
    pub(crate) fn close(&self) {
        self.sockets.lock().clear();
    }

    /// Stops a node: its socket and its connections close, and the others take over from it. One that is
    /// stopped stays so.
    pub(crate) fn stop_node(&self, node: NodeId) -> Result<Closing, NodeFault> {
        let open = self.with_socket(node, |socket| socket.open.take())?;
        self.tell(Input::Command(Command::StopNode { node }));
        if let Some(open) = &open {
            open.send_replace(());
        }
        Ok(Closing(open.into_iter().collect()))
    }

    /// Starts a stopped node again, at its old address.
    pub(crate) fn start_node(self: &Arc<Self>, node: NodeId) -> Result<(), NodeFault> {
        let Some(listening) = self.listening_again(node)? else {
            return Ok(());
        };
        // Whatever stood still, what starts is another process.
        self.pause_node(node, false)?;
        self.tell(Input::Command(Command::StartNode { node }));
        Ok(self.open(node, listening)?)
    }

    /// Makes the cluster what it was at its start, or only some of it. For all of it every node runs.
    pub(crate) fn reset(
        self: &Arc<Self>,
        only: Option<&[Kind]>,
    ) -> Result<Closing, CommandFailure> {
        if only.is_none() {
            for node in self.look(|engine| engine.state.cluster.all_ids()) {
                let started = self.start_node(node);
                let running = started.and_then(|()| self.pause_node(node, false));
                running.map_err(|fault| CommandFailure::Impossible(fault.to_string()))?;
            }
        }
        let result = self.command(Command::Reset {
            only: only.map(<[Kind]>::to_vec),
        });
        let closing = self.close_stopped();
        self.connections.notify_waiters();
        result.map(|_| closing)
    }

    /// What a stopped node will listen on when it starts; nothing if it runs.
    pub(super) fn listening_again(&self, node: NodeId) -> Result<Option<NodeListening>, NodeFault> {
        let stopped = self.with_socket(node, |socket| {
            let places = socket.places.iter();
            let places = places.map(|at| (at.listener, at.address, at.entrance.is_some()));
            socket.open.is_none().then(|| places.collect::<Vec<_>>())
        })?;
        let again = |(listener, address, is_in_memory)| {
            let listening = match is_in_memory {
                true => Ok(Listening::Memory(address)),
                false => bind(address),
            };
            let listening = listening.map_err(|source| NodeFault::Listen {
                node,
                address,
                source,
            })?;
            Ok((listener, listening))
        };
        let places = stopped.map(|places| places.into_iter().map(again).collect());
        places.transpose()
    }

    /// Closes the sockets of nodes that the cluster has for stopped.
    pub(crate) fn close_stopped(&self) -> Closing {
        let nodes = self.look(|engine| {
            let nodes = engine.state.cluster.nodes.values();
            let stopped = nodes.filter(|node| !node.up);
            stopped.map(|node| node.id).collect::<Vec<_>>()
        });
        let mut closing = Closing::default();
        let mut sockets = self.sockets.lock();
        for node in nodes {
            let Some(socket) = sockets.get_mut(&node) else {
                continue;
            };
            if let Some(open) = socket.open.take() {
                open.send_replace(());
                // Within the process there is no port that has to be free again.
                closing.0.extend((!socket.is_in_memory()).then_some(open));
            }
        }
        closing
    }

    /// Lets nothing pass to or from a node, as if its process stood still; or everything that was held back.
    /// Nobody else takes notice.
    pub(crate) fn pause_node(&self, node: NodeId, pause: bool) -> Result<(), NodeFault> {
        self.with_socket(node, |socket| match (pause, socket.paused) {
            (true, None) => {
                let rule = self.links.mount(LinkSpec::pause(node));
                socket.paused = Some(rule.id);
            }
            (false, Some(rule)) => {
                self.links.retain(|known| known.id != rule);
                socket.paused = None;
            }
            (true, Some(_)) | (false, None) => {}
        })
    }

    /// The nodes that stand still, in order.
    pub(super) fn paused_nodes(&self) -> Vec<NodeId> {
        let sockets = self.sockets.lock();
        let paused = sockets.iter().filter(|(_, socket)| socket.paused.is_some());
        let mut paused: Vec<_> = paused.map(|(node, _)| *node).collect();
        paused.sort_unstable();
        paused
    }

    /// Adds a node beside the others, on a free port. Says which it is, and where clients reach it.
    pub(crate) fn add_node(
        self: &Arc<Self>,
        rack: Option<String>,
    ) -> Result<(NodeId, String), NodeFault> {
        let listening = self.free_places()?;
        let mut places = Vec::with_capacity(listening.len());
        for (listener, listening) in &listening {
            let at = match listening {
                Listening::Socket(socket) => socket.local_addr()?,
                Listening::Memory(address) => *address,
            };
            let host = self.look(|engine| engine.state.first_host(*listener));
            let host = host.unwrap_or_else(|| at.ip().to_string());
            places.push((*listener, host, at.port()));
        }
        let first = places.first().map(|(_, host, port)| host_port(host, port));
        let added = self.command(Command::AddNode { rack, places });
        let Ok(Reply::Node(id)) = added else {
            return Err(io::Error::other("the cluster takes no more nodes").into());
        };
        self.open(id, listening)?;
        Ok((id, first.unwrap_or_default()))
    }

    /// Where one more node can listen, by every listener that some node has.
    fn free_places(&self) -> io::Result<NodeListening> {
        let is_in_memory = self.is_in_memory();
        let taken: Vec<_> = {
            let nodes = self.sockets.lock();
            let places = nodes.values().flat_map(|socket| &socket.places);
            places
                .map(|place| (place.listener, place.address))
                .collect()
        };
        let mut last_port = taken.iter().map(|(_, at)| at.port()).max().unwrap_or(0);
        let mut hosts = BTreeMap::new();
        for (listener, at) in taken {
            hosts.entry(listener).or_insert_with(|| at.ip());
        }
        let mut free = Vec::with_capacity(hosts.len());
        for (listener, ip) in hosts {
            let listening = if is_in_memory {
                let next = last_port.checked_add(1);
                last_port = next.ok_or_else(|| io::Error::other("no port is left"))?;
                Listening::Memory((ip, last_port).into())
            } else {
                bind((ip, 0).into())?
            };
            free.push((listener, listening));
        }
        Ok(free)
    }

    /// Whether nodes are reached within the process alone.
    fn is_in_memory(&self) -> bool {
        let nodes = self.sockets.lock();
        nodes.values().any(NodeSocket::is_in_memory)
    }

    /// Removes a node for good. The last one stays.
    pub(crate) fn remove_node(&self, node: NodeId) -> Result<Closing, NodeFault> {
        self.with_socket(node, |_| ())?;
        if self.sockets.lock().len() == 1 {
            return Err(NodeFault::Last(node));
        }
        let closing = self.stop_node(node)?;
        self.tell(Input::Command(Command::RemoveNode { node }));
        self.sockets.lock().remove(&node);
        Ok(closing)
    }

    /// Stops and starts one node after the other, each when the one before it is back.
    pub(crate) async fn restart_nodes(self: &Arc<Self>) -> Result<(), NodeFault> {
        for node in self.look(|engine| engine.state.cluster.all_ids()) {
            self.stop_node(node)?.wait().await;
            self.start_node(node)?;
        }
        Ok(())
    }

    /// Runs something beside the cluster. None when the cluster is gone before it has ended.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (report, reported) = oneshot::channel();
        let runtime = self.sockets.runtime.get()?;
        runtime.spawn(async move { drop(report.send(work.await)) });
        reported.await.ok()
    }

    /// As [`Self::run`], for a thread without a runtime.
    ///
    /// # Panics
    /// On the only thread of the runtime that the cluster itself runs on, which would wait for itself.
    #[expect(clippy::panic, reason = "the alternative is to hang")]
    pub(crate) fn run_blocking<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let is_alone =
            |runtime: Handle| matches!(runtime.runtime_flavor(), RuntimeFlavor::CurrentThread);
        if self.is_in_memory() && Handle::try_current().is_ok_and(is_alone) {
            panic!(
                "this would block the thread that a cluster in memory runs on: await it instead"
            );
        }
        let (report, reported) = mpsc::channel();
        let runtime = self.sockets.runtime.get()?;
        runtime.spawn(async move { drop(report.send(work.await)) });
        reported.recv().ok()
    }

    /// What `work` makes of a node's socket. It must not ask for another.
    fn with_socket<T>(
        &self,
        node: NodeId,
        work: impl FnOnce(&mut NodeSocket) -> T,
    ) -> Result<T, NodeFault> {
        let mut sockets = self.sockets.lock();
        let socket = sockets.get_mut(&node).ok_or(NodeFault::Unknown(node))?;
        Ok(work(socket))
    }
}

/// What the system says where nobody listens.
fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, why)
}
