//! What each broker says that it was started with.

use super::{Overrides, StaticConfig};
use crate::wire::units::NodeId;

/// The settings that no Kafka broker starts without. What was given for the cluster is shown as it
/// was given, except for what tells nodes apart.
pub(crate) fn own_settings(
    id: NodeId,
    address: &str,
    rack: Option<&str>,
    config: &StaticConfig,
) -> Overrides {
    let listener = format!("PLAINTEXT://{address}");
    let of_this_node = [
        ("node.id", id.to_string()),
        ("broker.id", id.to_string()),
        ("listeners", listener.clone()),
        ("advertised.listeners", listener),
    ];
    let unless_given = [
        ("process.roles", "broker,controller"),
        ("controller.listener.names", "CONTROLLER"),
        ("inter.broker.listener.name", "PLAINTEXT"),
        (
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        ),
        ("log.dirs", "/tmp/kafka-logs"),
    ];
    let quorum = ("controller.quorum.bootstrap.servers", address.to_owned());
    let shared = unless_given
        .map(|(name, value)| (name, value.to_owned()))
        .into_iter()
        .chain([quorum])
        .filter(|(name, _)| config.get(name).is_none());
    of_this_node
        .into_iter()
        .chain(rack.map(|rack| ("broker.rack", rack.to_owned())))
        .chain(shared)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
