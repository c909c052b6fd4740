//! What a broker alone was started with.

use super::fixed::StaticConfig;
use super::store::Overrides;
use crate::engine::listeners::{Listener, NodeAddress, Protocol, host_port};
use crate::wire::units::NodeId;

/// What a node says that it was started with, beyond what all were: who it is, and where it listens.
pub(crate) fn own_settings(
    id: NodeId,
    (listeners, places): (&[Listener], &[NodeAddress]),
    rack: Option<&str>,
    config: &StaticConfig,
) -> Overrides {
    let own = places.iter().filter(|at| at.node == id);
    let named = own.filter_map(|at| {
        let listener = listeners.get(usize::from(at.listener.0))?;
        Some((listener, host_port(&at.host, at.port)))
    });
    let named: Vec<_> = named.collect();
    let shown = named
        .iter()
        .map(|(listener, address)| format!("{}://{address}", listener.name));
    let shown = shown.collect::<Vec<_>>().join(",");
    let quorum = named.first().map(|(_, address)| address.clone());
    let of_this_node = [
        ("node.id", id.to_string()),
        ("broker.id", id.to_string()),
        ("listeners", shown.clone()),
        ("advertised.listeners", shown),
    ];
    let inter_broker = listeners.first().map_or("", |first| &first.name);
    let unless_given = [
        ("process.roles", "broker,controller".to_owned()),
        ("controller.listener.names", "CONTROLLER".to_owned()),
        ("inter.broker.listener.name", inter_broker.to_owned()),
        ("listener.security.protocol.map", protocols(listeners)),
        ("log.dirs", "/tmp/kafka-logs".to_owned()),
        (
            "controller.quorum.bootstrap.servers",
            quorum.unwrap_or_default(),
        ),
    ];
    let shared = unless_given
        .into_iter()
        .chain(offered(listeners).map(|names| ("sasl.enabled.mechanisms", names)))
        .filter(|(name, _)| config.get(name).is_none())
        .filter(|(name, _)| *name != "log.dirs" || config.get("log.dir").is_none());
    of_this_node
        .into_iter()
        .chain(rack.map(|rack| ("broker.rack", rack.to_owned())))
        .chain(shared)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn protocols(listeners: &[Listener]) -> String {
    let pair = |name: &str, protocol: Protocol| format!("{name}:{protocol}");
    let pairs = listeners
        .iter()
        .map(|known| pair(&known.name, known.protocol));
    let controllers = pair("CONTROLLER", Protocol::Plaintext);
    pairs.chain([controllers]).collect::<Vec<_>>().join(",")
}

/// What the first listener with mechanisms offers.
fn offered(listeners: &[Listener]) -> Option<String> {
    let first = listeners.iter().find(|known| known.protocol.logs_in())?;
    let names = first.mechanisms().iter().map(|offered| offered.name());
    Some(names.collect::<Vec<_>>().join(","))
}
