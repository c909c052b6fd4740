//! What each broker says that it was started with.

use super::{Overrides, StaticConfig};
use crate::engine::sasl::Mechanism;
use crate::wire::units::NodeId;

/// The settings that no Kafka broker starts without. What was given for the cluster is shown as it
/// was given, except for what tells nodes apart.
pub(crate) fn own_settings(
    id: NodeId,
    address: &str,
    rack: Option<&str>,
    mechanisms: &[Mechanism],
    config: &StaticConfig,
) -> Overrides {
    let (protocol, protocols) = if mechanisms.is_empty() {
        ("PLAINTEXT", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT")
    } else {
        (
            "SASL_PLAINTEXT",
            "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        )
    };
    let listener = format!("{protocol}://{address}");
    let names: Vec<_> = mechanisms.iter().map(|offered| offered.name()).collect();
    let offered = (!names.is_empty()).then(|| ("sasl.enabled.mechanisms", names.join(",")));
    let of_this_node = [
        ("node.id", id.to_string()),
        ("broker.id", id.to_string()),
        ("listeners", listener.clone()),
        ("advertised.listeners", listener),
    ];
    let unless_given = [
        ("process.roles", "broker,controller"),
        ("controller.listener.names", "CONTROLLER"),
        ("inter.broker.listener.name", protocol),
        ("listener.security.protocol.map", protocols),
        ("log.dirs", "/tmp/kafka-logs"),
    ];
    let quorum = ("controller.quorum.bootstrap.servers", address.to_owned());
    let shared = unless_given
        .map(|(name, value)| (name, value.to_owned()))
        .into_iter()
        .chain([quorum])
        .chain(offered)
        .filter(|(name, _)| config.get(name).is_none())
        .filter(|(name, _)| *name != "log.dirs" || config.get("log.dir").is_none());
    of_this_node
        .into_iter()
        .chain(rack.map(|rack| ("broker.rack", rack.to_owned())))
        .chain(shared)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
