//! Keys and certificates that a listener is to serve with from now on: what a request asks for, and that it cannot be.
//!
//! They are in files, which the engine does not read. So the shell looks at them before it hands the request in, and says
//! before it what is wrong with them.

use super::ids::ConnectionId;
use super::state::State;
#[cfg(feature = "tls")]
use {
    super::cluster::configs::{TlsSettings, is_of_keys},
    super::listeners::ListenerId,
    crate::wire::messages::IncrementalAlterConfigsRequest,
    crate::wire::units::NodeId,
};

/// The kind of a broker's settings in the requests about settings.
#[cfg(feature = "tls")]
const BROKER: i8 = 4;

impl State {
    /// The keys that the next request of a connection names cannot be used; why, in Java's words.
    pub(super) fn refuse_keys(&mut self, connection: ConnectionId, why: String) {
        self.keys_refused.insert(connection, why);
    }

    /// Why the keys that a request of this connection names cannot be used, if they cannot.
    pub(crate) fn take_refused_keys(&mut self, connection: ConnectionId) -> Option<String> {
        self.keys_refused.remove(&connection)
    }

    /// What listeners would serve with after a request, where it says something of that.
    #[cfg(feature = "tls")]
    pub(crate) fn planned_keys(
        &self,
        request: &IncrementalAlterConfigsRequest,
    ) -> Vec<((NodeId, ListenerId), TlsSettings)> {
        let mut planned = Vec::new();
        let brokers = request
            .resources
            .iter()
            .filter(|resource| resource.resource_type == BROKER);
        for resource in brokers {
            let Ok(node) = resource.resource_name.parse().map(NodeId) else {
                continue;
            };
            let named = resource
                .configs
                .iter()
                .filter(|config| is_of_keys(&config.name));
            let named: Vec<_> = named.collect();
            let mut configs = self.configs.clone();
            let mut settings = configs.dynamic(node).cloned().unwrap_or_default();
            for config in &named {
                match &config.value {
                    Some(value) if config.config_operation == 0 => {
                        settings.insert(config.name.to_string(), value.to_string());
                    }
                    Some(_) | None => drop(settings.remove(config.name.as_str())),
                }
            }
            configs.set_brokers(Some(node), settings);
            for (id, listener) in self.listeners.with_ids() {
                let prefix = listener.prefix();
                let is_meant = named.iter().any(|config| config.name.starts_with(&prefix));
                if is_meant && listener.protocol.has_tls() && self.has_listener(node, id) {
                    planned.push(((node, id), configs.tls(node, &prefix)));
                }
            }
        }
        planned
    }
}
