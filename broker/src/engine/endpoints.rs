//! Where clients are told to reach the nodes.

use serde::{Deserialize, Serialize};

use super::commands::CommandFailure;
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

/// Where a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Where its listener is bound.
    bound: (String, u16),
    /// What a command has said since, which is stronger than [`Advertise`].
    told: Option<(String, u16)>,
}

impl Place {
    pub(super) const fn bound(host: String, port: u16) -> Self {
        Self {
            bound: (host, port),
            told: None,
        }
    }

    /// Where its listener is bound.
    pub(super) fn listener(&self) -> (String, u16) {
        self.bound.clone()
    }
}

impl State {
    /// Tells where a node's listener is bound.
    pub(super) fn set_endpoint(&mut self, node: NodeId, host: String, port: u16) {
        self.endpoints.insert(node, Place::bound(host, port));
    }

    /// Has clients told from now on to reach these nodes there, whatever was advertised before. It outlasts resets and
    /// restores, since the way to a node is no part of what a cluster is.
    ///
    /// # Errors
    /// There is no such node, or no host or port; nothing has changed then.
    pub(super) fn advertise(
        &mut self,
        nodes: Vec<(NodeId, String, u16)>,
    ) -> Result<(), CommandFailure> {
        for (node, host, port) in &nodes {
            if !self.endpoints.contains_key(node) || !self.cluster.nodes.contains_key(node) {
                return Err(CommandFailure::Unknown(format!("there is no node {node}")));
            }
            if host.is_empty() || host.chars().any(char::is_whitespace) {
                let why = format!("node {node} cannot be advertised at the host {host:?}");
                return Err(CommandFailure::Impossible(why));
            }
            if *port == 0 {
                let why = format!("node {node} cannot be advertised at port 0");
                return Err(CommandFailure::Impossible(why));
            }
        }
        for (node, host, port) in nodes {
            self.configs.set_advertised(node, &host, port);
            self.tell_advertised(node, &host, port);
            if let Some(place) = self.endpoints.get_mut(&node) {
                place.told = Some((host, port));
            }
        }
        Ok(())
    }

    /// What commands have set, by node.
    pub(super) fn advertised(&self) -> Vec<(NodeId, String, u16)> {
        let told = self.endpoints.iter().filter_map(|(node, place)| {
            let (host, port) = place.told.clone()?;
            Some((*node, host, port))
        });
        let mut told: Vec<_> = told.collect();
        told.sort_unstable();
        told
    }

    /// Goes on with what commands have set before.
    pub(super) fn go_on_advertising(&mut self, nodes: &[(NodeId, String, u16)]) {
        for (node, host, port) in nodes {
            if let Some(place) = self.endpoints.get_mut(node) {
                place.told = Some((host.clone(), *port));
            }
        }
    }

    /// The host under which clients reach the first node.
    pub(crate) fn first_host(&self) -> Option<String> {
        let all = self.cluster.all_ids();
        let first = self.endpoints.get(all.first()?)?;
        Some(first.bound.0.clone())
    }

    /// Where a client on the same host is told to reach a node, as `HOST:PORT`.
    pub(crate) fn address(&self, node: NodeId) -> Option<String> {
        let bound_host = &self.endpoints.get(&node)?.bound.0;
        let Endpoint { host, port, .. } = self.endpoint(node, bound_host)?;
        Some(if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        })
    }

    /// Where a client that dialled this host is told to reach a node.
    pub(super) fn endpoint(&self, node: NodeId, dialled_host: &str) -> Option<Endpoint> {
        let Place { bound, told } = self.endpoints.get(&node)?;
        let (host, port) = match (told, &self.advertise) {
            (Some(told), _) => told.clone(),
            (None, Advertise::Bound) => bound.clone(),
            (None, Advertise::Dialled) => (dialled_host.to_owned(), bound.1),
            (None, Advertise::Host(host, None)) => (host.clone(), bound.1),
            (None, Advertise::Host(host, Some(first))) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::context::Effects;
    use crate::engine::input::Reply;
    use crate::engine::testing::Bench;
    use crate::wire::apis::Response;
    use crate::wire::messages::{
        DescribeClusterRequest, FindCoordinatorRequest, MetadataRequest, StrBytes,
    };

    fn advertise(
        bench: &mut Bench,
        node: i32,
        host: &str,
        port: u16,
    ) -> Result<Reply, CommandFailure> {
        let nodes = vec![(NodeId(node), host.to_owned(), port)];
        bench.command(Command::Advertise { nodes })
    }

    /// Where Metadata, DescribeCluster and FindCoordinator say that nodes are.
    fn told(bench: &mut Bench) -> [Vec<String>; 3] {
        let show = |host: &StrBytes, port: i32| format!("{host}:{port}");
        let request = MetadataRequest::default().with_topics(None);
        let Response::Metadata(metadata) = bench.ask(12, request) else {
            panic!("another answer");
        };
        let Response::DescribeCluster(cluster) = bench.ask(0, DescribeClusterRequest::default())
        else {
            panic!("another answer");
        };
        let group = StrBytes::from_static_str("g");
        let request = FindCoordinatorRequest::default().with_key(group);
        let Response::FindCoordinator(coordinator) = bench.ask(0, request) else {
            panic!("another answer");
        };
        let all = metadata.brokers.iter().map(|b| show(&b.host, b.port));
        let described = cluster.brokers.iter().map(|b| show(&b.host, b.port));
        [
            all.collect(),
            described.collect(),
            vec![show(&coordinator.host, coordinator.port)],
        ]
    }

    #[test]
    fn whoever_asks_hears_the_new_address_at_once() {
        let mut bench = Bench::of_nodes(1, &[]);
        assert_eq!(told(&mut bench), [["localhost:9092"]; 3]);
        advertise(&mut bench, 0, "kafka.test", 32768).unwrap();
        assert_eq!(told(&mut bench), [["kafka.test:32768"]; 3]);
        let (rack, host, port) = (None, "localhost".to_owned(), 9093);
        let added = bench.command(Command::AddNode { rack, host, port });
        assert_eq!(added, Ok(Reply::Node(NodeId(1))));
        advertise(&mut bench, 1, "::1", 32769).unwrap();
        let config = bench.engine.state.configs.describe_broker(NodeId(1));
        let listeners = config.iter().find(|one| one.name == "advertised.listeners");
        let listeners = listeners.and_then(|one| one.value.as_deref());
        assert_eq!(listeners, Some("PLAINTEXT://[::1]:32769"));
        bench
            .command(Command::RemoveNode { node: NodeId(1) })
            .unwrap();
        let rows = bench.engine.passage.journal.after(0);
        let lines: Vec<_> = rows.map(ToString::to_string).collect();
        let row = "node 0 is advertised at kafka.test:32768";
        assert!(lines.iter().any(|line| line.ends_with(row)), "{lines:?}");
        // A recording goes on with it, and so does the cluster that it begins with.
        let mut effects = Effects::default();
        bench
            .engine
            .begin_recording(bench.now, &mut effects)
            .unwrap();
        assert_eq!(told(&mut bench), [["kafka.test:32768"]; 3]);
        // The way to a node is no part of what the cluster is.
        bench.command(Command::Reset { only: None }).unwrap();
        assert_eq!(told(&mut bench), [["kafka.test:32768"]; 3]);
    }

    #[test]
    fn what_cannot_be_advertised_changes_nothing() {
        let mut bench = Bench::of_nodes(2, &[]);
        for (node, host, port) in [(7, "a", 1), (0, "", 1), (0, "a b", 1), (0, "a", 0)] {
            let good = (NodeId(1), "good".to_owned(), 1);
            let nodes = vec![good, (NodeId(node), host.to_owned(), port)];
            assert!(bench.command(Command::Advertise { nodes }).is_err());
        }
        assert_eq!(told(&mut bench)[0], ["localhost:9092"; 2]);
    }
}
