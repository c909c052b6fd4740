//! Where clients are told to reach the nodes.

use serde::{Deserialize, Serialize};

use super::context::Endpoint;
use super::state::State;
use crate::wire::units::NodeId;

/// Which address clients are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Advertise {
    /// The one that the listener is bound to.
    Bound,
    /// A host, and the port of the first node unless it is the bound one.
    Host(String, Option<u16>),
    /// The host that the client itself dialled.
    Dialled,
}

impl State {
    /// Tells where a node's listener is bound.
    pub(super) fn set_endpoint(&mut self, node: NodeId, host: String, port: u16) {
        self.endpoints.insert(node, (host, port));
    }

    /// The host under which clients reach the first node.
    pub(crate) fn first_host(&self) -> Option<String> {
        let all = self.cluster.all_ids();
        self.endpoints
            .get(all.first()?)
            .map(|(host, _)| host.clone())
    }

    /// Where a client on the same host is told to reach a node, as `HOST:PORT`.
    pub(crate) fn address(&self, node: NodeId) -> Option<String> {
        let (bound_host, _) = self.endpoints.get(&node)?;
        let Endpoint { host, port, .. } = self.endpoint(node, bound_host)?;
        Some(if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        })
    }

    /// Where a client that dialled this host is told to reach a node.
    pub(super) fn endpoint(&self, node: NodeId, dialled_host: &str) -> Option<Endpoint> {
        let (bound_host, bound_port) = self.endpoints.get(&node)?;
        let (host, port) = match &self.advertise {
            Advertise::Bound => (bound_host.clone(), *bound_port),
            Advertise::Dialled => (dialled_host.to_owned(), *bound_port),
            Advertise::Host(host, None) => (host.clone(), *bound_port),
            Advertise::Host(host, Some(first)) => {
                let place = self.cluster.all_ids().range(..node).count();
                let place = u16::try_from(place).unwrap_or(u16::MAX);
                (host.clone(), first.saturating_add(place))
            }
        };
        Some(Endpoint {
            host,
            port: i32::from(port),
            rack: self.cluster.rack(node).map(str::to_owned),
        })
    }

    /// The node that a client which dialled this host is told to reach at this port of it.
    pub(crate) fn node_at(&self, host: &str, port: u16) -> Option<NodeId> {
        let is_there = |node: &NodeId| {
            let endpoint = self.endpoint(*node, host);
            endpoint.is_some_and(|at| at.host == host && at.port == i32::from(port))
        };
        self.cluster.all_ids().into_iter().find(is_there)
    }
}
