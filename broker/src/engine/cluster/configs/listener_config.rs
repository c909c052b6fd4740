//! The settings of a listener that act, as plain values: its own (`listener.name.NAME.KEY`), or else those of its broker.

use std::time::Duration;

use super::store::Configs;
use crate::wire::units::NodeId;

/// The settings of one listener of a broker that act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListenerConfig {
    /// `max.connections`
    pub(crate) connections_max: usize,
    /// `max.connection.creation.rate`
    pub(crate) connections_max_rate: i32,
    /// `sasl.server.max.receive.size`
    pub(crate) sasl_receive_max_bytes: i32,
}

impl Configs {
    /// The settings of a broker's listener, whose own begin with this prefix.
    pub(crate) fn listener(&self, node: NodeId, prefix: &str) -> ListenerConfig {
        let number = |name| self.listener_value(node, prefix, name).number();
        let number = |name| number(name).unwrap_or(i64::MAX);
        ListenerConfig {
            connections_max: number("max.connections").try_into().unwrap_or(usize::MAX),
            connections_max_rate: number("max.connection.creation.rate")
                .try_into()
                .unwrap_or(i32::MAX),
            sasl_receive_max_bytes: number("sasl.server.max.receive.size")
                .try_into()
                .unwrap_or(i32::MAX),
        }
    }

    /// How long a client that logged in by a listener and mechanism may go without logging in again; zero for no end. What
    /// is set for the mechanism is stronger than what is set for the listener.
    pub(crate) fn reauth(&self, node: NodeId, prefix: &str, mechanism: &str) -> Duration {
        let name = "connections.max.reauth.ms";
        let of_mechanism = format!("{prefix}{}.", mechanism.to_ascii_lowercase());
        let own = self.listener_own(node, &of_mechanism, name);
        let value = own.unwrap_or_else(|| self.listener_value(node, prefix, name));
        let millis = value.number().unwrap_or(0).max(0);
        Duration::from_millis(millis.unsigned_abs())
    }
}
