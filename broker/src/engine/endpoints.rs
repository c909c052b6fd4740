//! Where clients are told to reach the nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cluster::configs::ListenerConfig;
use super::commands::CommandFailure;
use super::context::Endpoint;
use super::ids::ConnectionId;
use super::listeners::{Advertise, ListenerId, NodeAddress, Protocol, host_port};
use super::mechanism::Mechanism;
use super::principals::MappingRules;
use super::state::State;
use crate::wire::units::NodeId;

/// Where a node is by one listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Where its socket is bound.
    bound: (String, u16),
    /// What a command has said since, which is stronger than [`Advertise`].
    told: Option<(String, u16)>,
}

/// Where all nodes are, by each listener that they have. A node may lack one.
#[derive(Debug, Clone, Default)]
pub(super) struct Endpoints(BTreeMap<(NodeId, ListenerId), Place>);

/// Which address of a node clients are to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdvertisedAddress {
    pub(crate) node: NodeId,
    /// By its name; there may be none if the cluster has one listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) listener: Option<String>,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// A listener of a node, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeListener {
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    /// Where a client on the same host is told to reach it, as `HOST:PORT`.
    pub(crate) address: String,
}

impl Endpoints {
    pub(super) fn bind(&mut self, address: NodeAddress) {
        let NodeAddress {
            node,
            listener,
            host,
            port,
        } = address;
        let place = Place {
            bound: (host, port),
            told: None,
        };
        self.0.insert((node, listener), place);
    }

    fn get(&self, node: NodeId, listener: ListenerId) -> Option<&Place> {
        self.0.get(&(node, listener))
    }

    /// Where a node's sockets are bound, in the order of its listeners.
    pub(super) fn bound(&self, node: NodeId) -> Vec<NodeAddress> {
        let own = self.0.range((node, ListenerId::default())..);
        let own = own.take_while(|((known, _), _)| *known == node);
        let bound = own.map(|((node, listener), place)| NodeAddress {
            node: *node,
            listener: *listener,
            host: place.bound.0.clone(),
            port: place.bound.1,
        });
        bound.collect()
    }
}

impl State {
    /// A client has connected by a listener, whose name is returned.
    pub(super) fn opened(&mut self, connection: ConnectionId, by: ListenerId) -> &str {
        self.listeners.opened(connection, by);
        let listener = self.listeners.get(by);
        if listener.protocol.logs_in() {
            self.sasl.opened(connection);
        }
        &listener.name
    }

    /// A connection to a node goes through TLS, and its client has shown a certificate with this distinguished name, if any:
    /// unless it is to log in by SASL, that says who it is.
    ///
    /// # Errors
    /// The listener's mapping rules have no name for it; Kafka closes the connection then.
    pub(super) fn secured(
        &mut self,
        node: NodeId,
        connection: ConnectionId,
        certificate: Option<&str>,
    ) -> Result<(), String> {
        let listener = self.listeners.of(connection);
        let Some(certificate) = certificate.filter(|_| !listener.protocol.logs_in()) else {
            return Ok(());
        };
        let rules = "ssl.principal.mapping.rules";
        let prefix = listener.prefix();
        let rules = self.configs.listener_value_at_start(node, &prefix, rules);
        let rules = MappingRules::parse(&rules.to_text().unwrap_or_default());
        let rules = rules.map_err(|why| why.to_string())?;
        let name = rules.name(certificate).map_err(|why| {
            format!(
                "Failed to map name for '{certificate}' based on SSL principal mapping rules: {why}"
            )
        })?;
        let principal: Arc<str> = format!("User:{name}").into();
        self.sasl.certify(connection, principal);
        self.tell_certified((node, connection));
        Ok(())
    }

    /// The settings of a node's listener that act.
    pub(crate) fn listener_config(&self, node: NodeId, listener: ListenerId) -> ListenerConfig {
        let prefix = self.listeners.get(listener).prefix();
        self.configs.listener(node, &prefix)
    }

    /// How long a client may go without logging in again.
    pub(super) fn max_reauth(
        &self,
        node: NodeId,
        connection: ConnectionId,
        by: Mechanism,
    ) -> Duration {
        let prefix = self.listeners.of(connection).prefix();
        self.configs.reauth(node, &prefix, by.name())
    }

    /// Whether brokers would talk to each other by a listener, and others than they have another one.
    pub(crate) fn is_of_brokers(&self, node: NodeId, listener: ListenerId) -> bool {
        if self.endpoints.bound(node).len() < 2 {
            return false;
        }
        let name = self
            .configs
            .broker_value(node, "inter.broker.listener.name");
        let name = name.to_text().unwrap_or_default();
        self.listeners
            .get(listener)
            .name
            .eq_ignore_ascii_case(&name)
    }

    /// Tells where the sockets of nodes are bound, and nothing of before.
    pub(super) fn set_endpoints(&mut self, places: Vec<NodeAddress>) {
        self.endpoints = Endpoints::default();
        for place in places {
            self.endpoints.bind(place);
        }
    }

    /// By which hosts clients reach brokers: those that they are told, that listeners are bound to, and that a client dialled.
    pub(super) fn broker_hosts(&self, dialled: &str) -> Vec<String> {
        let places = self.endpoints.0.iter();
        let known = places.flat_map(|(&(node, listener), place)| {
            let told = self.endpoint(node, listener, dialled);
            let told = told.map(|endpoint| endpoint.host);
            told.into_iter().chain([place.bound.0.clone()])
        });
        let hosts: BTreeSet<_> = known.chain([dialled.to_owned()]).collect();
        hosts.into_iter().collect()
    }

    /// Has clients told from now on to reach these nodes there, whatever was advertised before. It outlasts resets and
    /// restores, since the way to a node is no part of what a cluster is.
    ///
    /// # Errors
    /// There is no such node or listener, or no host or port; nothing has changed then.
    pub(super) fn advertise(
        &mut self,
        nodes: Vec<AdvertisedAddress>,
    ) -> Result<(), CommandFailure> {
        let mut found = Vec::with_capacity(nodes.len());
        for address in nodes {
            let AdvertisedAddress {
                node, host, port, ..
            } = &address;
            if !self.cluster.nodes.contains_key(node) {
                return Err(CommandFailure::Unknown(format!("there is no node {node}")));
            }
            let listener = self.listener_meant(*node, address.listener.as_deref())?;
            if host.is_empty() || host.chars().any(char::is_whitespace) {
                let why = format!("node {node} cannot be advertised at the host {host:?}");
                return Err(CommandFailure::Impossible(why));
            }
            if *port == 0 {
                let why = format!("node {node} cannot be advertised at port 0");
                return Err(CommandFailure::Impossible(why));
            }
            found.push((listener, address));
        }
        for (
            listener,
            AdvertisedAddress {
                node, host, port, ..
            },
        ) in found
        {
            let place = self.endpoints.0.get_mut(&(node, listener));
            if let Some(place) = place {
                place.told = Some((host.clone(), port));
            }
            self.tell_advertised((node, listener), &host, port);
            self.show_advertised(node);
        }
        Ok(())
    }

    /// The listener that a command means.
    fn listener_meant(
        &self,
        node: NodeId,
        name: Option<&str>,
    ) -> Result<ListenerId, CommandFailure> {
        let all = self.listeners.all();
        let listed: Vec<_> = all.iter().map(|known| known.name.as_str()).collect();
        let meant = match name {
            Some(name) => self.listeners.named(name).ok_or_else(|| {
                let listed = listed.join(", ");
                let why = format!("there is no listener {name}; there are {listed}");
                CommandFailure::Unknown(why)
            })?,
            None if all.len() > 1 => {
                let listed = listed.join(", ");
                let why = format!("name the listener that is advertised: there are {listed}");
                return Err(CommandFailure::Impossible(why));
            }
            None => ListenerId::default(),
        };
        if self.endpoints.get(node, meant).is_none() {
            let name = &self.listeners.get(meant).name;
            let why = format!("node {node} has no listener {name}");
            return Err(CommandFailure::Unknown(why));
        }
        Ok(meant)
    }

    /// Has a node's settings say what clients are told.
    fn show_advertised(&mut self, node: NodeId) {
        let places = self.endpoints.bound(node).into_iter().filter_map(|at| {
            let Endpoint { host, port, .. } = self.endpoint(node, at.listener, &at.host)?;
            let name = &self.listeners.get(at.listener).name;
            Some(format!("{name}://{}", host_port(&host, port)))
        });
        let shown: Vec<_> = places.collect();
        self.configs.set_advertised(node, &shown.join(","));
    }

    /// What commands have set.
    pub(super) fn advertised(&self) -> Vec<NodeAddress> {
        let told = self.endpoints.0.iter().filter_map(|(at, place)| {
            let (host, port) = place.told.clone()?;
            let (node, listener) = *at;
            Some(NodeAddress {
                node,
                listener,
                host,
                port,
            })
        });
        told.collect()
    }

    /// Goes on with what commands have set before.
    pub(super) fn go_on_advertising(&mut self, told: &[NodeAddress]) {
        for at in told {
            if let Some(place) = self.endpoints.0.get_mut(&(at.node, at.listener)) {
                place.told = Some((at.host.clone(), at.port));
            }
        }
    }

    /// The host under which clients reach the first node by a listener.
    pub(crate) fn first_host(&self, listener: ListenerId) -> Option<String> {
        let all = self.cluster.all_ids();
        let first = all
            .iter()
            .find_map(|node| self.endpoints.get(*node, listener))?;
        Some(first.bound.0.clone())
    }

    /// Where a client on the same host is told to reach a node by its first listener, as `HOST:PORT`.
    pub(crate) fn address(&self, node: NodeId) -> Option<String> {
        let listeners = self.listeners_of(node).into_iter();
        listeners.map(|listener| listener.address).next()
    }

    /// The listeners of a node, and where a client on the same host is told to reach each.
    pub(crate) fn listeners_of(&self, node: NodeId) -> Vec<NodeListener> {
        let places = self.endpoints.bound(node).into_iter().filter_map(|at| {
            let Endpoint { host, port, .. } = self.endpoint(node, at.listener, &at.host)?;
            let listener = self.listeners.get(at.listener);
            Some(NodeListener {
                name: listener.name.clone(),
                protocol: listener.protocol,
                address: host_port(&host, port),
            })
        });
        places.collect()
    }

    /// Whether a node can be reached by a listener.
    pub(super) fn has_listener(&self, node: NodeId, listener: ListenerId) -> bool {
        self.endpoints.get(node, listener).is_some()
    }

    /// Where a client that dialled this host is told to reach a node by a listener, if the node has it.
    pub(super) fn endpoint(
        &self,
        node: NodeId,
        listener: ListenerId,
        dialled_host: &str,
    ) -> Option<Endpoint> {
        let Place { bound, told } = self.endpoints.get(node, listener)?;
        let (host, port) = match (told, &self.listeners.get(listener).advertise) {
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

    /// The node and listener that a client which dialled this host is told to reach at this port of it.
    pub(crate) fn node_at(&self, host: &str, port: u16) -> Option<(NodeId, ListenerId)> {
        let mut all = self.endpoints.0.keys().copied();
        all.find(|(node, listener)| {
            let endpoint = self.endpoint(*node, *listener, host);
            endpoint.is_some_and(|at| at.host == host && at.port == i32::from(port))
        })
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

    fn at(node: i32, host: &str, port: u16) -> AdvertisedAddress {
        AdvertisedAddress {
            node: NodeId(node),
            listener: None,
            host: host.to_owned(),
            port,
        }
    }

    fn advertise(
        bench: &mut Bench,
        node: i32,
        host: &str,
        port: u16,
    ) -> Result<Reply, CommandFailure> {
        let nodes = vec![at(node, host, port)];
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
        let places = vec![(ListenerId(0), "localhost".to_owned(), 9093)];
        let added = bench.command(Command::AddNode { rack: None, places });
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
        let row = "node 0 is advertised at PLAINTEXT://kafka.test:32768";
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
            let nodes = vec![at(1, "good", 1), at(node, host, port)];
            assert!(bench.command(Command::Advertise { nodes }).is_err());
        }
        assert_eq!(told(&mut bench)[0], ["localhost:9092"; 2]);
    }
}
