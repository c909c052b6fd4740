//! A listener as a test describes it.

mod text;

pub(super) use text::check_name;

use std::collections::BTreeSet;
use std::str::FromStr;

use super::endpoints;
use super::error::StartError;
use crate::engine::{Advertise, Mechanism, Protocol};

/// One listener of a cluster: a name, a protocol, and where each node is reached by it. Clients are told the addresses of
/// the listener that they came by, as in Kafka.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::listeners::{Listener, Protocol};
///
/// let broker = Broker::builder()
///     .listener(Listener::new("INTERNAL", Protocol::Plaintext))
///     .listener(Listener::new("EXTERNAL", Protocol::SaslPlaintext).advertise("kafka.test", Some(9096)))
///     .user("alice", "secret")
///     .start_blocking()?;
/// assert_eq!(broker.bootstrap_of("EXTERNAL"), Some("kafka.test:9096"));
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a listener does nothing until a builder has it"]
pub struct Listener {
    pub(super) name: String,
    pub(super) protocol: Protocol,
    pub(super) listen: String,
    pub(super) advertise: Option<Advertise>,
    /// By default what `sasl.enabled.mechanisms` says, or all.
    pub(super) mechanisms: Option<Vec<Mechanism>>,
    /// By default all nodes.
    pub(super) nodes: Option<BTreeSet<i32>>,
    /// How many ports further the next node listens.
    pub(super) step: u16,
}

impl Listener {
    /// A listener of that name on free ports of 127.0.0.1. Names are one whether in upper or lower case.
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let listener = Listener::new("EXTERNAL", Protocol::Plaintext);
    /// let broker = fauxka::Broker::builder().listener(listener).start_blocking()?;
    /// assert!(broker.bootstrap_of("external").is_some());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn new(name: impl Into<String>, protocol: Protocol) -> Self {
        Self {
            name: name.into().to_ascii_uppercase(),
            protocol,
            listen: "127.0.0.1:0".to_owned(),
            advertise: None,
            mechanisms: None,
            nodes: None,
            step: 1,
        }
    }

    /// Where the first node listens; the others follow on the next ports, or on free ones if the port is 0. You can shorten
    /// it as in [`Builder::listen`](crate::Builder::listen).
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let listener = Listener::new("EXTERNAL", Protocol::Plaintext).listen("localhost:0");
    /// let broker = fauxka::Broker::builder().listener(listener).start_blocking()?;
    /// assert!(broker.bootstrap().starts_with("localhost:"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = endpoints::written_out(&address.into());
        self
    }

    /// Tells clients that come by this listener to reach the nodes at this host, with the first node at this port if you
    /// give one.
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let listener = Listener::new("EXTERNAL", Protocol::Plaintext).advertise("kafka.test", Some(9092));
    /// let broker = fauxka::Broker::builder().nodes(2).listener(listener).start_blocking()?;
    /// assert_eq!(broker.bootstrap(), "kafka.test:9092,kafka.test:9093");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn advertise(mut self, host: impl Into<String>, port: Option<u16>) -> Self {
        self.advertise = Some(Advertise::Host(host.into(), port));
        self
    }

    /// Tells each client to reach the nodes at the local address of its own connection.
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let listener = Listener::new("EXTERNAL", Protocol::Plaintext).advertise_dialled();
    /// let broker = fauxka::Broker::builder().listener(listener).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn advertise_dialled(mut self) -> Self {
        self.advertise = Some(Advertise::Dialled);
        self
    }

    /// What clients can log in by, such as `SCRAM-SHA-512`, if the protocol is one by which they log in. By default that is
    /// what `listener.name.NAME.sasl.enabled.mechanisms` or `sasl.enabled.mechanisms` says, or else everything.
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let listener = Listener::new("EXTERNAL", Protocol::SaslPlaintext).mechanisms(["SCRAM-SHA-512"])?;
    /// assert!(listener.clone().mechanisms(["GSSAPI"]).is_err());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// A mechanism that is not offered.
    pub fn mechanisms(
        mut self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, StartError> {
        let names = names.into_iter().map(|name| name.as_ref().parse());
        let read: Result<Vec<_>, _> = names.collect();
        self.mechanisms = Some(read.map_err(StartError::invalid)?);
        Ok(self)
    }

    /// Has only these nodes have the listener. A client that comes by it hears LISTENER_NOT_FOUND of partitions that others
    /// lead.
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let broker = fauxka::Broker::builder()
    ///     .nodes(2)
    ///     .listener(Listener::new("INTERNAL", Protocol::Plaintext))
    ///     .listener(Listener::new("EXTERNAL", Protocol::Plaintext).only_on([1]))
    ///     .start_blocking()?;
    /// assert_eq!(broker.bootstrap_of("EXTERNAL").unwrap().split(',').count(), 1);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn only_on(mut self, nodes: impl IntoIterator<Item = i32>) -> Self {
        self.nodes = Some(nodes.into_iter().collect());
        self
    }
}

impl FromStr for Listener {
    type Err = StartError;

    /// Reads `[NAME=]PROTOCOL://[HOST]:PORT[?advertise=HOST[:PORT]&mechanisms=ONE+OTHER&nodes=1+2]`.
    ///
    /// ```
    /// use fauxka::listeners::{Listener, Protocol};
    ///
    /// let read: Listener = "EXTERNAL=SASL_PLAINTEXT://127.0.0.1:0?advertise=kafka.test:9096".parse()?;
    /// let made = Listener::new("EXTERNAL", Protocol::SaslPlaintext).listen("127.0.0.1:0");
    /// assert_eq!(read, made.advertise("kafka.test", Some(9096)));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, StartError> {
        text::read(text).map_err(|why| StartError::Invalid(format!("listener {text:?}: {why}")))
    }
}
