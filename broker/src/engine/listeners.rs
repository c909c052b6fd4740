//! Listeners: the ways into a cluster. Each has a name and a security protocol, and most nodes have an address for each.
//! A client that came by one of them is told of nodes as they are reached by that one (KIP-103).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ids::ConnectionId;
use super::java::hash_map::sort_by_name;
use super::mechanism::Mechanism;
use crate::wire::units::NodeId;

/// A listener by its place among those of the cluster, from 0.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub(crate) struct ListenerId(pub(crate) u16);

/// How the bytes of a listener are protected, and whether its clients log in by SASL: what clients set as
/// `security.protocol`.
///
/// ```
/// use fauxka::listeners::Protocol;
///
/// assert_eq!("sasl_ssl".parse(), Ok(Protocol::SaslSsl));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Neither TLS nor a log-in.
    Plaintext,
    /// TLS. A client is who its certificate says, if it has to show one.
    Ssl,
    /// Clients log in by SASL, without TLS.
    SaslPlaintext,
    /// TLS, and clients log in by SASL.
    SaslSsl,
}

impl Protocol {
    pub(crate) const ALL: [Self; 4] = [
        Self::Plaintext,
        Self::Ssl,
        Self::SaslPlaintext,
        Self::SaslSsl,
    ];

    /// Kafka's name for it, which clients set as `security.protocol`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// Whether its bytes go through TLS.
    pub(crate) const fn has_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }

    /// Whether its clients log in by SASL.
    pub(crate) const fn logs_in(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Protocol {
    type Err = String;

    /// Upper and lower case are one, as for Kafka.
    fn from_str(name: &str) -> Result<Self, String> {
        let named = |protocol: &Self| protocol.name().eq_ignore_ascii_case(name);
        let found = Self::ALL.into_iter().find(named);
        found.ok_or_else(|| {
            format!("{name:?} is no protocol: it is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
        })
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

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

/// One listener of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    /// In upper case, as Kafka has it.
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    /// What clients log in by, in the order in which Kafka lists it; empty if they do not log in.
    mechanisms: Vec<Mechanism>,
    /// Which address clients are told.
    pub(crate) advertise: Advertise,
}

impl Listener {
    pub(crate) fn new(
        name: &str,
        protocol: Protocol,
        mut mechanisms: Vec<Mechanism>,
        advertise: Advertise,
    ) -> Self {
        if !protocol.logs_in() {
            mechanisms.clear();
        }
        sort_by_name(&mut mechanisms, |mechanism| mechanism.name());
        Self {
            name: name.to_owned(),
            protocol,
            mechanisms,
            advertise,
        }
    }

    /// What clients log in by, in the order in which Kafka lists it.
    pub(crate) fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    /// What its settings begin with: `listener.name.` and its name in lower case.
    pub(crate) fn prefix(&self) -> String {
        format!("listener.name.{}.", self.name.to_ascii_lowercase())
    }
}

/// An address of a node: where its socket is bound, or what clients are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeAddress {
    pub(crate) node: NodeId,
    #[serde(default)]
    pub(crate) listener: ListenerId,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// A host and a port as one text.
pub(crate) fn host_port(host: &str, port: impl fmt::Display) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// The listeners of a cluster, and by which one a connection came.
#[derive(Debug)]
pub(crate) struct Listeners {
    all: Vec<Listener>,
    /// Those that did not come by the first one.
    by_connection: BTreeMap<ConnectionId, ListenerId>,
}

/// What stands for the listener of a cluster that has none.
static NONE: Listener = Listener {
    name: String::new(),
    protocol: Protocol::Plaintext,
    mechanisms: Vec::new(),
    advertise: Advertise::Bound,
};

impl Listeners {
    pub(crate) const fn new(all: Vec<Listener>) -> Self {
        Self {
            all,
            by_connection: BTreeMap::new(),
        }
    }

    /// All of them, the first one first.
    pub(crate) fn all(&self) -> &[Listener] {
        &self.all
    }

    /// All of them with their ids.
    pub(crate) fn with_ids(&self) -> impl Iterator<Item = (ListenerId, &Listener)> {
        (0_u16..).map(ListenerId).zip(&self.all)
    }

    pub(crate) fn get(&self, id: ListenerId) -> &Listener {
        self.all.get(usize::from(id.0)).unwrap_or(&NONE)
    }

    /// The one of that name, in whichever case.
    pub(crate) fn named(&self, name: &str) -> Option<ListenerId> {
        let found =
            |(_, listener): &(ListenerId, &Listener)| listener.name.eq_ignore_ascii_case(name);
        self.with_ids().find(found).map(|(id, _)| id)
    }

    /// By which one a connection came.
    pub(crate) fn id_of(&self, connection: ConnectionId) -> ListenerId {
        let known = self.by_connection.get(&connection);
        known.copied().unwrap_or_default()
    }

    /// By which one a connection came.
    pub(crate) fn of(&self, connection: ConnectionId) -> &Listener {
        self.get(self.id_of(connection))
    }

    /// Whether clients of any of them log in.
    pub(crate) fn log_in(&self) -> bool {
        self.all.iter().any(|listener| listener.protocol.logs_in())
    }

    pub(super) fn opened(&mut self, connection: ConnectionId, by: ListenerId) {
        if by != ListenerId::default() {
            self.by_connection.insert(connection, by);
        }
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.by_connection.remove(&connection);
    }

    /// Who came by which one, but for the first.
    pub(super) const fn carry(&self) -> &BTreeMap<ConnectionId, ListenerId> {
        &self.by_connection
    }

    /// Goes on with who came by which one.
    pub(super) fn go_on_with(&mut self, carried: &BTreeMap<ConnectionId, ListenerId>) {
        self.by_connection.clone_from(carried);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_came_by_its_listener() {
        let listener =
            |name| Listener::new(name, Protocol::Plaintext, Vec::new(), Advertise::Bound);
        let mut listeners = Listeners::new(vec![listener("ONE"), listener("TWO")]);
        let (a, b) = (ConnectionId(1), ConnectionId(2));
        listeners.opened(a, ListenerId(0));
        listeners.opened(b, ListenerId(1));
        assert_eq!(listeners.of(a).name, "ONE");
        assert_eq!(listeners.of(b).name, "TWO");
        assert_eq!(listeners.named("two"), Some(ListenerId(1)));
        assert_eq!(listeners.get(ListenerId(1)).prefix(), "listener.name.two.");
        listeners.closed(b);
        assert_eq!(listeners.carry().len(), 0);
    }

    #[test]
    fn protocols_are_read_in_any_case() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.name().to_lowercase().parse(), Ok(protocol));
        }
        assert!("TLS".parse::<Protocol>().is_err());
        assert!(!Protocol::Ssl.logs_in() && Protocol::Ssl.has_tls());
        assert!(Protocol::SaslSsl.logs_in() && Protocol::SaslSsl.has_tls());
    }
}
