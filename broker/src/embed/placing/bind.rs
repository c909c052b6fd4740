//! Where the nodes listen by each listener.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use super::{Plan, Planned};
use crate::embed::endpoints::{self, Endpoint};
use crate::embed::error::StartError;
use crate::engine::{Advertise, Listener, ListenerId, NodeAddress};
use crate::server::listener;
use crate::server::sockets::{Listening, NodeListening};
use crate::wire::units::NodeId;

/// The port of the first node in memory unless another one is wanted: Kafka's own.
const FIRST_PORT: u16 = 9092;

/// A place where a node listens.
#[derive(Debug)]
struct Place {
    node: NodeId,
    /// The place of the node among all, from 0.
    rank: u16,
    listener: ListenerId,
    address: SocketAddr,
    /// None within the process.
    socket: Option<TcpListener>,
}

/// All places where nodes listen, and what clients are told of them.
#[derive(Debug)]
pub(in crate::embed) struct Bound {
    places: Vec<Place>,
    pub(in crate::embed) listeners: Vec<Listener>,
    pub(in crate::embed) addresses: Vec<NodeAddress>,
    /// What clients begin with, by the listeners' names, the first one's first.
    pub(in crate::embed) bootstraps: Vec<(String, String)>,
}

/// Binds the sockets of all nodes.
///
/// # Errors
/// An address that cannot be bound, and why.
pub(in crate::embed) fn bind(plan: &Plan, ids: &[NodeId]) -> Result<Bound, StartError> {
    check_ports(plan, ids)?;
    let mut places = Vec::new();
    for (listener, planned) in numbered(plan) {
        for (rank, node) in having(planned, ids) {
            let bound = listener::bind(&planned.said.listen, rank);
            let socket =
                bound.map_err(|(address, source)| StartError::Listen { address, source })?;
            places.push(Place {
                node,
                rank,
                listener,
                address: socket.local_addr()?,
                socket: Some(socket),
            });
        }
    }
    warn_of_strangers(plan, &places);
    Ok(Bound::of(plan, places))
}

/// The places of nodes that need no sockets: on the wanted ports and those after them. Nobody can have taken one.
///
/// # Errors
/// There are no ports for as many.
pub(in crate::embed) fn in_memory(plan: &Plan, ids: &[NodeId]) -> Result<Bound, StartError> {
    check_ports(plan, ids)?;
    let mut places = Vec::new();
    let mut free = FIRST_PORT;
    for (listener, planned) in numbered(plan) {
        let listen = &planned.said.listen;
        let (host, port) = host_and_port(listen)
            .ok_or_else(|| StartError::Invalid(format!("{listen:?} is not HOST:PORT")))?;
        let ip = host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let first = if port == 0 { free } else { port };
        for (rank, node) in having(planned, ids) {
            let port = first.checked_add(rank).ok_or_else(|| {
                let nodes = ids.len();
                StartError::Invalid(format!("there are no {nodes} ports from {first} on"))
            })?;
            free = free.max(port.saturating_add(1));
            places.push(Place {
                node,
                rank,
                listener,
                address: SocketAddr::new(ip, port),
                socket: None,
            });
        }
    }
    Ok(Bound::of(plan, places))
}

impl Bound {
    fn of(plan: &Plan, places: Vec<Place>) -> Self {
        let mut bound = Self {
            places,
            listeners: Vec::new(),
            addresses: Vec::new(),
            bootstraps: Vec::new(),
        };
        for (listener, planned) in numbered(plan) {
            let said = &planned.said;
            let own = bound
                .places
                .iter()
                .filter(|place| place.listener == listener);
            let own: Vec<_> = own.collect();
            let asked = said.advertise.as_ref();
            let endpoints = own
                .iter()
                .map(|place| endpoints::of(&said.listen, asked, (place.rank, &place.address)));
            let endpoints: Vec<Endpoint> = endpoints.collect();
            let shown: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
            bound.bootstraps.push((said.name.clone(), shown.join(",")));
            let advertise: Advertise = endpoints::advertise(asked, &endpoints);
            let mechanisms = planned.mechanisms.clone();
            let made = Listener::new(&said.name, said.protocol, mechanisms, advertise);
            bound.listeners.push(made);
            let addresses = own.iter().zip(endpoints).map(|(place, at)| NodeAddress {
                node: place.node,
                listener,
                host: at.host,
                port: at.port,
            });
            bound.addresses.extend(addresses);
        }
        bound
    }

    /// What is served, by node.
    pub(in crate::embed) fn into_listening(self) -> Vec<(NodeId, NodeListening)> {
        let mut nodes: BTreeMap<NodeId, NodeListening> = BTreeMap::new();
        for place in self.places {
            let listening = match place.socket {
                Some(socket) => Listening::Socket(socket),
                None => Listening::Memory(place.address),
            };
            nodes
                .entry(place.node)
                .or_default()
                .push((place.listener, listening));
        }
        nodes.into_iter().collect()
    }
}

fn numbered(plan: &Plan) -> impl Iterator<Item = (ListenerId, &Planned)> {
    (0_u16..).map(ListenerId).zip(&plan.0)
}

/// The nodes that have a listener, with their places among all.
fn having(planned: &Planned, ids: &[NodeId]) -> impl Iterator<Item = (u16, NodeId)> {
    let only = &planned.said.nodes;
    let ranked = (0_u16..).zip(ids.iter().copied());
    let ranked = ranked.map(|(rank, node)| (rank.saturating_mul(planned.said.step), node));
    ranked.filter(move |(_, node)| only.as_ref().is_none_or(|only| only.contains(&node.0)))
}

/// Nodes are on ports one after the other, so listeners need room between them.
fn check_ports(plan: &Plan, ids: &[NodeId]) -> Result<(), StartError> {
    let mut taken: BTreeMap<(String, u16), (&str, NodeId)> = BTreeMap::new();
    for (_, planned) in numbered(plan) {
        let said = &planned.said;
        let Some((host, first)) = host_and_port(&said.listen).filter(|(_, port)| *port != 0) else {
            continue;
        };
        for (rank, node) in having(planned, ids) {
            let port = first.saturating_add(rank);
            let place = (host.to_owned(), port);
            if let Some((name, other)) = taken.insert(place, (&said.name, node)) {
                let most = ids.len();
                return Err(StartError::Invalid(format!(
                    "listener {} of node {node} and listener {name} of node {other} are both to be at port {port}: nodes \
                     follow on the next ports, so leave {most} to each listener, or use port 0",
                    said.name
                )));
            }
        }
    }
    Ok(())
}

fn host_and_port(listen: &str) -> Option<(&str, u16)> {
    let (host, port) = listen.rsplit_once(':')?;
    Some((host.trim_matches(['[', ']']), port.parse().ok()?))
}

/// Says where others than those on this machine can connect.
fn warn_of_strangers(plan: &Plan, places: &[Place]) {
    for (listener, planned) in numbered(plan) {
        let mut own = places.iter().filter(|place| place.listener == listener);
        let open = own.find(|place| !place.address.ip().to_canonical().is_loopback());
        if let Some(place) = open {
            let (name, protocol) = (&planned.said.name, planned.said.protocol);
            let who = if protocol.logs_in() {
                "try to log in"
            } else {
                "connect"
            };
            tracing::warn!(
                "listener {name} is at {}: anyone who reaches this machine's network can {who}",
                place.address
            );
        }
    }
}
